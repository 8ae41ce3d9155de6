"""What an operator may ask the functions themselves, and what nobody can ask through the API."""

from __future__ import annotations

import functools
import gzip
import json
import math
import os
from base64 import b64decode
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


def rehearsed(main: LambdaHandler, payload: Json) -> discord.Answer:
    return read(ask(main, rehearsal=payload))


def played(main: LambdaHandler, payload: Json) -> discord.Answer:
    """By a member, for good."""
    return read(main(signed_event(payload, path="/interactions/main"), Context(10)))


def read(response: Json) -> discord.Answer:
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
        answer = rehearsed(main, discord.command(PLACE, ADMIN, command, options))
        assert (answer.status, answer.kind) == (200, 4)
        assert "so this was not done" not in answer.text
    assert [count(owner, table) for table in ("users", "raid_events", "audit_log", "rate_limits")] == [0, 0, 0, 0]


def test_a_rehearsal_says_what_would_happen(main: LambdaHandler):
    answer = rehearsed(main, discord.command(PLACE, ADMIN, "start-raid", RAID))
    assert "A warrior raid begins" in answer.text


def test_a_rehearsal_meets_the_database_as_it_is(main: LambdaHandler):
    assert played(main, discord.command(PLACE, ADMIN, "start-raid", RAID)).status == 200
    answer = rehearsed(main, discord.command(PLACE, ADMIN, "start-raid", RAID))
    assert "there is one at a time" in answer.text


def test_a_rehearsal_has_no_storage_and_sends_nothing(main: LambdaHandler):
    """A rehearsed deletion must not stand in the log of deletions, or a restore would carry it out."""
    assert rehearsed(main, discord.command(PLACE, ADMIN, "privacy delete")).status == 200
    services = interactions.rehearsal_of("main").services(Deadline.after(1))
    assert services.storage is None
    services.awards().send(str(uuid4()), services.deadline)


@pytest.mark.parametrize("extra", [{}, {"rehearsal": False}, {"by": "arn:aws:iam::123456789012:user/kim"}], ids=str)
def test_no_operator_acts_as_the_member_that_an_interaction_names(main: LambdaHandler, owner: Connection, extra: Json):
    payload = discord.command(PLACE, ADMIN, "start-raid", RAID)
    ask(main, **{"interaction": payload, **extra})
    assert [count(owner, table) for table in ("users", "raid_events", "audit_log")] == [0, 0, 0]


KIM = "arn:aws:sts::123456789012:assumed-role/Operators/kim@example.org"


def test_an_export_is_booked_as_the_operators_and_they_become_no_member(main: LambdaHandler, owner: Connection):
    played(main, discord.command(PLACE, ADMIN, "scorecard"))
    answer = ask(main, export={"user_id": str(ADMIN.id)}, by=KIM)
    document = json.loads(gzip.decompress(b64decode(str(answer["document"]))))
    assert document["tables"]["users"]["rows"][0]["user_id"] == ADMIN.id
    logged = owner.execute("SELECT actor_id, action, subject_id, operator, invocation FROM audit_log").fetchall()
    assert logged == [(None, "privacy.export", ADMIN.id, KIM, Context(10).aws_request_id)]
    (entry,) = cast("list[Json]", ask(main, audit={})["entries"])
    assert (entry["operator"], entry["actor_id"]) == (KIM, None)
    assert count(owner, "users") == 1


def test_the_members_next_export_has_that_it_was_done_and_not_by_whom(main: LambdaHandler):
    played(main, discord.command(PLACE, ADMIN, "scorecard"))
    _, answer = (ask(main, export={"user_id": str(ADMIN.id)}, by=KIM) for _ in range(2))
    document = gzip.decompress(b64decode(str(answer["document"]))).decode()
    assert "privacy.export" in document
    assert "assumed-role" not in document


NO_ARN = (None, "", "kim", 105, "arn:aws:iam::123456789012:", f"{KIM} ", f"{KIM}\x1b[31m")


@pytest.mark.parametrize("by", NO_ARN, ids=repr)
def test_nothing_is_done_for_an_operator_without_an_arn(main: LambdaHandler, owner: Connection, by: object):
    played(main, discord.command(PLACE, ADMIN, "scorecard"))
    assert "needs its operator" in str(ask(main, export={"user_id": str(ADMIN.id)}, by=by)["failure"])
    assert count(owner, "audit_log") == 0


def test_of_somebody_unknown_nothing_is_exported_and_nothing_booked(main: LambdaHandler, owner: Connection):
    assert "keeps nothing about this person" in str(ask(main, export={"user_id": "77"}, by=KIM)["failure"])
    assert count(owner, "audit_log") == 0


def test_nonsense_is_refused_as_ever(main: LambdaHandler):
    assert ask(main, rehearsal={"type": "nothing"})["statusCode"] == 400


def test_a_stranger_cannot_ask_it_through_the_api(main: LambdaHandler, owner: Connection):
    payload = discord.command(PLACE, ADMIN, "scorecard")
    asked = json.dumps({"operator": {"rehearsal": payload}})
    assert main(rest_event("/interactions/main", asked, {}), Context(10))["statusCode"] == 401
    signed = signed_event({"operator": {"rehearsal": payload}}, path="/interactions/main")
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
    played(main, discord.command(PLACE, ADMIN, "start-raid", RAID))
    for filters in ({}, {"user_id": str(ADMIN.id)}, {"action": "raid.start", "most": 1}):
        entries = cast("list[Json]", ask(main, audit=filters)["entries"])
        assert [(one["actor_id"], one["subject_id"]) for one in entries] == [(str(ADMIN.id), None)]
    assert ask(main, audit={"user_id": 1})["entries"] == []


NO_IMAGES: tuple[object, ...] = (
    {"NUL": "\0"},
    {"\0": 1},
    {"half a character": "\ud800"},
    {"no number": math.nan},
    {"no end": math.inf},
    {"too long": "x" * 4_000},
    {"deep": functools.reduce(lambda inner, _: [inner], range(100_000), cast("object", 1))},
    [],
    None,
)


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
        ({"export": {}, "by": "arn:aws:iam::123456789012:root"}, "user_id is missing"),
        ({"chain": {"position": 0, "entry_id": 2**63, "link": "a" * 64}}, "entry_id is no whole number from 0"),
        ({"chain": {"position": 2**63, "entry_id": 0, "link": "a" * 64}}, "position is no whole number from 0"),
        ({"chain": {"position": True, "entry_id": False, "link": "a" * 64}}, "position is no whole number from 0"),
        ({"chain": {"position": 0, "entry_id": 0, "link": "a" * 64 + "\n"}}, "the last link has"),
        *(({"book": {"action": "queue.drop", "after": after}, "by": KIM}, "after is no object") for after in NO_IMAGES),
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
