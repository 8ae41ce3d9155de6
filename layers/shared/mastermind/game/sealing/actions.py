"""Seals the audit log, and finds out whether it is as it was sealed (docs/rules/moderation.md, Chain)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from mastermind.game.sealing import rules
from mastermind.game.sealing import table as chain
from mastermind.game.sealing.rules import Head
from mastermind.postgres.exchange import exchange, only, transaction

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date

    from mastermind.game.sealing.rules import Link
    from mastermind.postgres.connection import Connection

SEALED_AT_ONCE = 1_000
"""Entries that one sweep seals at most."""

READ_AT_ONCE = 500
"""Links that one answer to an operator is about at most."""


def seal(conn: Connection, write: Callable[[date, Head], None]) -> int:
    """Seal what is old enough; once a day (UTC) hand the end of the chain to `write`. Returns how many were sealed.

    An error of `write` is raised; the next sweep tries again.
    """
    with exchange(conn), transaction(conn):
        sealed = chain.extend(conn, SEALED_AT_ONCE)
    extended = only(sealed)
    if extended.is_due:
        today = datetime.now(UTC).date()
        write(today, Head(extended.position, extended.link))
        with exchange(conn), transaction(conn):
            chain.note(conn, today)
    return extended.added


def verify(conn: Connection, after: Head, entry_id: int) -> tuple[tuple[Link, ...], str]:
    """The next links after that one, which has the entry `entry_id`, up to the first that differs, and how it does."""
    sound: list[Link] = []
    for before, one in _pairs(conn, after, entry_id):
        if words := rules.difference(one, before):
            return tuple(sound), words
        sound.append(one)
    return tuple(sound), ""


def _pairs(conn: Connection, before: Head, entry_id: int) -> Iterator[tuple[Head, Link]]:
    for one in chain.read(conn, before, entry_id, READ_AT_ONCE):
        yield before, one
        before = Head(one.position, one.link)
