"""`ops migrate`: applies the migrations of the deployed version through its runner, as each deploy does."""

from __future__ import annotations

from contextlib import closing
from typing import Annotated

import typer

from mastermind.deadline import Deadline
from mastermind.errors import MigrationError
from mastermind.gateways import migrate_gate
from ops import queries
from ops.command_line import RegionName, StackName, Yes, confirm, find_game
from ops.discord import fail
from ops.target import Target, TargetError, call_aws

MARGIN = 10
"""Seconds that we wait beyond the runner's own time-out: its error message is better than ours."""


def migrate(
    *,
    stack: StackName = None,
    region: RegionName = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the versions and change nothing.")] = False,
    yes: Yes = False,
) -> None:
    """Apply the migrations of the deployed version and seed its course. Needs the right to read the master secret.

    The migrations of this checkout are applied by the next deploy. This never hangs: the runner has time-outs. The
    audit log records who did it.
    """
    with closing(find_game(stack, region)) as target:
        try:
            typer.echo(summary(target))
            if not dry_run:
                confirm(
                    f"Apply the migrations of the deployed version in {target}?"
                    f" The audit log will name you: {target.caller}.",
                    yes=yes,
                )
                typer.echo(f"Done: the database has migration {apply(target)}.")
        except (TargetError, MigrationError) as error:
            fail(str(error))


def summary(target: Target) -> str:
    """The migration of the database, of the running code and of this checkout, in a sentence."""
    facts, here = queries.facts(target), queries.newest_migration()
    said = f"The database has migration {facts.migration:03}; the code that runs needs {facts.needed:03}"
    return f"{said}, this checkout has {here:03}."


def apply(target: Target) -> int:
    """Apply them; returns the newest one in the database. Raises TargetError or MigrationError."""
    secret, runner = target.owner_secret(), target.function("migrate")
    patience = longest_answer(target)
    secrets, functions = target.client("secretsmanager"), target.client("lambda", within=patience)
    until, caller = Deadline.after(patience), target.caller
    return int(call_aws(lambda: migrate_gate.migrate(secrets, functions, secret, runner, until, caller))["Migration"])


def longest_answer(target: Target) -> float:
    """Seconds after which an answer of the function migrate is no longer waited for."""
    name = target.function("migrate")
    deployed = call_aws(lambda: target.client("lambda").get_function_configuration(FunctionName=name))
    return float(deployed["Timeout"]) + MARGIN
