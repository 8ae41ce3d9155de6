"""Connects to a database by a URL that the operator gave."""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict

NO_URL = "this is not the URL of a database, like postgresql://user:password@host:5432/name"


def connect(url: str) -> psycopg.Connection[tuple[Any, ...]]:
    """A connection in autocommit; raises psycopg.OperationalError, which never shows the URL: it has a password."""
    try:
        conninfo_to_dict(url)
    except psycopg.ProgrammingError:
        raise psycopg.OperationalError(NO_URL) from None
    return psycopg.connect(url, autocommit=True, connect_timeout=10)
