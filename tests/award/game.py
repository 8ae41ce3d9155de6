"""The game under proof: connections of each role, a clock that can be moved, the invariants of docs/rules/awards.md."""

from __future__ import annotations

from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, datetime
from itertools import count
from typing import TYPE_CHECKING, Any, LiteralString

from devkit.postgres import OWNER
from mastermind.game.challenges import actions as challenges
from mastermind.game.members.rules import Member
from mastermind.game.today import actions as today
from mastermind.game.today import table as day_challenges
from mastermind.game.today.rules import Pools
from tests.actors import by
from tests.connections import Entered, enter
from tests.waiting import wait_for

if TYPE_CHECKING:
    from collections.abc import Generator
    from uuid import UUID

    from devkit.postgres import Postgres
    from mastermind.game.challenges.actions import Ticked, Undone
    from mastermind.game.today.rules import Did
    from tests.conftest import Superuser

type Connection = Entered

DELAY = 60

AHEAD = 12 - datetime.now(UTC).hour  # hours; the names of these zones have the other sign
ZONE = f"Etc/GMT{-AHEAD:+}" if AHEAD else "UTC"
"""Where it is about noon: the database's clock rules, and no midnight comes while the tests run."""

ANN, BEN = Member(1, "Ann"), Member(2, "Ben")

CLEAN: LiteralString = """
DELETE FROM interactions_done; DELETE FROM xp_totals; DELETE FROM xp_ledger; DELETE FROM day_awards;
DELETE FROM pending_xp_awards;
DELETE FROM users; DELETE FROM board_counts; DELETE FROM faction_totals;
DELETE FROM deletions; DELETE FROM day_challenges
"""

# Everything moves, so that the order of the ticks stays; a minute later all that is pending is due.
A_MINUTE_LATER: LiteralString = """
UPDATE pending_xp_awards SET created_at = created_at - interval '61 s', due_at = due_at - interval '61 s'
"""

# A row for each branch of a board's tree whose counters are not what a recount gives.
MISCOUNTED: LiteralString = """
SELECT 'the counters of a board are not the number of listed members', concat_ws(' ', period, board, node, branch)
FROM (
    SELECT period, board, child >> 7 AS node, (child & 127) + 1 AS branch, count(*) AS members
    FROM xp_totals, LATERAL (VALUES (leaf), (leaf >> 7), (leaf >> 14)) AS path (child)
    WHERE NOT is_unlisted(user_id, board) AND total > 0
    GROUP BY 1, 2, 3, 4
) AS listed
FULL JOIN (
    SELECT period, board, node, branch, sum(amount) AS members
    FROM board_counts, unnest(members) WITH ORDINALITY AS branches (amount, branch)
    GROUP BY 1, 2, 3, 4
) AS counted USING (period, board, node, branch)
WHERE coalesce(listed.members, 0) <> coalesce(counted.members, 0)
"""

