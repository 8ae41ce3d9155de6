"""Checks of what is outside the stack: Discord's webhooks and applications, and the clocks."""

from __future__ import annotations

from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, cast

import httpx

from mastermind.bot.registry import APPS
from mastermind.gateways.webhooks import webhook_url
from mastermind.operations.health import probing
from ops import smoke
from ops.discord import Discord
from ops.register import compare, register_line, wanted
from ops.target import Target, TargetError, call_aws

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ops.checks.findings import Context, Finding

from ops.checks.findings import fine, skipped, wrong


def webhooks(context: Context) -> Iterator[Finding]:
    for kind in ("announcements", "admins", "alerts"):
        yield _webhook(context.target, kind)


def _webhook(target: Target, kind: str) -> Finding:
    name = target.output(f"{kind.title()}Parameter")
    what = f"webhook of {kind}"
    put = f"aws ssm put-parameter --overwrite --type SecureString --name {name} --value file:///dev/stdin"
    store = f'`read -rs WEBHOOK_URL; printf %s "$WEBHOOK_URL" | {put}`'
    try:
        kept = _kept(target, name)
    except TargetError:
        if kind == "admins":
            return skipped(what, f"{name} is not stored: moderators are mentioned in the channel of the alerts")
        lost = "announcements are dropped" if kind == "announcements" else "alerts come by e-mail only"
        return wrong(what, f"{name} is not stored: {lost}", f"Make a webhook in your channel's settings, then {store}")
    if kept["Type"] != "SecureString":
        return wrong(what, f"{name} is a {kept['Type']}: the secret is not encrypted", f"Delete it, then {store}")
    if problem := _webhook_problem(str(kept["Value"])):
        return wrong(what, problem, f"Make a new webhook in your channel's settings, then {store}")
    return fine(what, f"{name} is stored, and its webhook exists")


def _kept(target: Target, name: str) -> Mapping[str, Any]:
    return call_aws(lambda: target.client("ssm").get_parameter(Name=name, WithDecryption=True))["Parameter"]


def stored_webhook(target: Target, name: str) -> str | None:
    """What is stored there encrypted; None if nothing is."""
    try:
        kept = _kept(target, name)
    except TargetError as error:
        if "ParameterNotFound" in str(error):
            return None
        raise
    return str(kept["Value"]) if kept["Type"] == "SecureString" else None


def _webhook_problem(stored: str) -> str:
    """What is wrong with what is stored. Never the URL itself: it is a secret."""
    url = webhook_url(stored)
    if url is None:
        return "what is stored is not the URL of a Discord webhook"
    try:
        status = httpx.get(url, timeout=10, trust_env=not url.startswith("http://127.0.0.1:")).status_code
    except httpx.HTTPError as error:
        return f"the webhook cannot be reached: {type(error).__name__}"
    return "" if status == 200 else f"Discord does not know the webhook (it answers {status})"


def applications(context: Context) -> Iterator[Finding]:
    for app in APPS:
        what = f"application {app}"
        if context.tokens.get(app):
            yield from _application(context, app, what)
        elif context.target.is_local:
            yield skipped(what, "the local cloud stands in for Discord")
        else:
            yield skipped(what, f"its bot token is not known: `.venv/bin/ops token {app}` stores it")


def _application(context: Context, app: str, what: str) -> Iterator[Finding]:
    here = smoke.place(context.target, app)
    with Discord(context.discord, here.application_id, context.tokens[app]) as discord:
        response = discord.ask("GET", "/applications/@me")
        if not response.is_success:
            fix = f"Reset it in the Developer Portal, and store it again: `.venv/bin/ops token {app}`."
            yield wrong(what, f"Discord answers {response.status_code} to its token", fix)
            return
        problems = list(_mismatches(context.target, app, response.json()))
        problems += _unregistered(context.target, discord, app)
    yield from (wrong(what, words, fix) for words, fix in problems)
    if not problems:
        yield fine(what, "its id, key, URL and commands match")


def _mismatches(target: Target, app: str, shown: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    known, title = target.parameters, app.title()
    if shown["id"] != known.get(f"{title}ApplicationId"):
        yield f"the token is that of application {shown['id']}", f"Store {app}'s own: `.venv/bin/ops token {app}`."
        return
    if shown.get("verify_key", "").lower() != known.get(f"{title}PublicKey", "").lower():
        yield "Discord has another public key", "`.venv/bin/ops init` takes it from Discord, and deploys it."
    url, ours = shown.get("interactions_endpoint_url") or "not set", target.output(f"{title}InteractionsUrl")
    if url != ours:
        yield f"its interactions endpoint URL is {url}", f"`.venv/bin/ops init` gives Discord {ours}."


def _unregistered(target: Target, discord: Discord, app: str) -> list[tuple[str, str]]:
    here = smoke.place(target, app)
    path = f"/applications/{here.application_id}/guilds/{here.guild_id}/commands"
    response = discord.ask("GET", path)
    if not response.is_success:
        fix = "Invite it again with the scope applications.commands, or correct GuildId."
        return [(f"Discord answers {response.status_code} for its commands in the server", fix)]
    plan = compare(wanted(app, everywhere=False), cast("list[Any]", response.json()))
    fix = f"`{register_line(target, app)}`"
    return [] if plan.is_empty else [(f"commands differ: {'; '.join(plan.lines())}", fix)]


def moderators(context: Context) -> Iterator[Finding]:
    """Whether Discord notifies the moderators of somebody in need: it does of a role that may be mentioned."""
    what, role_id = "moderators", context.target.parameters.get("ModeratorRoleId", "0")
    if role_id == "0":
        yield skipped(what, "ModeratorRoleId is 0: nobody is notified of somebody in need, only the channel shows it")
    elif context.tokens.get("tensey"):
        yield _role(context, what, role_id)
    else:
        yield skipped(what, "Tensey's bot token is not known, so their role is not looked at")


def _role(context: Context, what: str, role_id: str) -> Finding:
    here = smoke.place(context.target, "tensey")
    with Discord(context.discord, here.application_id, context.tokens["tensey"]) as discord:
        response = discord.ask("GET", f"/guilds/{here.guild_id}/roles")
    if not response.is_success:
        return skipped(what, f"Discord answers {response.status_code} for the server's roles: is Tensey in it?")
    role = next((one for one in cast("list[Any]", response.json()) if one["id"] == role_id), None)
    if role is None:
        fix = "Deploy with ModeratorRoleId, the id of a role of your server."
        return wrong(what, f"the server has no role {role_id}", fix)
    if not role["mentionable"]:
        fix = "Server Settings, Roles, the role: allow anyone to @mention this role."
        return wrong(what, "their role may not be mentioned: nobody is notified of somebody in need", fix)
    return fine(what, "their role exists and may be mentioned")


def clock(context: Context) -> Iterator[Finding]:
    asked_at = context.now()
    try:
        response = httpx.get(context.target.url("HealthUrl"), timeout=15, trust_env=not context.target.endpoint_url)
        date = parsedate_to_datetime(response.headers["Date"]).astimezone(UTC)
    except (httpx.HTTPError, KeyError, ValueError) as error:
        raise TargetError(f"the API sends no Date header: {type(error).__name__}") from None
    probe = probing.of_clock(date, asked_at, context.now())
    if probe.healthy:
        yield fine("clock", f"this machine's clock and AWS's are {probe.words} of each other")
    else:
        yield wrong(
            "clock", f"this machine's clock is {probe.words}", "Set it (NTP): AWS refuses a wrong signing time."
        )
