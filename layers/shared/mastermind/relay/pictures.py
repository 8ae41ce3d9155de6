"""The pictures of what the bot announces: a week and the end of a raid, in the figures that their words have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mastermind.commands.parts import pictures
from mastermind.game.announcements.rules import RaidCompleted, RaidFailed
from mastermind.game.contributions import table as contributions
from mastermind.game.raids.rules import RaidStatus
from mastermind.game.weeks import words
from mastermind.game.weeks.rules import FEW, ServerWeek
from mastermind.pictures import figures
from mastermind.pictures.figures import Honour, Person, Tile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mastermind.game.announcements.queued import Announcement
    from mastermind.game.weeks.rules import Climber
    from mastermind.postgres.connection import Connection


def of(conn: Connection, announcement: Announcement) -> str:
    """The picture of what is announced; "" for what has none."""
    match announcement:
        case ServerWeek() if not announcement.is_quiet:
            return figures.write(_week(announcement))
        case RaidCompleted():
            return _raid(conn, announcement, RaidStatus.COMPLETED)
        case RaidFailed() if announcement.total:
            return _raid(conn, announcement, RaidStatus.FAILED)
        case _:
            return ""


def _raid(conn: Connection, raid: RaidCompleted | RaidFailed, status: RaidStatus) -> str:
    top = contributions.top(conn, raid.raid_id, pictures.NAMED).fetchall()
    return pictures.of_raid(raid, status, top, set(contributions.unnamed(conn, top)))


def _week(week: ServerWeek) -> figures.ServerWeek:
    raid = words.raid_ended(week.raids[0]) if week.raids else ""
    return figures.ServerWeek(
        week.first_day, words.out_there(week), tuple(_tiles(week)), _factions(week), tuple(_honours(week)), raid
    )


def _tiles(week: ServerWeek) -> Iterator[Tile]:
    if xp := sum(max(each.xp, 0) for each in week.factions):
        yield Tile("XP together", xp, sign="✨")
    if week.newcomers and not 0 < week.more_newcomers < FEW:
        yield Tile("New here", len(week.newcomers) + week.more_newcomers, sign="🌱")


def _factions(week: ServerWeek) -> tuple[figures.FactionWeek, ...]:
    """Side by side by their averages; none of them where one has too few members for that."""
    if not week.has_averages:
        return ()
    return tuple(figures.FactionWeek(each.name, each.xp, each.average) for each in week.factions)


def _honours(week: ServerWeek) -> Iterator[Honour]:
    for each in week.climbers:
        yield Honour("Climbed most", _person(each), f"+{each.xp:,} XP")
    if week.improved:
        more = week.improved.xp - week.improved.before
        yield Honour("Biggest step up", _person(week.improved), f"{more:,} XP more than the week before")


def _person(climber: Climber) -> Person:
    return Person(climber.user_id, climber.display_name, climber.avatar)
