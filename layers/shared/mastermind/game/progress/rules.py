"""What a member's days come to: XP by what brought it, and figures that move over time."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate
from operator import itemgetter
from typing import TYPE_CHECKING

from mastermind.game.catalogue.rules import STATE, TENSEY
from mastermind.game.days.streaks import DAY
from mastermind.game.standings.rules import PAIRS, TRIED

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date

    from mastermind.game.catalogue.rules import Catalogue, Category
    from mastermind.game.progress.table import PastDay

RANGES = (30, 90, 365)
"""Days that can be looked at."""

TRAIL = 30
"""Days up to each day of which its conversions and its balance are computed."""

CHALLENGES, OTHER = "Challenges", "Raids, course and the rest"

MOST_CONVERSIONS = 3


@dataclass(frozen=True, slots=True)
class Span:
    """Some days in a row, up to `last`; `by_day` are those with anything on them."""

    last: date
    days: int
    by_day: Mapping[date, PastDay]

    def each[Value](self, figure: Callable[[PastDay], Value], nothing: Value) -> tuple[Value, ...]:
        """A figure of each day, the oldest first."""
        calendar = (self.last - nth * DAY for nth in range(self.days - 1, -1, -1))
        return tuple(figure(self.by_day[day]) if day in self.by_day else nothing for day in calendar)


def xp_by_cause(span: Span, catalogue: Catalogue) -> list[tuple[str, tuple[int, ...]]]:
    """The XP of each day by category, by challenges and by the rest, without causes that brought none.

    What a day booked with its bonuses is shared out among its categories as they were worth without.
    """
    titles = [category.title for category in catalogue.categories]
    shared = span.each(lambda day: _shared(day, catalogue), (0,) * len(titles))
    causes = [(title, tuple(day[place] for day in shared)) for place, title in enumerate(titles)]
    causes.append((CHALLENGES, span.each(lambda day: max(day.challenges, 0), 0)))
    causes.append((OTHER, span.each(lambda day: max(day.other + _unshared(day, catalogue), 0), 0)))
    return [(title, xp) for title, xp in causes if any(xp)]


def _shared(day: PastDay, catalogue: Catalogue) -> tuple[int, ...]:
    """What the day has booked for what was logged, shared out by largest remainders: the parts make the whole."""
    worths = [_worth(day, category) for category in catalogue.categories]
    whole, booked = sum(worths), max(day.logged, 0)
    if not whole:
        return (0,) * len(worths)
    parts = [booked * worth // whole for worth in worths]
    rests = sorted(range(len(worths)), key=lambda place: -(booked * worths[place] % whole))
    for place in rests[: booked - sum(parts)]:
        parts[place] += 1
    return tuple(parts)


def _worth(day: PastDay, category: Category) -> int:
    return sum(day.worths[stat.key][0] for stat in category.stats if stat.key in day.worths)


def _unshared(day: PastDay, catalogue: Catalogue) -> int:
    """What was booked for stats that no category has any more."""
    return max(day.logged, 0) - sum(_shared(day, catalogue))


def states(span: Span) -> tuple[float | None, ...]:
    """The overall state of each day."""
    return span.each(lambda day: day.counts.get(STATE), None)


def conversions(span: Span) -> list[tuple[str, tuple[float | None, ...]]]:
    """In percent, of the last days up to each day; nothing where fewer were tried than say something."""
    found = [(pair.title, _ratios(span, pair.gained, pair.tried)) for pair in PAIRS]
    return [(title, ratios) for title, ratios in found if any(each is not None for each in ratios)][:MOST_CONVERSIONS]


def _ratios(span: Span, gained: str, tried: str) -> tuple[float | None, ...]:
    both = zip(
        _trailing(span.each(lambda day: day.counts.get(gained, 0), 0)),
        _trailing(span.each(lambda day: day.counts.get(tried, 0), 0)),
        strict=True,
    )
    return tuple(round(100 * mine / of, 1) if of >= TRIED else None for mine, of in both)


def mage_shares(span: Span, catalogue: Catalogue) -> tuple[float | None, ...]:
    """The share of mage points in percent, of the last days up to each day."""
    done = catalogue.stat(TENSEY)
    warrior = span.each(lambda day: day.done * done.warrior + sum(map(itemgetter(1), day.worths.values())), 0)
    mage = span.each(lambda day: day.done * done.mage + sum(map(itemgetter(2), day.worths.values())), 0)
    both = zip(_trailing(warrior), _trailing(mage), strict=True)
    return tuple(float(100 * mine // (mine + yours)) if mine + yours > 0 else None for yours, mine in both)


def _trailing(values: Sequence[int]) -> list[int]:
    """The sum of the last TRAIL values up to each one."""
    sums = [0, *accumulate(values)]
    return [sums[place] - sums[max(0, place - TRAIL)] for place in range(1, len(sums))]
