"""What a row of the ledger can be: who books it, and as what."""

from __future__ import annotations

from enum import StrEnum


class Source(StrEnum):
    """The part of the game that books a row, as the database names it."""

    ADMIN = "admin"
    COURSE = "course"
    RAID = "raid"
    STATS = "stats"
    TENSEY = "tensey"
    TODAY = "today"


class BookingKind(StrEnum):
    """What a row is, among those of its source."""

    ADJUSTMENT = "adjustment"
    AWARD = "award"
    DELETE = "delete"
    EDIT = "edit"
    MODULE = "module"
    OUTAGE = "outage"
    RESET = "reset"
    REVERSAL = "reversal"
    REWARD = "reward"
    SUBMIT = "submit"
    TOP = "top"
