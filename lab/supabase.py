"""What a Supabase project is to Martlet: PostgreSQL with Supabase's roles, behind a stand-in for PostgREST.

    python3 -m lab.supabase

prints one line of JSON (`url`, `socket`, `serviceKey`, `anonKey`), then obeys commands on stdin, one a line, each answered
by one line of JSON. It ends, with all that it started, when stdin ends.

    gate down|up         nobody listens at `url`; somebody listens again
    database down|up     PostgreSQL is stopped; is started again
    lose COUNT           the next requests are carried out and their connections cut instead of answered
    answer COUNT STATUS  the next requests are answered so, with a stranger's text, and not carried out
    requests             the requests that came since the last time
"""

from __future__ import annotations

import json
import secrets
import signal
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from lab.libpq import Connection
from lab.postgres import Postgres
from lab.postgrest import Answer, PostgREST

# As Supabase sets them up: the service role passes row level security, the anonymous one does not.
ROLES = """
create role anon nologin;
create role service_role nologin bypassrls;
grant usage on schema public to anon, service_role;
alter default privileges in schema public grant all on tables to anon, service_role;
"""

# What a proxy in between might say; none of it may reach a condition or a log.
STRANGER = "<h1>stranger</h1> {}"


class Gate:
    """The HTTP side: listens, stops listening, and fails when told."""

    def __init__(self, rest: PostgREST):
        self._rest = rest
        self._server: ThreadingHTTPServer | None = None
        self._connections: set = set()
        self._lock = threading.Lock()
        self._lose = 0
        self._answers: list[int] = []
        self._requests: list[dict[str, str]] = []
        self.port = 0
        self.open()

    def open(self) -> None:
        if self._server is not None:
            return
        self._server = _Server(("127.0.0.1", self.port), _handler(self))
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def close(self) -> None:
        if self._server is None:
            return
        self._server.shutdown()
        self._server.server_close()
        self._server = None
        with self._lock:
            for connection in self._connections:
                _cut(connection)

    def lose(self, count: int) -> None:
        with self._lock:
            self._lose = count

    def answer_with(self, count: int, status: int) -> None:
        with self._lock:
            self._answers = [status] * count

    def requests(self) -> list[dict[str, str]]:
        with self._lock:
            taken, self._requests = self._requests, []
            return taken

    def joined(self, connection: object) -> None:
        with self._lock:
            self._connections.add(connection)

    def left(self, connection: object) -> None:
        with self._lock:
            self._connections.discard(connection)

    def answer(self, method: str, target: str, headers: dict[str, str], body: bytes) -> Answer | None:
        """Nil: the connection is to be cut."""
        with self._lock:
            self._requests.append({"method": method, "target": target, "prefer": headers.get("prefer", "")})
            told = self._answers.pop() if self._answers else None
            is_lost = told is None and self._lose > 0
            self._lose -= int(is_lost)
        if told is not None:
            return Answer(told, {"code": "42P01", "message": STRANGER.format(headers.get("apikey"))} if told == 404
                          else STRANGER.format(headers.get("apikey")), {"Location": "/elsewhere", "Retry-After": "1"})
        answer = self._rest.answer(method, target, headers, body)
        return None if is_lost else answer


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128


def _cut(connection) -> None:
    try:
        connection.shutdown(2)
    except OSError:
        pass


def _handler(gate: Gate) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def setup(self) -> None:
            super().setup()
            gate.joined(self.connection)

        def finish(self) -> None:
            gate.left(self.connection)
            try:
                super().finish()
            except OSError:
                pass

        def do_any(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            answer = gate.answer(self.command, self.path, headers, body)
            if answer is None:
                self.close_connection = True
                _cut(self.connection)
                return
            content = b"" if answer.body is None else (
                answer.body if isinstance(answer.body, str) else json.dumps(answer.body)).encode()
            try:
                self.send_response(answer.status)
                self.send_header("Content-Type", "application/json; charset=utf-8")
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)
            except OSError:
                self.close_connection = True

        do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = do_any

        def log_message(self, *_: object) -> None:
            pass

    return Handler


def obey(words: list[str], gate: Gate, database: Postgres) -> object:
    match words:
        case ["gate", "down"]: gate.close()
        case ["gate", "up"]: gate.open()
        case ["database", "down"]: database.stop()
        case ["database", "up"]: database.start()
        case ["lose", count]: gate.lose(int(count))
        case ["answer", count, status]: gate.answer_with(int(count), int(status))
        case ["requests"]: return gate.requests()
        case _: return {"error": "unknown command"}
    return {}


def main() -> None:
    # Ctrl-C is for the one that holds our stdin; its end is ours.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with Postgres() as database:
        with Connection(database.settings) as session:
            for statement in ROLES.strip().split("\n"):
                session.values(statement)
        keys = {role: f"{role}.{secrets.token_hex(16)}" for role in ("service_role", "anon")}
        gate = Gate(PostgREST(database.settings, {key: role for role, key in keys.items()}))
        print(json.dumps({
            "url": f"http://127.0.0.1:{gate.port}", "socket": str(database.directory),
            "serviceKey": keys["service_role"], "anonKey": keys["anon"]}), flush=True)
        for line in sys.stdin:
            print(json.dumps(obey(line.split(), gate, database)), flush=True)
        gate.close()


if __name__ == "__main__":
    main()
