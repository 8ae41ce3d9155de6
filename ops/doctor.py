"""`ops doctor`: checks every part of a deployed game, and says what is wrong and how to fix it."""

from __future__ import annotations

import os
from contextlib import closing
from dataclasses import asdict
from typing import TYPE_CHECKING

import typer
from rich.console import Console
from rich.markup import escape

from ops.checks import monitoring, outside, services
from ops.checks import stack as stack_checks
from ops.checks.findings import Context, State, wrong
from ops.discord import API, ApiUrl
from ops.register import TOKENS
from ops.target import SIGN_IN, AsJson, RegionName, StackName, TargetError, find_target, print_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from ops.checks.findings import Finding

    type Check = Callable[[Context], Iterator[Finding]]

FIRST: Mapping[str, Check] = {"credentials": stack_checks.credentials, "stack": stack_checks.stack}
"""If one of these fails, no other check is run."""

CHECKS: Mapping[str, Check] = {
    "parameters": stack_checks.parameters,
    "owner": stack_checks.owner,
    "settings": stack_checks.settings,
    "endpoints": services.endpoints,
    "database": services.database,
    "queues": services.queues,
    "dead letters": services.dead_letters,
    "schedules": services.schedules,
    "webhooks": outside.webhooks,
    "applications": outside.applications,
    "moderators": outside.moderators,
    "clock": outside.clock,
    "health check": monitoring.health_check,
    "snapshot": monitoring.snapshot,
}

FIXES = {
    "credentials": SIGN_IN,
    "stack": "Name and region right? `aws cloudformation list-stacks` lists them. A new one: `.venv/bin/ops deploy`.",
    "database": "Is the instance available (RDS console)? Locally: did you stop PostgreSQL on the page (Mischief)? "
    "docs/Troubleshooting.md, The game is down.",
    "queues": "A queue is missing: deploy again. The sweep applies the awards that were in it.",
    "clock": "Can the API be reached from here? See the endpoints above.",
}
"""What to do when a check cannot be run."""


def doctor(
    *,
    stack: StackName = None,
    region: RegionName = None,
    base_url: ApiUrl = API,
    as_json: AsJson = False,
) -> None:
    """Say what is wrong with a deployed game and how to fix it. Changes nothing.

    With the bot tokens in DISCORD_BOT_TOKEN_MAIN and DISCORD_BOT_TOKEN_TENSEY it checks the applications as well.
    """
    tokens = {app: os.environ.get(name, "").strip() for app, name in TOKENS.items()}
    with closing(find_target(stack, region)) as target:
        found = tuple(run_checks(Context(target, tokens, base_url)))
    show(found, as_json=as_json)
    if any(one.state is State.WRONG for one in found):
        raise typer.Exit(1)


def show(found: Sequence[Finding], *, as_json: bool) -> None:
    if as_json:
        return print_json([asdict(one) for one in found])
    console, marks = Console(highlight=False, soft_wrap=True), {State.FINE: "[green]✓[/]", State.WRONG: "[red]✗[/]"}
    for one in found:
        console.print(f"{marks.get(one.state, '[dim]-[/]')} [bold]{one.what}[/]: {escape(one.words)}")
        if one.fix:
            console.print(f"    [yellow]→[/] {escape(one.fix)}")
    bad = sum(one.state is State.WRONG for one in found)
    wrong_things = "1 thing is wrong" if bad == 1 else f"{bad} things are wrong"
    return console.print(f"\n[red]{wrong_things}.[/]" if bad else "\n[green]Nothing is wrong.[/]")


def run_checks(context: Context) -> Iterator[Finding]:
    """The findings of all checks. Without credentials or a stack the others are not run."""
    for name, check in FIRST.items():
        found = run_check(name, check, context)
        yield from found
        if any(one.state is State.WRONG for one in found):
            return
    for name, check in CHECKS.items():
        yield from run_check(name, check, context)


def run_check(name: str, check: Check, context: Context) -> list[Finding]:
    """The findings of one check; whatever keeps it from running is a finding too."""
    try:
        return list(check(context))
    except TargetError as error:
        fix = FIXES.get(name, "If the credentials lack a permission, use others. Otherwise deploy again.")
        return [wrong(name, str(error), fix)]
