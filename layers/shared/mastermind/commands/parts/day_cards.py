"""A member's day as a card: what is logged, its XP and why, the level; and the forms to fill in.

Shared by the commands that log, show, edit and delete days. Their buttons name their day, so a card that stays open
over midnight still acts on the same day.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from mastermind.bot import entries
from mastermind.commands.parts import bars
from mastermind.discord import limits
from mastermind.discord.components import Button, Container, Row, Separator, Text
from mastermind.discord.fields import Label, TextInput
from mastermind.discord.replies import Choice, Choices, Modal
from mastermind.discord.text import cut
from mastermind.errors import BadArgument, MemberMistake
from mastermind.game.catalogue import content as stats
from mastermind.game.catalogue.rules import HEAVY, STATE
from mastermind.game.days import actions, typed_days
from mastermind.game.days import calendar as days
from mastermind.game.days.xp import NO_EVENT
from mastermind.game.levels import content as levels
from mastermind.game.levels.rules import level_of, progress
from mastermind.typed import suggested

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from mastermind.bot.call import Call
    from mastermind.discord.components import ContainerPart
    from mastermind.game.catalogue.rules import Category, Stat
    from mastermind.game.days.actions import DayCard, RecordedDay, When
    from mastermind.game.days.xp import Price

LONGEST_FIELD = 20
"""Characters of a field: more than any count needs, so that invalid text reaches our own error message."""

TIMES, MINUS = "\u00d7", "\u2212"
"""Typographic signs: a hyphen before a number is easily overlooked."""


HEAVY_DAY = "A heavy day, and you noted it: be kind to yourself. Two quiet minutes or a word with a friend may help."


# --- which day ---


def read(call: Call, when: When) -> DayCard:
    """The current state of any day; whether it may be changed is checked when it is changed."""
    return call.run(actions.card, when)


def read_typed(call: Call, words: str, back: int) -> DayCard:
    """The day that a member typed, of the last `back`; raises MemberMistake when it is unclear or out of range.

    Suggestions come back as exact dates and cost one query. Other words are relative to the member's own today.
    """
    card = read(call, _exact(words) or "today")
    if _is_logged_ahead(card):
        return card
    day = typed_days.read(words, card.today, back)
    return card if day == card.day else read(call, day)


def _is_logged_ahead(card: DayCard) -> bool:
    """Whether the day is in the future and has entries: the member logged it and then travelled west."""
    return card.day > card.today and bool(card.counts)


def written(day: date) -> str:
    """Write a day as an argument of a custom_id."""
    return day.strftime("%Y%m%d")


def day_of(call: Call, place: int) -> date:
    """Parse the day from the arguments of a custom_id."""
    digits = call.argument(place)
    try:
        if len(digits) == len("20260131") and digits.isascii() and digits.isdigit():
            return date.fromisoformat(digits)
    except ValueError:
        pass
    raise BadArgument(f"argument {place} of the custom_id is not a day")


def _exact(words: str) -> date | None:
    try:
        return date.fromisoformat(words.strip()) if len(words.strip()) == len("2026-01-31") else None
    except ValueError:
        return None


def suggest(call: Call, every: Sequence[Choice]) -> Choices:
    """The choices that match the typed text; all of them when none does."""
    fitting = suggested(call.typed, [(choice, f"{choice.name} {choice.value}") for choice in every])
    return Choices(tuple((fitting or every)[: limits.CHOICES]))


def suggest_own(call: Call) -> Choices:
    """Suggest the days that can be edited: those that the typed words may mean, else those that match."""
    recorded = read_days(call)
    possible = {day for each in recorded[:1] for day in typed_days.possible(call.typed, each.today, days.EDIT_BACK)}
    meant = [_choice(each) for each in recorded if each.day in possible]
    return suggest(call, [_choice(each) for each in recorded]) if not meant else Choices(tuple(meant))


def _choice(each: RecordedDay) -> Choice:
    listed = ", ".join(f"{stat.name} {count:,}" for stat, count in stats.load().known(each.counts))
    listed = listed or ("retired stats" if each.counts else "rest day")
    return Choice(cut(f"{days.described(each.day, each.today)}: {listed}", limits.CHOICE_NAME), each.day.isoformat())


def read_days(call: Call) -> Sequence[RecordedDay]:
    """The editable days that have entries or were rest days, newest first."""
    return call.run(actions.days)


# --- what is said of a day ---


def logged(counts: Mapping[str, int]) -> list[str]:
    """A line for each category in which something is logged."""
    catalogue = stats.load()
    lines = [
        f"**{category.title}:** {', '.join(named)}"
        for category in catalogue.categories
        if (named := [f"{stat.name} {counts[stat.key]:,}" for stat in category.stats if counts.get(stat.key)])
    ]
    return [*lines, *retired(counts)]


def named(counts: Mapping[str, int]) -> list[str]:
    """Each stat that is logged, with its count."""
    known = (f"{stat.name} {count:,}" for stat, count in stats.load().known(counts) if count)
    return [*known, *retired(counts)]


def retired(counts: Mapping[str, int]) -> list[str]:
    """A line about the counts that have no name any more, if there are any."""
    count = stats.load().retired(counts)
    return [f"And {count:,} of stats that are no longer asked for."] if count else []


def kindness(entered: Mapping[str, int]) -> list[str]:
    """A kind line for somebody who has just entered that the day is a heavy one."""
    return [HEAVY_DAY] if 0 < entered.get(STATE, 0) <= HEAVY else []


def is_multiplied(price: Price) -> bool:
    return price.multiplier != 100 * NO_EVENT


def factor(hundredths: int) -> str:
    """A multiplier in hundredths of a percent as people write it: 14 500 is 1.45."""
    whole, rest = divmod(hundredths, 10_000)
    return f"{whole}.{rest:04d}".rstrip("0").rstrip(".")


def signed(number: int) -> str:
    """A change with its sign, with a typographic minus."""
    return f"{number:+,}".replace("-", MINUS)


def figure(number: float) -> str:
    """A number that may be negative, with the same minus."""
    return f"{number:,}".replace("-", MINUS)


def level(xp: int) -> str:
    """The level and the progress to the next one."""
    now = progress(xp)
    if now.next_level is None:
        return f"**Level {now.level}:** the highest there is, with {xp:,} XP"
    more = f", {now.missing:,} XP to level {now.next_level}"
    return f"**Level {now.level}:** {bars.with_figures(now.gained, now.span, 'XP', more=more)}"


def reached(xp: int, booked: int) -> list[str]:
    """A line when the XP that was just booked reached a new level, with its class when that changed."""
    now, before = level_of(xp), level_of(xp - booked)
    if now <= before:
        return []
    title = levels.of_level(now).title
    return [f"**Level {now} reached!**" + (f" You are {title} now." if title != levels.of_level(before).title else "")]


def framed(xp: int, lines: Iterable[str], *parts: ContainerPart) -> Container:
    """A card with the colour of the member's class."""
    color = levels.of_level(level_of(xp)).color
    return Container((Text("\n".join(lines)), *((Separator(), *parts) if parts else ())), color)


