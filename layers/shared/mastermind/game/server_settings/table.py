"""The table game_settings: what admins have chosen instead of what the deploy set; a row only where it differs."""

from __future__ import annotations

from typing import TYPE_CHECKING, LiteralString

from mastermind.game.server_settings.rules import MODERATORS, Choice
from mastermind.postgres.exchange import only, rows, value

if TYPE_CHECKING:
    from mastermind.postgres.connection import Connection, Cursor

CHOICES: LiteralString = """
SELECT name, coalesce(value, '') AS value, coalesce(asked, '') AS asked, coalesce(refused, '') AS refused
FROM game_settings
"""


def choices(conn: Connection) -> Cursor[Choice]:
    return rows(conn, Choice, CHOICES)


LOCK: LiteralString = "LOCK TABLE game_settings IN SHARE ROW EXCLUSIVE MODE"


def lock(conn: Connection) -> None:
    """One change at a time; nobody who reads waits."""
    conn.execute(LOCK)


PUT: LiteralString = """
INSERT INTO game_settings (name, value) VALUES (%(name)s, %(value)s)
ON CONFLICT (name) DO UPDATE SET value = EXCLUDED.value, changed_at = clock_timestamp()
"""


def put(conn: Connection, name: str, chosen: str) -> None:
    """It is in force at once."""
    conn.execute(PUT, {"name": name, "value": chosen})


ASK: LiteralString = """
INSERT INTO game_settings (name, asked) VALUES (%(name)s, %(asked)s)
ON CONFLICT (name) DO UPDATE
SET asked = EXCLUDED.asked, refused = NULL, notified_at = NULL, changed_at = clock_timestamp()
"""


def ask(conn: Connection, name: str, asked: int) -> None:
    """It is in force once Discord has been asked; until then what was before is."""
    conn.execute(ASK, {"name": name, "asked": str(asked)})


DROP: LiteralString = "DELETE FROM game_settings WHERE name = %(name)s"


def drop(conn: Connection, name: str) -> None:
    """Back to what the deploy sets."""
    conn.execute(DROP, {"name": name})


MODERATOR_ROLE: LiteralString = (
    "SELECT coalesce(max(value), '0') AS role_id FROM game_settings WHERE name = 'moderators'"
)


def moderator_role(conn: Connection) -> Cursor[str]:
    """The id of the role that was chosen, "0" where the deploy's is in force."""
    return value(conn, str, MODERATOR_ROLE)


def read_moderator_role(conn: Connection) -> str:
    """The same, asked for alone."""
    return only(moderator_role(conn))


MAKES_MODERATORS: LiteralString = """
SELECT EXISTS (
    SELECT FROM game_settings
    WHERE name = 'moderators' AND (value = %(role_id)s OR (asked = %(role_id)s AND refused IS NULL))
) AS makes_moderators
"""


def makes_moderators(conn: Connection, role_id: int) -> Cursor[bool]:
    """Whether the admins have chosen that role, in force or not yet."""
    return value(conn, bool, MAKES_MODERATORS, {"role_id": str(role_id)})


IS_GIVEN: LiteralString = "SELECT EXISTS (SELECT FROM game_roles WHERE role_id = %(role_id)s) AS is_given"


def is_given(conn: Connection, role_id: int) -> Cursor[bool]:
    """Whether members get that role for playing."""
    return value(conn, bool, IS_GIVEN, {"role_id": role_id})


# --- what relay does ---

STOP_GIVING: LiteralString = """
UPDATE game_roles SET checked_at = clock_timestamp(), refused = 'it makes members moderators of the game'
WHERE role_id = %(role_id)s
"""


def stop_giving(conn: Connection, role_id: int) -> None:
    """Nobody becomes a moderator by playing."""
    conn.execute(STOP_GIVING, {"role_id": role_id})


ACCEPT: LiteralString = """
UPDATE game_settings SET value = asked, asked = NULL
WHERE name = %(name)s AND asked = %(asked)s AND refused IS NULL
RETURNING name, value, '' AS asked, '' AS refused
"""


def accept(conn: Connection, name: str, asked: int) -> Cursor[Choice]:
    """Discord has nothing against it; no row if something else was chosen meanwhile."""
    return rows(conn, Choice, ACCEPT, {"name": name, "asked": str(asked)})


REFUSE: LiteralString = """
UPDATE game_settings SET refused = %(reason)s
WHERE name = %(name)s AND asked = %(asked)s AND refused IS NULL
RETURNING name, coalesce(value, '') AS value, asked, refused
"""


def refuse(conn: Connection, name: str, asked: int, reason: str) -> Cursor[Choice]:
    """It cannot be; the same."""
    return rows(conn, Choice, REFUSE, {"name": name, "asked": str(asked), "reason": reason[:200]})


LOSE: LiteralString = """
UPDATE game_settings
SET asked = coalesce(CASE WHEN refused IS NULL THEN asked END, value), value = NULL, notified_at = NULL,
    refused = CASE WHEN asked IS NULL OR refused IS NOT NULL THEN %(reason)s END
WHERE name = %(name)s AND value = %(value)s
RETURNING name, '' AS value, asked, coalesce(refused, '') AS refused
"""


def lose(conn: Connection, name: str, lost: int, reason: str) -> Cursor[Choice]:
    """What was in force is gone, so the deploy's is again; no row if it was not in force."""
    return rows(conn, Choice, LOSE, {"name": name, "value": str(lost), "reason": reason})


CHANNEL_OF: LiteralString = "SELECT target_id FROM outbox WHERE id = %(entry_id)s AND needs = 'post' AND target_id <> 0"


def channel_of(conn: Connection, entry_id: int) -> Cursor[int]:
    """The channel in which that row of the outbox posts; no row if it posts nothing."""
    return value(conn, int, CHANNEL_OF, {"entry_id": entry_id})


NOTIFY: LiteralString = """
UPDATE game_settings SET notified_at = clock_timestamp()
WHERE refused IS NOT NULL AND notified_at IS NULL
RETURNING name, coalesce(value, '') AS value, asked, refused
"""


def to_notify(conn: Connection) -> Cursor[Choice]:
    """What is refused, and the admins have not been notified; from now on they have."""
    return rows(conn, Choice, NOTIFY)


NOT_NOTIFIED: LiteralString = "UPDATE game_settings SET notified_at = NULL WHERE name = %(name)s"


def not_notified(conn: Connection, name: str) -> None:
    """They could not be notified of it."""
    conn.execute(NOT_NOTIFIED, {"name": name})


LOOK_DAILY: LiteralString = """
INSERT INTO outbox (key, kind, refs)
SELECT
    'setting_check:' || name || ':' || value || ':' || (clock_timestamp() AT TIME ZONE 'UTC')::date, 'setting_check',
    jsonb_build_object('setting', name, 'in_force', value)
FROM game_settings
WHERE name = %(name)s AND value IS NOT NULL
ON CONFLICT (key) DO NOTHING
"""


def look_daily(conn: Connection) -> None:
    """Have Discord asked once a day whether the moderators' role is still there: nothing else would notice."""
    conn.execute(LOOK_DAILY, {"name": MODERATORS})
