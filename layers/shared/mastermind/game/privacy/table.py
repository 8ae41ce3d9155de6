"""Exporting and deleting a member: everything any table says about them, and the function delete_member.

An export says nothing about other people: who warned or answered somebody is not that somebody's to know.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, LiteralString

from mastermind.postgres.exchange import value

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from psycopg import Cursor

    from mastermind.postgres.connection import Connection

# Under the member's lock, so that of two deliveries of one interaction the second sees what the first did.
FORGET: LiteralString = """
SELECT delete_member(%(user_id)s)
WHERE NOT EXISTS (SELECT FROM interactions_done WHERE interaction_id = %(interaction_id)s)
"""

# The outcome is stored under nobody's id: with the member's own it would be a trace of them.
REMEMBER: LiteralString = """
INSERT INTO interactions_done (interaction_id, user_id, outcome)
VALUES (%(interaction_id)s, 0, '{"forgotten": true}')
ON CONFLICT (interaction_id) DO NOTHING
"""


def forget(conn: Connection, user_id: int, interaction_id: int) -> None:
    """Remove everything of the member, once for each interaction; nothing happens where nobody is.

    The member's row must be locked (members.table.lock).
    """
    conn.execute(FORGET, {"user_id": user_id, "interaction_id": interaction_id})
    conn.execute(REMEMBER, {"interaction_id": interaction_id})


# A member who joined again since then is not meant by that deletion.
FORGET_AGAIN: LiteralString = """
SELECT delete_member(user_id) FROM users WHERE user_id = %(user_id)s AND created_at <= %(at)s
"""

# Traces without a row of users, as a restore may bring them.
FORGET_TRACES: LiteralString = """
SELECT delete_member(%(user_id)s) WHERE NOT EXISTS (SELECT FROM users WHERE user_id = %(user_id)s)
"""


def forget_again(conn: Connection, user_id: int, at: datetime) -> Cursor[bool]:
    """Remove a member who asked for it `at` that time, unless they first came later; a row when there was somebody.

    For the owner's role, after a restore.
    """
    conn.execute(FORGET_TRACES, {"user_id": user_id})
    return value(conn, bool, FORGET_AGAIN, {"user_id": user_id, "at": at})


type Rows = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Part:
    """What one table says of a member: in a sentence for them, and the query that gives all of it as one JSON array."""

    about: str
    query: LiteralString


PARTS: Mapping[str, Part] = {
    "users": Part(
        "Who you are to the game, your XP, and what you have set.",
        "SELECT jsonb_agg(to_jsonb(own)) FROM users AS own WHERE user_id = %(user_id)s",
    ),
    "xp_ledger": Part(
        "Every change of your XP: how much, what for, for which of your days, and when.",
        "SELECT jsonb_agg(to_jsonb(own) ORDER BY id) FROM xp_ledger AS own WHERE user_id = %(user_id)s",
    ),
    "xp_totals": Part(
        "What your XP, your challenges and each of your stats come to: in all, in each week and in each month.",
        "SELECT jsonb_agg(to_jsonb(own) ORDER BY period, board) FROM xp_totals AS own WHERE user_id = %(user_id)s",
    ),
    "pending_xp_awards": Part(
        "Each challenge you ticked, and what became of it.",
        "SELECT jsonb_agg(to_jsonb(own) ORDER BY created_at) FROM pending_xp_awards AS own WHERE user_id = %(user_id)s",
    ),
    "daily_records": Part(
        "What you logged, by day.",
        "SELECT jsonb_agg(to_jsonb(own) ORDER BY day, stat) FROM daily_records AS own WHERE user_id = %(user_id)s",
    ),
    "booked_days": Part(
        "What each of your days has booked, and the share of its streak.",
        "SELECT jsonb_agg(to_jsonb(own) ORDER BY day) FROM booked_days AS own WHERE user_id = %(user_id)s",
    ),
    "users_stats": Part(
        "What you logged in all.",
        "SELECT jsonb_agg(to_jsonb(own) ORDER BY stat) FROM users_stats AS own WHERE user_id = %(user_id)s",
    ),
    "travel_days": Part(
        "Days that bridge your streak because you moved to another time zone.",
        "SELECT jsonb_agg(to_jsonb(own) ORDER BY day) FROM travel_days AS own WHERE user_id = %(user_id)s",
    ),
    "time_zone_changes": Part(
        "When you changed your time zone.",
        "SELECT jsonb_agg(to_jsonb(own) ORDER BY at) FROM time_zone_changes AS own WHERE user_id = %(user_id)s",
    ),
    "announcements": Part(
        "What of you was announced to the server, or could have been.",
        "SELECT jsonb_agg(to_jsonb(own) ORDER BY made_at) FROM announcements AS own WHERE user_id = %(user_id)s",
    ),
    "raid_contributions": Part(
        "What you gave to raids.",
        "SELECT jsonb_agg(to_jsonb(own) ORDER BY id) FROM raid_contributions AS own WHERE user_id = %(user_id)s",
    ),
    "raid_events": Part(
        "Raids that you started, or in which you gave most.",
        """
        SELECT jsonb_agg(
            to_jsonb(own) - 'started_by' - 'top_user_id' || jsonb_build_object(
                'started_by_you', started_by IS NOT DISTINCT FROM %(user_id)s::bigint,
                'you_gave_most', top_user_id IS NOT DISTINCT FROM %(user_id)s::bigint
            ) ORDER BY raid_id
        )
        FROM raid_events AS own
        WHERE started_by = %(user_id)s OR top_user_id = %(user_id)s
        """,
    ),
    "course_progress": Part(
        "The lessons you watched.",
        "SELECT jsonb_agg(to_jsonb(own) ORDER BY watched_at) FROM course_progress AS own WHERE user_id = %(user_id)s",
    ),
    "course_questions": Part(
        "The questions you asked, with their answers; and the answers you gave.",
        """
        SELECT jsonb_agg(
            CASE
                WHEN user_id = %(user_id)s THEN to_jsonb(own) - 'answered_by'
                ELSE jsonb_build_object(
                    'question_id', question_id, 'answered_by_you', true, 'answer', answer, 'answered_at', answered_at
                )
            END ORDER BY question_id
        )
        FROM course_questions AS own
        WHERE user_id = %(user_id)s OR answered_by = %(user_id)s
        """,
    ),
    "warned_people": Part(
        "When you were last warned.",
        "SELECT jsonb_agg(to_jsonb(own)) FROM warned_people AS own WHERE user_id = %(user_id)s",
    ),
    "user_warnings": Part(
        "Warnings you were given; and those that you gave or withdrew.",
        """
        SELECT jsonb_agg(
            CASE
                WHEN user_id = %(user_id)s THEN to_jsonb(own) - 'given_by' - 'withdrawn_by'
                ELSE jsonb_build_object(
                    'id', id,
                    'given_by_you', given_by IS NOT DISTINCT FROM %(user_id)s::bigint,
                    'withdrawn_by_you', withdrawn_by IS NOT DISTINCT FROM %(user_id)s::bigint,
                    'at', at
                )
            END ORDER BY id
        )
        FROM user_warnings AS own
        WHERE user_id = %(user_id)s OR given_by = %(user_id)s OR withdrawn_by = %(user_id)s
        """,
    ),
    "user_moderation": Part(
        "What the admins were asked to decide about you; and what you decided about others.",
        """
        SELECT jsonb_agg(
            CASE
                WHEN user_id = %(user_id)s THEN to_jsonb(own) - 'resolved_by'
                ELSE jsonb_build_object('id', id, 'resolved_by_you', true, 'resolved_at', resolved_at)
            END ORDER BY id
        )
        FROM user_moderation AS own
        WHERE user_id = %(user_id)s OR resolved_by = %(user_id)s
        """,
    ),
    "content_flags": Part(
        "Words of yours that a moderator was asked to look at; and those that you looked at.",
        """
        SELECT jsonb_agg(
            CASE
                WHEN user_id = %(user_id)s THEN to_jsonb(own) - 'resolved_by'
                ELSE jsonb_build_object('id', id, 'resolved_by_you', true, 'resolved_at', resolved_at)
            END ORDER BY id
        )
        FROM content_flags AS own
        WHERE user_id = %(user_id)s OR resolved_by = %(user_id)s
        """,
    ),
    "audit_log": Part(
        "What was done to your data or your standing, by whomever; and that you did something to somebody's.",
        """
        SELECT jsonb_agg(
            CASE
                WHEN subject_id = %(user_id)s OR subject_id IS NULL
                THEN to_jsonb(own) - 'actor_id' - 'subject_id'
                ELSE jsonb_build_object('id', id, 'at', at, 'action', action, 'reason', reason)
            END || jsonb_build_object('done_by_you', actor_id IS NOT DISTINCT FROM %(user_id)s::bigint)
            ORDER BY id
        )
        FROM audit_log AS own
        WHERE subject_id = %(user_id)s OR actor_id = %(user_id)s
        """,
    ),
    "rate_limits": Part(
        "When you last used the game, so that nobody can use it too fast.",
        "SELECT jsonb_agg(to_jsonb(own) ORDER BY pace) FROM rate_limits AS own WHERE user_id = %(user_id)s",
    ),
    "rate_limit_violations": Part(
        "How often you were too fast.",
        """
        SELECT jsonb_agg(to_jsonb(own) ORDER BY day, pace)
        FROM rate_limit_violations AS own
        WHERE user_id = %(user_id)s
        """,
    ),
    "interactions_done": Part(
        "What your taps of the last day led to.",
        "SELECT jsonb_agg(to_jsonb(own) ORDER BY at) FROM interactions_done AS own WHERE user_id = %(user_id)s",
    ),
}
"""By table; a test holds it against every column of the schema that can name a member."""


def read(conn: Connection, user_id: int) -> dict[str, Cursor[tuple[Rows | None]]]:
    """Ask every table; each cursor has one row, with None where the table says nothing."""
    return {table: conn.execute(part.query, {"user_id": user_id}) for table, part in PARTS.items()}
