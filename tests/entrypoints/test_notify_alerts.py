"""Alerts from the queue to Discord or to e-mail: the real handler, with servers in place of SSM, SNS and Discord."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from devkit.discord_api.schema import webhook_problems
from devkit.inspection import message_violations
from local.alarms import Evaluation, message
from mastermind.entrypoints import notify as entry
from mastermind.game.announcements import notices
from mastermind.game.announcements.rules import Milestone
from mastermind.operations.health import state as health_state
from mastermind.operations.health.rules import Probe, State
from tests.entrypoints.test_award import Environment, Invocation, failures
from tests.gateways.aws_stand_in import Aws, aws
from tests.gateways.webhook_stand_in import TOKEN, Discord, discord, hang_up, say, say_nothing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.gateways.webhook_stand_in import Answer

QUEUE = "arn:aws:sqs:eu-central-1:000000000000:mastermind-Alarms"
WEBHOOK, STATE = "/mastermind/webhooks/alerts", "/mastermind/health/state"
RUNBOOK = "https://example.org/Troubleshooting.md"
AT = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=5)
MINUTE = timedelta(minutes=1)
DOWN = State(at=AT, since=AT, failing=(Probe("database", healthy=False, words="it does not answer"),))
GOOD = State(at=AT)
SETTINGS = {
    "AWS_REGION": "eu-central-1",
    "AWS_DEFAULT_REGION": "eu-central-1",
    "AWS_ACCESS_KEY_ID": "none",
    "AWS_SECRET_ACCESS_KEY": "none-either",
    "ALARMS_QUEUE_ARN": QUEUE,
    "ALERTS_PARAMETER": WEBHOOK,
    "ALERTS_PATH": "/mastermind/alerts",
    "HEALTH_STATE_PARAMETER": STATE,
    "MAIL_TOPIC_ARN": "arn:aws:sns:eu-central-1:000000000000:mastermind-MailTopic",
    "RUNBOOK_URL": RUNBOOK,
    "HEALTH_ALARM_PERIOD": "60",
}


def changed(alarm: str, *, is_alarm: bool, after: int = 0, before: str | None = None) -> str:
    """CloudWatch's message, `after` minutes later than the first; the alarm on health is called Healthy."""
    described = f"{alarm} is wrong. Runbook: docs/Troubleshooting.md#a-function-fails"
    now, was = ("ALARM", "OK") if is_alarm else ("OK", "ALARM")
    found: Any = {
        "AlarmName": f"mastermind-{alarm}Alarm-1A2B",
        "AlarmDescription": described,
        "MetricName": alarm,
        "Namespace": "mastermind",
        "StateValue": before or was,
    }
    return message(found, Evaluation(now, "Threshold Crossed"), AT + after * MINUTE, "eu-central-1", "000000000000")


BREAKS, MENDS = changed("Healthy", is_alarm=True), changed("Healthy", is_alarm=False, after=12)


@pytest.fixture
def channel() -> Iterator[Discord]:
    with discord() as server:
        yield server


@pytest.fixture
def cloud(channel: Discord) -> Iterator[Aws]:
    with aws() as server:
        server.parameters[WEBHOOK] = channel.webhook
        yield server


class Notify:
    """The function, called with one message at a time."""

    def __init__(self, cloud: Aws) -> None:
        self._cloud, self._handler = cloud, entry.handler()

    def deliver(self, body: str, state: State | None = None, *, milliseconds: int = 10_000) -> bool:
        """Invoke the function; returns whether the message was handled. `state` is what the health check stored."""
        if state is not None:
            self._cloud.parameters[STATE] = health_state.write(state)
        event: Any = {"Records": [{"messageId": "m0", "body": body, "eventSourceARN": QUEUE}]}
        return failures(self._handler(event, Invocation(milliseconds=milliseconds))) == []


@pytest.fixture
def notify(monkeypatch: pytest.MonkeyPatch, cloud: Aws) -> Notify:
    Environment(monkeypatch).set(**SETTINGS, AWS_ENDPOINT_URL=cloud.url)
    return Notify(cloud)


def titles(channel: Discord) -> list[str]:
    return [message["embeds"][0]["title"] for message in channel.messages]


def texts(channel: Discord) -> list[str]:
    return [message["embeds"][0]["description"] for message in channel.messages]


# --- the game's health ---


