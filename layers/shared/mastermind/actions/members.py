"""Who acts, as every action takes them."""

from __future__ import annotations

from mastermind.domain.members import Member

__all__ = ["Member"]
