"""The table first_runs: how far the first run of a member has come.

Every function that changes something expects the member's row to be locked (members.table.lock).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, LiteralString

from mastermind.game.first_run.rules import Step, next_step
from mastermind.game.members.rhythm import Rhythm
from mastermind.postgres.exchange import rows

if TYPE_CHECKING:
    from datetime import datetime

    from mastermind.postgres.connection import Connection, Cursor

RUN: LiteralString = """
SELECT
    coalesce(run.step, 1) AS step,
    coalesce(run.knows_clock, false) OR EXISTS (
        SELECT FROM time_zone_changes AS moves WHERE moves.user_id = users.user_id
    ) AS knows_clock,
    faction, time_zone, xp, settings ->> 'rhythm' AS rhythm, clock_timestamp() AS now,
    xp <> 0 OR EXISTS (
        SELECT FROM pending_xp_awards AS ticks
        WHERE ticks.user_id = users.user_id AND status IN ('pending', 'awarded')
    ) AS has_begun,
    (SELECT is_on FROM bot_status) AND NOT EXISTS (
        SELECT FROM reminders WHERE reminders.user_id = users.user_id AND occasion = 'reminder' AND off IS NULL
    ) AS may_be_reminded
FROM users
LEFT JOIN first_runs AS run USING (user_id)
WHERE user_id = %(user_id)s
"""


@dataclass(frozen=True, slots=True)
class Run:
    """A member's first run: what they have reached, and what its steps say of them.

    `knows_clock`: they have said where they live. `has_begun`: they have logged or ticked something. `rhythm` is None
    until they have chosen one. `may_be_reminded`: the game could write to them, and does not yet.
    """

    step: int
    knows_clock: bool
    faction: str
    time_zone: str
    xp: int
    rhythm: Rhythm | None
    now: datetime
    has_begun: bool
    may_be_reminded: bool

    @property
    def next_step(self) -> Step:
        return next_step(self.step, has_begun=self.has_begun)


def run(conn: Connection, user_id: int) -> Cursor[Run]:
    """Theirs; no row for who was never met."""
    return rows(conn, Run, RUN, {"user_id": user_id}, rhythm=Rhythm)


NEWCOMER: LiteralString = """
SELECT
    faction,
    EXISTS (
        SELECT FROM pending_xp_awards AS ticks
        WHERE ticks.user_id = users.user_id AND status IN ('pending', 'awarded')
    ) AS has_ticked
FROM users
WHERE user_id = %(user_id)s
"""


@dataclass(frozen=True, slots=True)
class Newcomer:
    """What the Tensey application knows of somebody who begins there."""

    faction: str
    has_ticked: bool


def newcomer(conn: Connection, user_id: int) -> Cursor[Newcomer]:
    """Theirs; no row for who was never met."""
    return rows(conn, Newcomer, NEWCOMER, {"user_id": user_id})


REACH: LiteralString = """
INSERT INTO first_runs AS kept (user_id, step, declined) VALUES (%(user_id)s, %(step)s, false)
ON CONFLICT (user_id) DO UPDATE SET step = greatest(kept.step, EXCLUDED.step), declined = false
"""


def reach(conn: Connection, user_id: int, step: Step) -> None:
    """That step comes next, unless they are further already."""
    conn.execute(REACH, {"user_id": user_id, "step": step.value})


KNOW_CLOCK: LiteralString = "UPDATE first_runs SET knows_clock = true WHERE user_id = %(user_id)s"


def know_clock(conn: Connection, user_id: int) -> None:
    """They have answered where they live."""
    conn.execute(KNOW_CLOCK, {"user_id": user_id})


DECLINE: LiteralString = """
INSERT INTO first_runs (user_id, declined) VALUES (%(user_id)s, true)
ON CONFLICT (user_id) DO UPDATE SET declined = true
"""


def decline(conn: Connection, user_id: int) -> None:
    """It offers itself no more."""
    conn.execute(DECLINE, {"user_id": user_id})
