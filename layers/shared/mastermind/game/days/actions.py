"""What members log, day by day: submitting, editing, deleting, and looking at it.

A change is a decision of two exchanges: the first locks the member and reads the day, the second writes what the rules
make of it (docs/rules/xp.md, Booking). It names the interaction it answers and its nonce, the id of
the interaction that opened the form: the same change again, for whatever reason, stores nothing and gets the stored
outcome.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Literal, cast

from mastermind.errors import MemberMistake
from mastermind.game.audit import table as audit
from mastermind.game.catalogue import rules as stats
from mastermind.game.days import streaks, xp
from mastermind.game.days import table as records
from mastermind.game.days.calendar import EDIT_BACK, LOG_BACK, named
from mastermind.game.days.streaks import Streak
from mastermind.game.days.table import Day, RecordedDay
from mastermind.game.days.xp import Price
from mastermind.game.ledger import table as ledger
from mastermind.game.ledger.table import Booking
from mastermind.game.levels import rules as levels
from mastermind.game.members import table as users
from mastermind.game.members.rules import Member
from mastermind.game.raids import table as raids
from mastermind.game.raids.rules import points
from mastermind.postgres import outcomes as interactions
from mastermind.postgres.exchange import begin, commit, decision, exchange, only, snapshot

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from psycopg import Cursor

    from mastermind.game.catalogue.rules import Catalogue
    from mastermind.game.raids.table import ActiveRaid
    from mastermind.postgres.connection import Connection

__all__ = [
    "DayCard",
    "Edited",
    "Member",
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
]

SOURCE = "stats"
"""Whose rows these are in the ledger and among the contributions to a raid."""

GRACE = timedelta(days=1)
"""Yesterday can be logged until the end of today; what is logged later does not make its day count."""

type When = Literal["today", "yesterday"] | date
"""A day as a member names it; what "today" is, their own time zone decides."""


@dataclass(frozen=True, slots=True)
class DayCard:
    """A day as it stands: what is logged, what it is worth with its share, what it has booked.

    `today`, `streak` and `xp` are the member's. The price can be less than
    what is booked: what a bonus has paid falls only by an edit.
    """

    day: date
    today: date
    counts: Mapping[str, int]
    price: Price
    xp_booked: int
    streak: Streak
    xp: int

    @property
    def level(self) -> int:
        return levels.level_of(self.xp)

    @property
    def late(self) -> bool:
        """Whether what is logged now would not make the day count for a streak."""
        return self.day < self.today - GRACE


@dataclass(frozen=True, slots=True)
class Submitted:
    """What a submission led to: what it `added` to which `counts` of the day, their price, and the XP it booked.

    `streak` and `xp` are the member's after it. `late`: the day's grace was over. `raid` is the points that counted for
    a raid, None when none ran or the day was not today. `repeated`: nothing was stored now, this is the stored outcome.
    """

    day: date
    today: date
    added: Mapping[str, int]
    counts: Mapping[str, int]
    price: Price
    booked_xp: int
    streak: Streak
    xp: int
    late: bool
    raid: int | None
    repeated: bool = False

    @property
    def level(self) -> int:
        return levels.level_of(self.xp)


@dataclass(frozen=True, slots=True)
class Edited:
    """What an edit or a deletion led to: the counts of the day `before` and after it, and the XP it booked, signed."""

    day: date
    today: date
    before: Mapping[str, int]
    counts: Mapping[str, int]
    price: Price
    booked_xp: int
    streak: Streak
    xp: int
    raid: int | None
    repeated: bool = False

    @property
    def level(self) -> int:
        return levels.level_of(self.xp)


# --- looking ---


def card(conn: Connection, member: Member, when: When, *, catalogue: Catalogue, time_zone: str) -> DayCard:
    """A day as it stands. `time_zone` is the deployment's, for a member at first contact."""
    with exchange(conn):
        users.enter(conn, member, time_zone)
        found = _read(conn, member, when)
    day = only(found)
    counted = bool(day.in_time)
    price = xp.price(catalogue, day.counts, _share(day, counted=counted or not _is_late(day)))
    return DayCard(day.day, day.today, day.counts, price, day.booked, _streak(day, counted=counted), day.xp)


