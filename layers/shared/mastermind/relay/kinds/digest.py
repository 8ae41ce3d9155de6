"""Several members who are celebrated in one post, because there were many in a short time."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import TYPE_CHECKING

from mastermind.discord.requests import CreateMessage, Outcome
from mastermind.game.announcements import actions as announcements
from mastermind.game.announcements import notices
from mastermind.game.announcements import table as rows
from mastermind.game.announcements.queued import NAMED_FOR
from mastermind.relay.kind import Entry, Kind, Priority, Scene
from mastermind.relay.kinds import announcement

if TYPE_CHECKING:
    from mastermind.discord.requests import Result
    from mastermind.postgres.connection import Connection


def _compose(conn: Connection, entry: Entry, scene: Scene) -> CreateMessage | None:
    digest = announcements.compose_digest(conn, _digest_id(entry), scene.announced)
    if digest is None or not scene.announcements_channel:
        return None
    return CreateMessage(scene.announcements_channel, announcement.message(digest, scene.commands))


def _by_webhook(conn: Connection, entry: Entry, scene: Scene) -> str | None:
    digest = announcements.compose_digest(conn, _digest_id(entry), scene.announced)
    return None if digest is None else notices.write(digest, time.time())


def _settled(conn: Connection, entry: Entry, result: Result | None) -> None:
    """Members who were not celebrated may be in a later digest."""
    if result is None or result.outcome is not Outcome.DONE:
        rows.take_back_gathered(conn, _digest_id(entry))


def _digest_id(entry: Entry) -> int:
    return int(entry.refs["digest"])


KIND = Kind(
    announcements.DIGEST_KIND,
    Priority.NEWS,
    timedelta(seconds=NAMED_FOR),
    _compose,
    settled=_settled,
    otherwise=_by_webhook,
)
