"""The functions as Lambda sees them: real handlers, a real database under each function's role, real troubles."""

from __future__ import annotations

import json
import socket
import time
import tomllib
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, cast
from uuid import UUID, uuid4

import pytest

from devkit import discord_client as discord
from mastermind import __version__
from mastermind.deadline import Deadline
from mastermind.entrypoints import award as xp_award
from mastermind.entrypoints import endpoint, interactions, resources
from mastermind.entrypoints.resources import Lazy
from mastermind.errors import ConfigError, Unavailable
from mastermind.game.challenges import actions as challenges
from mastermind.game.members.rules import Member
from mastermind.game.privacy import actions as privacy
from mastermind.postgres import schema
from tests.actors import by
from tests.commands.playing import Storage
from tests.conftest import MIGRATIONS
from tests.discord.signing import PUBLIC_KEY, rest_event, signed_event
from tests.round_trips import Traced
from tests.waiting import quickest, timed

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from devkit.json_types import Json
    from devkit.postgres import Postgres
    from mastermind.entrypoints.invocation import LambdaHandler
    from mastermind.gateways.s3 import Bucket
    from mastermind.postgres.database import Database
    from tests.conftest import Connection, Enter

ALEX = discord.User(101, "Alex")
PLACE = discord.Place(11, 22)
HEALTH = rest_event("/health", None, {}, method="GET")
DISCORD = {"DISCORD_APPLICATION_ID": "11", "DISCORD_PUBLIC_KEY": PUBLIC_KEY.hex(), "DISCORD_GUILD_ID": "22"}
AWS = {"AWS_REGION": "eu-central-1", "AWS_ACCESS_KEY_ID": "none", "AWS_SECRET_ACCESS_KEY": "none-either"}


@dataclass(frozen=True, slots=True)
class Invocation:
    """What Lambda passes to a handler."""

    aws_request_id: str = "11111111-2222-3333-4444-555555555555"
    milliseconds: int = 30_000

    def get_remaining_time_in_millis(self) -> int:
        return self.milliseconds


class Environment:
    """The environment of the function under test."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._monkeypatch = monkeypatch

    def set(self, **variables: str) -> None:
        for name, value in variables.items():
            self._monkeypatch.setenv(name, value)

    def enter(self, database: Postgres, role: str) -> None:
        settings = database.settings(role)
        self.set(
            DATABASE_HOST=settings.host,
            DATABASE_PORT=str(settings.port),
            DATABASE_NAME=settings.name,
            DATABASE_USER=role,
            DATABASE_PASSWORD=settings.password or "",
            DATABASE_SSLMODE="disable",
        )


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> Environment:
    environment = Environment(monkeypatch)
    environment.set(**DISCORD, **AWS)
    return environment


@pytest.fixture
def entrance() -> Iterator[Lazy[Database]]:
    """The database as the function under test enters it, left again after the test."""
    with closing(Lazy(resources.database)) as entrance:
        yield entrance


@pytest.fixture
def main(environment: Environment, database: Postgres, entrance: Lazy[Database]) -> LambdaHandler:
    environment.enter(database, "app_main")
    return interactions.handler("main", entrance)


@pytest.fixture
def tensey(environment: Environment, database: Postgres, entrance: Lazy[Database]) -> LambdaHandler:
    environment.enter(database, "app_tensey")
    return interactions.handler("tensey", entrance)


@pytest.fixture
def award(environment: Environment, database: Postgres, entrance: Lazy[Database]) -> LambdaHandler:
    environment.enter(database, "app_award")
    return xp_award.handler(entrance)


@contextmanager
def nobody_answers() -> Generator[int]:
    """A port that takes connections and never says a word."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        yield server.getsockname()[1]


def closed_port() -> int:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        return server.getsockname()[1]


def answer(handler: LambdaHandler, event: Json) -> discord.Answer:
    begun = time.perf_counter()
    response = handler(event, Invocation())
    took = time.perf_counter() - begun
    return discord.Answer(cast("int", response["statusCode"]), json.loads(cast("str", response["body"])), took)


def command(handler: LambdaHandler, name: str, app: str = "main") -> discord.Answer:
    return answer(handler, signed_event(discord.command(PLACE, ALEX, name), path=f"/interactions/{app}"))


def first_tick(tensey: LambdaHandler) -> discord.Answer:
    """The list is opened and its first challenge ticked."""
    shown = command(tensey, "tenseylist", "tensey")
    custom_id = next(custom_id for _, custom_id in shown.buttons if ":tick:" in custom_id)
    return answer(tensey, signed_event(discord.component(PLACE, ALEX, custom_id), path="/interactions/tensey"))


# --- interactions ---


