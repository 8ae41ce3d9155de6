"""The connection on which a history is played: the owner's, on a clock that is moved."""

from __future__ import annotations

from contextlib import closing, contextmanager
from typing import TYPE_CHECKING
from urllib.parse import quote

from devkit.clock import DEFAULTS, SEARCH_PATH, Clock
from mastermind.deadline import Deadline
from mastermind.postgres.connection import Connection

if TYPE_CHECKING:
    from collections.abc import Generator

LONGEST = 300.0
"""Seconds that it may take; it takes about ten."""

# What is lost with the machine is played again (Cloud), so no commit waits for the disk.
OPTIONS = f"{SEARCH_PATH} -c synchronous_commit=off"


@contextmanager
def history(owner_url: str) -> Generator[tuple[Connection, Clock]]:
    """A connection of the owner, and the clock that everything in the database reads during the block."""
    with closing(Connection.open(f"{owner_url}&options={quote(OPTIONS)}", Deadline.after(LONGEST))) as conn:
        clock = Clock(conn)
        try:
            conn.execute(DEFAULTS.replace("{schema}", "clock"))
            yield conn, clock
        finally:
            if not conn.closed:
                conn.execute(DEFAULTS.replace("{schema}", "pg_catalog"))
                clock.remove()
