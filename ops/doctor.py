"""`ops doctor`: looks at everything a deployed game hangs on, says what is wrong, and how to mend it."""

from __future__ import annotations

import os
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, cast
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import httpx
import typer
from rich.console import Console
from rich.markup import escape

from devkit.template import Template
from mastermind import config
from mastermind.errors import ConfigError
from mastermind.operations.health import rules as health
from ops import figures, smoke
from ops.discord import API, Discord
from ops.register import TOKENS, compare, register_line, wanted
from ops.world import SIGN_IN, STANDS, AsJson, Missing, RegionName, StackName, World, asked, find, say_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from devkit.discord_client import Place
    from mastermind.operations.health.rules import Facts

APPS = ("main", "tensey")

SILENT_AFTER = timedelta(minutes=11)
"""Without a check for so long the health check itself is to be doubted: two of its periods, and a minute."""

DISCORDS = ("discord.com", "discordapp.com", "ptb.discord.com", "canary.discord.com")


class State(StrEnum):
    """What a look at something came to."""

    FINE = "fine"
    WRONG = "wrong"
    UNSEEN = "not looked at"


@dataclass(frozen=True, slots=True)
class Finding:
    """What was looked at, how it is, and what mends it when it is wrong."""

    what: str
    state: State
    words: str
    mend: str = ""


def fine(what: str, words: str) -> Finding:
    return Finding(what, State.FINE, words)


def wrong(what: str, words: str, mend: str) -> Finding:
    return Finding(what, State.WRONG, words, mend)


def unseen(what: str, words: str) -> Finding:
    return Finding(what, State.UNSEEN, words)


@dataclass(frozen=True, slots=True)
class Patient:
    """Who is looked at, and with what: the bot tokens by application, Discord's API, and this machine's clock."""

    world: World
    tokens: Mapping[str, str]
    discord: str = API
    now: Callable[[], datetime] = lambda: datetime.now(UTC)


def doctor(
    *,
    stack: StackName = None,
    region: RegionName = None,
    base_url: Annotated[str, typer.Option(help="Discord's API.")] = API,
    as_json: AsJson = False,
) -> None:
    """Say what is wrong with a deployed game, and how to mend it; changes nothing.

    With the bot tokens in DISCORD_BOT_TOKEN_MAIN and DISCORD_BOT_TOKEN_TENSEY it looks at the applications as well.
    """
    tokens = {app: os.environ.get(name, "").strip() for app, name in TOKENS.items()}
    with closing(find(stack, region)) as world:
        found = tuple(examine(Patient(world, tokens, base_url)))
    show(found, as_json=as_json)
    if any(one.state is State.WRONG for one in found):
        raise typer.Exit(1)


def show(found: Sequence[Finding], *, as_json: bool) -> None:
    if as_json:
        return say_json([asdict(one) for one in found])
    console, marks = Console(highlight=False, soft_wrap=True), {State.FINE: "[green]✓[/]", State.WRONG: "[red]✗[/]"}
    for one in found:
        console.print(f"{marks.get(one.state, '[dim]-[/]')} [bold]{one.what}[/]: {escape(one.words)}")
        if one.mend:
            console.print(f"    [yellow]→[/] {escape(one.mend)}")
    bad = sum(one.state is State.WRONG for one in found)
    wrong_things = "1 thing is wrong" if bad == 1 else f"{bad} things are wrong"
    return console.print(f"\n[red]{wrong_things}.[/]" if bad else "\n[green]Nothing is wrong.[/]")


def examine(patient: Patient) -> Iterator[Finding]:
    """Everything that is found. Without credentials or a stack there is nothing more to see."""
    for what, look in (("credentials", _credentials), ("stack", _stack)):
        found = looked(what, look, patient)
        yield from found
        if any(one.state is State.WRONG for one in found):
            return
    for what, look in CHECKS.items():
        yield from looked(what, look, patient)


def looked(what: str, look: Callable[[Patient], Iterator[Finding]], patient: Patient) -> list[Finding]:
    try:
        return list(look(patient))
    except Missing as missing:
        mend = MENDS.get(what, "If the credentials may not ask this, use ones that may; otherwise deploy again.")
        return [wrong(what, str(missing), mend)]


# --- the ground it stands on ---


