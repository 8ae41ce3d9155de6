"""The drills of docs/Years.md: what it costs the person to replace a secret, the waiting, and the page about it."""

from __future__ import annotations

import json
import os
import re
import sys
import threading
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Self

import httpx
import psycopg

from devkit.postgres import OWNER
from ops.wrapping import wrapped
from tests.cloud.init_page import Acts, shape, tidy
from tests.cloud.test_sam_deploy import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from devkit.discord_client import DiscordClient
    from tests.cloud.test_sam_deploy import Stack

PAGE = ROOT / "docs" / "benchmarks" / "drills.md"
LOOK = 0.1  # seconds between two looks


@dataclass
class Drill:
    """One secret that is replaced: `command` is what is typed, `aws` the minutes that AWS is expected to take."""

    secret: str
    command: str
    aws: float
    meanwhile: str
    acts: Acts = field(default_factory=Acts)
    text: str = ""
    seconds: float = 0.0
    gap: float = 0.0

    def ended(self, finished: Callable[[], str]) -> None:
        """Wait for the end."""
        began = time.monotonic()
        self.text, self.seconds = finished(), time.monotonic() - began

    def __post_init__(self) -> None:
        self.acts.act(f"type `.venv/bin/{self.command}`", keys=len(self.command) + len(".venv/bin/") + 1)


# --- what RDS does ---


@contextmanager
def master(stack: Stack) -> Generator[None]:
    """RDS: the owner of PostgreSQL has the password of the secret, and the one that RDS is asked for from then on."""
    enough = threading.Event()

    def follow() -> None:
        while not enough.wait(LOOK):
            for instance, password in stack.emulator.passwords().items():
                stack.postgres.set_password(OWNER, password)
                stack.emulator.password_in_force(instance)

    stack.postgres.set_password(OWNER, stored(stack)["password"])
    stack.by_secret.add(OWNER)
    thread = threading.Thread(target=follow)
    thread.start()
    try:
        yield
    finally:
        enough.set()
        thread.join()
        stack.by_secret.discard(OWNER)
        stack.postgres.set_password(OWNER, stack.postgres.password(OWNER))


def stored(stack: Stack) -> dict[str, str]:
    """The secret with the owner's password."""
    found = stack.aws.secrets.get_secret_value(SecretId=stack.outputs["DatabaseSecretArn"])
    return json.loads(found["SecretString"])


def lets_in(stack: Stack, password: str) -> bool:
    """Whether the owner logs in with that."""
    try:
        psycopg.connect(
            host="127.0.0.1", port=stack.postgres.port, user=OWNER, password=password, dbname="mastermind"
        ).close()
    except psycopg.OperationalError as error:
        if "password authentication failed" not in str(error):
            raise
        return False
    return True


# --- what members meet ---


@dataclass
class Watch:
    """Asks for a PONG all the time, and looks whether something has happened."""

    discord: DiscordClient
    happened: Callable[[], bool]
    refused_at: float = 0.0
    over_at: float = 0.0
    _enough: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._look)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._enough.set()
        self._thread.join()

    @property
    def gap(self) -> float:
        """Seconds between the first refusal and what was waited for."""
        return self.over_at - self.refused_at

    def _look(self) -> None:
        while not self._enough.wait(LOOK):
            with suppress(httpx.HTTPError):
                if self.discord.ping().status == 401 and not self.refused_at:
                    self.refused_at = time.monotonic()
            if self.refused_at and not self.over_at and self.happened():
                self.over_at = time.monotonic()


# --- the page ---


def page(drills: list[Drill]) -> str:
    """The whole page, with figures of this run."""
    return "\n".join(_lines(drills)) + "\n"


def _lines(drills: list[Drill]) -> Iterator[str]:
    yield from ("# Drills", "", "<!-- Written by `make bench-init`; a test says when it is stale. -->", "")
    yield from wrapped(iter(_summary(drills))).rstrip().splitlines()
    for one in drills:
        yield from ("", f"## {one.secret}", "")
        yield from wrapped(iter(_own_part(one))).rstrip().splitlines()
        yield from ("", "```", f"$ .venv/bin/{one.command}", *tidy(one.text).splitlines(), "```")


def _summary(drills: list[Drill]) -> Iterator[str]:
    at = datetime.now(UTC)
    place = f"{os.cpu_count()} cores, {sys.platform.title()}, Python {sys.version.split()[0]}"
    yield "Each secret is replaced on a game that is live, with one line of the tool. A test types it at a"
    yield "pseudo-terminal, against the emulator of AWS, a PostgreSQL and the stand-in of Discord. It tries the old"
    yield "secret before and after, the new one, and what members meet meanwhile."
    yield ""
    yield f"Measured on {at:%Y-%m-%d}, {place}, beside other work. Your own time is counted, not clocked"
    yield "([how](init.md#your-own-time)). The minutes on AWS are an estimate: no account was used."
    yield from ("", "| secret | your own time, seconds | waiting here, seconds | on AWS, about minutes | meanwhile |")
    yield "|---|---:|---:|---:|---|"
    for one in drills:
        said = one.meanwhile.format(gap=one.gap)
        name = one.secret.lower()
        link = f"[{name}](#{name.replace(' ', '-').replace("'", '')})"
        yield f"| {link} | {one.acts.seconds:.0f} | {one.seconds:.1f} | {one.aws:.0f} | {said} |"


def _own_part(drill: Drill) -> Iterator[str]:
    yield from ("| act | words | keys | clicks | seconds |", "|---|---:|---:|---:|---:|")
    for one in drill.acts.done:
        yield f"| {one.what} | {one.words} | {one.keys} | {one.points} | {one.seconds:.0f} |"


def counted(text: str) -> str:
    """What two runs have in common: all but the figures and what was shown."""
    return shape(re.sub(r"^```$.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL))
