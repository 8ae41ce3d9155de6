"""Tells slow from wrong: a fresh restore fetches what is read for the first time, so a command may be slow once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ops.smoke import TRIES, WITHIN, wrong_with

if TYPE_CHECKING:
    from collections.abc import Callable

    from devkit.discord_client import Answer
    from ops.smoke import Step


@dataclass(frozen=True, slots=True)
class Verdict:
    """The result of a command: `wrong` is why its answer is wrong; `slow`: it never came in Discord's time."""

    words: str
    wrong: str = ""
    is_slow: bool = False


def played(ask: Callable[[], Answer], step: Step) -> Verdict:
    """Play a command until it is in time; a wrong answer ends it at once, however fast it was."""
    seconds: list[float] = []
    while True:
        answer = ask()
        seconds.append(answer.seconds)
        if wrong := wrong_with(answer, step):
            return Verdict(wrong, wrong)
        if answer.seconds <= WITHIN:
            return Verdict(_in_time(seconds))
        if len(seconds) == TRIES:
            return Verdict(_slow(seconds), is_slow=True)


def _in_time(seconds: list[float]) -> str:
    first, last = seconds[0], seconds[-1]
    before = f"; {first:.1f} s at first: what a fresh restore reads for the first time is slow" if seconds[1:] else ""
    return f"answered in {last:.2f} s{before}"


def _slow(seconds: list[float]) -> str:
    return f"slow, not wrong: the right answer took {min(seconds):.1f} s at best, and Discord waits {WITHIN:.0f}"
