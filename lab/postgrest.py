"""A stand-in for the part of PostgREST that Martlet's mirror speaks, in front of a real PostgreSQL.

Reads with `select`, `eq.` filters and `limit`; inserts and upserts with `on_conflict` and `Prefer`. The statements are
PostgREST's in kind (`json_populate_recordset`, a role set for one transaction), so types, constraints, privileges and row
level security are PostgreSQL's own. Statuses and error bodies follow PostgREST 13 and, where a key is wrong, Supabase's
gateway.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote, urlsplit

from lab.libpq import Connection, ConnectionFailed, StatementFailed, quoted

PREFIX = "/rest/v1/"


@dataclass
class Answer:
    status: int
    body: object = None
    headers: dict[str, str] = field(default_factory=dict)


class Refused(Exception):
    """A request that ends with an error's body."""

    def __init__(self, status: int, code: str, message: str, details: str | None = None, hint: str | None = None):
        super().__init__(message)
        self.answer = Answer(status, {"code": code, "details": details, "hint": hint, "message": message})


# https://docs.postgrest.org/en/stable/references/errors.html, the longest prefix first.
STATUSES = (
    ("23503", 409), ("23505", 409), ("25006", 405), ("42883", 404), ("42P01", 404), ("42P17", 500), ("53400", 500),
    ("P0001", 400), ("08", 503), ("09", 500), ("0L", 403), ("0P", 403), ("25", 500), ("28", 403), ("2D", 500),
    ("38", 500), ("39", 500), ("3B", 500), ("40", 500), ("53", 503), ("54", 500), ("55", 500), ("57", 500),
    ("58", 500), ("F0", 500), ("HV", 500), ("P0", 500), ("XX", 500),
)


def status_of(code: str, role: str) -> int:
    """The HTTP status under which PostgREST passes an SQLSTATE on."""
    if code == "42501":
        return 401 if role == "anon" else 403
    return next((status for prefix, status in STATUSES if code.startswith(prefix)), 400)


class PostgREST:
    """Answers requests; knows nothing of sockets."""

    def __init__(self, settings: str, roles: dict[str, str]):
        self._settings = settings
        self._roles = roles   # key -> role

    def answer(self, method: str, target: str, headers: dict[str, str], body: bytes) -> Answer:
        """`headers` by their names in lower case."""
        try:
            role = self._role(headers)
            url = urlsplit(target)
            if not url.path.startswith(PREFIX):
                return Answer(404, {"message": "no Route matched with those values"})
            table = unquote(url.path[len(PREFIX):])
            query = parse_qsl(url.query, keep_blank_values=True)
            with Connection(self._settings) as session:
                columns = self._columns(session, table)
                session.values("begin")
                session.values(f"set local role {quoted(role)}")
                try:
                    if method == "POST":
                        answer = self._insert(session, table, columns, dict(query), headers.get("prefer", ""), body)
                    elif method == "GET":
                        answer = self._select(session, table, query)
                    else:
                        raise Refused(405, "PGRST117", f"Unsupported HTTP method: {method}")
                    session.values("commit")
                except StatementFailed as failure:
                    raise Refused(
                        status_of(failure.code, role), failure.code, failure.message, failure.detail, failure.hint
                    ) from None
            return answer
        except Refused as refusal:
            return refusal.answer
        except ConnectionFailed:
            return Refused(503, "PGRST001", "Database client error. Retrying the connection.").answer

    def _role(self, headers: dict[str, str]) -> str:
        key = headers.get("apikey")
        if not key:
            raise self._keyless("No API key found in request", "No `apikey` request header or url param was found.")
        if key not in self._roles:
            raise self._keyless("Invalid API key", "Double check your Supabase API key.")
        bearer = headers.get("authorization", f"Bearer {key}")
        if bearer.removeprefix("Bearer ") not in self._roles:
            raise Refused(401, "PGRST301", "JWSError (CompactDecodeError Invalid number of parts)")
        return self._roles[bearer.removeprefix("Bearer ")]

    @staticmethod
    def _keyless(message: str, hint: str) -> Refused:
        refusal = Refused(401, "", message)
        refusal.answer.body = {"message": message, "hint": hint}   # the gateway's, which has no code
        return refusal

    @staticmethod
    def _columns(session: Connection, table: str) -> set[str]:
        """What PostgREST calls its schema cache, always fresh here."""
        found = session.values(
            "select attname from pg_attribute join pg_class on pg_class.oid = attrelid "
            "where relnamespace = 'public'::regnamespace and relname = $1 and attnum > 0 and not attisdropped", table)
        if not found:
            raise Refused(404, "PGRST205", f"Could not find the table 'public.{table}' in the schema cache")
        return set(found)

    @staticmethod
    def _insert(
        session: Connection, table: str, columns: set[str], query: dict[str, str], prefer: str, body: bytes
    ) -> Answer:
        try:
            rows = json.loads(body)
        except ValueError:
            raise Refused(400, "PGRST102", "Empty or invalid json") from None
        rows = rows if isinstance(rows, list) else [rows]
        if not rows or not all(isinstance(row, dict) for row in rows):
            raise Refused(400, "PGRST102", "Empty or invalid json")
        names = list(dict.fromkeys(name for row in rows for name in row))
        for name in names:
            if name not in columns:
                raise Refused(400, "PGRST204", f"Could not find the '{name}' column of '{table}' in the schema cache")
        place, listed = f"public.{quoted(table)}", ", ".join(map(quoted, names))
        wishes = [wish.strip() for wish in prefer.split(",")]
        merge = ""
        if "resolution=merge-duplicates" in wishes:
            conflict = ", ".join(map(quoted, query.get("on_conflict", "service_name").split(",")))
            changes = ", ".join(f"{quoted(name)} = excluded.{quoted(name)}" for name in names)
            merge = f" on conflict ({conflict}) do update set {changes}"
        session.values(
            f"insert into {place} ({listed}) select {listed} from json_populate_recordset(null::{place}, $1::json)"
            + merge, json.dumps(rows))
        known = [wish for wish in wishes if wish in ("resolution=merge-duplicates", "return=minimal")]
        return Answer(201, headers={"Preference-Applied": ", ".join(known)} if known else {})

    @staticmethod
    def _select(session: Connection, table: str, query: list[tuple[str, str]]) -> Answer:
        listed, limit, filters, values = "*", "", [], []
        for name, value in query:
            if name == "select":
                listed = ", ".join(quoted(column) for column in value.split(","))
            elif name == "limit" and value.isdigit():
                limit = f" limit {value}"
            elif value.startswith("eq."):
                values.append(value[3:])
                filters.append(f"{quoted(name)} = ${len(values)}")
            else:
                raise Refused(400, "PGRST100", f'"failed to parse filter ({value})" (line 1, column 1)')
        condition = " where " + " and ".join(filters) if filters else ""
        rows = session.values(
            f"select coalesce(json_agg(found), '[]') from "
            f"(select {listed} from public.{quoted(table)}{condition}{limit}) found", *values)
        return Answer(200, json.loads(rows[0]))
