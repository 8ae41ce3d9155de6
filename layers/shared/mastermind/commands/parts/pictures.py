"""What the pictures of answers show: the figures that their words have, too."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from mastermind.bot import looks
from mastermind.game.announcements.rules import following
from mastermind.game.catalogue import content as stats
from mastermind.game.catalogue.archetypes import archetype
from mastermind.game.catalogue.rules import STATE, TENSEY
from mastermind.game.challenges import content as challenges
from mastermind.game.days.marks import Mark
from mastermind.game.levels import content as levels
from mastermind.game.levels.rules import progress
from mastermind.game.raids.rules import REWARD, RaidStatus
from mastermind.pictures.figures import (
    Amount,
    Balance,
    Card,
    Compare,
    Person,
    Place,
    Podium,
    RaidState,
    Run,
    write,
)

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Mapping, Sequence

    from mastermind.game.announcements.rules import RaidCompleted, RaidFailed
    from mastermind.game.catalogue.archetypes import Points
    from mastermind.game.contributions.table import Contributor
    from mastermind.game.raids.table import Raid
    from mastermind.game.standings.actions import BoardLine, Scorecard
    from mastermind.game.standings.table import Portrait

PROUD, ROWS = 3, 6
"""Amounts on a card, and beside each other in a comparison."""

NAMED = 3
"""Contributors of a raid in its picture."""


def of_card(card: Scorecard, points: Points) -> str:
    """One member's card, with the counts that may be seen of it; "" where the figures of a picture were not read."""
    done = challenges.load().count_of(card.completed)
    return "" if card.portrait is None else write(_card(card, card.portrait, points, done))


def of_two(left: tuple[Scorecard, Points], right: tuple[Scorecard, Points]) -> str:
    """Two members side by side, with the counts that may be seen of both."""
    (mine, my_points), (yours, your_points) = left, right
    if mine.portrait is None or yours.portrait is None:
        return ""
    both = (
        _card(mine, mine.portrait, my_points, mine.challenges_done),
        _card(yours, yours.portrait, your_points, yours.challenges_done),
    )
    return write(Compare(*both, tuple(islice(_rows(mine.counts, yours.counts), ROWS))))


def of_board(title: str, unit: str, lines: Sequence[BoardLine]) -> str:
    """The first page of a board."""
    places = (_place(each.rank, each, each.total) for each in lines)
    return write(Podium(title, unit, tuple(places)))


def of_raid(
    raid: Raid | RaidCompleted | RaidFailed,
    status: RaidStatus,
    top: Sequence[Contributor],
    unnamed: Container[int] = (),
) -> str:
    """How a raid stands, with the first three of those who are listed; `unnamed` leave their place free."""
    first = enumerate(top[:NAMED], 1)
    places = (_place(nth, each, each.points) for nth, each in first if each.user_id not in unnamed)
    reward = 0 if status in {RaidStatus.FAILED, RaidStatus.CANCELLED} else REWARD
    title = f"{raid.type.capitalize()} raid {raid.raid_id}"
    color = looks.RAIDS[raid.type].color
    return write(RaidState(title, color, status, raid.total, raid.target, raid.contributors, tuple(places), reward))


def _place(place: int, who: BoardLine | Contributor, count: int) -> Place:
    person = Person(who.user_id, who.display_name, who.avatar)
    return Place(place, person, count, who.level, levels.of_level(who.level).color)


def _rows(mine: Mapping[str, int], yours: Mapping[str, int]) -> Iterator[tuple[Amount, Amount]]:
    for stat in stats.load().by_key.values():
        if stat.key not in {STATE, TENSEY} and (mine.get(stat.key) or yours.get(stat.key)):
            yield Amount(stat.name, mine.get(stat.key, 0)), Amount(stat.name, yours.get(stat.key, 0))


def _card(card: Scorecard, portrait: Portrait, points: Points, done: int) -> Card:
    now = progress(card.xp)
    reached = levels.of_level(now.level)
    run = Run(card.streak.length, card.streak.longest, card.streak.freezes, tuple(map(_seen_of, card.days)))
    return Card(
        Person(card.user_id, card.display_name, portrait.avatar),
        reached.title,
        reached.color,
        now.level,
        card.xp,
        now.gained if now.span else 0,
        now.span,
        0 if card.hidden else card.rank,
        portrait.members,
        run,
        Balance(archetype(points.warrior, points.mage), points.warrior, points.mage),
        done,
        following(done, challenges.load().count) or 0,
        card.faction,
        portrait.climbed,
        _proud(card.counts),
        _days_like_these(now.missing, portrait),
    )


def _seen_of(day: Mark) -> Mark:
    """A day as a card shows it: where somebody has been is their own, and a day that they never had is left blank."""
    return Mark.AHEAD if day is Mark.TRAVEL else day


def _proud(counts: Mapping[str, int]) -> tuple[Amount, ...]:
    """What brought the most XP; a state is not an amount."""
    known = [(stat, count) for stat, count in stats.load().known(counts) if stat.key not in {STATE, TENSEY}]
    best = sorted(known, key=lambda each: -each[0].xp * each[1])[:PROUD]
    return tuple(Amount(stat.name, count) for stat, count in best)


def _days_like_these(missing: int, portrait: Portrait) -> int:
    """How many days what is missing takes at the pace of the last weeks; 0 where there was none."""
    return -(-missing * portrait.recent_days // portrait.recent_xp) if portrait.recent_xp > 0 else 0
