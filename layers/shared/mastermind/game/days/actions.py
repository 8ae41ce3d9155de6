"""What members log, day by day: submitting, editing, deleting, and reading it.

A repeated change, for whatever reason, stores nothing and gets the stored outcome: a form that is submitted twice, or a
retry (Actor.key).
"""

from __future__ import annotations

from copy import replace
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Literal, cast

from mastermind.errors import MemberMistake
from mastermind.game.catalogue import rules as stats
from mastermind.game.contributions import table as contributions
from mastermind.game.days import results, rules
from mastermind.game.days import table as records
from mastermind.game.days.calendar import EDIT_BACK, LOG_BACK, named
from mastermind.game.days.results import Blow, Edited, Submitted
from mastermind.game.days.rules import Day, DayCard, Plan
from mastermind.game.days.streaks import Streak
from mastermind.game.days.table import RecordedDay
from mastermind.game.days.xp import Price
from mastermind.game.exchanges import changing, looking, own_row
from mastermind.game.first_week import table as first_week
from mastermind.game.ledger import table as ledger
from mastermind.game.ledger.rules import BookingKind, Source
from mastermind.game.ledger.table import Booking
from mastermind.game.members.rules import Subject
from mastermind.game.raids import table as raids
from mastermind.game.raids.rules import points
from mastermind.postgres import outcomes
from mastermind.postgres.exchange import only
from mastermind.records import as_dict

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mastermind.game.catalogue.rules import Catalogue
    from mastermind.game.exchanges import OngoingChange
    from mastermind.game.members.rules import Actor
    from mastermind.game.raids.table import ActiveRaid
    from mastermind.postgres.connection import Connection, Cursor

__all__ = [
    "DayCard",
    "Edited",
    "Price",
    "RecordedDay",
    "Streak",
    "Submitted",
    "When",
    "card",
    "days",
    "delete",
    "edit",
    "submit",
    "today",
    "undo",
]

SUBMIT = "stats.submit"
"""The name of a submission among the stored outcomes."""

TOO_OLD_TO_UNDO = "This is about a day old, so it can no longer be undone as a whole. `/stats-edit` puts the day right."

type When = Literal["today", "yesterday"] | date
"""A day as a member names it; their own time zone decides which day "today" is."""


# --- looking ---


def card(conn: Connection, actor: Actor, when: When) -> DayCard:
    """A day as it stands."""
    with looking(conn, actor):
        found = _day(conn, actor, when)
    return rules.card(own_row(found))


def today(conn: Connection, actor: Actor) -> date:
    """The date in the actor's time zone; in the deployment's when they are not a member yet."""
    with looking(conn, actor):
        found = records.today(conn, actor.user_id, actor.time_zone)
    return only(found)


def days(conn: Connection, actor: Actor) -> tuple[RecordedDay, ...]:
    """The days that can be edited and have something logged or were rest days, newest first."""
    with looking(conn, actor):
        found = records.days(conn, actor.user_id, EDIT_BACK)
    return tuple(found)


def _day(conn: Connection, actor: Actor, when: When) -> Cursor[Day]:
    if isinstance(when, date):
        return records.day(conn, actor.user_id, when)
    return records.day(conn, actor.user_id, None, 0 if when == "today" else 1)


# --- changing ---


