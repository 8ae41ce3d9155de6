"""The steps of `ops init`: each checks the present state first, and does what is missing."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

import typer

from ops import adopting, backup, buttons, deploy, parameters, queries, recovery, tokens
from ops.button_messages import State
from ops.button_poster import Poster
from ops.discord import fail, refused
from ops.init import webhooks
from ops.target import SERVING_STATUSES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from ops.deploy import Release, Step
    from ops.init.discord_side import Account
    from ops.target import Target

TRIES, PAUSE = 4, 5.0
"""How often Discord is asked to call a new API, which needs a moment, and seconds in between."""

ENDPOINT_REFUSED = 400


@dataclass(frozen=True, slots=True)
class Making:
    """A game that is made, or gone on with. `channels` are ids by what they are for."""

    target: Target
    accounts: Mapping[str, Account]
    release: Release
    channels: Mapping[str, str]
    base_url: str
    buttons: Path
    built: bool = False

    def steps(self) -> Iterator[Step]:
        yield "look", self._clear_the_way
        if self.needs_deploy():
            yield self.release.preflight
            yield "tokens", self._store_tokens
            yield from self.release.releasing(built=self.built)
        else:
            yield "tokens", self._store_tokens
            yield "deploy", lambda: typer.echo("It serves with these settings. A new version: `.venv/bin/ops deploy`.")
        yield from self.release.settling()
        yield "webhooks", self._make_webhooks
        yield "URLs", self._set_urls
        yield "register", lambda: deploy.register(self.target, self.base_url, yes=True)
        yield "backup", self._first_backup
        yield "buttons", self._post_buttons
        yield "settings", lambda: adopting.keep_channels(self.target, self.channels)
        yield "smoke", lambda: deploy.play(self.target)

    # --- the stack ---

    def _clear_the_way(self) -> None:
        recovery.wait_and_clear(self.target, yes=self.release.yes)
        if self.needs_deploy() and any(one.startswith("DatabaseSnapshot=") for one in self.release.parameters):
            fail(FROM_A_SNAPSHOT)

    def needs_deploy(self) -> bool:
        """Whether the stack does not serve, or has other parameters than the settings."""
        if recovery.status_of(self.target) not in SERVING_STATUSES:
            return True
        wanted = parameters.effective(self.target.parameters, self.release.parameters)
        return any(self.target.parameters.get(name) != value for name, value in wanted.items())

    def _store_tokens(self) -> None:
        for app, account in self.accounts.items():
            if tokens.stored(self.target, app) == account.token:
                typer.echo(f"{account.name}'s token is stored.")
            else:
                typer.echo(f"{account.name}'s token is stored as {tokens.store(self.target, app, account.token)}.")

    # --- Discord ---

    def _make_webhooks(self) -> None:
        for kind, purpose in webhooks.PURPOSES.items():
            webhooks.Webhook(self.target, self.accounts["main"], kind).ensure(self.channels[purpose])

    def _set_urls(self) -> None:
        for app, account in self.accounts.items():
            url = self.target.output(f"{app.title()}InteractionsUrl")
            if _set_url(account, url):
                typer.echo(f"{account.name}: Discord has called {url}, and got the right answers.")
            else:
                typer.echo(f"{account.name}: Discord knows its URL.")

    def _post_buttons(self) -> None:
        for account in self.accounts.values():
            with account.discord as discord:
                bot, app = buttons.bot_of(discord)
                poster = Poster(discord, bot, State(self.buttons, str(account.application_id)))
                if placements := buttons.all_in(app, self.channels):
                    buttons.bring_up_to_date(poster, placements, dry_run=False, yes=True)

    # --- the first backup ---

    def _first_backup(self) -> None:
        if found := queries.snapshots(self.target):
            typer.echo(f"There is one: {found[-1]}.")
        else:
            backup.show(backup.make(self.target), is_local=False)


FROM_A_SNAPSHOT = (
    "The database is to be made of a snapshot: `.venv/bin/ops deploy` first, then repeat the deletions"
    " (docs/Deployment.md, From a snapshot to a new stack). Then this goes on."
)


def _set_url(account: Account, url: str) -> bool:
    """Have Discord send interactions there, if it does not yet; it tries a PING and a forged one at once."""
    with account.discord as discord:
        if discord.demand("GET", "/applications/@me").json().get("interactions_endpoint_url") == url:
            return False
        for _ in range(TRIES):
            answer = discord.ask("PATCH", "/applications/@me", {"interactions_endpoint_url": url})
            if answer.status_code != ENDPOINT_REFUSED:
                break
            time.sleep(PAUSE)
        else:
            _not_answered(account, url)
    return answer.is_success or refused(answer, {})


def _not_answered(account: Account, url: str) -> NoReturn:
    fail(
        f"Discord does not take {url} for {account.name}: it calls it at once, and wants a"
        f" right answer to its PING and 401 to a forged one. `.venv/bin/ops doctor` says what the game answers,"
        f" `.venv/bin/ops logs interactions-{account.app} --errors` why."
    )
