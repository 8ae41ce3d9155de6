"""Who ranks above whom, and who may do what to whom (docs/rules/access.md, Acts on somebody)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

from mastermind.errors import MemberMistake

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mastermind.game.members.rules import Actor, Subject


class Access(IntEnum):
    """What somebody may use, and who is above whom. Each includes the ones below it (docs/rules/access.md, Who)."""

    EVERYONE = 0
    MODERATOR = 1
    ADMIN = 2
    OWNER = 3


RANKS = {
    Access.EVERYONE: "a member",
    Access.MODERATOR: "a moderator",
    Access.ADMIN: "an admin",
    Access.OWNER: "the owner",
}


@dataclass(frozen=True, slots=True)
class Act:
    """An act on somebody: from which access on it may be done to oneself (None: never), and whether to those above."""

    to_oneself: Access | None
    to_those_above: bool = False


_OWN = Act(Access.EVERYONE)
_CORRECTION = Act(Access.OWNER)
_JUDGEMENT = Act(None)
_KINDNESS = Act(None, to_those_above=True)

ACTS: Mapping[str, Act] = {
    "course.answer": Act(Access.OWNER, to_those_above=True),
    "flag.dismiss": _KINDNESS,
    "flag.resolve": _KINDNESS,
    "moderation.confirm": _JUDGEMENT,
    "moderation.dismiss": _JUDGEMENT,
    "moderation.done": _JUDGEMENT,
    "privacy.export": _OWN,
    "settings.announcements": _OWN,
    "settings.direct_messages": _OWN,
    "settings.reminders": _OWN,
    "settings.rhythm": _OWN,
    "settings.time_zone": _OWN,
    "settings.visibility": _OWN,
    "stats.delete": _OWN,
    "stats.edit": _OWN,
    "stats.reset": _CORRECTION,
    "stats.undo": _OWN,
    "warn.add": _JUDGEMENT,
    "warn.withdraw": _KINDNESS,
    "xp.adjust": _CORRECTION,
}
"""Every act that the audit log records about somebody, by its name there."""

ABOUT_YOU = "Nothing was done: this is about yourself, so another moderator or admin decides it."
YOUR_OWN = "Nothing was done: another admin does this for you, or the owner of the game."
BOT = "Nothing was done: that is a bot, and bots don't play."
ABOVE = "Nothing was done: <@{who}> is {rank}, which is above you. It takes {rank}."
ABOVE_ALL = "Nothing was done: <@{who}> is the owner of the game, and nobody is above the owner."


def check(action: str, actor: Actor, subject: Subject) -> None:
    """Raise MemberMistake unless the actor may do this to the subject."""
    act = ACTS[action]
    if subject.user_id == actor.user_id:
        return _check_oneself(act, actor)
    if subject.is_bot:
        raise MemberMistake(BOT)
    if subject.access > actor.access and not act.to_those_above:
        words = ABOVE_ALL if subject.access is Access.OWNER else ABOVE
        raise MemberMistake(words.format(who=subject.user_id, rank=RANKS[subject.access]))
    return None


def _check_oneself(act: Act, actor: Actor) -> None:
    if act.to_oneself is None:
        raise MemberMistake(ABOUT_YOU)
    if actor.access < act.to_oneself:
        raise MemberMistake(YOUR_OWN)
