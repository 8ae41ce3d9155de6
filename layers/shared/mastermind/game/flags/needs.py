"""Somebody in need: the format in the queue Notices, and the text for the moderators (docs/rules/need.md)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from mastermind.discord.commands import PLAIN
from mastermind.discord.snowflakes import made_at
from mastermind.records import as_dict

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from mastermind.discord.commands import Commands

NOW = "💙 Somebody needs a kind word now: `/security flags`"


@dataclass(frozen=True, slots=True)
class Need:
    """Who wrote words of despair, in which interaction, and where ("/course ask"); an excerpt for the flag alone."""

    interaction_id: int
    user_id: int
    place: str
    categories: tuple[str, ...]
    excerpt: str
    kind: Literal["need"] = "need"

    @property
    def written(self) -> datetime:
        """When they wrote it."""
        return made_at(self.interaction_id)


def write(need: Need) -> str:
    """The message for the queue."""
    return json.dumps(as_dict(need))


def message(role_id: int, more: int, commands: Commands = PLAIN) -> Mapping[str, object]:
    """What the moderators read: neither who wrote nor what, which stand in the flag; 0 is no role to mention.

    `more` is how many messages like it have come since.
    """
    now = commands.linked(NOW)
    said = f"<@&{role_id}> {now}" if role_id else now
    again = f"\n-# And {more} more like it since." if more else ""
    mentioned: Mapping[str, list[str]] = {"parse": [], "roles": [str(role_id)]} if role_id else {"parse": []}
    return {"content": said + again, "allowed_mentions": mentioned}
