"""Connects to PostgreSQL before a deadline, name resolution included.

psycopg's own `connect_timeout` is at least 2 seconds and starts again for each address.
"""

from __future__ import annotations

import socket
from functools import partial
from ipaddress import ip_address
from typing import TYPE_CHECKING

from mastermind.deadline import Deadline, within
from mastermind.postgres import errors
from mastermind.postgres.connection import Connection

if TYPE_CHECKING:
    from mastermind.config import DatabaseSettings

KEEP_ALIVE: dict[str, object] = {
    "keepalives": 1,
    "keepalives_idle": 30,
    "keepalives_interval": 5,
    "keepalives_count": 3,
}


def connect(
    settings: DatabaseSettings,
    password: str,
    deadline: Deadline,
    *,
    application_name: str,
    options: str = "",
    kind: type[Connection] = Connection,
) -> Connection:
    """Connect before `deadline`, trying each address of the host.

    A server that takes no changes (a standby, or read-only by default) is none to connect to. `options` are server
    settings for this session (`-c name=value`). Raises ConnectionLost or OSError.
    """
    addresses = _addresses(settings.host, settings.port, deadline)
    while True:
        share = Deadline.after(deadline.remaining() / len(addresses))
        address = addresses.pop(0)
        conninfo = _conninfo(address, settings, password, application_name=application_name, options=options)
        try:
            connection = kind.open(conninfo, share)
        except errors.DatabaseError:
            if not addresses:
                raise
        else:
            connection.limit_to(deadline)
            return connection


def _conninfo(address: str, settings: DatabaseSettings, password: str, *, application_name: str, options: str) -> str:
    named = {
        "hostaddr": address,
        "host": settings.host,
        "port": settings.port,
        "dbname": settings.name,
        "user": settings.user,
        "password": password,
        "sslmode": settings.sslmode,
        "sslrootcert": settings.sslrootcert,
        "gssencmode": "disable",
        "client_encoding": "UTF8",
        "target_session_attrs": "read-write",
        "application_name": application_name,
        "options": options,
        **KEEP_ALIVE,
    }
    return " ".join(f"{name}={_quoted(str(value))}" for name, value in named.items() if value is not None)


def _quoted(value: str) -> str:
    escaped = value.replace("\\", r"\\").replace("'", r"\'")
    return f"'{escaped}'"


def _addresses(host: str, port: int, deadline: Deadline) -> list[str]:
    """The addresses of `host`."""
    try:
        return [str(ip_address(host))]
    except ValueError:
        entries = within(deadline, partial(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM))
    return [str(entry[4][0]) for entry in entries]
