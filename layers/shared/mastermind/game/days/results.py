"""The result of a change of a day: as it is answered, and as it is restored for a repeat."""

from __future__ import annotations

from copy import replace
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from mastermind.game.days.streaks import Pause, Streak
from mastermind.game.days.xp import Price
from mastermind.game.first_week.rules import Matter
from mastermind.game.levels import rules as levels
from mastermind.game.raids.rules import RaidStatus
from mastermind.postgres import outcomes
from mastermind.postgres.exchange import only

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mastermind.game.days.rules import DayCard
    from mastermind.game.raids.table import Raid
    from mastermind.postgres.connection import Cursor


@dataclass(frozen=True, slots=True)
class Submitted:
    """What a submission led to: what it `added` to which `counts` of the day, their price, and the XP it booked.

    `streak` and `xp` are the member's after it. `late`: the day's grace was over. `raid` is the points that counted for
    a raid, None when none ran or the day was not today; `raid_now` is that raid, as everybody may see it, and
    `finished` when this reached its target. `resumed`: it ended the member's pause. `returned`: it was the first after
    an absence. `explained` is what the first week explains with it. `repeated`: nothing was stored now, this is the
    stored outcome.
    """

    day: date
    today: date
    added: Mapping[str, int]
    counts: Mapping[str, int]
    price: Price
    booked_xp: int
    streak: Streak
    xp: int
    late: bool
    raid: int | None
    raid_id: int | None = None
    raid_now: Raid | None = None
    finished: bool = False
    resumed: bool = False
    returned: bool = False
    explained: Matter | None = None
    repeated: bool = False

    @property
    def level(self) -> int:
        return levels.level_of(self.xp)


@dataclass(frozen=True, slots=True)
class Edited:
    """What an edit or a deletion led to: the counts of the day `before` and after it, and the XP it booked, signed.

    `wanted` are the counts that it was to set. The raid is as for a submission.
    """

    day: date
    today: date
    wanted: Mapping[str, int]
    before: Mapping[str, int]
    counts: Mapping[str, int]
    price: Price
    booked_xp: int
    streak: Streak
    xp: int
    raid: int | None
    raid_id: int | None = None
    raid_now: Raid | None = None
    finished: bool = False
    repeated: bool = False

    @property
    def level(self) -> int:
        return levels.level_of(self.xp)


@dataclass(frozen=True, slots=True)
class Blow:
    """The points that counted for a raid, and how it stands with them."""

    points: Cursor[int]
    raid: Cursor[Raid]


def raid(blow: Blow | None) -> dict[str, Any]:
    """A result's part about a raid; the raid was active before, so if its target is reached, this reached it."""
    points = only(blow.points) if blow else 0
    if not blow or not points:
        return {"raid": None}
    now = only(blow.raid)
    return {
        "raid": points,
        "raid_id": now.raid_id,
        "raid_now": now,
        "finished": now.status is RaidStatus.COMPLETED,
    }


def remembered[Kind: (Submitted, Edited)](kind: type[Kind], stored: Mapping[str, Any], now: DayCard) -> Kind:
    """The stored outcome; missing parts are taken from the day as it is now."""
    as_it_stands: dict[str, object] = {
        "day": now.day,
        "today": now.today,
        "added": {},
        "wanted": {},
        "before": now.counts,
        "counts": now.counts,
        "price": now.price,
        "booked_xp": 0,
        "streak": now.streak,
        "xp": now.xp,
        "late": now.late,
        "raid": None,
    }
    known = {name: _READERS[name](value) if name in _READERS else value for name, value in stored.items()}
    return replace(outcomes.restored(kind, as_it_stands | known), repeated=True)


def _price(stored: Mapping[str, int]) -> Price:
    return outcomes.restored(Price, {"base": 0, **stored})


def _streak(stored: Mapping[str, Any]) -> Streak:
    streak = outcomes.restored(Streak, stored)
    last = date.fromisoformat(stored["last"]) if stored.get("last") else None
    frozen, rested = (tuple(map(date.fromisoformat, stored.get(name, ()))) for name in ("frozen", "rested"))
    return replace(streak, last=last, frozen=frozen, rested=rested, pause=_pause(stored.get("pause")))


def _pause(stored: Mapping[str, str] | None) -> Pause | None:
    return Pause(date.fromisoformat(stored["first"]), date.fromisoformat(stored["last"])) if stored else None


def _matter(stored: str | None) -> Matter | None:
    return Matter(stored) if stored in set(Matter) else None


_READERS: Mapping[str, Callable[[Any], object]] = {
    "day": date.fromisoformat,
    "today": date.fromisoformat,
    "price": _price,
    "streak": _streak,
    "explained": _matter,
}
"""Converts the parts of the stored outcome for which JSON has no type."""
