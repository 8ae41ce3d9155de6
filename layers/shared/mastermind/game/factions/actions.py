"""The standings of the factions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mastermind.game.exchanges import looking
from mastermind.game.factions import table as factions
from mastermind.game.factions.rules import Faction
from mastermind.game.factions.table import Champion

if TYPE_CHECKING:
    from mastermind.game.members.rules import Actor
    from mastermind.postgres.connection import Connection

__all__ = ["Champion", "Faction", "Factions", "read"]


@dataclass(frozen=True, slots=True)
class Factions:
    """Every faction, by name, and the top members of the caller's faction this week."""

    every: tuple[Faction, ...]
    champions: tuple[Champion, ...]


def read(conn: Connection, actor: Actor) -> Factions:
    """The factions as they stand at one moment."""
    with looking(conn, actor):
        found = factions.factions(conn, actor.time_zone, actor.user_id)
        first = factions.champions(conn, actor.time_zone, actor.user_id)
    return Factions(tuple(found), tuple(first))
