"""What waits for somebody's decision, what was not delivered, the raid that runs, and the figures of two weeks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, LiteralString

from mastermind.game.outbox.rules import CLOSED
from mastermind.postgres.exchange import rows

if TYPE_CHECKING:
    from datetime import datetime

    from mastermind.postgres.connection import Connection, Cursor

WAITING: LiteralString = """
SELECT
    flags.needs, flags.need_since, flags.others AS flags, flags.flag_since,
    questions.waiting AS questions, questions.question_since,
    proposals.undecided AS proposals, proposals.proposal_since, proposals.confirmed,
    messages.unknown, messages.refused,
    (SELECT count(*) FROM missing_rights) AS rights,
    raid.raid_id, raid.ends_at AS raid_ends
FROM
    (
        SELECT
            count(*) FILTER (WHERE in_need) AS needs, min(at) FILTER (WHERE in_need) AS need_since,
            count(*) FILTER (WHERE NOT in_need) AS others, min(at) FILTER (WHERE NOT in_need) AS flag_since
        FROM content_flags
        WHERE status = 'open'
    ) AS flags,
    (
        SELECT count(*) AS waiting, min(asked_at) AS question_since FROM course_questions WHERE answer IS NULL
    ) AS questions,
    (
        SELECT
            count(*) FILTER (WHERE status = 'open') AS undecided,
            min(at) FILTER (WHERE status = 'open') AS proposal_since,
            count(*) FILTER (WHERE status = 'confirmed') AS confirmed
        FROM user_moderation
        WHERE status IN ('open', 'confirmed')
    ) AS proposals,
    (
        SELECT
            count(*) FILTER (WHERE state = 'unknown') AS unknown,
            count(*) FILTER (WHERE state = 'refused') AS refused
        FROM outbox
        WHERE state IN ('refused', 'unknown') AND code IS DISTINCT FROM %(closed)s
    ) AS messages
LEFT JOIN raid_events AS raid ON raid.status = 'active'
"""


@dataclass(frozen=True, slots=True)
class Waiting:
    """How much of each waits, and since when its oldest does (None: none does).

    `confirmed` proposals are on their way to Discord. `unknown` and `refused` are requests to Discord, of the last 30
    days; that somebody accepts no direct messages is theirs alone, and not among them.
    """

    needs: int
    need_since: datetime | None
    flags: int
    flag_since: datetime | None
    questions: int
    question_since: datetime | None
    proposals: int
    proposal_since: datetime | None
    confirmed: int
    unknown: int
    refused: int
    rights: int
    raid_id: int | None
    raid_ends: datetime | None


def waiting(conn: Connection) -> Cursor[Waiting]:
    return rows(conn, Waiting, WAITING, {"closed": CLOSED})


WEEKS: LiteralString = """
SELECT
    members_listed(week.period, 'xp') AS active, members_listed(week.before, 'xp') AS active_before,
    coalesce((SELECT sum(xp) FROM faction_totals WHERE period = week.period), 0)::bigint AS xp,
    coalesce((SELECT sum(xp) FROM faction_totals WHERE period = week.before), 0)::bigint AS xp_before
FROM (
    SELECT period, period_of('week', first_day - 7) AS before FROM period_now('week', %(time_zone)s)
) AS week
"""


@dataclass(frozen=True, slots=True)
class Weeks:
    """How many members gathered XP in this week, and how much together; and in the week before it.

    Who hides is in no figure.
    """

    active: int
    active_before: int
    xp: int
    xp_before: int


def weeks(conn: Connection, time_zone: str) -> Cursor[Weeks]:
    return rows(conn, Weeks, WEEKS, {"time_zone": time_zone})
