"""Somebody in need, from what they write to the moderators: the real handlers, with servers for AWS and Discord."""

from __future__ import annotations

import json
from contextlib import closing
from typing import TYPE_CHECKING, Any, cast

import pytest

from devkit import discord_client as discord
from devkit.discord_api.schema import webhook_problems
from devkit.inspection import message_violations
from mastermind.config import DatabaseSettings
from mastermind.entrypoints import award as xp_award
from mastermind.entrypoints import interactions
from mastermind.entrypoints import notify as entry
from mastermind.entrypoints.resources import Lazy
from mastermind.game.audit import notices as acts
from mastermind.game.audit.rules import Act
from mastermind.game.flags import needs
from mastermind.game.flags.needs import Need
from mastermind.game.outreach import lacking
from mastermind.game.outreach.rights import Needed, Right
from mastermind.game.server_settings import unusable
from mastermind.game.server_settings.rules import Choice
from mastermind.operations.report import notices as report
from mastermind.operations.report.notices import Told
from mastermind.postgres.database import Database
from tests.discord.signing import signed_event
from tests.entrypoints.test_award import ALEX, DISCORD, PLACE, Environment, Invocation, batch, failures
from tests.gateways.aws_stand_in import aws as stand_in
from tests.gateways.webhook_stand_in import discord as discords
from tests.gateways.webhook_stand_in import say

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from devkit.json_types import Json
    from devkit.postgres import Postgres
    from tests.conftest import Connection
    from tests.gateways.aws_stand_in import Aws
    from tests.gateways.webhook_stand_in import Discord

ROLE = 1_290_000_000_000_000_002
NOWHERE = DatabaseSettings("127.0.0.1", 9, "mastermind", "nobody", "none", "disable", None)
DESPAIR = "I feel better off dead"
MENTION = f"<@&{ROLE}> {needs.NOW}"


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> Environment:
    environment = Environment(monkeypatch)
    environment.set(
        AWS_REGION="eu-central-1",
        AWS_DEFAULT_REGION="eu-central-1",
        AWS_ACCESS_KEY_ID="none",
        AWS_SECRET_ACCESS_KEY="none-either",  # nobody's
        ADMINS_PARAMETER="/game/webhooks/admins",
        ALERTS_PARAMETER="/game/webhooks/alerts",
        MAIL_TOPIC_ARN="arn:aws:sns:eu-central-1:123456789012:mail",
        MODERATOR_ROLE_ID=str(ROLE),
        XP_AWARD_FUNCTION="game-xp-award",
        ALERTS_BUCKET="bucket",
        NOTICES_QUEUE_URL="http://127.0.0.1:9/1/notices",
        **DISCORD,
    )
    return environment


@pytest.fixture
def aws(environment: Environment, database: Postgres) -> Iterator[Aws]:
    with closing(Database(database.settings("app_award"))) as entered, stand_in() as server:
        server.function = played_by(entered)
        environment.set(AWS_ENDPOINT_URL=server.url)
        yield server


def played_by(database: Database) -> Callable[[Json], object]:
    """The function xp_award with that database."""
    award = xp_award.handler(lambda: database)
    return lambda event: award(event, Invocation())


@pytest.fixture
def channel(aws: Aws) -> Iterator[Discord]:
    """The admins' channel."""
    with discords() as server:
        server.always = say(200, {"id": "77"})
        aws.parameters["/game/webhooks/admins"] = server.webhook
        yield server


def need(interaction_id: int = discord.snowflake(), user_id: int = ALEX.id) -> Need:
    return Need(interaction_id, user_id, "/course ask", ("self_harm",), DESPAIR)


def flag(aws: Aws, need: Need) -> None:
    """What notify asks of the game."""
    assert aws.function
    assert aws.function({"flag": json.loads(needs.write(need))}) == {"flagged": True}


def flags(owner: Connection) -> list[tuple[Any, ...]]:
    return owner.execute("SELECT user_id, source, categories, excerpt, in_need, status FROM content_flags").fetchall()


