"""The snapshots of our database: RDS's automated ones and requested ones."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from mastermind.gateways.sdk import asked, client

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime

    from mastermind.deadline import Deadline

MOST_PAGES = 50  # of a hundred each; RDS keeps 100 manual ones and 35 days of automated ones

MOST_TAGS = 50  # of a resource (RDS user guide, Tagging Amazon RDS resources)

EXISTS = "DBSnapshotAlreadyExists"
GONE = {"DBSnapshotNotFound", "DBSnapshotNotFoundFault"}  # the first is RDS's; emulators say the second


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A snapshot as RDS describes it; `made` is None until it begins to be."""

    name: str
    instance: str
    status: str
    made: datetime | None = None
    tags: Mapping[str, str] = field(default_factory=dict[str, str])


class Rds(Protocol):
    """RDS, as far as it is needed."""

    def describe_db_instances(self, *, DBInstanceIdentifier: str) -> Mapping[str, Any]: ...  # noqa: N803 # AWS's words

    def describe_db_snapshots(self, **asked: str) -> Mapping[str, Any]: ...

    def create_db_snapshot(
        self,
        *,
        DBSnapshotIdentifier: str,  # noqa: N803 # AWS's own words
        DBInstanceIdentifier: str,  # noqa: N803
        Tags: Sequence[Any],  # noqa: N803
    ) -> object: ...

    def delete_db_snapshot(self, *, DBSnapshotIdentifier: str) -> object: ...  # noqa: N803


class Snapshots:
    """The snapshots of one instance."""

    def __init__(self, instance: str, rds: Rds) -> None:
        self._instance, self._rds = instance, rds

    def all(self, deadline: Deadline) -> tuple[Snapshot, ...]:
        """Every one of the instance, our own or not; raises Unavailable."""
        return tuple(_read(one) for page in self._pages(deadline) for one in page["DBSnapshots"])

    def find(self, name: str, deadline: Deadline) -> Snapshot | None:
        """The one of that name, of whatever instance; raises Unavailable."""
        page = self._ask(partial(self._rds.describe_db_snapshots, DBSnapshotIdentifier=name), deadline, GONE)
        return _read(page["DBSnapshots"][0]) if page and page["DBSnapshots"] else None

    def create(self, name: str, tags: Mapping[str, str], deadline: Deadline) -> bool:
        """Begin to make one of that name; False when there is one already. Raises Unavailable.

        It has the instance's tags as well. RDS copies those only to a snapshot that is made without tags (RDS user
        guide, Copying tags to DB instance snapshots).
        """
        begin = partial(
            self._rds.create_db_snapshot,
            DBSnapshotIdentifier=name,
            DBInstanceIdentifier=self._instance,
            Tags=[{"Key": key, "Value": value} for key, value in self._with_inherited(tags, deadline).items()],
        )
        return self._ask(begin, deadline, {EXISTS}) is not None

    def delete(self, name: str, deadline: Deadline) -> None:
        """Delete it, if it is still there; raises Unavailable."""
        self._ask(partial(self._rds.delete_db_snapshot, DBSnapshotIdentifier=name), deadline, GONE)

    def _with_inherited(self, tags: Mapping[str, str], deadline: Deadline) -> dict[str, str]:
        """These tags, then as many of the instance's as fit. Those of AWS's own can only be set by AWS."""
        look = partial(self._rds.describe_db_instances, DBInstanceIdentifier=self._instance)
        (instance,) = asked("RDS", look, deadline)["DBInstances"]
        theirs = {key: value for key, value in _tags(instance).items() if not key.startswith("aws:")}
        every = {**tags, **{key: value for key, value in theirs.items() if key not in tags}}
        return dict(list(every.items())[:MOST_TAGS])

    def _pages(self, deadline: Deadline) -> Iterator[Mapping[str, Any]]:
        marker = ""
        for _ in range(MOST_PAGES):
            page = self._page(marker, deadline)
            yield page
            marker = page.get("Marker", "")
            if not marker:
                return

    def _page(self, marker: str, deadline: Deadline) -> Mapping[str, Any]:
        return asked(
            "RDS",
            lambda: self._rds.describe_db_snapshots(DBInstanceIdentifier=self._instance, Marker=marker),
            deadline,
        )

    def _ask[T](self, question: Callable[[], T], deadline: Deadline, expected: set[str]) -> T | None:
        """The answer; None when RDS refuses with a code that is expected."""
        return asked("RDS", lambda: _unless(question, expected), deadline)


def _unless[T](question: Callable[[], T], expected: set[str]) -> T | None:
    from botocore.exceptions import ClientError

    try:
        return question()
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") in expected:
            return None
        raise


def _read(found: Mapping[str, Any]) -> Snapshot:
    made: datetime | None = found.get("SnapshotCreateTime")
    return Snapshot(found["DBSnapshotIdentifier"], found["DBInstanceIdentifier"], found["Status"], made, _tags(found))


def _tags(found: Mapping[str, Any]) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in found.get("TagList", ())}


def snapshots(instance: str) -> Snapshots:
    """The real ones."""
    return Snapshots(instance, client("rds"))
