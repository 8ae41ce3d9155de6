"""The consequences of the outbox's result of a hand-over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from mastermind.discord.requests import Outcome, Result
from mastermind.game.outbox.rules import STOPPED, State

ASKING = "0-0"
"""The name of the hand-over that only asks whether there is a bot."""


UNKNOWN_CHANNEL = 10003
"""Discord's code for a channel that was deleted."""


@dataclass(frozen=True, slots=True)
class Settled:
    """It is over."""

    state: State


@dataclass(frozen=True, slots=True)
class ComesBack:
    """It was not sent, and is decided again after that time."""

    after: timedelta


def after(result: Result) -> Settled | ComesBack:
    """What becomes of the row."""
    match result.outcome:
        case Outcome.DONE:
            return Settled(State.DONE)
        case Outcome.REFUSED:
            return Settled(State.REFUSED)
        case Outcome.GONE:
            return Settled(State.GONE)
        case Outcome.UNKNOWN:
            return Settled(State.UNKNOWN)
        case Outcome.RETURNED | Outcome.OFF:
            return ComesBack(timedelta(0))
        case Outcome.STOPPED:
            return ComesBack(STOPPED)


def says_that_bot_is(result: Result, *, needs_bot: bool) -> bool | None:
    """Whether there is a bot, as far as the result of something that needs one says so."""
    if result.outcome is Outcome.OFF:
        return False
    return True if needs_bot and result.outcome in {Outcome.DONE, Outcome.RETURNED} else None


def is_channel_gone(result: Result) -> bool:
    """Whether Discord knows no such channel."""
    return result.outcome is Outcome.GONE and result.code == UNKNOWN_CHANNEL


def has_failed(result: Result) -> bool:
    """Whether Discord does not take it from the bot."""
    return result.outcome in {Outcome.REFUSED, Outcome.GONE, Outcome.STOPPED}
