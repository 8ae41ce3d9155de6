"""The lines of docs/benchmarks/instructions.md: what each is called, its bar (what must hold) and its stretch."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ALLOWED = 0.03
"""A regression: so much more than the committed figure."""


class Unit(StrEnum):
    MILLIONS = "M"
    MEGABYTES = "MB"


@dataclass(frozen=True, slots=True)
class Line:
    """One figure; `is_guarded` when `make prove` measures it again."""

    key: str
    what: str
    bar: float | None = None
    stretch: float | None = None
    unit: Unit = Unit.MILLIONS
    is_guarded: bool = False


LINES = (
    Line("first-pong", "first PONG", 210, 150, is_guarded=True),
    Line("first-help", "first `/help`", 215, 160, is_guarded=True),
    Line("first-page", "first `/tenseylist`", 570, 400, is_guarded=True),
    Line("first-page-inside", "of it inside the invocation", 150, 90, is_guarded=True),
    Line("first-page-tls", "TLS and the token to the database, more"),
    Line("first-card", "first `/scorecard`", 580, 420),
    Line("first-card-inside", "of it inside the invocation", 150, 90),
    Line("first-tick", "first tick with its message, TLS to both"),
    Line("first-tick-tls", "TLS to the queue of it", 30, 20),
    Line("warm-ping", "warm PING", 1.3, 1.1, is_guarded=True),
    Line("warm-help", "warm `/help`", 2.5, 1.7, is_guarded=True),
    Line("warm-page", "warm page of `/tenseylist`", 5.0, 4.0, is_guarded=True),
    Line("warm-tick", "warm tick with its message", 6.8, 5.5, is_guarded=True),
    Line("warm-card", "warm `/scorecard`", 3.5, 2.8),
    Line("warm-card-roles", "the same, comparing roles", 3.6, 2.9),
    Line("award", "an award, warm, of 1,000", 0.375, is_guarded=True),
    Line("award-of-ten", "the same in batches of ten"),
    Line("message", "first message to SQS, our signer"),
    Line("message-sdk", "first message to SQS, AWS SDK"),
    Line("warm-message", "warm message to SQS, our signer"),
    Line("warm-message-sdk", "warm message to SQS, AWS SDK"),
    Line("warm-seal", "sealing a token, warm"),
    Line("memory-pong", "peak memory after the first PONG", 16, unit=Unit.MEGABYTES),
    Line("memory-page", "peak memory after the first `/tenseylist`", 35, unit=Unit.MEGABYTES),
    Line("memory-growth", "memory from the 1,000th to the 20,000th call, more", 0.5, 0, unit=Unit.MEGABYTES),
    Line("layer", "layer of the interaction functions, unzipped", 40, 30, unit=Unit.MEGABYTES),
)

GUARDED = tuple(line.key for line in LINES if line.is_guarded)


@dataclass(frozen=True, slots=True)
class Regression:
    """A line that costs more than it did; both in its unit, `allowed` on this machine."""

    what: str
    measured: float
    allowed: float

    def __str__(self) -> str:
        return f"{self.what}: {self.measured:,.2f} M, {self.allowed:,.2f} M are allowed"


def regressions(measured: Mapping[str, float], committed: Mapping[str, float]) -> Iterator[Regression]:
    """The guarded lines that cost more than 3 % more than the committed figures.

    Another build of Python, or another processor, has other counts: those of a handler that does nothing say how much
    more. Where they are less, nothing is taken off: that handler is nearly all start, which warm answers do not follow.
    Raises KeyError for a line without a committed figure.
    """
    scale = max(1.0, measured["bare"] / committed["bare"])
    for line in LINES:
        if line.is_guarded:
            allowed = committed[line.key] * scale * (1 + ALLOWED)
            if measured[line.key] > allowed:
                yield Regression(line.what, measured[line.key], allowed)