def _credentials(patient: Patient) -> Iterator[Finding]:
    who = asked(lambda: patient.world.client("sts").get_caller_identity())
    yield fine("credentials", f"{who['Arn']}, in {patient.world.region}")


def _stack(patient: Patient) -> Iterator[Finding]:
    status = patient.world.description["StackStatus"]
    if status not in STANDS:
        yield wrong("stack", f"{patient.world} is {status}", _mend_stack(status))
    else:
        yield fine("stack", f"{patient.world} is {status}")


def _mend_stack(status: str) -> str:
    if status.endswith("IN_PROGRESS"):
        return "Wait until CloudFormation is done."
    if status == "UPDATE_ROLLBACK_FAILED":
        return "Mend the cause that its events name, then `aws cloudformation continue-update-rollback`."
    return "See the stack's events for the first failure; a stack that never stood is deleted and deployed anew."


def _parameters(patient: Patient) -> Iterator[Finding]:
    """The template's own rules were held by CloudFormation; here is what no pattern can say."""
    declared = Template.read(figures.ROOT / "template.yaml").parameters
    known = patient.world.parameters
    problems = list(_problems(known, patient.world))
    if new := sorted(declared.keys() - known.keys()):
        problems.append((f"the stack does not know {', '.join(new)} yet", "Deploy this version."))
    if gone := sorted(known.keys() - declared.keys()):
        problems.append(
            (f"the stack still has {', '.join(gone)}", "Deploy this version, or check out the one that runs.")
        )
    yield from (wrong("parameters", words, mend) for words, mend in problems)
    if not problems:
        yield fine("parameters", f"all {len(declared)} make sense")


def _problems(known: Mapping[str, str], world: World) -> Iterator[tuple[str, str]]:
    portal = "Copy each from its own application's page in the Developer Portal, and deploy."
    for what in ("ApplicationId", "PublicKey"):
        if known.get(f"Main{what}") == known.get(f"Tensey{what}"):
            yield f"main and tensey have the same {what}", portal
    zone = known.get("TimeZone", "")
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError):
        yield f"TimeZone is {zone}, which is no IANA zone", "Deploy with one like Europe/Berlin."
    if int(known.get("DatabaseStorageLimit", "100")) < 1.1 * int(known.get("DatabaseStorage", "20")):
        yield "DatabaseStorageLimit is not a tenth above DatabaseStorage", "Raise it: RDS refuses less."
    for app, its in (world.known or {}).get("apps", {}).items():
        if its["public_key"] != known.get(f"{app.title()}PublicKey"):
            yield f"the stack has another key for {app} than this cloud", "`make run` again, or `make run FRESH=1`."


READERS: Mapping[str, tuple[Callable[[Mapping[str, str]], object], ...]] = {
    "interactions-main": (config.read_discord, config.read_game, config.read_database, config.read_export_bucket),
    "interactions-tensey": (
        config.read_discord,
        config.read_game,
        config.read_database,
        lambda environ: config.read_queue_url(environ, config.XP_AWARDS_QUEUE_URL),
    ),
    "xp-award": (
        config.read_database,
        config.read_announced,
        lambda environ: config.read_queue_url(environ, config.NOTICES_QUEUE_URL),
    ),
    "notify": (config.read_announcements_parameter, config.read_alerts),
    "healthcheck": (config.read_health,),
    "backup": (config.read_backup,),
    "migrate-gate": (config.read_gate,),
}
"""What each function reads of its environment when it starts."""


def _settings(patient: Patient) -> Iterator[Finding]:
    bad = [problem for function in READERS for problem in _unreadable(patient.world, function)]
    mend = "Somebody changed it by hand: deploy again, and change settings by the stack's parameters only."
    yield from (wrong("settings", problem, mend) for problem in bad)
    if not bad:
        yield fine("settings", f"{len(READERS)} functions can read theirs")


def _unreadable(world: World, function: str) -> Iterator[str]:
    name = world.function(function)
    found = asked(lambda: world.client("lambda").get_function_configuration(FunctionName=name))
    environ = found.get("Environment", {}).get("Variables", {})
    for read in READERS[function]:
        try:
            read(environ)
        except ConfigError as error:
            yield f"{function}: {error}"
    for app in APPS:
        key = world.parameters.get(f"{app.title()}PublicKey", "")
        if function == f"interactions-{app}" and environ.get("DISCORD_PUBLIC_KEY", key) != key:
            yield f"{function}: DISCORD_PUBLIC_KEY is not the stack's {app.title()}PublicKey"


