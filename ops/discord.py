"""Discord's API as the operator's tool uses it: with a bot token, over TLS, and as patiently as Discord demands."""

from __future__ import annotations

import os
import re
import time
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, NoReturn, Self
from urllib.parse import urlsplit

import httpx
import typer

from mastermind import __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from devkit.json_types import ReadOnlyJson

API = "https://discord.com/api/v10"
MOST_TRIES = 5


@dataclass
class Discord:
    """Discord, asked by one application's bot. `wait` (seconds) is called when Discord asks for patience."""

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
        """Discord's answer, be it a refusal; raises typer.Exit when there is none."""
        response = self._once(method, path, body)
        for _ in range(MOST_TRIES - 1):
            if response.status_code != HTTPStatus.TOO_MANY_REQUESTS:
                break
            self.wait(float(response.headers.get("Retry-After", "5")))
            response = self._once(method, path, body)
        return response

    def demand(
        self, method: str, path: str, body: ReadOnlyJson | None = None, *, hints: Mapping[int, str] | None = None
    ) -> httpx.Response:
        """Discord's answer; raises typer.Exit when it refuses, with the hint for its status or with its own words."""
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


_TOKEN = re.compile(r"[\w.~+/=-]+", flags=re.ASCII)

_WRONG_TOKEN = {401: "the bot token is not valid. Copy it anew from the developer portal."}


def refused(response: httpx.Response, hints: Mapping[int, str]) -> NoReturn:
    """End with what Discord has refused and what may help."""
    status = response.status_code
    hint = (_WRONG_TOKEN | dict(hints)).get(status, response.text)
    fail(f"Discord refused ({response.request.method}, {status}): {hint}")


def read_token(variable: str, parameter: str | None) -> str:
    """The bot token, from a parameter of SSM when one is named, else from a variable; raises typer.Exit without one."""
    token = _from_parameter(parameter) if parameter else os.environ.get(variable, "")
    return token.strip() or fail(f"The bot token is missing: set {variable}, or name a parameter (--token-parameter).")


def fail(words: str) -> NoReturn:
    """End the tool with an explanation."""
    typer.echo(words, err=True)
    raise typer.Exit(1)


def _from_parameter(name: str) -> str:
    import boto3
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        found = boto3.client("ssm").get_parameter(Name=name, WithDecryption=True)
    except (BotoCoreError, ClientError) as error:
        fail(f"The parameter {name} cannot be read: {error}")
    return found["Parameter"].get("Value", "")


def _user_agent(application_id: int) -> str:
    """Discord wants to know where to find whoever calls."""
    return f"DiscordBot (https://discord.com/developers/applications/{application_id}, {__version__})"


def _refuse_to_leak(base_url: str) -> None:
    """A bot token travels over TLS, or not beyond this machine."""
    if urlsplit(base_url).scheme != "https" and not _is_here(base_url):
        fail("The bot token is only sent over https.")


def _refuse_what_is_no_token(token: str) -> None:
    """What cannot stand in a header would be told in full by whoever refuses to send it."""
    if not _TOKEN.fullmatch(token):
        fail("The bot token holds what no token holds, a line break perhaps: copy it anew from the developer portal.")


def _is_here(base_url: str) -> bool:
    return urlsplit(base_url).hostname in {"127.0.0.1", "localhost", "::1"}
