"""The first run: a newcomer takes a step, skips one, or declines all of it."""

from __future__ import annotations

from copy import replace
from typing import TYPE_CHECKING

from mastermind.game.challenges import actions as challenges
from mastermind.game.days import actions as days
from mastermind.game.exchanges import changing, looking, own_row
from mastermind.game.first_run import table as first_runs
from mastermind.game.first_run.rules import Step
from mastermind.game.first_run.table import Newcomer, Run
from mastermind.game.members.rules import Subject
from mastermind.game.settings import table as settings
from mastermind.game.settings.actions import RHYTHM, TIME_ZONE, check_pace
from mastermind.game.settings.time_zones import CHANGES_WITHIN
from mastermind.postgres.exchange import only

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mastermind.game.catalogue.rules import Catalogue
    from mastermind.game.challenges.actions import Ticked
    from mastermind.game.days.actions import Submitted
    from mastermind.game.members.rhythm import Rhythm
    from mastermind.game.members.rules import Actor
    from mastermind.game.tokens.rules import Token
    from mastermind.postgres.connection import Connection, Cursor

__all__ = ["Newcomer", "Run", "choose", "decline", "log", "meet", "read", "set_clock", "skip", "tick"]


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


def meet(conn: Connection, actor: Actor) -> Newcomer:
    """Who begins in the Tensey application."""
    with looking(conn, actor):
        found = first_runs.newcomer(conn, actor.user_id)
    return own_row(found)


def tick(conn: Connection, actor: Actor, challenge_id: str, *, delay: int, token: Token | None = None) -> Ticked:
    """Tick what the first step asked for in the Tensey application, as challenges.tick; the second comes next."""

    def before() -> None:
        first_runs.reach(conn, actor.user_id, Step.TODAY)

    return challenges.tick(conn, actor, challenge_id, delay=delay, token=token, before=before)


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
    with changing(conn, actor, "first_run.skip") as change:
        first_runs.reach(conn, actor.user_id, after)
        change.keep({})
        now = first_runs.run(conn, actor.user_id)
    return only(now)


def decline(conn: Connection, actor: Actor) -> None:
    """It offers itself no more; `/start` still opens it."""
    with changing(conn, actor, "first_run.decline") as change:
        first_runs.decline(conn, actor.user_id)
        change.keep({})
