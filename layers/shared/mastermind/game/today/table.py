"""The tables day_challenges and day_awards: what a day chooses from, and who did the challenge of which day.

Every function that changes a row of a member expects the member's row to be locked (members.table.lock).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, LiteralString

from mastermind.game.members.rhythm import Rhythm
from mastermind.postgres.exchange import only, rows, value

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from uuid import UUID

    from mastermind.game.today.rules import Pools
    from mastermind.postgres.connection import Connection, Cursor

STANDING: LiteralString = """
SELECT
    clock.today, coalesce(choice.of_day, '') AS of_day, coalesce(choice.other, '') AS other,
    own.award_id, coalesce(own.challenge_id, '') AS done,
    ARRAY(
        SELECT challenge_id
        FROM tensey_completions AS live
        WHERE live.user_id = me.user_id AND challenge_id IN (choice.of_day, choice.other)
    ) AS listed,
    ARRAY(
        SELECT challenge_id
        FROM tensey_completions AS live
        WHERE live.user_id = me.user_id AND challenge_id IN (choice.of_day, choice.other)
            AND status = 'pending' AND live.day = clock.today
    ) AS coming,
    (
        SELECT count(*) FROM tensey_completions AS live WHERE live.user_id = me.user_id AND live.day = clock.today
    ) + (own.award_id IS NOT NULL AND own.tick_id IS NULL)::int AS done_today,
    social_freedom_exercises_tenseys AS challenges, me.settings ->> 'rhythm' AS rhythm,
    coalesce(
        (SELECT jsonb_object_agg(stat, total) FROM users_stats AS totals WHERE totals.user_id = me.user_id), '{}'
    ) AS totals
FROM users AS me
CROSS JOIN LATERAL (SELECT local_day(clock_timestamp(), time_zone) AS today) AS clock
CROSS JOIN LATERAL challenges_of_day(me.user_id, clock.today) AS choice
LEFT JOIN day_awards AS own ON own.user_id = me.user_id AND own.day = clock.today AND own.reversed_at IS NULL
WHERE me.user_id = %(user_id)s
"""


@dataclass(frozen=True, slots=True)
class Standing:
    """The challenge `of_day` and the `other` one, by their ids ("" where there is none), and what the member has done.

    `award_id` and `done` name the one that brought today's XP. `listed` are those of the two that are ticked in the
    list, `coming` those whose tick of today waits for its XP. `done_today` are the challenges of today, `challenges`
    all that are awarded, `totals` is what the member logged of each stat. `rhythm` is None until they choose one.
    """

    today: date
    of_day: str
    other: str
    award_id: UUID | None
    done: str
    listed: tuple[str, ...]
    coming: tuple[str, ...]
    done_today: int
    challenges: int
    rhythm: Rhythm | None
    totals: Mapping[str, int]


def standing(conn: Connection, user_id: int) -> Cursor[Standing]:
    """The member's today; no row for who was never met."""
    return rows(conn, Standing, STANDING, {"user_id": user_id}, listed=tuple, coming=tuple, rhythm=Rhythm)


# The name of the change comes with it, as with any outcome (postgres.outcomes).
DO: LiteralString = """
INSERT INTO interactions_done (interaction_id, user_id, outcome)
SELECT
    %(interaction_id)s, %(user_id)s,
    jsonb_build_object('did', 'today.do', 'came', do_day_challenge(%(user_id)s, %(challenge_id)s))
WHERE NOT EXISTS (SELECT FROM interactions_done WHERE interaction_id = %(interaction_id)s)
ON CONFLICT (interaction_id) DO NOTHING
"""

DID: LiteralString = """
SELECT coalesce(outcome ->> 'came', 'had') AS came
FROM interactions_done
WHERE interaction_id = %(interaction_id)s
"""


def do(conn: Connection, user_id: int, interaction_id: int, challenge_id: str) -> Cursor[str]:
    """Award the challenge, if it is one of today's and the first today, and store the outcome; never twice.

    Gives the stored outcome (rules.Did), also of an earlier attempt of the same interaction.
    """
    values = {"user_id": user_id, "interaction_id": interaction_id, "challenge_id": challenge_id}
    conn.execute(DO, values)
    return value(conn, str, DID, {"interaction_id": interaction_id})


UNDO: LiteralString = """
INSERT INTO interactions_done (interaction_id, user_id, outcome)
SELECT
    %(interaction_id)s, %(user_id)s,
    jsonb_build_object('did', 'today.undo', 'undone', undo_day_challenge(%(user_id)s, %(award_id)s))
WHERE NOT EXISTS (SELECT FROM interactions_done WHERE interaction_id = %(interaction_id)s)
ON CONFLICT (interaction_id) DO NOTHING
"""

UNDONE: LiteralString = """
SELECT coalesce((outcome ->> 'undone')::boolean, false) AS undone
FROM interactions_done
WHERE interaction_id = %(interaction_id)s
"""


def undo(conn: Connection, user_id: int, interaction_id: int, award_id: UUID) -> Cursor[bool]:
    """Take the award back, if it is the member's and live, and store the outcome; never twice. Gives whether it was."""
    conn.execute(UNDO, {"user_id": user_id, "interaction_id": interaction_id, "award_id": award_id})
    return value(conn, bool, UNDONE, {"interaction_id": interaction_id})


# --- for the migration runner ---

HAS_POOLS: LiteralString = "SELECT to_regclass('day_challenges') IS NOT NULL AS has_pools"


def has_pools(conn: Connection) -> bool:
    """Whether the table is there yet."""
    return only(value(conn, bool, HAS_POOLS))


PUT_POOL: LiteralString = """
INSERT INTO day_challenges AS kept (pool, place, challenge_id)
SELECT %(pool)s, nth - 1, challenge_id
FROM unnest(%(challenge_ids)s::text[]) WITH ORDINALITY AS shipped (challenge_id, nth)
ON CONFLICT (pool, place) DO UPDATE
SET challenge_id = EXCLUDED.challenge_id WHERE kept.challenge_id <> EXCLUDED.challenge_id
"""

TRIM_POOL: LiteralString = """
DELETE FROM day_challenges WHERE pool = %(pool)s AND place >= cardinality(%(challenge_ids)s::text[])
"""


def put_pools(conn: Connection, pools: Pools) -> None:
    """Store what a day chooses from, in this order."""
    for pool, challenge_ids in (("day", pools.day), ("other", pools.other)):
        values = {"pool": pool, "challenge_ids": list(challenge_ids)}
        conn.execute(PUT_POOL, values)
        conn.execute(TRIM_POOL, values)