def test_an_outage_is_sent_once_and_so_is_its_end(notify: Notify, channel: Discord):
    assert notify.deliver(BREAKS, DOWN)
    assert notify.deliver(MENDS, GOOD)
    assert titles(channel) == ["🔴 The game is not healthy", "🟢 The game is healthy again"]
    alert, recovery = texts(channel)
    assert "database\\: it does not answer" in alert
    assert f"<t:{int(AT.timestamp())}:f>" in alert
    assert f"{RUNBOOK}#the-game-is-not-healthy" in alert
    assert "Unhealthy for 12 minutes" in recovery
    assert "database\\: it does not answer" in recovery
    for sent in channel.messages:
        assert (message_violations(sent), webhook_problems(sent)) == ([], [])


def test_a_redelivered_message_is_not_sent_again(notify: Notify, channel: Discord, cloud: Aws):
    for body in (BREAKS, BREAKS, MENDS, MENDS, BREAKS):
        assert notify.deliver(body, DOWN if body is BREAKS else GOOD)
    assert Notify(cloud).deliver(MENDS), "another process knows it too"
    assert len(channel.messages) == 2


def test_the_next_outage_is_sent_again(notify: Notify, channel: Discord):
    again = replace(DOWN, at=AT + 20 * MINUTE, since=AT + 20 * MINUTE)
    for body, state in (
        (BREAKS, DOWN),
        (MENDS, GOOD),
        (changed("Healthy", is_alarm=True, after=20), again),
        (changed("Healthy", is_alarm=False, after=30), GOOD),
    ):
        assert notify.deliver(body, state)
    assert len(channel.messages) == 4


def test_an_outage_for_which_the_alarm_fires_twice_is_posted_once(notify: Notify, channel: Discord):
    assert notify.deliver(BREAKS, DOWN)
    assert not notify.deliver(changed("Healthy", is_alarm=False, after=2)), "the health check finds it still"
    assert notify.deliver(changed("Healthy", is_alarm=True, after=3))
    assert notify.deliver(changed("Healthy", is_alarm=False, after=2)), "it has been overtaken"
    assert notify.deliver(MENDS, GOOD)
    assert titles(channel) == ["🔴 The game is not healthy", "🟢 The game is healthy again"]


def test_a_silent_health_check_has_its_own_wording(notify: Notify, channel: Discord):
    assert notify.deliver(BREAKS, State(at=AT - 20 * MINUTE))
    assert notify.deliver(MENDS, GOOD)
    assert titles(channel) == ["🔴 The health check is silent", "🟢 The game is healthy again"]
    assert f"<t:{int((AT - 20 * MINUTE).timestamp())}:f>" in texts(channel)[0]
    assert f"{RUNBOOK}#the-health-check-is-silent" in texts(channel)[0]
    assert "silent for 32 minutes" in texts(channel)[1]


def test_a_health_check_that_never_reported_is_alerted_too(notify: Notify, channel: Discord):
    assert notify.deliver(BREAKS)
    assert "No report yet" in texts(channel)[0]


def test_a_new_stack_whose_alarms_find_nothing_wrong_is_no_news(notify: Notify, channel: Discord):
    assert notify.deliver(changed("Healthy", is_alarm=False, before="INSUFFICIENT_DATA"), GOOD)
    assert notify.deliver(changed("Errors", is_alarm=False, before="INSUFFICIENT_DATA"), GOOD)
    assert channel.messages == []


# --- the other alarms ---


def test_another_alarm_is_sent_while_the_game_is_healthy(notify: Notify, channel: Discord):
    assert notify.deliver(changed("Errors", is_alarm=True))
    assert notify.deliver(changed("Errors", is_alarm=False, after=7))
    assert titles(channel) == ["🟠 Errors is wrong.", "🟢 Over: Errors is wrong."]
    assert f"{RUNBOOK}#a-function-fails" in texts(channel)[0]
    assert "It lasted 7 minutes" in texts(channel)[1]


def test_other_alarms_are_folded_into_the_recovery(notify: Notify, channel: Discord):
    notify.deliver(changed("Before", is_alarm=True, after=-3))
    notify.deliver(BREAKS, DOWN)
    for number in range(7):  # more than one page of SSM's
        assert notify.deliver(changed(f"Errors{number}", is_alarm=True, after=1))
    assert notify.deliver(changed("Errors0", is_alarm=False, after=5))
    assert notify.deliver(changed("Before", is_alarm=False, after=6))
    assert len(channel.messages) == 2, "nothing but the alert while it lasts"
    notify.deliver(MENDS, GOOD)
    recovery = texts(channel)[-1]
    assert "Errors0 is wrong. From <t:" in recovery
    assert "Before is wrong. From <t:" in recovery
    assert all(f"Errors{number} is wrong. Since <t:" in recovery for number in range(1, 7))
    assert notify.deliver(changed("Errors1", is_alarm=False, after=15))
    assert titles(channel)[-1] == "🟢 Over: Errors1 is wrong."


