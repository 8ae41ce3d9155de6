"""An announcement, as the bot: a milestone, a level, a raid, a week (docs/rules/announcements.md)."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import TYPE_CHECKING, cast

from mastermind.commands.parts import announcement_cards
from mastermind.discord.replies import Message, render
from mastermind.discord.requests import CreateMessage, Outcome
from mastermind.game.announcements import actions as announcements
from mastermind.game.announcements import notices
from mastermind.game.announcements import table as rows
from mastermind.game.announcements.queued import NAMED_FOR
from mastermind.relay import pictures
from mastermind.relay.kind import Entry, Kind, Priority, Scene

if TYPE_CHECKING:
    from mastermind.discord.commands import Commands
    from mastermind.discord.requests import Message as Sent
    from mastermind.discord.requests import Result
    from mastermind.game.announcements.queued import Announcement
    from mastermind.postgres.connection import Connection


def _compose(conn: Connection, entry: Entry, scene: Scene) -> CreateMessage | None:
    announcement = _still_true(conn, entry, scene)
    if announcement is None or not scene.announcements_channel:
        return None
    sent = message(announcement, scene.commands)
    picture = pictures.of(conn, announcement) if scene.draws else ""
    return CreateMessage(scene.announcements_channel, sent, picture=picture)


def message(announcement: Announcement, commands: Commands) -> Sent:
    """As the bot posts it."""
    shown = Message((announcement_cards.card(announcement),), private=False)
    return cast("Sent", render(shown, commands)["data"])


def _by_webhook(conn: Connection, entry: Entry, scene: Scene) -> str | None:
    announcement = _still_true(conn, entry, scene)
    return None if announcement is None else notices.write(announcement, time.time())


def _still_true(conn: Connection, entry: Entry, scene: Scene) -> Announcement | None:
    """What is announced, if it is wanted and has not been taken back."""
    due = rows.find(conn, str(entry.refs["of"])).fetchone()
    if due is None or not due.is_wanted or due.kind not in scene.announced:
        return None
    return announcements.compose(conn, due)


def _settled(conn: Connection, entry: Entry, result: Result | None) -> None:
    """What was not said may be said another time."""
    if result is None or result.outcome is not Outcome.DONE:
        rows.take_back(conn, str(entry.refs["of"]))


KIND = Kind(
    announcements.OUTBOX_KIND,
    Priority.NEWS,
    timedelta(seconds=NAMED_FOR),
    _compose,
    settled=_settled,
    otherwise=_by_webhook,
)
