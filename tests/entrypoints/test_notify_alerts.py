"""Alerts from the queue to Discord or to e-mail: the real handler, with servers in place of SSM, SNS and Discord."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from devkit.discord_api.schema import webhook_problems
from devkit.inspection import message_violations
from local.alarms import Evaluation, message
from mastermind.entrypoints import notify as entry
from mastermind.game.announcements import notices
from mastermind.game.announcements.rules import Milestone
from mastermind.operations.health import messages
from mastermind.operations.health import rules as health
from mastermind.operations.health.rules import Found, Probe, State
from tests.entrypoints.test_award import Environment, Invocation, failures
from tests.gateways.aws_stand_in import Aws, aws
from tests.gateways.webhook_stand_in import TOKEN, Discord, discord, hang_up, say, say_nothing
from tests.waiting import wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.gateways.webhook_stand_in import Answer

QUEUE = "arn:aws:sqs:eu-central-1:000000000000:mastermind-Alarms"
WEBHOOK, NOTES = "/mastermind/webhooks/alerts", "/mastermind-exports/alerts/notes.json"
DOWN, WELL = "🔴 The game is down", "🟢 The game is well again"
RUNBOOK = "https://example.org/Troubleshooting.md"
AT = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=5)
MINUTE = timedelta(minutes=1)
SETTINGS = {
    "AWS_REGION": "eu-central-1",
    "AWS_DEFAULT_REGION": "eu-central-1",
    "AWS_ACCESS_KEY_ID": "none",
    "AWS_SECRET_ACCESS_KEY": "none-either",
    "ALARMS_QUEUE_ARN": QUEUE,
    "ALERTS_PARAMETER": WEBHOOK,
    "ALERTS_BUCKET": "mastermind-exports",
    "MAIL_TOPIC_ARN": "arn:aws:sns:eu-central-1:000000000000:mastermind-MailTopic",
    "RUNBOOK_URL": RUNBOOK,
    "HEALTH_ALARM_PERIOD": "60",
}


def changed(
    alarm: str, *, is_alarm: bool, after: int = 0, before: str | None = None, reason: str = "Threshold Crossed"
) -> str:
    """CloudWatch's message, `after` minutes later than the first; the metric is called like the alarm."""
    described = f"{alarm} is wrong. First: look. Section: #a-function-fails"
    now, was = ("ALARM", "OK") if is_alarm else ("OK", "ALARM")
    found: Any = {
        "AlarmName": f"mastermind-{alarm}Alarm-1A2B",
        "AlarmDescription": described,
        "MetricName": alarm,
        "Namespace": "mastermind",
        "StateValue": before or was,
    }
    reason = reason if is_alarm else "Threshold Crossed"
    return message(found, Evaluation(now, reason), AT + after * MINUTE, "eu-central-1", "000000000000")


def status(state: State) -> str:
    """The health check's message."""
    return json.dumps({"health": messages.write(messages.STATUS, health.status(state))})


BROKEN = health.after(State(), Found((Probe("database", healthy=False, words="it does not answer"),)), AT)
FIRES = changed("Errors", is_alarm=True)
BREAKS = status(BROKEN)
FIXED = status(health.after(health.after(BROKEN, Found(), AT + 5 * MINUTE), Found(), AT + 10 * MINUTE))


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

    def __init__(self) -> None:
        self._handler = entry.handler()

    def deliver(self, body: str, *, milliseconds: int = 10_000) -> bool:
        """Invoke the function; returns whether the message was handled."""
        event: Any = {"Records": [{"messageId": "m0", "body": body, "eventSourceARN": QUEUE}]}
        return failures(self._handler(event, Invocation(milliseconds=milliseconds))) == []


@pytest.fixture
def notify(monkeypatch: pytest.MonkeyPatch, cloud: Aws) -> Notify:
    Environment(monkeypatch).set(**SETTINGS, AWS_ENDPOINT_URL=cloud.url)
    return Notify()


def titles(channel: Discord) -> list[str]:
    return [message["embeds"][0]["title"] for message in channel.messages]


def texts(channel: Discord) -> list[str]:
    return [message["embeds"][0]["description"] for message in channel.messages]


# --- the game's health ---


def test_an_outage_is_sent_once_and_so_is_its_end(notify: Notify, channel: Discord):
    assert notify.deliver(BREAKS)
    assert notify.deliver(FIXED)
    assert titles(channel) == [DOWN, WELL]
    alert, recovery = texts(channel)
    assert "database\\: it does not answer" in alert
    assert f"<t:{int(AT.timestamp())}:f>" in alert
    assert f"{RUNBOOK}#the-game-is-down" in alert
    assert "Down for 10 minutes" in recovery
    assert "database\\: it does not answer" in recovery
    for sent in channel.messages:
        assert (message_violations(sent), webhook_problems(sent)) == ([], [])


def test_a_redelivered_message_is_not_sent_again(notify: Notify, channel: Discord):
    for body in (BREAKS, BREAKS, FIXED, FIXED, BREAKS):
        assert notify.deliver(body)
    assert Notify().deliver(FIXED), "another process knows it too"
    assert len(channel.messages) == 2


