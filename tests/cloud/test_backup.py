"""Backups in the whole cloud: nights, an admin's wish by the queue, one that failed, and what health says of it."""

from __future__ import annotations

import json
import time
from contextlib import closing
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import psycopg
import pytest

from local.cloud import STACK, Cloud, Settings
from local.discord_client import DiscordClient, User, command, snowflake
from mastermind.discord.permissions import ADMINISTRATOR
from mastermind.domain.snapshots import TAG, asked_at, asked_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ADA = User(snowflake(), "Ada", ADMINISTRATOR)
ZONE = ZoneInfo("America/New_York")  # the template's default
PATIENCE = 20.0  # seconds for the queue to bring a job


class Silent:
    def step(self, what: str) -> None: ...
    def note(self, what: str) -> None: ...


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    cloud = Cloud(Settings(tmp_path_factory.mktemp("backup"), xp_delay=1), Silent())
    try:
        cloud.start()
        yield cloud
    finally:
        cloud.stop()


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


def wait_for(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_two_nightly_backups_on_one_day_make_one_snapshot(cloud: Cloud):
    assert [call(cloud, "backup", {"night": True})["outcome"] for _ in range(2)] == ["begun", "stood"]
    (made,) = ours(cloud).values()
    assert (made["DBSnapshotIdentifier"], made["Status"]) == (tonight(), "available")
    assert {tag["Key"]: tag["Value"] for tag in made["TagList"]}[TAG] == STACK


def test_the_simulator_offers_the_backup_and_runs_it(cloud: Cloud):
    assert "backup" in cloud.simulator.clockwork.known_schedules
    ran = cloud.simulator.clockwork.run("backup")
    assert (ran["failed"], ran["answer"]["outcome"]) == (False, "stood")


def test_one_that_failed_is_replaced_the_same_night(cloud: Cloud):
    name = tonight()
    before = ours(cloud)[name]["SnapshotCreateTime"]
    cloud.emulator.ask("POST", "/_local/snapshots", body=json.dumps({name: "failed"}).encode())
    assert ours(cloud)[name]["Status"] == "failed"
    assert call(cloud, "backup", {"night": True})["outcome"] == "replaced"
    made = ours(cloud)[name]
    assert made["Status"] == "available"
    assert made["SnapshotCreateTime"] > before


def test_one_that_an_admin_asks_for_is_its_own_and_health_names_it(cloud: Cloud):
    with DiscordClient.from_endpoints(cloud.endpoints, "main") as main:
        payload = command(main.place, ADA, "security backup")
        name = f"{STACK}-{asked_name(asked_at(int(str(payload['id']))))}"
        for _ in range(2):
            assert main.send(payload).text.startswith("## Backup started")
        wait_for(lambda: name in ours(cloud))
        assert set(ours(cloud)) == {tonight(), name}
        call(cloud, "healthcheck", {"check": True})
        shown = main.command("security health", user=ADA).text.replace("\\", "")  # signs of formatting are escaped
        assert f"the newest is 0 h old: {name}" in shown
    with closing(psycopg.connect(cloud.postgres.owner_url)) as conn:
        rows = conn.execute("SELECT actor_id FROM audit_log WHERE action = 'backup.start'").fetchall()
    assert rows == [(ADA.id,)]


def test_backups_are_counted_where_their_alarm_looks(cloud: Cloud):
    dimensions: Any = [{"Name": "service", "Value": "backup"}]

    def counted() -> bool:
        found = cloud.aws.cloudwatch.list_metrics(Namespace=STACK, MetricName="Backups", Dimensions=dimensions)
        return bool(found["Metrics"])

    wait_for(counted)