# Each part gives a row for everything that breaks an invariant. I8 to I12 need a memory: the state machine has it.
BROKEN: LiteralString = (
    """
WITH entries AS (
    SELECT awards.award_id, awards.user_id, awards.status, awards.xp, awards.due_at, awards.day,
        count(*) FILTER (WHERE kind = 'award' AND ledger.xp = awards.xp) AS awarded,
        count(*) FILTER (WHERE kind = 'reversal' AND ledger.xp = -awards.xp) AS reversed,
        count(ledger.id) AS all_rows,
        min(ledger.at) AS first_at
    FROM pending_xp_awards AS awards
    LEFT JOIN xp_ledger AS ledger
        ON source = 'tensey' AND source_id = awards.award_id::text AND ledger.user_id = awards.user_id
        AND ledger.day = awards.day
    GROUP BY awards.award_id
), of_days AS (
    SELECT own.award_id, own.user_id, own.day, own.reversed_at,
        count(*) FILTER (WHERE kind = 'award' AND ledger.xp = own.xp) AS awarded,
        count(*) FILTER (WHERE kind = 'reversal' AND ledger.xp = -own.xp) AS reversed,
        count(ledger.id) AS all_rows
    FROM day_awards AS own
    LEFT JOIN xp_ledger AS ledger
        ON source = 'today' AND source_id = own.award_id::text AND ledger.user_id = own.user_id AND ledger.day = own.day
    GROUP BY own.award_id
), balances AS (
    SELECT user_id, coalesce(sum(ledger.xp), 0) AS xp,
        coalesce(sum(ledger.xp) FILTER (WHERE source <> 'admin'), 0) AS earned
    FROM users LEFT JOIN xp_ledger AS ledger USING (user_id) GROUP BY user_id
), totals AS (
    SELECT period, 'xp' AS board, user_id, sum(xp) AS total
    FROM xp_ledger, LATERAL (VALUES ('all'), (to_char(day, 'IYYY-"W"IW')), (to_char(day, 'YYYY-MM'))) AS of (period)
    GROUP BY period, user_id
    UNION ALL
    SELECT period, 'tensey', user_id, sum(CASE kind WHEN 'award' THEN 1 ELSE -1 END)
    FROM xp_ledger, LATERAL (VALUES ('all'), (to_char(day, 'IYYY-"W"IW')), (to_char(day, 'YYYY-MM'))) AS of (period)
    WHERE source = 'tensey'
    GROUP BY period, user_id
), logged AS (
    SELECT period, stat, user_id, sum(count)
    FROM daily_records, LATERAL (VALUES ('all'), (to_char(day, 'IYYY-"W"IW')), (to_char(day, 'YYYY-MM'))) AS of (period)
    GROUP BY period, stat, user_id
), gathered AS (
    SELECT period, faction, sum(ledger.xp) AS xp
    FROM xp_ledger AS ledger JOIN users USING (user_id),
        LATERAL (VALUES ('all'), (to_char(day, 'IYYY-"W"IW'))) AS of (period)
    WHERE NOT hidden
    GROUP BY period, faction
)
SELECT 'I1: XP is not the sum of the ledger', user_id::text FROM users JOIN balances USING (user_id)
WHERE users.xp <> balances.xp
UNION ALL
SELECT 'I2: awarded or reversed without exactly one award row', award_id::text FROM entries
WHERE awarded <> (status IN ('awarded', 'reversed'))::int
UNION ALL
SELECT 'I3: reversed without exactly one reversal of equal size', award_id::text FROM entries
WHERE reversed <> (status = 'reversed')::int
UNION ALL
SELECT 'I4: a ledger row that no state explains', award_id::text FROM entries WHERE all_rows <> awarded + reversed
UNION ALL
SELECT 'I4: a ledger row without its award', source_id FROM xp_ledger
WHERE source = 'tensey' AND source_id NOT IN (SELECT award_id::text FROM pending_xp_awards)
UNION ALL
SELECT 'I15: a challenge of the day without exactly one award row, or one reversal if it was taken back', award_id::text
FROM of_days WHERE (awarded, reversed, all_rows - awarded - reversed) <> (1, (reversed_at IS NOT NULL)::int, 0)
UNION ALL
SELECT 'I15: a ledger row without its challenge of the day', source_id FROM xp_ledger
WHERE source = 'today' AND source_id NOT IN (SELECT award_id::text FROM day_awards)
UNION ALL
SELECT 'I15: two live challenges of one day', day::text FROM day_awards
WHERE reversed_at IS NULL GROUP BY user_id, day HAVING count(*) > 1
UNION ALL
SELECT 'I15: a challenge of the day of a tick that is not awarded', own.award_id::text
FROM day_awards AS own JOIN pending_xp_awards AS ticks ON ticks.award_id = own.tick_id
WHERE own.reversed_at IS NULL AND ticks.status <> 'awarded'
UNION ALL
SELECT 'I15: a tick of the challenge of its day that brought nothing', award_id::text
FROM pending_xp_awards AS ticks CROSS JOIN LATERAL challenges_of_day(user_id, day) AS choice
WHERE status IN ('awarded', 'reversed') AND challenge_id IN (of_day, other)
    AND NOT EXISTS (SELECT FROM day_awards AS own WHERE own.user_id = ticks.user_id AND own.day = ticks.day)
UNION ALL
SELECT 'I5: two live awards of one challenge', challenge_id FROM pending_xp_awards
WHERE status IN ('pending', 'awarded') GROUP BY user_id, challenge_id HAVING count(*) > 1
UNION ALL
SELECT 'I6: awarded before it was due', award_id::text FROM entries WHERE first_at < due_at
UNION ALL
SELECT 'I7: below zero without an admin', user_id::text FROM balances WHERE earned < 0
UNION ALL
SELECT 'I13: the counter is not the number of awarded rows', user_id::text FROM users
WHERE social_freedom_exercises_tenseys <> (
    SELECT count(*) FROM pending_xp_awards AS awards WHERE awards.user_id = users.user_id AND status = 'awarded'
)
UNION ALL
SELECT 'totals are not the sums of the ledger and of the records', concat_ws(' ', period, board, user_id)
FROM (SELECT * FROM totals UNION ALL SELECT * FROM logged) AS totals
FULL JOIN xp_totals AS kept USING (period, board, user_id)
WHERE coalesce(totals.total, 0) <> coalesce(kept.total, 0)
UNION ALL
SELECT 'a total is listed and its member hidden, or the other way round', concat_ws(' ', period, board, user_id)
FROM xp_totals AS totals JOIN users USING (user_id)
WHERE totals.hidden <> is_unlisted(user_id, board)
UNION ALL
SELECT 'the total of a faction is not that of its members', concat_ws(' ', period, faction)
FROM gathered
FULL JOIN (SELECT period, faction, sum(xp) AS xp FROM faction_totals GROUP BY period, faction) AS kept
    USING (period, faction)
WHERE coalesce(gathered.xp, 0) <> coalesce(kept.xp, 0)
UNION ALL
SELECT 'a faction is not the number of its members', name FROM factions
WHERE members <> (SELECT count(*) FROM users WHERE faction = name)
    OR hidden <> (SELECT count(*) FROM users WHERE faction = name AND users.hidden)
UNION ALL
"""  # noqa: S608 # both parts are written out here
    + MISCOUNTED
)