def days(conn: Connection, member: Member, time_zone: str) -> tuple[RecordedDay, ...]:
    """The days that can be edited and have something logged, newest first."""
    with exchange(conn):
        users.enter(conn, member, time_zone)
        with snapshot(conn):
            found = records.days(conn, member.user_id, EDIT_BACK)
    return tuple(found)


# --- changing ---


def submit(
    conn: Connection,
    member: Member,
    interaction_id: int,
    nonce: int,
    when: When,
    added: Mapping[str, int],
    *,
    catalogue: Catalogue,
    time_zone: str,
) -> Submitted:
    """Add to a day of the last 30. Raises MemberMistake, with nothing stored, for another day or more than it holds."""
    change = _Change("stats.submit", member, interaction_id, nonce, catalogue, time_zone)
    with decision(conn):
        found = change.ask(conn, when)
        if found.stored is not None:
            return Submitted(**_remembered(found))
        day = found.day
        _check_age(day, LOG_BACK, "logged")
        added = _submittable(catalogue, added)
        stats.check_added(catalogue, added, day.counts)
        counts = {stat: day.counts.get(stat, 0) + count for stat, count in added.items()}
        plan = _plan(day, catalogue, counts, late=_is_late(day))
        plan = replace(plan, booked_xp=max(0, plan.booked_xp))
        told = Submitted(added=added, late=plan.late, **plan.told(day))
        raid = change.write(conn, found, plan, told, {"added": added})
    return replace(told, raid=raid)


def edit(
    conn: Connection,
    member: Member,
    interaction_id: int,
    nonce: int,
    day: date,
    counts: Mapping[str, int],
    *,
    catalogue: Catalogue,
    time_zone: str,
) -> Edited:
    """Set these stats of a day of the last 7 to these counts, 0 being nothing; what is not named stays as it is.

    When that changes nothing, nothing is stored. Raises MemberMistake for an older day or more than a day holds.
    """
    change = _Change("stats.edit", member, interaction_id, nonce, catalogue, time_zone)
    with decision(conn):
        found = change.ask(conn, day)
        if found.stored is not None:
            return Edited(**_remembered(found))
        _check_age(found.day, EDIT_BACK, "edited")
        _check_known(catalogue, counts)
        stats.check_added(catalogue, counts, {})
        return change.correct(conn, found, counts)


def delete(
    conn: Connection,
    member: Member,
    interaction_id: int,
    nonce: int,
    day: date,
    *,
    catalogue: Catalogue,
    time_zone: str,
) -> Edited:
    """Take back all that is logged for a day of the last 7. Raises MemberMistake for an older or an empty day."""
    change = _Change("stats.delete", member, interaction_id, nonce, catalogue, time_zone)
    with decision(conn):
        found = change.ask(conn, day)
        if found.stored is not None:
            return Edited(**_remembered(found))
        _check_age(found.day, EDIT_BACK, "deleted")
        if not found.day.counts:
            raise MemberMistake(f"Nothing is logged for {named(day, found.day.today)}, so there is nothing to delete.")
        return change.correct(conn, found, dict.fromkeys(found.day.counts, 0))


# --- how a change is made ---


@dataclass(frozen=True, slots=True)
class _Found:
    """What the first exchange has read behind the lock; `stored` is the outcome of the same change, made before."""

    day: Day
    raid: ActiveRaid | None
    stored: Mapping[str, Any] | None
    stored_raid: int | None


@dataclass(frozen=True, slots=True)
class _Plan:
    """What the rules make of a change: the stats that it sets, and all that follows."""

    changed: Mapping[str, int]
    counts: Mapping[str, int]
    late: bool
    share: int
    price: Price
    booked_xp: int
    streak: Streak

    def told(self, day: Day) -> dict[str, Any]:
        """The part of the answer that each kind of change has."""
        return {
            "day": day.day,
            "today": day.today,
            "counts": self.counts,
            "price": self.price,
            "booked_xp": self.booked_xp,
            "streak": self.streak,
            "xp": day.xp + self.booked_xp,
            "raid": None,
        }


