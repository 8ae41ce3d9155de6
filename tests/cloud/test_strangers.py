"""Another user of this machine gets nothing from a running local cloud."""

from __future__ import annotations

import multiprocessing
import os
import socket
from contextlib import closing, suppress
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from typing import TYPE_CHECKING

import psutil
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from local.cloud import Cloud

NOBODY = 65534
PATHS = (
    "/",
    "/received",
    "/?Action=ListQueues",
    "/?Action=CreateStack&StackName=evil&TemplateBody={}",
    "/_local/answers",
    "/_ministack/sqs/messages",
    "/api/setup",
    "/api/webhooks/alerts/local",
    "/mastermind-backup",
    "/2018-06-01/runtime/invocation/next",
)


def test_every_file_is_for_its_owner_alone(cloud: Cloud):
    folder = cloud.folder
    assert folder.stat().st_mode & 0o077 == 0
    open_to_others = [
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if not path.is_symlink() and not path.is_socket() and mode_of(path) & 0o077
    ]
    assert open_to_others == []


def mode_of(path: Path) -> int:
    """Of a file that PostgreSQL or the emulator has removed meanwhile: nobody's."""
    try:
        return path.stat().st_mode
    except FileNotFoundError:
        return 0


def ports(cloud: Cloud) -> set[int]:
    """Every port on which the local cloud listens."""
    found = set[int]()
    for process in (psutil.Process(), *psutil.Process().children(recursive=True), psutil.Process(cloud.postgres.pid)):
        with suppress(psutil.NoSuchProcess):  # a function's, which has ended meanwhile
            listening = (one for one in process.net_connections("tcp") if one.status == psutil.CONN_LISTEN)
            found |= {one.laddr.port for one in listening}
    return found


def as_nobody(work: Callable[[], object]) -> object:
    """What `work` returns when another Unix user does it."""
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe()

    def child() -> None:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)
        theirs.send(work())

    process = context.Process(target=child)
    process.start()
    assert ours.poll(120)
    answer = ours.recv()
    process.join()
    return answer


def ask_all(listening: set[int]) -> dict[str, int]:
    """The status of each request that was not refused with 403."""
    return {
        f"{method} {port}{path}": status
        for port in listening
        for path in PATHS
        for method in ("GET", "POST")
        if (status := ask(port, method, path)) not in {0, HTTPStatus.FORBIDDEN}
    }


def ask(port: int, method: str, path: str) -> int:
    """The status; 0 for a server without HTTP."""
    with closing(HTTPConnection("127.0.0.1", port, timeout=10)) as connection:
        try:
            connection.request(method, path, b"{}", {"Content-Type": "application/json"})
            return connection.getresponse().status
        except (HTTPException, OSError):
            return 0


def read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        return type(error).__name__


def test_another_user_is_answered_nothing_and_reads_nothing(cloud: Cloud):
    if os.geteuid() != 0:
        refuse = pytest.fail if os.environ.get("CI") else pytest.skip
        refuse("only root can become a second user: run this one test with sudo")
    listening = ports(cloud)
    assert {cloud.emulator.port, cloud.postgres.port} < listening
    assert len(listening) >= len(("emulator", "PostgreSQL", "page", "webhooks", "runner"))
    assert as_nobody(lambda: ask_all(listening)) == {}
    assert as_nobody(lambda: read(cloud.folder / "endpoints.json")) == "PermissionError"
    with socket.create_connection(("127.0.0.1", cloud.postgres.port), 5):
        pass  # PostgreSQL itself asks for a password (tests/devkit/test_postgres.py)