def test_folded_alarms_are_in_one_recovery_only(notify: Notify, channel: Discord):
    for body, state in ((BREAKS, DOWN), (changed("Errors", is_alarm=True, after=1), DOWN), (MENDS, GOOD)):
        notify.deliver(body, state)
    again = replace(DOWN, since=AT + 20 * MINUTE)
    notify.deliver(changed("Healthy", is_alarm=True, after=20), again)
    notify.deliver(changed("Healthy", is_alarm=False, after=30), GOOD)
    assert ["Meanwhile" in text for text in texts(channel)] == [False, True, False, False]


def test_folded_alarms_survive_a_recovery_that_could_not_be_sent(notify: Notify, channel: Discord):
    notify.deliver(BREAKS, DOWN)
    notify.deliver(changed("Errors", is_alarm=True, after=1))
    channel.always = say(500)
    assert not notify.deliver(MENDS, GOOD, milliseconds=1500)
    channel.always = say(204)
    assert notify.deliver(MENDS, GOOD)
    assert "Errors is wrong." in texts(channel)[-1]


def test_an_alarm_of_this_moment_is_held_and_the_next_recovery_tells_it(notify: Notify, channel: Discord):
    now = (datetime.now(UTC) - AT) // MINUTE
    assert not notify.deliver(changed("Errors", is_alarm=True, after=now))
    assert notify.deliver(changed("Healthy", is_alarm=True, after=now), DOWN)
    assert notify.deliver(changed("Healthy", is_alarm=False, after=now + 1), GOOD)
    assert notify.deliver(changed("Errors", is_alarm=True, after=now)), "the recovery reported it"
    assert titles(channel) == ["🔴 The game is not healthy", "🟢 The game is healthy again"]
    assert "Errors is wrong. Since <t:" in texts(channel)[1]


def test_an_alarm_that_ends_before_it_was_sent_is_a_single_message(notify: Notify, channel: Discord):
    channel.always = say(500)
    assert not notify.deliver(changed("Errors", is_alarm=True), milliseconds=1500)
    channel.always = say(204)
    channel.posted.clear()
    assert notify.deliver(changed("Errors", is_alarm=False, after=1))
    assert notify.deliver(changed("Errors", is_alarm=True))
    assert titles(channel) == ["🟢 Over: Errors is wrong."]
    assert "It lasted 1 minute" in texts(channel)[0]


# --- a webhook with troubles ---


@pytest.mark.parametrize("trouble", [say(500), say(503), hang_up, say(429, retry_after="0.2")])
def test_a_passing_trouble_is_overcome_at_once(notify: Notify, channel: Discord, trouble: Answer):
    channel.answers = [trouble]
    assert notify.deliver(BREAKS, DOWN)
    assert len(channel.messages) == 2


@pytest.mark.parametrize("trouble", [say(500), hang_up, say_nothing, say(429, retry_after="60")])
def test_a_lasting_trouble_sends_the_alert_back_to_the_queue(
    notify: Notify, cloud: Aws, channel: Discord, trouble: Answer
):
    channel.always = trouble
    assert not notify.deliver(BREAKS, DOWN, milliseconds=1500)
    channel.always, channel.answers = say(204), []
    channel.posted.clear()
    # By now the game is healthy again: the alert still names what had failed.
    assert Notify(cloud).deliver(BREAKS, GOOD)
    assert titles(channel) == ["🔴 The game is not healthy"]
    assert "database" in texts(channel)[0]
    assert cloud.mails == []


def test_an_end_waits_until_its_beginning_was_sent(notify: Notify, channel: Discord):
    channel.always = say(500)
    assert not notify.deliver(BREAKS, DOWN, milliseconds=1500)
    channel.always = say(204)
    channel.posted.clear()
    ended = changed("Healthy", is_alarm=False, after=3)
    assert not notify.deliver(ended, GOOD)
    assert notify.deliver(BREAKS, GOOD)
    assert notify.deliver(ended, GOOD)
    assert titles(channel) == ["🔴 The game is not healthy", "🟢 The game is healthy again"]


