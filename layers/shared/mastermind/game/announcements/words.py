"""The texts of announcements: a headline and a few sentences, in one of three versions each.

The announcement determines the version, so a second try has the same text as the first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from zlib import crc32

from mastermind.discord.text import name
from mastermind.game.announcements.rules import (
    Digest,
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

if TYPE_CHECKING:
    from mastermind.game.announcements.queued import Announcement
    from mastermind.game.announcements.rules import Celebration

type Ways = tuple[str, str, str]

MILESTONE: Ways = (
    "🎯 {who} has done {what}!",
    "🎯 {what} done: well played, {who}!",
    "🎯 That makes {what} for {who}!",
)
MILESTONES: dict[int, Ways] = {
    10: (
        "The first ten take the most courage.",
        "Ten small adventures, and none of them by accident.",
        "Double figures, one brave moment at a time.",
    ),
    50: (
        "Fifty small adventures, each of them a choice.",
        "Fifty times *maybe later* became *now*.",
        "Fifty moments that could have passed by.",
    ),
    100: (
        "A hundred times out of the comfort zone and back.",
        "A hundred brave moments: that is a habit by now.",
        "Three figures, and every one was earned out there.",
    ),
    200: (
        "Two hundred: nobody can call that luck.",
        "Two hundred times the first step.",
        "Two hundred brave moments, and counting.",
    ),
}
WHOLE_LIST: Ways = (
    "That is as many as the whole list has. Take a bow!",
    "The whole list has no more than that. Take a bow!",
    "As many as the list is long. Take a bow!",
)

LEVEL: Ways = (
    "⭐ {who} has reached {what}!",
    "⭐ Make way for {who}: {what}!",
    "⭐ Applause for {who}: {what}!",
)
LEVELS: dict[int, Ways] = {
    5: ("The first steps are behind them.", "It began with one hello.", "Small steps, every one of them real."),
    10: (
        "That is what showing up again and again looks like.",
        "Ten levels of small brave moments.",
        "Courage is becoming a habit.",
    ),
    25: (
        "Halfway to the very top.",
        "Half of all levels, one step at a time.",
        "That is a long way from the first hello.",
    ),
    50: (
        "There is no higher level. Take a bow!",
        "The very top. Take a bow!",
        "Every level there is. Take a bow!",
    ),
}

DIGEST: Ways = (
    "🎉 **So much to celebrate!**",
    "🎉 **What a moment for this server!**",
    "🎉 **One good thing after the other!**",
)

SIGNS = {"warrior": "⚔️", "mage": "🔮"}

STARTED: Ways = (
    "{sign} A {what} has begun!",
    "{sign} All together now: a {what} is on!",
    "{sign} Who is in? A {what} has begun!",
)
WON: Ways = (
    "🏆 The {what} is won!",
    "🏆 You did it: the {what} is won!",
    "🏆 Together you won the {what}!",
)
OVER: Ways = (
    "🏁 The {what} is over.",
    "🏁 Time is up for the {what}.",
    "🏁 That was the {what}.",
)
FELL_SHORT: Ways = (
    "It fell short this time; the XP of everything you logged is yours all the same.",
    "Not quite this time. All the XP you logged is yours.",
    "The target was out of reach this time. Everything you logged keeps its XP.",
)

NAMED = 10
"""Members that a digest names, one a line."""


def identity(notice: Announcement) -> tuple[object, ...]:
    """What makes two messages the same announcement, whatever a member is called in each."""
    match notice:
        case Milestone():
            return notice.kind, notice.user_id, notice.challenges
        case LevelUp():
            return notice.kind, notice.user_id, notice.level
        case Digest():
            return notice.kind, notice.digest_id
        case ServerWeek():
            return notice.kind, notice.first_day
        case _:
            return notice.kind, notice.raid_id


def of(notice: Announcement) -> tuple[str, str]:  # noqa: PLR0911 # one for each kind
    """The headline, and the sentences below it ("" for none)."""
    match notice:
        case Milestone():
            return _milestone(notice)
        case LevelUp():
            return _level_up(notice)
        case Digest():
            return _digest(notice)
        case RaidStarted():
            return _raid_started(notice)
        case RaidCompleted():
            return _raid_completed(notice)
        case RaidFailed():
            return _raid_failed(notice)
        case ServerWeek():
            headline, _, rest = weeks.of_server(notice).partition("\n")
            return headline, rest


def _way(notice: Announcement, ways: Ways) -> str:
    return ways[crc32(":".join(map(str, identity(notice))).encode()) % len(ways)]


def _milestone(notice: Milestone) -> tuple[str, str]:
    what, further = f"**{notice.challenges} challenges**", following(notice.challenges, notice.listed)
    ways = WHOLE_LIST if notice.challenges == notice.listed else MILESTONES.get(notice.challenges)
    below = (
        _way(notice, ways) if ways else "",
        f"The next milestone is {further}." if further else "",
    )
    return _way(notice, MILESTONE).format(who=_who(notice), what=what), " ".join(filter(None, below))


def _level_up(notice: LevelUp) -> tuple[str, str]:
    ways = LEVELS.get(notice.level)
    headline = _way(notice, LEVEL).format(who=_who(notice), what=f"**level {notice.level}: {_title(notice.level)}**")
    return headline, _way(notice, ways) if ways else ""


def _digest(notice: Digest) -> tuple[str, str]:
    more = len(notice.celebrated) - NAMED
    lines = (*map(_line, notice.celebrated[:NAMED]), f"And {more:,} more." if more > 0 else "")
    return _way(notice, DIGEST), "\n".join(filter(None, lines))


def _line(notice: Celebration) -> str:
    match notice:
        case Milestone():
            return f"🎯 {_who(notice)}: {notice.challenges} challenges"
        case LevelUp():
            return f"⭐ {_who(notice)}: level {notice.level}, {_title(notice.level)}"


def _who(notice: Celebration) -> str:
    return f"**{name(notice.display_name)}**"


def _title(level: int) -> str:
    return levels.of_level(max(1, level)).title


def _raid_started(notice: RaidStarted) -> tuple[str, str]:
    goal = f"Goal: **{notice.target:,} points** together, until <t:{notice.ends_at}:t> (<t:{notice.ends_at}:R>)."
    how = "What you log for today counts automatically; `/raid-status` shows how it goes."
    return _way(notice, STARTED).format(sign=SIGNS[notice.type], what=_raid(notice)), f"{goal} {how}"


def _raid_completed(notice: RaidCompleted) -> tuple[str, str]:
    below = (
        f"{outcome(notice)}.",
        f"Everybody who contributed gets {raids.REWARD} XP.",
        f"**{name(notice.top)}** contributed most and gets {raids.REWARD} more." if notice.top else "",
    )
    return _way(notice, WON).format(what=_raid(notice)), " ".join(filter(None, below))


def _raid_failed(notice: RaidFailed) -> tuple[str, str]:
    headline = _way(notice, OVER).format(what=_raid(notice))
    if not notice.total:
        return headline, "Hardly anybody came by this time. There will be another one."
    return headline, f"{outcome(notice)}. {_way(notice, FELL_SHORT)}"


def _raid(notice: RaidStarted | RaidCompleted | RaidFailed) -> str:
    return f"**{notice.type} raid**"


def outcome(notice: RaidCompleted | RaidFailed) -> str:
    """The points, and how many members made them; those who have left are not counted."""
    points = f"**{notice.total:,} of {notice.target:,} points**"
    if not notice.contributors:
        return points
    return f"{points} by {notice.contributors:,} member{'' if notice.contributors == 1 else 's'}"