def test_a_forgotten_dead_letter_hides_no_outage(notify: Notify, channel: Discord):
    """The alarm on it is on, and its probe fails; then the database goes away."""
    forgotten = Probe("dead_letters", healthy=False, words="1 in XpAwardsDlq")
    database = Probe("database", healthy=False, words="it does not answer")
    assert notify.deliver(changed("XpAwardsDlq", is_alarm=True))
    state = State()
    for minutes, bad in ((0, [forgotten]), (5, [forgotten, database]), (10, [forgotten]), (15, [forgotten])):
        state = health.after(state, Found(tuple(bad)), AT + minutes * MINUTE)
        assert notify.deliver(status(state))
    assert titles(channel) == ["🟠 XpAwardsDlq is wrong.", DOWN, WELL]


def test_without_a_link_to_the_runbook_alerts_carry_the_first_steps(
    monkeypatch: pytest.MonkeyPatch, notify: Notify, channel: Discord
):
    monkeypatch.setenv("RUNBOOK_URL", "")
    assert notify.deliver(BREAKS)
    assert notify.deliver(changed("Errors", is_alarm=True))
    assert "What to do: look." in texts(channel)[1]
    assert ".venv/bin/ops doctor" in texts(channel)[0]
    assert "https://" not in texts(channel)[0]


def test_a_new_stack_whose_alarms_find_nothing_wrong_is_no_news(notify: Notify, channel: Discord):
    assert notify.deliver(changed("Healthy", is_alarm=False, before="INSUFFICIENT_DATA"))
    assert notify.deliver(changed("Errors", is_alarm=False, before="INSUFFICIENT_DATA"))
    assert channel.messages == []


def test_a_health_check_that_never_reported_is_silent(notify: Notify, channel: Discord):
    assert notify.deliver(changed("Checks", is_alarm=True, after=-20))
    assert titles(channel) == ["🔴 The health check is silent."]
    assert f"{RUNBOOK}#the-health-check-is-silent" in texts(channel)[0]
    assert notify.deliver(BREAKS)
    assert titles(channel)[1:] == ["🟢 Over: The health check is silent.", DOWN]


def test_a_silence_waits_in_the_queue_until_the_next_check_must_have_come(notify: Notify, channel: Discord):
    now = (datetime.now(UTC) - AT) // MINUTE
    assert notify.deliver(status(State(at=AT + now * MINUTE - timedelta(seconds=1))))
    assert not notify.deliver(changed("Checks", is_alarm=True, after=now))
    assert channel.messages == []


# --- the other alarms ---


def test_another_alarm_is_sent_at_once_also_while_the_game_is_down(notify: Notify, channel: Discord):
    assert notify.deliver(BREAKS)
    assert notify.deliver(changed("Errors", is_alarm=True, after=1))
    assert notify.deliver(changed("Errors", is_alarm=False, after=7))
    assert titles(channel) == [DOWN, "🟠 Errors is wrong."]
    assert f"{RUNBOOK}#a-function-fails" in texts(channel)[1]
    assert notify.deliver(FIXED)
    assert titles(channel)[2:] == [WELL, "🟢 What else happened while the game was down"]
    assert "Errors is wrong. From <t:" in texts(channel)[-1]


def test_an_alarm_and_its_end_are_sent_while_the_game_is_well(notify: Notify, channel: Discord):
    assert notify.deliver(changed("Errors", is_alarm=True))
    assert notify.deliver(changed("Errors", is_alarm=False, after=7))
    assert titles(channel) == ["🟠 Errors is wrong.", "🟢 Over: Errors is wrong."]
    assert "It lasted 7 minutes" in texts(channel)[1]


@pytest.mark.parametrize("alarm", ["Errors", "Healthy", "Checks"])
def test_a_drill_shows_its_beginning_and_its_end(notify: Notify, channel: Discord, alarm: str):
    assert notify.deliver(changed(alarm, is_alarm=True, reason="a test"))
    assert notify.deliver(changed(alarm, is_alarm=False, after=3))
    assert titles(channel) == [f"🟠 Drill: {alarm} is wrong.", f"🟢 Over: Drill: {alarm} is wrong."]


def test_what_could_not_be_sent_is_sent_by_the_next_message_in_order(notify: Notify, channel: Discord):
    channel.always = say(500)
    assert not notify.deliver(BREAKS, milliseconds=3000)
    assert not notify.deliver(changed("Errors", is_alarm=True, after=1), milliseconds=3000)
    channel.always = say(204)
    channel.posted.clear()
    assert notify.deliver(FIXED)
    assert titles(channel) == [DOWN, "🟠 Errors is wrong.", WELL]
    assert notify.deliver(BREAKS)
    assert len(channel.messages) == 3


# --- a webhook with troubles ---


@pytest.mark.parametrize("trouble", [say(500), say(503), hang_up, say(429, retry_after="0.2")])
def test_a_passing_trouble_is_overcome_at_once(notify: Notify, channel: Discord, trouble: Answer):
    channel.answers = [trouble]
    assert notify.deliver(BREAKS)
    assert len(channel.messages) == 2


