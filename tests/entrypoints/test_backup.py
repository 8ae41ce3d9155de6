"""The function of backups as Lambda sees it: the night's call, an admin's jobs, and what cannot be done now."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from moto import mock_aws

from devkit.discord_client import snowflake
from mastermind.entrypoints import backup as entry
from mastermind.entrypoints import resources
from mastermind.errors import ConfigError
from mastermind.game.settings import content as time_zones
from mastermind.operations.jobs import messages as jobs
from mastermind.operations.jobs.messages import BackupJob
from tests.entrypoints.test_award import Environment, Invocation, failures

if TYPE_CHECKING:
    from collections.abc import Iterator

KIM = "arn:aws:sts::123456789012:assumed-role/Operators/kim@example.org"
REGION, ZONE = "eu-central-1", time_zones.zone("Pacific/Auckland")
SETTINGS = {
    "AWS_REGION": REGION,
    "AWS_DEFAULT_REGION": REGION,
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "RDS_INSTANCE": "game-database",
    "SNAPSHOT_PREFIX": "game",
    "NIGHTS_KEPT": "14",
    "REQUESTS_KEPT": "10",
    "DEFAULT_TIME_ZONE": ZONE.key,
}


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> Environment:
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    environment = Environment(monkeypatch)
    environment.set(**SETTINGS)
    return environment


@pytest.fixture
def rds(environment: Environment) -> Iterator[Any]:  # noqa: ARG001 # its credentials
    with mock_aws():
        client: Any = boto3.client("rds", region_name=REGION)
        client.create_db_instance(
            DBInstanceIdentifier="game-database", DBInstanceClass="db.t4g.micro", Engine="postgres"
        )
        yield client


def names(rds: Any) -> set[str]:  # noqa: ANN401 # boto3's
    found = {one["DBSnapshotIdentifier"] for one in rds.describe_db_snapshots()["DBSnapshots"]}
    return {name for name in found if not name.startswith("rds:")}


def batch(*bodies: str) -> dict[str, object]:
    return {"Records": [{"messageId": f"m{n}", "body": body} for n, body in enumerate(bodies)]}


def test_the_schedule_makes_the_snapshot_of_the_operators_day(rds: Any):  # noqa: ANN401 # the same
    name = f"game-{datetime.now(ZONE):%Y%m%d}"
    backup = entry.handler()
    assert backup({"night": True}, Invocation())["outcome"] == "begun"
    assert backup({}, Invocation())["outcome"] == "already exists"
    assert names(rds) == {name}


def test_a_job_makes_the_snapshot_of_the_minute_in_which_it_was_asked_for(rds: Any):  # noqa: ANN401 # the same
    asked = jobs.write(BackupJob(snowflake(datetime(2026, 11, 23, 8, 15, 59, tzinfo=UTC).timestamp())))
    backup = entry.handler()
    assert failures(backup(batch(asked, asked), Invocation())) == []
    assert failures(backup(batch(asked), Invocation())) == []
    assert names(rds) == {"game-manual-202611230815"}


def test_an_operator_gets_one_of_this_minute(rds: Any):  # noqa: ANN401 # the same
    report = entry.handler()({"asked": True}, Invocation())
    assert names(rds) == {report["snapshot"]}
    assert str(report["snapshot"]).startswith(f"game-manual-{datetime.now(UTC):%Y%m%d}")


@pytest.mark.usefixtures("rds")
def test_its_log_names_the_operator_when_the_audit_log_cannot(capsys: pytest.CaptureFixture[str]):
    entry.handler()({"asked": True, "by": KIM}, Invocation())
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if '"backed up"' in line]
    assert [one["operator"] for one in lines] == [KIM]


POISON = [
    *("", "{}", '{"job": "else"}', '{"job": "backup"}', "\ud800"),
    *(f'{{"job": "backup", "interaction_id": {of}}}' for of in ('"x"', "0", "-1", str(2**63), str(10**30))),
]


@pytest.mark.parametrize("poison", POISON)
def test_an_invalid_job_is_the_only_one_returned_to_the_queue(rds: Any, poison: str):  # noqa: ANN401 # the same
    good = jobs.write(BackupJob(snowflake()))
    assert failures(entry.handler()(batch(poison, good), Invocation())) == ["m0"]
    assert len(names(rds)) == 1


def test_a_job_that_cannot_be_done_now_comes_back_and_the_nights_call_fails_so_that_it_is_tried_again(rds: Any):  # noqa: ANN401 # the same
    rds.delete_db_instance(DBInstanceIdentifier="game-database", SkipFinalSnapshot=True)
    backup = entry.handler()
    assert failures(backup(batch(jobs.write(BackupJob(snowflake()))), Invocation())) == ["m0"]
    with pytest.raises(Exception, match="RDS answers DBInstanceNotFound"):
        backup({"night": True}, Invocation())


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [("SNAPSHOT_PREFIX", "Game", "rename the stack"), ("RDS_INSTANCE", "", "RDS_INSTANCE: is not set")],
)
def test_settings_that_cannot_be_are_named_in_the_log(
    environment: Environment, capsys: pytest.CaptureFixture[str], variable: str, value: str, words: str
):
    environment.set(**{variable: value})
    with pytest.raises(RuntimeError, match="its log says how"):
        entry.handler()({"night": True}, Invocation())
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert any(words in str(line.get("exception")) for line in lines)


def test_a_time_zone_that_there_is_not_is_named():
    with pytest.raises(ConfigError, match="DEFAULT_TIME_ZONE: europe/berlin is not an IANA time zone"):
        resources.zone("europe/berlin")
