"""Checks of the main application's bot: its token, its permissions, and whether Discord wants it to wait."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, cast

from pydantic import ValidationError

from mastermind.discord.permissions import ADMINISTRATOR
from mastermind.operations.outbox import state as states
from ops import bot, queries, smoke
from ops.checks.findings import fine, noted, skipped, wrong
from ops.discord import Discord
from ops.target import TargetError, call_aws

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ops.checks.findings import Context, Finding

WHAT = "bot"
STORE = "Set DISCORD_BOT_TOKEN_MAIN and store it: `.venv/bin/ops token`."


def checks(context: Context) -> Iterator[Finding]:
    token = _stored(context)
    if token is None:
        name = context.target.output("BotTokenParameter")
        words = (
            f"{name} is not stored: the game answers, and does nothing by itself (no direct messages, roles or edits)"
        )
        yield noted(WHAT, words, STORE)
        return
    yield from _at_discord(context, token)
    yield from _patience(context)


def said(context: Context) -> Iterator[Finding]:
    """What Discord refused, or nobody knows of; without texts."""
    what, guide = "what the game says", "docs/Troubleshooting.md, What the game says is late."
    answer = queries.said(context.target)
    for one in answer.lacks:
        words = f"since {one.since:%Y-%m-%d %H:%M} UTC the bot's role lacks {one.lacks}"
        yield wrong(what, words, "Give the role that right: Server Settings, Roles, or the channel's permissions.")
    for one in answer.trouble:
        discord = f", Discord answered {one.status} with code {one.code}" if one.status else ""
        reason = f" ({one.reason})" if one.reason else ""
        words = f"{one.times} x {one.kind} {one.state}, the last {one.last_at:%Y-%m-%d %H:%M} UTC{discord}{reason}"
        yield noted(what, f"{words}: {one.newest}", guide)
    if not answer.lacks and not answer.trouble:
        yield fine(what, "nothing was refused or lost")


def chosen(context: Context) -> Iterator[Finding]:
    """What admins have chosen in Discord instead of what the deploy sets, and what of it is not in force."""
    what, guide = "settings in Discord", "`/admin settings`; docs/rules/settings.md."
    found = queries.chosen(context.target)
    if differing := [f"{one.name} is {one.value}" for one in found if one.value]:
        yield noted(what, f"differ from the deploy: {', '.join(differing)}", guide)
    for one in found:
        if one.refused:
            yield noted(what, f"{one.name} is not {one.asked}, because {one.refused}", guide)
    if not found:
        yield fine(what, "all are as the deploy sets them")


def _stored(context: Context) -> str | None:
    name, ssm = context.target.output("BotTokenParameter"), context.target.client("ssm")
    try:
        kept = call_aws(lambda: ssm.get_parameter(Name=name, WithDecryption=True))["Parameter"]
    except TargetError as error:
        if "ParameterNotFound" in str(error):
            return None
        raise
    if kept["Type"] != "SecureString":
        raise TargetError(f"{name} is a {kept['Type']}: the secret is not encrypted. Delete it, and store it again")
    return str(kept["Value"]).strip()


def _at_discord(context: Context, token: str) -> Iterator[Finding]:
    """Whether Discord accepts the token, and what the bot may not do that a feature needs."""
    here = smoke.place(context.target, "main")
    local = (context.target.endpoints or {}).get("discord_api_url")
    with Discord(str(local or context.discord), here.application_id, token) as discord:
        known = discord.ask("GET", "/applications/@me")
        if not known.is_success:
            yield wrong(WHAT, f"Discord answers {known.status_code} to its token", f"It was rotated? {STORE}")
            return
        if int(known.json()["id"]) != here.application_id:
            fix = f"Store the main application's own. {STORE}"
            yield wrong(WHAT, f"the token is that of {known.json()['id']}", fix)
            return
        member = discord.ask("GET", f"/guilds/{here.guild_id}/members/{known.json()['bot']['id']}")
        roles = discord.ask("GET", f"/guilds/{here.guild_id}/roles")
    invite = "Open the link that `.venv/bin/ops invite` prints."
    if not member.is_success or not roles.is_success:
        yield wrong(WHAT, f"it is not in the server (Discord answers {member.status_code})", invite)
        return
    held = rights(cast("list[str]", member.json()["roles"]), cast("list[Any]", roles.json()), str(here.guild_id))
    needed = {} if held & ADMINISTRATOR else bot.needed(context.target.parameters)
    lacks = [name for name, bit in needed.items() if not held & bit]
    if lacks:
        yield wrong(WHAT, f"it lacks {', '.join(lacks)} in the server: Discord refuses with 50013 or 50001", invite)
    else:
        yield fine(WHAT, "its token is stored, and it may do what the features need")


def rights(held: list[str], roles: list[Any], guild_id: str) -> int:
    """The permissions that roles give, @everyone's among them."""
    found = 0
    for role in roles:
        if role["id"] in {*held, guild_id}:
            found |= int(role["permissions"])
    return found


def _patience(context: Context) -> Iterator[Finding]:
    """What the outbox has stored of Discord's answers."""
    bucket, s3 = context.target.output("ExportBucketName"), context.target.client("s3")
    try:
        kept = call_aws(lambda: s3.get_object(Bucket=bucket, Key=states.KEY))
        state = states.STATE.validate_json(kept["Body"].read())
    except (TargetError, ValidationError):
        yield skipped("requests to Discord", "none was refused so far")
        return
    now = time.time()
    what, guide = "requests to Discord", "docs/Troubleshooting.md, Discord is not asked."
    found = [
        *([f"our address is blocked for {state.blocked - now:.0f} s"] if state.blocked > now else []),
        *([f"Discord wants the bot to wait for {state.paused - now:.0f} s"] if state.paused > now else []),
        *([f"{route} is left alone: Discord refuses it" for route, until in state.stops.items() if until > now]),
    ]
    if state.off > now:
        yield wrong(what, "Discord does not accept the bot token that was stored then", STORE)
    elif found:
        yield noted(what, "; ".join(found), guide)
    else:
        yield fine(what, "nothing waits and no route is closed")
