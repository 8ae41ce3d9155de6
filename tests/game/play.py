"""The main game as its proofs see it: the award's game, with stats, days that can be moved, and naive recounts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mastermind.actions import stats
from mastermind.content import stats as catalogues
from tests.award.game import ANN, ZONE, Connection, Game

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from mastermind.actions.members import Member
    from mastermind.actions.stats import DayCard, Edited, Submitted, When

CATALOGUE = catalogues.load()


class Play(Game):
    """The actions of the main game, each as an interaction of its own unless one is named."""

    def submit(
        self,
        added: Mapping[str, int],
        when: When = "today",
        *,
        member: Member = ANN,
        interaction: int | None = None,
        nonce: int | None = None,
        conn: Connection | None = None,
    ) -> Submitted:
        ids = self.ids(interaction, nonce)
        return stats.submit(conn or self.main, member, *ids, when, added, catalogue=CATALOGUE, time_zone=ZONE)

    def edit(
        self,
        day: date,
        counts: Mapping[str, int],
        *,
        member: Member = ANN,
        interaction: int | None = None,
        nonce: int | None = None,
    ) -> Edited:
        ids = self.ids(interaction, nonce)
        return stats.edit(self.main, member, *ids, day, counts, catalogue=CATALOGUE, time_zone=ZONE)

    def delete(
        self, day: date, *, member: Member = ANN, interaction: int | None = None, nonce: int | None = None
    ) -> Edited:
        ids = self.ids(interaction, nonce)
        return stats.delete(self.main, member, *ids, day, catalogue=CATALOGUE, time_zone=ZONE)

    def card(self, when: When = "today", member: Member = ANN) -> DayCard:
        return stats.card(self.main, member, when, catalogue=CATALOGUE, time_zone=ZONE)

    def ids(self, interaction: int | None = None, nonce: int | None = None) -> tuple[int, int]:
        """The interaction of a change and that which opened its form; those that are not named are new."""
        return interaction or next(self.interactions), nonce or next(self.interactions)