def connect(postgres: Postgres, role: str, port: int | None = None) -> Connection:
    return enter(postgres.url(role).replace(f":{postgres.port}/", f":{port or postgres.port}/"))


class Game:
    """One database under the real roles; `look` is the owner's connection, which no function ever has."""

    zone = ZONE  # of the members, when they are met

    def __init__(self, postgres: Postgres) -> None:
        self.postgres = postgres
        self._open = ExitStack()
        self.tensey, self.award, self.main = self.enter("app_tensey"), self.enter("app_award"), self.enter("app_main")
        self.look = self.enter(OWNER)
        self.interactions = count(1001)

    def close(self) -> None:
        self._open.close()

    def enter(self, role: str) -> Connection:
        """A further connection; patient, because the proofs hold locks longer than the game ever would."""
        return self._open.enter_context(closing(self.connect(role)))

    def connect(self, role: str) -> Connection:
        """The same, which the caller closes."""
        return connect(self.postgres, role)

    @contextmanager
    def superuser(self) -> Generator[Superuser]:
        with closing(self.postgres.as_superuser()) as conn:
            yield conn

    def clean(self) -> None:
        self.look.run_script(CLEAN)

    def tick(self, member: Member = ANN, challenge_id: str = "a", *, delay: int = DELAY) -> Ticked:
        """A tick of its own, as app_tensey."""
        return challenges.tick(self.tensey, by(member, next(self.interactions), self.zone), challenge_id, delay=delay)

    def undo(self, award_id: UUID, member: Member = ANN) -> Undone:
        """An undo of its own, as app_tensey."""
        return challenges.undo(self.tensey, by(member, next(self.interactions)), award_id)

    def choose(self) -> None:
        """Every day's challenge is "a", and "b" comes instead of it."""
        day_challenges.put_pools(self.look, Pools(("a",), ("b",)))

    def do(self, challenge_id: str = "a", member: Member = ANN) -> Did:
        """The challenge of the day, done in /today."""
        return today.do(self.main, by(member, next(self.interactions), self.zone), challenge_id).did

    def take_back(self, member: Member = ANN) -> bool:
        """What the challenge of the day brought, taken back in /today."""
        award_id = self.of_day(member)
        return award_id is not None and today.undo(self.main, by(member, next(self.interactions)), award_id).undone

    def of_day(self, member: Member = ANN) -> UUID | None:
        return today.read(self.main, by(member, time_zone=self.zone)).standing.award_id

    def a_minute_later(self) -> None:
        """The database's clock rules and cannot be moved; so the awards are moved."""
        self.look.execute(A_MINUTE_LATER)

    def one(self, query: LiteralString, *values: object) -> Any:  # noqa: ANN401 # whatever the query asks for
        """The one value that the query has."""
        row = self.look.execute(query, values).fetchone()
        assert row is not None
        return row[0]

    def status(self, award_id: UUID) -> str:
        return self.one("SELECT status FROM pending_xp_awards WHERE award_id = %s", award_id)

    def balance(self, member: Member = ANN) -> tuple[int, int]:
        """XP and completed challenges."""
        row = self.look.execute(
            "SELECT xp, social_freedom_exercises_tenseys FROM users WHERE user_id = %s", [member.user_id]
        ).fetchone()
        return (row[0], row[1]) if row else (0, 0)

    def check(self) -> None:
        """Every invariant that can be checked from the tables alone."""
        assert self.look.execute(BROKEN).fetchall() == []

    def deadlocks(self) -> int:
        """How many the server has found; it logs one before the client gets the error."""
        return self.postgres.log.read_text(errors="replace").count("ERROR:  deadlock detected")

    def is_waiting(self, pid: int) -> bool:
        """Whether that backend waits for a lock of another one."""
        return self.one("SELECT cardinality(pg_blocking_pids(%s)) > 0", pid)

    def wait_until_gone(self, pid: int) -> None:
        """Wait until the server has noticed that a client is gone and has rolled back."""
        wait_for(
            lambda: not self.look.execute("SELECT FROM pg_stat_activity WHERE pid = %s", [pid]).rowcount, every=0.002
        )
