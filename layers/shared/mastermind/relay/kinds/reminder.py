"""A reminder: a direct message to somebody who wants one, and has done nothing yet today (docs/rules/reminders.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from mastermind.bot import custom_ids
from mastermind.discord.components import Button, ButtonStyle, Row, Text
from mastermind.discord.replies import Message, render
from mastermind.discord.requests import DirectMessage
from mastermind.game.reminders import actions as reminders
from mastermind.game.reminders import rules
from mastermind.game.reminders.rules import FAREWELL, LASTS, Occasion
from mastermind.relay.kind import Entry, Kind, Priority, Scene

if TYPE_CHECKING:
    from mastermind.discord.requests import Message as Sent
    from mastermind.game.days.rules import Day
    from mastermind.postgres.connection import Connection


def _compose(conn: Connection, entry: Entry, _scene: Scene) -> DirectMessage | None:
    found = reminders.still_due(conn, entry)
    if entry.user_id is None or found is None:
        return None
    return DirectMessage(entry.user_id, 0, message(entry.user_id, found.today, is_last=found.is_last))


def message(user_id: int, today: Day, *, is_last: bool) -> Sent:
    """What the member reads, with buttons that are theirs alone."""

    def button(label: str, path: str, action: str, style: ButtonStyle = ButtonStyle.SECONDARY) -> Button:
        return Button(label, custom_ids.make(path, action, user_id), style)

    log = button("Log now", "submit-stats", "log", ButtonStyle.PRIMARY)
    if is_last:
        said, others = FAREWELL, (button("Keep them", "settings", "resume"),)
    else:
        said = f"🔔 {rules.sentence(today.streak(counted=False), today.today)}"
        others = button("Not today", "settings", "not-today"), button("Stop", "settings", "stop")
    return cast("Sent", render(Message((Text(said), Row((log, *others))), private=False))["data"])


KIND = Kind(Occasion.REMINDER, Priority.REMINDERS, LASTS, _compose, is_direct=True, settled=reminders.settled)
