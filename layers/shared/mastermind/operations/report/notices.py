"""The report about a week for the admins' channel: its format in the queue Notices, and how it is posted."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from mastermind.discord.commands import PLAIN
from mastermind.discord.limits import CONTENT
from mastermind.discord.text import cut
from mastermind.records import as_dict

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mastermind.discord.commands import Commands


@dataclass(frozen=True, slots=True)
class Told:
    """The report in words, with Discord's markup, and the figures of its picture; "" for none."""

    words: str
    picture: str = ""
    kind: Literal["report"] = "report"


SUBJECT = "The week of your community"


def write(told: Told) -> str:
    """The message for the queue."""
    return json.dumps(as_dict(told))


def message(told: Told, commands: Commands = PLAIN) -> Mapping[str, object]:
    """What the admins read; nobody is mentioned."""
    return {"content": cut(commands.linked(told.words), CONTENT), "allowed_mentions": {"parse": []}}


def mail(told: Told) -> str:
    """The same without markup."""
    return told.words.replace("**", "").replace("## ", "").replace("-# ", "")