# --- what answers ---


def _endpoints(patient: Patient) -> Iterator[Finding]:
    for app in APPS:
        tried = smoke.forged(patient.world, app)
        what = f"endpoint of {app}"
        if tried.trouble:
            yield wrong(what, tried.trouble, "Docs: Troubleshooting, The API answers 5xx. A 2xx: take the deploy back.")
        else:
            yield fine(what, f"refuses a forged signature, in {tried.seconds:.2f} s")


def _database(patient: Patient) -> Iterator[Finding]:
    facts = figures.facts(patient.world)
    used = f"{facts.connections} of {facts.connection_limit} connections are in use"
    if facts.connections > health.MOST_CONNECTIONS * facts.connection_limit:
        yield wrong("database", used, "Docs: Troubleshooting, The database runs short.")
    else:
        yield fine("database", f"answers; {used}")
    yield _migrations(facts)
    awards = health.judged_facts(facts)[1:]
    late = {"awards": "Docs: Troubleshooting, Awards are late.", "ledger": "Docs: Troubleshooting, The ledger drifts."}
    for one in awards:
        yield fine(one.name, one.words) if one.healthy else wrong(one.name, one.words, late[one.name])


def _migrations(facts: Facts) -> Finding:
    here = figures.newest_migration()
    if facts.migration < facts.needed:
        words = f"the database has {facts.migration:03}, the code that runs needs {facts.needed:03}"
        return wrong(
            "migrations", words, "`.venv/bin/ops migrate`; if it fails, `.venv/bin/ops logs migrate` shows why."
        )
    if facts.migration < here:
        words = f"the database has {facts.migration:03}, this checkout goes on to {here:03}"
        return wrong("migrations", words, "`.venv/bin/ops deploy` this version, or check out the one that runs.")
    return fine("migrations", f"the database has {facts.migration:03}, the code needs {facts.needed:03}")


# --- queues and schedules ---

TAKERS = {"XpAwards": "xp-award", "Notices": "notify", "Alarms": "notify", "Jobs": "backup"}
"""Which function takes a queue's messages."""


def _queues(patient: Patient) -> Iterator[Finding]:
    world = patient.world
    problems = [one for name in TAKERS for one in _queue_problems(world, name, world.output(f"{name}Url"))]
    yield from (wrong("queues", words, mend) for words, mend in problems)
    if not problems:
        yield fine("queues", f"{len(TAKERS)} are there, and are taken from")


def _queue_problems(world: World, name: str, url: str) -> Iterator[tuple[str, str]]:
    attributes = asked(lambda: world.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["All"]))[
        "Attributes"
    ]
    delay, wish = attributes.get("DelaySeconds", "0"), world.parameters.get("XpDelaySeconds", "60")
    if name == "XpAwards" and delay != wish:
        yield f"XpAwards delays by {delay} s, and XpDelaySeconds is {wish}", "Deploy again: somebody changed the queue."
    taker = world.function(TAKERS[name])
    mappings = asked(
        lambda: world.client("lambda").list_event_source_mappings(
            FunctionName=taker, EventSourceArn=attributes["QueueArn"]
        )
    )["EventSourceMappings"]
    on = [one for one in mappings if one["EventSourceArn"] == attributes["QueueArn"]]
    if not any(one["State"] in {"Enabled", "Enabling", "Creating"} for one in on):
        states = ", ".join(one["State"] for one in on) or "missing"
        mend = f"`aws lambda update-event-source-mapping --enabled --uuid {on[0]['UUID'] if on else '...'}`, or deploy."
        yield f"nobody takes from {name}: its event source mapping is {states}", mend


def _dead_letters(patient: Patient) -> Iterator[Finding]:
    full = {name: count for name, count in figures.dead_letters(patient.world).items() if count}
    if full:
        words = ", ".join(f"{count} in {name}" for name, count in full.items())
        mend = "`.venv/bin/ops awards` shows them; fix the cause, then `.venv/bin/ops awards --redrive`."
        yield wrong("dead letters", words, mend)
    else:
        yield fine("dead letters", "none")


