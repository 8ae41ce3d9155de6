"""`ops restore`: replaces the database of a stack by an older state of it, step by step, and keeps the old one."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path  # noqa: TC003 # typer reads the annotations
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from mastermind.game.privacy.rules import DELETIONS_KEPT
from mastermind.operations import durations
from ops import deploy, given, settings
from ops.asking import Asking, Nobody, Refused, Terminal
from ops.command_line import RegionName, StackName, Yes, confirm, find_game
from ops.discord import fail
from ops.init.draft import Draft
from ops.restore import beginning, instances, sources, steps
from ops.restore.inside import Inside
from ops.restore.instances import KEEPS, SOURCE
from ops.restore.sources import written
from ops.restore.steps import Log, Restoring
from ops.restore.ways_on import explained
from ops.target import TargetError
from ops.terminal import Console

if TYPE_CHECKING:
    from ops.restore.instances import Instance
    from ops.restore.sources import Source
    from ops.target import Target


def restore(
    context: typer.Context,
    *,
    stack: StackName = None,
    region: RegionName = None,
    snapshot: Annotated[
        str | None,
        typer.Option(parser=given.snapshot, help="The snapshot to restore. Default: asked for.", show_default=False),
    ] = None,
    to: Annotated[
        datetime | None,
        typer.Option(
            parser=given.moment,
            help="The moment to go back to, in UTC, as `2026-11-23 02:55`: one of the last 14 days.",
            show_default=False,
        ),
    ] = None,
    bucket: Annotated[
        str | None,
        typer.Option(
            parser=given.bucket, help="The bucket with the deletion log. Default: the stack's.", show_default=False
        ),
    ] = None,
    folder: Annotated[
        Path | None,
        typer.Option(parser=given.folder, help="A copy of the deletion log instead: a folder.", show_default=False),
    ] = None,
    give_up: Annotated[
        bool, typer.Option("--give-up", help="Go back to the old database, and delete the restored one.")
    ] = False,
    try_out: Annotated[
        bool,
        typer.Option("--try", help="Only have RDS make the instance, look at it, and delete it: the game goes on."),
    ] = False,
    yes: Yes = False,
) -> None:
    """Go back to a snapshot or a moment: says what is lost, asks, and makes a new database of it; the old one is kept.

    It closes the game, restores, repeats the deletions since then, checks, and opens the game. Ctrl-C loses nothing:
    run again, from any machine, it goes on where it stood.
    """
    if snapshot and to:
        fail("Name either a snapshot or a moment (--to), not both.")
    if bucket and folder:
        fail("Name either the bucket or a folder with a copy of the log, not both.")
    if not stack:
        fail("Name the stack and its region: --stack, --region. The local game has `.venv/bin/ops restore-drill`.")
    console, file = Console(highlight=False, soft_wrap=True), settings.file_of(context)
    asked = Asked(
        Asking(Nobody() if yes else Terminal(console), console),
        Draft(file, settings.read(file)),
        snapshot,
        to,
        Log(bucket or "", folder),
        yes=yes,
    )
    act = _give_up if give_up else _try if try_out else run
    with closing(find_game(stack, region)) as target:
        try:
            act(asked, target)
        except KeyboardInterrupt:
            fail(f"\nStopped. Nothing is lost: `{_line(file)}` goes on, or begins again.")
        except (Refused, TargetError) as trouble:
            fail(f"{trouble}")


@dataclass(frozen=True, slots=True)
class Asked:
    """Whom to ask, the settings, and what was typed behind `ops restore`."""

    asking: Asking
    draft: Draft
    snapshot: str | None
    moment: datetime | None
    log: Log
    yes: bool = False


def run(asked: Asked, target: Target) -> None:
    """Raises Refused or TargetError if it cannot begin, and typer.Exit or typer.Abort if a step ended it."""
    asking, name = asked.asking, _sign_in(asked, target)
    found = instances.under_way(target)
    if found is None:
        found = _begin(asked, target, name)
    elif asked.snapshot or asked.moment:
        raise Refused(_goes_on(found) + " Run it without --snapshot and --to, or give that one up first (--give-up).")
    else:
        asking.note(_goes_on(found))
    keeps, line = found.tags[KEEPS], _line(asked.draft.file)
    restoring = Restoring(target, name, keeps, asked.draft, asked.log, yes=asked.yes)
    for step, work in restoring.steps():
        deploy.done(step, lambda work=work: explained(work), lambda step: steps.so_far(line, step))
    _end(asking, target, found.tags[SOURCE], keeps)


def _sign_in(asked: Asked, target: Target) -> str:
    """The name of the stack's instance."""
    asked.asking.fine(f"AWS: {target.caller}; the game is {target}.")
    return target.output("DatabaseIdentifier")


