"""What can be taken away from the award to see that the chaos run would notice: a condition, a clock, the sweep."""

from __future__ import annotations

from dataclasses import dataclass
from typing import LiteralString

AND_PENDING, AND_DUE = " AND status = 'pending'", " AND due_at <= clock_timestamp()"


@dataclass(frozen=True, slots=True)
class Break:
    """`without` leaves the statement that awards, in each process; `schema` is done to that run's own database."""

    meaning: str
    without: str = ""
    schema: LiteralString = ""
    sweeps: bool = True


BREAKS = {
    "status": Break(
        "awards whatever is due, pending or not, and nothing else stops a second booking",
        AND_PENDING,
        "ALTER POLICY award_awards ON pending_xp_awards USING (true);"
        " ALTER TABLE xp_ledger DROP CONSTRAINT xp_ledger_source_source_id_kind_key",
    ),
    "due": Break("awards whenever a message comes", AND_DUE),
    "sweep": Break("never sweeps", sweeps=False),
}
NOTHING = Break("")


def take_away(name: str) -> None:
    """Bend the statement in this process."""
    from mastermind.game.challenges import table as awards

    without = BREAKS[name].without
    assert not without or awards.AWARD.count(without) == 1, f"{without!r} is not in the statement any more"
    setattr(awards, "AWARD", awards.AWARD.replace(without, ""))  # noqa: B010 # it is a constant to the type checker
