"""What members log: stats in categories, and what a form that was filled in means (docs/rules/stats.md)."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from mastermind.errors import MemberMistake
from mastermind.typed import is_visible, whole_number

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

TENSEY = "tensey_exercise"
"""The one stat that nobody types in: a completed challenge."""

STATE = "overall_state"
"""The stat that says from 1 to 10 how a member's day is."""

HEAVY = 3
"""A state up to that is a heavy day."""

MOST_CATEGORIES = 5
"""Buttons in one row (docs/rules/discord.md, Limits)."""

MOST_TYPED = 999_999_999
"""The largest number that a field may hold; no cap needs more."""

MOST_STATS = 5
"""Fields of one form (docs/rules/discord.md, Limits)."""


@dataclass(frozen=True, slots=True)
class Stat:
    """One thing that is counted. `xp`, `warrior` and `mage` are per unit; `cap` is per day, None without one.

    `once_a_day`: it is a value and not a sum, so that a day takes it once, and any value is one unit. `raid` holds the
    points per unit by the type of raid. `about` explains a name that explains nothing.
    """

    key: str
    name: str
    category: str
    xp: int
    warrior: int = 0
    mage: int = 0
    cap: int | None = None
    once_a_day: bool = False
    about: str = ""
    raid: Mapping[str, int] = field(default_factory=dict[str, int])

    def units(self, count: int) -> int:
        """How often a day's count is paid."""
        return min(count, 1) if self.once_a_day else count


@dataclass(frozen=True, slots=True)
class Category:
    """At most five stats that share a form. `private`: they are their owner's alone, unless shown on purpose."""

    key: str
    title: str
    stats: tuple[Stat, ...]
    private: bool = False


@dataclass(frozen=True)
class Catalogue:
    """Everything that is counted; `automatic` stats have no form."""

    categories: tuple[Category, ...]
    automatic: tuple[Stat, ...]

    @cached_property
    def by_key(self) -> Mapping[str, Stat]:
        """Every stat by its key, in the order of the forms, the automatic ones last."""
        submitted = [stat for category in self.categories for stat in category.stats]
        return {stat.key: stat for stat in (*submitted, *self.automatic)}

    def stat(self, key: str) -> Stat:
        """The stat of that key; raises KeyError when there is none."""
        return self.by_key[key]

    def category(self, key: str) -> Category | None:
        return next((category for category in self.categories if category.key == key), None)

    @cached_property
    def private(self) -> tuple[Category, ...]:
        """The categories that others do not see, unless a member shows them (docs/rules/privacy.md)."""
        return tuple(category for category in self.categories if category.private)

    def kept(self, shown: Collection[str]) -> frozenset[str]:
        """The keys of the stats that a member keeps to themselves who shows these categories."""
        return frozenset(stat.key for each in self.private if each.key not in shown for stat in each.stats)

    @cached_property
    def values(self) -> tuple[str, ...]:
        """The keys of the stats that are a value of the day."""
        return tuple(stat.key for stat in self.by_key.values() if stat.once_a_day)

    def known(self, counts: Mapping[str, int]) -> list[tuple[Stat, int]]:
        """The counts with their stats, in the order of the forms; what the catalogue no longer has is left out."""
        return [(stat, counts[key]) for key, stat in self.by_key.items() if counts.get(key)]

    def units(self, key: str, count: int) -> int:
        """How often that count of a stat is paid; of a retired one nothing is known but the count."""
        stat = self.by_key.get(key)
        return stat.units(count) if stat else count

    def retired(self, counts: Mapping[str, int]) -> int:
        """The sum of the counts whose stats the catalogue no longer has."""
        return sum(count for key, count in counts.items() if key not in self.by_key)


# --- a form that was filled in ---


def read_counts(category: Category, fields: Mapping[str, str], totals: Mapping[str, int]) -> dict[str, int]:
    """What a form adds to a day whose counts so far are `totals`; empty fields and 0 add nothing.

    Raises MemberMistake that names every wrong field: then nothing of the form counts.
    """
    typed = [stat for stat in category.stats if is_visible(fields.get(stat.key, ""))]
    added = _each(typed, lambda stat: _added(stat, fields[stat.key], totals.get(stat.key, 0)))
    return {key: count for key, count in added.items() if count}