@pytest.mark.parametrize("status", [401, 403, 404])
def test_a_webhook_that_is_gone_makes_it_an_e_mail(notify: Notify, channel: Discord, cloud: Aws, status: int):
    channel.always = say(status, {"message": "Unknown Webhook", "code": 10015})
    assert notify.deliver(BREAKS, DOWN)
    assert notify.deliver(MENDS, GOOD)
    assert len(channel.messages) == 1, "who is not known there does not ask again and again"
    alert, recovery = cloud.mails
    assert (alert["Subject"], alert["TopicArn"]) == ("The game is not healthy", SETTINGS["MAIL_TOPIC_ARN"])
    assert "• database: it does not answer" in alert["Message"]
    assert "because it could not be posted in Discord" in alert["Message"]
    assert recovery["Subject"] == "The game is healthy again"


def test_without_a_webhook_it_is_an_e_mail_that_says_how_to_have_one(notify: Notify, cloud: Aws):
    del cloud.parameters[WEBHOOK]
    assert notify.deliver(BREAKS, DOWN)
    assert f"no webhook is stored as {WEBHOOK}" in cloud.mails[0]["Message"]


def test_an_alert_that_discord_refuses_is_an_e_mail_and_a_bug(
    notify: Notify, channel: Discord, cloud: Aws, capsys: pytest.CaptureFixture[str]
):
    channel.always = say(400, {"message": "Invalid Form Body"})
    assert notify.deliver(BREAKS, DOWN)
    assert len(cloud.mails) == 1
    assert '"Bugs":[1.0]' in capsys.readouterr().out


@pytest.mark.parametrize("refused", ["GetParameter", "PutParameter", "Publish"])
def test_what_aws_refuses_sends_the_alert_back_to_the_queue(notify: Notify, cloud: Aws, channel: Discord, refused: str):
    channel.always = say(404)
    cloud.refuses = {refused}
    assert not notify.deliver(BREAKS, DOWN)
    cloud.refuses = set()
    assert notify.deliver(BREAKS, DOWN)
    assert len(cloud.mails) == 1


# --- what must not be ---


@pytest.mark.parametrize(
    "body",
    [
        "",
        "[]",
        "7",
        "{}",
        '{"AlarmName": "x"}',
        BREAKS.replace("+0000", ""),
        BREAKS.replace('"Trigger": {', '"Trigger": [], "Other": {'),
        json.dumps(json.loads(BREAKS) | {"StateChangeTime": "soon"}),
    ],
)
def test_a_message_cloudwatch_never_sends_goes_back_to_the_queue_unsent(notify: Notify, channel: Discord, body: str):
    assert not notify.deliver(body)
    assert channel.messages == []


def test_a_note_that_nobody_can_read_is_as_good_as_none(notify: Notify, channel: Discord, cloud: Aws):
    cloud.parameters["/mastermind/alerts/health"] = "{"
    assert notify.deliver(BREAKS, DOWN)
    assert len(channel.messages) == 1


def test_many_failures_still_fit_into_the_stored_note(notify: Notify, channel: Discord):
    bad = tuple(Probe(f"probe{number}", healthy=False, words="ü" * 500) for number in range(30))
    assert notify.deliver(BREAKS, State(at=AT, since=AT, failing=bad))
    assert notify.deliver(MENDS, GOOD)
    assert "probe0" in texts(channel)[1]


@pytest.mark.usefixtures("notify")
def test_no_log_and_no_mail_holds_the_webhook(
    channel: Discord,
    cloud: Aws,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
):
    monkeypatch.setenv("POWERTOOLS_LOG_LEVEL", "DEBUG")
    for trouble in (say(500), say(404), say(400), say(204)):
        channel.always = trouble
        Notify(cloud).deliver(BREAKS, DOWN, milliseconds=1500)
    captured = capsys.readouterr()
    assert captured.out
    assert TOKEN not in captured.out + captured.err + str(cloud.mails)


@pytest.mark.usefixtures("notify")
def test_announcements_are_still_announcements(monkeypatch: pytest.MonkeyPatch, channel: Discord):
    monkeypatch.setenv("ANNOUNCEMENTS_PARAMETER", WEBHOOK)
    notice = {"messageId": "m0", "body": notices.write(Milestone(1, "Alex", 10, 303)), "eventSourceARN": f"{QUEUE}2"}
    event: Any = {"Records": [notice]}
    assert failures(entry.handler()(event, Invocation())) == []
    assert "10 challenges" in channel.messages[0]["content"]
