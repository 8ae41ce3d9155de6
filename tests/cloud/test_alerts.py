"""The operators know before the members do: outages of the whole local cloud are reported once, and so is their end.

`make slow-alerts` plays some of them with the periods of production.
"""

from __future__ import annotations

import json
import os
import time
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from local.alarms import EVERY, Evaluation, message
from local.aws import ACCOUNT, REGION, session
from local.cloud import Cloud, Settings
from tests.cloud.running import PATIENCE, cloud_running
from tests.waiting import wait_for

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from local.webhooks import Webhooks

DOWN, MORE, SILENT, WELL = (
    "🔴 The game is down",
    "🔴 More of the game is down",
    "🔴 The health check is silent.",
    "🟢 The game is well again",
)


SETTINGS_OF_ALARMS = {
    "AlarmName",
    "AlarmDescription",
    "OKActions",
    "AlarmActions",
    "MetricName",
    "Namespace",
    "Statistic",
    "Dimensions",
    "EvaluationPeriods",
    "Threshold",
    "ComparisonOperator",
    "TreatMissingData",
}


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds: of the alarm on health, between two health checks, of two looks at alarms, until a message is back."""

    period: int
    check: float
    look: float
    visibility: int

    @property
    def soon(self) -> float:
        """Until an alert is there when an alarm fires: the look, the queue, the function's start, the post."""
        return self.look + PATIENCE

    @property
    def silence(self) -> float:
        """Until missing data fires an alarm: CloudWatch looks farther back before it calls data missing."""
        return 3 * self.period + self.soon


QUICK = Pace(period=10, check=1, look=0.5, visibility=11)
REAL = Pace(period=300, check=300, look=EVERY, visibility=60)
SLOW = bool(os.environ.get("SLOW_ALERTS"))
PACE = REAL if SLOW else QUICK
pytestmark = pytest.mark.timeout(4 * 3600 if SLOW else 900)


