"""One execution environment of a function: a process, its Runtime API, its log."""

from __future__ import annotations

import contextlib
import json
import queue
import sys
import threading
import time
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from devkit.listener import Listener, Request
from devkit.processes import identity
from local.lambda_runtime import CHILDREN

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from devkit.processes import ChildProcesses
    from local.logs import LogReader


RUNTIME = "/2018-06-01/runtime"

INIT_LIMIT = 30  # seconds an environment may take to start: Lambda's 10, and what a busy machine may add


@dataclass(frozen=True, slots=True)
class Deployment:
    """A function as it is deployed: `code` and `layers` are folders, `timeout` in seconds, `memory` in MB.

    `revision` changes with each change of its code or configuration; empty if unknown.
    """

    name: str
    arn: str
    handler: str
    timeout: int
    memory: int
    environment: Mapping[str, str]
    code: Path
    layers: tuple[Path, ...]
    revision: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """A call's answer: JSON, and whether it is an error's."""

    body: bytes
    failed: bool = False
    log: str = ""
    never_started: bool = False  # the environment ended before it accepted the call: safe to retry


def new_trace() -> str:
    """A trace header as Lambda makes it when the caller sent none: not sampled."""
    return f"Root=1-{int(time.time()):08x}-{uuid.uuid4().hex[:24]};Parent={uuid.uuid4().hex[:16]};Sampled=0"


@dataclass(slots=True)
class Call:
    event: bytes
    request_id: str
    trace: str = field(default_factory=new_trace)
    revision: str = ""  # of the called function; empty if the caller does not know it
    deadline_ms: int = 0
    taken: threading.Event = field(default_factory=threading.Event)
    outcomes: queue.SimpleQueue[Outcome] = field(default_factory=queue.SimpleQueue[Outcome])

    def resolve(self, outcome: Outcome) -> None:
        """Set the outcome; only the first one counts."""
        self.outcomes.put(outcome)
        self.taken.set()


def failure(kind: str, message: str, *, never_started: bool = False) -> Outcome:
    body = json.dumps({"errorType": kind, "errorMessage": message}).encode()
    return Outcome(body, failed=True, never_started=never_started)


class Environment:
    """One execution environment: a process, its Runtime API, its log."""

    def __init__(
        self,
        deployment: Deployment,
        overlay: Mapping[str, str],
        runtime: Path,
        children: ChildProcesses,
        logs: LogReader,
    ) -> None:
        self.deployment = deployment
        self._logs, self._children = logs, children
        self._inbox: queue.SimpleQueue[Call | None] = queue.SimpleQueue()
        self._call: Call | None = None
        self._init_error: Outcome | None = None
        self._began: float | None = time.monotonic()  # None once it is ready for calls
        self._init_ms: float | None = None  # reported once, with the first call
        self._api = Listener(_RuntimeRequest, self)
        # -I: no PYTHON variables or user packages; -S: no site-packages; -B: Lambda's folders are read-only.
        self._process = children.start(
            [sys.executable, "-I", "-S", "-B"],
            CHILDREN / "function.py",
            [deployment.handler, str(runtime), str(deployment.code), *map(str, deployment.layers)],
            environment={**_lambda_environment(deployment, self._api.url), **overlay},
            folder=deployment.code,
        )
        assert self._process.stdout is not None
        self._tail = logs.follow(deployment.name, self._process.stdout)
        threading.Thread(target=self._await_end, name=f"end of {deployment.name}", daemon=True).start()

    @property
    def pid(self) -> int:
        return self._process.pid

    def is_alive(self) -> bool:
        """Whether it runs. Popen.poll() calls a dead process alive while another thread waits for its end."""
        return self._process.returncode is None and identity(self.pid) is not None

    def invoke(self, call: Call) -> Outcome:
        """Pass a call to the process and wait for its answer; past the time-out the process is killed."""
        self._call = call
        self._inbox.put(call)
        if not self.is_alive():
            call.resolve(self._ended())
        outcome = self._answer(call)
        self._report(call)
        return Outcome(outcome.body, outcome.failed, self._tail.take(), outcome.never_started)

    def _answer(self, call: Call) -> Outcome:
        seconds = self.deployment.timeout
        try:
            if not call.taken.wait(INIT_LIMIT):
                return self._timed_out(f"Init timed out after {INIT_LIMIT}.00 seconds", call)
            return call.outcomes.get(timeout=seconds)
        except queue.Empty:
            return self._timed_out(f"Task timed out after {seconds}.00 seconds", call)

    def _timed_out(self, message: str, call: Call) -> Outcome:
        self.kill()
        self._logs.write(self.deployment.name, f"{call.request_id} {message}")
        return failure("Sandbox.Timedout", f"RequestId: {call.request_id} Error: {message}")

    def _report(self, call: Call) -> None:
        spent = (
            max(0, time.time() * 1000 - (call.deadline_ms - self.deployment.timeout * 1000)) if call.deadline_ms else 0
        )
        init = f"\tInit Duration: {self._init_ms:.2f} ms" if self._init_ms is not None else ""
        self._init_ms = None
        said = f"Duration: {spent:.2f} ms\tMemory Size: {self.deployment.memory} MB{init}"
        self._logs.write(self.deployment.name, f"REPORT RequestId: {call.request_id}\t{said}")

    # --- what the process asks of its Runtime API ---
    def next_call(self) -> Call | None:
        """Wait for a call; None when the environment is being shut down."""
        if self._began is not None:
            self._init_ms, self._began = (time.monotonic() - self._began) * 1000, None
        call = self._inbox.get()
        if call is not None and not self.is_alive():
            return None  # the process is gone; another environment may take the call
        if call is not None:
            call.deadline_ms = int((time.time() + self.deployment.timeout) * 1000)
            call.taken.set()
        return call

    def answered(self, request_id: str, outcome: Outcome) -> None:
        if self._call is not None and self._call.request_id == request_id:
            self._call.resolve(outcome)

    def failed_to_start(self, outcome: Outcome) -> None:
        self._init_error = outcome

    # --- the end ---
    def _await_end(self) -> None:
        self._process.wait()
        self._children.forget(self._process.pid)
        self._inbox.put(None)
        if self._call is not None:
            self._call.resolve(self._ended())
        self._api.stop()

    def _ended(self) -> Outcome:
        if self._init_error is not None:
            return self._init_error
        code = self._process.wait()
        how = "signal: killed" if code < 0 else f"exit status {code}"
        assert self._call is not None
        message = f"RequestId: {self._call.request_id} Error: Runtime exited with error: {how}"
        return failure("Runtime.ExitError", message, never_started=self._call.deadline_ms == 0)

    def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        self._process.wait()


