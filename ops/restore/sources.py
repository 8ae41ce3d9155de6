"""What a database can be restored from: its snapshots, and any moment that RDS's own backups still cover."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from mastermind.operations import durations
from mastermind.operations.backup.rules import AVAILABLE, TAG
from ops import given
from ops.asking import Choice, Question, Refused, choose
from ops.checks.snapshot import NEW_STACK, problems

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ops.asking import Asking
    from ops.restore.instances import Instance
    from ops.target import Target

OFFERED = 10
"""The newest snapshots, among which one is chosen; any other is named."""


@dataclass(frozen=True, slots=True)
class Source:
    """A snapshot, or with no name a moment: what was played until then will be there."""

    moment: datetime
    snapshot: str = ""

    @property
    def words(self) -> str:
        """As a person reads it, and as a tag of RDS may be."""
        return f"{self.snapshot} of {written(self.moment)}" if self.snapshot else written(self.moment)


@dataclass(frozen=True, slots=True)
class Known:
    """What there is to choose from: the stack's own instance, if it is there, and the snapshots, newest first."""

    stack: str
    name: str
    instance: Instance | None
    snapshots: tuple[Mapping[str, Any], ...]

    @property
    def window(self) -> tuple[datetime, datetime] | None:
        """From when until when any moment can be had; None if RDS has no backups of the instance."""
        if self.instance is None or self.instance.status != AVAILABLE:
            return None
        described = self.instance.described
        latest, days = described.get("LatestRestorableTime"), described.get("BackupRetentionPeriod", 0)
        if not (latest and days):
            return None
        return max(described["InstanceCreateTime"], datetime.now(UTC) - timedelta(days=days)), latest


def look(target: Target, name: str, instance: Instance | None) -> Known:
    """What the database of that name can be restored from."""
    found = target.all_of("rds", "describe_db_snapshots", "DBSnapshots")
    ours = [one for one in found if _is_of(one, target.stack, name) and one["Status"] == AVAILABLE]
    newest_first = sorted(ours, key=lambda one: one["SnapshotCreateTime"], reverse=True)
    return Known(target.stack, name, instance, tuple(newest_first))


def _is_of(snapshot: Mapping[str, Any], stack: str, name: str) -> bool:
    tags = {one["Key"]: one["Value"] for one in snapshot.get("TagList", ())}
    return snapshot["DBInstanceIdentifier"] == name or tags.get(TAG) == stack


# --- what was typed ---


def of_snapshot(target: Target, known: Known, name: str) -> Source:
    """The snapshot of that name; raises Refused for one that cannot be used."""
    every = target.all_of("rds", "describe_db_snapshots", "DBSnapshots")
    found = next((one for one in every if one["DBSnapshotIdentifier"].lower() == name.lower()), None)
    if found is None:
        raise Refused(f"There is no snapshot {name} in {target.region}. {_newest(known)}")
    if not _is_of(found, known.stack, known.name):
        raise Refused(
            f"{name} is of the database {found['DBInstanceIdentifier']}, and this game's is {known.name}."
            f" {_newest(known)} A game of its own can be made of it: {NEW_STACK}"
        )
    for words, fix in problems(found, found["AllocatedStorage"]):
        raise Refused(f"{name} {words}. {fix}")
    return Source(found["SnapshotCreateTime"], found["DBSnapshotIdentifier"])


def of_moment(known: Known, moment: datetime) -> Source:
    """That moment; raises Refused for one that RDS has no backup of."""
    if known.window is None:
        raise Refused(
            "RDS has no running backups of this database: it is away, or too new. Restore a snapshot: " + _newest(known)
        )
    earliest, latest = known.window
    if not earliest <= moment <= latest:
        raise Refused(
            f"{written(moment)} cannot be restored: RDS has every moment from {written(earliest)}"
            f" to {written(latest)}. For an older state choose a snapshot: {_newest(known)}"
        )
    return Source(moment)


def _newest(known: Known) -> str:
    names = ", ".join(one["DBSnapshotIdentifier"] for one in known.snapshots[:3])
    return f"The newest of this game: {names}." if names else "This game has no snapshot."


# --- what is asked ---


def ask(asking: Asking, known: Known) -> Source:
    """Which snapshot or moment; raises Refused if there is nothing to choose from."""
    now = datetime.now(UTC)
    offered: list[Choice[Source | None]] = [
        Choice(
            one["DBSnapshotIdentifier"],
            Source(one["SnapshotCreateTime"], one["DBSnapshotIdentifier"]),
            f"{written(one['SnapshotCreateTime'])}, {ago(now, one['SnapshotCreateTime'])}",
        )
        for one in known.snapshots[:OFFERED]
    ]
    if known.window:
        offered.append(Choice("another moment", None, f"{written(known.window[0])} to {written(known.window[1])}"))
    if not offered:
        raise Refused(f"There is nothing to restore from: no snapshot of {known.name}, and no running backups of it.")
    chosen = asking.ask(choose("source", "What is to be restored?", offered))
    return chosen or _ask_moment(asking, known)


def _ask_moment(asking: Asking, known: Known) -> Source:
    words = "Which moment, in UTC? As 2026-11-23 02:55."
    return asking.ask(Question("moment", words, lambda typed: of_moment(known, given.moment(typed))))


def written(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def ago(now: datetime, moment: datetime) -> str:
    return f"{durations.in_words((now - moment).total_seconds())} ago"