@pytest.mark.parametrize("app", ["main", "tensey"])
def test_what_is_written_into_either_application_calls_the_moderators(
    aws: Aws, channel: Discord, owner: Connection, app: str
):
    """Its database is away, and nobody knows the member yet."""
    away = Lazy(lambda: Database(NOWHERE))
    payload = discord.command(PLACE, ALEX, "help" if app == "main" else "tenseyleaderboard", {"period": DESPAIR})
    answer = interactions.handler(app, away)(signed_event(payload, path=f"/interactions/{app}"), Invocation())
    assert "You matter here" in cast("str", answer["body"])
    assert failures(entry.handler()(batch(*aws.sent), Invocation())) == []
    [message] = channel.messages
    assert message == {"content": MENTION, "allowed_mentions": {"parse": [], "roles": [str(ROLE)]}}
    assert (message_violations(message), webhook_problems(message)) == ([], [])
    place = "/help" if app == "main" else "/tenseyleaderboard"
    assert flags(owner) == [(ALEX.id, place, ["self_harm"], DESPAIR, True, "open")]


def test_the_admins_read_which_right_the_bot_lacks(channel: Discord):
    body = lacking.write(Needed(Right.POST, 5), 50013)
    assert failures(entry.handler()(batch(body), Invocation())) == []
    [message] = channel.messages
    assert "its bot's role lacks *Send Messages* in <#5>." in str(message["content"])
    assert message["allowed_mentions"] == {"parse": []}
    assert (message_violations(message), webhook_problems(message)) == ([], [])


def test_the_admins_read_what_one_of_them_did(channel: Discord):
    act = Act("xp.adjust", 7, "", 8, -50_000)
    assert failures(entry.handler()(batch(acts.write(act)), Invocation())) == []
    [message] = channel.messages
    assert "<@7> took 50,000 XP from <@8>." in str(message["content"])
    assert message["allowed_mentions"] == {"parse": []}
    assert (message_violations(message), webhook_problems(message)) == ([], [])


def test_a_function_that_answers_members_says_nothing_in_the_games_name(channel: Discord):
    act, called = acts.write(Act("privacy.export", 7, "", 8)), needs.write(need())
    forged = [act, report.write(Told("[Log in](https://example.com)")), lacking.write(Needed(Right.POST, 5), 50013)]
    for function in ("game-interactions-tensey", "game-interactions-main"):
        sent = sent_by(function, called, *forged)
        assert failures(entry.handler()(sent, Invocation())) == ["m1", "m2", "m3"]
    [message] = channel.messages
    assert message["content"] == MENTION
    assert failures(entry.handler()(sent_by("game-relay", act), Invocation())) == []
    assert len(channel.messages) == 2


def sent_by(function: str, *bodies: str) -> dict[str, object]:
    """A batch as SQS delivers it."""
    records = cast("list[dict[str, object]]", batch(*bodies)["Records"])
    return {"Records": [{**one, "attributes": {"SenderId": f"AROAEXAMPLE:{function}"}} for one in records]}


def test_without_a_channel_that_comes_by_e_mail(aws: Aws):
    body = lacking.write(Needed(Right.ROLES, 6), 50001)
    assert failures(entry.handler()(batch(body), Invocation())) == []
    [mail] = aws.mails
    assert mail["Subject"] == lacking.SUBJECT
    assert "*Manage Roles*, or does not stand above role 6." in mail["Message"]


def test_the_admins_read_which_setting_is_not_in_force(aws: Aws, channel: Discord):
    body = unusable.write(Choice("channel", asked="5", refused="my role lacks *Send Messages* in <#5>"))
    assert failures(entry.handler()(batch(body), Invocation())) == []
    [message] = channel.messages
    assert message["content"] == (
        "🟠 The channel of the announcements is not <#5>, because my role lacks *Send Messages* in <#5>. What the "
        "deploy sets is in force. `/admin settings` chooses another. This is said once."
    )
    assert message["allowed_mentions"] == {"parse": []}
    aws.parameters.clear()
    entry.handler()(batch(unusable.write(Choice("moderators", "8", "9", "it was deleted in Discord"))), Invocation())
    [mail] = aws.mails
    assert mail["Subject"] == unusable.SUBJECT
    assert mail["Message"].startswith(
        "The moderators' role is not 9, because it was deleted in Discord. What was chosen"
    )


