from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import time
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID, uuid4

import boto3
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from mastermind.config import AwsCredentials, AwsSettings
from mastermind.deadline import Deadline
from mastermind.errors import ConfigError, Unavailable
from mastermind.gateways.sqs import Queue
from tests.serving import LocalServer, Quiet, serving
from tests.waiting import quickest, timed, wait_for

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

AWARD = UUID("019a0000-0000-7000-8000-000000000001")
CREDENTIALS = AwsCredentials("AKIAEXAMPLE", "not-a-real-secret", "on-loan")
EMULATOR = Path(__file__).parents[2] / ".tools/emulator/bin/ministack"

type Exchange = tuple[int, dict[str, str], bytes]  # the client's port, the headers, the body


class Sqs(LocalServer):
    """Stands in for SQS: keeps the requests, and answers as scripted."""

    def __init__(self) -> None:
        super().__init__(Answering)
        self.asked: list[Exchange] = []
        self.answers: list[Callable[[Answering], None]] = []


class Answering(Quiet, BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    @property
    def sqs(self) -> Sqs:
        return cast("Sqs", self.server)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.sqs.asked.append((self.client_address[1], dict(self.headers), body))
        (self.sqs.answers.pop(0) if self.sqs.answers else say(200))(self)


def say(status: int, body: bytes = b"{}") -> Callable[[Answering], None]:
    def answer(handler: Answering) -> None:
        handler.send_response(status)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def say_nothing(handler: Answering) -> None:
    time.sleep(1.5)
    handler.close_connection = True


def hang_up(handler: Answering) -> None:
    handler.close_connection = True


def answer_and_hang_up(handler: Answering) -> None:
    say(200)(handler)
    handler.close_connection = True


@pytest.fixture
def sqs() -> Iterator[Sqs]:
    with serving(Sqs()) as server:
        yield server


@contextmanager
def queue_at(url: str) -> Generator[Queue]:
    queue = Queue(f"{url}/000000000000/XpAwards", AwsSettings("eu-central-1", url, CREDENTIALS))
    try:
        yield queue
    finally:
        queue.close()


def test_the_queue_is_told_the_message_and_nothing_else(sqs: Sqs) -> None:
    with queue_at(sqs.url) as queue:
        queue.send(str(AWARD))

    [(_, headers, body)] = sqs.asked
    assert json.loads(body) == {"QueueUrl": f"{sqs.url}/000000000000/XpAwards", "MessageBody": str(AWARD)}
    assert headers["X-Amz-Target"] == "AmazonSQS.SendMessage"
    assert headers["Content-Type"] == "application/x-amz-json-1.0"


def test_what_arrives_bears_the_signature_that_botocore_would_give(sqs: Sqs) -> None:
    with queue_at(sqs.url) as queue:
        queue.send(str(AWARD))

    [(_, headers, body)] = sqs.asked
    signed = {name: headers[name] for name in ("Host", "Content-Type", "X-Amz-Target", "X-Amz-Date")}
    request = AWSRequest("POST", f"{sqs.url}/", {**signed, "X-Amz-Security-Token": "on-loan"}, body)
    request.context["timestamp"] = headers["X-Amz-Date"]
    signer = SigV4Auth(Credentials("AKIAEXAMPLE", "not-a-real-secret", "on-loan"), "sqs", "eu-central-1")
    signature = signer.signature(signer.string_to_sign(request, signer.canonical_request(request)), request)
    assert headers["Authorization"].endswith(f"Signature={signature}")


def test_one_connection_serves_many_messages(sqs: Sqs) -> None:
    with queue_at(sqs.url) as queue:
        for _ in range(3):
            queue.send(str(uuid4()))

    assert len({port for port, _, _ in sqs.asked}) == 1
    assert len(sqs.asked) == 3


def test_a_connection_that_was_closed_meanwhile_is_opened_again(sqs: Sqs) -> None:
    sqs.answers = [answer_and_hang_up]
    with queue_at(sqs.url) as queue:
        queue.send(str(AWARD))
        queue.send(str(AWARD))

    assert len({port for port, _, _ in sqs.asked}) == 2


@pytest.mark.parametrize("trouble", [say(503), say(429), hang_up, say_nothing])
def test_a_failed_try_is_repeated_once(sqs: Sqs, trouble: Callable[[Answering], None]) -> None:
    sqs.answers = [trouble]
    with queue_at(sqs.url) as queue:
        queue.send(str(AWARD))

    assert len(sqs.asked) == 2


def test_two_failed_tries_are_the_end_of_it(sqs: Sqs) -> None:
    refusal = say(400, b'{"__type": "com.amazonaws.sqs#QueueDoesNotExist"}')
    sqs.answers = [refusal, refusal]
    with queue_at(sqs.url) as queue, pytest.raises(Unavailable, match=r"400 .*QueueDoesNotExist"):
        queue.send(str(AWARD))

    assert len(sqs.asked) == 2


def test_a_queue_that_never_answers_costs_two_seconds(sqs: Sqs) -> None:
    assert 1.9 < quickest(timed(partial(send_in_vain, sqs)), 3) < 3


def send_in_vain(sqs: Sqs, seconds: float | None = None) -> None:
    sqs.answers = [say_nothing, say_nothing]
    deadline = None if seconds is None else Deadline.after(seconds)
    with queue_at(sqs.url) as queue, pytest.raises(Unavailable):
        queue.send(str(AWARD), deadline)


def test_the_deadline_ends_it_sooner(sqs: Sqs) -> None:
    assert quickest(timed(partial(send_in_vain, sqs, 0.3)), 1.5) < 1.5


def test_a_passed_deadline_asks_nobody(sqs: Sqs) -> None:
    with queue_at(sqs.url) as queue, pytest.raises(Unavailable):
        queue.send(str(AWARD), Deadline.after(0))

    assert sqs.asked == []


def test_a_refused_connection_is_unavailable_at_once() -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        with queue_at(f"http://127.0.0.1:{nobody.getsockname()[1]}") as queue, pytest.raises(Unavailable):
            queue.send(str(AWARD))


def test_without_credentials_the_queue_names_the_variable() -> None:
    with pytest.raises(ConfigError, match="AWS_ACCESS_KEY_ID"):
        Queue("https://sqs.example/1/q", AwsSettings("eu-central-1", None))


def test_a_message_sent_to_the_emulator_is_received_from_it(tmp_path: Path) -> None:
    with emulator(tmp_path) as url:
        client: Any = boto3.client(
            "sqs", endpoint_url=url, region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x"
        )
        queue_url: str = client.create_queue(QueueName="XpAwards")["QueueUrl"]
        queue = Queue(queue_url, AwsSettings("us-east-1", url, CREDENTIALS))
        queue.send(str(AWARD))
        queue.close()
        received = client.receive_message(QueueUrl=queue_url, WaitTimeSeconds=5)["Messages"]
        client.close()

    assert [message["Body"] for message in received] == [str(AWARD)]


@contextmanager
def emulator(folder: Path) -> Generator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {"PATH": os.defpath, "HOME": str(folder), "BIND_HOST": "127.0.0.1", "GATEWAY_PORT": str(port)}
    quiet = {"IOT_MTLS_ENABLED": "0", "SFTP_ENABLED": "0", "DOCKER_HOST": "unix:///nonexistent"}
    known = {
        "AWS_ACCESS_KEY_ID": CREDENTIALS.access_key_id,
        "AWS_SECRET_ACCESS_KEY": CREDENTIALS.secret_access_key,
        "AWS_SESSION_TOKEN": CREDENTIALS.session_token or "",
    }
    with (folder / "log").open("wb") as log:
        child = subprocess.Popen([EMULATOR], env=environment | quiet | known, cwd=folder, stdout=log, stderr=log)
    try:
        wait_for(partial(listens, port), 120, "the start of the emulator")
        yield f"http://127.0.0.1:{port}"
    finally:
        child.send_signal(signal.SIGKILL)
        child.wait()


def listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 60).close()
    except OSError:
        return False
    return True
