"""The outbox as it is deployed: its FIFO queue, its patience, its tokens, against the local cloud's Discord."""

from __future__ import annotations

import base64
import time
from contextlib import closing, suppress
from dataclasses import replace
from functools import partial
from itertools import count
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import parse_qs, urlsplit

import pytest

from devkit import discord_client
from devkit.discord_client import User, snowflake
from devkit.discord_server.records import Member
from devkit.discord_server.trouble import error, limited
from mastermind.bot import custom_ids
from mastermind.discord import requests, tokens
from mastermind.discord.permissions import BAN_MEMBERS, MANAGE_ROLES, MODERATE_MEMBERS, SEND_MESSAGES, VIEW_CHANNEL
from mastermind.discord.requests import LINE, PICTURE, CreateMessage, DirectMessage, Edit, HandOver
from ops import doctor
from ops.checks.findings import Context, State
from simulator.personas import ANNOUNCEMENTS_CHANNEL_ID
from tests.cloud.faults import Game
from tests.cloud.playing import Game as Player
from tests.cloud.running import PATIENCE, cloud_running, settings, without_schedule
from tests.cloud.test_backup import call
from tests.waiting import quickest, timed, wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from local.cloud import Cloud
    from mastermind.discord.requests import Request

numbers = count(snowflake())
REVISION = "aB3d"


def hand_over(cloud: Cloud, *asked: Request) -> list[str]:
    """Hand requests over as relay does; the nonce of each."""
    nonces: list[str] = []
    for request in asked:
        number, now = next(numbers), time.time()
        written = requests.write(HandOver(f"t-{number}", "test", now, int(now) + 600, request, str(number)))
        queue = cloud.endpoints["queues"]["hand_overs"]
        cloud.aws.sqs.send_message(
            QueueUrl=queue, MessageBody=written, MessageGroupId=requests.GROUP, MessageDeduplicationId=f"t-{number}"
        )
        nonces.append(str(number))
    return nonces


def said(content: str) -> CreateMessage:
    return CreateMessage(ANNOUNCEMENTS_CHANNEL_ID, {"content": content})


def test_messages_arrive_once_in_their_order_and_one_429_is_everybodys_patience(cloud: Cloud):
    community, began = cloud.discord.community, time.time()
    cloud.discord.script.add(limited(3), of=f"/channels/{ANNOUNCEMENTS_CHANNEL_ID}/")
    nonces = hand_over(cloud, *(said(f"number {n}") for n in range(4)))
    wait_for(lambda: community.seen(nonces[-1]) == 1, PATIENCE)
    assert [one.nonce for one in community.messages if one.nonce in nonces] == nonces
    assert time.time() - began >= 3


def test_somebody_gets_a_direct_message(cloud: Cloud):
    member = next(one for one in cloud.simulator.personas.all() if one.kind == "member")
    [nonce] = hand_over(cloud, DirectMessage(int(member.user_id), 0, {"content": "Log now?"}))
    community = cloud.discord.community
    wait_for(lambda: community.seen(nonce) == 1, PATIENCE)
    assert community.direct_messages(int(member.user_id))[-1].message["content"] == "Log now?"


def token_key(cloud: Cloud) -> str:
    """The key that opens tokens; it is made if no deploy has made one."""
    name = "/mastermind/token-key"
    with suppress(cloud.aws.ssm.exceptions.ParameterAlreadyExists):
        cloud.aws.ssm.put_parameter(Name=name, Value=tokens.make_private_key(), Type="SecureString")
    return cloud.aws.ssm.get_parameter(Name=name, WithDecryption=True)["Parameter"].get("Value", "")


def send_edit(cloud: Cloud, token: str, key: str) -> None:
    application, until = int(cloud.known["apps"]["main"]["application_id"]), int(time.time()) + 600
    sealed = base64.b64encode(tokens.seal(token, bytes.fromhex(tokens.public_key_of(key)))).decode()
    edit = Edit(f"t-{next(numbers)}", "test", sealed, application, REVISION, "**+100 XP**", until)
    cloud.aws.sqs.send_message(QueueUrl=cloud.endpoints["queues"]["edits"], MessageBody=requests.write(edit))


def test_an_answer_is_edited_and_its_token_is_in_no_log(cloud: Cloud):
    application, token = cloud.known["apps"]["main"]["application_id"], f"interaction-token-{next(numbers)}"
    button = {"type": 2, "id": 2, "custom_id": custom_ids.make("help", "open", 1, revision=REVISION), "label": "Open"}
    answer = {"flags": 1 << 15, "components": [{"type": 1, "id": 1, "components": [button]}]}
    cloud.discord.community.note_answer(application, token, answer)
    send_edit(cloud, token, token_key(cloud))
    kept = cloud.discord.community.original(application, token)
    wait_for(lambda: kept.edits == 1, PATIENCE)
    assert kept.message["components"][0] == {"type": 10, "id": LINE, "content": "**+100 XP**"}
    logs = b"".join(file.read_bytes() for file in (cloud.folder / "logs").iterdir())
    assert token.encode() not in logs
    assert not any(secret.encode() in logs for secret in cloud.discord.tokens)


