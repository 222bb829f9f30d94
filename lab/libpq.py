"""The few calls of libpq that the stand-in for PostgREST needs, so that PostgreSQL itself judges every statement.

By ctypes, because the library comes with psql and nothing else has to be installed.
"""

from __future__ import annotations

import ctypes
import ctypes.util

CONNECTION_OK = 0
SINGLE_VALUES = 2   # PGRES_TUPLES_OK
SQLSTATE, MESSAGE, DETAIL, HINT = ord("C"), ord("M"), ord("D"), ord("H")


def _load() -> ctypes.CDLL:
    library = ctypes.CDLL(ctypes.util.find_library("pq") or "libpq.so.5")
    for name, result, arguments in (
        ("PQconnectdb", ctypes.c_void_p, [ctypes.c_char_p]),
        ("PQstatus", ctypes.c_int, [ctypes.c_void_p]),
        ("PQfinish", None, [ctypes.c_void_p]),
        ("PQexecParams", ctypes.c_void_p, [
            ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int, ctypes.c_void_p, ctypes.POINTER(ctypes.c_char_p),
            ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int]),
        ("PQresultStatus", ctypes.c_int, [ctypes.c_void_p]),
        ("PQresultErrorField", ctypes.c_char_p, [ctypes.c_void_p, ctypes.c_int]),
        ("PQntuples", ctypes.c_int, [ctypes.c_void_p]),
        ("PQgetvalue", ctypes.c_char_p, [ctypes.c_void_p, ctypes.c_int, ctypes.c_int]),
        ("PQclear", None, [ctypes.c_void_p]),
    ):
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    return library


class ConnectionFailed(Exception):
    """The server does not answer, or hung up."""


class StatementFailed(Exception):
    """What PostgreSQL says of a statement that it refused."""

    def __init__(self, code: str, message: str, detail: str | None, hint: str | None):
        super().__init__(message)
        self.code, self.message, self.detail, self.hint = code, message, detail, hint


def quoted(name: str) -> str:
    """An identifier as SQL takes it, whatever it holds."""
    return '"' + name.replace('"', '""').replace("\0", "") + '"'


class Connection:
    """One session. `with` closes it; a transaction that is open then is rolled back by the server."""

    _library: ctypes.CDLL | None = None

    def __init__(self, settings: str):
        if Connection._library is None:
            Connection._library = _load()
        self._pq = Connection._library
        self._handle = self._pq.PQconnectdb(settings.encode())
        if self._pq.PQstatus(self._handle) != CONNECTION_OK:
            self.close()
            raise ConnectionFailed

    def __enter__(self) -> "Connection":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        if self._handle:
            self._pq.PQfinish(self._handle)
            self._handle = None

    def values(self, statement: str, *arguments: str) -> list[str]:
        """The first column of what the statement gives."""
        texts = (ctypes.c_char_p * len(arguments))(*(argument.encode() for argument in arguments))
        result = self._pq.PQexecParams(self._handle, statement.encode(), len(arguments), None, texts, None, None, 0)
        try:
            status = self._pq.PQresultStatus(result)
            if status not in (1, SINGLE_VALUES):   # PGRES_COMMAND_OK
                raise self._failure(result)
            return [self._pq.PQgetvalue(result, row, 0).decode() for row in range(self._pq.PQntuples(result))]
        finally:
            self._pq.PQclear(result)

    def _failure(self, result: int) -> Exception:
        def field(name: int) -> str | None:
            text = self._pq.PQresultErrorField(result, name)
            return text.decode(errors="replace") if text else None

        code = field(SQLSTATE)
        if code is None:
            return ConnectionFailed()
        return StatementFailed(code, field(MESSAGE) or "", field(DETAIL), field(HINT))