@dataclass(frozen=True, slots=True)
class _Change:
    """Who changes something, in answer to what."""

    did: str
    member: Member
    interaction_id: int
    nonce: int
    catalogue: Catalogue
    time_zone: str

    @property
    def kind(self) -> str:
        return self.did.removeprefix("stats.")

    @property
    def ledger_key(self) -> str:
        """A form is the member's own: whoever sends off the nonce of another's form books nothing in its place."""
        return f"{self.member.user_id}:{self.nonce}"

    def ask(self, conn: Connection, when: When) -> _Found:
        """The first exchange: see the member, lock them, read the day and which raid runs."""
        user_id = self.member.user_id
        with exchange(conn):
            users.enter(conn, self.member, self.time_zone)
            begin(conn)
            users.lock_own(conn, user_id)
            raid = raids.active(conn)
            stored = interactions.find(conn, user_id, self.did, (self.interaction_id, self.nonce))
            contributed = raids.contributed(conn, user_id, SOURCE, str(self.nonce))
            day = _read(conn, self.member, when)
        return _Found(only(day), raid.fetchone(), stored.fetchone(), only(contributed) or None)

    def correct(self, conn: Connection, found: _Found, counts: Mapping[str, int]) -> Edited:
        """Set the day to these counts, book what that changes, up or down, and have it in the audit log.

        A day that counts stays one as long as something is left of it: putting right what was logged in time takes
        nothing away.
        """
        day = found.day
        plan = _plan(day, self.catalogue, counts, late=_is_late(day) and not day.in_time)
        told = Edited(before=day.counts, **plan.told(day))
        if not plan.changed:
            return replace(told, booked_xp=0, xp=day.xp)
        raid = self.write(conn, found, plan, told, {"before": day.counts, "after": plan.counts})
        return replace(told, raid=raid)

    def write(
        self,
        conn: Connection,
        found: _Found,
        plan: _Plan,
        told: Submitted | Edited,
        why: Mapping[str, object],
    ) -> int | None:
        """The second exchange. Gives the points that counted for a raid, if any did."""
        user_id, day = self.member.user_id, found.day
        booking = Booking(plan.booked_xp, self.kind, SOURCE, self.ledger_key, day.day, _details(plan, day) | dict(why))
        with exchange(conn):
            raid = self.contribute(conn, found, plan)
            records.put(conn, user_id, day.day, plan.changed, share=plan.share, late=plan.late)
            ledger.book(conn, user_id, [booking] if booking.xp else [])
            if isinstance(told, Edited):
                self.audit(conn, day, plan)
            interactions.store(conn, user_id, self.did, (self.interaction_id, self.nonce), asdict(told))
            commit(conn)
        return (only(raid) or None) if raid else None

    def contribute(self, conn: Connection, found: _Found, plan: _Plan) -> Cursor[int] | None:
        """What a change means for the raid that runs, if it does mean something.

        What is logged for today counts; what an edit takes back of any day goes, as far as it had counted: the raid may
        run past midnight. It is locked no earlier than here, so that many members can contribute at once; if it has
        ended since it was read, nothing counts.
        """
        day, raid = found.day, found.raid
        if raid is None:
            return None
        moves = {stat: count - day.counts.get(stat, 0) for stat, count in plan.changed.items()}
        kept = {stat: move for stat, move in moves.items() if move < 0 or day.day == day.today}
        if not (made := points(self.catalogue, raid.type, kept)):
            return None
        raids.lock_active(conn)
        nonce = str(self.nonce)
        return raids.contribute(conn, self.member.user_id, SOURCE, nonce, made, day=day.day, raid_id=raid.raid_id)

    def audit(self, conn: Connection, day: Day, plan: _Plan) -> None:
        user_id, at = self.member.user_id, day.day.isoformat()
        before = {"day": at, "counts": day.counts, "xp": day.booked}
        after = {"day": at, "counts": plan.counts, "xp": day.booked + plan.booked_xp}
        audit.write(conn, actor_id=user_id, action=self.did, subject_id=user_id, before=before, after=after)