def see_a_picture(cloud: Cloud, player: Player, user: User) -> None:
    """From /scorecard to its picture: interactions_main, the queue, outbox, pictures, and Discord."""
    asked = discord_client.command(player.main.place, user, "scorecard")
    answer = player.main.send(asked)
    application, token = str(player.main.application_id), str(asked["token"])
    cloud.discord.community.note_answer(application, token, cast("Any", answer.body)["data"])
    kept = cloud.discord.community.original(application, token)
    wait_for(lambda: kept.edits == 1, PATIENCE)
    gallery, card = kept.message["components"]
    assert gallery["id"] == PICTURE
    assert user.name in gallery["items"][0]["description"]
    number, name = gallery["items"][0]["media"]["url"].split("/")[-2:]
    assert cloud.discord.community.files.read(number, name).content.startswith(b"\x89PNG")
    assert user.name in str(card)


def test_an_answer_gets_its_picture_soon(cloud: Cloud):
    context = Context(Game(cloud).target, {})
    [found] = doctor.run_check("pictures", doctor.CHECKS["pictures"], context)  # which starts a process that draws
    assert found.state is State.FINE, found.words
    with closing(Player(cloud)) as player:
        people = (User(snowflake(), f"Nova {n}") for n in count())
        assert quickest(timed(lambda: see_a_picture(cloud, player, next(people))), 2, tries=10) < 2


def test_the_bot_announces_in_its_channel(tmp_path: Path):
    """As `make run` sets it up: from a tick to a message in the channel, through relay and both queues."""
    with (
        cloud_running(replace(settings(tmp_path), announcements_channel=ANNOUNCEMENTS_CHANNEL_ID)) as cloud,
        closing(Player(cloud)) as player,
    ):
        call(cloud, "relay", {"relay": True})  # which asks whether there is a bot
        wait_for(lambda: player.rows("SELECT FROM bot_status WHERE is_on") != [], PATIENCE)
        member = User(snowflake(), "Robin of the Bot")
        cloud.discord.community.join(Member(member.id, member.name))
        for xp in (500, 1000):
            for _ in range(5):
                player.tick(member)
            wait_for(partial(player.has_swept_to, member, xp), PATIENCE)
        wait_for(lambda: any(member.name in str(one.message) for one in cloud.discord.community.messages), PATIENCE)
        announced = [one for one in cloud.discord.community.messages if member.name in str(one.message)]
        assert {one.channel_id for one in announced} == {ANNOUNCEMENTS_CHANNEL_ID}
        assert len({one.nonce for one in announced}) == len(announced)


# --- the operator's side ---


@pytest.fixture
def game(cloud: Cloud) -> Iterator[Game]:
    with without_schedule(cloud, "relay"):  # which asks Discord the same
        yield Game(cloud)


def found(game: Game) -> list[tuple[str, str]]:
    """What the doctor says of the bot."""
    context, check = Context(game.target, {}), doctor.CHECKS["bot"]
    return [(one.state.value, f"{one.words} {one.fix}") for one in doctor.run_check("bot", check, context)]


def test_the_doctor_is_content_with_the_local_bot(game: Game):
    assert [state for state, _ in found(game)] == ["fine", "fine"]


def test_the_doctor_says_what_is_off_without_a_token(game: Game):
    name, ssm = game.target.output("BotTokenParameter"), game.cloud.aws.ssm
    [kept] = game.cloud.discord.tokens
    ssm.delete_parameter(Name=name)
    try:
        [(state, words)] = found(game)
    finally:
        ssm.put_parameter(Name=name, Value=kept, Type="SecureString")
    assert state == "noted"
    assert "does nothing by itself" in words
    assert "ops token" in words


def test_the_doctor_names_a_token_that_discord_does_not_accept_and_a_right_that_is_missing(game: Game):
    server = game.cloud.discord
    server.script.add(error(401), of="/applications/@me")
    assert "Discord answers 401" in found(game)[0][1]
    bot = server.community.members[server.community.bot_id]
    held, bot.roles = bot.roles, set()
    try:
        state, words = found(game)[0]
    finally:
        bot.roles = held
    assert (state, "it lacks View Channels, Send Messages" in words, "ops invite" in words) == ("wrong", True, True)


def test_a_token_is_stored_only_if_it_is_that_of_the_main_application(game: Game):
    [token] = game.cloud.discord.tokens
    place = ("--base-url", game.cloud.discord.url, "--yes")
    refused = game.ops("token", *place, DISCORD_BOT_TOKEN_MAIN="another.token.of-somebody")
    assert (refused.exit_code, "another.token" in refused.output) == (1, False)
    stored = game.ops("token", *place, DISCORD_BOT_TOKEN_MAIN=token)
    assert (stored.exit_code, token in stored.output) == (0, False)


def test_the_invitation_asks_for_what_the_features_need_and_no_more(game: Game):
    url = game.ops("invite").stdout
    asked = parse_qs(urlsplit(url.strip()).query)
    of_moderation = MODERATE_MEMBERS | BAN_MEMBERS
    assert asked["permissions"] == [str(VIEW_CHANNEL | SEND_MESSAGES | MANAGE_ROLES | of_moderation)]
    assert asked["scope"] == ["bot applications.commands"]
    assert asked["client_id"] == [game.target.parameters["MainApplicationId"]]
