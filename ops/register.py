"""`ops register`: tells Discord which slash commands there are; compares first and writes only what differs."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated, NoReturn, Self, cast
from urllib.parse import urlsplit

import httpx
import typer

from mastermind import __version__
from mastermind.bot.catalogue import APPS, commands
from mastermind.bot.registration import problems, to_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

type Json = Mapping[str, object]

DISCORD = "https://discord.com/api/v10"
MOST_TRIES = 5
ONLY_GLOBAL = ("contexts", "integration_types")
"""Discord gives these a meaning for global commands only: a guild's commands are in that guild and nowhere else."""

CHAT_INPUT = 1
"""The type of slash commands; other types (a game's entry point, menus) are not ours to touch."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What differs: commands to create, to change (by their id) and to delete (by their id)."""

    create: tuple[Json, ...] = ()
    change: tuple[tuple[str, Json], ...] = ()
    delete: tuple[tuple[str, str], ...] = ()

    @property
    def is_empty(self) -> bool:
        return not (self.create or self.change or self.delete)

    def lines(self) -> Iterator[str]:
        """The plan for a person to read."""
        yield from (f"+ /{command['name']} is new" for command in self.create)
        yield from (f"~ /{command['name']} has changed" for _, command in self.change)
        yield from (f"- /{name} goes, with the permissions that admins gave it" for _, name in self.delete)


def compare(wanted: Sequence[Json], registered: Sequence[Json]) -> Plan:
    """The least that makes what is registered what is wanted. A changed command keeps its id and its permissions."""
    ours = {str(command["name"]): command for command in wanted}
    theirs = {str(one["name"]): one for one in registered if one.get("type", CHAT_INPUT) == CHAT_INPUT}
    return Plan(
        create=tuple(ours[name] for name in ours.keys() - theirs.keys()),
        change=tuple(
            (str(theirs[name]["id"]), ours[name])
            for name in ours.keys() & theirs.keys()
            if _essence(ours[name]) != _essence(theirs[name], like=ours[name])
        ),
        delete=tuple((str(theirs[name]["id"]), name) for name in theirs.keys() - ours.keys()),
    )


def wanted(app: str, *, everywhere: bool) -> tuple[Json, ...]:
    """The registration of an application's commands; raises typer.Exit when one breaks Discord's limits."""
    found = commands(app)
    if broken := [problem for command in found for problem in problems(command)]:
        _stop("\n".join(broken))
    left_out = () if everywhere else ONLY_GLOBAL
    return tuple({key: value for key, value in to_json(one).items() if key not in left_out} for one in found)


def _essence(value: object, like: object = None) -> object:
    """What counts of a command: Discord adds ids and nulls, and leaves out what is false or empty.

    With `like`, only the keys that stand there, at the top, are looked at.
    """
    if isinstance(value, list):
        return [_essence(part) for part in cast("list[object]", value)]
    if not isinstance(value, dict):
        return value
    kept = {key: _essence(part) for key, part in cast("dict[str, object]", value).items() if part not in _NOTHING}
    return {key: part for key, part in kept.items() if key in _KEYS and (like is None or key in cast("Json", like))}


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
        _refuse_to_leak(self.base_url)
        place = "" if self.guild_id is None else f"/guilds/{self.guild_id}"
        self._http = httpx.Client(
            base_url=f"{self.base_url.rstrip('/')}/applications/{self.application_id}{place}/commands",
            headers={"Authorization": f"Bot {self.token}", "User-Agent": _user_agent(self.application_id)},
            timeout=20,
            trust_env=not _is_here(self.base_url),
        )

    def read(self) -> list[Json]:
        return cast("list[Json]", self._ask("GET", "").json())

    def carry_out(self, plan: Plan) -> None:
        """Do what the plan says; deletions last, so that a failure before them loses nothing."""
        for command in plan.create:
            self._ask("POST", "", command)
        for command_id, command in plan.change:
            self._ask("PATCH", f"/{command_id}", command)
        for command_id, _ in plan.delete:
            self._ask("DELETE", f"/{command_id}")

    def _ask(self, method: str, path: str, body: Json | None = None) -> httpx.Response:
        """Ask Discord, as patiently as it demands; raises typer.Exit with its words when it refuses."""
        response = self._once(method, path, body)
        for _ in range(MOST_TRIES - 1):
            if response.status_code != HTTPStatus.TOO_MANY_REQUESTS:
                break
            self.wait(float(response.headers.get("Retry-After", "5")))
            response = self._once(method, path, body)
        if not response.is_success:
            hint = _HINTS.get(response.status_code, response.text)
            _stop(f"Discord refused ({method}, {response.status_code}): {hint}")
        return response

    def _once(self, method: str, path: str, body: Json | None) -> httpx.Response:
        try:
            return self._http.request(method, path, json=body)
        except httpx.TransportError as error:
            _stop(f"Discord cannot be reached: {error}")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()


