"""How Lambda starts a process, and what is loaded before the first request.

Under SnapStart one process is started at a deploy, and every other is a copy of it
(docs/decisions/034-nothing-unique-before-a-snapshot.md).
"""

from __future__ import annotations

import os
from enum import StrEnum
from importlib import import_module

VARIABLE = "AWS_LAMBDA_INITIALIZATION_TYPE"


class Start(StrEnum):
    """What Lambda sets the variable to; it sets none of the kind anywhere else."""

    ON_DEMAND = "on-demand"
    PROVISIONED = "provisioned-concurrency"
    SNAPSHOT = "snap-start"


NEARLY_ALWAYS = ("mastermind.bot.for_you", "mastermind.game.exchanges", "mastermind.postgres.connection")
"""What nearly every command needs, or the first answer to nearly every newcomer."""

SOMETIMES = ("mastermind.gateways.credentials", "mastermind.gateways.http", "mastermind.gateways.s3")
"""What some commands need, besides their own files."""


def load_ahead(app: str) -> None:
    """Load what commands need, and open and make nothing: what a process has then, its copies have too.

    Until its first invocation a process has two processors, afterwards what its memory buys: half of one. One that is
    ready before anybody asks loads everything.
    """
    start = os.environ.get(VARIABLE)
    if start is None:
        return
    for module in NEARLY_ALWAYS:
        import_module(module)
    if start != Start.ON_DEMAND:
        _load_everything(app)


def become_unique() -> None:
    """Reset, in the first invocation, the state that all copies would share.

    Commands use only the system's random numbers. Libraries may use `random`, whose state was copied.
    """
    if os.environ.get(VARIABLE) == Start.SNAPSHOT:
        import random

        random.seed()


def _load_everything(app: str) -> None:
    from mastermind.bot import registry

    registry.commands(app)
    for module in SOMETIMES:
        import_module(module)
