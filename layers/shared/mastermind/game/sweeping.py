"""What the sweeps of overdue awards and of raids' rewards have in common."""

from __future__ import annotations

from enum import Enum, auto

BATCH = 500
"""Awards or rewards that a sweep reads at once (docs/rules/awards.md)."""

SPARE = 2.0
"""Seconds before its time-out at which a sweep stops (docs/rules/awards.md)."""


class Swept(Enum):
    """What a sweep did with one award or reward."""

    APPLIED = auto()
    SETTLED = auto()  # by another process, since it was read
    BUSY = auto()  # another transaction has locked the member
    REFUSED = auto()  # by the database
