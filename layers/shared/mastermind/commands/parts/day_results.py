"""What a change of a day has led to: the reward first, then streak and level in one line, and the sum in small print.

Shared by the commands that log, edit, delete and undo (docs/rules/messages.md, A day's result).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mastermind.bot import looks
from mastermind.commands.parts import bars, day_cards, streak_lines
from mastermind.discord.components import Button, ButtonStyle, Container, Row, Text
from mastermind.game.catalogue import content as stats
from mastermind.game.days import calendar as days
from mastermind.game.days.calendar import EDIT_BACK
from mastermind.game.days.rules import digest
from mastermind.game.days.xp import MOST, NO_EVENT
from mastermind.game.levels import content as levels
from mastermind.game.levels.rules import level_of, progress

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mastermind.bot.call import Call
    from mastermind.game.days.actions import Edited, Submitted
    from mastermind.game.days.xp import Price
    from mastermind.game.raids.table import Raid

type Result = Submitted | Edited


def card(done: Result, lines: Iterable[str], *parts: Text | Row, before: Sequence[str] = ()) -> Container:
    """The card of a result: what comes `before`, the reward, its lines, and how the member stands now."""
    said = [_heading(done), *lines, standing(done), *_raid(done), *(f"-# {line}" for line in arithmetic(done.price))]
    now = level_of(done.xp)
    color = looks.WON.color if now > level_of(done.xp - done.booked_xp) else levels.of_level(now).color
    return Container((*map(Text, before), Text("\n".join(said)), *parts), color)


def _heading(done: Result) -> str:
    """What was won; a level that was reached comes before the XP."""
    now, before = level_of(done.xp), level_of(done.xp - done.booked_xp)
    xp = f"{day_cards.signed(done.booked_xp)} XP"
    if now > before:
        title = levels.of_level(now).title
        title = f", {title}" if title != levels.of_level(before).title else ""
        return looks.WON.heading(f"Level {now}{title}! {xp}")
    if done.booked_xp > 0:
        return looks.DAYS.heading(f"{xp} 🎉")
    return looks.DAYS.heading(xp if done.booked_xp else "Your XP stays as it is")


def standing(done: Result) -> str:
    """The streak and the way to the next level, in one line."""
    now = progress(done.xp)
    streak = streak_lines.brief(done.streak, done.today)
    if now.next_level is None:
        return f"{streak} · level {now.level}, the highest there is"
    words = f"{streak} · {now.missing:,} XP to level {now.next_level}"
    return bars.behind(words, now.gained, now.span)


def _raid(done: Result) -> list[str]:
    return [to_raid(done.raid, done.raid_now, finished=done.finished)] if done.raid else []


def to_raid(points: int, raid: Raid | None, *, finished: bool) -> str:
    """What a deed has done to a raid, which stands as everybody may see it; the last blow is celebrated."""
    given = f"**{day_cards.signed(points)} points**"
    if raid is None:
        return f"⚔️ Raid: {given}"
    if finished:
        return f"🏆 **You finished the raid!** {given}. The rewards come within a minute or two."
    return f"{looks.RAIDS[raid.type].emoji} Raid: {given}, now {raid.total:,} of {raid.target:,}"


def arithmetic(price: Price) -> list[str]:
    """The XP of a day with its multipliers; nothing where nothing is multiplied."""
    if not price.base or not day_cards.is_multiplied(price):
        return []
    shares = ((price.streak, "streak"), (price.templar, "Templar day"))
    reasons = [f"{name} +{share} %" for share, name in shares if share]
    if price.event != NO_EVENT:
        reasons.append(f"event {day_cards.TIMES} {day_cards.factor(price.event * 100)}")
    if (100 + price.bonus) * price.event > MOST:
        reasons.append(f"held at {day_cards.TIMES} {day_cards.factor(MOST)}, the most there is")
    total = f"{price.base:,} {day_cards.TIMES} {day_cards.factor(price.multiplier)} = {price.xp:,} XP"
    return [f"The whole day: {total} ({', '.join(reasons)})"]


def buttons(call: Call, done: Result, *first: Button, submission: int = 0) -> Row:
    """What comes next. `submission` is the key of what can be undone.

    In a direct message only what logs can be tapped.
    """
    day, shown = day_cards.written(done.day), list(first)
    if call.interaction.guild_id is not None:
        shown.append(Button("My card", call.custom_id("own", path="scorecard")))
    if submission and (done.today - done.day).days <= EDIT_BACK:
        shown.append(Button("Undo", call.custom_id("undo", day, submission, digest(done.counts))))
    return Row(tuple(shown))


def correction(call: Call, done: Result, notice: Sequence[Text]) -> tuple[Button, ...]:
    """Below a form whose numbers were not taken (`notice`): the button that opens it with them once more."""
    form = call.custom_id("form", call.argument(0), day_cards.written(done.day))
    return (Button("Correct it", form, ButtonStyle.PRIMARY),) if notice else ()


def changes(done: Edited) -> list[str]:
    """A line for each stat that changed."""
    before, after = done.before, done.counts
    return [
        f"**{stat.name}:** {after.get(key, 0):,}, was {before.get(key, 0):,}"
        for key, stat in stats.load().by_key.items()
        if after.get(key, 0) != before.get(key, 0)
    ]


def of(done: Result) -> str:
    return days.described(done.day, done.today)
