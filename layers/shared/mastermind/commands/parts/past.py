"""A member's last days as figures of a picture, and the words that say the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mastermind.bot import looks
from mastermind.discord.text import escape
from mastermind.game.catalogue import content as stats
from mastermind.game.levels import content as levels
from mastermind.game.progress import rules
from mastermind.pictures import words as said
from mastermind.pictures.figures import Person, Progress, Stack, Trend, Year

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from mastermind.game.progress.actions import Calendar
    from mastermind.game.progress.rules import Span
    from mastermind.game.progress.table import Self


def xp(own: Self, span: Span) -> Progress:
    return _progress(own, span)


def state(own: Self, span: Span) -> Progress:
    trends = [Trend("State", "of 10", 1, 10, rules.states(span))]
    for title, ratios in rules.conversions(span):
        trends.append(Trend(title, "%", 0, max(100, *(int(each or 0) + 1 for each in ratios)), ratios))
    return _progress(own, span, *trends)


def archetype(own: Self, span: Span) -> Progress:
    return _progress(own, span, Trend("Mage points", "%", 0, 100, rules.mage_shares(span, stats.load())))


def _progress(own: Self, span: Span, *trends: Trend) -> Progress:
    stacks = (Stack(title, each) for title, each in rules.xp_by_cause(span, stats.load()))
    return Progress(_person(own), _color(own), span.last.isoformat(), span.days, tuple(stacks), trends)


def year(own: Self, calendar: Calendar) -> Year:
    gained = calendar.span.each(lambda day: max(day.logged + day.challenges + day.other, 0), 0)
    return Year(_person(own), _color(own), calendar.first.isoformat(), gained, calendar.marks, calendar.longest)


def _person(own: Self) -> Person:
    return Person(own.user_id, own.display_name, own.avatar)


def _color(own: Self) -> int:
    return levels.of_level(own.level).color


# --- in words ---

BEGIN = "`/submit-stats` takes your next entry, `/tenseylist` has your next challenge."


def words(figures: Progress | Year) -> str:
    """What the picture of these figures says."""
    lines = _of_year(figures) if isinstance(figures, Year) else _of_progress(figures)
    return "\n".join(lines)


def _of_progress(figures: Progress) -> Iterator[str]:
    yield f"## {looks.FIGURES.emoji} Your last {figures.days} days"
    yield _xp(said.in_all(figures), said.first_of(figures))
    for stack in sorted(figures.stacks, key=lambda stack: -sum(stack.xp)):
        yield f"**{stack.name}:** {sum(stack.xp):,} XP"
    for trend in figures.trends:
        yield f"**{trend.name}:** {said.latest(trend)}{_moved(trend)}"


def _moved(trend: Trend) -> str:
    """From where to where it moved."""
    known = [each for each in trend.values if each is not None]
    return f", from {known[0]:.4g} at first" if len(known) > 1 and known[0] and known[0] != known[-1] else ""


def _xp(xp: Sequence[int], first: date) -> str:
    """What the days brought, or the step that begins it."""
    brought = escape(said.xp_and_days(xp, first))
    return brought if any(xp) else f"{brought}: {BEGIN}"


def _of_year(figures: Year) -> Iterator[str]:
    first, last = said.day(figures.first), said.day(figures.first, len(figures.xp) - 1)
    yield f"## {looks.FIGURES.emoji} Your year, {said.period(first, last)}"
    yield _xp(figures.xp, first)
    if figures.longest:
        yield f"**Longest streak:** {said.plural(figures.longest, 'day')}"
    if marked := said.marked(figures.marks):
        yield f"**Other days:** {marked}"
