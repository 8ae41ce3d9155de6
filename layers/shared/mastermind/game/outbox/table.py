"""The table outbox: what is to be asked of Discord, inserted in the transaction of what causes it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime  # noqa: TC003 # ops has pydantic read it
from typing import TYPE_CHECKING, LiteralString

from mastermind.game.outbox.rules import CLOSED, Entry, State
from mastermind.postgres.exchange import rows, value
from mastermind.records import as_dict

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import timedelta

    from mastermind.game.outbox.rules import Ref
    from mastermind.game.outreach.rights import Needed
    from mastermind.postgres.connection import Connection, Cursor

# Nobody gets a row who is not a member (any more): it would not go with them.
INSERT: LiteralString = """
INSERT INTO outbox (key, kind, user_id, refs, due_at)
SELECT %(key)s, %(kind)s, %(user_id)s::bigint, %(refs)s::jsonb, coalesce(%(due_at)s, clock_timestamp())
WHERE %(user_id)s::bigint IS NULL OR EXISTS (SELECT FROM users WHERE user_id = %(user_id)s)
ON CONFLICT (key) DO NOTHING
"""


def insert(
    conn: Connection,
    kind: str,
    key: str,
    *,
    user_id: int | None = None,
    refs: Mapping[str, Ref] | None = None,
    due_at: datetime | None = None,
) -> Cursor[tuple[object, ...]]:
    """Ask something of Discord, once for each `key`, when it is due (None: now); `rowcount` is 0 for a repeat.

    It belongs into the transaction of what causes it, after that. `kind` is a file of mastermind/relay/kinds, which
    composes it when it is handed over; `refs` name what it is about, in no words that anybody wrote.
    """
    values = {"key": key, "kind": kind, "user_id": user_id, "refs": json.dumps(dict(refs or {})), "due_at": due_at}
    return conn.execute(INSERT, values)


IS_DUE: LiteralString = """
SELECT EXISTS (SELECT FROM outbox WHERE state = 'due' AND due_at <= statement_timestamp())
    OR EXISTS (SELECT FROM announcements WHERE status = 'due') AS is_due
"""


def is_due(conn: Connection) -> Cursor[bool]:
    """Whether there is anything for relay to do."""
    return value(conn, bool, IS_DUE)


# --- what relay does ---

LAPSE_OLD: LiteralString = """
UPDATE outbox
SET state = 'lapsed', settled_at = clock_timestamp()
FROM unnest(%(kinds)s::text[], %(lasts)s::interval[]) AS known (kind, lasts)
WHERE outbox.state = 'due' AND outbox.kind = known.kind AND outbox.due_at < statement_timestamp() - known.lasts
RETURNING id, key, outbox.kind, user_id, refs, due_at, tries, tried
"""


def lapse_old(conn: Connection, lasts: Mapping[str, timedelta]) -> Cursor[Entry]:
    """Lapse rows that have been due for longer than their kind is of interest; returns their kinds."""
    return rows(conn, Entry, LAPSE_OLD, {"kinds": list(lasts), "lasts": list(lasts.values())})


# Edits have a queue of their own: they wait for nobody, and nobody waits for them.
DUE: LiteralString = """
SELECT id, key, kind, user_id, refs, due_at, tries, tried
FROM outbox
WHERE state = 'due'
    AND due_at <= statement_timestamp()
    AND (retry_at IS NULL OR retry_at <= statement_timestamp())
    AND kind = ANY(%(kinds)s)
ORDER BY array_position(%(kinds)s, kind), due_at, id
LIMIT %(most)s
"""


def due(conn: Connection, kinds: Sequence[str], most: int) -> Cursor[Entry]:
    """Due rows of these kinds, in their order; nothing is locked."""
    return rows(conn, Entry, DUE, {"kinds": list(kinds), "most": most})


UNANSWERED: LiteralString = """
SELECT count(*) AS count FROM outbox WHERE state = 'handed' AND kind = ANY(%(kinds)s)
"""


def unanswered(conn: Connection, kinds: Sequence[str]) -> Cursor[int]:
    """How many of these kinds were handed over, and not answered yet."""
    return value(conn, int, UNANSWERED, {"kinds": list(kinds)})


# A member who is being changed at this moment is left to the next time; a member who has left takes the row along.
KEEP_MEMBER: LiteralString = """
SELECT user_id FROM users WHERE user_id = %(user_id)s FOR NO KEY UPDATE SKIP LOCKED
"""


def keep_member(conn: Connection, user_id: int) -> Cursor[int]:
    """Keep the member from leaving until the transaction ends; no row when that cannot be had now."""
    return value(conn, int, KEEP_MEMBER, {"user_id": user_id})


HAND_OVER: LiteralString = """
UPDATE outbox
SET state = 'handed', tries = tries + 1, handed_at = clock_timestamp(), asked_at = NULL, retry_at = NULL,
    deadline = clock_timestamp() + %(patience)s::interval, needs = %(needs)s, target_id = %(target_id)s
