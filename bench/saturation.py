"""What is at its limit first, when more and more play: found by who uses the processors, and by what is refused."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import psutil

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from bench.load import Step
    from devkit.json_types import Json

LOAD, FUNCTIONS, DATABASE, EMULATOR, CLOUD = "players", "functions", "PostgreSQL", "emulator of AWS", "runner"
"""The parts that use processors. The runner passes calls on to the functions."""

FULL = 0.9
"""The share of what there is from which it is at its limit."""

GROWS = 1.1
"""How much more answers a second there must still be with more players; else something was at its limit."""

FEW = 0.01
"""The share of failures that is no limit yet."""


@dataclass(frozen=True, slots=True)
class Busy:
    """Processors in use on average: of each part, and of the whole machine with whatever else runs on it."""

    parts: Mapping[str, float]
    machine: float

    @property
    def others(self) -> float:
        """Processors that what has nothing to do with the game has used."""
        return max(0.0, self.machine - sum(self.parts.values()))


@dataclass(frozen=True, slots=True)
class Look:
    """Processor time until now, in seconds: of the processes of each part, and of the machine."""

    parts: Mapping[str, Mapping[int, float]]
    machine: float
    all: float


class Machine:
    """The processes of a running local cloud, by what they are for."""

    def __init__(self, cloud: int, emulator: int, database: int) -> None:
        self._cloud, self._emulator, self._database = cloud, emulator, database

    @classmethod
    def of(cls, known: Json) -> Machine:
        """Those that listen at its addresses."""
        addresses = ("page_url", "aws_endpoint_url", "database_url")
        return cls(*(_listening(urlsplit(str(known[one])).port or 0) for one in addresses))

    def look(self) -> Look:
        database, emulator = _family(self._database), _family(self._emulator)
        functions = _family(self._cloud) - database - emulator - {self._cloud, os.getpid()}
        parts = {
            LOAD: {os.getpid()},
            FUNCTIONS: functions,
            DATABASE: database,
            EMULATOR: emulator,
            CLOUD: {self._cloud} - {os.getpid()},
        }
        times = psutil.cpu_times()
        used = sum(times) - times.idle - getattr(times, "iowait", 0.0) - getattr(times, "guest", 0.0)
        return Look({name: dict(_times(pids)) for name, pids in parts.items()}, used, sum(times))

    def since(self, before: Look) -> Busy:
        """What was used since that look. A process that ended meanwhile counts nothing."""
        now = self.look()
        seconds = (now.all - before.all) / (os.cpu_count() or 1) or 1.0
        parts = {
            name: sum(used - before.parts[name].get(pid, 0.0) for pid, used in pids.items()) / seconds
            for name, pids in now.parts.items()
        }
        return Busy(parts, (now.machine - before.machine) / seconds)


def limit(steps: Sequence[Step], cores: int) -> str:
    """What was at its limit first, in words; empty if nothing was."""
    best = max(step.rate for step in steps)
    for step in steps:
        if step.failed > FEW:
            most = max(step.failures, key=lambda words: step.failures[words])
            return f"With {step.players} players {step.failed:.0%} of the answers fail ({most}): {_why(most)}."
        if step is not steps[-1] and step.rate * GROWS >= best:
            return f"From {step.players} players on more bring hardly more answers: {_busiest(step.busy, cores)}."
    return ""


def _why(failure: str) -> str:
    """The emulator answers 502 for a call that Lambda does not take, where API Gateway answers 500."""
    if failure == "HTTP 502":
        return "a function has ten processes here, as in a new account, and no further call is taken"
    if failure == "HTTP 429":
        return "the API takes no more (`ThrottleRate`, `ThrottleBurst`)"
    return "what is behind the function is too slow for the deadline of an answer"


def _busiest(busy: Busy, cores: int) -> str:
    part = max(busy.parts, key=lambda name: busy.parts[name])
    most = f"the most are used by {part} ({busy.parts[part]:.1f})"
    if busy.others > cores / 2:
        return f"something else has {busy.others:.1f} of {cores} processors; of the rest {most}"
    if busy.machine >= FULL * cores:
        return f"all {cores} processors are busy; {most}"
    if busy.parts[part] >= FULL and part in {EMULATOR, CLOUD, LOAD}:
        return f"{part} can use one processor only, and all of it is used"
    return f"{busy.machine:.1f} of {cores} processors are busy, so something waits; {most}"


def _listening(port: int) -> int:
    """The process that listens on that port of this machine."""
    for connection in psutil.net_connections("tcp4"):
        if connection.status == psutil.CONN_LISTEN and connection.laddr and connection.laddr.port == port:
            return connection.pid or 0
    return 0


def _family(pid: int) -> set[int]:
    try:
        return {pid, *(child.pid for child in psutil.Process(pid).children(recursive=True))} if pid else set()
    except psutil.NoSuchProcess:
        return set()


def _times(pids: Iterable[int]) -> Iterator[tuple[int, float]]:
    for pid in pids:
        try:
            times = psutil.Process(pid).cpu_times()
        except psutil.NoSuchProcess:
            continue
        yield pid, times.user + times.system
