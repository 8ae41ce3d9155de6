"""Connects to a database by a URL that the operator gave."""

from __future__ import annotations

from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict

from mastermind.deadline import Deadline
from mastermind.postgres.connection import Connection
from mastermind.postgres.errors import ConnectionLost

NO_URL = "this is not the URL of a database, like postgresql://user:password@host:5432/name"
CONNECT_WITHIN, WORK_WITHIN = 10.0, 6 * 3600.0  # seconds


def connect(url: str) -> Connection:
    """Raises ConnectionLost, which never shows the URL: it has a password."""
    try:
        conninfo_to_dict(url)
    except ProgrammingError:
        raise ConnectionLost(NO_URL) from None
    connection = Connection.open(url, Deadline.after(CONNECT_WITHIN))
    connection.limit_to(Deadline.after(WORK_WITHIN))
    return connection
