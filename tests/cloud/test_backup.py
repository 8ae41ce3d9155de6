"""Backups in the whole cloud: nightly ones, one that an admin asks for, one that fails, its alarms, and a restore."""

from __future__ import annotations

import json
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

import psycopg
import pytest
from typer.testing import CliRunner

from devkit.discord_client import User, command, snowflake
from local.alarms import evaluate, read_points, rule_of
from local.cloud import STACK
from local.demo import button
from mastermind.discord.permissions import ADMINISTRATOR
from mastermind.discord.snowflakes import made_at
from mastermind.game.settings import content as time_zones
from mastermind.operations.backup.rules import TAG, asked_name
from ops import dumps
from ops.commands import app
from tests.cloud.playing import Patient
from tests.cloud.running import without_schedule
from tests.waiting import wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from typer.testing import Result

    from devkit.json_types import Json
    from local.cloud import Cloud

ADA = User(snowflake(), "Ada", ADMINISTRATOR)
ZONE = time_zones.zone("America/New_York")  # the template's default


def ours(cloud: Cloud) -> dict[str, Any]:
    """Our snapshots by name."""
    found = cloud.aws.rds.describe_db_snapshots()["DBSnapshots"]
    return {one["DBSnapshotIdentifier"]: one for one in found if one.get("TagList")}  # pyright: ignore[reportTypedDictNotRequiredAccess]


def call(cloud: Cloud, name: str, event: dict[str, object]) -> dict[str, Any]:
    function = cloud.endpoints["functions"][name]
    answer = cloud.aws.functions.invoke(FunctionName=function, Payload=json.dumps(event))
    assert "FunctionError" not in answer
    return json.loads(answer["Payload"].read())


def tonight() -> str:
    return f"{STACK}-{datetime.now(ZONE):%Y%m%d}"


@pytest.fixture(scope="module", autouse=True)
def _at_any_hour(cloud: Cloud) -> Iterator[None]:
    """The schedule makes a snapshot at night, perhaps right now."""
    with without_schedule(cloud, "backup"):
        for name in ours(cloud):
            cloud.aws.rds.delete_db_snapshot(DBSnapshotIdentifier=name)
        yield


def test_two_nightly_backups_on_one_day_make_one_snapshot(cloud: Cloud):
    before = tonight()
    first, second = (call(cloud, "backup", {"night": True}) for _ in range(2))
    assert (first["outcome"], second["outcome"]) == ("begun", "already exists")
    (made,) = ours(cloud).values()
    assert (made["DBSnapshotIdentifier"], made["Status"]) == (first["snapshot"], "available")
    assert first["snapshot"] in {before, tonight()}
    assert {tag["Key"]: tag["Value"] for tag in made["TagList"]}[TAG] == STACK


def test_the_simulator_offers_the_backup_and_runs_it(cloud: Cloud):
    assert "backup" in cloud.simulator.clockwork.known_schedules
    ran = cloud.simulator.clockwork.run("backup")
    assert (ran["failed"], ran["answer"]["outcome"]) == (False, "already exists")


def test_one_that_failed_is_replaced_the_same_night(cloud: Cloud):
    (name,) = ours(cloud)
    before = ours(cloud)[name]["SnapshotCreateTime"]
    cloud.emulator.ask("POST", "/_local/snapshots", body=json.dumps({name: "failed"}).encode())
    assert ours(cloud)[name]["Status"] == "failed"
    assert call(cloud, "backup", {"night": True})["outcome"] == "replaced"
    made = ours(cloud)[name]
    assert made["Status"] == "available"
    assert made["SnapshotCreateTime"] > before


def test_one_that_an_admin_asks_for_is_its_own_and_health_names_it(cloud: Cloud):
    with Patient.from_endpoints(cloud.endpoints, "main") as main:
        (night,) = ours(cloud)
        payload = command(main.place, ADA, "security backup")
        name = f"{STACK}-{asked_name(made_at(int(str(payload['id']))))}"
        for _ in range(2):
            assert "Backup started" in main.send(payload).text
        wait_for(lambda: name in ours(cloud))
        assert set(ours(cloud)) == {night, name}
        call(cloud, "healthcheck", {"check": True})
        shown = main.command("security health", user=ADA).text.replace("\\", "")  # signs of formatting are escaped
        assert f"the newest is 0 h old: {name}" in shown
    with closing(psycopg.connect(cloud.postgres.owner_url)) as conn:
        rows = conn.execute(
            "SELECT actor_id FROM audit_log WHERE action = 'backup.start' AND operator IS NULL"
        ).fetchall()
    assert rows == [(ADA.id,)]


def test_backups_are_counted_where_their_alarm_looks(cloud: Cloud):
    dimensions: Any = [{"Name": "service", "Value": "backup"}]

    def counted() -> bool:
        found = cloud.aws.cloudwatch.list_metrics(Namespace=STACK, MetricName="Backups", Dimensions=dimensions)
        return bool(found["Metrics"])

    wait_for(counted)