@pytest.mark.parametrize("trouble", [say(500), hang_up, say_nothing, say(429, retry_after="60")])
def test_a_lasting_trouble_sends_the_alert_back_to_the_queue(
    notify: Notify, cloud: Aws, channel: Discord, trouble: Answer
):
    channel.always = trouble
    assert not notify.deliver(BREAKS, milliseconds=1500)
    channel.always, channel.answers = say(204), []
    channel.posted.clear()
    # The queue delivers it again: a process that was out of time for its last note keeps the sending for a while.
    wait_for(lambda: Notify().deliver(BREAKS))
    assert titles(channel) == [DOWN]
    assert "database" in texts(channel)[0]
    assert cloud.mails == []


@pytest.mark.parametrize("code", [401, 403, 404])
def test_a_webhook_that_is_gone_makes_it_an_e_mail(notify: Notify, channel: Discord, cloud: Aws, code: int):
    channel.always = say(code, {"message": "Unknown Webhook", "code": 10015})
    assert notify.deliver(BREAKS)
    assert notify.deliver(FIXED)
    assert len(channel.messages) == 1, "who is not known there does not ask again and again"
    alert, recovery = cloud.mails
    assert (alert["Subject"], alert["TopicArn"]) == ("The game is down", SETTINGS["MAIL_TOPIC_ARN"])
    assert "• database: it does not answer" in alert["Message"]
    assert "because it could not be posted in Discord" in alert["Message"]
    assert recovery["Subject"] == "The game is well again"


def test_without_a_webhook_it_is_an_e_mail_that_says_how_to_have_one(notify: Notify, cloud: Aws):
    del cloud.parameters[WEBHOOK]
    assert notify.deliver(BREAKS)
    assert f"no webhook is stored as {WEBHOOK}" in cloud.mails[0]["Message"]


def test_an_alert_that_discord_refuses_is_an_e_mail_and_a_bug(
    notify: Notify, channel: Discord, cloud: Aws, capsys: pytest.CaptureFixture[str]
):
    channel.always = say(400, {"message": "Invalid Form Body"})
    assert notify.deliver(BREAKS)
    assert len(cloud.mails) == 1
    assert '"Bugs":[1.0]' in capsys.readouterr().out


@pytest.mark.parametrize("refused", ["GetParameter", "GetObject", "PutObject", "Publish"])
def test_what_aws_refuses_sends_the_alert_back_to_the_queue(notify: Notify, cloud: Aws, channel: Discord, refused: str):
    channel.always = say(404)
    cloud.refuses = {refused}
    assert not notify.deliver(BREAKS)
    cloud.refuses = set()
    assert notify.deliver(BREAKS)
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
        FIRES.replace("+0000", ""),
        FIRES.replace('"Trigger": {', '"Trigger": [], "Other": {'),
        json.dumps(json.loads(FIRES) | {"StateChangeTime": "soon"}),
        '{"health": {"at": "now"}}',
    ],
)
def test_a_message_that_nothing_of_ours_sends_goes_back_to_the_queue_unsent(
    notify: Notify, channel: Discord, body: str
):
    assert not notify.deliver(body)
    assert channel.messages == []


def test_notes_that_nobody_can_read_are_as_good_as_none(notify: Notify, channel: Discord, cloud: Aws):
    cloud.objects[NOTES] = (b"{", '"7"')
    assert notify.deliver(BREAKS)
    assert len(channel.messages) == 1


def test_what_is_no_url_of_a_webhook_makes_it_an_e_mail_at_once(notify: Notify, cloud: Aws):
    cloud.parameters[WEBHOOK] = "https://discord.com/channels/1/2"
    assert notify.deliver(BREAKS)
    assert "is not the URL of a Discord webhook" in cloud.mails[0]["Message"]


def test_a_url_that_was_copied_with_signs_around_it_is_used(notify: Notify, cloud: Aws, channel: Discord):
    cloud.parameters[WEBHOOK] = f'"<{channel.webhook}/?wait=false>"\n'
    assert notify.deliver(BREAKS)
    assert titles(channel) == [DOWN]


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
        Notify().deliver(BREAKS, milliseconds=1500)
    captured = capsys.readouterr()
    assert captured.out
    assert TOKEN not in captured.out + captured.err + str(cloud.mails)


@pytest.mark.usefixtures("notify")
def test_announcements_are_still_announcements(monkeypatch: pytest.MonkeyPatch, channel: Discord):
    monkeypatch.setenv("ANNOUNCEMENTS_PARAMETER", WEBHOOK)
    notice = {
        "messageId": "m0",
        "body": notices.write(Milestone(1, "Alex", 10, 303), time.time()),
        "eventSourceARN": f"{QUEUE}2",
    }
    event: Any = {"Records": [notice]}
    assert failures(entry.handler()(event, Invocation())) == []
    assert "10 challenges" in channel.messages[0]["content"]
