"""The report about a week: figures without a name, stored once the week is over (docs/rules/report.md). Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from mastermind.game.weeks.rules import FEW, RaidResult
from mastermind.records import as_dict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

type Pick = Callable[[Sequence[str], int], Sequence[str]]
"""So many of them, by chance."""

MOST = 20_000
"""Members of whom it is asked whether they came back, and ticks that are looked at, whatever the size of the game."""

MOST_LOGGED, MOST_TICKED, MOST_NEVER = 5, 3, 5
"""How many deeds are named of those logged most, of those ticked most, and of those that nobody logged."""


@dataclass(frozen=True, slots=True)
class Deed:
    """A stat or a challenge by its key, and how many members did it: FEW at least."""

    key: str
    members: int


@dataclass(frozen=True, slots=True)
class Report:
    """The week that began on `first_day`, a date in ISO's form. Who hides is in no figure.

    `members` met the game before the week was over, `newcomers` in it. `active` gathered XP in it, `active_before` in
    the week before; `kept` were there in both, None where nobody counted. `logged` are the stats that most members
    logged, `ticked` the challenges that most ticked, the most first. `unlogged` are some of the stats that nobody
    logged, `unticked` counts the challenges that nobody had done by then, `unticked_one` is one of these, "" for none.
    `raids` are the last that ended, `more_raids` counts the others. The game was down `outages` times, for
    `outage_seconds` together.
    """

    first_day: str
    members: int
    newcomers: int
    active: int
    active_before: int
    kept: int | None = None
    logged: tuple[Deed, ...] = ()
    unlogged: tuple[str, ...] = ()
    ticked: tuple[Deed, ...] = ()
    unticked: int = 0
    unticked_one: str = ""
    raids: tuple[RaidResult, ...] = ()
    more_raids: int = 0
    outages: int = 0
    outage_seconds: float = 0.0

    @property
    def monday(self) -> date:
        return date.fromisoformat(self.first_day)

    @property
    def is_silent(self) -> bool:
        """Whether nobody was there for two weeks: then nothing is sent."""
        return not (self.active or self.active_before or self.newcomers)


def most(counts: Mapping[str, int], listed: int) -> tuple[Deed, ...]:
    """The deeds that most members did; what fewer than FEW did is left out."""
    enough = [Deed(key, members) for key, members in counts.items() if members >= FEW]
    return tuple(sorted(enough, key=lambda each: (-each.members, each.key))[:listed])


def never(keys: Iterable[str], counts: Mapping[str, int]) -> tuple[str, ...]:
    """Those of the keys that nobody did, in their order."""
    return tuple(key for key in keys if not counts.get(key))


def named(undone: Sequence[str], listed: int, pick: Pick) -> tuple[str, ...]:
    """Some of what nobody did, half of it at most.

    As many again are in no list, so a deed that is in none may be one that nobody did: that it was few is not said.
    """
    return tuple(pick(undone, min(listed, len(undone) // 2)))


def read(figures: Mapping[str, Any]) -> Report | None:
    """A report as it was stored; fields that a later version stores are left out.

    None for anything else: an attacker who took over relay could have stored it, and everybody who asks would fail.
    """
    try:
        report = _read(figures)
        return report if report.monday and _is_sound(as_dict(report)) else None
    except (AttributeError, KeyError, TypeError, ValueError):
        return None


COUNTS = ("members", "newcomers", "active", "active_before", "unticked", "more_raids", "outages", "outage_seconds")


def _is_sound(stored: Mapping[str, Any]) -> bool:
    """Whether figures are numbers, and names texts."""
    deeds, raids = (*stored["logged"], *stored["ticked"]), stored["raids"]
    numbers = [stored["kept"] or 0, *(stored[name] for name in COUNTS), *(each["members"] for each in deeds)]
    numbers += [each[name] for each in raids for name in ("target", "total", "contributors")]
    texts = [stored["unticked_one"], *stored["unlogged"], *(each["key"] for each in deeds)]
    texts += [each["type"] for each in raids]
    return all(isinstance(each, int | float) for each in numbers) and all(isinstance(each, str) for each in texts)


def _read(figures: Mapping[str, Any]) -> Report:
    known: dict[str, Any] = {name: figures[name] for name in Report.__match_args__ if name in figures}
    known["logged"], known["ticked"] = _deeds(figures.get("logged", ())), _deeds(figures.get("ticked", ()))
    known["unlogged"] = tuple(figures.get("unlogged", ()))
    known["raids"] = tuple(RaidResult(**each) for each in figures.get("raids", ()))
    return Report(**known)


def _deeds(stored: Sequence[Mapping[str, Any]]) -> tuple[Deed, ...]:
    return tuple(Deed(each["key"], each["members"]) for each in stored)