def submit(
    conn: Connection,
    actor: Actor,
    when: When,
    added: Mapping[str, int],
    *,
    catalogue: Catalogue,
    before: Callable[[], None] = lambda: None,
    after: Callable[[], None] = lambda: None,
) -> Submitted:
    """Add to a day of the last 30. Raises MemberMistake, with nothing stored, for another day or more than it holds.

    What `before` writes is part of the same change, and the day is read after it. What `after` sends travels along and
    finds the day as it is then.
    """
    with changing(conn, actor, SUBMIT) as change:
        before()
        logging = _Logging.read(conn, actor, BookingKind.SUBMIT, when)
        if change.stored:
            after()
            return logging.remembered(conn, Submitted, change.stored)
        day = logging.day
        rules.check_age(day, LOG_BACK, "logged")
        added = rules.submittable(catalogue, added)
        stats.check_added(catalogue, added, day.counts)
        counts = {stat: day.counts.get(stat, 0) + count for stat, count in added.items()}
        plan = rules.plan(day, catalogue, counts, late=day.is_late)
        plan = replace(plan, booked_xp=max(0, plan.booked_xp))
        explained = rules.explains(day, plan)
        submitted = Submitted(
            added=added,
            late=plan.late,
            resumed=plan.resumes,
            returned=plan.returns,
            explained=explained,
            **_outcome(day, plan),
        )
        if explained:
            first_week.explain(conn, actor.user_id, explained, day.today)
        blow = logging.write(conn, plan, catalogue, {"added": added})
        change.keep(as_dict(submitted), contributions.store_outcome)
        after()
    return replace(submitted, **results.raid(blow))


def edit(conn: Connection, actor: Actor, day: date, counts: Mapping[str, int], *, catalogue: Catalogue) -> Edited:
    """Set these stats of a day of the last 7 to these counts, 0 being nothing; what is not named stays as it is.

    When that changes nothing, nothing is stored. Raises MemberMistake for an older day or more than a day holds.
    """
    with changing(conn, actor, "stats.edit") as change:
        logging = _Logging.read(conn, actor, BookingKind.EDIT, day)
        if change.stored:
            return logging.remembered(conn, Edited, change.stored)
        rules.check_age(logging.day, EDIT_BACK, "edited")
        rules.check_known(catalogue, counts)
        stats.check_totals(catalogue, counts, logging.day.counts)
        edited, blow = _correct(conn, change, logging, counts, catalogue)
    return replace(edited, **results.raid(blow))


def delete(conn: Connection, actor: Actor, day: date, shown: int, *, catalogue: Catalogue) -> Edited | None:
    """Take back all that is logged for a day of the last 7. Raises MemberMistake for an older or an empty day.

    Nothing happens, and there is no outcome, unless the day's counts are those that were `shown` (rules.digest).
    """
    with changing(conn, actor, "stats.delete") as change:
        logging = _Logging.read(conn, actor, BookingKind.DELETE, day)
        if change.stored:
            return logging.remembered(conn, Edited, change.stored)
        rules.check_age(logging.day, EDIT_BACK, "deleted")
        if not logging.day.counts:
            raise MemberMistake(rules.NOTHING_TO_DELETE.format(named(day, logging.day.today)))
        if rules.digest(logging.day.counts) != shown:
            return None
        edited, blow = _correct(conn, change, logging, dict.fromkeys(logging.day.counts, 0), catalogue)
    return replace(edited, **results.raid(blow))


def undo(
    conn: Connection,
    actor: Actor,
    day: date,
    submission: int,
    shown: int,
    *,
    catalogue: Catalogue,
    after: Callable[[], None] = lambda: None,
) -> Edited | None:
    """Take back what one submission has added, within a day of it. Raises MemberMistake for an older one.

    `submission` is its interaction. Nothing happens, and there is no outcome, unless the day's counts are those that
    were `shown` (rules.digest). What `after` sends travels along and finds the day as it is then.
    """
    with changing(conn, actor, "stats.undo") as change:
        made = outcomes.find(conn, actor.user_id, SUBMIT, [submission])
        logging = _Logging.read(conn, actor, BookingKind.EDIT, day)
        if change.stored:
            after()
            return logging.remembered(conn, Edited, change.stored)
        rules.check_age(logging.day, EDIT_BACK, "edited")
        counts, submitted = logging.day.counts, made.fetchone()
        if rules.digest(counts) != shown:
            return None
        if submitted is None:
            raise MemberMistake(TOO_OLD_TO_UNDO)
        added = cast("Mapping[str, int]", submitted["added"])
        left = {stat: max(counts.get(stat, 0) - count, 0) for stat, count in added.items()}
        edited, blow = _correct(conn, change, logging, left, catalogue)
        after()
    return replace(edited, **results.raid(blow))


