"""A client for Discord's API with a bot token: over TLS, and with Discord's rate limits."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated, NoReturn, Self
from urllib.parse import urlsplit

import httpx
import typer

from devkit.terminal import printable
from mastermind import __version__
from ops import given, refusals

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from devkit.json_types import ReadOnlyJson

API = "https://discord.com/api/v10"
ApiUrl = Annotated[str, typer.Option("--base-url", parser=given.api, help="Discord's API.")]

ApplicationId = Annotated[
    int | None,
    typer.Option(
        parser=given.discord_id, envvar="DISCORD_APPLICATION_ID", help="Its id. Default: as the stack has it."
    ),
]
TokenVariable = Annotated[
    str | None,
    typer.Option(
        parser=given.variable,
        help="The environment variable that holds the bot token. Default: DISCORD_BOT_TOKEN_MAIN or _TENSEY.",
        show_default=False,
    ),
]
TokenParameter = Annotated[
    str | None, typer.Option(parser=given.ssm_parameter, help="The SSM parameter to read it from instead.")
]

MOST_TRIES = 5
USUAL_REST, LONGEST_REST = 5.0, 60.0  # seconds; longer than this nobody sits before a terminal that says nothing


@dataclass
class Discord:
    """Discord's API for the bot of one application. `wait` gets the seconds of a Retry-After."""

    base_url: str
    application_id: int
    token: str = field(repr=False)
    wait: Callable[[float], None] = time.sleep

    def __post_init__(self) -> None:
        _refuse_to_leak(self.base_url)
        _refuse_what_is_no_token(self.token)
        self._http = httpx.Client(
            base_url=self.base_url.rstrip("/"),
            headers={"Authorization": f"Bot {self.token}", "User-Agent": _user_agent(self.application_id)},
            timeout=20,
            trust_env=not _is_here(self.base_url),
        )

    def ask(self, method: str, path: str, body: ReadOnlyJson | None = None) -> httpx.Response:
        """Discord's answer, also if it is an error; raises typer.Exit if there is none."""
        response = self._once(method, path, body)
        for _ in range(MOST_TRIES - 1):
            if response.status_code != HTTPStatus.TOO_MANY_REQUESTS:
                break
            self.wait(_rest(response))
            response = self._once(method, path, body)
        return response

    def demand(
        self, method: str, path: str, body: ReadOnlyJson | None = None, *, hints: Mapping[int, str] | None = None
    ) -> httpx.Response:
        """Discord's answer; raises typer.Exit for an error, with the hint for its status or with Discord's message."""
        response = self.ask(method, path, body)
        if not response.is_success:
            refused(response, hints or {})
        return response

    def _once(self, method: str, path: str, body: ReadOnlyJson | None) -> httpx.Response:
        try:
            return self._http.request(method, path, json=body)
        except httpx.TransportError as error:
            fail(f"Discord cannot be reached: {error}")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()


def _rest(response: httpx.Response) -> float:
    """The seconds that Discord wants us to wait; exits with a message when they are too many."""
    try:
        seconds = float(response.headers.get("Retry-After", USUAL_REST))
    except ValueError:  # a date, or several values that a proxy joined
        seconds = USUAL_REST
    if seconds > LONGEST_REST:
        fail(f"Discord takes no more requests from here for {seconds:,.0f} s. Try again after that.")
    return seconds


_TOKEN = re.compile(r"[\w.~+/=-]+", flags=re.ASCII)

_HINTS = {
    401: "the bot token is not valid. Copy it from the Developer Portal again.",
    429: "it takes no requests from this address for a while. Wait an hour, or use another network "
    "(docs/Troubleshooting.md, Discord refuses our address).",
}


def refused(response: httpx.Response, hints: Mapping[int, str]) -> NoReturn:
    """Exit with what Discord refused and a hint; without one for a 403, with the permission that the bot lacks."""
    status, request = response.status_code, response.request
    usual = refusals.words(request.method, request.url.path) if status == HTTPStatus.FORBIDDEN else response.text
    fail(f"Discord refused ({request.method}, {status}): {(_HINTS | dict(hints)).get(status, usual)}")


def fail(words: str) -> NoReturn:
    """Exit with a message for the operator; it may quote what others wrote."""
    typer.echo(printable(words), err=True)
    raise typer.Exit(1)


def from_parameter(name: str) -> str:
    """A secret in SSM; raises typer.Exit if it cannot be read."""
    import boto3
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        found = boto3.client("ssm").get_parameter(Name=name, WithDecryption=True)
    except (BotoCoreError, ClientError) as error:
        fail(f"The parameter {name} cannot be read: {error}")
    return found["Parameter"].get("Value", "").strip()


def _user_agent(application_id: int) -> str:
    """Discord requires a URL and a version in it."""
    return f"DiscordBot (https://discord.com/developers/applications/{application_id}, {__version__})"


def _refuse_to_leak(base_url: str) -> None:
    """A bot token is only sent over TLS or within this machine."""
    if urlsplit(base_url).scheme != "https" and not _is_here(base_url):
        fail("The bot token is only sent over https.")


def _refuse_what_is_no_token(token: str) -> None:
    """The HTTP library would print an invalid header, and the token with it."""
    if not _TOKEN.fullmatch(token):
        fail("The bot token has an invalid character, perhaps a line break: copy it from the Developer Portal again.")


def _is_here(base_url: str) -> bool:
    return urlsplit(base_url).hostname in given.HERE
