"""The note that is kept of each alarm between two invocations: one SSM parameter for each, below one path.

One for each alarm, so that concurrent invocations never overwrite each other's, and the total size stays bounded.
"""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pydantic import TypeAdapter

from mastermind.errors import BadMessage
from mastermind.operations.alerts.rules import Note, Sent
from mastermind.parsing import parse

if TYPE_CHECKING:
    from mastermind.deadline import Deadline
    from mastermind.gateways.parameters import Parameters

log = logging.getLogger(__name__)

NOTE = TypeAdapter(Note)

LARGEST = 4096  # bytes of a standard parameter
LONGEST = 200  # characters of one text
_NOT_IN_NAMES = re.compile(r"[^a-zA-Z0-9_.-]")


@dataclass(frozen=True, slots=True)
class Notes:
    """The notes below `path`; every method raises Unavailable when SSM does not answer as it should."""

    parameters: Parameters
    path: str

    def of(self, alarm: str, deadline: Deadline) -> Note | None:
        """The note of an alarm; None when there is none, or none that can be read."""
        value = self.parameters.get(self._name(alarm), deadline)
        return _read(value) if value else None

    def keep(self, note: Note, deadline: Deadline) -> None:
        """Store it, replacing the alarm's previous note."""
        self.parameters.put(self._name(note.alarm), _written(note), deadline)

    def folded(self, deadline: Deadline) -> list[Note]:
        """The notes for the recovery message, held or folded, in the order in which they began."""
        notes = filter(None, map(_read, self.parameters.below(self.path, deadline).values()))
        waiting = (one for one in notes if one.failure is None and one.sent is not Sent.YES)
        return sorted(waiting, key=lambda note: note.began)

    def _name(self, alarm: str) -> str:
        return f"{self.path}/{_NOT_IN_NAMES.sub('-', alarm)[:LONGEST]}"


def _written(note: Note) -> str:
    """The note as JSON that fits the parameter; if too much failed, the last entries are left out."""
    text = NOTE.dump_json(_short(note))
    if len(text) <= LARGEST or note.failure is None or not note.failure.failed:
        return text.decode()
    return _written(replace(note, failure=replace(note.failure, failed=note.failure.failed[:-1])))


def _short(note: Note) -> Note:
    """The note with each text cut to `LONGEST`."""
    failure = note.failure and replace(note.failure, failed=tuple(line[:LONGEST] for line in note.failure.failed))
    return replace(
        note,
        alarm=note.alarm[:LONGEST],
        what=note.what[:LONGEST],
        runbook=note.runbook[:LONGEST],
        failure=failure,
    )


def _read(value: str) -> Note | None:
    """The note that was written; None for anything else, which the next change of its alarm replaces."""
    try:
        return parse(NOTE, value)
    except BadMessage as error:
        log.warning("what is stored of an alarm is not valid", extra={"mistakes": str(error)})
        return None
