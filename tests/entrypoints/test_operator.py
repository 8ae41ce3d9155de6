"""What an operator may ask the functions themselves, and what nobody can ask through the API."""

from __future__ import annotations

import json
import os
from contextlib import closing
from typing import TYPE_CHECKING, cast
from uuid import uuid4

import pytest
from psycopg import sql

from devkit import discord_client as discord
from devkit.discord_client import User, snowflake
from mastermind import config
from mastermind.config import DatabaseSettings
from mastermind.deadline import Deadline
from mastermind.discord.permissions import ADMINISTRATOR
from mastermind.entrypoints import interactions, resources
from mastermind.entrypoints.resources import Lazy
from mastermind.postgres.exchange import exchange, transaction
from mastermind.postgres.rehearsal import RehearsedDatabase
from tests.discord.signing import PUBLIC_KEY, rest_event, signed_event
from tests.entrypoints.test_migrate import Context

if TYPE_CHECKING:
    from collections.abc import Iterator

    from devkit.json_types import Json
    from devkit.postgres import Postgres
    from mastermind.entrypoints.invocation import LambdaHandler
    from mastermind.postgres.connection import Connection as Entered
    from tests.conftest import Connection

PLACE = discord.Place(11, 22)
ADMIN = User(105, "Kim", permissions=ADMINISTRATOR)
DISCORD = {"DISCORD_APPLICATION_ID": "11", "DISCORD_PUBLIC_KEY": PUBLIC_KEY.hex(), "DISCORD_GUILD_ID": "22"}
AWS = {"AWS_REGION": "eu-central-1", "AWS_ACCESS_KEY_ID": "none", "AWS_SECRET_ACCESS_KEY": "none-either"}
RAID = {"type": "warrior", "duration": 15, "target": 100}


@pytest.fixture
def main(monkeypatch: pytest.MonkeyPatch, database: Postgres) -> Iterator[LambdaHandler]:
    settings = database.settings("app_main")
    entry = {"DATABASE_HOST": settings.host, "DATABASE_PORT": str(settings.port), "DATABASE_NAME": settings.name}
    entry |= {"DATABASE_USER": "app_main", "DATABASE_PASSWORD": settings.password or "", "DATABASE_SSLMODE": "disable"}
    for name, value in {**DISCORD, **AWS, **entry}.items():
        monkeypatch.setenv(name, value)
    with closing(Lazy(resources.database)) as late:
        yield interactions.handler("main", late)


def ask(main: LambdaHandler, **asked: object) -> Json:
    return main({"operator": asked}, Context(10))


def played(main: LambdaHandler, payload: Json, *, rehearsal: bool) -> discord.Answer:
    response = ask(main, interaction=payload, rehearsal=rehearsal)
    return discord.Answer(cast("int", response["statusCode"]), json.loads(cast("str", response["body"])), 0)


def count(owner: Connection, table: str) -> int:
    return owner.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))).fetchall()[0][0]


@pytest.mark.parametrize(
    ("command", "options"),
    [("scorecard", {}), ("submit-stats", {}), ("leaderboard", {}), ("start-raid", RAID), ("security health", {})],
)
def test_a_rehearsed_command_answers_as_ever_and_leaves_nothing(
    main: LambdaHandler, owner: Connection, command: str, options: dict[str, str | int]
):
    for _ in range(2):
        answer = played(main, discord.command(PLACE, ADMIN, command, options), rehearsal=True)
        assert (answer.status, answer.kind) == (200, 4)
        assert "so this was not done" not in answer.text
    assert [count(owner, table) for table in ("users", "raid_events", "audit_log", "rate_limits")] == [0, 0, 0, 0]


def test_a_rehearsal_says_what_would_happen(main: LambdaHandler):
    answer = played(main, discord.command(PLACE, ADMIN, "start-raid", RAID), rehearsal=True)
    assert "A warrior raid begins" in answer.text


def test_a_rehearsal_meets_the_database_as_it_is(main: LambdaHandler):
    assert played(main, discord.command(PLACE, ADMIN, "start-raid", RAID), rehearsal=False).status == 200
    answer = played(main, discord.command(PLACE, ADMIN, "start-raid", RAID), rehearsal=True)
    assert "there is one at a time" in answer.text


def test_a_rehearsal_has_no_storage_and_sends_nothing(main: LambdaHandler):
    """A rehearsed deletion must not stand in the log of deletions, or a restore would carry it out."""
    assert played(main, discord.command(PLACE, ADMIN, "privacy delete"), rehearsal=True).status == 200
    services = interactions.rehearsal_of("main").services(Deadline.after(1))
    assert services.storage is None
    services.awards().send(str(uuid4()), services.deadline)


