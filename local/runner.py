"""The runner: each function under the real Lambda runtime, one process per concurrent call.

The emulator posts a call to `/<function name>`. An idle execution environment of that function takes it, or a new one
is started. Each environment is a process with its own Runtime API, because the address it gets is a host and a port
only. As in Lambda, a time-out kills the process, an environment that ended is replaced, and errors keep their types.
"""

from __future__ import annotations

import base64
import contextlib
import json
import queue
import sys
import threading
import time
import uuid
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from devkit.listener import Listener, Request
from devkit.processes import identity

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from devkit.processes import ChildProcesses
    from local.logs import LogReader

CHILDREN = Path(__file__).parent / "children"
RUNTIME = "/2018-06-01/runtime"
INIT_LIMIT = 10  # seconds an environment may take to start (Lambda's limit)
MAX_ENVIRONMENTS = 10  # environments of one function at a time: what a new AWS account has in all


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


@dataclass(slots=True)
class Count:
    cold: int = 0
    warm: int = 0


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
            environment={**_lambda_environment(deployment, self._api.port), **overlay},
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
        call = self.owner.next_call()
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
        self.counts: defaultdict[str, Count] = defaultdict(Count)
        self._failures: dict[str, str] = {}
        self._listener = Listener(_RunnerRequest, self)

    @property
    def url(self) -> str:
        return self._listener.url

    def invoke(self, name: str, call: Call) -> Outcome:
        """Run one call; if the environment ends before it accepts the call, retry once in a new one."""
        outcome = self._invoke_once(name, call)
        if outcome.never_started:
            outcome = self._invoke_once(name, Call(call.event, call.request_id, call.trace, call.revision))
        if outcome.failed:
            self._failures[name] = outcome.body.decode(errors="replace")
        return outcome

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
        runner = self.owner
        counts = {name: {"cold": count.cold, "warm": count.warm} for name, count in runner.counts.items()}
        self.answer(200, json.dumps({"calls": counts, "processes": runner.processes()}).encode())

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
        with contextlib.suppress(OSError):  # the caller may have given up
            self.answer(200, outcome.body, headers)


def _lambda_environment(deployment: Deployment, port: int) -> dict[str, str]:
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
        "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{port}",
        "_HANDLER": deployment.handler,
        **deployment.environment,
    }


def prepare_runtime(folder: Path) -> Path:
    """A folder with the Lambda runtime and nothing else: links to awslambdaric and what it needs, where it exists."""
    import importlib.util

    folder.mkdir(parents=True, exist_ok=True)
    for name in ("awslambdaric", "runtime_client", "simplejson", "snapshot_restore_py"):
        found = importlib.util.find_spec(name) if importlib.util.find_spec("awslambdaric") else None
        if found is not None and found.origin is not None:
            _link(folder, Path(found.origin).parent if found.submodule_search_locations else Path(found.origin))
    _link(folder, CHILDREN / "plain_runtime.py")
    return folder


def _link(folder: Path, target: Path) -> None:
    link = folder / target.name
    if link.is_symlink() and link.readlink() == target:
        return
    link.unlink(missing_ok=True)
    link.symlink_to(target)
