"""The runner: each function under the real Lambda runtime, one process per concurrent call.

The emulator posts a call to `/<function name>`. An idle execution environment of that function takes it, or a new one
is started. Each environment is a process with its own Runtime API, because the address it gets is a host and a port
only. As in Lambda, a time-out kills the process, an environment that ended is replaced, and errors keep their types.
"""

from __future__ import annotations

import base64
import json
import threading
import uuid
from collections import defaultdict
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from devkit.listener import Listener, Request
from local.execution import Call, Deployment, Environment, Outcome, failure, new_trace

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping
    from pathlib import Path

    from devkit.processes import ChildProcesses
    from local.logs import LogReader

MAX_ENVIRONMENTS = 10  # environments of one function at a time: what a new AWS account has in all

LONGEST_WAIT = 30.0  # seconds: a function may wait for another one, which may not begin


@dataclass(slots=True)
class Count:
    cold: int = 0
    warm: int = 0


class Runner:
    """Answers the emulator's calls with the functions that `deployment_of` finds by name.

    `overlay` gives, for a deployment, the variables that differ locally (where the database is, which credentials).
    """

    def __init__(
        self,
        runtime: Path,
        children: ChildProcesses,
        logs: LogReader,
        deployment_of: Callable[[str], Deployment],
        overlay: Callable[[Deployment], Mapping[str, str]],
    ) -> None:
        self._runtime, self._children, self._logs = runtime, children, logs
        self._deployment_of, self._overlay = deployment_of, overlay
        self._lock = threading.Lock()
        self._known: dict[str, Deployment] = {}
        self._idle: defaultdict[str, list[Environment]] = defaultdict(list)
        self._busy: set[Environment] = set()
        self._closed = False
        self._turns, self._is_paused, self._gate = 0, False, threading.Condition()
        self.counts: defaultdict[str, Count] = defaultdict(Count)
        self._failures: dict[str, str] = {}
        self._listener = Listener(_RunnerRequest, self)

    @property
    def url(self) -> str:
        return self._listener.url

    def invoke(self, name: str, call: Call) -> Outcome:
        """Run one call; if the environment ends before it accepts the call, retry once in a new one."""
        with self._turn():
            outcome = self._invoke_once(name, call)
            if outcome.never_started:
                outcome = self._invoke_once(name, Call(call.event, call.request_id, call.trace, call.revision))
        if outcome.failed:
            self._failures[name] = outcome.body.decode(errors="replace")
        return outcome

    @contextmanager
    def _turn(self) -> Generator[None]:
        with self._gate:
            self._gate.wait_for(lambda: not self._is_paused)
            self._turns += 1
        try:
            yield
        finally:
            with self._gate:
                self._turns -= 1
                self._gate.notify_all()

    @contextmanager
    def paused(self) -> Generator[None]:
        """Calls that come during the block wait for its end; those that run are waited for, a while."""
        with self._gate:
            self._is_paused = True
            self._gate.wait_for(lambda: not self._turns, LONGEST_WAIT)
        try:
            yield
        finally:
            with self._gate:
                self._is_paused = False
                self._gate.notify_all()

    def failure_of(self, name: str) -> str | None:
        """How a call of that function failed since the last refresh; None if none did."""
        return self._failures.get(name)

    def _invoke_once(self, name: str, call: Call) -> Outcome:
        try:
            environment = self._take(name, call.revision)
        except _TooManyError:
            return failure("TooManyRequestsException", "Rate Exceeded.")
        try:
            return environment.invoke(call)
        finally:
            self._give_back(environment)

    def _take(self, name: str, revision: str) -> Environment:
        deployment = self._deployment(name, revision)
        with self._lock:
            while self._idle[name]:
                environment = self._idle[name].pop()
                if environment.deployment is not deployment:
                    environment.kill()
                elif environment.is_alive():
                    self._busy.add(environment)
                    self.counts[name].warm += 1
                    return environment
            if sum(1 for busy in self._busy if busy.deployment.name == name) >= MAX_ENVIRONMENTS or self._closed:
                raise _TooManyError
            self.counts[name].cold += 1
        environment = Environment(deployment, self._overlay(deployment), self._runtime, self._children, self._logs)
        with self._lock:
            self._busy.add(environment)
        return environment

    def _deployment(self, name: str, revision: str) -> Deployment:
        """The known deployment, or a new one if it has changed: as in Lambda, old environments are not reused."""
        known = self._known.get(name)
        if known is None or revision not in {"", known.revision}:
            known = self._known[name] = self._deployment_of(name)
        return known

    def _give_back(self, environment: Environment) -> None:
        name = environment.deployment.name
        with self._lock:
            self._busy.discard(environment)
            current = self._known.get(name) is environment.deployment and not self._closed
            if current and environment.is_alive():
                self._idle[name].append(environment)
                return
        environment.kill()

    def refresh(self) -> None:
        """Forget the deployments: later calls read them again and use new environments; running calls finish."""
        with self._lock:
            self._known.clear()
            self._failures.clear()
            idle = [environment for group in self._idle.values() for environment in group]
            self._idle.clear()
        for environment in idle:
            environment.kill()

    def processes(self) -> dict[str, list[int]]:
        """The live processes by function name."""
        with self._lock:
            alive = [e for group in self._idle.values() for e in group if e.is_alive()] + list(self._busy)
        found: defaultdict[str, list[int]] = defaultdict(list)
        for environment in alive:
            found[environment.deployment.name].append(environment.pid)
        return dict(found)

    def stop(self) -> None:
        """End every process and the server."""
        with self._lock:
            self._closed = True
            everyone = [environment for group in self._idle.values() for environment in group] + list(self._busy)
            self._idle.clear()
        for environment in everyone:
            environment.kill()
        self._listener.stop()


class _TooManyError(Exception):
    """As many environments as allowed are busy."""


class _RunnerRequest(Request):
    """What the emulator posts: the event, with Lambda's request id and trace header beside it."""

    @property
    def owner(self) -> Runner:
        owner = super().owner
        assert isinstance(owner, Runner)
        return owner

    def do_GET(self) -> None:  # noqa: N802 (the base class's name)
        if self.path != "/":
            return self.answer(404)
        runner = self.owner
        counts = {name: {"cold": count.cold, "warm": count.warm} for name, count in runner.counts.items()}
        return self.answer(200, json.dumps({"calls": counts, "processes": runner.processes()}).encode())

    def do_POST(self) -> None:  # noqa: N802 (the same)
        request_id = self.headers.get("X-Amzn-Lambda-Request-Id") or str(uuid.uuid4())
        trace, revision = self.headers.get("X-Amzn-Trace-Id") or new_trace(), self.headers.get("X-Revision") or ""
        call = Call(self.body(), request_id, trace, revision)
        try:
            outcome = self.owner.invoke(self.path.strip("/"), call)
        except Exception as error:  # noqa: BLE001 (the caller gets it as Lambda's own failure)
            outcome = failure("Runner.InternalError", f"{type(error).__name__}: {error}")
        headers = {"X-Amz-Log-Result": base64.b64encode(outcome.log.encode()).decode()}
        if outcome.failed:
            headers["X-Amz-Function-Error"] = "Unhandled"
        with suppress(OSError):  # the caller may have given up
            self.answer(200, outcome.body, headers)
