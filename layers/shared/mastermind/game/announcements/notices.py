"""What the game announces to the server: how it travels in the queue Notices, and how it reads in Discord."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from mastermind.discord.commands import PLAIN
from mastermind.discord.text import name
from mastermind.game.announcements.queued import Announcement, Queued
from mastermind.game.announcements.rules import (
    LevelUp,
    Milestone,
    RaidCompleted,
    RaidFailed,
    RaidStarted,
    following,
)
from mastermind.game.levels import content as levels
from mastermind.game.raids import rules as raids
from mastermind.game.weeks import words as weeks
from mastermind.game.weeks.rules import ServerWeek
from mastermind.records import as_dict

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mastermind.discord.commands import Commands

type Notice = Announcement
"""Whatever is announced; a further kind joins in game.announcements.queued."""

MILESTONE_WORDS = {
    10: "The first ten take the most courage.",
    50: "Fifty small adventures, each of them a choice.",
    100: "A hundred times out of the comfort zone and back.",
    200: "Two hundred: nobody can call that luck.",
}

WHOLE_LIST = "That is as many as the whole list has. Take a bow!"

LEVEL_WORDS = {
    5: "The first steps are behind them.",
    10: "That is what showing up again and again looks like.",
    25: "Halfway to the very top.",
    50: "There is no higher level. Take a bow!",
}


def write(notice: Notice, read_at: float) -> str:
    """The message for the queue; `read_at` is when it was true, in seconds since 1970."""
    return json.dumps(as_dict(Queued(notice, int(read_at))))


def identity(notice: Notice) -> tuple[object, ...]:
    """What makes two messages the same notice, whatever a member is called in each."""
    match notice:
        case Milestone():
            return notice.kind, notice.user_id, notice.challenges
        case LevelUp():
            return notice.kind, notice.user_id, notice.level
        case ServerWeek():
            return notice.kind, notice.first_day
        case _:
            return notice.kind, notice.raid_id


def message(notice: Notice, commands: Commands = PLAIN) -> Mapping[str, object]:
    """The notice as a webhook posts it; nobody is mentioned."""
    said = commands.linked(" ".join(filter(None, _said(notice))))
    return {"content": said, "allowed_mentions": {"parse": []}}


def _said(notice: Notice) -> list[str]:
    """What is said of it, in sentences."""
    match notice:
        case Milestone():
            return _milestone(notice)
        case LevelUp():
            return _level_up(notice)
        case RaidStarted():
            return _raid_started(notice)
        case RaidCompleted():
            return _raid_completed(notice)
        case RaidFailed():
            return _raid_failed(notice)
        case ServerWeek():
            return [weeks.of_server(notice)]


def _milestone(notice: Milestone) -> list[str]:
    further = following(notice.challenges, notice.listed)
    return [
        f"🎉 **{name(notice.display_name)}** has done **{notice.challenges} challenges**!",
        WHOLE_LIST if notice.challenges == notice.listed else MILESTONE_WORDS.get(notice.challenges, ""),
        f"The next milestone is {further}." if further else "",
    ]


def _level_up(notice: LevelUp) -> list[str]:
    title = levels.of_level(max(1, notice.level)).title
    return [
        f"⭐ **{name(notice.display_name)}** has reached **level {notice.level}: {title}**!",
        LEVEL_WORDS.get(notice.level, ""),
    ]


def _raid_started(notice: RaidStarted) -> list[str]:
    goal = f"**{notice.target:,} points** together, until <t:{notice.ends_at}:t> (<t:{notice.ends_at}:R>)"
    return [
        f"⚔️ A **{notice.type} raid** has begun: {goal}.",
        "What you log for today counts automatically; `/raid-status` shows how it goes.",
    ]


def _raid_completed(notice: RaidCompleted) -> list[str]:
    return [
        f"🏆 The **{notice.type} raid** is won: {_outcome(notice)}.",
        f"Everybody who contributed gets {raids.REWARD} XP.",
        f"**{name(notice.top)}** contributed most and gets {raids.REWARD} more." if notice.top else "",
    ]


def _raid_failed(notice: RaidFailed) -> list[str]:
    if not notice.total:
        return [f"The **{notice.type} raid** is over, and hardly anybody came by this time. There will be another one."]
    return [
        f"The **{notice.type} raid** is over: {_outcome(notice)}.",
        "It fell short this time; the XP of everything you logged are yours all the same.",
    ]


def _outcome(notice: RaidCompleted | RaidFailed) -> str:
    """The points, and how many members made them; those who have left are not counted."""
    points = f"**{notice.total:,} of {notice.target:,} points**"
    if not notice.contributors:
        return points
    return f"{points} by {notice.contributors:,} member{'' if notice.contributors == 1 else 's'}"
