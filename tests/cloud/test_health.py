"""The health check in the whole cloud: real faults, what it finds and reports, and what is left in the database."""

from __future__ import annotations

import json
import time
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, LiteralString

import httpx
import psycopg
import pytest

from local.cloud import STACK
from mastermind import __version__
from mastermind.entrypoints import health_page
from mastermind.operations.health import rules as health
from mastermind.operations.health.messages import REPORT
from tests.cloud.running import without_schedule

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from local.cloud import Cloud

DIMENSIONS: Any = [{"Name": "service", "Value": "healthcheck"}]


class Game:
    """A running cloud, and its health check at hand."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud

    def check(self) -> dict[str, Any]:
        """What the schedule does every five minutes, now."""
        name = self.cloud.endpoints["functions"]["healthcheck"]
        answer = self.cloud.aws.functions.invoke(FunctionName=name, Payload=json.dumps({"check": True}))
        assert "FunctionError" not in answer
        return json.loads(answer["Payload"].read())

    def page(self) -> httpx.Response:
        url = self.cloud.endpoints["apps"]["main"]["interactions_url"].replace("/interactions/main", "/health")
        return httpx.get(url, timeout=60)

    def wait_until_the_page_asks_again(self) -> None:
        """So that it answers with what is true now; each of its processes keeps an answer of its own."""
        time.sleep(health_page.GOOD_KEPT)

    def metric(self, name: str) -> float:
        """The newest figure of a metric."""
        now = datetime.now(UTC)
        points = self.cloud.aws.cloudwatch.get_metric_statistics(
            Namespace=STACK,
            MetricName=name,
            Dimensions=DIMENSIONS,
            StartTime=now - timedelta(minutes=10),
            EndTime=now + timedelta(minutes=1),
            Period=1,
            Statistics=["Minimum"],
        )["Datapoints"]
        assert points, name
        return max(points, key=lambda point: point.get("Timestamp", now)).get("Minimum", -1)

    def rows(self, query: LiteralString) -> list[tuple[Any, ...]]:
        with closing(psycopg.connect(self.cloud.postgres.owner_url)) as conn:
            return conn.execute(query).fetchall()


@pytest.fixture(scope="module")
def game(cloud: Cloud) -> Iterator[Game]:
    with without_schedule(cloud, "healthcheck"):  # it counts the good checks as well
        yield Game(cloud)


def test_a_game_in_which_nothing_is_wrong_is_healthy_in_every_way(game: Game):
    report = [game.check() for _ in range(3)][-1]  # what other tests broke is over after two good checks
    assert [probe["name"] for probe in report["probes"] if probe["healthy"]] == list(health.PROBES)
    assert (report["healthy"], report["version"]) == (True, __version__)
    assert [game.metric(name) for name in ("Healthy", *map(health.metric, health.PROBES))] == [1.0] * (
        1 + len(health.PROBES)
    )
    (kept,) = game.rows("SELECT report FROM health_reports WHERE healthy")
    assert REPORT.validate_python(kept[0]) == REPORT.validate_python(report)


def test_the_health_page_shows_the_version_and_nothing_else(game: Game):
    page = game.page()
    said = page.json()
    assert (page.status_code, said) == (200, {"status": "ok", "version": __version__, "age": said["age"]})
    assert 0 <= said["age"] <= health_page.GOOD_KEPT
    assert page.headers["cache-control"] == "no-store"


@contextmanager
def stopped_database(game: Game) -> Generator[None]:
    with game.cloud.postgres.stopped():
        yield


@contextmanager
def frozen_database(game: Game) -> Generator[None]:
    game.cloud.postgres.freeze()
    try:
        yield
    finally:
        game.cloud.postgres.thaw()


@contextmanager
def a_dead_letter(game: Game) -> Generator[None]:
    url = game.cloud.endpoints["queues"]["xp_awards_dlq"]
    game.cloud.aws.sqs.send_message(QueueUrl=url, MessageBody="nothing of ours")
    try:
        yield
    finally:
        game.cloud.aws.sqs.purge_queue(QueueUrl=url)


@contextmanager
def a_lost_queue(game: Game) -> Generator[None]:
    """The health check is given a queue that SQS does not have."""
    name = game.cloud.endpoints["functions"]["healthcheck"]
    change = game.cloud.aws.functions
    variables = change.get_function_configuration(FunctionName=name)["Environment"]["Variables"]  # pyright: ignore[reportTypedDictNotRequiredAccess]
    broken = {**variables, "QUEUES_TO_EMPTY": f"{variables['QUEUES_TO_EMPTY']}-gone"}
    change.update_function_configuration(FunctionName=name, Environment={"Variables": broken})
    try:
        yield
    finally:
        change.update_function_configuration(FunctionName=name, Environment={"Variables": variables})


@contextmanager
def no_snapshot(game: Game) -> Generator[None]:
    rds = game.cloud.aws.rds
    there = [
        (one.get("DBSnapshotIdentifier", ""), one.get("DBInstanceIdentifier", ""), one.get("TagList", []))
        for one in rds.describe_db_snapshots()["DBSnapshots"]
    ]
    for name, _, _ in there:
        rds.delete_db_snapshot(DBSnapshotIdentifier=name)
    try:
        yield
    finally:
        for name, instance, tags in there:
            rds.create_db_snapshot(DBSnapshotIdentifier=name, DBInstanceIdentifier=instance, Tags=tags)


@contextmanager
def a_broken_function(game: Game) -> Generator[None]:
    change, name = game.cloud.aws.functions, f"{STACK}-interactions-tensey"
    change.update_function_configuration(FunctionName=name, Handler="handler.none")
    try:
        yield
    finally:
        change.update_function_configuration(FunctionName=name, Handler="handler.handler")


@pytest.mark.parametrize(
    ("trouble", "failing"),
    [
        (stopped_database, {"database", "health"}),
        (frozen_database, {"database", "health"}),
        (a_dead_letter, {"dead_letters"}),
        (a_lost_queue, {"queues"}),
        (no_snapshot, {"snapshot"}),
        (a_broken_function, {"tensey"}),
    ],
)
def test_a_trouble_is_found_by_one_check_and_over_after_two_good_ones(
    game: Game, trouble: Callable[[Game], Any], failing: set[str]
):
    before = game.rows("SELECT count(*) FROM outages")[0][0]
    with trouble(game):
        if "health" in failing:
            game.wait_until_the_page_asks_again()
        report = game.check()
        assert {probe["name"] for probe in report["probes"] if not probe["healthy"]} == failing
        is_down = bool(failing & health.FELT)
        assert (report["healthy"], game.metric("Healthy")) == (not is_down, float(not is_down))
        if "health" in failing:
            page = game.page()
            assert (page.status_code, page.json()["status"]) == (503, "unavailable")
    assert game.check()["healthy"] is not is_down
    assert game.check()["healthy"] is True
    assert game.rows("SELECT count(*) FROM outages")[0][0] == before + is_down
    if not is_down:
        return
    ((began, ended, probes),) = game.rows("SELECT began, ended, probes FROM outages ORDER BY began DESC LIMIT 1")
    assert (began, set(probes)) == (datetime.fromisoformat(report["since"]), failing)
    assert ended > began


def test_no_log_of_the_health_check_holds_a_password(game: Game):
    log = (game.cloud.folder / "logs" / f"{STACK}-healthcheck.log").read_text()
    assert game.cloud.postgres.password("app_award") not in log
    assert '"message":"checked"' in log
