"""The notes that are kept between two invocations of notify."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import TypeAdapter

from mastermind.operations.alerts.records import Notes
from mastermind.operations.stored import Stored

if TYPE_CHECKING:
    from mastermind.operations.stored import Text

KEY = "alerts/notes.json"

NOTES = TypeAdapter(Notes)


def notes(text: Text) -> Stored[Notes]:
    return Stored(text, NOTES, Notes, "the alerts")
