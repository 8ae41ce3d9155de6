"""Who takes messages off the queue: what Lambda's pollers do, around processes that are killed."""

from __future__ import annotations

import time
from contextlib import closing
from dataclasses import dataclass, field
from threading import Event, Lock
from typing import TYPE_CHECKING, cast

from tests.chaos.processes import Called, Trouble

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from random import Random

    from tests.chaos.processes import KillPlan, PlannedKill, Plant, Process
    from tests.chaos.sqs import Message, Queue
    from tests.chaos.worker import Json

SWEEP: Json = {"sweep": True}
NAP = 0.01  # seconds between two looks into an empty queue


@dataclass
class Tally:
    """What the consumers have seen, counted from exit codes and answers."""

    kills: int = 0
    kills_after_commit: int = 0
    kills_of_sweeps: int = 0
    sweeps: int = 0
    by_queue: int = 0  # awards applied from messages, as far as the process could report them
    by_sweep: int = 0
    _lock: Lock = field(default_factory=Lock)

    def note(self, called: Called, *, is_sweep: bool) -> None:
        with self._lock:
            self.kills += called.killed
            self.kills_after_commit += called.killed_after_commit and not is_sweep
            self.kills_of_sweeps += called.killed and is_sweep
            self.sweeps += is_sweep and not called.killed
            if is_sweep:
                self.by_sweep += called.committed
            else:
                self.by_queue += called.committed


@dataclass
class Consumers:
    """What the threads of the consumers share. A sweep is due each `every` seconds; the next free thread does it."""

    plant: Plant
    queue: Queue
    kill_plan: KillPlan
    chance: Random
    stop: Event
    every: float
    most: Callable[[], int]  # messages for the next call
    sweeps: bool = True
    tally: Tally = field(default_factory=Tally)
    typical: float = 0.01  # seconds that a message takes, learned as the run goes on
    _swept_at: float = field(default_factory=time.monotonic)
    _lock: Lock = field(default_factory=Lock)

    def consume(self) -> None:
        """The work of one thread: a process after the other, each until it is dead."""
        while not self.stop.is_set():
            planned = self.kill_plan.draw()
            with closing(self.plant.start(planned)) as process:
                came_true = self._live(process, planned)
            if planned is not None and not came_true:
                self.kill_plan.give_back(planned)

    def _live(self, process: Process, planned: PlannedKill | None) -> bool:
        """The life of one process; returns whether it ended as planned."""
        calls = 0
        while not self.stop.is_set():
            batch = [] if self._is_sweep_due() else self.queue.receive(self.most())
            event = _event(batch) if batch else SWEEP if self._claim_sweep() else None
            if event is None:
                self.stop.wait(NAP)
                continue
            calls += 1
            to_be_killed = planned is not None and not planned.after_commit and calls >= planned.call
            if self._call(process, event, batch, kill=to_be_killed).exit_code is not None:
                return True
        return False

    def _call(self, process: Process, event: Json, batch: Sequence[Message], *, kill: bool) -> Called:
        began, size = time.monotonic(), max(1, len(batch))
        called = process.call(event, self.chance.uniform(0, self.typical * size) if kill else None)
        if called.exit_code is not None and not called.killed:
            raise Trouble(f"a consumer ended with exit status {called.exit_code}")
        self.tally.note(called, is_sweep=event is SWEEP)
        if called.answer is not None:
            self.queue.acknowledge(_settled(batch, called.answer))
            self.typical += 0.1 * (min((time.monotonic() - began) / size, 1.0) - self.typical)
        return called

    def _is_sweep_due(self) -> bool:
        return self.sweeps and time.monotonic() - self._swept_at >= self.every

    def _claim_sweep(self) -> bool:
        with self._lock:
            if not self._is_sweep_due():
                return False
            self._swept_at = time.monotonic()
            return True


def _event(batch: Sequence[Message]) -> Json:
    """What Lambda hands to a consumer of SQS."""
    return {"Records": [{"messageId": each.id, "body": each.body, "eventSource": "aws:sqs"} for each in batch]}


def _settled(batch: Sequence[Message], answer: Json) -> list[Message]:
    """What the poller deletes: all but the failed, and nothing when the invocation failed."""
    if "batchItemFailures" not in answer:
        return []
    failures = cast("list[dict[str, str]]", answer["batchItemFailures"])
    failed = {failure["itemIdentifier"] for failure in failures}
    return [message for message in batch if message.id not in failed]
