"""A real PostgreSQL of one's own: in a temporary directory, on a Unix socket, as a user without privileges."""

from __future__ import annotations

import glob
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

from lab.libpq import Connection, ConnectionFailed

# Nothing here outlives a test: durability would only cost time.
SETTINGS = {
    "listen_addresses": "", "fsync": "off", "full_page_writes": "off", "synchronous_commit": "off",
    "shared_buffers": "16MB", "max_connections": "50", "autovacuum": "off", "log_min_messages": "fatal",
}


def programs() -> Path:
    """Where Debian keeps the server's programs, of the newest version that is installed."""
    found = glob.glob("/usr/lib/postgresql/*/bin/initdb")
    if not found:
        raise SystemExit("PostgreSQL is not installed: apt-get install postgresql")
    return max((Path(path).parent for path in found), key=lambda path: int(path.parent.name))


class Postgres:
    """The server, from `with` to its end."""

    def __init__(self) -> None:
        self.directory = Path(tempfile.mkdtemp(prefix="martlet-postgres-", dir="/tmp"))
        # PostgreSQL refuses to run as root. The signal ends it even if this process is killed.
        self._as_user = ["setpriv", "--pdeathsig", "TERM"]
        if os.geteuid() == 0:
            owner = pwd.getpwnam("postgres")
            os.chown(self.directory, owner.pw_uid, owner.pw_gid)
            self._as_user += ["--reuid", str(owner.pw_uid), "--regid", str(owner.pw_gid), "--clear-groups"]
        self._server: subprocess.Popen | None = None
        self._run("initdb", "--username=postgres", "--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C.UTF-8")

    @property
    def settings(self) -> str:
        """How libpq finds it, as its superuser."""
        return f"host={self.directory} user=postgres dbname=postgres connect_timeout=5"

    def __enter__(self) -> "Postgres":
        try:
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        shutil.rmtree(self.directory, ignore_errors=True)

    def start(self) -> None:
        """Starts (again) and returns when sessions are accepted."""
        options = [f"--{name}={value}" for name, value in SETTINGS.items()]
        self._server = subprocess.Popen(
            self._command("postgres", f"--unix_socket_directories={self.directory}", *options),
            cwd=self.directory, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 60
        while True:
            try:
                Connection(self.settings).close()
                return
            except ConnectionFailed:
                if self._server.poll() is not None or time.monotonic() > deadline:
                    raise SystemExit("PostgreSQL did not start") from None
                time.sleep(0.02)

    def stop(self) -> None:
        """Ends it without waiting for its sessions; what was committed is there at the next start."""
        if self._server is None:
            return
        self._server.send_signal(signal.SIGINT)
        try:
            self._server.wait(20)
        except subprocess.TimeoutExpired:
            self._server.kill()
            self._server.wait()
        self._server = None

    def _command(self, program: str, *arguments: str) -> list[str]:
        return [*self._as_user, "--", str(programs() / program), "-D", f"{self.directory}/data", *arguments]

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            self._command(program, *arguments), cwd=self.directory, stdin=subprocess.DEVNULL, capture_output=True)
        if done.returncode:
            raise SystemExit(f"{program} failed: {done.stderr.decode(errors='replace')[-500:]}")
