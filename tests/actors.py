"""Who acts in a test, and in which interaction."""

from __future__ import annotations

from mastermind.game.members.rules import Actor, Member


def by(member: Member, interaction_id: int = 0, time_zone: str = "UTC", nonce: int = 0) -> Actor:
    """The member in that interaction, charged as they are when they are an Actor already."""
    charge = member.charge if isinstance(member, Actor) else None
    return Actor(member.user_id, member.display_name, interaction_id, time_zone, charge, nonce=nonce)
