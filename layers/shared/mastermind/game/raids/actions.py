"""Raids: started and cancelled by admins, looked at by everybody, ended and rewarded without anyone having to look.

What members contribute is counted with what they log (game.days.actions) and,
by the database itself, with what they tick.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from mastermind.game.audit import table as audit
from mastermind.game.challenges.awards import BATCH, SPARE, Swept
from mastermind.game.members import table as users
from mastermind.game.members.rules import Member
from mastermind.game.raids import table as raids
from mastermind.game.raids.rules import REWARD
from mastermind.game.raids.table import Contributor, Own, Raid
from mastermind.postgres import outcomes as interactions
from mastermind.postgres.exchange import begin, commit, decision, exchange, only, refusals, snapshot, transaction

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mastermind.deadline import Deadline
    from mastermind.game.raids.table import Unrewarded
    from mastermind.postgres.connection import Connection

__all__ = [
    "Cancelled",
    "Contributor",
    "Member",
    "Own",
    "Raid",
    "RaidSweep",
    "Standing",
    "Started",
    "cancel",
    "read",
    "start",
    "sweep",
]

START, CANCEL = "raid.start", "raid.cancel"

TOP = 5
"""Contributors that are named: what a phone shows at once."""


@dataclass(frozen=True, slots=True)
class Started:
    """The raid this interaction has started; or, when `is_new` is False, the one that stood in its way."""

    raid: Raid
    is_new: bool


@dataclass(frozen=True, slots=True)
class Cancelled:
    """The raid as it stands now; `by_this` tells whether this interaction has cancelled it. None: there is no such."""

    raid: Raid | None
    by_this: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """A raid (None: there is no such), who of the visible has contributed most to it, and what the one who asks has."""

    raid: Raid | None
    top: tuple[Contributor, ...]
    own: Own


def start(
    conn: Connection,
    member: Member,
    interaction_id: int,
    raid_type: str,
    *,
    minutes: int,
    target: int,
    tick_points: int,
    time_zone: str,
) -> Started:
    """Start a raid, unless one is active. A challenge counts `tick_points` in it as long as it runs."""
    with decision(conn):
        with exchange(conn):
            _begin(conn, member, time_zone)
            stored = interactions.find(conn, member.user_id, START, (interaction_id,))
            raids.expire(conn)
            made = raids.start(
                conn,
                interaction_id,
                member.user_id,
                raid_type,
                minutes=minutes,
                target=target,
                tick_points=tick_points,
            )
            newest = raids.find(conn, None)
        if outcome := stored.fetchone():
            return Started(_as_it_stands(conn, cast("int", outcome["raid_id"])), is_new=True)
        raid = only(newest)
        if made.fetchone() is None:
            return Started(raid, is_new=False)
        after = {"raid_id": raid.raid_id, "type": raid.type, "minutes": minutes, "target": target}
        _settle(conn, member, interaction_id, START, None, after)
    return Started(raid, is_new=True)


def cancel(conn: Connection, member: Member, interaction_id: int, raid_id: int, time_zone: str) -> Cancelled:
    """End a raid that runs; nobody is rewarded, and what was logged stays everybody's."""
    with decision(conn):
        with exchange(conn):
            _begin(conn, member, time_zone)
            stored = interactions.find(conn, member.user_id, CANCEL, (interaction_id,))
            raids.lock_active(conn)
            ended = raids.cancel(conn, raid_id)
            found = raids.find(conn, raid_id)
        raid = found.fetchone()
        if raid is None or ended.fetchone() is None:
            return Cancelled(raid, by_this=stored.fetchone() is not None)
        before = {"raid_id": raid_id, "status": "active"}
        after = {"raid_id": raid_id, "status": raid.status, "total": raid.total, "target": raid.target}
        _settle(conn, member, interaction_id, CANCEL, before, after)
    return Cancelled(raid, by_this=True)


def read(conn: Connection, member: Member, raid_id: int | None, time_zone: str) -> Standing:
    """How a raid stands, the newest without an id."""
    with exchange(conn):
        users.enter(conn, member, time_zone)
        with snapshot(conn):
            found = raids.find(conn, raid_id)
            top = raids.top(conn, raid_id, TOP)
            own = raids.own(conn, raid_id, member.user_id)
    return Standing(found.fetchone(), tuple(top), only(own))


def _begin(conn: Connection, member: Member, time_zone: str) -> None:
    users.enter(conn, member, time_zone)
    begin(conn)
    users.lock_own(conn, member.user_id)


def _as_it_stands(conn: Connection, raid_id: int) -> Raid:
    """The second exchange of a repeat, which writes nothing."""
    with exchange(conn):
        found = raids.find(conn, raid_id)
        commit(conn)
    return only(found)


def _settle(
    conn: Connection,
    member: Member,
    interaction_id: int,
    did: str,
    before: Mapping[str, object] | None,
    after: Mapping[str, object],
) -> None:
    """The second exchange: who did it stands in the audit log, and what came of it is kept for a repeat."""
    with exchange(conn):
        audit.write(conn, actor_id=member.user_id, action=did, before=before, after=after)
        interactions.store(conn, member.user_id, did, (interaction_id,), after)
        commit(conn)


# --- what happens without anyone looking ---


@dataclass(frozen=True, slots=True)
class RaidSweep:
    """What a sweep did: raids whose time was over; members it rewarded, who were busy, whom the database refused.

    `finished` is False when the time ran out before the rewards did.
    """

    failed: int
    rewarded: int
    busy: int
    refused: int
    finished: bool


def sweep(conn: Connection, deadline: Deadline) -> RaidSweep:
    """End the raid whose time is over, and reward who has contributed to a completed one, until 2 s before `deadline`.

    Each member in a transaction of its own, once by the ledger's key: whoever is left out, because they were busy or we
    were killed, is met by the next sweep.
    """
    failed = raids.expire(conn).rowcount
    met = dict.fromkeys(Swept, 0)
    finished = True
    for each in _unrewarded(conn):
        if deadline.remaining() <= SPARE:
            finished = False
            break
        met[_reward_if_free(conn, each)] += 1
    raids.close(conn)
    return RaidSweep(
        failed=failed,
        rewarded=met[Swept.APPLIED],
        busy=met[Swept.BUSY],
        refused=met[Swept.REFUSED],
        finished=finished,
    )


def _unrewarded(conn: Connection) -> Iterator[Unrewarded]:
    last: Unrewarded | None = None
    while batch := raids.unrewarded(conn, last, BATCH):
        yield from batch
        last = batch[-1]


def _reward_if_free(conn: Connection, each: Unrewarded) -> Swept:
    try:
        with exchange(conn), transaction(conn):
            if not users.lock_if_free(conn, each.user_id):
                return Swept.BUSY
            booked = raids.reward(conn, each.raid_id, each.user_id, xp=REWARD)
    except refusals():
        return Swept.REFUSED
    return Swept.APPLIED if booked.rowcount else Swept.SETTLED
