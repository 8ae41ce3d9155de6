"""Who acts, and on whom: members as Discord names them at this moment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mastermind.game.members.authority import Access

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mastermind.game.members.pace import Charge
    from mastermind.postgres.connection import Cursor


@dataclass(frozen=True, slots=True)
class Member:
    """A member's Discord id and their display name of today."""

    user_id: int
    display_name: str


@dataclass(frozen=True, slots=True)
class Subject:
    """Somebody who is acted on; known by their id alone, they count as a member without a name."""

    user_id: int
    display_name: str = ""
    access: Access = Access.EVERYONE
    is_bot: bool = False


class Waiting:
    """What waits for a member (game.for_you), the kinds of it that their answer shows, and those that it asks for.

    The statement that charges their use finds it.
    """

    def __init__(self) -> None:
        self.found: Cursor[tuple[Any, ...]] | None = None
        self.read: set[str] = set()
        self.welcomes = False

    def rows(self) -> Sequence[Mapping[str, Any]]:
        """What was found by the last use; nothing before one was charged."""
        if self.found is None or self.found.result is None:
            return ()
        row = self.found.fetchone()
        return (row and row[0]) or ()


@dataclass(frozen=True, slots=True)
class Actor(Member):
    """The member who acts: in which interaction, and what that is charged against their rate limit (None: nothing).

    `time_zone` is the deployment's: the member's own at first contact, and the one that weeks and months follow.
    `nonce` is the id of the interaction that opened the form, or in which this was first tried; 0 when it is this one.
    `avatar` is the hash of their picture at Discord, None where it is not stored.
    `role_ids` are the roles that they have in Discord at this moment, None where they are not looked at.
    `joins` says whether this makes them a member when they are none yet; what is only being typed does not.
    `waiting` takes what waits for them, None where nobody asks.
    """

    interaction_id: int
    time_zone: str
    charge: Charge | None = None
    nonce: int = 0
    access: Access = Access.EVERYONE
    joins: bool = True
    avatar: str | None = None
    role_ids: frozenset[int] | None = None
    waiting: Waiting | None = None

    @property
    def key(self) -> int:
        """The id under which a change counts once, however often its form is sent or it is tried again."""
        return self.nonce or self.interaction_id
