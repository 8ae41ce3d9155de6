"""An award that arrives while its member still looks at the list: a line on top of it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from mastermind.discord.requests import Outcome
from mastermind.discord.text import cut
from mastermind.game.challenges import content
from mastermind.game.challenges import table as awards
from mastermind.game.levels import rules as levels
from mastermind.relay.kind import Entry, Kind, Line, Priority, Scene

if TYPE_CHECKING:
    from mastermind.discord.requests import Result
    from mastermind.game.challenges.table import Arrived
    from mastermind.postgres.connection import Connection


def _compose(conn: Connection, entry: Entry, _scene: Scene) -> Line | None:
    arrived = awards.arrived(conn, str(entry.refs["award_id"])).fetchone()
    return arrived and Line(_words(arrived))


def _settled(conn: Connection, entry: Entry, result: Result | None) -> None:
    """An answer that could not be told any more leaves it to the next one (docs/rules/messages.md, For you)."""
    if result is None or result.outcome is not Outcome.DONE:
        awards.tell_later(conn, str(entry.refs["award_id"]), int(entry.refs["total"]))


def _words(arrived: Arrived) -> str:
    challenge = content.load().by_id.get(arrived.challenge_id)
    gained = f"🎉 **+{arrived.xp} XP**" + (f" for *{cut(challenge.text, LONGEST)}*" if challenge else "")
    if arrived.bonus:
        gained += f", and **+{arrived.bonus} XP** because it is the challenge of the day"
    now = levels.progress(arrived.total)
    if now.level > levels.level_of(arrived.total - arrived.xp - arrived.bonus):
        return f"{gained}. ⭐ **You have reached level {now.level}!**"
    return f"{gained}. {now.missing:,} XP to level {now.next_level}." if now.next_level else f"{gained}."


LONGEST = 120
"""Characters of a challenge in the line."""

KIND = Kind("award", Priority.NEWS, timedelta(minutes=5), _compose, is_edit=True, settled=_settled)
