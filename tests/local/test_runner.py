"""The runner does to a function what Lambda does."""

import json
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from devkit.processes import ChildProcesses, identity
from local.execution import Call, Deployment
from local.lambda_runtime import CHILDREN, prepare_runtime
from local.logs import LogReader
from local.runner import Runner
from tests.waiting import wait_for

HANDLER = """
import json, os, sys, time
import plainly_from_the_layer
SEEN = []
def handler(event, context):
    SEEN.append(event)
    match event.get("do"):
        case "environment": return dict(os.environ)
        case "path": return sys.path
        case "import": __import__(event["module"]); return "found"
        case "sleep": time.sleep(event["seconds"]); return "slept"
        case "note": time.sleep(0.5); open(event["file"], "w").close(); return "noted"
        case "wait":
            while not os.path.exists(event["file"]): time.sleep(0.01)
            return "waited"
        case "exit": os._exit(event["status"])
        case "raise": raise LookupError("nothing here")
        case "print": print(event["line"]); return None
        case "context":
            return {"id": context.aws_request_id, "left": context.get_remaining_time_in_millis(),
                    "arn": context.invoked_function_arn, "name": context.function_name,
                    "trace": os.environ.get("_X_AMZN_TRACE_ID")}
        case "pid": return os.getpid()
    return {"event": event, "calls": len(SEEN)}
"""


@pytest.fixture
def deployment(tmp_path: Path) -> Deployment:
    code, layer = tmp_path / "code", tmp_path / "layer"
    (layer / "python").mkdir(parents=True)
    code.mkdir()
    (code / "handler.py").write_text(HANDLER)
    (code / "twice.py").write_text("SOURCE = 'code'")
    (layer / "python" / "twice.py").write_text("SOURCE = 'layer'")
    (layer / "python" / "plainly_from_the_layer.py").write_text("")
    return Deployment(
        name="toy",
        arn="arn:aws:lambda:us-east-1:000000000000:function:toy",
        handler="handler.handler",
        timeout=60,
        memory=256,
        environment={"SET_BY": "the template", "AWS_REGION": "wrong"},
        code=code,
        layers=(layer,),
    )


