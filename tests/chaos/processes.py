"""The processes under fire: started, called and killed here; what one wrote before it died is the evidence."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, cast

from devkit.processes import DIE_WITH_PARENT
from tests.chaos.worker import TIMEOUT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from random import Random

    from tests.chaos.worker import Json

ROOT = Path(__file__).parents[2]
WORKER = Path(__file__).with_name("worker.py")
START_LIMIT = 60.0  # seconds, on a machine that is busy with much else
LATE = TIMEOUT + 50.0  # seconds after which a call hangs, and that would be a bug


class Trouble(Exception):
    """The run itself cannot go on; the message says why."""


@dataclass(frozen=True, slots=True)
class PlannedKill:
    """When a process is killed: in its nth call that committed, between commit and acknowledgement (`after_commit`);
    or at a random moment of its nth call or a later one, unless it answers first.
    """

    call: int
    after_commit: bool


class KillPlan:
    """Gives each new process its planned kill until none are left; one that did not happen is given out again."""

    def __init__(self, chance: Random, *, after_commit: int, at_random: int) -> None:
        self._lock = Lock()
        self._left = [PlannedKill(chance.randint(1, 2), after_commit=True) for _ in range(after_commit)]
        self._left += [PlannedKill(chance.choice((1, 2, 2, 3, 3, 4)), after_commit=False) for _ in range(at_random)]
        chance.shuffle(self._left)

    def draw(self) -> PlannedKill | None:
        with self._lock:
            return self._left.pop() if self._left else None

    def give_back(self, planned: PlannedKill) -> None:
        with self._lock:
            self._left.insert(0, planned)


@dataclass(frozen=True, slots=True)
class Called:
    """What came of a call: the `answer`, or None with the `exit_code` of a process that died first.

    `committed` is how many awards it had committed by its own word, before it answered or died.
    """

    answer: Json | None
    committed: int
    exit_code: int | None

    @property
    def killed(self) -> bool:
        return self.exit_code == -signal.SIGKILL

    @property
    def killed_after_commit(self) -> bool:
        """Whether it died between its commit and the acknowledgement."""
        return self.killed and self.committed > 0


@dataclass(frozen=True, slots=True)
class Plant:
    """What a process of a function needs: its environment, where its log goes."""

    function: str
    environment: Mapping[str, str]
    logs: Path

    def start(self, planned: PlannedKill | None = None) -> Process:
        dies_after = planned.call if planned is not None and planned.after_commit else 0
        return Process(self, [self.function, str(dies_after)])


class Process:
    """One process of a function; it dies with the thread that started it."""

    def __init__(self, plant: Plant, arguments: Sequence[str]) -> None:
        with (plant.logs / f"{plant.function}.log").open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, str(DIE_WITH_PARENT), str(os.getpid()), str(WORKER), *arguments],
                cwd=ROOT,
                env={**plant.environment, "PYTHONPATH": os.pathsep.join(map(str, (ROOT, ROOT / "layers" / "shared")))},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                process_group=0,
            )
        assert self._process.stdout is not None
        self._output = self._process.stdout.fileno()
        self._received = b""
        if self._listen(time.monotonic() + START_LIMIT) is None:
            raise Trouble(f"a process of {plant.function} did not start: exit status {self._process.wait()}")

    def call(self, event: Json, kill_after: float | None = None) -> Called:
        """Invoke the handler; with `kill_after` the process is killed after so many seconds, answer or not."""
        self._send(event)
        deadline = time.monotonic() + (LATE if kill_after is None else kill_after)
        committed, answer = 0, None
        while answer is None:
            written = self._listen(deadline)
            if written is None:
                if kill_after is None and time.monotonic() > deadline:
                    raise Trouble(f"a call was not answered within {LATE:.0f} s")
                return Called(None, committed, self._process.wait())
            committed = cast("int", written.get("returned", committed))
            answer = cast("Json | None", written.get("answer"))
        return Called(answer, committed, None)

    def close(self) -> None:
        """Let it end, if it has not."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with suppress(BrokenPipeError):
            self._process.stdin.close()
        try:
            self._process.wait(1)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()

    def _send(self, event: Json) -> None:
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):  # it is dead, and `_listen` will find that out
            self._process.stdin.write(json.dumps(event).encode() + b"\n")
            self._process.stdin.flush()

    def _listen(self, deadline: float) -> Json | None:
        """The next line it writes; None when it is dead. At `deadline` it is killed."""
        while b"\n" not in self._received:
            if not select.select([self._output], [], [], max(0.0, deadline - time.monotonic()))[0]:
                self._process.kill()
                deadline = time.monotonic() + LATE
            elif said := os.read(self._output, 1 << 16):
                self._received += said
            else:
                return None
        line, _, self._received = self._received.partition(b"\n")
        return json.loads(line)
