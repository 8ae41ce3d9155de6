"""Backups: nightly and requested snapshots; each made once, replaced when it failed, pruned when old."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol

from mastermind import observability
from mastermind.errors import Unavailable
from mastermind.operations.backup.rules import AVAILABLE, FAILED, is_usable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import tzinfo

    from mastermind.deadline import Deadline
    from mastermind.gateways.snapshots import Snapshot
    from mastermind.json_types import Json
    from mastermind.operations.backup.rules import Kept, Owner


log = logging.getLogger(__name__)

SPARE = 3.0
"""Seconds before the deadline at which pruning stops; the next backup continues."""

FIRST, MISSING = "none yet", "missing"
"""The status of the night before when it has no snapshot: it was the first night, or one is missing."""


class SnapshotStore(Protocol):
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
    snapshots: SnapshotStore
    kept: Kept
    zone: tzinfo
    now: Callable[[], datetime] = _now

    def run_nightly(self, deadline: Deadline) -> Json:
        """Start tonight's snapshot, and check that of the night before.

        {"snapshot": name, "outcome": "begun" | "already exists" | "replaced", "night_before": status,
        "pruned": [name]}. However often it runs on one day, there is one snapshot. Raises Unavailable when it could not
        be started; then nothing is pruned.
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
        """Start the snapshot that was asked for at `at`; requests within one minute get the same snapshot.

        As `run_nightly`, without the night before. It counts only until there is a nightly one: after that a request
        must not silence the alarm on them (docs/rules/backups.md, Watched).
        """
        name, known = self.owner.asked_for(at), self.snapshots.all(deadline)
        outcome = self._make(name, known, deadline)
        if not self.owner.nights(known):
            observability.count(observability.BACKUPS, 1)
        return self._pruned({"snapshot": name, "outcome": outcome}, known, deadline)

    def _make(self, name: str, known: Sequence[Snapshot], deadline: Deadline) -> str:
        there = next((one for one in known if one.name == name), None)
        if is_usable(there):
            return "already exists"
        if there is not None:
            return self._replace(there, deadline)
        if self.snapshots.create(name, self.owner.tags, deadline):
            return "begun"
        return self._taken(name, deadline)

    def _replace(self, there: Snapshot, deadline: Deadline) -> str:
        """Replace a snapshot that failed with a new one of the same name."""
        if there.status != FAILED or not self.owner.owns(there):
            raise Unavailable(f"the snapshot {there.name} is {there.status}, and cannot be replaced")
        self.snapshots.delete(there.name, deadline)
        if not self.snapshots.create(there.name, self.owner.tags, deadline):
            raise Unavailable(f"the snapshot {there.name} failed and could not be deleted")
        return "replaced"

    def _taken(self, name: str, deadline: Deadline) -> str:
        """The name was taken meanwhile: by another process of ours, or by an instance that had this stack's name."""
        there = self.snapshots.find(name, deadline)
        if there and there.instance == self.owner.instance and is_usable(there):
            return "already exists"
        raise Unavailable(f"the name {name} is taken by a snapshot that is not restorable or not ours")

    def _night_before(self, at: datetime, name: str, known: Sequence[Snapshot]) -> str:
        """The status of the snapshot of the night before, as RDS names it; or FIRST, or MISSING."""
        before = self.owner.of_night_before(at, self.zone)
        found = next((one for one in known if one.name == before and one.instance == self.owner.instance), None)
        if found:
            return found.status
        return MISSING if any(night < name for night in self.owner.nights(known)) else FIRST

    def _pruned(self, report: Json, known: Sequence[Snapshot], deadline: Deadline) -> Json:
        """The report with what was pruned; one that cannot be deleted does not keep the others."""
        gone: list[str] = []
        for one in self.owner.prunable(known, self.kept):
            if deadline.remaining() < SPARE:
                break
            if self._is_deleted(one, deadline):
                gone.append(one.name)
        report["pruned"] = gone
        log.info("backed up", extra={"backup": report})
        return report

    def _is_deleted(self, one: Snapshot, deadline: Deadline) -> bool:
        try:
            self.snapshots.delete(one.name, deadline)
        except Unavailable as error:
            log.error("an old snapshot cannot be pruned", extra={"snapshot": one.name, "reason": str(error)})  # noqa: TRY400 # RDS's reason is all there is
            observability.count(observability.BUGS)
            return False
        return True
