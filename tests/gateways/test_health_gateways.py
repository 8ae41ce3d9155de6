"""What the health check reaches in AWS, through the SDK itself, and our API as from outside."""

from __future__ import annotations

import io
import json
import socket
import threading
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any, Literal, cast, override

import boto3
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from mastermind.deadline import Deadline
from mastermind.discord import signature
from mastermind.errors import BadSignature, Unavailable
from mastermind.gateways.functions import Function, function
from mastermind.gateways.metrics import Metrics, metrics
from mastermind.gateways.parameters import parameters
from mastermind.gateways.public_api import PublicApi
from mastermind.gateways.queues import Depth, queues
from mastermind.gateways.sdk import asked
from mastermind.gateways.snapshots import snapshots
from mastermind.operations.backup.rules import newest
from mastermind.operations.health.rules import State
from mastermind.operations.health.state import HealthState
from tests.moto_aws import moto_aws
from tests.serving import LocalServer, Quiet, serving
from tests.waiting import quickest, timed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

REGION = "eu-central-1"
AT = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


def soon() -> Deadline:
    return Deadline.after(10)


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with moto_aws(monkeypatch, REGION):
        yield


# --- the SDK ---


@pytest.mark.parametrize(
    ("trouble", "words"),
    [
        (ClientError({"Error": {"Code": "AccessDenied", "Message": "hush"}}, "Get"), "SQS answers AccessDenied"),
        (EndpointConnectionError(endpoint_url="hush"), "SQS cannot be reached: EndpointConnectionError"),
    ],
)
def test_a_service_that_does_not_answer_is_unavailable_in_our_words(trouble: Exception, words: str):
    def fails() -> None:
        raise trouble

    with pytest.raises(Unavailable) as caught:
        asked("SQS", fails, soon())
    assert str(caught.value) == words
    assert "hush" not in repr(caught.value.__cause__)


def test_a_service_that_never_answers_is_left_at_the_deadline():
    released, begun = threading.Event(), time.monotonic()
    with pytest.raises(Unavailable, match="does not answer in time"):
        asked("SQS", lambda: released.wait(60), Deadline.after(0.1))
    released.set()
    assert time.monotonic() - begun < 30


@pytest.mark.usefixtures("aws")
def test_the_depth_of_a_queue_counts_what_waits_and_what_is_worked_on():
    sqs = boto3.client("sqs", region_name=REGION)
    url = sqs.create_queue(QueueName="Awards")["QueueUrl"]
    assert queues().depths([url], soon()) == {"Awards": Depth(0, 0)}
    for body in "ab":
        sqs.send_message(QueueUrl=url, MessageBody=body)
    sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=1)
    assert queues().depths([url], soon()) == {"Awards": Depth(1, 1)}


@pytest.mark.usefixtures("aws")
def test_a_queue_that_is_gone_is_unavailable():
    with pytest.raises(Unavailable, match=r"SQS answers .*NonExistent"):
        queues().depths([f"https://sqs.{REGION}.amazonaws.com/123456789012/None"], soon())


@pytest.mark.usefixtures("aws")
def test_the_newest_snapshot_of_our_instance_counts_and_no_other_ones():
    rds = boto3.client("rds", region_name=REGION)
    for name in ("ours", "theirs"):
        rds.create_db_instance(DBInstanceIdentifier=name, DBInstanceClass="db.t4g.micro", Engine="postgres")
    assert newest(snapshots("none").all(soon())) is None
    rds.create_db_snapshot(DBSnapshotIdentifier="ours-1", DBInstanceIdentifier="ours")
    found = newest(snapshots("ours").all(soon()))
    assert found
    assert found.made
    assert found.name == "ours-1"
    assert datetime.now(UTC) - found.made < timedelta(minutes=1)


@pytest.mark.usefixtures("aws")
def test_metrics_stand_in_the_stacks_namespace_under_the_functions_folder():
    metrics("stack", "healthcheck").put({"Healthy": 0, "ProbeMain": 1}, soon())
    found = boto3.client("cloudwatch", region_name=REGION).list_metrics(Namespace="stack")["Metrics"]
    assert {one.get("MetricName") for one in found} == {"Healthy", "ProbeMain"}
    assert found
    assert all(one.get("Dimensions") == [{"Name": "service", "Value": "healthcheck"}] for one in found)


class Recorder:
    """CloudWatch, as far as to see what it is sent."""

    def __init__(self) -> None:
        self.data: list[Any] = []

    def put_metric_data(self, *, Namespace: str, MetricData: Sequence[Any]) -> None:  # noqa: ARG002, N803 # AWS's words
        self.data += MetricData


def test_an_alarm_may_look_at_our_metrics_every_ten_seconds():
    recorder = Recorder()
    Metrics("game", "healthcheck", recorder).put({"Healthy": 1.0}, soon())
    assert [one["StorageResolution"] for one in recorder.data] == [1]