def _goes_on(found: Instance) -> str:
    return f"A restore of {found.tags[SOURCE]} is under way, in the instance {found.name}: it goes on."


def _line(file: Path) -> str:
    """How to go on."""
    return ".venv/bin/ops restore" if file == settings.FILE else f".venv/bin/ops --settings {file} restore"


# --- the beginning ---


def _begin(asked: Asked, target: Target, name: str) -> Instance:
    """Choose, say what will be lost, ask, and have RDS begin: nothing is changed before."""
    known = sources.look(target, name, instances.named(target, name))
    source = _chosen(asked, target, known)
    say_losses(asked.asking, target, source, known.instance)
    confirm(f"Restore {source.words}?", yes=asked.yes)
    fresh = explained(lambda: beginning.make(target, source, name))
    asked.asking.fine(f"RDS makes {fresh}. From now on a second instance costs.")
    made = instances.named(target, fresh)
    if made is None:
        raise TargetError(f"RDS does not show {fresh} yet: run this again in a minute")
    return made


def _chosen(asked: Asked, target: Target, known: sources.Known) -> Source:
    if asked.snapshot:
        return sources.of_snapshot(target, known, asked.snapshot)
    return sources.of_moment(known, asked.moment) if asked.moment else sources.ask(asked.asking, known)


def say_losses(asking: Asking, target: Target, source: Source, old: Instance | None) -> None:
    now = datetime.now(UTC)
    if now - source.moment > DELETIONS_KEPT:
        raise Refused(
            f"{source.words} is older than the {DELETIONS_KEPT.days} days for which the deletion log is kept: members"
            " who have deleted themselves would be back for good. Choose a newer one."
        )
    asking.say(f"\n[bold]{escape(source.words)}[/], {sources.ago(now, source.moment)}. What is lost:")
    for line in (*losses(target, source.moment), *_costs(old)):
        asking.say(f"  - {escape(line)}")


def losses(target: Target, since: datetime) -> list[str]:
    try:
        lost = Inside(target).lost(since)
    except TargetError as error:
        return [
            f"everything that was played since then; nobody can count it, for the database gives no answer ({error})"
        ]
    played = f"{lost.ticks} ticks and {lost.xp:,} XP of {lost.players} members"
    last = "nobody has played at all" if lost.last_at is None else f"the last act was at {written(lost.last_at)}"
    minutes = max(0.0, ((lost.last_at or since) - since).total_seconds())
    return [
        f"everything that was played since then: {played}; {last}, so that is {durations.in_words(minutes)} of play",
        f"{lost.members} members who have joined since then: their next command makes them new members",
    ]


def _costs(old: Instance | None) -> list[str]:
    kept = "the present database is kept under another name, protected, and costs until you delete it" if old else ""
    closed = "the game is closed while RDS works: a quarter of an hour and more for a small database"
    return [closed, *([kept] if kept else [])]


# --- the end ---


def _try(asked: Asked, target: Target) -> None:
    name = _sign_in(asked, target)
    source = _chosen(asked, target, sources.look(target, name, instances.named(target, name)))
    confirm(f"Make an instance of {source.words} beside the present one, and delete it again?", yes=asked.yes)
    explained(lambda: beginning.try_out(target, source, name))
    asked.asking.fine("It can be restored.")


def _give_up(asked: Asked, target: Target) -> None:
    name, found = _sign_in(asked, target), instances.under_way(target)
    if found is None:
        raise Refused("No restore is under way: there is nothing to give up.")
    asked.asking.say(f"A restore of {escape(found.tags[SOURCE])} is under way, in the instance {found.name}.")
    confirm("Give it up: open the game on the old database, and delete the restored one?", yes=asked.yes)
    explained(lambda: beginning.give_up(target, name, found))
    asked.asking.fine("The restore is given up. `.venv/bin/ops doctor` looks at the game.")


def _end(asking: Asking, target: Target, source: str, keeps: str) -> None:
    asking.say(
        f"\n[bold green]The game is restored[/]: {escape(source)}. `.venv/bin/ops doctor` checks every part of it."
    )
    asking.say(
        "Tell your members until when their play is kept. Dead letters belong to awards that are gone: drop them."
    )
    if keeps:
        asking.say(
            f"The old database is {keeps}, protected, and costs. After a week delete it; a last snapshot stays:\n"
        )
        place = f"--region {target.region} --db-instance-identifier {keeps}"
        asking.console.print(f"aws rds modify-db-instance {place} --no-deletion-protection --apply-immediately")
        asking.console.print(f"aws rds delete-db-instance {place} --final-db-snapshot-identifier {keeps}-last")