def _schedules(patient: Patient) -> Iterator[Finding]:
    world = patient.world
    schedules = world.client("scheduler")
    found = asked(lambda: schedules.list_schedules(GroupName=world.stack))["Schedules"]
    states = {one["Name"].removeprefix(f"{world.stack}-"): one["State"] for one in found}
    expected = {"xp-award-sweep", "healthcheck", "backup", "backup-again"}
    off = sorted(name for name in states.keys() | expected if states.get(name) != "ENABLED")
    for name in off:
        words = f"the schedule of {name} is {states.get(name, 'missing').lower()}"
        yield wrong("schedules", words, "Enable it in EventBridge Scheduler, or deploy again.")
    if not off:
        yield fine("schedules", f"{', '.join(sorted(states))} run")


# --- the word from outside ---


def _webhooks(patient: Patient) -> Iterator[Finding]:
    for kind in ("announcements", "alerts"):
        yield _webhook(patient.world, kind)


def _webhook(world: World, kind: str) -> Finding:
    name = world.output(f"{kind.title()}Parameter")
    what = f"webhook of {kind}"
    put = f"aws ssm put-parameter --overwrite --type SecureString --name {name} --value file:///dev/stdin"
    store = f'`read -rs WEBHOOK_URL; printf %s "$WEBHOOK_URL" | {put}`'
    try:
        kept = asked(lambda: world.client("ssm").get_parameter(Name=name, WithDecryption=True))["Parameter"]
    except Missing:
        lost = "announcements are dropped" if kind == "announcements" else "alerts come by e-mail only"
        return wrong(what, f"{name} is not stored: {lost}", f"Make a webhook in your channel's settings, then {store}")
    if kept["Type"] != "SecureString":
        return wrong(what, f"{name} is a {kept['Type']}: the secret lies in the open", f"Delete it, then {store}")
    if problem := _webhook_problem(str(kept["Value"]).strip()):
        return wrong(what, problem, f"Make a new webhook in your channel's settings, then {store}")
    return fine(what, f"{name} is stored, and its webhook is known")


def _webhook_problem(url: str) -> str:
    """What is wrong with it; never the URL itself, which is a secret."""
    parts = urlsplit(url)
    if not parts.path.startswith("/api/") or "/webhooks/" not in parts.path:
        return "what is stored is no URL of a webhook of Discord's"
    is_discords = parts.scheme == "https" and parts.hostname in DISCORDS
    if not is_discords and parts.hostname != "127.0.0.1":
        return f"the URL leads to {parts.hostname}, not to Discord"
    try:
        status = httpx.get(url, timeout=10, trust_env=is_discords).status_code
    except httpx.HTTPError as error:
        return f"the webhook cannot be reached: {type(error).__name__}"
    return "" if status == 200 else f"Discord does not know the webhook (it answers {status})"


def _applications(patient: Patient) -> Iterator[Finding]:
    for app in APPS:
        what = f"application {app}"
        if patient.tokens.get(app):
            yield from _application(patient, app, what)
        elif patient.world.is_local:
            yield unseen(what, "the local cloud is its own Discord")
        else:
            yield unseen(what, f"without its bot token in {TOKENS[app]} nobody can look at it")


def _application(patient: Patient, app: str, what: str) -> Iterator[Finding]:
    here = smoke.place(patient.world, app)
    with Discord(patient.discord, here.application_id, patient.tokens[app]) as discord:
        response = discord.ask("GET", "/applications/@me")
        if not response.is_success:
            mend = f"Copy the bot token anew from the Developer Portal into {TOKENS[app]}."
            yield wrong(what, f"Discord answers {response.status_code} to its token", mend)
            return
        problems = list(_mismatches(patient.world, app, response.json()))
        problems += _unregistered(discord, app, here)
    yield from (wrong(what, words, mend) for words, mend in problems)
    if not problems:
        yield fine(what, "its id, key, URL and commands are ours")