def read_totals(category: Category, fields: Mapping[str, str]) -> dict[str, int]:
    """What a form sets the day's counts to, for each stat that it had a field for; an emptied field is a 0.

    Raises MemberMistake that names every wrong field, then those over their cap too. Without one, caps are left to
    `check_totals`, which knows what was logged before.
    """
    given = [stat for stat in category.stats if stat.key in fields]
    try:
        return _each(given, lambda stat: _whole(stat, fields[stat.key]))
    except MemberMistake:
        _each(given, lambda stat: _within(stat, _whole(stat, fields[stat.key])))
        raise


def check_totals(catalogue: Catalogue, totals: Mapping[str, int], before: Mapping[str, int]) -> None:
    """Raises MemberMistake naming every stat that would be more than a day holds, and more than it was before.

    What was logged before a cap was lowered can stay, and can be made less.
    """
    more = [catalogue.stat(key) for key, count in totals.items() if count > before.get(key, 0)]
    _each(more, lambda stat: _within(stat, totals[stat.key]))


def check_added(catalogue: Catalogue, added: Mapping[str, int], totals: Mapping[str, int]) -> None:
    """Raises MemberMistake naming every stat that `added` would take beyond what a day holds."""
    submitted = [stat for category in catalogue.categories for stat in category.stats if added.get(stat.key)]
    _each(submitted, lambda stat: _with_room(stat, added[stat.key], totals.get(stat.key, 0)))


def _each(stats: Iterable[Stat], read: Callable[[Stat], int]) -> dict[str, int]:
    """What `read` makes of each stat; one MemberMistake says everything that is wrong."""
    counts: dict[str, int] = {}
    mistakes: list[str] = []
    for stat in stats:
        try:
            counts[stat.key] = read(stat)
        except MemberMistake as mistake:
            mistakes.append(f"**{stat.name}:** {mistake}")
    if mistakes:
        raise MemberMistake("\n".join(("This was not stored, because it did not fit:", *mistakes)))
    return counts


def _added(stat: Stat, words: str, so_far: int) -> int:
    return _with_room(stat, _within(stat, _whole(stat, words)), so_far)


def _whole(stat: Stat, words: str) -> int:
    """The whole number that was typed; nothing is 0."""
    if not is_visible(words):
        return 0
    number = whole_number(words)
    if number is None:
        raise MemberMistake(f"{_quoted(words)} is not a whole number. {_offer(stat)}")
    if number < 0:
        raise MemberMistake(f"{_quoted(words)} is below zero. {_offer(stat)}")
    if number > MOST_TYPED:
        raise MemberMistake(f"{_quoted(words)} is far too many. {_offer(stat)}")
    return number


def _within(stat: Stat, count: int) -> int:
    if stat.cap is not None and count > stat.cap:
        if stat.once_a_day:
            raise MemberMistake(f"{count:,} is off the scale: it goes from 1 to {stat.cap}.")
        raise MemberMistake(f"{count:,} is too many: a day holds at most {stat.cap}.")
    return count


def _with_room(stat: Stat, count: int, so_far: int) -> int:
    if count and so_far and stat.once_a_day:
        raise MemberMistake(f"this day has it already, it is {so_far}. `/stats-edit` changes it.")
    if stat.cap is not None and count and so_far + count > stat.cap:
        room = max(0, stat.cap - so_far)
        raise MemberMistake(f"a day holds at most {stat.cap}; {so_far} are there, so {room or 'no'} more fit in.")
    return count


def _offer(stat: Stat) -> str:
    most = "" if stat.cap is None else f" up to {stat.cap}"
    return f"Write a whole number{most}, or leave it empty."


def _quoted(words: str) -> str:
    """What was typed, shown as it is: on one line, short, and with nothing that would end the quotation."""
    words = " ".join(words.replace("`", "'").split())
    return f"`{words if len(words) <= 20 else words[:19] + '…'}`"
