"""Requests to Discord that the game makes on its own: how they wait, and their outcomes (docs/rules/relay.md)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

type Ref = str | int | bool
"""What a row may say of other rows: a number, a switch, or a short word without blanks."""


class State(StrEnum):
    """The states of a row (migrations/014_outbox.sql)."""

    DUE = "due"
    HANDED = "handed"
    DONE = "done"
    LAPSED = "lapsed"
    REFUSED = "refused"
    GONE = "gone"
    UNKNOWN = "unknown"


class Priority(IntEnum):
    """In which order what is due is handed over."""

    MODERATION = 1
    NEWS = 2  # edits and announcements: somebody looks at it now
    REMINDERS = 3


CLOSED = 50007
"""Discord's code for somebody who accepts no direct messages (docs/rules/discord.md)."""

UNANSWERED = 50
"""Hand-overs that may wait for their outcome at once: an urgent one never has more before it."""

PATIENCE = timedelta(minutes=2)
"""How long Discord may be asked after a hand-over; what is said is true at its beginning."""

LATE = timedelta(seconds=30)
"""How long after that deadline nothing is on its way any more, whatever the clocks say: then relay asks."""

ASKED_AGAIN = timedelta(minutes=5)
"""Between two questions about the same hand-over, and about whether there is a bot."""

STOPPED = timedelta(minutes=10)
"""How long a request waits whose route Discord has refused too often."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of the outbox that is due; `user_id` is None when it is about the server.

    `tries` is how often it was handed over, `tried` whether Discord may have been asked by one that came back.
    """

    id: int
    key: str
    kind: str
    user_id: int | None
    refs: Mapping[str, Ref]
    due_at: datetime
    tries: int
    tried: bool


def hand_over_id(entry_id: int, tries: int) -> str:
    """The name of one hand-over of a row."""
    return f"{entry_id}-{tries}"


def read_hand_over_id(name: str) -> tuple[int, int] | None:
    """The row and the try that a hand-over names; None for anything else."""
    entry_id, _, tries = name.partition("-")
    if not (entry_id.isascii() and entry_id.isdecimal() and tries.isascii() and tries.isdecimal()):
        return None
    return int(entry_id), int(tries)


def nonce(entry_id: int) -> str:
    """The nonce of all hand-overs of a row, at most 25 characters."""
    return f"mastermind-{entry_id}"[:25]
