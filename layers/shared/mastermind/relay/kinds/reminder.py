"""A reminder: a direct message to somebody who wants one, and has done nothing yet today (docs/rules/reminders.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from mastermind.bot import custom_ids
from mastermind.discord.components import Button, ButtonStyle, Row, Text
from mastermind.discord.replies import Message, render
from mastermind.discord.requests import DirectMessage, Outcome
from mastermind.game.days import table as days
from mastermind.game.reminders import actions as reminders
from mastermind.game.reminders import counts, rules
from mastermind.game.reminders import table as rows
from mastermind.game.reminders.rules import FAREWELL, LASTS, Off
from mastermind.relay.kind import Entry, Kind, Priority, Scene

if TYPE_CHECKING:
    from mastermind.discord.requests import Message as Sent
    from mastermind.discord.requests import Result
    from mastermind.game.days.rules import Day
    from mastermind.game.reminders.table import Standing
    from mastermind.postgres.connection import Connection


def _compose(conn: Connection, entry: Entry, _scene: Scene) -> DirectMessage | None:
    if entry.user_id is None:
        return None
    found, standing = days.day_without_figures(conn, entry.user_id), rows.standing(conn, entry.user_id)
    today, wish = found.fetchone(), standing.fetchone()
    if not (today and wish) or wish.off or str(today.today) != entry.refs["day"] or not rules.is_due(today):
        return None
    return DirectMessage(entry.user_id, 0, message(entry.user_id, today, is_last=_is_last(wish)))


def message(user_id: int, today: Day, *, is_last: bool) -> Sent:
    """What the member reads, with buttons that are theirs alone."""

    def button(label: str, path: str, action: str, style: ButtonStyle = ButtonStyle.SECONDARY) -> Button:
        return Button(label, custom_ids.make(path, action, user_id), style)

    log = button("Log now", "submit-stats", "log", ButtonStyle.PRIMARY)
    if is_last:
        said, others = FAREWELL, (button("Keep them coming", "settings", "resume"),)
    else:
        said = f"🔔 {rules.sentence(today.streak(counted=False), today.today)}"
        others = button("Not today", "settings", "not-today"), button("Stop", "settings", "stop")
    return cast("Sent", render(Message((Text(said), Row((log, *others))), private=False))["data"])


def _is_last(wish: Standing) -> bool:
    return rules.is_silent(wish.last_used, wish.since, wish.now)


def _settled(conn: Connection, entry: Entry, result: Result | None) -> None:
    """Who has got the last one gets no other; one that was not sent is counted."""
    if result is None:
        counts.lapsed(entry.due_at)
    elif entry.user_id and result.outcome in {Outcome.DONE, Outcome.UNKNOWN}:
        wish = rows.standing(conn, entry.user_id).fetchone()
        if wish and _is_last(wish):
            rows.turn_off(conn, entry.user_id, Off.SILENCE)


KIND = Kind(reminders.REMINDER, Priority.REMINDERS, LASTS, _compose, is_direct=True, settled=_settled)