def _correct(
    conn: Connection, change: OngoingChange, logging: _Logging, counts: Mapping[str, int], catalogue: Catalogue
) -> tuple[Edited, Blow | None]:
    """Set the day to these counts, book what that changes, up or down, and add it to the audit log.

    A day that counts stays one as long as something is left of it: correcting what was logged in time takes nothing
    away.
    """
    day = logging.day
    plan = rules.plan(day, catalogue, counts, late=day.is_late and not day.in_time)
    edited = Edited(wanted=counts, before=day.counts, **_outcome(day, plan))
    if not plan.changed:
        return replace(edited, booked_xp=0, xp=day.xp), None
    blow = logging.write(conn, plan, catalogue, {"before": day.counts, "after": plan.counts})
    at = day.day.isoformat()
    change.audit(
        subject=Subject(logging.user_id),
        before={"day": at, "counts": day.counts, "xp": day.booked},
        after={"day": at, "counts": plan.counts, "xp": day.booked + plan.booked_xp},
    )
    change.keep(as_dict(edited), contributions.store_outcome)
    return edited, blow


@dataclass(frozen=True, slots=True)
class _Logging:
    """What the first round trip has read behind the lock, and who changes something under which key.

    A form is the member's own, so their id is part of its key in the ledger: sending the key of another member's form
    books nothing in its place.
    """

    user_id: int
    kind: BookingKind
    key: str
    day: Day
    raid: ActiveRaid | None

    @classmethod
    def read(cls, conn: Connection, actor: Actor, kind: BookingKind, when: When) -> _Logging:
        raid = raids.active(conn)
        day = only(_day(conn, actor, when))
        return cls(actor.user_id, kind, str(actor.key), day, raid.fetchone())

    def write(self, conn: Connection, plan: Plan, catalogue: Catalogue, why: Mapping[str, object]) -> Blow | None:
        """Write the plan; returns its effect on a raid, if it could have one."""
        blow, day = self._contribute(conn, plan, catalogue), self.day
        changes = [records.Record(stat, count, plan.worths[stat]) for stat, count in plan.changed.items()]
        records.put(conn, self.user_id, day.day, changes, share=plan.share, late=plan.late)
        details = {**as_dict(plan.price), "price": plan.price.xp, "booked_before": day.booked, **why}
        key = f"{self.user_id}:{self.key}"
        booking = Booking(plan.booked_xp, self.kind, Source.STATS, key, day.day, details)
        ledger.book(conn, self.user_id, [booking] if booking.xp else [])
        return blow

    def remembered[Kind: (Submitted, Edited)](
        self, conn: Connection, kind: type[Kind], stored: Mapping[str, Any]
    ) -> Kind:
        """The stored outcome; the state of its raid is read again."""
        outcome = results.remembered(kind, stored, rules.card(self.day))
        raid = raids.find(conn, outcome.raid_id).fetchone() if outcome.raid_id else None
        return replace(outcome, raid_now=raid)

    def _contribute(self, conn: Connection, plan: Plan, catalogue: Catalogue) -> Blow | None:
        """Count what changes for the active raid.

        The raid is locked no earlier than here, so that many members can contribute at once; if it has ended since it
        was read, nothing counts.
        """
        day, raid = self.day, self.raid
        made = raid and points(catalogue, raid.type, rules.raid_moves(catalogue, day, plan))
        if not raid or not made:
            return None
        raids.lock_active(conn)
        given = contributions.contribute(
            conn, self.user_id, Source.STATS, self.key, made, day=day.day, raid_id=raid.raid_id
        )
        return Blow(given, raids.find(conn, raid.raid_id))


def _outcome(day: Day, plan: Plan) -> dict[str, Any]:
    """The part of the outcome that each kind of change has."""
    return {
        "day": day.day,
        "today": day.today,
        "counts": plan.counts,
        "price": plan.price,
        "booked_xp": plan.booked_xp,
        "streak": plan.streak,
        "xp": day.xp + plan.booked_xp,
        "raid": None,
    }
