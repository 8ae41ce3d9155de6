"""Where a member's own data lie outside of the database, for how long, and what an entry of the deletion log says."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

EXPORTS = "exports/"
"""Below it exports lie for a day; S3 removes them after the midnight (UTC) that follows it."""

LINK = timedelta(minutes=15)
"""For so long an export's link is good (docs/rules/privacy.md, Export)."""

DELETIONS = "deletions/"
"""Below it stands who was deleted, and when: what a restore of the database brings back must go again."""

DELETIONS_KEPT = timedelta(days=400)
"""For so long; nothing older may be restored without going through the deletions by other means."""

DISCORD_EPOCH = datetime(2015, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Deletion:
    """Somebody confirmed twice, `at` that time, that they want to be deleted."""

    user_id: int
    at: datetime


def deletion(user_id: int, interaction_id: int) -> Deletion:
    """The deletion that an interaction asked for, at the time in its id, which a repeat does not move."""
    return Deletion(user_id, DISCORD_EPOCH + timedelta(milliseconds=interaction_id >> 22))


def key(asked: Deletion, interaction_id: int) -> str:
    """Where its entry stands; a repeat of the interaction writes the same one."""
    return f"{DELETIONS}{asked.at:%Y-%m-%d}/{interaction_id}.json"


def write(asked: Deletion) -> bytes:
    """The entry: an id and a time, and nothing else."""
    return json.dumps({"user_id": str(asked.user_id), "at": asked.at.isoformat()}).encode()
