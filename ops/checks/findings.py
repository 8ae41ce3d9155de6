"""What a check of the doctor works on, and what it reports."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from mastermind.operations import runbook
from ops.discord import API

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mastermind.operations.runbook import Guide
    from ops.target import Target


class State(StrEnum):
    """The outcome of a check."""

    FINE = "fine"
    WRONG = "wrong"
    NOTED = "noted"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Finding:
    """What was checked, how it is, and how to fix it if it is wrong."""

    what: str
    state: State
    words: str
    fix: str = ""


def fine(what: str, words: str) -> Finding:
    return Finding(what, State.FINE, words)


def wrong(what: str, words: str, fix: str) -> Finding:
    return Finding(what, State.WRONG, words, fix)


def noted(what: str, words: str, fix: str) -> Finding:
    """Nothing fails because of it, but the operator should know it."""
    return Finding(what, State.NOTED, words, fix)


def skipped(what: str, words: str) -> Finding:
    return Finding(what, State.SKIPPED, words)


def unseen(what: str, error: Exception) -> Finding:
    """For lack of a permission, for example."""
    return skipped(what, f"could not be looked at: {error}")


@dataclass(frozen=True, slots=True)
class Context:
    """What the checks work on: a game, bot tokens by application, the URL of Discord's API, and a clock."""

    target: Target
    tokens: Mapping[str, str]
    discord: str = API
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    def what_to_do(self, guide: Guide) -> str:
        """As alerts say it: the link to the section of the runbook if there is one, else the first steps."""
        return runbook.what_to_do(guide, self.target.parameters.get("RunbookUrl"))
