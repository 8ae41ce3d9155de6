"""Checks of the stack itself: credentials, status, parameters, and the settings of each function."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from devkit import function_settings
from mastermind import config
from mastermind.bot.registry import APPS
from mastermind.errors import ConfigError
from mastermind.game.settings import content as time_zones
from ops import protection, template
from ops.target import SERVING_STATUSES, Target, call_aws

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ops.checks.findings import Context, Finding

from ops.checks.findings import fine, wrong


def credentials(context: Context) -> Iterator[Finding]:
    who = call_aws(lambda: context.target.client("sts").get_caller_identity())
    yield fine("credentials", f"{who['Arn']}, in {context.target.region}")


def stack(context: Context) -> Iterator[Finding]:
    status = context.target.description["StackStatus"]
    if status not in SERVING_STATUSES:
        yield wrong("stack", f"{context.target} is {status}", _stack_fix(status))
    else:
        yield fine("stack", f"{context.target} is {status}")


def _stack_fix(status: str) -> str:
    if status.endswith("IN_PROGRESS"):
        return "Wait until CloudFormation is done."
    return "`.venv/bin/ops deploy` says what failed first, and offers the way on."


UNPROTECTED_FOR = timedelta(days=1)
"""So long a stack may be without protection: its first deploy must be able to fail."""


def protected(context: Context) -> Iterator[Finding]:
    """Our deploy protects what it has made. Somebody who deploys with `sam deploy` alone may have forgotten it."""
    target = context.target
    if target.is_local or context.now() - target.description["CreationTime"] < UNPROTECTED_FOR:
        return
    if lacks := protection.lacking(target):
        yield wrong("protection", f"to do: {'; '.join(lacks)}", "`.venv/bin/ops deploy` turns all protection on.")
    else:
        yield fine("protection", "neither the stack nor its database can be deleted or replaced by accident")


def parameters(context: Context) -> Iterator[Finding]:
    """What CloudFormation cannot check with the patterns and rules of the template."""
    declared = template.own().parameters
    known = context.target.parameters
    problems = [*contradictions(known), *_strange_keys(known, context.target)]
    if new := sorted(declared.keys() - known.keys()):
        problems.append((f"the stack does not have {', '.join(new)} yet", "Deploy this version."))
    if gone := sorted(known.keys() - declared.keys()):
        problems.append(
            (f"the stack still has {', '.join(gone)}", "Deploy this version, or check out the one that runs.")
        )
    yield from (wrong("parameters", words, fix) for words, fix in problems)
    if not problems:
        yield fine("parameters", f"all {len(declared)} are valid")


def contradictions(known: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """What the template's own patterns and rules cannot find in these parameters, and how to fix it."""
    portal = "Copy each from its own application's page in the Developer Portal, and deploy."
    for what in ("ApplicationId", "PublicKey"):
        if (main := known.get(f"Main{what}")) and main == known.get(f"Tensey{what}"):
            yield f"main and tensey have the same {what}", portal
    zone = known.get("TimeZone", "")
    if zone not in time_zones.known():
        yield f"TimeZone is {zone}, which is not an IANA time zone", "Deploy with one like Europe/Berlin."
    if int(known.get("DatabaseStorageLimit", "100")) < 1.1 * int(known.get("DatabaseStorage", "20")):
        yield "DatabaseStorageLimit is not a tenth above DatabaseStorage", "Raise it: RDS refuses less."
    yield from _of_start(known)
    yield from _of_restore(known)


def _of_start(known: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """What Lambda refuses, the first in a rule of the template too: there CloudFormation says it later."""
    waiting, reserved = int(known.get("ProvisionedConcurrency", "0")), int(known.get("ReservedConcurrency", "-1"))
    if waiting and known.get("SnapStart") == "on":
        yield "SnapStart is on and ProvisionedConcurrency is not 0, which exclude each other", "Turn one of them off."
    if 0 <= reserved < waiting:
        words = f"ProvisionedConcurrency is {waiting}, but ReservedConcurrency allows {reserved} processes"
        yield words, "Reserve at least as many, or provision fewer."


def _of_restore(known: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """RDS keeps the owner's password of a database that was made of a snapshot, for each instance in another secret."""
    if known.get("DatabaseSnapshot") and known.get("DatabaseResourceId") and not known.get("OwnerSecretArn"):
        words = "DatabaseResourceId names a restored instance, and OwnerSecretArn does not name its owner's secret"
        yield words, "Deploy with both, as `.venv/bin/ops restore` writes them into the settings."


def _strange_keys(known: Mapping[str, str], target: Target) -> Iterator[tuple[str, str]]:
    for app, its in (target.endpoints or {}).get("apps", {}).items():
        if its["public_key"] != known.get(f"{app.title()}PublicKey"):
            yield f"the stack has another key for {app} than this cloud", "`make run` again, or `make run FRESH=1`."


def owner(context: Context) -> Iterator[Finding]:
    """Who may correct the XP of a single admin (docs/rules/access.md, Acts on somebody)."""
    known = context.target.parameters.get("OwnerId", "0")
    if known == "0":
        fix = "Deploy with OwnerId, the Discord id of the person who runs the game."
        yield wrong("owner", "OwnerId is 0: without a second admin, nobody can correct an admin's XP", fix)
    else:
        yield fine("owner", f"OwnerId is {known}")


SET_BY_LAMBDA = {"AWS_REGION": "any"}
READ = {name.replace("_", "-"): kinds for name, kinds in function_settings.FUNCTIONS.items() if name != "migrate"}
"""What each function reads from its environment; the runner of the migrations gets the database from its gate."""


def settings(context: Context) -> Iterator[Finding]:
    bad = [problem for function in READ for problem in _unreadable(context.target, function)]
    fix = "Somebody changed it by hand: deploy again, and change settings only by parameters of the stack."
    yield from (wrong("settings", problem, fix) for problem in bad)
    if not bad:
        yield fine("settings", f"{len(READ)} functions can read their settings")


def _unreadable(target: Target, function: str) -> Iterator[str]:
    name = target.function(function)
    found = call_aws(lambda: target.client("lambda").get_function_configuration(FunctionName=name))
    environ = found.get("Environment", {}).get("Variables", {})
    for kind in READ[function]:
        try:
            config.read(kind, SET_BY_LAMBDA | environ)
        except ConfigError as error:
            yield f"{function}: {error}"
    for app in APPS:
        key = target.parameters.get(f"{app.title()}PublicKey", "")
        if function == f"interactions-{app}" and environ.get("DISCORD_PUBLIC_KEY", key) != key:
            yield f"{function}: DISCORD_PUBLIC_KEY is not the stack's {app.title()}PublicKey"
