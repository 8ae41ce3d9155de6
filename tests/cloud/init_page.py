"""The page about one `ops init`: what the person does, how long that takes, the waiting, and all of it as text."""

from __future__ import annotations

import os
import re
import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import TYPE_CHECKING

from ops.wrapping import wrapped
from tests.cloud.test_sam_deploy import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = ROOT / "docs" / "benchmarks" / "init.md"

KEY, POINT, THINK, WORD = 0.28, 1.10, 1.35, 60 / 238
"""Seconds: a key by somebody who types little, a move of the mouse with its click, making up one's mind, and a word.

The first three: Card, Moran and Newell, The keystroke-level model, 1980. The last: Brysbaert, How many words do we read
per minute?, 2019.
"""

PASTE = 4  # keys: copy, another window, paste, Enter
COMMAND = "ops init"
ON_AWS = {"deploy": 15.0, "protect": 1.5, "register": 1.5, "smoke": 0.5}
"""Minutes that AWS is expected to take where the emulator takes seconds; nobody has measured them here."""

STEP = re.compile(r"^✓ (\w+) ([\d.]+) s$", re.MULTILINE)
ID = re.compile(r"\b\d{17,20}\b")


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that the person does: words read, keys typed, and moves of the mouse."""

    what: str
    words: int
    keys: int
    points: int = 0

    @property
    def seconds(self) -> float:
        return THINK + self.words * WORD + self.keys * KEY + self.points * POINT


@dataclass
class Acts:
    """What the person has done so far."""

    done: list[Act] = field(default_factory=list[Act])

    def act(self, what: str, shown: str = "", *, keys: int = 1, points: int = 0) -> None:
        """`shown` is what has to be read before."""
        self.done.append(Act(what, sum(any(map(str.isalnum, one)) for one in shown.split()), keys, points))

    @property
    def seconds(self) -> float:
        return sum(one.seconds for one in self.done)


def page(acts: Acts, transcript: str) -> str:
    """The whole page, with figures of this run."""
    return "\n".join(_lines(acts, transcript)) + "\n"


def _lines(acts: Acts, transcript: str) -> Iterator[str]:
    yield from wrapped(iter(_own_part(acts))).rstrip().splitlines()
    yield ""
    yield from wrapped(iter(_waiting(transcript))).rstrip().splitlines()
    yield from ("", "## A whole run", "", "```", f"$ .venv/bin/{COMMAND}", *tidy(transcript).splitlines(), "```")


def _own_part(acts: Acts) -> Iterator[str]:
    yield from (
        "# From nothing to live",
        "",
        "<!-- Written by `make bench-init`; a test says when it is stale. -->",
        "",
    )
    yield "One `.venv/bin/ops init`: an empty account and two bot tokens become a live game. A test types it at a"
    yield "pseudo-terminal, against the emulator of AWS and the stand-in of Discord."
    yield from ("", "## Your own time", "")
    yield f"{len(acts.done)} acts, {acts.seconds:.0f} seconds. Counted, not clocked: the words that each question shows"
    yield f"at {60 / WORD:.0f} a minute (Brysbaert, 2019); {KEY} s a key, {POINT:.2f} s a move of the mouse with its"
    yield f"click, {THINK} s to make up one's mind (Card, Moran and Newell, the keystroke-level model, 1980). Both"
    yield "tokens are at hand, and the person is signed in to AWS and to Discord."
    yield from ("", "| act | words | keys | clicks | seconds |", "|---|---:|---:|---:|---:|")
    for one in acts.done:
        yield f"| {one.what} | {one.words} | {one.keys} | {one.points} | {one.seconds:.0f} |"
    totals = map(sum, zip(*((one.words, one.keys, one.points) for one in acts.done), strict=True))
    yield f"| **sum** | {' | '.join(map(str, totals))} | {acts.seconds:.0f} |"


def _waiting(transcript: str) -> Iterator[str]:
    at = datetime.now(UTC)
    place = f"{os.cpu_count()} cores, {sys.platform.title()}, Python {sys.version.split()[0]}"
    yield from ("## Waiting", "")
    yield f"Measured on {at:%Y-%m-%d}, {place}, beside other work. The last column is an estimate: no account of AWS"
    yield "was used. A database takes ten minutes there, and an update of the stack a minute and more."
    yield from ("", "| step | here, seconds | on AWS, about minutes |", "|---|---:|---:|")
    found = [(name, float(seconds)) for name, seconds in STEP.findall(transcript)]
    estimates = [ON_AWS.get(name, seconds / 60) for name, seconds in found]
    for (name, seconds), minutes in zip(found, estimates, strict=True):
        yield f"| {name} | {seconds:.1f} | {minutes:.1f} |"
    yield f"| **sum** | {sum(seconds for _, seconds in found):.1f} | {sum(estimates):.0f} |"


def tidy(transcript: str) -> str:
    """Without what is another in each run and says nothing: ids of Discord and of AWS, and times."""
    numbers = count(1)
    known: dict[str, str] = {}

    def same(found: re.Match[str]) -> str:
        return known.setdefault(found[0], f"13000000000000000{next(numbers):02}")

    text = ID.sub(same, transcript.strip())
    text = re.sub(r"https://\w+\.execute-api", "https://a1b2c3d4e5.execute-api", text)
    text = re.sub(r"database-[0-9a-f]{6,}", "database-1x2y3z", text)
    text = re.sub(r"-manual-\d{12}", "-manual-202611291630", text)
    return "\n".join(line.rstrip() for line in text.splitlines())


def shape(text: str) -> str:
    """What two runs have in common: everything but numbers, blanks, and the lists of commands, buttons and steps."""
    lines = (line for line in text.splitlines() if not line.lstrip().startswith(("+ ", "✓  /")))
    return " ".join(re.sub(r"[\d.,]+", "#", "\n".join(lines)).split())
