"""Both applications by their tokens, and the server that both bots are in."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from mastermind.bot.registry import APPS
from ops import bot, template, tokens
from ops.asking import Refused
from ops.init import questions
from ops.init.discord_side import PORTAL, Account, Server, ThrownOut

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ops.init.draft import Draft, Setup
    from ops.target import Target

LOOK = 2.0  # seconds between two looks whether a bot was invited


def accounts(setup: Setup, target: Target) -> dict[str, Account]:
    """Both applications by their tokens, which are known already or asked for."""
    found: dict[str, Account] = {}
    for app in APPS:
        title = app.title()
        known = another(setup, target, app, found) or _known(setup, target, app, found)
        if not known and not found and not setup.draft.get("MainApplicationId"):
            setup.asking.say(f"\nTwo applications are needed, one for each bot: [link={PORTAL}]{PORTAL}[/]")
        account = known or questions.token(
            setup.asking, app, setup.base_url, found, setup.draft.get(f"{title}ApplicationId")
        )
        setup.draft.put(
            **{f"{title}ApplicationId": str(account.application_id), f"{title}PublicKey": account.public_key}
        )
        setup.asking.fine(f"{account.name} ({account.application_id}) is {questions.NAMES[app]}.")
        found[app] = account
    return found


def another(setup: Setup, target: Target, app: str, others: Mapping[str, Account]) -> Account | None:
    """The application in place of the one that the game has; None where it stays, or was replaced by an earlier run."""
    present = setup.draft.get(f"{app.title()}ApplicationId")
    if app != setup.replaced or target.parameters.get(f"{app.title()}ApplicationId") != present:
        return None
    return questions.another(setup.asking, app, setup.base_url, others, present)


def _known(setup: Setup, target: Target, app: str, others: Mapping[str, Account]) -> Account | None:
    """The application whose token is in a variable or with the stack, if that is the right one."""
    token = tokens.find(target, app)
    if not token:
        return None
    try:
        found = Account.of(app, token, setup.base_url)
        questions.refuse_another(found, others, setup.draft.get(f"{app.title()}ApplicationId"))
    except Refused as refused:
        setup.asking.note(f"The token that is known of {questions.NAMES[app]} is of no use. {refused}")
        return None
    return found


def needs(app: str, draft: Draft) -> dict[str, int]:
    """What a bot has to be invited with."""
    declared = {name: str(one.get("Default", "")) for name, one in template.own().parameters.items()}
    if app == "tensey":
        return dict(bot.POSTING)
    return bot.needed({**declared, **draft.settings.parameters}) | questions.WEBHOOKS | bot.POSTING


def _invite(setup: Setup, bots: Mapping[str, Account], guild_id: int | None) -> dict[int, str]:
    """The servers that both bots are in; prints the invitations and waits until there is one."""
    asking, told = setup.asking, set[str]()
    while True:
        there = {app: account.servers() for app, account in bots.items()}
        shared = {one: name for one, name in there["main"].items() if one in there["tensey"]}
        if guild_id in shared or (guild_id is None and shared):
            return shared if guild_id is None else {guild_id: shared[guild_id]}
        missing = [app for app in APPS if (guild_id not in there[app] if guild_id else not there[app])]
        for app in missing or list(APPS):
            if app not in told:
                told.add(app)
                asking.say(f"\nOpen this to invite {bots[app].name}:")
                asking.say(f"  {bots[app].link(needs(app, setup.draft), guild_id)}")
        with asking.console.status("[dim]waiting until both bots are in one server; Ctrl-C stops[/]"):
            time.sleep(LOOK)


def servers(setup: Setup, bots: Mapping[str, Account]) -> dict[str, Server]:
    """The server as each bot sees it; a bot that was thrown out is waited for."""
    draft = setup.draft
    guild_id = draft.settings.discord_id("GuildId")
    there = _invite(setup, bots, None if draft.again else guild_id)
    if guild_id is None or draft.again:
        guild_id = next(iter(there)) if len(there) == 1 else questions.server(setup.asking, there)
        draft.put(GuildId=str(guild_id))
    setup.asking.fine(f"Both are in {there[guild_id]}.")
    while True:
        try:
            return {app: Server.of(account, guild_id) for app, account in bots.items()}
        except ThrownOut as gone:
            setup.asking.note(str(gone))
            _invite(setup, bots, guild_id)
