"""Under SnapStart every process is a copy of one that was started at the deploy: nothing of them may repeat."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import ExitStack, closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest

from devkit import discord_client as discord
from mastermind.entrypoints import interactions, resources
from mastermind.entrypoints.interactions import ANSWER_WITHIN
from mastermind.entrypoints.resources import Lazy
from mastermind.entrypoints.starting import VARIABLE, Start
from tests.discord.signing import PUBLIC_KEY, signed_event
from tests.entrypoints.copies import Invocation
from tests.gateways import aws_stand_in, lender_stand_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from devkit.json_types import Json
    from devkit.postgres import Postgres
    from tests.conftest import Connection
    from tests.gateways.aws_stand_in import Aws
    from tests.gateways.lender_stand_in import Lender

ROOT = Path(__file__).parents[2]
PATH = "/interactions/tensey"
PLACE = discord.Place(11, 22)
COPIES = 3
MEMBERS = [discord.User(101 + number) for number in range(COPIES)]
STILL = ANSWER_WITHIN + 0.2  # seconds: a deadline from before the copies were made has passed then


@pytest.fixture
def aws() -> Iterator[Aws]:
    with aws_stand_in.aws() as aws:
        yield aws


@pytest.fixture
def lender() -> Iterator[Lender]:
    with lender_stand_in.lender() as lender:
        yield lender


@pytest.fixture
def environment(database: Postgres, aws: Aws, lender: Lender) -> dict[str, str]:
    """As Lambda and the template set it."""
    settings = database.settings("app_tensey")
    return {
        VARIABLE: Start.SNAPSHOT,
        "AWS_REGION": "eu-central-1",
        "AWS_ENDPOINT_URL": aws.url,
        **lender.environment,
        "DATABASE_HOST": settings.host,
        "DATABASE_PORT": str(settings.port),
        "DATABASE_USER": settings.user,
        "DATABASE_PASSWORD": settings.password or "",
        "DATABASE_SSLMODE": "disable",
        "DISCORD_APPLICATION_ID": "11",
        "DISCORD_PUBLIC_KEY": PUBLIC_KEY.hex(),
        "DISCORD_GUILD_ID": "22",
        "XP_AWARDS_QUEUE_URL": f"{aws.url}/000000000000/XpAwards",
        "NOTICES_QUEUE_URL": f"{aws.url}/000000000000/Notices",
    }


def ticks(environment: Mapping[str, str], monkeypatch: pytest.MonkeyPatch) -> list[Json]:
    """A tap of each member on a button of their own list."""
    for name, value in environment.items():
        if name != VARIABLE:
            monkeypatch.setenv(name, value)
    found: list[Json] = []
    with ExitStack() as stack:
        handler = interactions.handler("tensey", stack.enter_context(closing(Lazy(resources.database))))
        for member in MEMBERS:
            shown = handler(signed_event(discord.command(PLACE, member, "tenseylist"), path=PATH), Invocation())
            answer = discord.Answer(200, json.loads(cast("str", shown["body"])), 0)
            button = next(custom_id for _, custom_id in answer.buttons if ":tick:" in custom_id)
            found.append(discord.component(PLACE, member, button))
    return found


def copied(environment: Mapping[str, str], asked: Sequence[Sequence[Json]]) -> tuple[Json, list[Json]]:
    """What the process had when it stood still, and what each copy of it did with the interactions that it got."""
    events = [json.dumps([signed_event(payload, path=PATH) for payload in payloads]) for payloads in asked]
    done = subprocess.run(
        [sys.executable, "-m", "tests.entrypoints.copies", "interactions_tensey", str(STILL)],
        cwd=ROOT,
        env={**environment, "PYTHONPATH": f"{ROOT}:{ROOT}/layers/shared", "PATH": os.environ["PATH"]},
        input="\n".join(events),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    said: list[Any] = [json.loads(line) for line in done.stdout.splitlines()]
    return said[0], [line for line in said if "answers" in line]  # beside what is logged


def test_copies_of_a_process_that_stood_still_repeat_nothing(
    environment: dict[str, str], aws: Aws, lender: Lender, owner: Connection, monkeypatch: pytest.MonkeyPatch
):
    asked = ticks(environment, monkeypatch)
    lender.asked = 0
    at_rest, lives = copied(environment, [[one] for one in asked])

    assert (at_rest["sockets"], at_rest["threads"], at_rest["contexts"]) == (0, 1, 0)
    assert len(lives) == COPIES
    assert all(answer["statusCode"] == 200 for life in lives for answer in life["answers"])
    for unique in ("random", "uuid", "secret", "process"):
        assert len({life[unique] for life in lives}) == COPIES, unique
    assert len(set(aws.sent)) == COPIES
    assert (lender.asked, len(set(aws.signers))) == (COPIES, COPIES)
    stored = owner.execute("SELECT DISTINCT award_id::text FROM pending_xp_awards ORDER BY 1").fetchall()
    assert stored == [(sent,) for sent in sorted(aws.sent)]


def test_what_a_command_needs_is_loaded_before_the_copies_are_made(environment: dict[str, str]):
    at_rest, _ = copied(environment, [])
    assert {
        "mastermind.commands.tensey.tenseylist",
        "mastermind.commands.tensey.tenseyleaderboard",
        "mastermind.gateways.http",
        "mastermind.postgres.connection",
    } <= set(at_rest["loaded"])
