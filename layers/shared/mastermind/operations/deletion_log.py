"""The log of deletions, read after a restore (docs/rules/privacy.md); the game writes it."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, TypeAdapter

from mastermind.game.privacy.rules import Deletion


def _with_zone(deletion: Deletion) -> Deletion:
    if deletion.at.tzinfo is None:
        raise ValueError("the time of a deletion has no zone")
    return deletion


type LogEntry = Annotated[Deletion, AfterValidator(_with_zone)]

ENTRY: TypeAdapter[Deletion] = TypeAdapter(LogEntry)
