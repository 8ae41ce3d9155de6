"""How large a community is, and what that takes: docs/Deployment.md, Costs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Size:
    """So many members, the parameters that it takes, and USD a month at list prices of us-east-1."""

    members: str
    parameters: Mapping[str, str]
    usd: float


NAMES = (
    "DatabaseClass", "DatabaseMultiAz", "DatabaseStorage", "DatabaseStorageLimit", "DatabaseConnectionsAlarmAt",
    "EndpointZones", "ReservedConcurrency", "AwardConcurrency", "ThrottleRate", "ThrottleBurst",
)  # fmt: skip


def _size(members: str, usd: float, *values: str) -> Size:
    return Size(members, dict(zip(NAMES, values, strict=True)), usd)


SIZES = (
    _size("100", 45.28, "db.t4g.small", "false", "20", "100", "115", "1", "-1", "2", "20", "40"),
    _size("10 000", 80.01, "db.t4g.small", "true", "20", "100", "115", "2", "-1", "2", "100", "200"),
    _size("1 000 000", 667.77, "db.r7g.large", "true", "200", "1000", "1100", "2", "100", "5", "1000", "2000"),
)
