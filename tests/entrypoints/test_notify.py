"""Announcements from the award to the channel: the real handlers, with servers in place of SQS, SSM and Discord."""

from __future__ import annotations

import json
import time
from contextlib import closing, contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, LiteralString, cast

import pytest

from devkit.discord_api.schema import webhook_problems
from devkit.inspection import message_violations
from mastermind.entrypoints import award as xp_award
from mastermind.entrypoints import notify as entry
from mastermind.entrypoints import relay, resources
from mastermind.entrypoints.resources import Lazy
from mastermind.game.announcements import notices
from mastermind.game.announcements.queued import Queued
from mastermind.game.announcements.rules import LevelUp, Milestone, RaidCompleted, RaidFailed, RaidStarted
from mastermind.game.challenges import actions as challenges
from mastermind.game.contributions import table as contributions
from mastermind.game.members.rules import Member
from mastermind.game.raids import actions as raids
from mastermind.game.raids.rules import RaidType
from mastermind.parsing import parse
from tests.actors import by
from tests.entrypoints.test_award import Environment, Invocation, batch, failures
from tests.gateways.aws_stand_in import aws
from tests.gateways.webhook_stand_in import TOKEN, discord, hang_up, say, say_nothing
from tests.waiting import quickest, timed, wait_for

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from uuid import UUID

    from devkit.postgres import Postgres
    from mastermind.deadline import Deadline
    from mastermind.entrypoints.invocation import Context, LambdaHandler
    from mastermind.gateways.sqs import Queue
    from mastermind.json_types import Json
    from mastermind.postgres.database import Database
    from tests.conftest import Connection, Enter
    from tests.gateways.webhook_stand_in import Answer, Discord, Request

PARAMETER, ALERTS = "/mastermind/webhooks/announcements", "/mastermind/webhooks/alerts"
OPERATORS = {
    "ALERTS_PARAMETER": ALERTS,
    "ALERTS_BUCKET": "mastermind-exports",
    "MAIL_TOPIC_ARN": "arn:aws:sns:eu-central-1:000000000000:mastermind-MailTopic",
}
AWS = {"AWS_REGION": "eu-central-1", "AWS_DEFAULT_REGION": "eu-central-1"}
KEYS = {"AWS_ACCESS_KEY_ID": "none", "AWS_SECRET_ACCESS_KEY": "none-either"}
NOTICE = notices.write(Milestone(101, "Alex", 10, 303), time.time())
# What each session of the function holds locked; an open transaction has at least its own id.
LOCKED: LiteralString = """
SELECT (SELECT count(*) FROM pg_locks WHERE pg_locks.pid = sessions.pid) AS locks
FROM pg_stat_activity AS sessions
WHERE usename = 'app_outbox' AND datname = current_database()
"""
MORE = [notices.write(Milestone(user_id, "Alex", 10, 303), time.time()) for user_id in range(1, 5)]


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> Environment:
    environment = Environment(monkeypatch)
    environment.set(**AWS, **KEYS)
    return environment


@pytest.fixture
def channel() -> Iterator[Discord]:
    """Discord, with our webhook."""
    with discord() as server:
        yield server


@contextmanager
def parameter_store(value: str | None) -> Generator[Discord]:
    """SSM, which takes JSON over POST too; without a value it knows no parameter."""
    with discord() as server:
        found = say(200, {"Parameter": {"Name": PARAMETER, "Value": value}})
        server.always = found if value else say(400, {"__type": "ParameterNotFound"})
        yield server


@pytest.fixture
def store(channel: Discord) -> Iterator[Discord]:
    with parameter_store(channel.webhook) as server:
        yield server


@pytest.fixture
def notify(environment: Environment, store: Discord) -> LambdaHandler:
    environment.set(AWS_ENDPOINT_URL=store.url, ANNOUNCEMENTS_PARAMETER=PARAMETER)
    return entry.handler()


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


# --- from the queue to the channel ---


def test_a_notice_becomes_a_message_in_the_channel(notify: LambdaHandler, channel: Discord):
    assert failures(notify(batch(NOTICE), Invocation())) == []
    [message] = channel.messages
    assert "**10 challenges** for **Alex**" in message["content"]
    assert (message_violations(message), webhook_problems(message)) == ([], [])


def test_the_webhook_is_read_once_and_decrypted(notify: LambdaHandler, store: Discord):
    for body in MORE:
        notify(batch(body), Invocation())
    assert store.messages == [{"Name": PARAMETER, "WithDecryption": True}]


