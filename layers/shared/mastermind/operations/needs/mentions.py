"""The mentions of the last hour between two invocations of notify."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import TypeAdapter

from mastermind.operations.needs.rules import Mentions
from mastermind.operations.stored import Stored

if TYPE_CHECKING:
    from mastermind.operations.stored import Text

KEY = "alerts/mentions.json"

MENTIONS = TypeAdapter(Mentions)


def mentions(text: Text) -> Stored[Mentions]:
    return Stored(text, MENTIONS, Mentions, "the mentions")
