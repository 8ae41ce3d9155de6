"""`ops migrate`: has the deployed runner bring the database up to date, as each deploy does."""

from __future__ import annotations

from contextlib import closing
from typing import Annotated

import typer

from mastermind.config import GateSettings
from mastermind.gateways import migrate_gate
from mastermind.gateways.migrate_gate import MigrationsFailed
from ops import figures
from ops.discord import stop
from ops.world import Missing, RegionName, StackName, World, Yes, asked, find, sure

MARGIN = 10
"""Seconds that we wait longer for the runner than it may work: its own words of a failure are the better ones."""


def migrate(
    *,
    stack: StackName = None,
    region: RegionName = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say how far it is and change nothing.")] = False,
    yes: Yes = False,
) -> None:
    """Apply the migrations of the deployed version, and seed its course. Needs the right to read the master secret.

    Those of this checkout come with the next deploy. It never hangs: the runner gives up after its own time-outs.
    """
    with closing(find(stack, region)) as world:
        try:
            typer.echo(stands(world))
            if not dry_run:
                sure(f"Have the migrations of the deployed version applied in {world}?", yes=yes)
                typer.echo(f"Done: the database has migration {apply(world)}.")
        except (Missing, MigrationsFailed) as error:
            stop(str(error))


def stands(world: World) -> str:
    """How far the database is, in a sentence."""
    facts, here = figures.facts(world), figures.newest_migration()
    said = f"The database has migration {facts.migration:03}; the code that runs needs {facts.needed:03}"
    return f"{said}, this checkout has {here:03}."


def apply(world: World) -> int:
    """Have them applied; how far the database is then. Raises Missing or MigrationsFailed."""
    settings = GateSettings(world.output("DatabaseSecretArn"), world.function("migrate"))
    runner = asked(lambda: world.client("lambda").get_function_configuration(FunctionName=settings.migrate_function))
    secrets, functions = world.client("secretsmanager"), world.client("lambda", within=runner["Timeout"] + MARGIN)
    return int(asked(lambda: migrate_gate.migrate(secrets, functions, settings))["Migration"])
