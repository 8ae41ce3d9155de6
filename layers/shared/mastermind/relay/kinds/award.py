"""An award that arrives while its member still looks at the list: a line on top of it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from mastermind.commands.parts import day_results, explanations
from mastermind.discord.requests import Outcome
from mastermind.discord.text import cut
from mastermind.game.catalogue.archetypes import Archetype
from mastermind.game.challenges import content
from mastermind.game.challenges import table as awards
from mastermind.game.days import table as days
from mastermind.game.first_week import rules as first_week
from mastermind.game.first_week import table as explained
from mastermind.game.levels import rules as levels
from mastermind.game.raids import table as raids
from mastermind.relay.kind import Entry, Kind, Line, Priority, Scene

if TYPE_CHECKING:
    from datetime import date

    from mastermind.discord.requests import Result
    from mastermind.game.challenges.table import Arrived
    from mastermind.game.first_week.rules import Matter
    from mastermind.postgres.connection import Connection


def _compose(conn: Connection, entry: Entry, _scene: Scene) -> Line | None:
    award_id = str(entry.refs["award_id"])
    arrived = awards.arrived(conn, award_id).fetchone()
    if arrived is None:
        return None
    matter, _ = _explains(conn, arrived)
    return Line("\n".join((_words(arrived), *_raid(conn, award_id), *explanations.lines(matter))))


def _settled(conn: Connection, entry: Entry, result: Result | None) -> None:
    """What it explained is noted. An answer that could not be told any more leaves it to the next one.

    (docs/rules/messages.md, For you)
    """
    award_id = str(entry.refs["award_id"])
    if result is None or result.outcome is not Outcome.DONE:
        awards.tell_later(conn, award_id, int(entry.refs["total"]))
    elif arrived := awards.arrived(conn, award_id).fetchone():
        matter, today = _explains(conn, arrived)
        if matter:
            explained.explain(conn, arrived.user_id, matter, today)


def _explains(conn: Connection, arrived: Arrived) -> tuple[Matter | None, date]:
    """What the first week explains with a tick of their today; it changes no balance of the day."""
    today = days.day_without_figures(conn, arrived.user_id).fetchone()
    if today is None or arrived.day != today.today:
        return None, arrived.day
    known, streak = set(explained.explained(conn, arrived.user_id)), today.streak(counted=bool(today.in_time))
    same = Archetype.INITIATE
    return first_week.explained_now(streak.length, same, same, known, has_gift=streak.has_gift), today.today


def _raid(conn: Connection, award_id: str) -> list[str]:
    """What the tick has done to a raid."""
    blow = raids.of_tick(conn, award_id).fetchone()
    if blow is None:
        return []
    raid = raids.find(conn, blow.raid_id).fetchone()
    return [day_results.to_raid(blow.points, raid, finished=blow.finished)]


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
