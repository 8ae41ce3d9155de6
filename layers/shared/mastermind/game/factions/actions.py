"""How the factions stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mastermind.game.exchanges import looking
from mastermind.game.factions import table as factions
from mastermind.game.factions.table import Faction

if TYPE_CHECKING:
    from mastermind.game.members.rules import Actor
    from mastermind.postgres.connection import Connection

__all__ = ["Faction", "read"]


def read(conn: Connection, actor: Actor) -> tuple[Faction, ...]:
    """Every faction, by name."""
    with looking(conn, actor):
        found = factions.factions(conn, actor.time_zone)
    return tuple(found)
