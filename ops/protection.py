"""The protection of a stack and of what holds its data: on after the first deploy, off before a removal."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import typer

from ops.changes import HOLDS_DATA
from ops.target import SERVING_STATUSES, TargetError, call_aws

if TYPE_CHECKING:
    from ops.target import Target

POLICY = json.dumps(
    {
        "Statement": [
            {"Effect": "Allow", "Principal": "*", "Action": "Update:*", "Resource": "*"},
            {
                "Effect": "Deny",
                "Principal": "*",
                "Action": ["Update:Replace", "Update:Delete"],
                "Resource": [f"LogicalResourceId/{name}" for name in HOLDS_DATA],
            },
        ]
    }
)
"""CloudFormation ends an update of anybody's that would replace or delete what holds data; a removal it lets through
(CloudFormation user guide, Prevent updates to stack resources)."""


def turn_on(target: Target) -> None:
    """After the first success: neither the stack nor what holds its data can be lost by accident any more.

    Not before, because CloudFormation could not take back a first deploy that fails.
    """
    _protect_stack(target, enabled=True)
    call_aws(lambda: target.client("cloudformation").set_stack_policy(StackName=target.stack, StackPolicyBody=POLICY))
    if target.parameters.get("Protection") == "on":
        typer.echo("The stack and its database are protected from deletion.")
        return
    target.set_parameters({"Protection": "on"})
    typer.echo("The stack and its database are protected from deletion from now on.")


def turn_off(target: Target) -> None:
    """Let the stack and its database be deleted. Raises TargetError."""
    _protect_stack(target, enabled=False)
    if target.parameters.get("Protection") == "on" and target.description["StackStatus"] in SERVING_STATUSES:
        try:
            target.set_parameters({"Protection": "off"})
        except TargetError as error:  # the stack goes anyway, and the database's own protection is what counts
            typer.echo(f"CloudFormation could not turn the parameter Protection off: {error}", err=True)
    for instance in target.resources("AWS::RDS::DBInstance") - {""}:
        _unprotect_database(target, instance)
    typer.echo("The stack and its database are not protected from deletion any more.")


def _protect_stack(target: Target, *, enabled: bool) -> None:
    asked = {"StackName": target.stack, "EnableTerminationProtection": enabled}
    call_aws(lambda: target.client("cloudformation").update_termination_protection(**asked))


def lacking(target: Target) -> list[str]:
    """What of the protection is off, in words; raises TargetError."""
    policy = call_aws(lambda: target.client("cloudformation").get_stack_policy(StackName=target.stack))
    held = {
        "the stack can be deleted": target.description.get("EnableTerminationProtection") is True,
        "its database can be deleted": target.parameters.get("Protection") == "on",
        "an update may replace its database": _denies_replacement(policy.get("StackPolicyBody", "{}")),
    }
    return [words for words, holds in held.items() if not holds]


def _denies_replacement(policy: str) -> bool:
    return json.loads(policy) == json.loads(POLICY)


def _unprotect_database(target: Target, instance: str) -> None:
    """One that was restored in place of the stack's own has a protection that CloudFormation does not know."""
    rds, named = target.client("rds"), {"DBInstanceIdentifier": instance}
    known = [one for one in target.all_of("rds", "describe_db_instances", "DBInstances") if _is(one, instance)]
    if any(one.get("DeletionProtection") for one in known):
        call_aws(lambda: rds.modify_db_instance(**named, DeletionProtection=False, ApplyImmediately=True))
        call_aws(lambda: rds.get_waiter("db_instance_available").wait(**named))


def _is(found: dict[str, object], instance: str) -> bool:
    return str(found["DBInstanceIdentifier"]).lower() == instance.lower()