def test_a_day_without_a_good_backup_fires_the_alarm_of_the_stack(cloud: Cloud):
    (alarm,) = (
        one
        for page in cloud.aws.cloudwatch.get_paginator("describe_alarms").paginate(AlarmTypes=["MetricAlarm"])
        for one in page["MetricAlarms"]
        if one.get("MetricName") == "Backups"
    )
    assert alarm.get("AlarmActions")

    def state(later: timedelta) -> str:
        points = read_points(cloud.aws, alarm, datetime.now(UTC) + later)
        return evaluate(rule_of(alarm), points, "OK").state

    assert state(timedelta(0)) == state(timedelta(hours=24)) == "OK"
    assert state(timedelta(hours=30)) == "ALARM"


# --- the operator's tool ---


def ops(cloud: Cloud, *arguments: object) -> Result:
    environment = {"LOCAL_DIR": str(cloud.folder), "OPS_STACK": None, "DATABASE_URL": None, "EXPORT_BUCKET": None}
    return CliRunner().invoke(app, [*map(str, arguments)], env=environment)


def members(cloud: Cloud) -> set[int]:
    with closing(psycopg.connect(cloud.postgres.owner_url)) as conn:
        return {user_id for (user_id,) in conn.execute("SELECT user_id FROM users").fetchall()}


def test_a_backup_of_a_local_game_is_a_snapshot_and_a_dump_that_restores_it(cloud: Cloud, tmp_path: Path):
    leaves, stays = User(snowflake(), "Lee"), User(snowflake(), "Sam")
    with Patient.from_endpoints(cloud.endpoints, "tensey") as tensey:
        for user in (leaves, stays):
            tensey.component(button(tensey.command("tenseylist", user=user), "tick"), user=user)
    wait_for(lambda: xp(cloud, leaves) > 0 and xp(cloud, stays) > 0)

    made = json.loads(ops(cloud, "backup", "--yes", "--folder", tmp_path, "--json").stdout)
    assert made["snapshot"] in ours(cloud)
    assert booked(cloud)[-1:] == [("backup.start", {})]
    file = dumps.newest(tmp_path)
    assert made["dump"] == str(file)
    assert file
    assert dumps.inventory_of(file).rows["users"] == len(members(cloud)) >= 2

    before = deletions(cloud)
    delete_themselves(cloud, leaves)
    drill = ops(cloud, "restore-drill", "--folder", tmp_path, "--json")
    report = json.loads(drill.stdout)
    checks = {one["name"]: one["words"] for one in report["checks"]}
    assert (drill.exit_code, report["passed"]) == (0, True), drill.output
    assert checks["deletions"] == f"{before + 1} in the log, 1 members deleted again"
    assert checks["rows"].endswith("as dumped")
    assert stays.id in members(cloud), "the game was only read"


def deletions(cloud: Cloud) -> int:
    """How many the log has: other tests delete members of this game too."""
    return int(ops(cloud, "reapply-deletions", "--dry-run").stdout.split()[0])


def booked(cloud: Cloud) -> list[tuple[str, Json]]:
    """What the audit log has of the operator, with their ARN."""
    query = "SELECT action, after FROM audit_log WHERE operator LIKE 'arn:aws:%' ORDER BY id"
    with closing(psycopg.connect(cloud.postgres.owner_url)) as conn:
        return conn.execute(query).fetchall()


def xp(cloud: Cloud, user: User) -> int:
    with closing(psycopg.connect(cloud.postgres.owner_url)) as conn:
        return sum(found for (found,) in conn.execute("SELECT xp FROM users WHERE user_id = %s", [user.id]).fetchall())


def delete_themselves(cloud: Cloud, user: User) -> None:
    with Patient.from_endpoints(cloud.endpoints, "main") as main:
        form = main.component(button(main.command("privacy delete", user=user), "delete"), user=user)
        custom_id = cast("str", cast("Json", form.body["data"])["custom_id"])
        assert "Your data is deleted" in main.modal(custom_id, {"word": "DELETE"}, user=user).text


def test_whom_a_restore_brought_back_is_deleted_again_from_inside_of_the_vpc(cloud: Cloud):
    back = User(snowflake(), "Kim")
    with Patient.from_endpoints(cloud.endpoints, "main") as main:
        main.command("scorecard", user=back)
    delete_themselves(cloud, back)
    with closing(psycopg.connect(cloud.postgres.owner_url, autocommit=True)) as conn:
        conn.execute(
            "INSERT INTO users (user_id, display_name, time_zone, created_at) VALUES (%s, 'Kim', 'UTC', '2026-01-01')",
            [back.id],
        )
        conn.execute("DELETE FROM deletions")  # as in the snapshot
    before = members(cloud)
    result = ops(cloud, "reapply-deletions", "--yes")
    assert (result.exit_code, result.output.splitlines()[-1]) == (0, "1 members deleted again"), result.output
    assert members(cloud) == before - {back.id}
    assert [action for action, _ in booked(cloud)][-2:] == ["database.migrate", "privacy.repeat"]
