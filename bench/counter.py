"""Counts the instructions of a Python process with callgrind, in parts: what is between two calls of `play.mark`."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MARK = "getpgrp"
SUMMARY = re.compile(r"^summary: (\d+)", re.MULTILINE)
TROUBLE = re.compile(r'"level": ?"(WARNING|ERROR)"')
FEW = 2  # answers of a process before it counts as warm


@dataclass(frozen=True, slots=True)
class Counts:
    """Instructions until `mark` was called first, until the handler was there, and of each answer."""

    before: int
    init: int
    answers: tuple[int, ...]

    @property
    def first(self) -> int:
        """The whole process until it has answered once."""
        return self.before + self.init + self.answers[0]

    @property
    def warm(self) -> int:
        """The average answer of a process that has answered a few."""
        warm = self.answers[FEW:]
        return sum(warm) // len(warm)


@dataclass(frozen=True, slots=True)
class Piece:
    """Instructions of a piece of code: of the process until the first mark, and then from mark to mark."""

    first: int
    others: tuple[int, ...]

    @property
    def warm(self) -> int:
        """The average of what is done over again."""
        return sum(self.others) // len(self.others)


@dataclass(frozen=True, slots=True)
class Memory:
    """Of a process, in kB: its peak after the first answer; what it has after the thousandth and after the last."""

    peak: int
    early: int
    late: int


@dataclass(frozen=True, slots=True)
class Counter:
    """Runs Python as Lambda does, seeing only the folders that it is given; `valgrind` is the command."""

    valgrind: Sequence[str]

    def piece(self, code: str, environment: Mapping[str, str], path: Sequence[Path] = ()) -> Piece:
        """Of a process that runs a piece of code (bench.pieces)."""
        first, *others = self._parts(["-c", code], environment, path)
        return Piece(first, tuple(others[:-1]))

    def played(self, play: Sequence[str], environment: Mapping[str, str], path: Sequence[Path]) -> Counts:
        """Of a process that plays events: `play` are play.py's own arguments."""
        before, init, *answers = self._parts([PLAY, *play], environment, path)
        return Counts(before, init, tuple(answers[:-1]))  # the last part is what follows the last answer

    def _parts(self, arguments: Sequence[str], environment: Mapping[str, str], path: Sequence[Path]) -> list[int]:
        with tempfile.TemporaryDirectory(prefix="mastermind-callgrind-") as name:
            out = Path(name) / "out"
            options = ["--tool=callgrind", f"--callgrind-out-file={out}", f"--dump-before={MARK}"]
            run([*self.valgrind, *options, sys.executable, "-S", *arguments], environment, path)
            dumps = sorted(out.parent.glob("out.*"), key=lambda dump: int(dump.suffix[1:]))
            return [int(found) for dump in [*dumps, out] for found in SUMMARY.findall(dump.read_text())]


PLAY = str(Path(__file__).with_name("play.py"))


def remembered(play: Sequence[str], environment: Mapping[str, str], path: Sequence[Path]) -> Memory:
    """The memory of a process that plays events, without the counter."""
    said = run([sys.executable, "-S", PLAY, *play, "memory"], environment, path)
    first, *others = json.loads(said.splitlines()[-1]).values()
    return Memory(first["peak"], others[0]["now"] if others else first["now"], ([first, *others])[-1]["now"])


def run(command: Sequence[str], environment: Mapping[str, str], path: Sequence[Path]) -> str:
    """What a process prints; SystemExit with the end of it when it fails, or logs that something did."""
    done = subprocess.run(
        command,
        env={"PATH": os.environ["PATH"], **environment, "PYTHONPATH": os.pathsep.join(map(str, path))},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode or TROUBLE.search(done.stdout):
        sys.exit(f"{' '.join(command)}: {done.stdout[-2000:]}{done.stderr[-3000:]}")
    return done.stdout
