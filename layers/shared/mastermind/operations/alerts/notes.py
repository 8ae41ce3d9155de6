"""The notes that are kept between two invocations: one text, which no invocation overwrites unread."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import TypeAdapter

from mastermind.errors import BadMessage
from mastermind.operations.alerts.records import Notes
from mastermind.parsing import parse

if TYPE_CHECKING:
    from mastermind.deadline import Deadline
    from mastermind.gateways.documents import Document

log = logging.getLogger(__name__)

KEY = "alerts/notes.json"

NOTES = TypeAdapter(Notes)


@dataclass(frozen=True, slots=True)
class NotesStore:
    """The notes in a document; every method raises Unavailable when they cannot be had."""

    document: Document

    def read(self, deadline: Deadline) -> tuple[Notes, str | None]:
        """The notes and their version; empty ones when there are none, or none that can be read."""
        kept = self.document.read(deadline)
        return read(kept.text) if kept.text else Notes(), kept.version

    def write(self, notes: Notes, over: str | None, deadline: Deadline) -> str | None:
        """Replace that version; the new one, None if somebody else has replaced it."""
        return self.document.write(NOTES.dump_json(notes).decode(), over, deadline)


def read(text: str) -> Notes:
    """The notes that were written; empty ones for anything else."""
    try:
        return parse(NOTES, text)
    except BadMessage as error:
        log.warning("what is stored of the alerts is not valid", extra={"mistakes": str(error)})
        return Notes()