def _mismatches(world: World, app: str, shown: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    known, title = world.parameters, app.title()
    if shown["id"] != known.get(f"{title}ApplicationId"):
        yield f"the token is that of application {shown['id']}", f"Put {app}'s own token into {TOKENS[app]}."
        return
    if shown.get("verify_key", "").lower() != known.get(f"{title}PublicKey", "").lower():
        yield "Discord has another public key", f"Deploy with {title}PublicKey as the Developer Portal shows it."
    url, ours = shown.get("interactions_endpoint_url") or "not set", world.output(f"{title}InteractionsUrl")
    if url != ours:
        yield f"its interactions endpoint URL is {url}", f"Set it to {ours} in the Developer Portal."


def _unregistered(discord: Discord, app: str, here: Place) -> list[tuple[str, str]]:
    path = f"/applications/{here.application_id}/guilds/{here.guild_id}/commands"
    response = discord.ask("GET", path)
    if not response.is_success:
        mend = "Invite it again with the scope applications.commands, or correct GuildId."
        return [(f"Discord answers {response.status_code} for its commands in the server", mend)]
    plan = compare(wanted(app, everywhere=False), cast("list[Any]", response.json()))
    mend = f"`{register_line(here, app)}`"
    return [] if plan.is_empty else [(f"commands differ: {'; '.join(plan.lines())}", mend)]


def _clock(patient: Patient) -> Iterator[Finding]:
    asked_at = patient.now()
    try:
        response = httpx.get(patient.world.url("HealthUrl"), timeout=15, trust_env=not patient.world.endpoint_url)
        date = parsedate_to_datetime(response.headers["Date"]).astimezone(UTC)
    except (httpx.HTTPError, KeyError, ValueError) as error:
        raise Missing(f"the API tells no time: {type(error).__name__}") from None
    probe = health.judged_clock(date, asked_at, patient.now())
    if probe.healthy:
        yield fine("clock", f"this machine's and AWS's are {probe.words} of each other")
    else:
        yield wrong("clock", f"this machine's clock is {probe.words}", "Set it (NTP): AWS refuses what is signed late.")


# --- what watches ---


def _watch(patient: Patient) -> Iterator[Finding]:
    world = patient.world
    state = figures.health_state(world)
    if state.at is None:
        yield unseen("health check", "it has not looked yet; it comes every five minutes")
    elif patient.now() - state.at > SILENT_AFTER:
        words = f"it last looked at {state.at:%Y-%m-%d %H:%M} UTC"
        yield wrong("health check", words, "Docs: Troubleshooting, The health check is silent.")
    elif not state.is_healthy:
        failing = "; ".join(f"{one.name}: {one.words}" for one in state.failing)
        yield wrong(
            "health check", f"unhealthy since {state.since}: {failing}", "Docs: Troubleshooting names each probe."
        )
    else:
        yield fine("health check", f"found the game well at {state.at:%H:%M} UTC")
    ringing = figures.alarms(world, "ALARM")
    if ringing:
        yield wrong("alarms", f"ringing: {', '.join(ringing)}", "Each names its section of docs/Troubleshooting.md.")
    else:
        yield fine("alarms", "none rings")


def _snapshot(patient: Patient) -> Iterator[Finding]:
    newest = figures.newest_snapshot(patient.world)
    probe = health.judged_snapshot(newest, patient.now())
    mend = "Docs: Troubleshooting, The game is not healthy (snapshot). Make one by hand, then find out why."
    yield fine("snapshot", probe.words) if probe.healthy else wrong("snapshot", probe.words, mend)


CHECKS: Mapping[str, Callable[[Patient], Iterator[Finding]]] = {
    "parameters": _parameters,
    "settings": _settings,
    "endpoints": _endpoints,
    "database": _database,
    "queues": _queues,
    "dead letters": _dead_letters,
    "schedules": _schedules,
    "webhooks": _webhooks,
    "applications": _applications,
    "clock": _clock,
    "health check": _watch,
    "snapshot": _snapshot,
}

MENDS = {
    "credentials": SIGN_IN,
    "stack": "Name and region right? `aws cloudformation list-stacks` lists them. A new one: `.venv/bin/ops deploy`.",
    "database": "Is the instance available (RDS console)? Locally: is PostgreSQL held by the page's mischief? "
    "Docs: Troubleshooting, The game is not healthy.",
    "queues": "A queue is gone: deploy again. What it held is the sweep's to heal.",
    "clock": "Is the API reachable from here? See the endpoints above.",
}
