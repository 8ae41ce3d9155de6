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


MONTH = 730 * 3600
"""Seconds."""

HEALTH_RATE = 2
"""Requests a second that /health accepts, as in the template."""

API_PRICES = ((333e6, 3.50), (667e6, 2.80), (19e9, 2.38))
"""USD for a million requests, for the first so many of a month and the next."""

REFUSAL = 0.20 + 0.005 * 13.33
"""USD for a million calls of a function that refuses for 5 ms with 1 GB."""


def at_the_throttle(rate: float) -> float:
    """USD of a month in which strangers take all that each bot accepts a second, and /health."""
    requests, price = (2 * rate + HEALTH_RATE) * MONTH, 0.0
    left = requests
    for most, usd in API_PRICES:
        price += min(left, most) / 1e6 * usd
        left = max(0.0, left - most)
    return price + requests / 1e6 * REFUSAL


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
