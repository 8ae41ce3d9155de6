"""Announcements to the server: their format in the queue Notices, and how a webhook posts them.

A webhook is nobody's application, so what it posts has neither buttons nor a card: one text says it all.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from mastermind.discord.commands import PLAIN
from mastermind.game.announcements import words
from mastermind.game.announcements.queued import Announcement, Queued
from mastermind.game.announcements.rules import Digest
from mastermind.game.weeks.rules import ServerWeek
from mastermind.records import as_dict

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mastermind.discord.commands import Commands

type Notice = Announcement
"""Whatever is announced; a further kind joins in game.announcements.queued."""


def write(notice: Notice, read_at: float) -> str:
    """The message for the queue; `read_at` is when it was true, in seconds since 1970."""
    return json.dumps(as_dict(Queued(notice, int(read_at))))


def message(notice: Notice, commands: Commands = PLAIN) -> Mapping[str, object]:
    """The notice as a webhook posts it; nobody is mentioned."""
    headline, rest = words.of(notice)
    between = "\n" if isinstance(notice, Digest | ServerWeek) else " "
    said = commands.linked(f"{headline}{between}{rest}".rstrip())
    return {"content": said, "allowed_mentions": {"parse": []}}
