"""The table users: first contact, the lock that every change of a member's state begins with, rate limits."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, LiteralString

from mastermind.postgres.exchange import preliminary, rows

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mastermind.game.members.rules import Actor
    from mastermind.postgres.connection import Connection, Cursor

NOTHING: Mapping[str, str] = MappingProxyType({})

# The guard before ON CONFLICT matters: DO UPDATE locks the row even when there is nothing to update.
MEET: LiteralString = """
INSERT INTO users (user_id, display_name, time_zone)
SELECT %(user_id)s, %(display_name)s, %(time_zone)s
WHERE NOT EXISTS (SELECT FROM users WHERE user_id = %(user_id)s AND display_name = %(display_name)s)
ON CONFLICT (user_id) DO UPDATE SET display_name = EXCLUDED.display_name, updated_at = clock_timestamp()
"""


# The same where pictures are drawn.
MEET_WITH_AVATAR: LiteralString = """
INSERT INTO users (user_id, display_name, time_zone, avatar)
SELECT %(user_id)s, %(display_name)s, %(time_zone)s, %(avatar)s
WHERE NOT EXISTS (
    SELECT FROM users WHERE user_id = %(user_id)s AND display_name = %(display_name)s AND avatar = %(avatar)s
)
ON CONFLICT (user_id) DO UPDATE
SET display_name = EXCLUDED.display_name, avatar = EXCLUDED.avatar, updated_at = clock_timestamp()
"""


def meet(conn: Connection, actor: Actor) -> None:
    """Make the member's row at first contact, update name and picture when they changed, else lock nothing of users.

    Nobody gets a row who does not join (Actor.joins).

    This comes first in every action of a member, in the same exchange as the rest, and the transaction after it begins
    with `admit`.

    A transaction of its own: a first contact locks the factions, which come last in the lock order; and
    a use beyond the rate limit, which is counted here, stays counted when it is refused.
    """
    if not actor.joins:
        _meet(conn, actor, RENAME)
    elif actor.avatar is None:
        _meet(conn, actor, MEET)
    else:
        _meet(conn, actor, MEET_WITH_AVATAR, {"avatar": actor.avatar})


RENAME: LiteralString = """
UPDATE users SET display_name = %(display_name)s, updated_at = clock_timestamp()
WHERE user_id = %(user_id)s AND display_name <> %(display_name)s
"""


def refresh_member(conn: Connection, actor: Actor) -> None:
    """As `meet`, for an action that makes no row: somebody whom the game does not know has nothing to do there."""
    _meet(conn, actor, RENAME)


# Counts the use, or its refusal; once for an interaction, however often it is delivered. What waits for the member
# travels along (docs/rules/messages.md, For you).
CHARGE: LiteralString = """
SELECT waiting_for(%(user_id)s), charge(%(user_id)s, %(pace)s, %(interaction_id)s, %(spacing)s, %(burst)s)
"""

# The same, and what differs from their due roles is corrected (docs/rules/roles.md); one statement costs
# less than two, and `seen` less as one text than as a list.
CHARGE_COMPARING: LiteralString = """
SELECT waiting_for(%(user_id)s), charge(%(user_id)s, %(pace)s, %(interaction_id)s, %(spacing)s, %(burst)s)
FROM note_roles(%(user_id)s, %(seen)s)
"""


def _meet(conn: Connection, actor: Actor, query: LiteralString, more: Mapping[str, str] = NOTHING) -> None:
    names = {"user_id": actor.user_id, "display_name": actor.display_name, "time_zone": actor.time_zone, **more}
    with preliminary(conn):
        conn.execute(query, names)
        if use := actor.charge:
            interaction = {"user_id": actor.user_id, "interaction_id": actor.interaction_id, "pace": use.pace.value}
            charge = interaction | {"spacing": use.limit.spacing, "burst": use.limit.burst}
            if actor.role_ids is None:
                charged = conn.execute(CHARGE, charge)
            else:
                charged = conn.execute(CHARGE_COMPARING, charge | {"seen": f"{{{','.join(map(str, actor.role_ids))}}}"})
            if actor.waiting:
                actor.waiting.found = charged


# Fails when the use that was charged last was refused.
CHECK_CHARGE: LiteralString = "SELECT enforce_limit()"


def admit(conn: Connection, actor: Actor) -> None:
    """Refuse a use beyond the rate limit (errors.TooFast), as `meet` counted it; then nothing after this runs."""
    if actor.charge:
        conn.execute(CHECK_CHARGE)


FACE: LiteralString = "SELECT display_name, avatar, level FROM users WHERE user_id = %(user_id)s"


@dataclass(frozen=True, slots=True)
class Face:
    """How pictures show a member."""

    display_name: str
    avatar: str
    level: int


def face(conn: Connection, user_id: int) -> Cursor[Face]:
    """The member as pictures show them; no row for who was never met."""
    return rows(conn, Face, FACE, {"user_id": user_id})


LOCK: LiteralString = "SELECT FROM users WHERE user_id = %(user_id)s FOR NO KEY UPDATE"


def lock(conn: Connection, user_id: int) -> Cursor[tuple[object, ...]]:
    """Take the member's row until the transaction ends; `rowcount` is 0 when there is none.

    Then nothing is locked, even if the member joins again in the next moment.

    Always a statement of its own and the first of its transaction: a statement that waits for a lock computes from the
    snapshot it began with, the ones after it see what the other transaction did.
    """
    return conn.execute(LOCK, {"user_id": user_id})


LOCK_OWN: LiteralString = "SELECT lock_member(%(user_id)s)"


def lock_own(conn: Connection, user_id: int) -> Cursor[tuple[object, ...]]:
    """Take the row of the member who acts; refused when they were deleted while this waited (errors.Forgotten)."""
    return conn.execute(LOCK_OWN, {"user_id": user_id})


def lock_both(conn: Connection, actor_id: int, subject_id: int) -> Cursor[tuple[object, ...]]:
    """Take the row of the member who acts and of the one it is done to, in the order of their ids.

    `rowcount` is 0 when the subject is no member; then nothing may be written about them.
    """
    taken = {
        user_id: lock_own(conn, user_id) if user_id == actor_id else lock(conn, user_id)
        for user_id in sorted({actor_id, subject_id})
    }
    return taken[subject_id]


LOCK_IF_FREE: LiteralString = "SELECT FROM users WHERE user_id = %(user_id)s FOR NO KEY UPDATE SKIP LOCKED"


def lock_if_free(conn: Connection, user_id: int) -> bool:
    """Take the member's row unless another transaction has it; whether it was taken, which costs a round trip."""
    return conn.execute(LOCK_IF_FREE, {"user_id": user_id}).fetchone() is not None