def _read(conn: Connection, member: Member, when: When) -> Cursor[Day]:
    if isinstance(when, date):
        return records.day(conn, member.user_id, when)
    return records.day(conn, member.user_id, None, 0 if when == "today" else 1)


def _plan(day: Day, catalogue: Catalogue, counts: Mapping[str, int], *, late: bool) -> _Plan:
    """What setting these counts makes of a day; what comes in `late` does not make it count."""
    changed = {stat: count for stat, count in counts.items() if count != day.counts.get(stat, 0)}
    left = {stat: count for stat, count in {**day.counts, **changed}.items() if count}
    counted = any(stat in day.in_time or (stat in changed and not late) for stat in left)
    share = _share(day, counted=counted)
    price = xp.price(catalogue, left, share)
    return _Plan(changed, left, late, share, price, price.xp - day.booked, _streak(day, counted=counted))


def _share(day: Day, *, counted: bool) -> int:
    """The day's frozen share; for a day without one, that of the streak as it stood on that day."""
    if day.share is not None:
        return day.share
    until = [each for each in _counted(day, counted=counted) if each <= day.day]
    return xp.streak_share(streaks.replay(until, day.covered_days, day.day).length)


def _streak(day: Day, *, counted: bool) -> Streak:
    return streaks.replay(_counted(day, counted=counted), day.covered_days, day.today)


def _counted(day: Day, *, counted: bool) -> Sequence[date]:
    return (*day.other_days, day.day) if counted else day.other_days


def _is_late(day: Day) -> bool:
    return day.day < day.today - GRACE


def _check_age(day: Day, most: int, done: str) -> None:
    """Raises MemberMistake for a day that is too long ago, or has not begun; travel may have logged one of those."""
    name = named(day.day, day.today)
    if day.day > day.today and not day.counts:
        raise MemberMistake(f"{name} has not begun for you yet.")
    if day.day < day.today - timedelta(days=most):
        raise MemberMistake(f"{name} is too long ago: a day can be {done} for {most} days.")


def _submittable(catalogue: Catalogue, added: Mapping[str, int]) -> dict[str, int]:
    """What is added, without nothings; MemberMistake when nothing is left."""
    kept = {stat: count for stat, count in added.items() if count}
    _check_known(catalogue, kept)
    if not kept:
        raise MemberMistake("Nothing was filled in, so nothing was stored.")
    return kept


def _check_known(catalogue: Catalogue, counts: Mapping[str, int]) -> None:
    """Raises ValueError for what no form has: a member cannot do that, only a mistake of ours."""
    stats_of_forms = {stat.key for category in catalogue.categories for stat in category.stats}
    if counts.keys() - stats_of_forms or any(count < 0 for count in counts.values()):
        raise ValueError("only stats that have a field can be set, and never below 0")


def _details(plan: _Plan, day: Day) -> dict[str, object]:
    """Base and each multiplier, for whoever asks why it was so much."""
    return {**asdict(plan.price), "price": plan.price.xp, "booked_before": day.booked}


def _remembered(found: _Found) -> dict[str, Any]:
    """The stored outcome in its own types."""
    stored = {**cast("Mapping[str, Any]", found.stored)}
    del stored["did"]
    streak: dict[str, Any] = stored["streak"]
    streak |= {"last": _date(streak["last"]), "frozen": tuple(map(_date, streak["frozen"]))}
    return stored | {
        "day": _date(stored["day"]),
        "today": _date(stored["today"]),
        "price": Price(**stored["price"]),
        "streak": Streak(**streak),
        "raid": found.stored_raid,
        "repeated": True,
    }


def _date(words: str | None) -> date | None:
    return None if words is None else date.fromisoformat(words)
