"""Backups: the night's snapshot and those asked for; each made once, replaced when it failed, pruned when old."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol

from mastermind import observability
from mastermind.errors import Unavailable
from mastermind.operations.backup.rules import AVAILABLE, FAILED, stands

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import tzinfo

    from mastermind.deadline import Deadline
    from mastermind.gateways.snapshots import Snapshot
    from mastermind.json_types import Json
    from mastermind.operations.backup.rules import Owner


log = logging.getLogger(__name__)

SPARE = 3.0
"""Seconds before its deadline at which nothing more is pruned: the next backup goes on."""

FIRST, MISSING = "none yet", "missing"
"""What is said of the night before when there is no snapshot of it: there could not be one, or there should be."""


class Snapshots(Protocol):
    """The snapshots of our instance; each may raise Unavailable."""

    def all(self, deadline: Deadline) -> Sequence[Snapshot]: ...
    def find(self, name: str, deadline: Deadline) -> Snapshot | None: ...
    def create(self, name: str, tags: Mapping[str, str], deadline: Deadline) -> bool: ...
    def delete(self, name: str, deadline: Deadline) -> None: ...


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Backup:
    """The backups of one stack; `zone` is that of the operator's nights."""

    owner: Owner
    snapshots: Snapshots
    zone: tzinfo
    now: Callable[[], datetime] = _now

    def of_the_night(self, deadline: Deadline) -> Json:
        """Have tonight's made, and see what became of the night before.

        {"snapshot": name, "outcome": "begun" | "stood" | "replaced", "night_before": status, "pruned": [name]}. As
        often as it is called on one day there is one. Raises Unavailable when there will be none; then nothing is
        pruned.
        """
        at, known = self.now(), self.snapshots.all(deadline)
        name = self.owner.of_night(at, self.zone)
        outcome = self._make(name, known, deadline)
        before = self._night_before(at, name, known)
        is_whole = before in {AVAILABLE, FIRST}
        if not is_whole:
            log.error("the backup of the night before is not there", extra={"night_before": before})
        observability.count(observability.BACKUPS, int(is_whole))
        return self._pruned({"snapshot": name, "outcome": outcome, "night_before": before}, known, deadline)

    def asked_for(self, at: datetime, deadline: Deadline) -> Json:
        """Have the one made that was asked for at `at`; one minute's are one. As `of_the_night`, but for the night."""
        name, known = self.owner.asked_for(at), self.snapshots.all(deadline)
        outcome = self._make(name, known, deadline)
        observability.count(observability.BACKUPS)
        return self._pruned({"snapshot": name, "outcome": outcome}, known, deadline)

    def _make(self, name: str, known: Sequence[Snapshot], deadline: Deadline) -> str:
        there = next((one for one in known if one.name == name), None)
        if stands(there):
            return "stood"
        if there is not None:
            return self._replace(there, deadline)
        if self.snapshots.create(name, self.owner.tags, deadline):
            return "begun"
        return self._taken(name, deadline)

    def _replace(self, there: Snapshot, deadline: Deadline) -> str:
        """Make it anew in the place of one that failed."""
        if there.status != FAILED or not self.owner.owns(there):
            raise Unavailable(f"the snapshot {there.name} is {there.status}, and cannot be replaced")
        self.snapshots.delete(there.name, deadline)
        if not self.snapshots.create(there.name, self.owner.tags, deadline):
            raise Unavailable(f"the snapshot {there.name} has failed, and does not go")
        return "replaced"

    def _taken(self, name: str, deadline: Deadline) -> str:
        """Somebody was faster: another process of ours, or another instance that had this stack's name."""
        there = self.snapshots.find(name, deadline)
        if there and there.instance == self.owner.instance and stands(there):
            return "stood"
        raise Unavailable(f"the name {name} is taken, and not by a snapshot that one could restore")

    def _night_before(self, at: datetime, name: str, known: Sequence[Snapshot]) -> str:
        """How the snapshot of the night before is, in RDS's word; or FIRST, or MISSING."""
        before = self.owner.of_night_before(at, self.zone)
        found = next((one for one in known if one.name == before and one.instance == self.owner.instance), None)
        if found:
            return found.status
        return MISSING if self.owner.had_nights_before(known, name) else FIRST

    def _pruned(self, report: Json, known: Sequence[Snapshot], deadline: Deadline) -> Json:
        """The report with what was pruned, once what it tells of stands."""
        gone: list[str] = []
        for one in self.owner.prunable(known):
            if deadline.remaining() < SPARE:
                break
            self.snapshots.delete(one.name, deadline)
            gone.append(one.name)
        report["pruned"] = gone
        log.info("backed up", extra={"backup": report})
        return report