def test_what_is_no_rehearsal_is_done_for_good(main: LambdaHandler, owner: Connection):
    assert played(main, discord.command(PLACE, ADMIN, "scorecard"), rehearsal=False).status == 200
    assert owner.execute("SELECT user_id FROM users").fetchall() == [(ADMIN.id,)]


def test_nonsense_is_refused_as_ever(main: LambdaHandler):
    assert ask(main, interaction={"type": "nothing"})["statusCode"] == 400


def test_a_stranger_cannot_ask_it_through_the_api(main: LambdaHandler, owner: Connection):
    payload = discord.command(PLACE, ADMIN, "scorecard")
    asked = json.dumps({"operator": {"interaction": payload}})
    assert main(rest_event("/interactions/main", asked, {}), Context(10))["statusCode"] == 401
    signed = signed_event({"operator": {"interaction": payload}}, path="/interactions/main")
    assert main(signed, Context(10))["statusCode"] == 400
    assert count(owner, "users") == 0


def test_pending_awards_are_listed_by_due_time(main: LambdaHandler, owner: Connection):
    somebody = snowflake()
    owner.execute("INSERT INTO users (user_id, display_name, time_zone) VALUES (%s, 'Sam', 'UTC')", [somebody])
    for challenge, minutes in (("b", -10), ("a", 5)):
        owner.execute(
            "INSERT INTO pending_xp_awards (user_id, challenge_id, xp, status, day, due_at, created_at)"
            " VALUES (%s, %s, 100, 'pending', current_date, now() + make_interval(mins => %s), now() - interval '1 h')",
            [somebody, challenge, minutes],
        )
    answer = ask(main, awards=True)
    assert (answer["pending"], answer["overdue"]) == (2, 1)
    awards = cast("list[Json]", answer["awards"])
    assert [(one["challenge_id"], one["user_id"], one["sent"]) for one in awards] == [
        ("b", str(somebody), False),
        ("a", str(somebody), False),
    ]
    assert 590 < cast("float", awards[0]["overdue_seconds"]) < 700


def test_the_audit_log_is_listed_newest_first_and_filtered(main: LambdaHandler):
    played(main, discord.command(PLACE, ADMIN, "start-raid", RAID), rehearsal=False)
    for filters in ({}, {"user_id": str(ADMIN.id)}, {"action": "raid.start", "most": 1}):
        entries = cast("list[Json]", ask(main, audit=filters)["entries"])
        assert [(one["actor_id"], one["subject_id"]) for one in entries] == [(str(ADMIN.id), None)]
    assert ask(main, audit={"user_id": 1})["entries"] == []


@pytest.mark.parametrize(
    ("question", "why"),
    [
        ({"audit": {"older": "yesterday"}}, "older is no whole number"),
        ({"audit": {"older": "²"}}, "older is no whole number"),
        ({"audit": {"most": -1}}, "most is no whole number"),
        ({"audit": {"most": True}}, "most is no whole number"),
        ({"audit": {"user_id": 2**63}}, "user_id is no whole number"),
        ({"audit": {"user_id": "9" * 5000}}, "user_id is no whole number"),
        ({"audit": {"user_id": [1]}}, "user_id is no whole number"),
        ({"audit": {"action": "no.such"}}, "no such action"),
        ({"audit": {"action": "nul\0"}}, "no such action"),
        ({"audit": {"action": ["xp.adjust"]}}, "no such action"),
        ({"audit": 5}, "no such question"),
        ({"weather": True}, "no such question"),
    ],
)
def test_a_wrong_question_is_answered_with_its_mistake_and_is_no_bug(
    main: LambdaHandler, capsys: pytest.CaptureFixture[str], question: dict[str, object], why: str
):
    assert why in str(ask(main, **question)["failure"])
    assert "Bugs" not in capsys.readouterr().out


def test_an_unreachable_database_is_reported(main: LambdaHandler, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DATABASE_PORT", "1")
    assert "cannot be reached" in str(ask(main, awards=True)["failure"])


@pytest.mark.usefixtures("main")
def test_a_rehearsed_connection_never_commits(owner: Connection):
    def work(conn: Entered) -> None:
        with exchange(conn), transaction(conn):
            conn.execute("INSERT INTO users (user_id, display_name, time_zone) VALUES (7, 'Ann', 'UTC')")
        conn.execute("ROLLBACK")
        with exchange(conn), transaction(conn):
            conn.execute("INSERT INTO users (user_id, display_name, time_zone) VALUES (8, 'Ben', 'UTC')")

    RehearsedDatabase(config.read(DatabaseSettings, os.environ)).run(work, Deadline.after(5))
    assert owner.execute("SELECT FROM users WHERE user_id IN (7, 8)").fetchall() == []
