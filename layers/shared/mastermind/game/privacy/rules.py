"""The deletion log: its content, its place, and how long it is kept."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from mastermind.discord.snowflakes import made_at

DELETIONS = "deletions/"
"""Below it stands who was deleted, and when: what a restore of the database brings back must go again.

A deletion has two entries, its beginning and its end, and each is written once: nothing here is ever overwritten. A
beginning without an end is a deletion that failed, and is not repeated.
"""

DELETIONS_KEPT = timedelta(days=400)
"""For so long; nothing older may be restored without going through the deletions by other means."""

ACTS_KEPT = timedelta(days=400)
"""For so long the audit log has the id of who did something to others, though they had themselves deleted (012)."""

AS_JSON = {"Content-Type": "application/json"}
"""The headers of an entry."""


@dataclass(frozen=True, slots=True)
class Began:
    """A member confirmed twice, in this interaction, that they want to be deleted."""

    interaction_id: int
    user_id: int
    began: datetime


@dataclass(frozen=True, slots=True)
class Ended:
    """The database deleted the member, at that time by its own clock. Who that is stands in the beginning alone."""

    interaction_id: int
    ended: datetime


@dataclass(frozen=True, slots=True)
class Deletion:
    """A completed deletion: everything that was written about the member until `ended` is deleted, nothing later."""

    interaction_id: int
    user_id: int
    ended: datetime


def begin(user_id: int, interaction_id: int) -> Began:
    """The deletion that an interaction asked for, at the time in its id, which a repeat does not move."""
    return Began(interaction_id, user_id, made_at(interaction_id))


def key(entry: Began | Ended) -> str:
    """Where an entry stands; a repeat of the interaction has the same ones."""
    part = "began" if isinstance(entry, Began) else "ended"
    return f"{DELETIONS}{made_at(entry.interaction_id):%Y-%m-%d}/{entry.interaction_id}-{part}.json"


def write(entry: Began | Ended | Deletion) -> bytes:
    """An entry as JSON: ids and a time, and nothing else. Ids are texts, as JSON keeps them whole for every reader."""
    values = {name: getattr(entry, name) for name in entry.__slots__}
    return json.dumps(
        {name: value.isoformat() if isinstance(value, datetime) else str(value) for name, value in values.items()}
    ).encode()
