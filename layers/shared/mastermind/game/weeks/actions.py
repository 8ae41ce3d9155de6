"""The week of a member, and that of the server, in figures and names of this moment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mastermind.game.raids import table as raids
from mastermind.game.raids.rules import RaidStatus
from mastermind.game.weeks import content, rules
from mastermind.game.weeks import table as weeks
from mastermind.game.weeks.rules import DAY, MOST_RAIDS, NAMED, WEEK, MemberWeek, RaidResult, ServerWeek
from mastermind.postgres.exchange import only

if TYPE_CHECKING:
    from mastermind.game.days.rules import Day
    from mastermind.game.raids.table import Raid
    from mastermind.postgres.connection import Connection


def read_member(conn: Connection, user_id: int, today: Day) -> MemberWeek:
    """The week of the member's `today`, as it stands."""
    monday = today.today - today.today.weekday() * DAY
    figures = only(weeks.member(conn, user_id, monday))
    streak = today.streak(counted=bool(today.in_time))
    return MemberWeek(
        monday=monday,
        today=today.today,
        xp=figures.xp,
        before=figures.before,
        by_day=tuple(figures.by_day.get(str(nth), 0) for nth in range(7)),
        by_day_before=tuple(figures.by_day.get(str(nth - 7), 0) for nth in range(7)),
        days=sum(today.has_counted(monday + nth * DAY) for nth in range(7)),
        challenges=figures.challenges,
        streak=streak.length,
        longest=streak.longest,
        is_open=not today.has_counted(today.today),
        place=figures.place,
        place_before=figures.place_before,
        members=figures.members,
        is_first=figures.is_first,
    )


def read_server(conn: Connection, key: str) -> ServerWeek:
    """The week that this announcement is about."""
    week = only(weeks.asked(conn, key))
    most, new = weeks.climbers(conn, week.first_day), weeks.newcomers(conn, week)
    gathered, ended = weeks.factions(conn, week.first_day), weeks.raids(conn, week)
    climbers, newcomers, raid_ids = tuple(most), tuple(new), tuple(ended)
    return ServerWeek(
        first_day=str(week.first_day),
        active=week.active,
        climbers=climbers[:NAMED],
        improved=rules.improved(climbers),
        newcomers=tuple(each.display_name for each in newcomers),
        more_newcomers=newcomers[0].together - len(newcomers) if newcomers else 0,
        factions=tuple(gathered),
        raids=tuple(result(only(raids.find(conn, each))) for each in raid_ids[:MOST_RAIDS]),
        more_raids=len(raid_ids[MOST_RAIDS:]),
        question=content.of_week(week.first_day + WEEK),
    )


def result(raid: Raid) -> RaidResult:
    """The outcome of a raid that has ended."""
    return RaidResult(raid.type, raid.status is RaidStatus.COMPLETED, raid.target, raid.total, raid.contributors)
