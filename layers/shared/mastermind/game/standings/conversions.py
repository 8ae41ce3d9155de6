"""What came of what: how many numbers an approach brought, how many dates a number (docs/rules/standings.md)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

PAIRS = (
    ("Numbers per approach", "numbers", "approaches"),
    ("Responses per number", "new_contact_response", "numbers"),
    ("Dates booked per number", "dates_booked", "numbers"),
    ("Dates had per date booked", "dates_had", "dates_booked"),
)
"""A title, the stat that came of it, and the stat that it is counted by; a catalogue without one has no such figure."""


@dataclass(frozen=True, slots=True)
class Conversion:
    """`gained` came of `tried`, which is more than nothing. It may be the more: a response can have an older number."""

    title: str
    gained: int
    tried: int

    def __str__(self) -> str:
        """In words, as in "0.25 (3 from 12)"; the ratio is rounded half up to hundredths."""
        whole, rest = divmod((200 * self.gained + self.tried) // (2 * self.tried), 100)
        return f"{whole:,}.{rest:02} ({self.gained:,} from {self.tried:,})"


def conversions(counts: Mapping[str, int]) -> tuple[Conversion, ...]:
    """The figures that these counts allow: nothing is told by what was never tried."""
    return tuple(
        Conversion(title, counts.get(gained, 0), tried)
        for title, gained, by in PAIRS
        if (tried := counts.get(by, 0)) > 0
    )
