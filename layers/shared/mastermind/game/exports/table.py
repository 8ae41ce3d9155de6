"""What each table says about a member, and nothing about other people.

An export does not reveal who warned or answered the member.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, LiteralString

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mastermind.postgres.connection import Connection, Cursor

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
    "shown_categories": Part(
        "What you show to everybody that is otherwise yours alone.",
        "SELECT jsonb_agg(to_jsonb(own) ORDER BY category) FROM shown_categories AS own WHERE user_id = %(user_id)s",
    ),
    "pending_xp_awards": Part(
        "Each challenge you ticked, and what became of it.",
        "SELECT jsonb_agg(to_jsonb(own) ORDER BY created_at) FROM pending_xp_awards AS own WHERE user_id = %(user_id)s",
    ),
    "day_awards": Part(
        "On which days you did the challenge of the day, and which one it was.",
        "SELECT jsonb_agg(to_jsonb(own) ORDER BY created_at) FROM day_awards AS own WHERE user_id = %(user_id)s",
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
    "pauses": Part(
        "When you paused.",
        "SELECT jsonb_agg(to_jsonb(own) ORDER BY first_day) FROM pauses AS own WHERE user_id = %(user_id)s",
    ),
    "rest_days": Part(
        "Which days you declared as rest days.",
        "SELECT jsonb_agg(to_jsonb(own) ORDER BY day) FROM rest_days AS own WHERE user_id = %(user_id)s",
    ),
    "for_you": Part(
        "What the game has still to tell you.",
        "SELECT jsonb_agg(to_jsonb(own) ORDER BY at) FROM for_you AS own WHERE user_id = %(user_id)s",
    ),
    "reminders": Part(
        "When you asked to be reminded, and when you were.",
        "SELECT jsonb_agg(to_jsonb(own)) FROM reminders AS own WHERE user_id = %(user_id)s",
    ),
    "first_runs": Part(
        "How far your first run has come.",
        "SELECT jsonb_agg(to_jsonb(own)) FROM first_runs AS own WHERE user_id = %(user_id)s",
    ),
    "explained": Part(
        "What of the game was explained to you, and on which of your days.",
        "SELECT jsonb_agg(to_jsonb(own) ORDER BY day, matter) FROM explained AS own WHERE user_id = %(user_id)s",
    ),
    "time_zone_changes": Part(
        "When you changed your time zone.",
        "SELECT jsonb_agg(to_jsonb(own) ORDER BY at) FROM time_zone_changes AS own WHERE user_id = %(user_id)s",
    ),
    "announcements": Part(
        "What of you was announced to the server, or could have been.",
        "SELECT jsonb_agg(to_jsonb(own) ORDER BY made_at) FROM announcements AS own WHERE user_id = %(user_id)s",
    ),
    "cheers": Part(
        "When you cheered for somebody, and somebody for you, and what for.",
        """
        SELECT jsonb_agg(
            jsonb_build_object(
                'kind', announcements.kind, 'at', own.at, 'seen_at', own.seen_at,
                'given_by_you', own.user_id IS NOT DISTINCT FROM %(user_id)s::bigint
            ) ORDER BY own.at
        )
        FROM cheers AS own
        JOIN announcements USING (key)
        WHERE own.user_id = %(user_id)s OR own.celebrated_id = %(user_id)s
        """,
    ),
    "outbox": Part(
        "What was said to you, or about you, by the game itself.",
        "SELECT jsonb_agg(to_jsonb(own) ORDER BY id) FROM outbox AS own WHERE user_id = %(user_id)s",
    ),
    "interaction_tokens": Part(
        "How long your last answer can still be changed; what that takes is a secret.",
        """
        SELECT jsonb_agg(jsonb_build_object('user_id', user_id, 'revision', revision, 'expires_at', expires_at))
        FROM interaction_tokens
        WHERE user_id = %(user_id)s
        """,
    ),
    "direct_channels": Part(
        "Where direct messages to you go, and since when you accept none.",
        "SELECT jsonb_agg(to_jsonb(own)) FROM direct_channels AS own WHERE user_id = %(user_id)s",
    ),
    "member_roles": Part(
        "Which roles of the game you have in Discord, and which of them it gave you.",
        "SELECT jsonb_agg(to_jsonb(own)) FROM member_roles AS own WHERE user_id = %(user_id)s",
    ),
    "game_roles": Part(
        "Roles of the game that you added.",
        """
        SELECT jsonb_agg(to_jsonb(own) - 'added_by' || '{"added_by_you": true}'::jsonb ORDER BY role_id)
        FROM game_roles AS own
        WHERE added_by = %(user_id)s
        """,
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
                THEN to_jsonb(own) - 'actor_id' - 'actor_until' - 'subject_id' - 'operator' - 'invocation'
                ELSE jsonb_build_object('id', id, 'at', at, 'action', action, 'reason', reason)
            END || jsonb_build_object('done_by_you', actor_id IS NOT DISTINCT FROM %(user_id)s::bigint)
            ORDER BY id
        )
        FROM audit_log AS own
        WHERE subject_id = %(user_id)s OR actor_id = %(user_id)s
        """,
    ),
    "kept_after_deletion": Part(
        "What stays in force since you last had your data deleted: warnings, limits, and the deletions of a day.",
        "SELECT jsonb_agg(to_jsonb(own) ORDER BY until) FROM kept_of(%(user_id)s) AS own",
    ),
    "rate_limits": Part(
        "When you last used the game, so that nobody can use it too fast.",
        """
        SELECT jsonb_agg(to_jsonb(own) ORDER BY pace)
        FROM rate_limits AS own
        WHERE user_id = %(user_id)s AND interaction_id <> 0
        """,
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
