"""A permission that the bot lacks: its format in the queue Notices, and the admins' text (docs/rules/relay.md)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from mastermind.discord.commands import PLAIN
from mastermind.game.outreach import rights
from mastermind.game.outreach.rights import Needed  # noqa: TC001 # pydantic reads it
from mastermind.records import as_dict

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mastermind.discord.commands import Commands


@dataclass(frozen=True, slots=True)
class Lacking:
    """Discord has refused something for want of this right, with that code."""

    needed: Needed
    code: int
    kind: Literal["lacking"] = "lacking"


SUBJECT = "The bot lacks a right in Discord"


def write(needed: Needed, code: int) -> str:
    """The message for the queue."""
    return json.dumps(as_dict(Lacking(needed, code)))


def message(lacking: Lacking, commands: Commands = PLAIN) -> Mapping[str, object]:
    """What the admins read; nobody is mentioned."""
    said = commands.linked(words(rights.lacks(lacking.needed, lacking.code)))
    return {"content": f"🟠 {said}", "allowed_mentions": {"parse": []}}


def mail(lacking: Lacking) -> str:
    """The same, where Discord shows no channels and roles."""
    return words(rights.lacks(lacking.needed, lacking.code, is_in_discord=False))


def words(lacks: str) -> str:
    """What happened, and what to do."""
    return (
        f"Discord refuses what the game says by itself: its bot's role lacks {lacks}. Give it that in *Server "
        "Settings*, *Roles*, or in the channel's permissions. This is said once; `/security health` lists it until it "
        "works again."
    )
