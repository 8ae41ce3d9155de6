"""`ops register`: registers the slash commands with Discord; compares first and writes only what differs."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Self, cast

import typer

from devkit import command_ids
from mastermind.bot.registration import CHAT_INPUT, problems, to_json
from mastermind.bot.registry import APPS, commands
from ops import given, tokens
from ops.command_line import DryRun, RegionName, StackName, Yes  # noqa: TC001 # typer reads the annotations
from ops.discord import API, ApiUrl, ApplicationId, Discord, TokenParameter, TokenVariable, fail

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import httpx

    from devkit.json_types import ReadOnlyJson
    from ops.target import Target

ONLY_GLOBAL = ("contexts", "integration_types")
"""These have a meaning for global commands only: a guild's commands exist in that guild alone."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What differs: commands to create, to change (by their id) and to delete (by their id)."""

    create: tuple[ReadOnlyJson, ...] = ()
    change: tuple[tuple[str, ReadOnlyJson], ...] = ()
    delete: tuple[tuple[str, str], ...] = ()

    @property
    def is_empty(self) -> bool:
        return not (self.create or self.change or self.delete)

    def lines(self) -> Iterator[str]:
        """The plan for a person to read."""
        yield from (f"+ /{command['name']} is new" for command in self.create)
        yield from (f"~ /{command['name']} has changed" for _, command in self.change)
        yield from (f"- /{name} is deleted, with the permissions that admins set for it" for _, name in self.delete)


def compare(wanted: Sequence[ReadOnlyJson], registered: Sequence[ReadOnlyJson]) -> Plan:
    """The smallest plan that makes the registered commands the wanted ones. Changed ones keep id and permissions."""
    ours = {str(command["name"]): command for command in wanted}
    theirs = {str(one["name"]): one for one in registered if _is_ours(one)}
    return Plan(
        create=tuple(command for name, command in ours.items() if name not in theirs),
        change=tuple(
            (str(theirs[name]["id"]), ours[name])
            for name in ours
            if name in theirs and _essence(ours[name]) != _essence(theirs[name], like=ours[name])
        ),
        delete=tuple((str(command["id"]), name) for name, command in theirs.items() if name not in ours),
    )


def _is_ours(registered: ReadOnlyJson) -> bool:
    return registered.get("type", CHAT_INPUT) == CHAT_INPUT


def ids_parameter(app: str) -> str:
    """The parameter of the stack with the ids of an application's commands."""
    return f"{app.title()}CommandIds"


def wanted(app: str, *, everywhere: bool) -> tuple[ReadOnlyJson, ...]:
    """The registration of an application's commands; raises typer.Exit when one breaks Discord's limits."""
    found = commands(app)
    if broken := [problem for command in found for problem in problems(command)]:
        fail("\n".join(broken))
    left_out = () if everywhere else ONLY_GLOBAL
    return tuple({key: value for key, value in to_json(one).items() if key not in left_out} for one in found)


def register_line(target: Target, app: str) -> str:
    """The command line that registers an application's commands in its server."""
    return f".venv/bin/ops register {app} --stack {target.stack} --region {target.region}"


def _essence(value: object, like: object = None) -> object:
    """The part of a command that is compared: Discord adds ids and nulls, and omits what is false or empty.

    With `like`, only the top-level keys of it are compared.
    """
    if isinstance(value, list):
        return [_essence(part) for part in cast("list[object]", value)]
    if not isinstance(value, dict):
        return value
    kept = {key: _essence(part) for key, part in cast("dict[str, object]", value).items() if part not in _NOTHING}
    keys = _KEYS if like is None else _KEYS & cast("ReadOnlyJson", like).keys()
    return {key: part for key, part in kept.items() if key in keys}


_NOTHING: tuple[object, ...] = (None, False, [])
_KEYS = {
    "type", "name", "description", "default_member_permissions", "contexts", "integration_types", "options",
    "required", "autocomplete", "choices", "value", "min_value", "max_value", "min_length", "max_length",
}  # fmt: skip


@dataclass
class Registry:
    """Discord's list of an application's commands, in one server or (`guild_id` None) everywhere."""

    base_url: str
    application_id: int
    guild_id: int | None
    token: str = field(repr=False)
    wait: Callable[[float], None] = time.sleep

    def __post_init__(self) -> None:
        self._discord = Discord(self.base_url, self.application_id, self.token, self.wait)
        place = "" if self.guild_id is None else f"/guilds/{self.guild_id}"
        self._path = f"/applications/{self.application_id}{place}/commands"

    def read(self) -> list[ReadOnlyJson]:
        return cast("list[ReadOnlyJson]", self._demand("GET", "").json())

    def ids(self) -> dict[str, int]:
        """The id of each slash command, by name; messages link to it."""
        return {str(one["name"]): int(str(one["id"])) for one in self.read() if _is_ours(one)}

    def carry_out(self, plan: Plan) -> None:
        """Do what the plan says; deletions last, so that a failure before them loses nothing."""
        for command in plan.create:
            self._demand("POST", "", command)
        for command_id, command in plan.change:
            self._demand("PATCH", f"/{command_id}", command)
        for command_id, _ in plan.delete:
            self._demand("DELETE", f"/{command_id}")

    def _demand(self, method: str, path: str, body: ReadOnlyJson | None = None) -> httpx.Response:
        return self._discord.demand(method, self._path + path, body, hints=_HINTS)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self._discord.__exit__(*exception)


_HINTS = {
    404: "there is no such application, or it is not in this server.",
}


def register(
    app: Annotated[str, typer.Argument(parser=given.app, help=f"Which one: {' or '.join(APPS)}.")],
    *,
    stack: StackName = None,
    region: RegionName = None,
    application_id: ApplicationId = None,
    guild: Annotated[
        int | None,
        typer.Option(
            parser=given.discord_id,
            envvar="DISCORD_GUILD_ID",
            help="The server to register in. Default: as the stack has it.",
        ),
    ] = None,
    everywhere: Annotated[bool, typer.Option("--global", help="Register in every server, not in one.")] = False,
    token_variable: TokenVariable = None,
    token_parameter: TokenParameter = None,
    base_url: ApiUrl = API,
    dry_run: DryRun = False,
    yes: Yes = False,
) -> None:
    """Register an application's slash commands with Discord; only what differs is written.

    Application, server and bot token are those of the stack, unless they are given.
    """
    if application_id is None or (guild is None and not everywhere):
        known = tokens.log_in(app, stack, region, token_variable, token_parameter)
    else:
        known = tokens.Login(application_id, guild, tokens.demand(app, token_variable, token_parameter))
    its, where = application_id or known.application_id, None if everywhere else guild or known.guild_id
    with Registry(base_url, its, where, known.token) as registry:
        bring_up_to_date(registry, wanted(app, everywhere=everywhere), dry_run=dry_run, yes=yes)
        if not dry_run:
            typer.echo(f"For links in messages, deploy with {ids_parameter(app)}={command_ids.written(registry.ids())}")


def bring_up_to_date(registry: Registry, commands: Sequence[ReadOnlyJson], *, dry_run: bool, yes: bool) -> None:
    """Show what differs, and write it unless this is a dry run or the operator declines."""
    plan = compare(commands, registry.read())
    if plan.is_empty:
        typer.echo(f"All {len(commands)} commands are registered as they are declared.")
        return
    typer.echo("\n".join(plan.lines()))
    if dry_run:
        typer.echo("Nothing was written.")
        return
    if not yes:
        typer.confirm("Write this to Discord?", abort=True)
    registry.carry_out(plan)
    typer.echo("Done.")
