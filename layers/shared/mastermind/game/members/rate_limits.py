"""The tables rate_limits and rate_limit_violations: who may go on, and who was refused how often."""

from __future__ import annotations

from typing import TYPE_CHECKING, LiteralString

if TYPE_CHECKING:
    from mastermind.game.members.pace import Charge
    from mastermind.postgres.connection import Connection

CHARGE: LiteralString = """
SELECT charge(%(user_id)s, %(pace)s, %(interaction_id)s, %(spacing)s, %(burst)s)
"""

ENFORCE: LiteralString = "SELECT enforce_limit()"


def charge(conn: Connection, user_id: int, use: Charge) -> None:
    """Let a use through or count its refusal; once only for an interaction, however often it comes."""
    values = {"user_id": user_id, "pace": use.pace.value, "interaction_id": use.interaction_id}
    conn.execute(CHARGE, values | {"spacing": use.limit.spacing, "burst": use.limit.burst})


def enforce(conn: Connection) -> None:
    """Fail, and with it all that follows, when the use that was charged last was refused."""
    conn.execute(ENFORCE)
