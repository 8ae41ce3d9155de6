"""Findings in a restored database on AWS, in words; and the smoke set, played with retries."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer
from rich.markup import escape

from devkit.discord_client import User, snowflake
from mastermind.bot.registry import APPS
from mastermind.discord.permissions import ADMINISTRATOR
from ops import deletions, smoke
from ops.restore.patience import Verdict, played
from ops.restore.report import Check
from ops.terminal import Console

if TYPE_CHECKING:
    from collections.abc import Iterator

    from devkit.discord_client import Answer
    from mastermind.operations.deletion_log import DeletionLog
    from mastermind.operations.restored.table import Forgotten
    from ops.smoke import Step
    from ops.target import Target


def say_log(log: DeletionLog) -> None:
    typer.echo(f"{len(log.done)} deletions in the log.")
    if log.unfinished:
        typer.echo(deletions.unfinished_words(log))


def of_deletions(found: Forgotten, playing: int) -> str:
    """What is wrong after the deletions were repeated; "" if nothing is. Members who have played since are kept."""
    lacking = found.logged - found.known
    words = [deletions.PLAYING.format(playing)] if playing else []
    words += [f"{found.still_there - playing} members in the log are still there"] * (found.still_there > playing)
    words += [f"{lacking} deletions that the database knows are not in the log: it is incomplete"] * (lacking > 0)
    return "; ".join(words)


def play(target: Target) -> None:
    """The smoke set; raises typer.Exit for a wrong answer, and only says it of a slow one."""
    found = [*_forged(target), *_played(target)]
    console = Console(highlight=False, soft_wrap=True)
    for one in found:
        console.print(f"{one.mark} {one.name} {escape(one.words)}")
    if not all(one.passed for one in found):
        raise typer.Exit(1)
    if any(one.is_slow for one in found):
        console.print("What is slow gets faster while people play; if not, take a larger DatabaseClass.")


def _forged(target: Target) -> Iterator[Check]:
    for app in APPS:
        one = smoke.forged(target, app)
        yield Check(one.what, not one.problem, one.problem or "is refused")


def _played(target: Target) -> Iterator[Check]:
    for step in smoke.SMOKE_SET:
        found = _tried(target, step)
        yield Check(f"/{step.name}", not found.wrong, found.words, found.is_slow)


def _tried(target: Target, step: Step) -> Verdict:
    def ask() -> Answer:
        return smoke.rehearsed(target, step, User(snowflake(), "Restore", permissions=ADMINISTRATOR))

    try:
        return played(ask, step)
    except smoke.NO_ANSWER as error:
        words = f"{error}" or type(error).__name__
        return Verdict(words, words)