class _RuntimeRequest(Request):
    """Lambda's Runtime API for one environment."""

    @property
    def owner(self) -> Environment:
        owner = super().owner
        assert isinstance(owner, Environment)
        return owner

    def do_GET(self) -> None:  # noqa: N802 (the base class's name)
        if self.path != f"{RUNTIME}/invocation/next":
            return self.answer(404)
        return self._pass_on(self.owner.next_call())

    def _pass_on(self, call: Call | None) -> None:
        if call is None:
            self.close_connection = True
            return
        headers = {
            "Lambda-Runtime-Aws-Request-Id": call.request_id,
            "Lambda-Runtime-Invoked-Function-Arn": self.owner.deployment.arn,
            "Lambda-Runtime-Deadline-Ms": str(call.deadline_ms),
            "Lambda-Runtime-Trace-Id": call.trace,
        }
        with contextlib.suppress(OSError):  # the process may have ended; that is handled elsewhere
            self.answer(200, call.event, headers)

    def do_POST(self) -> None:  # noqa: N802 (the same)
        body, environment = self.body(), self.owner
        match self.path.removeprefix(RUNTIME).strip("/").split("/"):
            case ["init", "error"]:
                environment.failed_to_start(Outcome(body, failed=True))
            case ["invocation", request_id, "response"]:
                environment.answered(request_id, Outcome(body))
            case ["invocation", request_id, "error"]:
                environment.answered(request_id, Outcome(body, failed=True))
            case _:
                return self.answer(404)
        return self.answer(202, b'{"status":"OK"}')


def _lambda_environment(deployment: Deployment, api: str) -> dict[str, str]:
    """What Lambda sets (developer guide, Defined runtime environment variables), then what the template set."""
    return {
        "LANG": "en_US.UTF-8",
        "TZ": ":UTC",
        "PATH": "/usr/local/bin:/usr/bin:/bin:/opt/bin",
        "LAMBDA_TASK_ROOT": str(deployment.code),
        "AWS_EXECUTION_ENV": "AWS_Lambda_python3.13",
        "AWS_LAMBDA_FUNCTION_NAME": deployment.name,
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(deployment.memory),
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{deployment.name}",
        "AWS_LAMBDA_LOG_STREAM_NAME": f"local/[$LATEST]{uuid.uuid4().hex}",
        "AWS_LAMBDA_RUNTIME_API": api.removeprefix("http://"),
        "_HANDLER": deployment.handler,
        **deployment.environment,
    }
