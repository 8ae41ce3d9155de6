"""`ops doctor`: checks every part of a deployed game, and says what is wrong and how to fix it."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import typer

from ops import tokens
from ops.checks import audit_log, bot, ends, monitoring, outside, second_region, services
from ops.checks import stack as stack_checks
from ops.checks.findings import Context, State, wrong
from ops.checks.report import show
from ops.command_line import AsJson, RegionName, StackName, find_target
from ops.discord import API, ApiUrl
from ops.target import SIGN_IN, NoStackError, TargetError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from ops.checks.findings import Finding
    from ops.target import Target

    type Check = Callable[[Context], Iterator[Finding]]

FIRST: Mapping[str, Check] = {"credentials": stack_checks.credentials, "stack": stack_checks.stack}
"""If one of these fails, no other check is run."""

CHECKS: Mapping[str, Check] = {
    "parameters": stack_checks.parameters,
    "owner": stack_checks.owner,
    "protection": stack_checks.protected,
    "settings": stack_checks.settings,
    "endpoints": services.endpoints,
    "throttle": services.throttled,
    "database": services.database,
    "queues": services.queues,
    "dead letters": services.dead_letters,
    "schedules": services.schedules,
    "webhooks": outside.webhooks,
    "applications": outside.applications,
    "moderators": outside.moderators,
    "bot": bot.checks,
    "what the game says": bot.said,
    "settings in Discord": bot.chosen,
    "pictures": services.pictures,
    "clock": outside.clock,
    "health check": monitoring.health_check,
    "snapshot": monitoring.snapshot,
    audit_log.WHAT: audit_log.sealed,
    second_region.WHAT: second_region.copies,
    ends.WHAT: ends.ends,
}

FIXES = {
    "credentials": SIGN_IN,
    "stack": "Do these credentials have the right cloudformation:DescribeStacks? Use others, or have it given to them.",
    "database": "Is the instance available (RDS console)? Locally: did you stop PostgreSQL on the page (Mischief)? "
    "docs/Troubleshooting.md, The game is down.",
    "queues": "A queue is missing: deploy again. The sweep applies the awards that were in it.",
    "clock": "Can the API be reached from here? See the endpoints above.",
    audit_log.WHAT: "Does the database answer? See above. Do these credentials have the right to read the bucket?",
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

    With the bot tokens, which are stored with the stack or in variables, it checks the applications as well.
    """
    with closing(find_target(stack, region)) as target:
        found = tuple(run_checks(Context(target, _tokens(target), base_url)))
    show(found, as_json=as_json)
    if any(one.state is State.WRONG for one in found):
        raise typer.Exit(1)


def _tokens(target: Target) -> Mapping[str, str]:
    """Those that are known; what is wrong with AWS is for the checks to say."""
    try:
        return tokens.find_all(target)
    except TargetError:
        return {}


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
    except NoStackError as error:
        return [wrong(name, error.words, error.fix)]
    except TargetError as error:
        fix = FIXES.get(name, "If the credentials lack a permission, use others. Otherwise deploy again.")
        return [wrong(name, str(error), fix)]