def test_a_notice_that_comes_twice_is_posted_once(notify: LambdaHandler, channel: Discord):
    assert failures(notify(batch(NOTICE, NOTICE), Invocation())) == []
    assert failures(notify(batch(NOTICE), Invocation())) == []
    assert len(channel.messages) == 1


def test_the_start_of_a_raid_that_is_over_is_not_posted(notify: LambdaHandler, channel: Discord):
    now = int(time.time())
    over, runs = (notices.write(RaidStarted(raid_id, "mage", 100, now + 60 * raid_id), now) for raid_id in (-1, 1))
    assert failures(notify(batch(over, runs), Invocation())) == []
    assert len(channel.messages) == 1


def test_a_member_is_not_named_by_a_message_that_waited_for_hours(notify: LambdaHandler, channel: Discord):
    old = notices.write(Milestone(101, "Alex", 10, 303), time.time() - 3 * 3600)
    assert failures(notify(batch(old), Invocation())) == []
    assert channel.messages == []


def test_a_notice_that_was_not_posted_is_not_taken_for_posted(notify: LambdaHandler, channel: Discord):
    channel.answers = [say(400)]
    assert failures(notify(batch(NOTICE), Invocation())) == ["m0"]
    assert failures(notify(batch(NOTICE), Invocation())) == []
    assert len(channel.messages) == 2


@pytest.mark.parametrize(
    "poison", ["", "{}", "\ud800", '{"kind": "party"}', NOTICE[:-1], NOTICE.replace("10", '"ten"', 1)]
)
def test_a_poisonous_notice_comes_back_alone(notify: LambdaHandler, channel: Discord, poison: str):
    assert failures(notify(batch(poison, NOTICE), Invocation())) == ["m0"]
    assert len(channel.messages) == 1


@pytest.mark.parametrize("trouble", [say(500), say(503), hang_up, say(429, retry_after="0.1")])
def test_a_passing_trouble_of_discords_is_overcome_at_once(notify: LambdaHandler, channel: Discord, trouble: Answer):
    channel.answers = [trouble]
    assert failures(notify(batch(NOTICE), Invocation())) == []
    assert len(channel.messages) == 2


def test_when_discord_wants_a_long_rest_all_come_back_and_it_is_asked_once(notify: LambdaHandler, channel: Discord):
    channel.always = say(429, {"message": "You are being rate limited."}, retry_after="60")
    begun = time.perf_counter()
    assert failures(notify(batch(*MORE), Invocation())) == ["m0", "m1", "m2", "m3"]
    assert failures(notify(batch(*MORE), Invocation())) == ["m0", "m1", "m2", "m3"]
    assert len(channel.messages) == 1
    assert time.perf_counter() - begun < 50


@pytest.mark.parametrize("gone", ["deleted", "no URL of a webhook"])
def test_when_the_webhook_is_gone_notices_are_dropped_and_the_operators_notified_once(
    environment: Environment, channel: Discord, gone: str
):
    """Not sent back: a queue of dead letters would say for a day that something is wrong, and nobody's day is lost."""
    with aws() as cloud, discord() as operators:
        known = {ALERTS: operators.webhook, PARAMETER: channel.webhook if gone == "deleted" else "https://example.org"}
        cloud.parameters |= known
        environment.set(AWS_ENDPOINT_URL=cloud.url, ANNOUNCEMENTS_PARAMETER=PARAMETER, **OPERATORS)
        channel.always = say(404, {"message": "Unknown Webhook", "code": 10015})
        for _ in range(3):
            assert failures(entry.handler()(batch(*MORE), Invocation())) == []
        [alert] = operators.messages
        assert alert["embeds"][0]["title"].startswith("🟠 Announcements are dropped: ")
        assert "Make a new webhook" in alert["embeds"][0]["description"]
        cloud.parameters[PARAMETER], channel.always = channel.webhook, say(204)
        for _ in range(2):
            assert failures(entry.handler()(batch(NOTICE), Invocation())) == []
        [_, over] = operators.messages
        assert over["embeds"][0]["title"].startswith("🟢 Over: Announcements are dropped")


def test_a_webhook_that_was_replaced_is_used_as_soon_as_discord_refuses_the_old_one(
    environment: Environment, channel: Discord
):
    """The function keeps a URL for five minutes, and leaves one that is gone alone for a quarter of an hour."""
    with aws() as cloud, discord() as other:
        cloud.parameters[PARAMETER] = channel.webhook
        environment.set(AWS_ENDPOINT_URL=cloud.url, ANNOUNCEMENTS_PARAMETER=PARAMETER, **OPERATORS)
        notify = entry.handler()
        assert failures(notify(batch(NOTICE), Invocation())) == []
        cloud.parameters[PARAMETER] = other.webhook
        channel.always = say(404, {"message": "Unknown Webhook", "code": 10015})
        assert failures(notify(batch(*MORE), Invocation())) == []
        assert len(other.messages) == len(MORE)
        assert not cloud.mails


