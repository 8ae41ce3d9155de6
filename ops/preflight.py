"""`ops preflight`: what would make a deploy fail, found out before anything is made."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import typer

from ops import settings
from ops.checks import account, authorities, choices, leftovers, planned, second_region, snapshot, zones
from ops.checks.findings import State, fine, unseen, wrong
from ops.checks.report import show
from ops.command_line import AsJson, RegionName, StackName, confirm, find_target
from ops.discord import fail
from ops.parameters import Parameters, in_force
from ops.target import SIGN_IN, TargetError, call_aws

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from ops.checks.findings import Finding
    from ops.checks.planned import Planned
    from ops.target import Target

    type Check = Callable[[Planned], Iterator[Finding]]

CHECKS: Mapping[str, Check] = {
    "account plan": account.plan,
    "region": account.region,
    "authorities": authorities.authorities,
    "name": leftovers.name,
    "stack": leftovers.stack,
    "parameters": choices.parameters,
    "snapshot": snapshot.snapshot,
    second_region.WHAT: second_region.planned_copies,
    "zones": zones.zones,
    "database class": zones.database,
    "concurrency": account.concurrency,
    "VPCs": account.networks,
    "elastic addresses": account.addresses,
    "databases": account.databases,
    "API Gateway's role": account.logs_role,
    "names": leftovers.taken,
    "left over": leftovers.inherited,
}


def preflight(
    context: typer.Context,
    *,
    stack: StackName = None,
    region: RegionName = None,
    parameters: Parameters = None,
    as_json: AsJson = False,
) -> None:
    """Say what would make a deploy fail, and how to fix it. Makes nothing; `.venv/bin/ops deploy` looks as well.

    The exit status is 1 if something would. What the credentials may not look at does not count.
    """
    if not stack:
        fail("Name the stack and its region: --stack, --region. The local cloud needs no preflight.")
    chosen = in_force(parameters, settings.of(context))
    with closing(find_target(stack, region)) as target:
        found = look(target, chosen)
    show(found, as_json=as_json)
    if any(one.state is State.WRONG for one in found):
        raise typer.Exit(1)


def before_deploy(target: Target, overrides: Sequence[str], *, yes: bool, brief: bool = False) -> None:
    """Show what was found; if the deploy would fail, go on only if the operator insists."""
    found = look(target, overrides)
    show(found, as_json=False, brief=brief)
    if any(one.state is State.WRONG for one in found):
        if yes:
            raise typer.Exit(1)
        confirm("The deploy would fail. Try nevertheless?", yes=False)


def look(target: Target, overrides: Sequence[str]) -> list[Finding]:
    """The findings of all checks; without credentials that the region accepts the others are not run."""
    first = _credentials(target)
    if first.state is State.WRONG:
        return [first]
    subject = planned.read(target, overrides)
    return [first, *(one for name, check in CHECKS.items() for one in run_check(name, check, subject))]


def _credentials(target: Target) -> Finding:
    """A region that the account has not enabled refuses credentials that are valid elsewhere."""
    try:
        who = call_aws(lambda: target.client("sts").get_caller_identity())
    except TargetError as error:
        enable = f"`aws account enable-region --region-name {target.region}`"
        return wrong("credentials", str(error), f"{SIGN_IN} If they work elsewhere, enable the region: {enable}.")
    return fine("credentials", f"{who['Arn']}, in {target.region}")


def run_check(name: str, check: Check, subject: Planned) -> Iterator[Finding]:
    """The findings of one check; what cannot be looked at blocks nothing."""
    try:
        yield from check(subject)
    except TargetError as error:
        yield unseen(name, error)