@pytest.fixture(params=["awslambdaric", "plain"])
def runtime(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    if request.param == "plain":
        (tmp_path / "plain").mkdir()
        (tmp_path / "plain" / "plain_runtime.py").symlink_to(CHILDREN / "plain_runtime.py")
        return tmp_path / "plain"
    return prepare_runtime(tmp_path / "runtime")


type Toy = dict[str, Deployment]


@pytest.fixture
def toy(deployment: Deployment) -> Toy:
    """What is deployed under the name `toy`; tests may deploy something else."""
    return {"toy": deployment}


@pytest.fixture
def runner(tmp_path: Path, runtime: Path, toy: Toy) -> Iterator[Runner]:
    children = ChildProcesses(tmp_path / "processes.json")
    runner = Runner(
        runtime, children, LogReader(tmp_path / "logs"), toy.__getitem__, lambda _: {"AWS_REGION": "us-east-1"}
    )
    yield runner
    runner.stop()
    children.close()


type Ask = Callable[..., Any]


@pytest.fixture
def ask(runner: Runner) -> Ask:
    def ask(**event: object) -> object:
        return json.loads(runner.invoke("toy", Call(json.dumps(event).encode(), "request-1", "Root=1-2")).body)

    return ask


def test_an_environment_is_kept_warm(ask: Ask, runner: Runner):
    assert [ask(n=n)["calls"] for n in range(3)] == [1, 2, 3]
    assert (runner.counts["toy"].cold, runner.counts["toy"].warm) == (1, 2)


def test_a_call_waits_for_the_end_of_a_pause_and_a_pause_for_the_calls_that_run(
    ask: Ask, runner: Runner, tmp_path: Path
):
    ask(do="pid")
    with ThreadPoolExecutor() as pool:
        running = pool.submit(ask, do="note", file=str(tmp_path / "noted"))
        wait_for(lambda: runner.counts["toy"].warm)
        with runner.paused():
            assert (tmp_path / "noted").exists()
            waiting = pool.submit(ask, n=1)
            time.sleep(0.2)
            assert not waiting.done()
        assert (running.result(60), waiting.result(60)["calls"]) == ("noted", 3)


def test_a_function_learns_its_call_as_on_lambda(ask: Ask, deployment: Deployment):
    context = ask(do="context")
    assert context | {"left": 0} == {
        "id": "request-1",
        "left": 0,
        "arn": deployment.arn,
        "name": "toy",
        "trace": "Root=1-2",
    }
    assert 0 < context["left"] <= 60_000


def test_nothing_of_the_developers_environment_leaks_in(
    ask: Ask, monkeypatch: pytest.MonkeyPatch, deployment: Deployment
):
    monkeypatch.setenv("AWS_PROFILE", "mine")
    monkeypatch.setenv("PYTHONPATH", "/somewhere")
    variables = ask(do="environment")
    assert not {"AWS_PROFILE", "PYTHONPATH", "HOME", "VIRTUAL_ENV"} & variables.keys()
    assert variables["SET_BY"] == "the template"
    assert variables["AWS_REGION"] == "us-east-1"
    assert variables["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"] == "256"
    assert variables["LAMBDA_TASK_ROOT"] == str(deployment.code)


def test_code_comes_before_layers_and_our_own_packages_are_not_there(ask: Ask, deployment: Deployment):
    path = ask(do="path")
    assert path[:2] == [str(deployment.code), str(deployment.layers[0] / "python")]
    assert not [folder for folder in path if "site-packages" in folder]
    assert ask(do="import", module="psycopg")["errorType"] == "ModuleNotFoundError"


def test_an_error_keeps_its_type_and_the_environment(ask: Ask):
    answer = ask(do="raise")
    assert (answer["errorType"], answer["errorMessage"]) == ("LookupError", "nothing here")
    assert any("raise LookupError" in line for line in answer["stackTrace"])
    assert ask()["calls"] == 2


def test_a_call_that_times_out_is_killed_and_the_next_one_starts_cold(ask: Ask, runner: Runner, toy: Toy):
    toy["toy"] = replace(toy["toy"], timeout=1)
    ask()
    began = time.monotonic()
    answer = ask(do="sleep", seconds=50)
    assert time.monotonic() - began < 50
    assert answer == {
        "errorType": "Sandbox.Timedout",
        "errorMessage": "RequestId: request-1 Error: Task timed out after 1.00 seconds",
    }
    assert ask()["calls"] == 1
    assert runner.counts["toy"].cold == 2


def test_an_environment_that_ends_during_a_call_is_reported_and_replaced(ask: Ask):
    assert ask(do="exit", status=3)["errorType"] == "Runtime.ExitError"
    assert "exit status 3" in ask(do="exit", status=3)["errorMessage"]
    assert ask()["calls"] == 1


def test_an_environment_killed_while_idle_costs_nothing_but_a_cold_start(ask: Ask):
    for _ in range(5):
        pid = ask(do="pid")
        os.kill(pid, signal.SIGKILL)
        wait_for(partial(is_gone, pid))
        assert ask()["calls"] == 1


@pytest.mark.parametrize(
    ("code", "kind"),
    [("import no_such_module", "Runtime.ImportModuleError"), ("1 / 0", "ZeroDivisionError")],
)
def test_code_that_does_not_load_says_why(ask: Ask, deployment: Deployment, code: str, kind: str):
    (deployment.code / "handler.py").write_text(code)
    assert ask()["errorType"] == kind


def test_code_that_never_becomes_ready_is_given_up(ask: Ask, deployment: Deployment, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("local.execution.INIT_LIMIT", 0.5)
    (deployment.code / "handler.py").write_text("import time; time.sleep(60)")
    assert "Init timed out" in ask()["errorMessage"]


def test_calls_at_the_same_time_have_a_process_each(ask: Ask, runner: Runner, tmp_path: Path):
    with ThreadPoolExecutor(3) as together:
        asked = [together.submit(ask, do="wait", file=str(tmp_path / "enough")) for _ in range(3)]
        wait_for(lambda: len(runner.processes().get("toy", [])) == 3)
        (tmp_path / "enough").touch()
    assert [one.result() for one in asked] == ["waited"] * 3
    assert len(runner.processes()["toy"]) == runner.counts["toy"].cold == 3


def test_more_calls_than_an_account_has_are_refused(
    ask: Ask, runner: Runner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("local.runner.MAX_ENVIRONMENTS", 1)
    first = threading.Thread(target=ask, kwargs={"do": "wait", "file": str(tmp_path / "enough")})
    first.start()
    wait_for(lambda: runner.processes().get("toy"))
    assert ask()["errorType"] == "TooManyRequestsException"
    (tmp_path / "enough").touch()
    first.join()


def test_a_new_deployment_replaces_the_old_environments(ask: Ask, runner: Runner, toy: Toy):
    before = ask(do="pid")
    toy["toy"] = replace(toy["toy"], environment={"SET_BY": "a newer template"})
    runner.refresh()
    assert ask(do="environment")["SET_BY"] == "a newer template"
    assert identity(before) is None


def test_stopping_leaves_no_process(ask: Ask, runner: Runner):
    pid = ask(do="pid")
    runner.stop()
    assert identity(pid) is None


def test_the_emulator_gets_the_error_and_the_output(runner: Runner):
    ok, failed = (post(runner, {"do": "print", "line": "hello"}), post(runner, {"do": "raise"}))
    assert "X-Amz-Function-Error" not in ok
    assert failed["X-Amz-Function-Error"] == "Unhandled"


def post(runner: Runner, event: object) -> Mapping[str, str]:
    return httpx.post(f"{runner.url}/toy", json=event, trust_env=False, timeout=60).headers


def test_a_stranger_gets_no_call_and_answers_none(ask: Ask):
    api = str(ask(do="environment")["AWS_LAMBDA_RUNTIME_API"])
    host = api.partition("/")[0]
    for address in (f"http://{host}", f"http://{host}/guess", f"http://{api}"):
        path = "/2018-06-01/runtime/invocation"
        taken = httpx.get(f"{address}{path}/next" if api not in address else f"{address}/anything", trust_env=False)
        assert taken.status_code in {403, 404}
        if api not in address:
            assert httpx.post(f"{address}{path}/request-1/response", json="mine", trust_env=False).status_code == 403
    assert ask(n=1)["calls"] == 2


def test_an_error_at_the_start_keeps_its_words(ask: Ask, deployment: Deployment):
    (deployment.code / "handler.py").write_text("raise LookupError('not today')")
    assert ask()["errorMessage"] == "not today"


def test_what_a_function_prints_is_in_its_log(ask: Ask, tmp_path: Path):
    ask(do="print", line="a fact with = keys")
    wait_for(lambda: "a fact with = keys" in (tmp_path / "logs" / "toy.log").read_text())
    assert "REPORT RequestId: request-1" in (tmp_path / "logs" / "toy.log").read_text()


def is_gone(pid: int) -> bool:
    return identity(pid) is None
