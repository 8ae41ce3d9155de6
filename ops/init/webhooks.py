"""The webhooks that the game posts to. `ops rotate-webhook` replaces one whose URL others may know."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, cast

import httpx
import typer

from mastermind.gateways.webhooks import UNKNOWN, webhook_url
from ops import given, tokens
from ops.asking import Refused
from ops.checks.outside import stored_webhook
from ops.command_line import RegionName, StackName, Yes, confirm, find_game
from ops.discord import API, ApiUrl, TokenVariable, fail
from ops.init.discord_side import Account
from ops.target import TargetError, call_aws

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ops.target import Target

PURPOSES = {"announcements": "announcements", "admins": "admins", "alerts": "admins"}
"""The kinds of webhooks, and the channel of the settings in which each is."""

NONE_THERE = "Discord does not know the webhook that is stored: `.venv/bin/ops init` makes another, and stores it."


def rotate_webhook(
    kind: Annotated[
        str, typer.Argument(parser=given.one_of(PURPOSES, "is no webhook"), help=f"Which: {', '.join(PURPOSES)}.")
    ],
    *,
    stack: StackName = None,
    region: RegionName = None,
    base_url: ApiUrl = API,
    token_variable: TokenVariable = None,
    yes: Yes = False,
) -> None:
    """Replace a webhook: makes another in its channel, stores it, deletes the old one, and tries that.

    Nothing is lost: the game uses the new one as soon as Discord refuses the old one. Safe to run again at any point.
    """
    with closing(find_game(stack, region)) as target:
        if target.is_local:
            fail("A local game posts to a stand-in, whose address nobody else can use.")
        try:
            main = Account.of("main", tokens.demand("main", token_variable, None, target), base_url)
            confirm(f"Replace the webhook of {kind} of {target}?", yes=yes)
            Webhook(target, main, kind).rotate()
        except (Refused, TargetError) as trouble:
            fail(str(trouble))


@dataclass(frozen=True, slots=True)
class Webhook:
    """A webhook of the main application, and where its URL is stored. Every method may raise TargetError."""

    target: Target
    main: Account
    kind: str

    @property
    def parameter(self) -> str:
        return self.target.output(f"{self.kind.title()}Parameter")

    def ensure(self, channel: str) -> None:
        """There is one in that channel; a stored one that is there stays."""
        if self._channel_of(self._stored) == channel:
            typer.echo(f"{self.kind}: its webhook is there.")
            return
        # one that an earlier run made and could not store
        self._store(next(self._ours_in(channel), "") or self._made_in(channel))

    def rotate(self) -> None:
        """Another one in its channel; typer.Exit when there is none, or when Discord still knows the old one."""
        old = self._stored
        channel = self._channel_of(old) or fail(NONE_THERE)
        new = self._made_in(channel)
        _, _, thread = old.partition("?")
        self._store(f"{new}?{thread}" if thread else new)
        for one in {_address(old), *self._ours_in(channel)} - {new}:  # those of runs that were broken off
            _delete(one)
        if _ask("GET", _address(old)).status_code not in UNKNOWN:
            fail("Discord still knows the old one: delete it in the channel's settings, Integrations.")
        typer.echo("Discord refuses the old one.")

    @property
    def _stored(self) -> str:
        return webhook_url(stored_webhook(self.target, self.parameter) or "") or ""

    def _channel_of(self, url: str) -> str:
        """The channel of a webhook that Discord knows; empty if there is none."""
        if not url or not url.startswith(self.main.base_url.rpartition("/api")[0]):
            return ""
        shown = _ask("GET", url)
        return str(cast("dict[str, Any]", shown.json()).get("channel_id", "")) if shown.is_success else ""

    def _ours_in(self, channel: str) -> Iterator[str]:
        with self.main.discord as discord:
            shown = discord.demand("GET", f"/channels/{channel}/webhooks").json()
        ours = (one for one in shown if one.get("application_id") == str(self.main.application_id))
        return (self._url(one) for one in ours if one["name"] == self._name and one.get("token"))

    def _made_in(self, channel: str) -> str:
        with self.main.discord as discord:
            return self._url(discord.demand("POST", f"/channels/{channel}/webhooks", {"name": self._name}).json())

    def _store(self, url: str) -> None:
        ssm = self.target.client("ssm")
        call_aws(lambda: ssm.put_parameter(Name=self.parameter, Value=url, Type="SecureString", Overwrite=True))
        typer.echo(f"{self.kind}: a webhook of {self.main.name}, stored as {self.parameter}.")

    @property
    def _name(self) -> str:
        """People see it until a message brings its own."""
        return f"Mastermind {self.kind}"

    def _url(self, shown: Mapping[str, Any]) -> str:
        return f"{self.main.base_url.rstrip('/')}/webhooks/{shown['id']}/{shown['token']}"


def _address(url: str) -> str:
    """Without the thread."""
    return url.partition("?")[0]


def _delete(url: str) -> None:
    answer = _ask("DELETE", url)
    if not answer.is_success and answer.status_code not in UNKNOWN:
        fail(f"Discord does not delete the old one ({answer.status_code}): do it in the channel's settings.")


def _ask(method: str, url: str) -> httpx.Response:
    """Discord's answer to who knows the URL of a webhook; the URL itself is never shown."""
    try:
        return httpx.request(method, url, timeout=10, trust_env=not url.startswith("http://127.0.0.1:"))
    except httpx.HTTPError as error:
        fail(f"Discord cannot be reached: {type(error).__name__}")
