"""Notices for the admins, each once: permissions that the bot lacks, and settings that are not in force.

Each is marked before it is sent. If the queue does not accept it, it is sent the next time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mastermind.errors import Unavailable
from mastermind.game.outreach import lacking
from mastermind.game.outreach import table as outreach
from mastermind.game.server_settings import table as server_settings
from mastermind.game.server_settings import unusable
from mastermind.postgres.exchange import exchange, transaction

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mastermind.deadline import Deadline
    from mastermind.game.outreach.table import Missing
    from mastermind.game.server_settings.rules import Choice
    from mastermind.postgres.connection import Connection

type Notice = Callable[[str, Deadline], None]
"""Puts a message into the queue Notices; raises Unavailable."""


def of_rights(conn: Connection, lacked: Sequence[Missing], notice: Notice, deadline: Deadline) -> None:
    """Raises Unavailable."""

    def say(missing: Missing) -> None:
        notice(lacking.write(missing.needed, missing.code), deadline)

    _each(conn, lacked, say, lambda missing: outreach.not_notified(conn, missing))


def of_settings(conn: Connection, unused: Sequence[Choice], notice: Notice, deadline: Deadline) -> None:
    """Raises Unavailable."""

    def say(choice: Choice) -> None:
        notice(unusable.write(choice), deadline)

    _each(conn, unused, say, lambda choice: server_settings.not_notified(conn, choice.name))


def _each[Found](
    conn: Connection, found: Sequence[Found], say: Callable[[Found], None], take_back: Callable[[Found], None]
) -> None:
    for place, one in enumerate(found):
        try:
            say(one)
        except Unavailable:
            with exchange(conn), transaction(conn):
                for unsaid in found[place:]:
                    take_back(unsaid)
            raise
