"""The tables game_roles, member_roles and role_state: which roles there are, who has them, how far a sync has come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime  # noqa: TC003 # ops has pydantic read it
from typing import TYPE_CHECKING, LiteralString

from mastermind.game.roles.rules import GameRole, Held, RoleKind
from mastermind.postgres.exchange import rows, value

if TYPE_CHECKING:
    from collections.abc import Collection

    from mastermind.postgres.connection import Connection, Cursor

ROLES: LiteralString = """
SELECT role_id, kind, least, name, keeps_lower, coalesce(added_by, 0) AS added_by, coalesce(refused, '') AS refused
FROM game_roles
ORDER BY kind, least, name
"""


def roles(conn: Connection) -> Cursor[GameRole]:
    """All roles of the game, by kind and height. `added_by` is 0 for an admin whose data was deleted."""
    return rows(conn, GameRole, ROLES, kind=RoleKind)


PUT: LiteralString = """
INSERT INTO game_roles (role_id, kind, least, name, keeps_lower, added_by)
VALUES (%(role_id)s, %(kind)s, %(least)s, %(name)s, %(keeps_lower)s, %(added_by)s)
ON CONFLICT (role_id) DO UPDATE
SET kind = EXCLUDED.kind, least = EXCLUDED.least, name = EXCLUDED.name, keeps_lower = EXCLUDED.keeps_lower,
    added_by = EXCLUDED.added_by, added_at = clock_timestamp(), checked_at = NULL, refused = NULL
"""

KEEP: LiteralString = "UPDATE game_roles SET keeps_lower = %(keeps_lower)s WHERE kind = %(kind)s"


def put(conn: Connection, role: GameRole) -> None:
    """Add a role, or put another in its place; what it says of the lower ones counts for all of its kind."""
    conn.execute(KEEP, {"kind": role.kind, "keeps_lower": role.keeps_lower})
    conn.execute(
        PUT,
        {
            "role_id": role.role_id,
            "kind": role.kind,
            "least": role.least,
            "name": role.name,
            "keeps_lower": role.keeps_lower,
            "added_by": role.added_by,
        },
    )


DROP: LiteralString = "DELETE FROM game_roles WHERE role_id = %(role_id)s"


def drop(conn: Connection, role_id: int) -> None:
    conn.execute(DROP, {"role_id": role_id})


REFUSE: LiteralString = """
UPDATE game_roles
SET checked_at = clock_timestamp(), refused = %(reason)s
WHERE role_id = %(role_id)s AND (refused IS DISTINCT FROM %(reason)s OR checked_at IS NULL)
"""


def note_check(conn: Connection, role_id: int, reason: str) -> None:
    """Whether Discord, or a rule of ours, lets it be given; "" if so."""
    conn.execute(REFUSE, {"role_id": role_id, "reason": reason[:200] or None})


# --- of a member ---

STANDING: LiteralString = """
SELECT
    level, coalesce(faction, '') AS faction, social_freedom_exercises_tenseys AS challenges,
    coalesce((SELECT given FROM member_roles AS own WHERE own.user_id = me.user_id), '{}') AS given,
    coalesce((SELECT kept FROM member_roles AS own WHERE own.user_id = me.user_id), '{}') AS kept
