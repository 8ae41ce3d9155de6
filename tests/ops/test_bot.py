"""`ops invite` and `ops token`: the bot gets in with what it needs, and its token is stored for one function alone."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest
import typer

from mastermind.discord import permissions
from ops import bot
from tests.ops.discord_stand_in import TOKEN, StandIn, discord
from tests.ops.scripted import Scripted, scripted

if TYPE_CHECKING:
    from collections.abc import Iterator

STORED_AS = "/game/bot-token"
PLACE = {"MainApplicationId": "11", "GuildId": "22"}


@pytest.fixture
def aws() -> Iterator[Scripted]:
    with scripted() as aws:
        yield aws


@pytest.fixture
def stand_in() -> Iterator[StandIn]:
    with discord() as stand_in:
        yield stand_in


def has(aws: Scripted, **parameters: str) -> None:
    """The stack that is deployed."""
    shown = {"StackName": "game", "CreationTime": datetime.now(UTC), "StackStatus": "CREATE_COMPLETE"}
    known = [{"ParameterKey": name, "ParameterValue": value} for name, value in (PLACE | parameters).items()]
    outputs = [{"OutputKey": "BotTokenParameter", "OutputValue": STORED_AS}]
    described = {"Stacks": [{**shown, "Parameters": known, "Outputs": outputs}]}
    aws.answers("cloudformation", "describe_stacks", described, StackName="game")


def test_a_token_is_stored_encrypted_once_discord_knows_it_as_that_of_the_application(aws: Scripted, stand_in: StandIn):
    has(aws)
    aws.answers("ssm", "put_parameter", Name=STORED_AS, Value=TOKEN, Type="SecureString", Overwrite=True)
    said = list(bot.store(aws.target, "main", TOKEN, stand_in.url, yes=True))
    assert said[0] == f"Stored as {STORED_AS}. It is used within five minutes."
    assert TOKEN not in " ".join(said)


def test_the_token_of_another_application_is_not_stored(
    aws: Scripted, stand_in: StandIn, capsys: pytest.CaptureFixture[str]
):
    has(aws, MainApplicationId="77")
    with pytest.raises(typer.Exit):
        list(bot.store(aws.target, "main", TOKEN, stand_in.url, yes=True))
    assert "This is the token of 11; main is the application 77." in capsys.readouterr().err


def test_a_token_that_discord_does_not_accept_is_not_stored(
    aws: Scripted, stand_in: StandIn, capsys: pytest.CaptureFixture[str]
):
    has(aws)
    with pytest.raises(typer.Exit):
        list(bot.store(aws.target, "main", "another.token", stand_in.url, yes=True))
    assert "it does not accept this token" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("parameters", "rights"),
    [
        ({}, 0),
        ({"AnnouncementChannelId": "33", "Raids": "on"}, permissions.VIEW_CHANNEL | permissions.SEND_MESSAGES),
        ({"Raids": "off", "Moderation": "on"}, permissions.MODERATE_MEMBERS | permissions.BAN_MEMBERS),
        ({"MemberRoles": "on"}, permissions.MANAGE_ROLES),
    ],
    ids=["nothing is on", "announcements", "moderation", "roles"],
)
def test_an_invitation_asks_for_what_is_on_needs_and_for_our_server(
    aws: Scripted, parameters: dict[str, str], rights: int
):
    has(aws, **parameters)
    asked = parse_qs(urlsplit(bot.link(aws.target)).query)
    assert (asked["permissions"], asked["client_id"], asked["guild_id"]) == ([str(rights)], ["11"], ["22"])
