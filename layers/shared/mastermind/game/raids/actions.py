"""Raids: started and cancelled by admins, looked at by everybody, ended and rewarded by the sweep.

What members contribute is counted with what they log (game.days.actions) and, by the database itself, with what they
tick.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mastermind.game.contributions import table as contributions
from mastermind.game.contributions.table import Contributor, Own
from mastermind.game.exchanges import changing, looking, own_row
from mastermind.game.members import table as members
from mastermind.game.raids import table as raids
from mastermind.game.raids.rules import REWARD, RaidStatus, RaidType
from mastermind.game.raids.table import Raid
from mastermind.game.sweeping import BATCH, SPARE, Swept
from mastermind.postgres.errors import WorkRefused
from mastermind.postgres.exchange import exchange, only, transaction

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mastermind.deadline import Deadline
    from mastermind.game.contributions.table import Unrewarded
    from mastermind.game.members.rules import Actor
    from mastermind.postgres.connection import Connection

__all__ = [
    "Cancelled",
    "Contributor",
    "Own",
    "Raid",
    "RaidStanding",
    "RaidSweep",
    "Started",
    "cancel",
    "read",
    "start",
    "sweep",
]

START, CANCEL = "raid.start", "raid.cancel"

TOP = 5
"""Contributors that are named: as many as fit on a phone's screen."""


@dataclass(frozen=True, slots=True)
class Started:
    """The raid this interaction has started; or, when `is_new` is False, the one that was active already."""

    raid: Raid
    is_new: bool


@dataclass(frozen=True, slots=True)
class Cancelled:
    """The raid as it stands now (None: no such raid), and whether this interaction has cancelled it."""

    raid: Raid | None
    by_this: bool


@dataclass(frozen=True, slots=True)
class RaidStanding:
    """A raid (None: no such raid), its top contributors who are not hidden, and what the caller has contributed."""

    raid: Raid | None
    top: tuple[Contributor, ...]
    own: Own


def start(
    conn: Connection, actor: Actor, raid_type: RaidType, *, minutes: int, target: int, tick_points: int
) -> Started:
    """Start a raid, unless one is active. A challenge counts `tick_points` in it as long as it runs."""
    with changing(conn, actor, START) as change:
        raids.expire(conn)
        made = raids.start(conn, actor, raid_type, minutes=minutes, target=target, tick_points=tick_points)
        newest = raids.find(conn, None)
        is_new = made.fetchone() is not None
        if is_new:
            raid = only(newest)
            after = {"raid_id": raid.raid_id, "type": raid.type, "minutes": minutes, "target": target}
            change.audit(after=after)
            change.keep(after)
            return Started(raid, is_new=True)
        found = raids.find(conn, change.stored.get("raid_id")) if change.stored else newest
    return Started(only(found), is_new=change.stored is not None)


def cancel(conn: Connection, actor: Actor, raid_id: int) -> Cancelled:
    """End a raid that runs; nobody is rewarded, and what was logged still counts for everybody."""
    with changing(conn, actor, CANCEL) as change:
        raids.lock_active(conn)
        ended = raids.cancel(conn, raid_id)
        found = raids.find(conn, raid_id)
        raid = found.fetchone()
        if raid is None or ended.fetchone() is None:
            return Cancelled(raid, by_this=change.stored is not None)
        after = {"raid_id": raid_id, "status": raid.status, "total": raid.total, "target": raid.target}
        change.audit(before={"raid_id": raid_id, "status": RaidStatus.ACTIVE}, after=after)
        change.keep(after)
    return Cancelled(raid, by_this=True)


def read(conn: Connection, actor: Actor, raid_id: int | None) -> RaidStanding:
    """How a raid stands, the newest without an id."""
    with looking(conn, actor):
        found = raids.find(conn, raid_id)
        top = contributions.top(conn, raid_id, TOP)
        own = contributions.own(conn, raid_id, actor.user_id)
    return RaidStanding(found.fetchone(), tuple(top), own_row(own))


# --- the sweep ---


@dataclass(frozen=True, slots=True)
class RaidSweep:
    """How many raids a sweep ended as failed, and how many members it rewarded, found locked, or saw refused.

    `finished` is False when the time ran out before the rewards did.
    """

    failed: int
    rewarded: int
    busy: int
    refused: int
    finished: bool


def sweep(conn: Connection, deadline: Deadline) -> RaidSweep:
    """Fail the raid whose time is over, and reward the contributors to completed ones, until 2 s before `deadline`.

    Each member in a transaction of its own, once by the ledger's key: a member who is left out, because they were
    locked or the process was killed, is rewarded by the next sweep.
    """
    with exchange(conn), transaction(conn):
        failed = raids.expire(conn)
    met = dict.fromkeys(Swept, 0)
    finished = True
    for each in _unrewarded(conn):
        if deadline.remaining() <= SPARE:
            finished = False
            break
        met[_reward_if_free(conn, each)] += 1
    with exchange(conn), transaction(conn):
        contributions.close(conn)
    return RaidSweep(
        failed=failed.rowcount,
        rewarded=met[Swept.APPLIED],
        busy=met[Swept.BUSY],
        refused=met[Swept.REFUSED],
        finished=finished,
    )


def _unrewarded(conn: Connection) -> Iterator[Unrewarded]:
    last: Unrewarded | None = None
    while batch := contributions.unrewarded(conn, last, BATCH):
        yield from batch
        last = batch[-1]


def _reward_if_free(conn: Connection, each: Unrewarded) -> Swept:
    try:
        with exchange(conn), transaction(conn):
            if not members.lock_if_free(conn, each.user_id):
                return Swept.BUSY
            booked = contributions.reward(conn, each.raid_id, each.user_id, xp=REWARD)
    except WorkRefused:
        return Swept.REFUSED
    return Swept.APPLIED if booked.rowcount else Swept.SETTLED