FROM users AS me
WHERE user_id = %(user_id)s
"""


@dataclass(frozen=True, slots=True)
class MemberStanding:
    """What their roles follow from, without their streak, and which roles of the game they have."""

    level: int
    faction: str
    challenges: int
    given: frozenset[int]
    kept: frozenset[int]

    @property
    def held(self) -> Held:
        return Held(self.given, self.kept)


def standing(conn: Connection, user_id: int) -> Cursor[MemberStanding]:
    """No row for somebody the game has never met."""
    return rows(conn, MemberStanding, STANDING, {"user_id": user_id}, given=frozenset[int], kept=frozenset[int])


NOTE: LiteralString = """
INSERT INTO member_roles AS own (user_id, wanted, given, kept)
SELECT user_id, %(wanted)s::bigint[], %(given)s::bigint[], %(kept)s::bigint[] FROM users WHERE user_id = %(user_id)s
ON CONFLICT (user_id) DO UPDATE
SET wanted = EXCLUDED.wanted, given = EXCLUDED.given, kept = EXCLUDED.kept, checked_at = clock_timestamp()
"""


def note(conn: Connection, user_id: int, wanted: Collection[int], held: Held) -> None:
    """What they should have and what they have, as of now."""
    conn.execute(
        NOTE,
        {"user_id": user_id, "wanted": sorted(wanted), "given": sorted(held.given), "kept": sorted(held.kept)},
    )


IS_HANDED: LiteralString = """
SELECT EXISTS (
    SELECT FROM outbox WHERE user_id = %(user_id)s AND kind = 'roles' AND state = 'handed'
) AS is_handed
"""


def is_handed(conn: Connection, user_id: int) -> Cursor[bool]:
    """Whether a role of theirs was handed over, and is not answered."""
    return value(conn, bool, IS_HANDED, {"user_id": user_id})


ASKED: LiteralString = "SELECT target_id FROM outbox WHERE id = %(id)s"


def asked(conn: Connection, entry_id: int) -> Cursor[int]:
    """The role that a row of the outbox asked for."""
    return value(conn, int, ASKED, {"id": entry_id})


CHECK: LiteralString = "SELECT check_roles(%(user_id)s)"


def check(conn: Connection, user_id: int) -> None:
    """Have relay look which roles the member should have."""
    conn.execute(CHECK, {"user_id": user_id})


# --- a sync ---

STATE: LiteralString = """
SELECT sync_id, started_at, finished_at, after_id, done, differing, members FROM role_state
"""


@dataclass(frozen=True, slots=True)
class Sync:
    """How far the last sync has come: `done` of `members`, of whom `differing` had roles to be given or taken.

    `started_at` is None if there never was one. Members up to `after_id` are done.
    """

    sync_id: int
    started_at: datetime | None
    finished_at: datetime | None
    after_id: int
    done: int
    differing: int
    members: int

    @property
    def is_running(self) -> bool:
        return self.started_at is not None and self.finished_at is None


def sync(conn: Connection) -> Cursor[Sync]:
    return rows(conn, Sync, STATE)


SYNC_WAITS: LiteralString = """
SELECT EXISTS (SELECT FROM outbox WHERE kind = 'role_sync' AND state = 'due') AS waits
"""


def sync_waits(conn: Connection) -> Cursor[bool]:
    """Whether a part of a sync waits for relay; without one the sync does not continue."""
    return value(conn, bool, SYNC_WAITS)


BEGIN: LiteralString = """
UPDATE role_state
SET sync_id = %(before)s + 1, started_at = clock_timestamp(), finished_at = NULL, after_id = 0, done = 0, differing = 0,
    members = (SELECT count(*) FROM users)
WHERE sync_id = %(before)s
"""


def begin_sync(conn: Connection, before: int) -> None:
    """Begin at the first member, unless one has begun since the sync with the number `before`."""
    conn.execute(BEGIN, {"before": before})


CLEAR: LiteralString = "UPDATE game_roles SET refused = NULL WHERE refused IS NOT NULL"


def try_again(conn: Connection) -> None:
    """Roles that were refused are asked for again."""
    conn.execute(CLEAR)


NEXT: LiteralString = """
SELECT user_id FROM users WHERE user_id > %(after_id)s ORDER BY user_id LIMIT %(most)s
"""


def members_after(conn: Connection, after_id: int, most: int) -> Cursor[int]:
    return value(conn, int, NEXT, {"after_id": after_id, "most": most})


ADVANCE: LiteralString = """
UPDATE role_state
SET after_id = %(after_id)s, done = done + %(done)s, differing = differing + %(differing)s,
    finished_at = CASE WHEN %(is_last)s THEN clock_timestamp() END
WHERE sync_id = %(sync_id)s AND finished_at IS NULL
"""


def advance(conn: Connection, sync_id: int, after_id: int, done: int, differing: int, *, is_last: bool) -> None:
    """So many more are done."""
    conn.execute(
        ADVANCE,
        {"sync_id": sync_id, "after_id": after_id, "done": done, "differing": differing, "is_last": is_last},
    )


WAITING: LiteralString = """
SELECT count(*) AS count FROM outbox WHERE kind = 'roles' AND state IN ('due', 'handed')
"""


def waiting(conn: Connection) -> Cursor[int]:
    """How many members' roles are still to be looked at."""
    return value(conn, int, WAITING)
