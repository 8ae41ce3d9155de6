"""What a line of the launch checklist is, and its result."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from local.cloud import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ops.checks.findings import Context
    from ops.target import Target

STABLE_HOURS = 24
"""Hours without a bad health check before a launch."""


class State(StrEnum):
    """The result of a line."""

    PASS = "pass"  # noqa: S105 (a word of the checklist)
    FAIL = "fail"
    BY_HAND = "confirm by hand"
    ONLY_ON_AWS = "only on AWS"


@dataclass(frozen=True, slots=True)
class Result:
    """The result of a line; `proof` is the raw evidence."""

    state: State
    words: str
    proof: str = ""


@dataclass(frozen=True, slots=True)
class Site:
    """What is to be launched, from which checkout, and for how many hours it must have been healthy."""

    context: Context
    hours: int = STABLE_HOURS
    checkout: Path = ROOT

    @property
    def target(self) -> Target:
        return self.context.target


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the list: its name, what must be true, and how it is checked."""

    name: str
    sentence: str
    check: Callable[[Site], Result]