def test_making_a_handler_does_nothing(monkeypatch: pytest.MonkeyPatch):
    for name in DISCORD:
        monkeypatch.delenv(name, raising=False)
    assert [interactions.handler("main"), interactions.handler("tensey"), xp_award.handler()]


def test_the_database_is_healthy_when_it_has_what_the_code_needs(main: LambdaHandler):
    shown = answer(main, HEALTH)
    assert (shown.status, shown.body) == (200, {"status": "ok", "version": __version__, "age": 0})


def test_a_database_behind_the_code_is_not_healthy(main: LambdaHandler, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(schema, "NEEDED", schema.NEEDED + 1)
    assert answer(main, HEALTH).status == 503


def test_the_code_needs_the_last_migration_there_is():
    assert max(int(path.name[:3]) for path in MIGRATIONS.glob("*.sql")) == schema.NEEDED


def test_the_version_is_the_projects():
    project = tomllib.loads((MIGRATIONS.parent / "pyproject.toml").read_text())["project"]
    assert project["version"] == __version__


def test_with_a_stopped_database_a_polite_answer_comes_at_once(main: LambdaHandler, environment: Environment):
    environment.set(DATABASE_PORT=str(closed_port()))
    assert quickest(timed(partial(politely, main)), 2.5) < 2.5
    assert answer(main, HEALTH).status == 503


def politely(main: LambdaHandler) -> None:
    """What a member is told while the database is away."""
    shown = command(main, "scorecard")
    assert (shown.text, shown.is_private) == (endpoint.UNAVAILABLE, True)


def test_with_a_frozen_database_a_polite_answer_comes_within_the_deadline(main: LambdaHandler, database: Postgres):
    def slower() -> float:
        """Of an answer with a connection that stands, and one without."""
        assert "Level" in command(main, "scorecard").text
        database.freeze()
        try:
            warm = timed(partial(politely, main))()
            cold = answer(main, HEALTH)
        finally:
            database.thaw()
        assert cold.status == 503
        return max(warm, cold.seconds)

    assert quickest(slower, 2.5) < 2.5
    assert "Level" in command(main, "scorecard").text


def test_a_host_that_takes_the_connection_and_says_nothing_is_not_waited_for(
    main: LambdaHandler, environment: Environment
):
    with nobody_answers() as port:
        environment.set(DATABASE_PORT=str(port))
        assert quickest(timed(partial(politely, main)), 2.5) < 2.5


@pytest.mark.parametrize("queue", ["closed", "silent"])
def test_a_tick_succeeds_in_time_when_the_queue_does_not(
    tensey: LambdaHandler, environment: Environment, owner: Connection, queue: str
):
    with nobody_answers() as silent:
        url = f"http://127.0.0.1:{silent if queue == 'silent' else closed_port()}"
        environment.set(AWS_ENDPOINT_URL=url, XP_AWARDS_QUEUE_URL=f"{url}/000000000000/XpAwards")
        shown = list[discord.Answer]()

        def tick() -> float:
            shown.append(first_tick(tensey))
            return shown[-1].seconds

        assert quickest(tick, 2.5) < 2.5
    assert {(one.status, one.kind) for one in shown} == {(200, 7)}
    awards = owner.execute("SELECT status, sent_at FROM pending_xp_awards").fetchall()
    assert awards == [("pending", None)] * len(shown)


@pytest.mark.parametrize("name", list(DISCORD))
def test_a_function_without_its_settings_refuses_everybody_and_says_what_is_missing(
    environment: Environment, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, name: str
):
    monkeypatch.delenv(name)
    handler = interactions.handler("main")
    assert answer(handler, signed_event(discord.ping(PLACE))).status == 401
    assert name in capsys.readouterr().out
    environment.set(**DISCORD)
    assert answer(handler, signed_event(discord.ping(PLACE))).body == {"type": 1}


def test_every_line_of_the_log_can_be_followed_to_its_request(main: LambdaHandler, capsys: pytest.CaptureFixture[str]):
    payload = discord.command(PLACE, ALEX, "scorecard")
    for _ in range(2):
        answer(main, signed_event(payload))
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert len(lines) == 2
    for line in lines:
        assert line["service"] == "interactions_main"
        assert line["request_id"] == Invocation().aws_request_id
        assert line["api_request_id"] == "c6af9ac6-7b61-11e6-9a41-93e8deadbeef"
        assert line["interaction_id"] == int(cast("str", payload["id"]))
        assert (line["command"], line["outcome"]) == ("scorecard", "done")


# --- awards ---


def due_award(as_role: Enter, delay: int = 0, *, challenge: str = "c001") -> UUID:
    actor = by(Member(101, "Alex"), discord.snowflake())
    ticked = challenges.tick(as_role("app_tensey"), actor, challenge, delay=delay)
    return ticked.award_id


def batch(*bodies: str) -> dict[str, object]:
    return {"Records": [{"messageId": f"m{n}", "body": body} for n, body in enumerate(bodies)]}


def failures(response: dict[str, object]) -> list[str]:
    return [entry["itemIdentifier"] for entry in cast("list[dict[str, str]]", response["batchItemFailures"])]


def xp(owner: Connection) -> int:
    return owner.execute("SELECT coalesce(sum(xp), 0)::int FROM users").fetchall()[0][0]


def test_a_due_award_is_applied_once_however_often_it_is_delivered(
    award: LambdaHandler, as_role: Enter, owner: Connection
):
    award_id = str(due_award(as_role))
    assert failures(award(batch(award_id, award_id), Invocation())) == []
    assert failures(award(batch(award_id), Invocation())) == []
    assert xp(owner) == 100


def test_an_award_that_is_not_due_comes_back(award: LambdaHandler, as_role: Enter, owner: Connection):
    assert failures(award(batch(str(due_award(as_role, delay=60))), Invocation())) == ["m0"]
    assert xp(owner) == 0


@pytest.mark.parametrize("poison", ["", "not an award", "{}", "0" * 500, "\u0664" * 32])
def test_a_poisonous_message_comes_back_alone(award: LambdaHandler, as_role: Enter, owner: Connection, poison: str):
    good = str(due_award(as_role))
    assert failures(award(batch(poison, good, str(uuid4())), Invocation())) == ["m0"]
    assert xp(owner) == 100


@pytest.mark.usefixtures("award")
def test_a_batch_of_four_takes_as_many_round_trips_as_two_messages(
    as_role: Enter, owner: Connection, entrance: Lazy[Database]
):
    four = [str(due_award(as_role, challenge=f"c{number:03}")) for number in range(1, 5)]
    traced = Traced(entrance())
    handler = xp_award.handler(lambda: cast("Database", traced))
    assert failures(handler(batch(str(uuid4()), str(uuid4())), Invocation())) == []
    of_two, traced.trips = traced.trips, 0
    assert failures(handler(batch(*four), Invocation())) == []
    assert traced.trips == of_two
    assert xp(owner) == 400


def test_an_award_that_the_database_refuses_takes_no_other_with_it(
    award: LambdaHandler, as_role: Enter, owner: Connection
):
    """Those before it were committed on their own, those after it are applied one by one."""
    five = sorted(str(due_award(as_role, challenge=f"c{number:03}")) for number in range(1, 6))
    owner.execute(
        "INSERT INTO xp_ledger (user_id, xp, kind, source, source_id, day)"
        " VALUES (101, 0, 'award', 'tensey', %s, '2026-11-01')",
        [five[2]],
    )
    assert failures(award(batch(*five), Invocation())) == ["m2"]
    assert failures(award(batch(*five), Invocation())) == ["m2"]
    assert xp(owner) == 400


def test_a_member_who_is_locked_holds_up_nobody_elses_award(award: LambdaHandler, as_role: Enter, owner: Connection):
    mine = str(due_award(as_role))
    other = by(Member(102, "Ben"), discord.snowflake())
    theirs = str(challenges.tick(as_role("app_tensey"), other, "c001", delay=0).award_id)
    with owner.transaction():
        owner.execute("SELECT FROM users WHERE user_id = 101 FOR UPDATE")
        response = award(batch(mine, theirs), Invocation())
    assert failures(response) == ["m0"]
    assert xp(owner) == 100
    assert failures(award(batch(mine, theirs), Invocation())) == []
    assert xp(owner) == 200


def test_without_a_database_every_message_comes_back(award: LambdaHandler, environment: Environment):
    environment.set(DATABASE_PORT=str(closed_port()))
    assert failures(award(batch(str(uuid4()), str(uuid4())), Invocation())) == ["m0", "m1"]


def test_awards_that_waited_for_a_read_only_database_are_paid_by_the_same_function(
    award: LambdaHandler, as_role: Enter, owner: Connection, entrance: Lazy[Database]
):
    first, second = str(due_award(as_role)), str(due_award(as_role, challenge="c002"))
    assert failures(award(batch(first), Invocation())) == []
    entrance().run(lambda conn: conn.execute("SET default_transaction_read_only = on"), Deadline.after(2))
    owner.execute("ALTER ROLE app_award SET default_transaction_read_only = on")
    try:
        assert failures(award(batch(second), Invocation())) == ["m0"]
    finally:
        owner.execute("ALTER ROLE app_award RESET default_transaction_read_only")
    assert failures(award(batch(second), Invocation())) == []
    assert xp(owner) == 200


def test_the_batch_ends_before_its_time_does_when_the_database_is_frozen(award: LambdaHandler, database: Postgres):
    def serve() -> None:
        response = award(batch(str(uuid4()), str(uuid4())), Invocation(milliseconds=1500))
        assert failures(response) == ["m0", "m1"]

    database.freeze()
    try:
        assert quickest(timed(serve), 1.5) < 1.5
    finally:
        database.thaw()


def test_the_sweep_applies_what_the_queue_lost_and_reports_it(award: LambdaHandler, as_role: Enter, owner: Connection):
    due_award(as_role)
    report = award({"sweep": True}, Invocation())
    assert report == {
        "applied": 1,
        "settled": 0,
        "busy": 0,
        "refused": [],
        "finished": True,
        "raids": {"failed": 0, "rewarded": 0, "busy": 0, "refused": 0, "finished": True},
        "nudged": False,
        "deletions_logged": 0,
        "sealed": 0,
        "pruned": {},
    }
    assert award({"sweep": True}, Invocation())["applied"] == 0
    assert xp(owner) == 100


def test_the_sweep_ends_and_rewards_the_raids_that_nobody_looks_at(award: LambdaHandler, owner: Connection):
    owner.execute("INSERT INTO users (user_id, display_name, time_zone) VALUES (101, 'Alex', 'UTC')")
    owner.execute(
        "INSERT INTO raid_events (type, target, tick_points, ends_at)"
        " VALUES ('mage', 30, 0, clock_timestamp() + interval '1 hour')"
    )
    owner.execute(
        "INSERT INTO raid_contributions (raid_id, user_id, source, source_id, stat, change, points)"
        " SELECT raid_id, 101, 'stats', '1', 'grounding', 30, 30 FROM raid_events"
    )
    owner.execute(
        "INSERT INTO raid_events (type, target, tick_points, started_at, ends_at)"
        " VALUES ('mage', 30, 0, clock_timestamp() - interval '2 hours', clock_timestamp() - interval '1 hour')"
    )
    reports = [cast("dict[str, object]", award({"sweep": True}, Invocation())["raids"]) for _ in range(2)]
    assert [(report["failed"], report["rewarded"]) for report in reports] == [(1, 1), (0, 0)]
    ended = owner.execute("SELECT status, rewarded_at IS NULL, ended_at = ends_at FROM raid_events ORDER BY raid_id")
    assert ended.fetchall() == [("completed", False, False), ("failed", True, True)]
    assert xp(owner) == 500


def test_the_sweep_logs_the_end_of_a_deletion_that_the_bot_could_not_log(
    environment: Environment, database: Postgres, entrance: Lazy[Database], as_role: Enter, owner: Connection
):
    privacy.delete(as_role("app_main"), by(Member(101, ""), 1))
    environment.enter(database, "app_award")
    due_award(as_role)
    storage = Storage(down=True)
    award = xp_award.handler(entrance, storage=lambda: cast("Bucket", storage))
    report = award({"sweep": True}, Invocation())
    assert (report["applied"], report["deletions_logged"]) == (1, 0)
    storage.down = False
    assert [award({"sweep": True}, Invocation())["deletions_logged"] for _ in range(2)] == [1, 0]
    assert list(storage.kept) == ["deletions/2015-01-01/1-ended.json"]
    assert owner.execute("SELECT logged_at IS NOT NULL FROM deletions").fetchall() == [(True,)]


@pytest.mark.parametrize("event", [{}, {"sweep": "yes"}, {"Records": None}, {"Records": [{"body": "x"}]}])
def test_an_unknown_event_fails_without_being_logged(award: LambdaHandler, event: dict[str, object]):
    with pytest.raises(RuntimeError, match="its log says how") as caught:
        award(event, Invocation())
    assert caught.value.__suppress_context__


def test_a_sweep_without_a_database_fails_so_that_its_alarm_fires(award: LambdaHandler, environment: Environment):
    environment.set(DATABASE_PORT=str(closed_port()))
    with pytest.raises(Exception, match="PostgreSQL"):
        award({"sweep": True}, Invocation())


def test_the_storage_is_the_bucket_that_the_template_names(monkeypatch: pytest.MonkeyPatch):
    storage = Lazy(resources.bucket)
    storage.close()  # before anybody used it
    for name, value in AWS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("EXPORT_BUCKET", raising=False)
    with pytest.raises(ConfigError, match="EXPORT_BUCKET"):
        storage().link("exports/a", 900, Deadline.after(1))
    monkeypatch.setenv("EXPORT_BUCKET", "exported")
    assert (
        storage()
        .link("exports/a", 900, Deadline.after(1))
        .startswith("https://exported.s3.eu-central-1.amazonaws.com/exports/a?")
    )
    with pytest.raises(Unavailable, match="no time"):
        storage().put("exports/a", b"{}", Deadline.after(0))
    storage.close()
