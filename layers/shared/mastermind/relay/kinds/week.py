"""A member's week in words: a direct message on Sunday evening to somebody who wants it (docs/rules/weeks.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from mastermind.bot import custom_ids, looks
from mastermind.discord.components import Button, ButtonStyle, Container, Row, Text
from mastermind.discord.replies import Message, render
from mastermind.discord.requests import DirectMessage
from mastermind.game.levels import content as levels
from mastermind.game.members import table as members
from mastermind.game.reminders import actions as reminders
from mastermind.game.reminders.rules import FAREWELL, LASTS, Occasion
from mastermind.game.weeks import actions as weeks
from mastermind.game.weeks import words
from mastermind.game.weeks.rules import next_step
from mastermind.pictures.figures import Note, Person, Tile, Week, write
from mastermind.relay.kind import Entry, Kind, Priority, Scene

if TYPE_CHECKING:
    from mastermind.discord.requests import Message as Sent
    from mastermind.game.weeks.rules import MemberWeek
    from mastermind.postgres.connection import Connection


def _compose(conn: Connection, entry: Entry, scene: Scene) -> DirectMessage | None:
    found = reminders.still_due(conn, entry)
    if entry.user_id is None or found is None:
        return None
    week = weeks.read_member(conn, entry.user_id, found.today)
    sent = message(entry.user_id, week, is_last=found.is_last)
    picture = _picture(conn, entry.user_id, week) if scene.draws and not found.is_last else ""
    return DirectMessage(entry.user_id, 0, sent, picture=picture)


def _picture(conn: Connection, user_id: int, week: MemberWeek) -> str:
    """The days of the week beside those of the one before; none of a quiet week, which is compared with nothing."""
    face = members.face(conn, user_id).fetchone()
    if face is None or week.is_quiet:
        return ""
    tiles = (
        Tile("XP", week.xp, week.before or None),
        Tile("Days", week.days, sign="✅"),
        Tile("Challenges", week.challenges, sign="🎯"),
        Tile("Streak", week.streak, sign="🔥"),
    )
    person, color = Person(user_id, face.display_name, face.avatar), levels.of_level(face.level).color
    goal = Note("Next week", f"One small step: {next_step(week)}")
    return write(Week(person, color, str(week.monday), week.by_day, week.by_day_before, tiles, goal=goal))


def message(user_id: int, week: MemberWeek, *, is_last: bool) -> Sent:
    """What the member reads, with buttons that are theirs alone."""

    def button(label: str, path: str, action: str, style: ButtonStyle = ButtonStyle.SECONDARY) -> Button:
        return Button(label, custom_ids.make(path, action, user_id), style)

    log = button("Log now", "submit-stats", "log", ButtonStyle.PRIMARY)
    if is_last:
        said, other = FAREWELL, button("Keep them", "settings", "resume-week")
    else:
        said, other = words.of_member(week), button("No more", "settings", "stop-week")
    return cast(
        "Sent",
        render(Message((Container((Text(said), Row((log, other))), looks.FIGURES.color),), private=False))["data"],
    )


KIND = Kind(Occasion.WEEK, Priority.REMINDERS, LASTS, _compose, is_direct=True, settled=reminders.settled)
