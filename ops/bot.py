"""`ops invite` and `ops token`: what the bot needs so that the game speaks by itself."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import typer

from mastermind.discord import permissions
from ops import smoke
from ops.discord import API, ApiUrl, Discord, TokenVariable, fail, read_token
from ops.register import TOKENS
from ops.target import RegionName, StackName, TargetError, Yes, call_aws, confirm, find_target

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ops.target import Target

AUTHORIZE = "https://discord.com/oauth2/authorize"


@dataclass(frozen=True, slots=True)
class Feature:
    """What the bot does in the server, the permissions for it by their names in Discord, and what switches it on."""

    name: str
    rights: Mapping[str, int]
    parameters: tuple[str, ...]

    def is_on(self, parameters: Mapping[str, str]) -> bool:
        return any(parameters.get(name) == "on" for name in self.parameters)


FEATURES = (
    Feature(
        "announcements",
        {"View Channels": permissions.VIEW_CHANNEL, "Send Messages": permissions.SEND_MESSAGES},
        ("Milestones", "LevelUps", "Raids", "Weeks"),
    ),
    Feature(
        "moderation",
        {"Time out members": permissions.MODERATE_MEMBERS, "Ban Members": permissions.BAN_MEMBERS},
        ("Moderation",),
    ),
    Feature("roles", {"Manage Roles": permissions.MANAGE_ROLES}, ("MemberRoles",)),
)
"""Direct messages and edits of answers need no permission."""


def needed(parameters: Mapping[str, str]) -> dict[str, int]:
    """The permissions that the features which are on need, by their names in Discord."""
    return {name: bit for feature in FEATURES if feature.is_on(parameters) for name, bit in feature.rights.items()}


def link(target: Target) -> str:
    """The link that invites the main application's bot with just these permissions."""
    here, rights = smoke.place(target, "main"), needed(target.parameters)
    asked = {
        "client_id": here.application_id,
        "scope": "bot applications.commands",
        "permissions": sum(rights.values()),
        "guild_id": here.guild_id,
        "disable_guild_select": "true",
    }
    return f"{AUTHORIZE}?{urlencode(asked)}"


def invite(*, stack: StackName = None, region: RegionName = None) -> None:
    """Print the link that invites the bot, with exactly the permissions that the features which are on need.

    It is for the main application. Opened again, it gives the bot the permissions that it lacks.
    """
    with closing(find_target(stack, region)) as target:
        try:
            url, rights = link(target), needed(target.parameters)
        except TargetError as error:
            fail(str(error))
    typer.echo(url)
    typer.echo(f"Permissions: {', '.join(rights) or 'none'}.", err=True)


def token(
    *,
    stack: StackName = None,
    region: RegionName = None,
    base_url: ApiUrl = API,
    token_variable: TokenVariable = TOKENS["main"],
    yes: Yes = False,
) -> None:
    """Store the main application's bot token, with which the game speaks by itself.

    It is read from the environment variable, checked with Discord, and stored as a SecureString in SSM, where the
    function outbox alone reads it. A token that was rotated is replaced so.
    """
    with closing(find_target(stack, region)) as target:
        try:
            for line in store(target, read_token(token_variable, None), base_url, yes=yes):
                typer.echo(line)
        except TargetError as error:
            fail(str(error))


def store(target: Target, bot_token: str, base_url: str, *, yes: bool) -> Iterator[str]:
    """Check the token with Discord and store it; yields what to say. Raises TargetError; another's token is refused."""
    here, name = smoke.place(target, "main"), target.output("BotTokenParameter")
    with Discord(base_url, here.application_id, bot_token) as discord:
        known = discord.demand("GET", "/applications/@me", hints={401: "it does not accept this token."}).json()
    if int(known["id"]) != here.application_id:
        fail(f"This is the token of {known['id']}; the main application is {here.application_id}.")
    confirm(f"Store it as {name}, in {target}?", yes=yes)
    ssm = target.client("ssm")
    call_aws(lambda: ssm.put_parameter(Name=name, Value=bot_token, Type="SecureString", Overwrite=True))
    yield f"Stored as {name}. It is used within five minutes."
    yield "Is the bot in the server? `.venv/bin/ops invite` prints the link."
