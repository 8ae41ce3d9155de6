"""A first warning: a kind direct message with what it was given for (docs/rules/moderation.md)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from mastermind.discord.requests import DirectMessage
from mastermind.game.moderation import table as warnings
from mastermind.game.sanctions import letters
from mastermind.game.sanctions.rules import WARNING
from mastermind.relay.kind import Entry, Kind, Priority, Scene

if TYPE_CHECKING:
    from mastermind.postgres.connection import Connection


def _compose(conn: Connection, entry: Entry, _scene: Scene) -> DirectMessage | None:
    given = warnings.given(conn, int(entry.refs["warning_id"])).fetchone()
    return given and DirectMessage(given.user_id, 0, letters.first_warning(given.reason))


KIND = Kind(WARNING, Priority.MODERATION, timedelta(days=1), _compose, is_direct=True)
