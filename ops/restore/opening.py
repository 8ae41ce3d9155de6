"""Closes the game while its database is replaced, and opens it again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from mastermind.bot.registry import APPS
from ops.target import call_aws

if TYPE_CHECKING:
    from ops.target import Target

INTERACTIONS = tuple(f"interactions-{app}" for app in APPS)
FUNCTIONS = (*INTERACTIONS, "xp-award")
"""Those that write what members do."""


def close(target: Target) -> None:
    """Let none of them run; Discord says to members that the application does not respond."""
    functions = target.client("lambda")
    for name in FUNCTIONS:
        asked = {"FunctionName": target.function(name), "ReservedConcurrentExecutions": 0}
        call_aws(lambda asked=asked: functions.put_function_concurrency(**asked))
    typer.echo("The game is closed: members read that the application does not respond. Alarms will come.")


def open_again(target: Target) -> None:
    """Let them run as the stack has them."""
    functions, reserved = target.client("lambda"), int(target.parameters.get("ReservedConcurrency", "-1"))
    for name in FUNCTIONS:
        asked = {"FunctionName": target.function(name)}
        if name in INTERACTIONS and reserved >= 0:
            more = {"ReservedConcurrentExecutions": reserved}
            call_aws(lambda asked=asked, more=more: functions.put_function_concurrency(**asked, **more))
        else:
            call_aws(lambda asked=asked: functions.delete_function_concurrency(**asked))
    typer.echo("The game is open again.")