def test_the_role_is_mentioned_that_the_admins_have_chosen(channel: Discord, owner: Connection):
    notify = entry.handler()
    owner.execute("INSERT INTO game_settings (name, value) VALUES ('moderators', '77')")
    assert failures(notify(batch(needs.write(need())), Invocation())) == []
    owner.execute("DELETE FROM game_settings")
    assert failures(notify(batch(needs.write(need(discord.snowflake(), 2))), Invocation())) == []
    assert [message["content"] for message in channel.messages] == [f"<@&77> {needs.NOW}", MENTION]


def test_a_message_that_comes_twice_mentions_and_flags_once(channel: Discord, owner: Connection):
    notify, body = entry.handler(), needs.write(need())
    assert failures(notify(batch(body, body), Invocation())) == []
    assert failures(notify(batch(body), Invocation())) == []
    assert (len(channel.messages), len(flags(owner))) == (1, 1)


def test_more_of_the_same_member_only_raises_the_count(channel: Discord, owner: Connection):
    notify, first = entry.handler(), discord.snowflake()
    notify(batch(needs.write(need(first)), needs.write(need(first + 1)), needs.write(need(first + 2))), Invocation())
    methods = [(path.split("?")[0].rsplit("/", 2)[-2], message["content"]) for path, _, message in channel.posted]
    assert [content for _, content in methods] == [
        MENTION,
        f"{MENTION}\n-# And 1 more like it since.",
        f"{MENTION}\n-# And 2 more like it since.",
    ]
    assert [where for where, _ in methods[1:]] == ["messages", "messages"]
    assert len(flags(owner)) == 3


def test_without_an_admins_channel_it_goes_to_the_alerts_and_then_by_mail(aws: Aws, channel: Discord):
    url = aws.parameters.pop("/game/webhooks/admins")
    aws.parameters["/game/webhooks/alerts"] = url
    entry.handler()(batch(needs.write(need())), Invocation())
    assert len(channel.messages) == 1
    aws.parameters.clear()
    entry.handler()(batch(needs.write(need(discord.snowflake(), 2))), Invocation())
    [mail] = aws.mails
    assert mail["Subject"] == "Somebody needs a kind word"
    assert DESPAIR not in mail["Message"]


def test_a_flag_waits_for_the_database_and_nobody_is_mentioned_again(aws: Aws, channel: Discord, owner: Connection):
    notify, body, award = entry.handler(), needs.write(need()), aws.function
    with closing(Database(NOWHERE)) as away:
        aws.function = played_by(away)
        assert len(failures(notify(batch(body), Invocation()))) == 1
    assert (len(channel.messages), flags(owner)) == (1, [])
    aws.function = award
    assert failures(notify(batch(body), Invocation())) == []
    assert (len(channel.messages), len(flags(owner))) == (1, 1)


def test_a_mention_waits_for_discord_and_the_flag_does_not(channel: Discord, owner: Connection):
    notify, body = entry.handler(), needs.write(need())
    channel.answers = [say(500)] * 9
    assert len(failures(notify(batch(body), Invocation()))) == 1
    assert len(flags(owner)) == 1
    channel.answers.clear()
    assert failures(notify(batch(body), Invocation())) == []
    assert channel.messages[-1]["content"] == MENTION


def test_two_invocations_at_once_lose_no_mention(aws: Aws, channel: Discord):
    aws.overtaken = 3
    assert failures(entry.handler()(batch(needs.write(need())), Invocation())) == []
    assert len(channel.messages) == 1


def test_nobody_gets_more_open_flags_than_moderators_can_read(aws: Aws, owner: Connection):
    first = discord.snowflake()
    for number in range(12):
        flag(aws, need(first + number))
    assert len(flags(owner)) == 10


def test_who_had_themselves_deleted_since_is_not_flagged(aws: Aws, owner: Connection):
    owner.execute("INSERT INTO deletions (interaction_id) VALUES (5)")
    before = need(discord.snowflake() - (60_000 << 22))
    flag(aws, before)
    assert flags(owner) == []
    owner.execute(
        "INSERT INTO users (user_id, display_name, time_zone, created_at) VALUES (%s, 'Alex', 'UTC', '2026-01-01')",
        [ALEX.id],
    )
    flag(aws, before)
    assert len(flags(owner)) == 1
