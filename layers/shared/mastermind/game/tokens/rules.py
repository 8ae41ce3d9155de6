"""What is kept of an interaction's token."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Token:
    """A sealed token (discord.tokens), and the revision of the answer that it belongs to."""

    sealed: bytes = field(repr=False)
    revision: str
