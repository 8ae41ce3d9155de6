"""Each run has its own emulator, which keeps its data when asked to, and moves when its port is taken."""

import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from devkit.ports import free_port
from devkit.processes import ChildProcesses, identity
from local.aws import Aws
from local.cloud import EMULATOR_PYTHON
from local.emulator import Emulator, EmulatorError


@pytest.fixture
def children(tmp_path: Path) -> Iterator[ChildProcesses]:
    children = ChildProcesses(tmp_path / "processes.json")
    yield children
    children.close()


@pytest.fixture
def emulator(tmp_path: Path, children: ChildProcesses) -> Iterator[Emulator]:
    emulator = Emulator(tmp_path, EMULATOR_PYTHON, children)
    emulator.choose_port()
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
    emulator.choose_port()
    emulator.start("http://127.0.0.1:1", ())


def test_what_was_made_is_there_after_a_restart_at_the_same_address(emulator: Emulator):
    url = make_queue(emulator)
    emulator.stop()
    restart(emulator)
    assert queues(emulator) == [url]


def test_nobody_else_on_this_machine_may_read_what_it_keeps(tmp_path: Path, children: ChildProcesses):
    folder = tmp_path / "emulator"
    Emulator(folder, EMULATOR_PYTHON, children).choose_port()
    assert folder.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("path", ["/", "/_local/answers", "/2015-03-31/functions/game-xp-award/invocations"])
@pytest.mark.parametrize("headers", [{"Origin": "https://evil.example"}, {"Host": "evil.example"}])
def test_a_page_in_a_browser_is_refused(emulator: Emulator, path: str, headers: dict[str, str]):
    answer = httpx.post(f"{emulator.url}{path}", content="{}", headers=headers, trust_env=False)
    assert answer.status_code == 403


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
    impostor.choose_port()
    impostor.port = emulator.port
    with pytest.raises(EmulatorError, match="already in use"):
        impostor.start("http://127.0.0.1:1", ())
    assert emulator.is_running()


def test_a_port_that_is_wanted_and_free_is_given(emulator: Emulator):
    free = free_port()
    assert free_port(free) == free
    assert free_port(emulator.port) != emulator.port


def test_a_stopped_emulator_is_gone(emulator: Emulator):
    pid = emulator.pid
    emulator.stop()
    assert identity(pid) is None
