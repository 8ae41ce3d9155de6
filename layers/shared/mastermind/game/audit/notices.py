"""An act of which all admins are notified: its format in the queue Notices, and the text they read."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from mastermind.discord.commands import PLAIN
from mastermind.discord.text import cut, one_line
from mastermind.game.audit.rules import Act
from mastermind.records import as_dict

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mastermind.discord.commands import Commands

SUBJECT = "An admin or an operator did something that all admins are told of"

FORGOTTEN = Act("privacy.delete", 0, "", 0)
"""An admin had themselves deleted: it does not say who."""


def write(act: Act) -> str:
    """The message for the queue."""
    return json.dumps(as_dict(act))


def message(act: Act, commands: Commands = PLAIN) -> Mapping[str, object]:
    """What the admins read; nobody is pinged."""
    return {"content": f"🔎 {commands.linked(words(act))}", "allowed_mentions": {"parse": []}}


def mail(act: Act) -> str:
    """The same where no channel can be used."""
    return words(act)


def words(act: Act) -> str:
    """Who did what, without anything that was read or written there."""
    return f"{_what(act)} This is said once, of every such act; `/security audit` has it."


def _what(act: Act) -> str:
    by, to = _who(act.actor_id, act.operator), _who(act.subject_id)
    match act.action:
        case "privacy.export":
            return f"{by} exported all data of {to}."
        case "stats.reset":
            return f"{by} reset {to}."
        case "xp.adjust" if act.xp < 0:
            return f"{by} took {-act.xp:,} XP from {to}."
        case "xp.adjust":
            return f"{by} gave {act.xp:,} XP to {to}."
        case _:
            return f"An admin had their data deleted. {KEPT}"


LONGEST_ARN = 200
"""Characters of an operator's ARN, which their tool supplies: it must not fill the message, or be markup in it."""

KEPT = "What they did to others keeps their id in the log until 400 days after it was done."


def _who(user_id: int, operator: str = "") -> str:
    if operator:
        return f"The operator `{cut(one_line(operator.replace('`', "'")), LONGEST_ARN)}`"
    return f"<@{user_id}>" if user_id else "somebody who has left"