@pytest.mark.usefixtures("aws")
def test_the_state_is_kept_in_its_parameter_and_begins_without_one():
    memory = HealthState(parameters(), "/stack/health/state")
    assert memory.read(soon()) == State()
    memory.write(State(at=AT, good_in_a_row=1), soon())
    memory.write(State(at=AT, good_in_a_row=2), soon())
    assert memory.read(soon()) == State(at=AT, good_in_a_row=2)


class Lambda:
    """Lambda with one function and a scripted answer."""

    def __init__(self, answer: object, error: str = "") -> None:
        self._answer, self._error = answer, error
        self.asked: list[object] = []

    def invoke(
        self,
        *,
        FunctionName: str,  # noqa: N803
        InvocationType: Literal["RequestResponse"],  # noqa: N803
        Payload: bytes,  # noqa: N803
    ) -> Mapping[str, Any]:
        assert (FunctionName, InvocationType) == ("stack-xp-award", "RequestResponse")
        self.asked.append(json.loads(Payload))
        failed = {"FunctionError": self._error} if self._error else {}
        return {**failed, "Payload": io.BytesIO(json.dumps(self._answer).encode())}


def test_a_function_is_asked_and_its_answer_returned():
    lambdas = Lambda({"migration": 17})
    assert Function("stack-xp-award", lambdas).ask({"probe": True}, soon()) == {"migration": 17}
    assert lambdas.asked == [{"probe": True}]


@pytest.mark.parametrize(
    ("lambdas", "words"),
    [
        (Lambda({"failure": "PostgreSQL cannot be reached"}), "PostgreSQL cannot be reached"),
        (Lambda({"errorMessage": "hush"}, "Unhandled"), "stack-xp-award fails: its log says how"),
        (Lambda(None), "stack-xp-award gives no answer"),
        (Lambda([1]), "stack-xp-award gives no answer"),
    ],
)
def test_a_function_that_fails_is_unavailable_and_its_error_stays_in_its_log(lambdas: Lambda, words: str):
    with pytest.raises(Unavailable) as caught:
        Function("stack-xp-award", lambdas).ask({"probe": True}, soon())
    assert str(caught.value) == words


@pytest.mark.usefixtures("aws")
def test_a_function_that_is_not_there_is_unavailable():
    with pytest.raises(Unavailable, match="none answers ResourceNotFoundException"):
        function("none").ask({"probe": True}, soon())


# --- our API from outside ---


class Api(LocalServer):
    """A stage of an API that answers with `status`, and keeps what it was asked."""

    def __init__(self, status: int = 401, date: str | None = None) -> None:
        super().__init__(Answering)
        self.status, self.date = status, date
        self.asked: list[tuple[str, str, dict[str, str], bytes]] = []

    @property
    @override
    def url(self) -> str:
        return f"{super().url}/live"


class Answering(Quiet, BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        server = cast("Api", self.server)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        server.asked.append((self.command, self.path, headers, body))
        self.send_response_only(server.status)
        self.send_header("X-Release", "abc")
        if server.date is not None:
            self.send_header("Date", server.date)
        self.end_headers()

    def do_GET(self) -> None:
        self.do_POST()


def test_a_forged_interaction_is_well_signed_by_a_stranger_and_never_twice_by_the_same():
    with serving(Api(status=401)) as api:
        answers = [PublicApi(api.url).forge("main", soon()) for _ in range(2)]
        (method, path, headers, body), (_, _, again, _) = api.asked
    assert [answer.status for answer in answers] == [401, 401]
    assert (method, path, json.loads(body)["type"]) == ("POST", "/live/interactions/main", 1)
    signed, at = headers["x-signature-ed25519"], headers["x-signature-timestamp"]
    assert len(bytes.fromhex(signed)) == 64
    assert abs(int(at) - time.time()) < 60
    assert again["x-signature-ed25519"] != signed
    with pytest.raises(BadSignature):
        signature.verify(bytes(range(32)), signed, at, body, now=time.time())


def test_the_health_page_is_asked_plainly_and_its_date_is_read():
    with serving(Api(status=503, date="Mon, 23 Nov 2026 08:00:00 GMT")) as api:
        answer = PublicApi(api.url).health(soon())
        ((method, path, headers, body),) = api.asked
    assert (method, path, body) == ("GET", "/live/health", b"")
    assert not {name for name in headers if name.startswith("x-")}
    assert (answer.status, answer.date, answer.release) == (503, AT, "abc")
    assert answer.asked <= answer.answered


@pytest.mark.parametrize("date", [None, "yesterday", ""])
def test_an_answer_without_a_date_tells_no_time(date: str | None):
    with serving(Api(date=date)) as api:
        assert PublicApi(api.url).health(soon()).date is None


def test_an_api_that_is_not_there_or_never_answers_is_unavailable_in_time():
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/live"

        def ask() -> None:
            with pytest.raises(Unavailable, match="the API"):
                PublicApi(url).health(Deadline.after(0.2))

        assert quickest(timed(ask), 1) < 1
    with pytest.raises(Unavailable, match="cannot be reached: ConnectionRefusedError"):
        PublicApi(url).health(soon())
