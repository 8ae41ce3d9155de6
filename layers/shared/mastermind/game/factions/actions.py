"""How the factions stand: one exchange with the database."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mastermind.game.factions import table as factions
from mastermind.game.factions.table import Faction
from mastermind.game.members import table as users
from mastermind.postgres.exchange import exchange

if TYPE_CHECKING:
    from mastermind.game.members.rules import Member
    from mastermind.postgres.connection import Connection

__all__ = ["Faction", "read"]


def read(conn: Connection, member: Member, time_zone: str) -> tuple[Faction, ...]:
    """Every faction, by name. `time_zone` is the deployment's: for a first contact, and for which week it is."""
    with exchange(conn):
        users.enter(conn, member, time_zone)
        found = factions.factions(conn, time_zone)
    return tuple(found)