def test_a_notice_is_not_dropped_while_the_operators_cannot_be_notified(environment: Environment, channel: Discord):
    with aws() as cloud:
        cloud.parameters[PARAMETER] = channel.webhook
        cloud.refuses = {"PutObject"}
        environment.set(AWS_ENDPOINT_URL=cloud.url, ANNOUNCEMENTS_PARAMETER=PARAMETER, **OPERATORS)
        channel.always = say(404, {"message": "Unknown Webhook", "code": 10015})
        assert failures(entry.handler()(batch(NOTICE), Invocation())) == ["m0"]


def test_an_unresponsive_discord_is_not_waited_for_beyond_the_timeout(notify: LambdaHandler, channel: Discord):
    def serve() -> None:
        assert failures(notify(batch(*MORE), Invocation(milliseconds=1500))) == ["m0", "m1", "m2", "m3"]

    channel.always = say_nothing
    assert quickest(timed(serve), 1.9) < 1.9


def test_without_a_webhook_notices_are_dropped_with_a_word_on_how_to_have_them(
    environment: Environment, capsys: pytest.CaptureFixture[str]
):
    with parameter_store(None) as empty:
        environment.set(AWS_ENDPOINT_URL=empty.url, ANNOUNCEMENTS_PARAMETER=PARAMETER)
        notify = entry.handler()
        assert failures(notify(batch(NOTICE), Invocation())) == []
        assert failures(notify(batch(NOTICE), Invocation())) == []
    said = lines(capsys)
    assert [line["level"] for line in said] == ["WARNING", "WARNING"]
    assert said
    assert all(PARAMETER in line["do"] and "SecureString" in line["do"] for line in said)


def test_without_ssm_notices_come_back(environment: Environment, channel: Discord):
    with parameter_store(None) as broken:
        broken.always = say(400, {"__type": "AccessDeniedException"})
        environment.set(AWS_ENDPOINT_URL=broken.url, ANNOUNCEMENTS_PARAMETER=PARAMETER)
        assert failures(entry.handler()(batch(NOTICE), Invocation())) == ["m0"]
    assert channel.posted == []


def test_without_the_name_of_its_parameter_the_function_says_so(
    environment: Environment, capsys: pytest.CaptureFixture[str]
):
    environment.set(AWS_ENDPOINT_URL="http://127.0.0.1:9", ANNOUNCEMENTS_PARAMETER="")
    assert failures(entry.handler()(batch(NOTICE), Invocation())) == ["m0"]
    said = capsys.readouterr().out
    assert "ANNOUNCEMENTS_PARAMETER" in said
    assert '"Bugs"' in said


TROUBLES = [say(204), say(429, retry_after="90"), say(404), say(500), say(400, {"no": 1}), hang_up]


@pytest.mark.parametrize("trouble", TROUBLES)
def test_the_log_never_holds_the_webhook(
    notify: LambdaHandler,
    channel: Discord,
    environment: Environment,
    capsys: pytest.CaptureFixture[str],
    trouble: Answer,
):
    environment.set(POWERTOOLS_LOG_LEVEL="DEBUG")
    channel.always = trouble
    notify(batch(NOTICE), Invocation())
    captured = capsys.readouterr()
    assert captured.out
    assert TOKEN not in captured.out + captured.err
    assert "/api/webhooks" not in captured.out + captured.err


@pytest.mark.parametrize("value", [f"https://discord.com/api/webhooks/1/{TOKEN} and more", f"webhooks/1/{TOKEN}"])
def test_a_malformed_webhook_is_not_logged_either(
    environment: Environment, capsys: pytest.CaptureFixture[str], value: str
):
    with parameter_store(value) as store:
        environment.set(AWS_ENDPOINT_URL=store.url, ANNOUNCEMENTS_PARAMETER=PARAMETER)
        entry.handler()(batch(NOTICE), Invocation())
    captured = capsys.readouterr()
    assert captured.out
    assert TOKEN not in captured.out + captured.err


# --- from the award to the queue ---


@pytest.fixture
def queue() -> Iterator[Discord]:
    """SQS, which is asked by POST and answered in JSON as well."""
    with discord() as server:
        server.always = say(200, {"MessageId": "1"})
        yield server


