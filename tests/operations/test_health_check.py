"""The health check against a world of ten lines: what it probes, decides and reports, and when it gives up."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, override

import pytest

from mastermind.deadline import Deadline
from mastermind.errors import DeployRefused, Unavailable
from mastermind.game.settings import content as time_zones
from mastermind.gateways.public_api import ApiAnswer
from mastermind.gateways.queues import Depth
from mastermind.gateways.snapshots import Snapshot
from mastermind.operations.alerts import alarms
from mastermind.operations.health import check as healthcheck
from mastermind.operations.health import messages
from mastermind.operations.health import rules as health
from mastermind.operations.health import state as states
from mastermind.operations.health.check import Healthcheck, World
from mastermind.operations.health.rules import Facts, State, Status

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from mastermind.operations.alerts.records import Change
    from mastermind.operations.health.rules import Report

BEGIN = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)  # before three in New York
WELL = Facts(17, 17, 0, 0.0, 0, 5, 97, 0, 0)
QUEUES = ("https://sqs/1/XpAwards", "https://sqs/1/Notices")
DLQS = ("https://sqs/1/XpAwardsDlq",)
ALARMS = "https://sqs/1/Alarms"
LONG = 3600.0


class Toy:
    """Every probe and report of the check; each answer can be replaced, and what was asked is kept."""

    def __init__(self) -> None:
        self.facts: Facts | Unavailable = WELL
        self.statuses = {"main": 401, "tensey": 401, "health": 200}
        self.date: datetime | None = None
        self.release = "old"
        self.depth = {url: Depth(0, 0) for url in (*QUEUES, *DLQS)}
        self.made: datetime | None = BEGIN
        self.questions: list[Mapping[str, object]] = []
        self.figures: list[Mapping[str, float]] = []
        self.sent: list[Change | Status] = []
        self.kept = ""
        self.deaf = set[str]()
        self.now = BEGIN
        self.asked = 0
        zone = time_zones.zone("America/New_York")
        self.world = World(self, self, self, self, self, self, QUEUES, DLQS, ALARMS, zone)
        self.check = Healthcheck(self.world, now=lambda: self.now, sleep=lambda _: None)

    def forge(self, app: str, deadline: Deadline) -> ApiAnswer:
        return self._answer(app, deadline)

    def health(self, deadline: Deadline) -> ApiAnswer:
        return self._answer("health", deadline)

    def _answer(self, what: str, deadline: Deadline) -> ApiAnswer:
        assert not deadline.passed
        if what in self.deaf:
            raise Unavailable("the API cannot be reached: ConnectionRefusedError")
        self.asked += 1
        return ApiAnswer(self.statuses[what], self.date or self.now, self.now, self.now, self.release)

    def ask(self, question: Mapping[str, object], deadline: Deadline) -> dict[str, object]:
        assert not deadline.passed
        self.questions.append(question)
        if isinstance(self.facts, Unavailable):
            raise self.facts
        if "award" in self.deaf and "probe" not in question:
            raise Unavailable("xp_award fails: its log says how")
        if "probe" not in question:
            return {"recorded": True}
        return {**messages.write(messages.FACTS, self.facts), "release": self.release}

    def depths(self, urls: Sequence[str], deadline: Deadline) -> Mapping[str, Depth]:
        assert not deadline.passed
        if "sqs" in self.deaf:
            raise Unavailable("SQS cannot be reached: EndpointConnectionError")
        return {url.rpartition("/")[2]: self.depth[url] for url in urls}

    def send(self, url: str, body: str, deadline: Deadline) -> None:
        assert not deadline.passed
        assert url == ALARMS
        if "sqs" in self.deaf:
            raise Unavailable("SQS cannot be reached: EndpointConnectionError")
        self.sent.append(alarms.read(body))

    def all(self, deadline: Deadline) -> Sequence[Snapshot]:
        assert not deadline.passed
        return [Snapshot("game-20261123", "db", "available", self.made)]

    def put(self, figures: Mapping[str, float], deadline: Deadline) -> None:
        assert not deadline.passed
        if "cloudwatch" in self.deaf:
            raise Unavailable("CloudWatch cannot be reached: EndpointConnectionError")
        self.figures.append(figures)

    def read(self, deadline: Deadline) -> State:
        assert not deadline.passed
        if "ssm" in self.deaf:
            raise Unavailable("SSM answers ThrottlingException")
        return states.read(self.kept) if self.kept else State()

    def write(self, state: State, deadline: Deadline) -> None:
        assert not deadline.passed
        if "ssm" in self.deaf:
            raise Unavailable("SSM answers ThrottlingException")
        self.kept = states.write(state)

    # --- what tests ask ---

    def look(self) -> Report:
        report = self.check.check(Deadline.after(LONG))
        self.now += timedelta(minutes=5)
        return report

    def failing(self) -> set[str]:
        """The probes that fail in a check now."""
        return {probe.name for probe in self.look().probes if not probe.healthy}

    def reported(self, what: str) -> list[Mapping[str, object]]:
        return [question for question in self.questions if what in question]


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """No answer is late because this machine is busy."""
    for name in ("ONE_TRY", "PROBING", "REPORTING"):
        monkeypatch.setattr(healthcheck, name, 20 * getattr(healthcheck, name))


@pytest.fixture
def toy() -> Toy:
    return Toy()


def for_one_try() -> Deadline:
    """After which none is repeated."""
    return Deadline.after(healthcheck.PAUSE + healthcheck.ONE_TRY)


def test_a_game_that_is_well_has_every_probe_a_metric_for_each_and_its_report_stored(toy: Toy):
    report = toy.look()
    assert [probe.name for probe in report.probes] == list(health.PROBES)
    assert report.healthy
    assert toy.figures == [{"Healthy": 1, "Checks": 1, **{health.metric(name): 1 for name in health.PROBES}}]
    assert toy.reported("report") == [{"report": messages.write(messages.REPORT, report)}]
    assert states.read(toy.kept).at == BEGIN
    assert toy.sent == [Status(BEGIN, None, {}, 1, {}, None)]


def break_database(toy: Toy) -> None:
    toy.facts, toy.statuses["health"] = Unavailable("PostgreSQL cannot be reached"), 503


def flood_health(toy: Toy) -> None:
    toy.statuses["health"] = 429


def test_a_stranger_who_floods_the_health_page_makes_no_outage(toy: Toy):
    flood_health(toy)
    toy.check.check(Deadline.after(LONG))
    (figures,), (status,) = toy.figures, toy.sent
    assert isinstance(status, Status)
    assert (figures["Healthy"], "ProbeHealth" in figures, status.failed) == (1, False, {})


def break_tensey(toy: Toy) -> None:
    toy.statuses["tensey"] = 502


def forget_signatures(toy: Toy) -> None:
    toy.statuses["main"] = 200


def silence_api(toy: Toy) -> None:
    toy.deaf |= {"main", "tensey", "health"}


def stop_queue(toy: Toy) -> None:
    toy.deaf.add("sqs")


def drop_letters(toy: Toy) -> None:
    toy.depth[DLQS[0]] = Depth(2, 0)


def lose_snapshots(toy: Toy) -> None:
    toy.made = None


def move_clock(toy: Toy) -> None:
    toy.date = toy.now + timedelta(seconds=9)


def drift(toy: Toy) -> None:
    toy.facts = replace(WELL, drift=1)


@pytest.mark.parametrize(
    ("trouble", "failing"),
    [
        (break_database, {"database", "health"}),
        (break_tensey, {"tensey"}),
        (forget_signatures, {"main"}),
        (silence_api, {"main", "tensey", "health"}),
        (drop_letters, {"dead_letters"}),
        (lose_snapshots, {"snapshot"}),
        (move_clock, {"clock"}),
        (drift, {"ledger"}),
    ],
)
def test_each_trouble_breaks_its_own_probes_and_the_game_if_members_feel_it(
    toy: Toy, trouble: Callable[[Toy], None], failing: set[str]
):
    trouble(toy)
    assert toy.failing() == failing
    (figures,), (status,) = toy.figures, toy.sent
    felt = failing & health.FELT
    down = {"Healthy"} if felt else set[str]()
    assert {name for name, figure in figures.items() if not figure} == {*down, *map(health.metric, failing)}
    assert isinstance(status, Status)
    assert (status.failed.keys(), status.to_do.keys()) == (felt, failing - felt)


def test_a_queue_that_does_not_answer_is_a_failure_and_the_check_fails_for_it_could_notify_nobody(toy: Toy):
    stop_queue(toy)
    with pytest.raises(Unavailable, match="SQS"):
        toy.look()
    (figures,) = toy.figures
    assert (figures["ProbeQueues"], figures["ProbeDeadLetters"], figures["Healthy"]) == (0, 0, 1)
    assert toy.reported("report")


def test_what_cannot_be_probed_is_in_no_report(toy: Toy):
    break_database(toy)
    toy.look()
    assert not {"ProbeAwards", "ProbeLedger"} & toy.figures[0].keys()


def test_a_probe_that_fails_has_three_tries_and_a_good_one_is_enough(toy: Toy):
    toy.look()
    assert toy.asked == 3
    break_tensey(toy)
    toy.look()
    assert toy.asked == 3 + 2 + 3


def test_an_outage_is_over_after_two_good_checks_and_recorded_then(toy: Toy):
    break_tensey(toy)
    toy.look()
    toy.statuses["tensey"] = 401
    assert [toy.look().healthy, toy.look().healthy] == [False, True]
    assert [figures["Healthy"] for figures in toy.figures] == [0, 0, 1]
    outage = {
        "began": "2026-11-23T06:00:00Z",
        "ended": "2026-11-23T06:10:00Z",
        "probes": ["tensey"],
    }
    assert toy.reported("outage") == [{"outage": outage}]
    assert states.read(toy.kept).unrecorded == ()


def test_an_outage_that_could_not_be_recorded_is_recorded_by_a_later_check(toy: Toy):
    break_tensey(toy)
    toy.look()
    toy.statuses["tensey"] = 401
    toy.deaf.add("award")
    toy.look()
    toy.look()
    assert len(states.read(toy.kept).unrecorded) == 1
    toy.deaf.clear()
    toy.look()
    assert states.read(toy.kept).unrecorded == ()
    toy.look()
    assert len(toy.reported("outage")) == 2


def test_nothing_is_recorded_while_the_database_is_down(toy: Toy):
    break_database(toy)
    toy.look()
    assert not toy.reported("report")


def test_the_metric_is_always_published_and_the_alert_can_say_what_failed(toy: Toy):
    break_tensey(toy)
    toy.deaf |= {"award"}
    toy.look()
    assert toy.figures[0]["Healthy"] == 0
    assert [probe.name for probe in states.read(toy.kept).failing] == ["tensey"]


def test_a_check_whose_metrics_cannot_be_written_fails_and_leaves_everything_else_done(toy: Toy):
    toy.deaf.add("cloudwatch")
    with pytest.raises(Unavailable, match="CloudWatch"):
        toy.look()
    assert toy.reported("report")
    assert states.read(toy.kept).at == BEGIN


def test_a_process_remembers_an_outage_that_ssm_does_not(toy: Toy):
    toy.deaf.add("ssm")
    break_tensey(toy)
    toy.look()
    toy.statuses["tensey"] = 401
    assert [toy.look().healthy, toy.look().healthy] == [False, True]


def test_a_stack_inherits_no_outage_of_an_earlier_one_of_that_name(toy: Toy):
    break_tensey(toy)
    toy.look()
    toy.statuses["tensey"] = 401
    toy.now += timedelta(days=1)
    assert toy.look().healthy
    assert not toy.reported("outage")


def test_messages_that_nobody_takes_break_it_with_the_second_check_that_finds_them(toy: Toy):
    toy.depth[QUEUES[0]] = Depth(1, 0)
    assert toy.failing() == set()
    assert toy.failing() == {"queues"}
    toy.depth[QUEUES[0]] = Depth(1, 1)
    assert toy.failing() == set()


def test_the_whole_ledger_is_walked_once_a_night_over_as_many_checks_as_it_takes(toy: Toy):
    toy.look()
    assert toy.questions[0] == {"probe": True}
    toy.now, toy.facts = datetime(2026, 11, 23, 8, 0, tzinfo=UTC), replace(WELL, ledger_next=500)
    toy.look()
    toy.facts = WELL
    toy.look()
    toy.look()
    walked = [question.get("ledger_from") for question in toy.reported("probe")]
    assert walked == [None, 0, 500, None]


def test_a_probe_that_breaks_is_a_failure_and_counted_as_a_bug(toy: Toy, capsys: pytest.CaptureFixture[str]):
    toy.statuses = {}
    assert toy.failing() == {"main", "tensey", "health"}
    assert '"Bugs"' in capsys.readouterr().out


def test_an_answer_that_is_no_facts_is_a_failure():
    class Nonsense(Toy):
        @override
        def ask(self, question: Mapping[str, object], deadline: Deadline) -> dict[str, object]:
            return {"batchItemFailures": []}

    assert Nonsense().failing() == {"database"}


def test_all_probes_ask_at_once_and_end_in_time_when_nothing_answers(monkeypatch: pytest.MonkeyPatch):
    at_once, released = threading.Barrier(6), threading.Event()

    class Frozen(Toy):
        """Waits as the real gateways do: until the deadline it was given, and no longer."""

        def _wait(self, deadline: Deadline) -> Unavailable:
            assert deadline.remaining() <= 0.2
            at_once.wait(60)
            released.wait(deadline.remaining())
            return Unavailable("no answer in time")

        @override
        def _answer(self, what: str, deadline: Deadline) -> ApiAnswer:
            raise self._wait(deadline)

        @override
        def ask(self, question: Mapping[str, object], deadline: Deadline) -> dict[str, object]:
            raise self._wait(deadline)

        @override
        def depths(self, urls: Sequence[str], deadline: Deadline) -> Mapping[str, Depth]:
            raise self._wait(deadline)

    monkeypatch.setattr(healthcheck, "ONE_TRY", 0.2)
    frozen = Frozen()
    assert frozen.failing() == {"database", "main", "tensey", "health", "queues", "dead_letters"}
    assert not at_once.broken
    assert len(frozen.sent) == 1
    assert frozen.figures[0]["Healthy"] == 0


def test_a_check_with_little_time_left_stops_probing_and_still_reports():
    class Slow(Toy):
        @override
        def _answer(self, what: str, deadline: Deadline) -> ApiAnswer:
            self.asked += 1
            time.sleep(deadline.remaining())
            raise Unavailable("no answer in time")

    slow, deadline = Slow(), Deadline.after(4 * healthcheck.REPORTING + 0.3)
    slow.check.check(deadline)
    assert slow.asked == 3
    assert deadline.remaining() > 3 * healthcheck.REPORTING
    assert slow.figures[0]["Healthy"] == 0


# --- the check of a deploy ---


def test_a_version_that_answers_rightly_may_stay(toy: Toy):
    toy.facts = replace(WELL, migration=18)
    assert toy.check.check_deploy("", for_one_try()) == {"Migration": "18"}
    assert (toy.figures, toy.kept) == ([], "")


@pytest.mark.parametrize("old_trouble", [drift, drop_letters, lose_snapshots, move_clock, stop_queue])
def test_a_trouble_that_is_not_the_versions_own_does_not_send_it_back(toy: Toy, old_trouble: Callable[[Toy], None]):
    old_trouble(toy)
    assert toy.check.check_deploy("", for_one_try()) == {"Migration": "17"}


@pytest.mark.parametrize(
    ("trouble", "reason"),
    [
        (forget_signatures, "main: takes a forged signature: it answers 200"),
        (break_tensey, "tensey: answers 502 to a forged signature instead of 401"),
        (flood_health, "health: GET /health answers 429"),
        (break_database, "database: PostgreSQL cannot be reached; health: GET /health answers 503"),
    ],
)
def test_a_version_that_does_not_is_refused_with_the_reason(toy: Toy, trouble: Callable[[Toy], None], reason: str):
    trouble(toy)
    with pytest.raises(DeployRefused) as refused:
        toy.check.check_deploy("", for_one_try())
    assert reason in str(refused.value)


def test_an_api_that_answers_only_after_a_while_is_waited_for(toy: Toy):
    """A new API, its permissions and a new version of a function take effect some seconds after they were made."""
    break_tensey(toy)
    silence_api(toy)
    tries = 0

    def wait(_: float) -> None:
        nonlocal tries
        tries += 1
        if tries == 20:
            toy.deaf.clear()
            toy.statuses["tensey"] = 401

    toy.check = Healthcheck(toy.world, sleep=wait)
    assert toy.check.check_deploy("", Deadline.after(LONG)) == {"Migration": "17"}


def test_only_the_new_version_can_pass(toy: Toy):
    """On an update the old one answers rightly for some seconds more."""
    with pytest.raises(
        DeployRefused,
        match=r"database: old answers .*; main: old answers instead of new; tensey: old answers .*; health: old",
    ):
        toy.check.check_deploy("new", for_one_try())

    def wait(_: float) -> None:
        toy.release = "new"

    toy.check = Healthcheck(toy.world, sleep=wait)
    assert toy.check.check_deploy("new", Deadline.after(LONG)) == {"Migration": "17"}


def test_a_version_that_lacks_its_migration_is_refused(toy: Toy):
    toy.facts = replace(WELL, needed=18)
    with pytest.raises(DeployRefused, match="it has migration 17, the code needs 18"):
        toy.check.check_deploy("", for_one_try())