# --- forms ---


def category_of(call: Call, place: int) -> Category:
    """The category named by the custom_id."""
    category = stats.load().category(call.argument(place))
    if category is None:
        raise MemberMistake("This category has changed since you opened the card. Please type the command again.")
    return category


def categories(call: Call, day: date, action: str = "form") -> Row:
    """A button for each category, which opens its form."""
    every = stats.load().categories
    return Row(tuple(Button(each.title, call.custom_id(action, each.key, written(day))) for each in every))


def form(call: Call, card: DayCard, category: Category, *, filled: bool) -> Modal:
    """The form of a category, at most five fields; `filled` with what is logged, or empty with hints about it.

    Its key is the interaction that opened it: however often the form is submitted, it counts once.
    """
    custom_id = call.custom_id("save", category.key, written(card.day), key=call.interaction.id)
    fields = tuple(_field(stat, card.counts.get(stat.key, 0), filled=filled) for stat in category.stats)
    return Modal(custom_id, cut(f"{category.title}: {days.named(card.day, card.today)}", limits.MODAL_TITLE), fields)


def _field(stat: Stat, count: int, *, filled: bool) -> Label:
    value = str(count) if filled and count else ""
    name = entries.holding(stat.key, count) if filled else stat.key
    box = TextInput(name, max_length=LONGEST_FIELD, required=False, value=value, placeholder="0")
    return Label(stat.name, box, cut(_hint(stat, count, filled=filled), limits.LABEL_DESCRIPTION))


def _hint(stat: Stat, count: int, *, filled: bool) -> str:
    """The hint under a field: what is logged so far, the cap, the XP, and what a name means that explains nothing."""
    paid = f"{stat.xp} XP, whichever it is" if stat.once_a_day else f"{stat.xp} XP each"
    if filled:
        return f"0 to {stat.cap}; {paid}. This becomes the day's number; empty is 0."
    if stat.once_a_day:
        asked = f"1 to {stat.cap}, once a day; {paid}"
        return f"It is {count} already; /stats-edit changes it" if count else asked
    so_far = f"Logged so far: {count} of at most {stat.cap}; {stat.xp} XP each"
    return f"{so_far}. {stat.about[0].upper()}{stat.about[1:]}" if stat.about else so_far


def fields(call: Call, category: Category) -> dict[str, str]:
    """The submitted fields of a form, by stat; missing fields are left out.

    Raises MemberMistake when something stands in a field that the form no longer has.
    """
    others = call.field_names - {stat.key for stat in category.stats}
    if any(call.field(key) for key in others):
        raise MemberMistake("This form has changed since you opened it, so this was not stored. Please open it again.")
    return {stat.key: call.field(stat.key) for stat in category.stats if stat.key in call.field_names}