@pytest.fixture
def award(environment: Environment, database: Postgres, queue: Discord) -> Iterator[LambdaHandler]:
    """xp_award, and relay after it, as after its nudge or in its own minute."""
    environment.set(AWS_ENDPOINT_URL=queue.url, NOTICES_QUEUE_URL=f"{queue.url}/000000000000/Notices")
    environment.set(OUTBOX_RESULTS_QUEUE_ARN="results", TENSEY_APPLICATION_ID="42")
    environment.set(HANDOVERS_QUEUE_URL=f"{queue.url}/handovers", EDITS_QUEUE_URL=f"{queue.url}/edits")
    notices = Lazy(resources.notices_queue)
    ways = relay.Queues(lambda: cast("Queue", NoQueue()), lambda: cast("Queue", NoQueue()), notices)
    with (
        closing(Lazy(partial(entered, environment, database, "app_award"))) as of_award,
        closing(Lazy(partial(entered, environment, database, "app_outbox"))) as of_relay,
        closing(notices),
    ):
        awarding, relaying = xp_award.handler(of_award, lambda: cast("Queue", NoQueue())), relay.handler(of_relay, ways)

        def both(event: Json, context: Context) -> Json:
            done = awarding(event, context)
            report = relaying(batch("due") if "Records" in event else {"look": True}, context)
            return {**report, **done}

        yield both


class NoQueue:
    """The queues of nudges and of the outbox: nothing of them is looked at here."""

    def send(self, message: str, deadline: Deadline | None = None) -> None:
        pass

    def send_in_order(self, message: str, group: str, once: str, deadline: Deadline) -> None:
        pass


def entered(environment: Environment, database: Postgres, role: str) -> Database:
    environment.enter(database, role)
    return resources.database()


def ticked(as_role: Enter, how_many: int) -> list[UUID]:
    conn, member = as_role("app_tensey"), Member(101, "Alex")
    made = [challenges.tick(conn, by(member, number), f"c{number}", delay=0) for number in range(1, how_many + 1)]
    return [each.award_id for each in made]


def deliver(award: LambdaHandler, award_ids: list[UUID]) -> None:
    assert failures(award(batch(*map(str, award_ids)), Invocation())) == []


def notices_of(queue: Discord) -> list[notices.Notice]:
    queued = [parse(entry.NOTICE, cast("str", message["MessageBody"])) for message in queue.messages]
    return [each.announcement for each in queued if isinstance(each, Queued)]


def test_the_tenth_award_sends_one_notice_however_often_it_is_delivered(
    award: LambdaHandler, queue: Discord, as_role: Enter
):
    award_ids = ticked(as_role, 10)
    deliver(award, award_ids)
    deliver(award, award_ids)
    assert award({"sweep": True}, Invocation())["announced"] == 0
    assert notices_of(queue) == [Milestone(101, "Alex", 10, 303, level=2)]
    assert queue.messages[0]["QueueUrl"].endswith("/Notices")


def test_no_transaction_and_no_lock_of_the_database_waits_for_the_queue(
    award: LambdaHandler, queue: Discord, as_role: Enter, owner: Connection
):
    seen: list[tuple[object, ...]] = []

    def look(request: Request) -> None:
        seen.extend(owner.execute(LOCKED).fetchall())
        say(200, {"MessageId": "1"})(request)

    wait_for(lambda: owner.execute(LOCKED).fetchall() == [], what="the end of sessions of tests before")
    queue.always = look
    deliver(award, ticked(as_role, 10))
    assert len(queue.messages) == 1
    assert seen == [(0,)]


@pytest.mark.parametrize("trouble", [say(503), hang_up])
def test_a_notice_that_could_not_be_sent_is_sent_by_the_sweep(
    award: LambdaHandler, queue: Discord, as_role: Enter, owner: Connection, trouble: Answer
):
    queue.answers = [trouble, trouble]
    deliver(award, ticked(as_role, 10))
    assert owner.execute("SELECT status FROM announcements").fetchall() == [("due",)]
    assert award({"sweep": True}, Invocation())["announced"] == 1
    assert award({"sweep": True}, Invocation())["announced"] == 0
    assert owner.execute("SELECT status FROM announcements").fetchall() == [("sent",)]
    assert set(notices_of(queue)) == {Milestone(101, "Alex", 10, 303, level=2)}


