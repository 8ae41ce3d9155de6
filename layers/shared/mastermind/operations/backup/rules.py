"""Snapshots of the database: their names, which are usable, and which may be pruned.

Rules: docs/rules/backups.md.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import tzinfo

    from mastermind.gateways.snapshots import Snapshot

TAG = "BackupOf"
"""The tag of ours; its value is the stack. What it may delete is bound to it in the function's role as well."""

AVAILABLE, CREATING, FAILED = "available", "creating", "failed"
"""RDS's words for how a snapshot is; it has a few more."""


class SnapshotKind(StrEnum):
    NIGHT = "night"
    ASKED = "asked"


@dataclass(frozen=True, slots=True)
class Kept:
    """How many of the newest are never pruned: so many of the nights, and so many that were asked for.

    Each kind by itself, or a few requests in a row would push out every night.
    """

    nights: int
    asked: int


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose snapshots are ours: those of this stack, of this instance."""

    stack: str
    instance: str

    @property
    def tags(self) -> dict[str, str]:
        return {TAG: self.stack}

    def of_night(self, at: datetime, zone: tzinfo) -> str:
        """The name of the night at `at`, by the operator's clock: two of one day are one."""
        return f"{self.stack}-{at.astimezone(zone):%Y%m%d}"

    def of_night_before(self, at: datetime, zone: tzinfo) -> str:
        """The name of the night before that; a day of the calendar, however many hours it had."""
        return f"{self.stack}-{at.astimezone(zone).date() - timedelta(days=1):%Y%m%d}"

    def asked_for(self, at: datetime) -> str:
        """The name of one that was asked for at `at`."""
        return f"{self.stack}-{asked_name(at)}"

    def kind(self, name: str) -> SnapshotKind | None:
        """Which of ours is called so; None for any other name, however much it looks like ours."""
        found = re.fullmatch(rf"{re.escape(self.stack)}-(?:(?P<night>\d{{8}})|manual-\d{{12}})", name)
        if found is None:
            return None
        return SnapshotKind.NIGHT if found["night"] else SnapshotKind.ASKED

    def owns(self, snapshot: Snapshot) -> bool:
        """Whether it is of this instance, has our tag, and is called as only ours are."""
        is_ours = snapshot.instance == self.instance and snapshot.tags.get(TAG) == self.stack
        return is_ours and self.kind(snapshot.name) is not None

    def prunable(self, snapshots: Iterable[Snapshot], kept: Kept) -> tuple[Snapshot, ...]:
        """Those that may go, the oldest first: ours, available, and beyond the newest of their kind."""
        restorable = sorted(filter(self._is_restorable, snapshots), key=_age)
        of_nights = [one for one in restorable if self.kind(one.name) is SnapshotKind.NIGHT]
        asked_for = [one for one in restorable if self.kind(one.name) is SnapshotKind.ASKED]
        return tuple(sorted((*of_nights[: -kept.nights], *asked_for[: -kept.asked]), key=_age))

    def _is_restorable(self, snapshot: Snapshot) -> bool:
        return self.owns(snapshot) and snapshot.status == AVAILABLE

    def nights(self, snapshots: Iterable[Snapshot]) -> tuple[str, ...]:
        """The names of our nightly ones, whatever became of them."""
        return tuple(one.name for one in snapshots if self.owns(one) and self.kind(one.name) is SnapshotKind.NIGHT)


def newest(snapshots: Iterable[Snapshot]) -> Snapshot | None:
    """The newest that one can restore from; None when there is none."""
    return max((one for one in snapshots if one.status == AVAILABLE and one.made), key=_age, default=None)


def asked_name(at: datetime) -> str:
    """How the name ends of one that was asked for at `at`; in UTC, where no minute comes twice."""
    return f"manual-{at.astimezone(UTC):%Y%m%d%H%M}"


def is_usable(snapshot: Snapshot | None) -> bool:
    """Whether it is available or is being created, so that none has to be made."""
    return snapshot is not None and snapshot.status in {AVAILABLE, CREATING}


def _age(snapshot: Snapshot) -> tuple[datetime, str]:
    return snapshot.made or datetime.min.replace(tzinfo=UTC), snapshot.name
