"""Cheers for what the bot has posted of a member: they count, and bring no XP (docs/rules/announcements.md, Cheers)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

NAMED = 2
"""Who cheered first is named; the others are counted."""


@dataclass(frozen=True, slots=True)
class Post:
    """What was posted: an announcement by its key, or a digest (else None)."""

    key: str
    digest_id: int | None = None


@dataclass(frozen=True, slots=True)
class Cheers:
    """How many have cheered, and the first of those who may be named in public."""

    count: int
    named: tuple[str, ...]


class Became(StrEnum):
    """The result of a tap: a second one takes the first back; nobody can cheer for themselves, or for a lapsed post."""

    GIVEN = "given"
    TAKEN_BACK = "taken_back"
    OWN = "own"
    GONE = "gone"
