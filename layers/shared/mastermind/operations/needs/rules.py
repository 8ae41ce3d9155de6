"""How often the moderators are mentioned for people in need (docs/rules/need.md, The moderators)."""

from __future__ import annotations

from copy import replace
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto

WITHIN = timedelta(hours=1)
OF_ONE, OF_ALL = 1, 6
"""Mentions within that time, for one member and for all together."""

MOST_COUNTED = 100
"""Further messages that a mention counts; from then on it is "100 more"."""


@dataclass(frozen=True, slots=True)
class Mention:
    """For whom the moderators were mentioned, when, and where: a message of a channel. Without `channel` not yet.

    `further` are the interactions since then that mention nobody and only raise its count.
    """

    interaction_id: int
    user_id: int
    at: datetime
    channel: str = ""
    message_id: str = ""
    further: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Mentions:
    """Those of the last hour, the oldest first."""

    each: tuple[Mention, ...] = ()


class Step(Enum):
    """What is to be done about somebody in need: mention the moderators, raise a count, or nothing more."""

    MENTION = auto()
    COUNT = auto()
    NOTHING = auto()


def after_need(known: Mentions, interaction_id: int, user_id: int, now: datetime) -> tuple[Mentions, Step]:
    """The mentions with this one, and what is to be done. The same interaction again goes on where it was left."""
    recent = tuple(each for each in known.each if now - each.at < WITHIN)
    for each in recent:
        if each.interaction_id == interaction_id:
            return Mentions(recent), Step.NOTHING if each.channel else Step.MENTION
        if interaction_id in each.further:
            return Mentions(recent), Step.COUNT
    if sum(each.user_id == user_id for each in recent) < OF_ONE and len(recent) < OF_ALL:
        return Mentions((*recent, Mention(interaction_id, user_id, now))), Step.MENTION
    newest = recent[-1]
    if len(newest.further) >= MOST_COUNTED:
        return Mentions(recent), Step.NOTHING
    counted = replace(newest, further=(*newest.further, interaction_id))
    return Mentions((*recent[:-1], counted)), Step.COUNT


def after_post(known: Mentions, interaction_id: int, channel: str, message_id: str) -> Mentions:
    """The mentions when that one is posted."""
    return Mentions(
        tuple(
            replace(each, channel=channel, message_id=message_id) if each.interaction_id == interaction_id else each
            for each in known.each
        )
    )
