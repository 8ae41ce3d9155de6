"""Copies of the deletion log, as the game writes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mastermind.game.privacy import rules as privacy
from mastermind.game.privacy.rules import Began, Deletion, Ended

if TYPE_CHECKING:
    from pathlib import Path


def entries(done: Deletion) -> tuple[Began, Ended]:
    """Its two entries."""
    return privacy.begin(done.user_id, done.interaction_id), Ended(done.interaction_id, done.ended)


def log_of(folder: Path, *deletions: Deletion | Began) -> Path:
    """The log with these deletions, in a folder that is made; of one that only began there is no end."""
    folder.mkdir(exist_ok=True)
    for one in deletions:
        for entry in (one,) if isinstance(one, Began) else entries(one):
            path = folder / privacy.key(entry)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(privacy.write(entry))
    return folder
