"""Where the bot tokens of a game are: in a variable of the shell, or with the stack. No function reads Tensey's."""

from __future__ import annotations

import os
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mastermind.bot.registry import APPS
from ops import smoke
from ops.command_line import find_game
from ops.discord import fail, from_parameter
from ops.target import TargetError, call_aws

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ops.target import Target

VARIABLES = {app: f"DISCORD_BOT_TOKEN_{app.upper()}" for app in APPS}
"""The environment variables that hold the bot tokens."""


def name_of(target: Target, app: str) -> str:
    """The SSM parameter of an application's token. Main's is the function outbox's, Tensey's is only for this tool."""
    return f"/{target.stack}/bot-token-tensey" if app == "tensey" else _mains(target)


def _mains(target: Target) -> str:
    try:
        return target.output("BotTokenParameter")
    except TargetError:  # there is no stack yet
        return f"/{target.stack}/bot-token"


def find(target: Target, app: str) -> str:
    """The token in its variable, else the one that is stored with the stack; empty if there is none."""
    return from_variable(app) or ("" if target.is_local else stored(target, app))


def find_all(target: Target) -> Mapping[str, str]:
    return {app: find(target, app) for app in APPS}


def from_variable(app: str, variable: str | None = None) -> str:
    return os.environ.get(variable or VARIABLES[app], "").strip()


def stored(target: Target, app: str) -> str:
    """Raises TargetError, but for a token that is not there or that these credentials may not read."""
    ssm, name = target.client("ssm"), name_of(target, app)
    try:
        return str(call_aws(lambda: ssm.get_parameter(Name=name, WithDecryption=True))["Parameter"]["Value"]).strip()
    except TargetError as error:
        if "ParameterNotFound" in str(error) or "AccessDenied" in str(error):
            return ""
        raise


def store(target: Target, app: str, token: str) -> str:
    """Store it encrypted; returns the name. Raises TargetError."""
    ssm, name = target.client("ssm"), name_of(target, app)
    call_aws(lambda: ssm.put_parameter(Name=name, Value=token, Type="SecureString", Overwrite=True))
    return name


@dataclass(frozen=True, slots=True)
class Login:
    """An application with its server, if that is known, and its bot token."""

    application_id: int
    guild_id: int | None
    token: str = field(repr=False)


def log_in(app: str, stack: str | None, region: str | None, variable: str | None, parameter: str | None) -> Login:
    """The application of a stack, with the token of that name, else its own; raises typer.Exit without one."""
    with closing(find_game(stack, region)) as target:
        try:
            here = smoke.place(target, app)
            return Login(here.application_id, here.guild_id, demand(app, variable, parameter, target))
        except TargetError as error:
            fail(str(error))


def demand(app: str, variable: str | None, parameter: str | None, target: Target | None = None) -> str:
    """The token, from the named parameter or variable, else with the stack; raises typer.Exit without one."""
    found = from_parameter(parameter) if parameter else from_variable(app, variable)
    if not found and target is not None:
        found = find(target, app)
    return found or fail(f"The bot token is missing: set {variable or VARIABLES[app]}, or `.venv/bin/ops token {app}`.")