class Operators:
    """A running cloud, its schedule of health checks in our hands, and what its operators are sent."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        self._checked = -PACE.check
        self.outputs = cloud.deployer.outputs(cloud.aws)
        self._stop_schedule()
        self._set_visibility()
        self.mailbox = self._subscribe("mailbox", self.outputs["MailTopicArn"])

    @property
    def webhooks(self) -> Webhooks:
        return self.cloud.webhooks

    def _stop_schedule(self) -> None:
        """The emulator's schedule would check beside ours, at moments of its own."""
        url = self.cloud.emulator.url
        scheduler: Any = session(url).client("scheduler", endpoint_url=url)
        scheduler.delete_schedule(Name="mastermind-healthcheck", GroupName="mastermind")
        scheduler.close()

    def _set_visibility(self) -> None:
        url, seconds = self.outputs["AlarmsUrl"], str(PACE.visibility)
        self.cloud.aws.sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": seconds})

    def _subscribe(self, name: str, topic: str) -> str:
        aws = self.cloud.aws
        url = aws.sqs.create_queue(QueueName=name)["QueueUrl"]
        arn = aws.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        aws.sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
        return url

    # --- what they do ---

    def check(self) -> bool:
        """One health check, when it is due; whether the game is well by then."""
        time.sleep(max(0.0, self._checked + PACE.check - time.monotonic()))
        self._checked = time.monotonic()
        name = self.cloud.endpoints["functions"]["healthcheck"]
        answer = self.cloud.aws.functions.invoke(FunctionName=name, Payload=json.dumps({"check": True}))
        report = json.loads(answer["Payload"].read())
        assert "healthy" in report, report
        return report["healthy"]

    def be_well(self) -> None:
        """The game is healthy, its alarm knows, and nobody has been alerted yet."""
        self.check_until(lambda: self.state("HealthyAlarm") == "OK")
        time.sleep(2 * PACE.look)
        self.webhooks.received.clear()

    def check_until(self, happened: Callable[[], bool]) -> None:
        """Go on with the checks, each when it is due, until the game is well and it happened."""
        well, deadline = False, time.monotonic() + 4 * PACE.check + 2 * PACE.period + PACE.soon
        while not (well and happened()):
            assert time.monotonic() < deadline, f"not in time: {self.titles()}"
            if time.monotonic() >= self._checked + PACE.check:
                well = self.check()
            time.sleep(0.1)

    def state(self, alarm: str) -> str | None:
        found = self.cloud.aws.cloudwatch.describe_alarms(AlarmNamePrefix=f"mastermind-{alarm}")["MetricAlarms"]
        return found[0].get("StateValue")

    def shorten(self, alarm: str) -> None:
        """Give an alarm whose period is fixed in the template the period of this test."""
        cloudwatch = self.cloud.aws.cloudwatch
        [found] = cloudwatch.describe_alarms(AlarmNamePrefix=f"mastermind-{alarm}")["MetricAlarms"]
        kept = {name: value for name, value in found.items() if name in SETTINGS_OF_ALARMS}
        cloudwatch.put_metric_alarm(**kept | {"Period": PACE.period})  # pyright: ignore[reportArgumentType]

    def fire(self, alarm: str) -> None:
        """An alarm on anything else fired a while ago, and its message arrives now."""
        then = datetime.now(UTC) - timedelta(seconds=2 * PACE.period)
        found: Any = {
            "AlarmName": alarm,
            "AlarmDescription": f"{alarm} fires.",
            "MetricName": "Any",
            "StateValue": "OK",
        }
        body = message(found, Evaluation("ALARM", "Threshold Crossed"), then, REGION, ACCOUNT)
        self.cloud.aws.sns.publish(TopicArn=self.outputs["AlarmTopicArn"], Message=body)

    # --- what they are sent ---

    def titles(self) -> list[str]:
        """What the channel shows of the game's health; outages set off other alarms, too."""
        return [title for title, _ in self.alerts() if title in {DOWN, MORE, SILENT, WELL}]

    def others(self, words: str) -> list[str]:
        """What else the channel shows about something."""
        return [title for title, _ in self.alerts() if words in title]

    def alerts(self) -> list[tuple[str, str]]:
        embeds = [one["message"]["embeds"][0] for one in self.webhooks.received if one["webhook"] == "alerts"]
        return [(embed["title"], embed["description"]) for embed in embeds]

    def text(self, title: str) -> str:
        return next(text for found, text in self.alerts() if found == title)

    def mails(self) -> str:
        """Everything that lies in the mailbox."""
        return json.dumps(self.cloud.emulator.messages().get(self.mailbox, []))

    def waiting(self, queue: str) -> int:
        return sum(len(found) for url, found in self.cloud.emulator.messages().items() if f"-{queue}-" in url)


@pytest.fixture(scope="module")
def operators(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Operators]:
    folder = tmp_path_factory.mktemp("alerts")
    settings = Settings(folder, xp_delay=2, health_period=PACE.period, alarms_every=PACE.look)
    with cloud_running(settings) as cloud:
        yield Operators(cloud)


# --- what breaks ---


@contextmanager
def stopped_database(cloud: Cloud) -> Generator[None]:
    with cloud.postgres.stopped():
        yield


@contextmanager
def frozen_database(cloud: Cloud) -> Generator[None]:
    cloud.postgres.freeze()
    try:
        yield
    finally:
        cloud.postgres.thaw()


@contextmanager
def stopped_queue(cloud: Cloud) -> Generator[None]:
    sqs, url = cloud.aws.sqs, cloud.endpoints["queues"]["xp_awards"]
    kept = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["DelaySeconds", "VisibilityTimeout", "RedrivePolicy"])
    sqs.delete_queue(QueueUrl=url)
    try:
        yield
    finally:
        sqs.create_queue(QueueName=url.rpartition("/")[2], Attributes=kept["Attributes"])


@contextmanager
def broken_function(cloud: Cloud) -> Generator[None]:
    functions, name = cloud.aws.functions, "mastermind-interactions-tensey"
    functions.update_function_configuration(FunctionName=name, Handler="handler.that_is_not_there")
    try:
        yield
    finally:
        functions.update_function_configuration(FunctionName=name, Handler="handler.handler")


OUTAGES = {
    "stopped database": (stopped_database, "database"),
    "frozen database": (frozen_database, "database"),
    "broken function": (broken_function, "tensey"),
}


