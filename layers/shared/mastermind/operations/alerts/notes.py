"""The note that is kept of each alarm between two invocations: one SSM parameter for each, below one path.

One for each alarm, so that two invocations at once never overwrite each other's, and the whole never grows.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from mastermind.operations.alerts.rules import Note, Outage, Sent

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mastermind.deadline import Deadline
    from mastermind.gateways.parameters import Parameters

LARGEST = 4096  # bytes of a standard parameter
LONGEST = 200  # characters of one text
_NOT_IN_NAMES = re.compile(r"[^a-zA-Z0-9_.-]")

type Json = Mapping[str, Any]


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
        """Store it in place of that alarm's note before."""
        self.parameters.put(self._name(note.alarm), _written(note), deadline)

    def folded(self, deadline: Deadline) -> list[Note]:
        """What is left for the message of the recovery, held or folded, in the order in which it began."""
        notes = filter(None, map(_read, self.parameters.below(self.path, deadline).values()))
        waiting = (one for one in notes if one.outage is None and one.sent is not Sent.YES)
        return sorted(waiting, key=lambda note: note.began)

    def _name(self, alarm: str) -> str:
        return f"{self.path}/{_NOT_IN_NAMES.sub('-', alarm)[:LONGEST]}"


def _written(note: Note) -> str:
    """The note as JSON that fits; of too much that failed the last is left out."""
    text = json.dumps(_fields(note), ensure_ascii=False)
    if len(text.encode()) <= LARGEST or note.outage is None or not note.outage.failed:
        return text
    return _written(replace(note, outage=replace(note.outage, failed=note.outage.failed[:-1])))


def _fields(note: Note) -> Json:
    outage = note.outage
    return {
        "alarm": note.alarm[:LONGEST],
        "what": note.what[:LONGEST],
        "runbook": note.runbook[:LONGEST],
        "is_alarm": note.is_alarm,
        "began": note.began.isoformat(),
        "changed": note.changed.isoformat(),
        "sent": str(note.sent),
        "is_outage": outage is not None,
        "since": outage.since.isoformat() if outage and outage.since else None,
        "failed": [line[:LONGEST] for line in outage.failed] if outage else [],
    }


def _read(value: str) -> Note | None:
    """The note that was written, or None: what nobody can read is as good as forgotten."""
    try:
        fields = cast("Json", json.loads(value))
        since = fields["since"]
        outage = Outage(datetime.fromisoformat(since) if since else None, tuple(map(str, fields["failed"])))
        return Note(
            alarm=str(fields["alarm"]),
            what=str(fields["what"]),
            runbook=str(fields["runbook"]),
            is_alarm=fields["is_alarm"] is True,
            began=datetime.fromisoformat(fields["began"]),
            changed=datetime.fromisoformat(fields["changed"]),
            sent=Sent(fields["sent"]),
            outage=outage if fields["is_outage"] else None,
        )
    except (ValueError, KeyError, TypeError):
        return None
