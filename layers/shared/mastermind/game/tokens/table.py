"""The table interaction_tokens: with a member's last token, what changes soon after can be shown in that answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, LiteralString

from mastermind.game.tokens.rules import Token
from mastermind.postgres.exchange import rows

if TYPE_CHECKING:
    from mastermind.postgres.connection import Connection, Cursor

FORGET: LiteralString = "DELETE FROM interaction_tokens WHERE user_id = %(user_id)s"

KEEP: LiteralString = """
INSERT INTO interaction_tokens (user_id, sealed, revision)
SELECT user_id, %(sealed)s, %(revision)s FROM users WHERE user_id = %(user_id)s
"""


def keep(conn: Connection, user_id: int, token: Token) -> None:
    """Keep it in place of the member's last one, for 15 minutes; their row must be locked."""
    conn.execute(FORGET, {"user_id": user_id})
    conn.execute(KEEP, {"user_id": user_id, "sealed": token.sealed, "revision": token.revision})


FIND: LiteralString = """
SELECT sealed, revision FROM interaction_tokens WHERE user_id = %(user_id)s AND expires_at > clock_timestamp()
"""


def find(conn: Connection, user_id: int) -> Cursor[Token]:
    """The member's last one, if it still lives."""
    return rows(conn, Token, FIND, {"user_id": user_id})
