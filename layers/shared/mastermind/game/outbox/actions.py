"""The outbox as other functions see it: whether relay has anything to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mastermind.game.outbox import table as outbox
from mastermind.postgres.exchange import exchange, only

if TYPE_CHECKING:
    from mastermind.postgres.connection import Connection


def is_due(conn: Connection) -> bool:
    """Whether something waits that relay has not handed over."""
    with exchange(conn):
        found = outbox.is_due(conn)
    return only(found)