WHERE id = %(id)s AND state = 'due' AND tries = %(tries)s
RETURNING extract(epoch FROM deadline)::float AS deadline
"""


def hand_over(conn: Connection, entry: Entry, patience: timedelta, needed: Needed | None = None) -> Cursor[float]:
    """Note that it is handed over; gives the deadline in seconds since 1970, no row if another process was first.

    `needed` is the right in Discord that it needs.
    """
    values = {"id": entry.id, "tries": entry.tries, "patience": patience}
    needs = {"needs": needed and needed.right, "target_id": needed.target_id if needed else 0}
    return value(conn, float, HAND_OVER, {**values, **needs})


LAPSE: LiteralString = """
UPDATE outbox SET state = 'lapsed', settled_at = clock_timestamp() WHERE id = %(id)s AND state = 'due' RETURNING id
"""


def lapse(conn: Connection, entry: Entry) -> Cursor[int]:
    """It is no longer true, or is said in another way; no row if another process was first."""
    return value(conn, int, LAPSE, {"id": entry.id})


WAIT: LiteralString = """
UPDATE outbox SET retry_at = clock_timestamp() + %(time)s::interval
WHERE id = %(id)s AND state = 'due' AND (retry_at IS NULL OR retry_at <= clock_timestamp())
RETURNING id
"""


def wait(conn: Connection, entry: Entry, time: timedelta) -> Cursor[int]:
    """Look at it again after that time; no row if another process has taken it."""
    return value(conn, int, WAIT, {"id": entry.id, "time": time})


OVERDUE: LiteralString = """
UPDATE outbox
SET asked_at = clock_timestamp()
WHERE id IN (
    SELECT id FROM outbox
    WHERE state = 'handed'
        AND deadline < clock_timestamp() - %(late)s::interval
        AND (asked_at IS NULL OR asked_at < clock_timestamp() - %(again)s::interval)
    ORDER BY id
    FOR UPDATE SKIP LOCKED
)
RETURNING id, key, kind, user_id, refs, due_at, tries, tried
"""


def overdue(conn: Connection, late: timedelta, again: timedelta) -> Cursor[Entry]:
    """Hand-overs without a result after their deadline, to be asked about; noted as asked."""
    return rows(conn, Entry, OVERDUE, {"late": late, "again": again})


# --- outcomes ---

HANDED: LiteralString = """
SELECT id, key, kind, user_id, refs, due_at, tries, tried
FROM outbox
WHERE id = %(id)s AND tries = %(tries)s AND state IN ('handed', 'unknown')
"""


def handed(conn: Connection, entry_id: int, tries: int) -> Cursor[Entry]:
    """The row of a hand-over that is not settled for certain; no row for one that is, or is handed over again."""
    return rows(conn, Entry, HANDED, {"id": entry_id, "tries": tries})


# One that was unknown may turn out to be done; nothing else changes what is settled.
SETTLE: LiteralString = """
UPDATE outbox
SET state = %(state)s, settled_at = clock_timestamp(), channel_id = %(channel_id)s, message_id = %(message_id)s,
    status = %(status)s, code = %(code)s, reason = %(reason)s
WHERE id = %(id)s AND tries = %(tries)s AND (state = 'handed' OR (state = 'unknown' AND %(state)s = 'done'))
RETURNING id
"""


@dataclass(frozen=True, slots=True)
class Answer:
    """What Discord answered, as far as it is kept; None for what it did not say."""

    channel_id: int | None = None
    message_id: int | None = None
    status: int | None = None
    code: int | None = None
    reason: str | None = None


def settle(conn: Connection, entry: Entry, state: State, answer: Answer) -> Cursor[int]:
    """Record the outcome of a hand-over; no row if it was known before."""
    values = {**as_dict(answer), "id": entry.id, "tries": entry.tries, "state": state}
    return value(conn, int, SETTLE, values)


RETURN: LiteralString = """
UPDATE outbox
SET state = 'due', retry_at = clock_timestamp() + %(after)s::interval, tried = tried OR %(tried)s
WHERE id = %(id)s AND tries = %(tries)s AND state = 'handed'
"""


def come_back(conn: Connection, entry: Entry, after: timedelta, *, tried: bool) -> None:
    """It was not done: decide again, after that time. `tried` says whether Discord may have been asked for it."""
    conn.execute(RETURN, {"id": entry.id, "tries": entry.tries, "after": after, "tried": tried})


# --- for admins and operators ---

SUMMARY: LiteralString = """
SELECT
    (SELECT is_on FROM bot_status) AS is_on,
    (SELECT since FROM bot_status) AS since,
    (SELECT count(*) FROM outbox WHERE state = 'due' AND due_at <= statement_timestamp()) AS due,
    (SELECT count(*) FROM outbox WHERE state = 'handed') AS handed,
    (
        SELECT coalesce(extract(epoch FROM statement_timestamp() - min(handed_at)), 0)
        FROM outbox WHERE state = 'handed'
    )::float AS oldest_seconds
"""


@dataclass(frozen=True, slots=True)
class Summary:
    """Whether there is a bot, and since when; how much waits, and how long ago the oldest was handed over."""

    is_on: bool
    since: datetime
    due: int
    handed: int
    oldest_seconds: float


def summary(conn: Connection) -> Cursor[Summary]:
    return rows(conn, Summary, SUMMARY)


# That somebody accepts no direct messages is theirs alone: their /settings say so. The rest is listed by what went
# wrong, with the newest of each.
TROUBLE: LiteralString = """
SELECT
    kind, state, status, code, reason, count(*) AS times, max(settled_at) AS last_at,
    (array_agg(key ORDER BY settled_at DESC, id DESC))[1] AS newest
FROM outbox
WHERE state IN ('refused', 'unknown') AND code IS DISTINCT FROM %(closed)s
GROUP BY kind, state, status, code, reason
ORDER BY last_at DESC, newest
LIMIT %(most)s
"""


@dataclass(frozen=True, slots=True)
class Trouble:
    """Requests that Discord refused for one reason, or of which nobody can say whether they were done."""

    kind: str
    state: State
    status: int | None
    code: int | None
    reason: str | None
    times: int
    last_at: datetime
    newest: str


def trouble(conn: Connection, most: int) -> Cursor[Trouble]:
    """Those of the last 30 days, the newest first; none is ever tried again. `newest` is the key of the last."""
    return rows(conn, Trouble, TROUBLE, {"closed": CLOSED, "most": most}, state=State)
