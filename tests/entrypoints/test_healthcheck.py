"""The functions' part in health, as Lambda sees them: xp_award's answers, and the deploy check's to CloudFormation."""

from __future__ import annotations

import socket
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from mastermind.entrypoints import award as xp_award
from mastermind.entrypoints import custom_resource, healthcheck, resources
from mastermind.entrypoints.resources import Lazy
from mastermind.operations.health import messages
from mastermind.operations.health import rules as health
from mastermind.operations.health.check import ONE_TRY, PAUSE
from mastermind.postgres import schema
from tests.entrypoints.test_migrate import CloudFormation, Context, waiting
from tests.postgres.test_sessions import EVERYBODY, read_only
from tests.waiting import quickest, timed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from devkit.postgres import Postgres
    from mastermind.entrypoints.invocation import LambdaHandler
    from tests.conftest import Connection

NOW = datetime.now(UTC)
OUTAGE: dict[str, object] = {
    "began": (NOW - timedelta(minutes=20)).isoformat(),
    "ended": (NOW - timedelta(minutes=10)).isoformat(),
    "probes": ["main"],
}
SETTINGS = {
    "XP_AWARD_FUNCTION": "stack-xp-award",
    "ALARMS_QUEUE_URL": "http://127.0.0.1:1/1/alarms",
    "QUEUES_TO_EMPTY": "http://127.0.0.1:1/1/a,http://127.0.0.1:1/1/b",
    "DEAD_LETTER_QUEUES": "http://127.0.0.1:1/1/c",
    "RDS_INSTANCE": "db",
    "HEALTH_STATE_PARAMETER": "/stack/health/state",
}


def closed_port() -> int:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        return server.getsockname()[1]


@pytest.fixture
def cloudformation(monkeypatch: pytest.MonkeyPatch) -> Iterator[CloudFormation]:
    with waiting(monkeypatch) as server:
        yield server


