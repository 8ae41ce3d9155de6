"""What can wait for a member: lines on top of their next private answer (docs/rules/messages.md, For you)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class Kind(StrEnum):
    """What waits, the most important first."""

    BACK = "back"
    WARNING = "warning"
    ANSWER = "answer"
    AWARD = "award"
    RAID = "raid"
    CHEER = "cheer"
    START = "start"
    GO_ON = "go_on"


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that waits: which one of its kind, what a line says of it, and on how many answers it stood."""

    kind: Kind
    ref: int
    details: Mapping[str, Any]
    shown: int = 0


def by_kind(found: Iterable[Mapping[str, Any]]) -> dict[Kind, list[Line]]:
    """What was found, the most important kind first; without kinds that only another version knows."""
    known = {kind.value: place for place, kind in enumerate(Kind)}
    lines = [Line(Kind(row["kind"]), row["ref"], row["details"], row["shown"]) for row in found if row["kind"] in known]
    ordered = sorted(lines, key=lambda line: (known[line.kind], line.ref))
    return {kind: list(each) for kind, each in groupby(ordered, lambda line: line.kind)}
