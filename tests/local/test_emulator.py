"""Each run has its own emulator, which keeps its data when asked to, and moves when its port is taken."""

import os
import signal
import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from devkit.ports import free_port
from devkit.processes import ChildProcesses, identity
from local.aws import ACCESS_KEY, Aws
from local.cloud import EMULATOR_PYTHON
from local.emulator import Emulator, EmulatorError
from mastermind.config import AwsCredentials, AwsSettings
from mastermind.deadline import Deadline
from mastermind.gateways.s3 import Bucket


@pytest.fixture
def children(tmp_path: Path) -> Iterator[ChildProcesses]:
    children = ChildProcesses(tmp_path / "processes.json")
    yield children
    children.close()


@pytest.fixture
def emulator(tmp_path: Path, children: ChildProcesses) -> Iterator[Emulator]:
    emulator = Emulator(tmp_path, EMULATOR_PYTHON, children)
    emulator.choose_address()
    emulator.start("http://127.0.0.1:1", ())
    yield emulator
    emulator.stop()


def queues(emulator: Emulator) -> list[str]:
    aws = Aws(emulator.url)
    try:
        return aws.sqs.list_queues().get("QueueUrls", [])
    finally:
        aws.close()


def make_queue(emulator: Emulator) -> str:
    aws = Aws(emulator.url)
    try:
        return aws.sqs.create_queue(QueueName="awards")["QueueUrl"]
    finally:
        aws.close()


def restart(emulator: Emulator) -> None:
    emulator.choose_address()
    emulator.start("http://127.0.0.1:1", ())


def test_what_was_made_is_there_after_a_restart_at_the_same_address(emulator: Emulator):
    url = make_queue(emulator)
    emulator.stop()
    restart(emulator)
    assert queues(emulator) == [url]


def test_nobody_else_on_this_machine_may_read_what_it_keeps(tmp_path: Path, children: ChildProcesses):
    folder = tmp_path / "emulator"
    emulator = Emulator(folder, EMULATOR_PYTHON, children)
    emulator.choose_address()
    emulator.stop()
    assert folder.stat().st_mode & 0o777 == 0o700


PATHS = (
    "/",
    "/?Action=CreateStack&StackName=evil&TemplateBody={}",
    "/_local/answers",
    "/_ministack/sqs/messages",
    "/_ministack/cfn-response/guessed",
    "/2015-03-31/functions/game-xp-award/invocations",
    "/bucket/key?X-Amz-Signature=guessed",
    "/restapis/",
    "/restapis/x/live/_user_request_/../../../../_local/answers",
)


@pytest.mark.parametrize("path", PATHS)
def test_who_does_not_know_the_secret_is_refused(emulator: Emulator, path: str):
    for base in (emulator.origin, f"{emulator.origin}/{emulator.secret[:-1]}", f"{emulator.origin}/guess"):
        for method in ("GET", "POST", "PUT"):
            assert httpx.request(method, f"{base}{path}", trust_env=False, timeout=60).status_code == 403


@pytest.mark.parametrize("path", ["/", "/_local/answers", "/2015-03-31/functions/game-xp-award/invocations"])
@pytest.mark.parametrize(
    "headers", [{"Origin": "https://evil.example"}, {"Host": "evil.example"}, {"Sec-Fetch-Site": "cross-site"}]
)
def test_a_page_in_a_browser_is_refused_even_if_it_knows_the_secret(
    emulator: Emulator, path: str, headers: dict[str, str]
):
    answer = httpx.post(f"{emulator.url}{path}", content="{}", headers=headers, trust_env=False, timeout=60)
    assert answer.status_code == 403


def test_a_signed_link_reads_its_object_and_nothing_else(emulator: Emulator):
    with closing(Aws(emulator.url)) as aws:
        aws.s3.create_bucket(Bucket="dumps")
        for key in ("yours", "others"):
            aws.s3.put_object(Bucket="dumps", Key=key, Body=key.encode())
    settings = AwsSettings("us-east-1", emulator.url, AwsCredentials(ACCESS_KEY, emulator.secret, None))
    with closing(Bucket("dumps", settings)) as bucket:
        bucket.put("new", b"new", Deadline.after(60))
    for key in ("yours", "new"):
        link = bucket.link(key, 600, Deadline.after(60))
        assert emulator.secret not in link
        assert httpx.get(link, headers={"Sec-Fetch-Site": "same-site"}, trust_env=False, timeout=60).text == key
    link = bucket.link("yours", 600, Deadline.after(60))
    changed = (link.replace("/yours", "/others"), f"{link}&Action=ListStacks", link.replace("/dumps/yours", "/"))
    assert [httpx.get(url, trust_env=False, timeout=60).status_code for url in changed] == [403, 403, 403]
    assert httpx.delete(link, trust_env=False, timeout=60).status_code == 403


def test_what_was_saved_survives_a_kill(emulator: Emulator):
    url = make_queue(emulator)
    emulator.save()
    os.kill(emulator.pid, signal.SIGKILL)
    emulator.kill()
    assert not emulator.is_running()
    restart(emulator)
    assert queues(emulator) == [url]


def test_a_taken_port_moves_it_and_all_that_names_its_address(emulator: Emulator):
    url = make_queue(emulator)
    emulator.stop()
    old = emulator.port
    with socket.socket() as somebody:
        somebody.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        somebody.bind(("127.0.0.1", old))
        somebody.listen()
        restart(emulator)
    assert emulator.port != old
    assert queues(emulator) == [url.replace(str(old), str(emulator.port))]


def test_another_server_is_never_taken_for_ours(emulator: Emulator, children: ChildProcesses, tmp_path: Path):
    impostor = Emulator(tmp_path / "second", EMULATOR_PYTHON, children)
    impostor.choose_address()
    impostor.port = emulator.port
    with pytest.raises(EmulatorError, match="already in use"):
        impostor.start("http://127.0.0.1:1", ())
    assert emulator.is_running()


def test_a_port_that_is_wanted_and_free_is_given(emulator: Emulator):
    free = free_port()
    assert free_port(free) == free
    assert free_port(emulator.port) != emulator.port


def test_nobody_else_gets_the_chosen_port_before_the_start(tmp_path: Path, children: ChildProcesses):
    emulator = Emulator(tmp_path, EMULATOR_PYTHON, children)
    emulator.choose_address()
    with socket.socket() as somebody:  # without SO_REUSEADDR, as one that asks for any port
        with pytest.raises(OSError, match="already in use"):
            somebody.bind(("127.0.0.1", emulator.port))
        emulator.stop()
        somebody.bind(("127.0.0.1", emulator.port))


def test_a_stopped_emulator_is_gone(emulator: Emulator):
    pid = emulator.pid
    emulator.stop()
    assert identity(pid) is None