def test_without_a_queue_awards_are_applied_all_the_same_and_a_bug_is_counted(
    award: LambdaHandler,
    environment: Environment,
    as_role: Enter,
    capsys: pytest.CaptureFixture[str],
    owner: Connection,
):
    environment.set(NOTICES_QUEUE_URL="")
    deliver(award, ticked(as_role, 10))
    said = capsys.readouterr().out
    assert "NOTICES_QUEUE_URL" in said
    assert '"Bugs"' in said
    assert owner.execute("SELECT xp, status FROM users JOIN announcements USING (user_id)").fetchall() == [
        (1000, "due")
    ]


def test_where_milestones_are_off_nothing_is_sent(
    award: LambdaHandler, environment: Environment, queue: Discord, as_role: Enter, owner: Connection
):
    environment.set(ANNOUNCE_MILESTONES="off")
    deliver(award, ticked(as_role, 10))
    assert queue.posted == []
    assert owner.execute("SELECT status FROM announcements").fetchall() == [("silent",)]


def raid_with(as_role: Enter, target: int, points: int) -> int:
    """A raid to which Alex has contributed."""
    conn = as_role("app_main")
    member = Member(101, "Alex")
    started = raids.start(conn, by(member, 1), RaidType.WARRIOR, minutes=60, target=target, tick_points=15)
    contributions.contribute(conn, 101, "stats", "1", {"approaches": points})
    return started.raid.raid_id


def gain(owner: Connection, xp: int) -> None:
    owner.execute(
        "INSERT INTO xp_ledger (user_id, xp, kind, source, source_id, day)"
        " VALUES (101, %s, 'x', 'x', 'x', '2026-08-01')",
        [xp],
    )


def test_the_sweep_ends_rewards_and_announces_a_raid(
    award: LambdaHandler, queue: Discord, as_role: Enter, owner: Connection
):
    raid_id = raid_with(as_role, target=100, points=105)
    report = award({"sweep": True}, Invocation())
    assert report["raids"] == {"failed": 0, "rewarded": 1, "busy": 0, "refused": 0, "finished": True}
    assert notices_of(queue) == [RaidCompleted(raid_id, "warrior", 100, 105, 1, "Alex")]
    assert owner.execute("SELECT xp FROM users").fetchall() == [(500,)]
    assert award({"sweep": True}, Invocation())["announced"] == 0


def test_the_sweep_announces_a_raid_whose_time_is_over(
    award: LambdaHandler, queue: Discord, as_role: Enter, owner: Connection
):
    raid_id = raid_with(as_role, target=1000, points=30)
    assert award({"sweep": True}, Invocation())["announced"] == 1
    owner.execute("UPDATE raid_events SET ends_at = clock_timestamp()")
    report = cast("dict[str, int]", award({"sweep": True}, Invocation())["raids"])
    assert report["failed"] == 1
    started, failed = notices_of(queue)
    assert isinstance(started, RaidStarted)
    assert failed == RaidFailed(raid_id, "warrior", 1000, 30, 1)


def test_a_level_reached_by_an_award_is_announced(
    award: LambdaHandler, queue: Discord, as_role: Enter, owner: Connection
):
    award_ids = ticked(as_role, 1)
    gain(owner, 2900)
    deliver(award, award_ids)
    assert notices_of(queue) == [LevelUp(101, "Alex", 5)]


@pytest.mark.parametrize("switch", ["ANNOUNCE_LEVEL_UPS", "ANNOUNCE_RAIDS"])
def test_levels_and_raids_can_be_off_each_for_itself(
    award: LambdaHandler, environment: Environment, queue: Discord, as_role: Enter, owner: Connection, switch: str
):
    environment.set(**{switch: "off"})
    raid_with(as_role, target=100, points=105)
    gain(owner, 3000)
    award({"sweep": True}, Invocation())
    kinds = {type(notice) for notice in notices_of(queue)}
    assert kinds == ({RaidCompleted} if switch == "ANNOUNCE_LEVEL_UPS" else {LevelUp})
    assert owner.execute("SELECT FROM announcements WHERE status = 'due'").fetchall() == []


def test_what_the_award_sends_is_what_the_channel_shows(
    award: LambdaHandler, queue: Discord, as_role: Enter, environment: Environment, channel: Discord
):
    deliver(award, ticked(as_role, 10))
    with parameter_store(channel.webhook) as store:
        environment.set(AWS_ENDPOINT_URL=store.url, ANNOUNCEMENTS_PARAMETER=PARAMETER)
        body = cast("str", queue.messages[0]["MessageBody"])
        assert failures(entry.handler()(batch(body), Invocation())) == []
    assert "**10 challenges** for **Alex**" in channel.messages[0]["content"]
