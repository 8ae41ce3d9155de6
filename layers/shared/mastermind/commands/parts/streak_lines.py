"""A member's streak in words: how long it is, what keeps it going, and what held it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from mastermind.game.days import calendar as days

if TYPE_CHECKING:
    from datetime import date

    from mastermind.game.days.streaks import Pause, Streak

DAY = timedelta(days=1)

RECENTLY = timedelta(days=7)
"""How long it is mentioned that a freeze was used, or a day rested."""

GIFT = "❄️ **A gift: your first freeze.** It covers a day you miss, automatically."


def lines(own: Streak, today: date) -> list[str]:
    """The streak, what keeps it going, and the freezes; or that a pause holds it."""
    if own.pause and own.pause.first <= today:
        return [*_length(own, ", held"), f"You are paused through {days.named(own.pause.last, today)}"]
    keeps_it = ", held" if own.rests else _what_keeps_it(own, today)
    planned = [_planned(own.pause, today)] if own.pause else []
    return [*_length(own, keeps_it), *_rests(own, today), *_freezes(own, today), *planned]


def brief(own: Streak, today: date) -> str:
    """The streak in a few words, and what one more day makes of it where today is still missing."""
    if not own.length:
        return "🔥 A streak starts with the next day you log"
    missing = (today - own.last).days if own.last else 0
    held = (own.pause and own.pause.first <= today) or own.rests
    more = f", {own.length + 1:,} if you log today" if missing == 1 and not held else ""
    return f"🔥 **{count(own.length)}**{more}"


def _length(own: Streak, state: str) -> list[str]:
    if not own.length:
        before = f" Your longest so far: {count(own.longest)}." if own.longest else ""
        return [f"**Streak:** the next day you log starts one.{before}"]
    longest = f" (longest: {count(own.longest)})" if own.longest > own.length else ""
    return [f"**Streak:** {count(own.length)}{longest}{state}"]


def _planned(pause: Pause, today: date) -> str:
    return f"A pause holds it from {days.described(pause.first, today)}, through {days.named(pause.last, today)}"


def _what_keeps_it(own: Streak, today: date) -> str:
    missing = (today - own.last).days - ((today - DAY) in own.rested) if own.last else 0
    if missing <= 0:
        return ", today included"
    if missing == 1:
        return f". Log something today and it is {count(own.length + 1)}"
    return ". Log something today and it goes on; yesterday can be logged until midnight too"


def _rests(own: Streak, today: date) -> list[str]:
    """That today is a rest day, and which days were recently."""
    recent = [days.named(day, today) for day in own.rested if day < today and today - day <= RECENTLY]
    said = ["Today is your rest day: nothing else needs doing"] if own.rests else []
    return [*said, f"You rested on {' and '.join(recent)}"] if recent else said


def _freezes(own: Streak, today: date) -> list[str]:
    """Which days freezes have recently covered, and how many are left."""
    used = [days.named(day, today) for day in own.frozen if today - day <= RECENTLY]
    said = [f"A freeze covered {' and '.join(used)}"] if used else []
    if own.has_gift:
        return [*said, GIFT]
    if not own.freezes:
        return said
    held = "1 freeze, which covers" if own.freezes == 1 else f"{own.freezes} freezes, each of which covers"
    return [*said, f"You have {held} a day you miss, automatically"]


def count(number: int) -> str:
    """A number of days in words."""
    return f"{number:,} day" if number == 1 else f"{number:,} days"