_HINTS = {
    401: "the bot token is not valid. Copy it anew from the developer portal.",
    403: "the application may not have commands in this server. Was it installed with the scope applications.commands?",
    404: "there is no such application, or it is not in this server.",
}


def register(
    app: Annotated[str, typer.Argument(help=f"Which application: {' or '.join(APPS)}.")],
    *,
    application_id: Annotated[int, typer.Option(envvar="DISCORD_APPLICATION_ID", help="Its id.")],
    guild: Annotated[int | None, typer.Option(envvar="DISCORD_GUILD_ID", help="The server to register in.")] = None,
    everywhere: Annotated[bool, typer.Option("--global", help="Register in every server, not in one.")] = False,
    token_variable: Annotated[
        str, typer.Option(help="The environment variable that holds the bot token.")
    ] = "DISCORD_BOT_TOKEN",  # noqa: S107 (the name of a variable)
    token_parameter: Annotated[str | None, typer.Option(help="The SSM parameter to read it from instead.")] = None,
    base_url: Annotated[str, typer.Option(help="Discord's API.")] = DISCORD,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what differs and write nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Register an application's slash commands with Discord; only what differs is written."""
    if app not in APPS:
        _stop(f"There is no application {app}: it is {' or '.join(APPS)}.")
    if not everywhere and guild is None:
        _stop("Say in which server (--guild), or --global.")
    token = _token(token_variable, token_parameter)
    with Registry(base_url, application_id, None if everywhere else guild, token) as registry:
        _bring_up_to_date(registry, wanted(app, everywhere=everywhere), dry_run=dry_run, yes=yes)


def _bring_up_to_date(registry: Registry, commands: Sequence[Json], *, dry_run: bool, yes: bool) -> None:
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


def _token(variable: str, parameter: str | None) -> str:
    token = _from_parameter(parameter) if parameter else os.environ.get(variable, "")
    return token.strip() or _stop(f"The bot token is missing: set {variable}, or name a parameter (--token-parameter).")


def _from_parameter(name: str) -> str:
    import boto3
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        found = boto3.client("ssm").get_parameter(Name=name, WithDecryption=True)
    except (BotoCoreError, ClientError) as error:
        _stop(f"The parameter {name} cannot be read: {error}")
    return found["Parameter"].get("Value", "")


def _user_agent(application_id: int) -> str:
    """Discord wants to know where to find whoever calls."""
    return f"DiscordBot (https://discord.com/developers/applications/{application_id}, {__version__})"


def _refuse_to_leak(base_url: str) -> None:
    """A bot token travels over TLS, or not beyond this machine."""
    if urlsplit(base_url).scheme != "https" and not _is_here(base_url):
        _stop("The bot token is only sent over https.")


def _is_here(base_url: str) -> bool:
    return urlsplit(base_url).hostname in {"127.0.0.1", "localhost", "::1"}


def _stop(words: str) -> NoReturn:
    typer.echo(words, err=True)
    raise typer.Exit(1)