@pytest.mark.parametrize(("outage", "probe"), OUTAGES.values(), ids=OUTAGES)
def test_an_outage_is_reported_once_after_one_check_and_its_end_after_two_good_ones(
    operators: Operators, outage: Callable[[Cloud], Generator[None]], probe: str
):
    operators.be_well()
    with outage(operators.cloud):  # pyright: ignore[reportGeneralTypeIssues]
        assert not operators.check()
        wait_for(lambda: operators.titles() == [DOWN], PACE.soon)
        assert f"{probe}\\:" in operators.text(DOWN)
        assert "What to do: " in operators.text(DOWN)
    assert not operators.check(), "one good check is not enough"
    time.sleep(2 * PACE.look + 1)
    assert operators.titles() == [DOWN]
    assert operators.check()
    operators.check_until(lambda: len(operators.titles()) > 1)
    assert operators.titles() == [DOWN, WELL]
    assert f"{probe}\\:" in operators.text(WELL)
    assert "Down for" in operators.text(WELL)


def test_a_flapping_probe_is_one_outage(operators: Operators):
    operators.be_well()
    for _ in range(2):
        with broken_function(operators.cloud):
            assert not operators.check()
        assert not operators.check()
    assert operators.check()
    operators.check_until(lambda: WELL in operators.titles())
    assert operators.titles() == [DOWN, WELL]


def test_what_newly_fails_while_the_game_is_down_is_notified_at_once(operators: Operators):
    operators.be_well()
    with broken_function(operators.cloud):
        assert not operators.check()
        wait_for(lambda: operators.titles() == [DOWN], PACE.soon)
        operators.fire("Thunder")
        wait_for(lambda: operators.others("Thunder") == ["🟠 Thunder fires."], PACE.soon)
        with stopped_database(operators.cloud):
            assert not operators.check()
            wait_for(lambda: operators.titles() == [DOWN, MORE], PACE.soon)
    assert not operators.check()
    operators.check_until(lambda: WELL in operators.titles())
    assert "tensey\\:" in operators.text(WELL)
    assert "database\\:" in operators.text(WELL)


def test_a_queue_that_is_gone_is_to_do_and_no_outage(operators: Operators):
    operators.be_well()
    with stopped_queue(operators.cloud):
        assert operators.check(), "members do not notice it: the sweep pays"
        wait_for(lambda: len(operators.others("🟠 Queues: ")) == 1, PACE.soon)
        assert operators.titles() == []
    operators.check_until(lambda: len(operators.others("🟢 Over: Queues: ")) == 1)


# --- a webhook with bad days ---


@pytest.mark.parametrize("bad_day", [(429, 500), (500, 500, 500), (0,)], ids=str)
def test_a_webhook_that_fails_for_a_while_loses_no_alert(operators: Operators, bad_day: tuple[int, ...]):
    operators.be_well()
    alarm = f"Bad day {bad_day}"
    operators.webhooks.answer_next("alerts", *bad_day)
    operators.fire(alarm)
    wait_for(lambda: bool(operators.others("Bad day")), PACE.soon + 2 * PACE.visibility)
    wait_for(lambda: operators.waiting("Alarms") == 0, PACE.soon + PACE.visibility)
    assert operators.others("Bad day") == [f"🟠 {alarm} fires."]
    assert operators.waiting("AlarmsDlq") == 0


def test_a_webhook_that_is_gone_makes_it_an_e_mail(operators: Operators):
    operators.be_well()
    operators.webhooks.answer_next("alerts", 404)
    operators.fire("Nobody there")
    wait_for(lambda: "Nobody there fires." in operators.mails(), PACE.soon + PACE.visibility)
    assert operators.others("Nobody") == []
    operators.cloud.runner.refresh()  # a process leaves a webhook that is gone alone for a while


# --- nobody looks ---


def test_a_health_check_that_is_stopped_fires_the_alarm_on_missing_data(operators: Operators):
    operators.be_well()
    operators.shorten("HealthSilentAlarm")
    wait_for(lambda: bool(operators.titles()), PACE.silence + 2 * PACE.visibility)
    assert operators.titles() == [SILENT]
    assert "What to do: " in operators.text(SILENT)
    operators.check_until(lambda: operators.others("Over: The health check") == [f"🟢 Over: {SILENT[2:]}"])


def test_every_alarm_on_health_went_to_the_mailbox_as_well(operators: Operators):
    said = operators.mails()
    assert said.count("mastermind-HealthyAlarm") >= 2
    assert operators.waiting("AlarmsDlq") == 0
