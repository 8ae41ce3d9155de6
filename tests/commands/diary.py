"""A member's days as the database keeps them: to write a past that no test can wait for, and to look."""

from __future__ import annotations

from dataclasses import astuple
from datetime import date, timedelta
from typing import TYPE_CHECKING

from mastermind.bot.entries import base_of
from mastermind.game.catalogue import content as stats
from mastermind.game.days.xp import worth
from tests.commands.playing import ALEX

if TYPE_CHECKING:
    from devkit.discord_client import Answer, User
    from devkit.json_types import Json
    from tests.conftest import Connection


def today(owner: Connection) -> date:
    """Which day it is where the game's members live unless they say otherwise."""
    row = owner.execute("SELECT local_day(clock_timestamp(), 'America/New_York')").fetchone()
    assert row is not None
    return row[0]


def write(owner: Connection, back: int, counts: dict[str, int], *, user: User = ALEX) -> date:
    """Something that was logged in time, so many days back; its XP is left out."""
    day = today(owner) - timedelta(days=back)
    owner.execute("INSERT INTO booked_days (user_id, day, streak_share) VALUES (%s, %s, 0)", [user.id, day])
    owner.execute_many(
        "INSERT INTO daily_records (user_id, day, stat, count, logged_late, xp, warrior, mage)"
        " VALUES (%s, %s, %s, %s, false, %s, %s, %s)",
        [(user.id, day, stat, count, *astuple(worth(stats.load(), stat, count))) for stat, count in counts.items()],
    )
    return day


def write_run(owner: Connection, length: int, *, last: int = 1) -> None:
    """A streak of so many days, of which the latest was `last` days ago."""
    for back in range(last, last + length):
        write(owner, back, {"wins_shared": 1})


def book(owner: Connection, xp: int, *, user: User = ALEX) -> None:
    """XP of an admin's, so that a level is near."""
    owner.execute(
        "INSERT INTO xp_ledger (user_id, xp, kind, source, source_id, day, details)"
        " VALUES (%s, %s, 'adjustment', 'admin', gen_random_uuid()::text, current_date, %s)",
        [user.id, xp, '{"reason": "for the *test*"}'],
    )


def records(owner: Connection, user: User = ALEX) -> dict[str, int]:
    """Everything that is logged, of all days, as "stat": count."""
    query = "SELECT stat, sum(count)::int FROM daily_records WHERE user_id = %s GROUP BY stat"
    return dict(owner.execute(query, [user.id]).fetchall())


def xp(owner: Connection, user: User = ALEX) -> int:
    """The member's XP, which are the sum of their ledger."""
    row = owner.execute(
        "SELECT xp, (SELECT coalesce(sum(xp), 0) FROM xp_ledger WHERE user_id = users.user_id) FROM users"
        " WHERE user_id = %s",
        [user.id],
    ).fetchone()
    assert row is not None
    assert row[0] == row[1]
    return row[0]


def hints(form: Answer) -> dict[str, str]:
    """What stands under each field of a form."""
    return {str(part["label"]): str(part["description"]) for part in form.parts() if part["type"] == 18}


def values(form: Answer) -> dict[str, object]:
    """What each field of a form is filled with already."""
    return {base_of(str(box["custom_id"])): box.get("value", "") for box in boxes(form)}


def boxes(form: Answer) -> list[Json]:
    return [part for part in form.parts() if part["type"] == 4]
