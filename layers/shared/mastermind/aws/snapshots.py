"""The snapshots of our database, those RDS makes by itself and those that are asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from mastermind.aws.sdk import asked, client

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from mastermind.deadline import Deadline

AVAILABLE = "available"
MOST_PAGES = 50  # of a hundred each; RDS keeps 100 manual ones and 35 days of automated ones


class Rds(Protocol):
    """RDS, as far as it is needed."""

    def describe_db_snapshots(self, *, DBInstanceIdentifier: str, Marker: str) -> Mapping[str, Any]: ...  # noqa: N803 # AWS's own words


class Snapshots:
    """The snapshots of one instance."""

    def __init__(self, instance: str, rds: Rds) -> None:
        self._instance, self._rds = instance, rds

    def newest(self, deadline: Deadline) -> datetime | None:
        """When the newest was made that one can restore from; None when there is none. Raises Unavailable."""
        found = [one for page in self._pages(deadline) for one in page["DBSnapshots"]]
        made = [
            one["SnapshotCreateTime"] for one in found if one["Status"] == AVAILABLE and "SnapshotCreateTime" in one
        ]
        return max(made, default=None)

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


def snapshots(instance: str) -> Snapshots:
    """The real ones."""
    return Snapshots(instance, client("rds"))
