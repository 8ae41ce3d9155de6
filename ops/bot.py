"""`ops invite` and `ops token`: what the bot needs so that the game can send messages on its own."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlencode

import typer

from mastermind.bot.registry import APPS
from mastermind.discord import permissions
from ops import given, smoke, tokens
from ops.command_line import RegionName, StackName, Yes, confirm, find_game
from ops.discord import API, ApiUrl, Discord, TokenVariable, fail
from ops.target import TargetError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

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

POSTING = {
    "View Channels": permissions.VIEW_CHANNEL,
    "Send Messages": permissions.SEND_MESSAGES,
    "Read Message History": 1 << 16,
    "Pin Messages": 1 << 51,
}
"""What a bot needs for posted buttons."""


def needed(parameters: Mapping[str, str]) -> dict[str, int]:
    """The permissions that the features which are on need, by their names in Discord."""
    return {name: bit for feature in FEATURES if feature.is_on(parameters) for name, bit in feature.rights.items()}


def link(target: Target, app: str = "main") -> str:
    """The link that invites an application's bot into its server, with just the permissions that it needs."""
    here = smoke.place(target, app)
    rights = needed(target.parameters) if app == "main" else POSTING
    return invitation(here.application_id, rights.values(), here.guild_id)


def invitation(application_id: int, rights: Iterable[int], guild_id: int | None) -> str:
    """The link for a bot with these permissions; without a server, who opens it chooses one."""
    asked = {
        "client_id": application_id,
        "scope": "bot applications.commands",
        "permissions": reduce(lambda one, other: one | other, rights, 0),
        **({"guild_id": guild_id, "disable_guild_select": "true"} if guild_id else {}),
    }
    return f"{AUTHORIZE}?{urlencode(asked)}"


def invite(*, stack: StackName = None, region: RegionName = None) -> None:
    """Print the link that invites the bot, with exactly the permissions that the features which are on need.

    It is for the main application. Opened again, it gives the bot the permissions that it lacks.
    """
    with closing(find_game(stack, region)) as target:
        try:
            url, rights = link(target), needed(target.parameters)
        except TargetError as error:
            fail(str(error))
    typer.echo(url)
    typer.echo(f"Permissions: {', '.join(rights) or 'none'}.", err=True)


def token(
    app: Annotated[str, typer.Argument(parser=given.app, help=f"Whose: {' or '.join(APPS)}.")] = "main",
    *,
    stack: StackName = None,
    region: RegionName = None,
    base_url: ApiUrl = API,
    token_variable: TokenVariable = None,
    yes: Yes = False,
) -> None:
    """Store an application's bot token with the stack. `.venv/bin/ops rotate-token` replaces one that others may know.

    It is read from its variable, or typed unseen; checked with Discord, and stored as a SecureString in SSM. With
    main's the game sends messages by itself: the function outbox alone reads it. Tensey's is for this tool alone.
    """
    with closing(find_game(stack, region)) as target:
        typed = tokens.from_variable(app, token_variable) or typer.prompt(f"Bot token of {app}", hide_input=True)
        try:
            for line in store(target, app, typed.strip(), base_url, yes=yes):
                typer.echo(line)
        except TargetError as error:
            fail(str(error))


def store(target: Target, app: str, bot_token: str, base_url: str, *, yes: bool) -> Iterator[str]:
    """Check the token with Discord and store it; yields what to say. Raises TargetError; another's token is refused."""
    here = smoke.place(target, app)
    with Discord(base_url, here.application_id, bot_token) as discord:
        known = discord.demand("GET", "/applications/@me", hints={401: "it does not accept this token."}).json()
    if int(known["id"]) != here.application_id:
        fail(f"This is the token of {known['id']}; {app} is the application {here.application_id}.")
    confirm(f"Store it as {tokens.name_of(target, app)}, in {target}?", yes=yes)
    yield f"Stored as {tokens.store(target, app, bot_token)}. It is used within five minutes."
    if app == "main":
        yield "Is the bot in the server? `.venv/bin/ops invite` prints the link."
