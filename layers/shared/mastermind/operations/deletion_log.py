"""The log of deletions, read after a restore (docs/rules/privacy.md, Deletion log); the game writes it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from pydantic import AfterValidator, TypeAdapter

from mastermind.errors import BadMessage
from mastermind.game.privacy.rules import Began, Deletion, Ended

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from mastermind.game.privacy.table import Origin


def _with_zone[Entry: (Began, Ended, Deletion)](entry: Entry) -> Entry:
    at: datetime = entry.began if isinstance(entry, Began) else entry.ended
    if at.tzinfo is None:
        raise ValueError("the time of a deletion has no zone")
    return entry


type LogEntry = Annotated[Began, AfterValidator(_with_zone)] | Annotated[Ended, AfterValidator(_with_zone)]
type DoneDeletion = Annotated[Deletion, AfterValidator(_with_zone)]

ENTRY: TypeAdapter[Began | Ended] = TypeAdapter(LogEntry)


@dataclass(frozen=True, slots=True)
class DeletionLog:
    """The deletions that were done, the oldest first, and those that began and have no end: they failed."""

    done: tuple[Deletion, ...]
    unfinished: tuple[Began, ...]


def lacks(log: DeletionLog, origin: Origin, stack_began: datetime | None) -> str:
    """Why an empty log cannot be that of this database, in words; "" if it can.

    A stack that was made of a snapshot has a log of its own, which is empty: with it alone every member who deleted
    themselves after the snapshot would be back.
    """
    if log.done or log.unfinished:
        return ""
    if origin.logged:
        return f"The deletion log is empty, and the database knows of {origin.logged} deletions in its log"
    if stack_began and origin.since < stack_began:
        return f"The deletion log is empty, and the database is of {origin.since:%Y-%m-%d}, older than the stack"
    return ""


def assemble(entries: Iterable[Began | Ended]) -> DeletionLog:
    """The log that these entries make; raises BadMessage for an end whose beginning is missing."""
    began: dict[int, Began] = {}
    ended: dict[int, Ended] = {}
    for entry in entries:
        if isinstance(entry, Began):
            began[entry.interaction_id] = entry
        else:
            ended[entry.interaction_id] = entry
    if lost := sorted(ended.keys() - began.keys()):
        raise BadMessage(f"the beginning of deletion {lost[0]} is missing: the log is incomplete")
    done = (Deletion(key, began[key].user_id, end.ended) for key, end in ended.items())
    return DeletionLog(
        tuple(sorted(done, key=lambda each: each.ended)),
        tuple(began[key] for key in sorted(began.keys() - ended.keys())),
    )
