"""Checks of the game's services: both endpoints, the database, the queues and the schedules."""

from __future__ import annotations

import time
from base64 import b64decode
from typing import TYPE_CHECKING

from mastermind.bot.registry import APPS
from mastermind.operations import runbook
from mastermind.operations.health import probing
from mastermind.operations.health import rules as health
from mastermind.pictures.figures import Balance, Card, Person, Run
from mastermind.records import as_dict
from ops import queries, smoke, throttle
from ops.target import Target, call_aws

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mastermind.operations.health.rules import Facts
    from ops.checks.findings import Context, Finding

from ops.checks.findings import fine, wrong

SCHEDULES = {"xp-award-sweep", "relay", "healthcheck", "backup"}
"""The schedules (template.yaml), by the name after the stack's."""


def endpoints(context: Context) -> Iterator[Finding]:
    for app in APPS:
        tried = smoke.forged(context.target, app)
        what = f"endpoint of {app}"
        if tried.problem:
            yield wrong(
                what,
                tried.problem,
                f"A 2xx: roll the deploy back. Otherwise: {context.what_to_do(runbook.PROBES[app])}",
            )
        else:
            yield fine(what, f"refuses a forged signature, in {tried.seconds:.2f} s")


def throttled(context: Context) -> Iterator[Finding]:
    """What was lowered in a flood is easily forgotten."""
    if held := throttle.lowered(throttle.read(context.target)):
        words = f"not as the template says: {', '.join(held)}"
        yield wrong("throttle", words, "Is the flood over? `.venv/bin/ops throttle normal` puts it back.")
    else:
        yield fine("throttle", "the API accepts what the template says")


def database(context: Context) -> Iterator[Finding]:
    facts = queries.facts(context.target)
    used = f"{facts.connections} of {facts.connection_limit} connections are in use"
    if facts.connections > health.MOST_CONNECTIONS * facts.connection_limit:
        yield wrong("database", used, context.what_to_do(runbook.DOWN))
    else:
        yield fine("database", f"answers; {used}")
    yield _migrations(facts)
    for one in probing.of_facts(facts)[1:]:
        what, fix = one.name.replace("_", " "), context.what_to_do(runbook.PROBES[one.name])
        yield fine(what, one.words) if one.healthy else wrong(what, one.words, fix)


SAMPLE = Card(
    person=Person(0, "The doctor"),
    title="Sample",
    color=0x5DADE2,
    level=1,
    xp=250,
    gained=250,
    span=500,
    rank=1,
    members=1,
    run=Run(1, 1, 0, ()),
    balance=Balance("Templar", 1, 1),
    challenges=1,
    milestone=10,
)
"""A card of nobody."""


def pictures(context: Context) -> Iterator[Finding]:
    """Have a small one drawn, where pictures are on."""
    if context.target.parameters.get("DrawPictures") == "off":
        yield fine("pictures", "are off: answers and messages have words alone")
        return
    began = time.perf_counter()
    drawn = context.target.invoke("pictures", as_dict(SAMPLE))
    size, seconds = len(b64decode(str(drawn.get("png")))), time.perf_counter() - began
    yield fine("pictures", f"are drawn: {size:,} bytes in {seconds:.2f} s")


def _migrations(facts: Facts) -> Finding:
    here = queries.newest_migration()
    if facts.migration < facts.needed:
        words = f"the database has {facts.migration:03}, the code that runs needs {facts.needed:03}"
        return wrong(
            "migrations", words, "`.venv/bin/ops migrate`; if it fails, `.venv/bin/ops logs migrate` shows why."
        )
    if facts.migration < here:
        words = f"the database has {facts.migration:03}, this checkout has {here:03}"
        return wrong("migrations", words, "`.venv/bin/ops deploy` this version, or check out the one that runs.")
    return fine("migrations", f"the database has {facts.migration:03}, the code needs {facts.needed:03}")


CONSUMERS = {
    "XpAwards": "xp-award",
    "Notices": "notify",
    "Alarms": "notify",
    "Jobs": "backup",
    "HandOvers": "outbox",
    "Edits": "outbox",
    "OutboxDue": "relay",
    "OutboxResults": "relay",
}
"""The function that consumes each queue."""


def queues(context: Context) -> Iterator[Finding]:
    target = context.target
    problems = [one for name in CONSUMERS for one in _queue_problems(target, name, target.output(f"{name}Url"))]
    yield from (wrong("queues", words, fix) for words, fix in problems)
    if not problems:
        yield fine("queues", f"{len(CONSUMERS)} exist and have a consumer")


def _queue_problems(target: Target, name: str, url: str) -> Iterator[tuple[str, str]]:
    attributes = call_aws(lambda: target.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["All"]))[
        "Attributes"
    ]
    delay, wanted = attributes.get("DelaySeconds", "0"), target.parameters.get("XpDelaySeconds", "60")
    if name == "XpAwards" and delay != wanted:
        yield f"XpAwards delays by {delay} s, but XpDelaySeconds is {wanted}", "Deploy again: the queue was changed."
    consumer = target.function(CONSUMERS[name])
    mappings = call_aws(
        lambda: target.client("lambda").list_event_source_mappings(
            FunctionName=consumer, EventSourceArn=attributes["QueueArn"]
        )
    )["EventSourceMappings"]
    on = [one for one in mappings if one["EventSourceArn"] == attributes["QueueArn"]]
    if not any(one["State"] in {"Enabled", "Enabling", "Creating"} for one in on):
        states = ", ".join(one["State"] for one in on) or "missing"
        fix = f"`aws lambda update-event-source-mapping --enabled --uuid {on[0]['UUID'] if on else '...'}`, or deploy."
        yield f"{name} has no consumer: its event source mapping is {states}", fix


def dead_letters(context: Context) -> Iterator[Finding]:
    full = {name: count for name, count in queries.dead_letters(context.target).items() if count}
    if full:
        words = ", ".join(f"{count} in {name}" for name, count in full.items())
        fix = "`.venv/bin/ops queue-look` shows them; fix the cause, then `.venv/bin/ops queue-redrive`."
        yield wrong("dead letters", words, fix)
    else:
        yield fine("dead letters", "none")


def schedules(context: Context) -> Iterator[Finding]:
    target = context.target
    schedules = target.client("scheduler")
    found = call_aws(lambda: schedules.list_schedules(GroupName=target.stack))["Schedules"]
    states = {one["Name"].removeprefix(f"{target.stack}-"): one["State"] for one in found}
    off = sorted(name for name in states.keys() | SCHEDULES if states.get(name) != "ENABLED")
    for name in off:
        words = f"the schedule of {name} is {states.get(name, 'missing').lower()}"
        yield wrong("schedules", words, "Enable it in EventBridge Scheduler, or deploy again.")
    if not off:
        yield fine("schedules", f"enabled: {', '.join(sorted(states))}")
