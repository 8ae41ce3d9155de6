"""The first run: a newcomer takes a step, skips one, or declines all of it."""

from __future__ import annotations

from copy import replace
from typing import TYPE_CHECKING

from mastermind.game.days import actions as days
from mastermind.game.exchanges import changing, looking, own_row
from mastermind.game.first_run import table as first_runs
from mastermind.game.first_run.rules import Step
from mastermind.game.first_run.table import Run
from mastermind.game.members.rules import Subject
from mastermind.game.settings import table as settings
from mastermind.game.settings.actions import RHYTHM, TIME_ZONE, check_pace
from mastermind.game.settings.time_zones import CHANGES_WITHIN
from mastermind.postgres.exchange import only

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mastermind.game.catalogue.rules import Catalogue
    from mastermind.game.days.actions import Submitted
    from mastermind.game.members.rhythm import Rhythm
    from mastermind.game.members.rules import Actor
    from mastermind.postgres.connection import Connection, Cursor

__all__ = ["Run", "choose", "decline", "log", "read", "set_clock", "skip"]


def read(conn: Connection, actor: Actor) -> Run:
    """How far the member has come."""
    with looking(conn, actor):
        found = first_runs.run(conn, actor.user_id)
    return own_row(found)


def log(
    conn: Connection, actor: Actor, after: Step, added: Mapping[str, int], clock: str, *, catalogue: Catalogue
) -> tuple[Submitted, Run]:
    """Log for today what a step asked for; `after` comes next. With `clock` their days follow that zone from now on.

    Raises as days.submit.
    """
    found: list[Cursor[Run]] = []

    def before() -> None:
        first_runs.reach(conn, actor.user_id, after)
        if clock:
            settings.set_time_zone(conn, actor.user_id, clock)
            first_runs.know_clock(conn, actor.user_id)
        found.append(first_runs.run(conn, actor.user_id))

    done = days.submit(conn, actor, "today", added, catalogue=catalogue, before=before)
    return done, replace(only(found[0]), xp=done.xp, has_begun=True)


def set_clock(conn: Connection, actor: Actor, clock: str) -> Run:
    """Have their days follow that zone, which the code knows; raises MemberMistake when it was changed too often."""
    with changing(conn, actor, TIME_ZONE) as change:
        found = first_runs.run(conn, actor.user_id)
        changes = settings.zone_changes(conn, actor.user_id, CHANGES_WITHIN)
        before = only(found)
        if not change.stored and before.time_zone != clock:
            check_pace(changes, before.now)
            settings.set_time_zone(conn, actor.user_id, clock)
            images = {"time_zone": before.time_zone}, {"time_zone": clock}
            change.audit(subject=Subject(actor.user_id), before=images[0], after=images[1])
        first_runs.reach(conn, actor.user_id, Step.DEED)
        first_runs.know_clock(conn, actor.user_id)
        change.keep({})
    return replace(before, time_zone=clock, knows_clock=True)


def choose(conn: Connection, actor: Actor, rhythm: Rhythm) -> Run:
    """Choose how often they want to do something: with that they are through."""
    with changing(conn, actor, RHYTHM) as change:
        found = first_runs.run(conn, actor.user_id)
        before = only(found)
        if rhythm is not before.rhythm and not change.stored:
            settings.set_rhythm(conn, actor.user_id, rhythm)
            images = {"rhythm": before.rhythm}, {"rhythm": rhythm}
            change.audit(subject=Subject(actor.user_id), before=images[0], after=images[1])
        first_runs.reach(conn, actor.user_id, Step.THROUGH)
        change.keep({})
    return replace(before, step=Step.THROUGH, rhythm=rhythm)


def skip(conn: Connection, actor: Actor, after: Step) -> Run:
    """Leave a step out; `after` comes next."""
    return _change(conn, actor, "first_run.skip", lambda: first_runs.reach(conn, actor.user_id, after))


def decline(conn: Connection, actor: Actor) -> Run:
    """It offers itself no more; `/start` still opens it."""
    return _change(conn, actor, "first_run.decline", lambda: first_runs.decline(conn, actor.user_id))


def _change(conn: Connection, actor: Actor, name: str, write: Callable[[], None]) -> Run:
    with changing(conn, actor, name) as change:
        write()
        change.keep({})
        now = first_runs.run(conn, actor.user_id)
    return only(now)