@pytest.fixture
def settled(monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment in which nothing answers."""
    nowhere = f"http://127.0.0.1:{closed_port()}"
    for variable, value in SETTINGS.items():
        monkeypatch.setenv(variable, value)
    monkeypatch.setenv("API_URL", f"{nowhere}/live")
    for name, value in {
        "AWS_REGION": "eu-central-1",
        "AWS_DEFAULT_REGION": "eu-central-1",
        "AWS_ACCESS_KEY_ID": "none",
        "AWS_SECRET_ACCESS_KEY": "none-either",
        "AWS_ENDPOINT_URL": nowhere,
    }.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def award(database: Postgres, monkeypatch: pytest.MonkeyPatch) -> Iterator[LambdaHandler]:
    """xp_award under its own role."""
    settings = database.settings("app_award")
    for name, value in {
        "DATABASE_HOST": settings.host,
        "DATABASE_PORT": str(settings.port),
        "DATABASE_USER": settings.user,
        "DATABASE_PASSWORD": settings.password or "",
        "DATABASE_SSLMODE": "disable",
        "AWS_REGION": "eu-central-1",
        "RELEASE": "abc",
    }.items():
        monkeypatch.setenv(name, value)
    with closing(Lazy(resources.database)) as entrance:
        yield xp_award.handler(entrance)


# --- xp_award ---


def test_the_database_answers_with_its_facts(award: LambdaHandler):
    answer = award({"probe": True}, Context(10))
    facts = messages.FACTS.validate_python(answer)
    assert (facts.migration, facts.needed, facts.drift) == (schema.NEEDED, schema.NEEDED, 0)
    assert answer["release"] == "abc"
    assert messages.FACTS.validate_python(award({"probe": True, "ledger_from": 0}, Context(10))).ledger_next is None


@pytest.mark.parametrize("question", [{"probe": True}, {"outage": OUTAGE}])
def test_a_database_that_is_away_is_an_answer_and_no_error(
    award: LambdaHandler, monkeypatch: pytest.MonkeyPatch, question: dict[str, object]
):
    monkeypatch.setenv("DATABASE_PORT", str(closed_port()))
    assert award(question, Context(10)) == {"failure": "PostgreSQL cannot be reached"}


def test_a_frozen_database_is_reported_before_the_health_check_times_out(award: LambdaHandler, database: Postgres):
    limit = xp_award.PROBED_WITHIN + 0.5

    def probe() -> None:
        assert award({"probe": True}, Context(10)) == {"failure": "PostgreSQL did not answer in time"}

    award({"probe": True}, Context(10))
    database.freeze()
    try:
        assert quickest(timed(probe), limit) < limit
    finally:
        database.thaw()


def test_a_read_only_database_is_no_good_answer_and_it_is_one_again_at_once(award: LambdaHandler, database: Postgres):
    """After a failover, or while an operator holds it: it answers every question, and members can change nothing."""
    award({"probe": True}, Context(10))
    with read_only(database, EVERYBODY):
        assert "failure" in award({"probe": True}, Context(10))
    assert messages.FACTS.validate_python(award({"probe": True}, Context(10))).drift == 0


def test_outages_and_reports_are_kept(award: LambdaHandler, owner: Connection):
    report = messages.write(
        messages.REPORT, health.report(health.State(at=datetime(2026, 11, 23, tzinfo=UTC)), [], "1")
    )
    assert award({"outage": OUTAGE}, Context(10)) == {"recorded": True, "raised": 0}
    assert award({"outage": OUTAGE}, Context(10)) == {"recorded": False, "raised": 0}
    assert award({"report": report}, Context(10)) == {"stored": True}
    assert owner.execute("SELECT probes FROM outages").fetchall() == [(["main"],)]
    ((healthy, stored),) = owner.execute("SELECT healthy, report FROM health_reports").fetchall()
    assert healthy
    assert messages.REPORT.validate_python(stored) == messages.REPORT.validate_python(report)


@pytest.mark.parametrize(
    "event",
    [
        {"outage": {}},
        {"outage": {**OUTAGE, "began": "yesterday"}},
        {"outage": {**OUTAGE, "ended": OUTAGE["began"]}},
        {"report": []},
        {"report": {"at": None}},
        {"probe": True, "ledger_from": "DROP TABLE users"},
        {"probe": "yes"},
    ],
)
def test_a_question_that_is_none_of_ours_fails_and_changes_nothing(
    award: LambdaHandler, owner: Connection, event: dict[str, object]
):
    with pytest.raises(RuntimeError, match="its log says how"):
        award(event, Context(10))
    assert owner.execute(
        "SELECT (SELECT count(*) FROM outages) + (SELECT count(*) FROM health_reports)"
    ).fetchall() == [(0,)]


# --- the health check ---


@pytest.mark.usefixtures("settled")
def test_a_check_of_services_that_do_not_answer_ends_in_time_and_fails():
    def check() -> None:
        with pytest.raises(Exception, match="CloudWatch cannot be reached"):
            healthcheck.handler()({"check": True}, Context(60))

    assert quickest(timed(check), 20) < 20


def ask(cloudformation: CloudFormation, kind: str, seconds: float = 60) -> dict[str, Any]:
    healthcheck.handler()(cloudformation.asks(kind), Context(seconds))
    [response] = cloudformation.responses
    return response


@pytest.mark.usefixtures("settled")
@pytest.mark.parametrize("kind", ["Create", "Update"])
def test_a_deploy_that_nobody_answers_for_is_refused_with_the_reason(cloudformation: CloudFormation, kind: str):
    response = ask(cloudformation, kind, seconds=custom_resource.ANSWERING + PAUSE + ONE_TRY)  # no second try
    assert (response["Status"], response["PhysicalResourceId"]) == ("FAILED", "deploy-check")
    assert response["Reason"].startswith("The version that was deployed is not fit to stay: database: ")
    assert "main: the API cannot be reached: ConnectionRefusedError" in response["Reason"]


def test_a_delete_succeeds_even_when_nothing_is_configured(
    cloudformation: CloudFormation, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.delenv("API_URL", raising=False)
    assert ask(cloudformation, "Delete")["Status"] == "SUCCESS"


def test_a_check_that_is_not_configured_is_refused_and_says_what_is_missing(
    cloudformation: CloudFormation, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.delenv("API_URL", raising=False)
    assert ask(cloudformation, "Create")["Reason"] == "API_URL: is not set"


@pytest.mark.usefixtures("settled")
def test_cloudformation_is_answered_before_the_time_is_up_when_nothing_ends(
    cloudformation: CloudFormation, monkeypatch: pytest.MonkeyPatch
):
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:
        nowhere = f"http://127.0.0.1:{silent.getsockname()[1]}"
        monkeypatch.setenv("API_URL", f"{nowhere}/live")
        monkeypatch.setenv("AWS_ENDPOINT_URL", nowhere)

        def deploy() -> None:
            cloudformation.responses.clear()
            assert ask(cloudformation, "Create", seconds=custom_resource.ANSWERING + 3)["Status"] == "FAILED"

        assert quickest(timed(deploy), 4) < 4
