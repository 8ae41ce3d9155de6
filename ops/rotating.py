"""`ops rotate-token`: replaces a bot token that somebody else may know, and proves that the old one is refused."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Annotated

import typer

from mastermind.bot.registry import APPS
from ops import given, smoke, tokens
from ops.asking import Asking, Question, Refused, Terminal
from ops.command_line import RegionName, StackName, Yes, confirm, find_game
from ops.discord import API, ApiUrl, Discord, TokenVariable, fail
from ops.init import questions
from ops.init.discord_side import PORTAL, Account
from ops.target import TargetError
from ops.terminal import Console

if TYPE_CHECKING:
    from ops.target import Target

UNAUTHORIZED = 401
EFFECT = {
    "main": "The game uses it within five minutes, and says then what waited. `.venv/bin/ops doctor` looks.",
    "tensey": "Nothing of the game uses it; this tool does from now on.",
}


def rotate_token(
    app: Annotated[str, typer.Argument(parser=given.app, help=f"Whose: {' or '.join(APPS)}.")] = "main",
    *,
    stack: StackName = None,
    region: RegionName = None,
    base_url: ApiUrl = API,
    token_variable: TokenVariable = None,
    yes: Yes = False,
) -> None:
    """Replace a bot token: says where to press Reset Token, checks the new one, stores it, and tries the old one.

    Members notice nothing: commands need no token. Press Ctrl-C and run it again at any point.
    """
    console = Console(highlight=False, soft_wrap=True)
    asking = Asking(Terminal(console), console)
    with closing(find_game(stack, region)) as target:
        try:
            rotate(asking, target, app, base_url, given_token=tokens.from_variable(app, token_variable), yes=yes)
        except KeyboardInterrupt:
            fail(f"\nStopped. `.venv/bin/ops rotate-token {app}` goes on here.")
        except (Refused, TargetError) as trouble:
            fail(str(trouble))


def rotate(asking: Asking, target: Target, app: str, base_url: str, *, given_token: str, yes: bool) -> None:
    """Raises Refused or TargetError; typer.Exit when Discord still accepts the old token."""
    place, old = smoke.place(target, app), tokens.stored(target, app)

    def read(typed: str) -> Account:
        if typed == old:
            raise Refused("This is the token that is stored. Press Reset Token first; Discord shows the new one once.")
        found = Account.of(app, typed, base_url)
        questions.refuse_another(found, {}, str(place.application_id))
        return found

    if given_token:
        new = read(given_token)
    else:
        page = f"{PORTAL}/{place.application_id}/bot"
        asking.say(f"Open [link={page}]{page}[/] and press [bold]Reset Token[/]. The old token stops at once.")
        new = asking.ask(
            Question(f"token of {app}", "The new token? (What you paste is not shown.)", read, is_secret=True)
        )
    confirm(f"Store it as {tokens.name_of(target, app)}, in {target}?", yes=yes)
    asking.fine(f"Stored as {tokens.store(target, app, new.token)}. {EFFECT[app]}")
    if old:
        _try_old(asking, old, base_url)


def _try_old(asking: Asking, old: str, base_url: str) -> None:
    with Discord(base_url, 0, old) as discord:
        answer = discord.ask("GET", "/applications/@me")
    if answer.status_code != UNAUTHORIZED:
        fail(f"Discord still accepts the old token ({answer.status_code}): somebody else can use it. Reset it again.")
    asking.fine("Discord refuses the old one.")
