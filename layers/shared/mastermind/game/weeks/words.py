"""A week in words: for the server, once it is over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mastermind.discord.text import name
from mastermind.game.standings.rules import period
from mastermind.game.weeks.rules import DAY, FEW, WEEK

if TYPE_CHECKING:
    from datetime import date

    from mastermind.game.weeks.rules import Climber, RaidResult, ServerWeek


def of_server(week: ServerWeek) -> str:
    """What is posted: a line for each thing that there is to tell, and the question for the new week."""
    raids = (*map(_raid, week.raids), _more_raids(week.more_raids))
    told = (_quiet(week), _newcomers(week)) if week.is_quiet else _lively(week)
    question = f"💬 **A question for the new week:** {week.question}"
    return "\n".join(filter(None, (*told, *raids, question)))


def dates(monday: date) -> str:
    """The days of a week, as in "23 to 29 November 2026"."""
    return period(monday, monday + WEEK - DAY)


def _quiet(week: ServerWeek) -> str:
    return f"📅 **The week from {dates(week.monday)}** was a quiet one. That is fine: small steps count in any week."


def _lively(week: ServerWeek) -> tuple[str, ...]:
    return _heading(week), _climbers(week), _improved(week.improved), _newcomers(week), _factions(week)


def _heading(week: ServerWeek) -> str:
    many = "A few" if week.active < FEW else f"{week.active:,}"
    return f"📅 **The week from {dates(week.monday)}:** {many} of you were out there."


def _climbers(week: ServerWeek) -> str:
    climbed = [f"**{name(each.display_name)}** (+{each.xp:,} XP)" for each in week.climbers]
    return f"🏔️ Climbed most: {', '.join(climbed)}." if climbed else ""


def _improved(improved: Climber | None) -> str:
    if improved is None:
        return ""
    more = improved.xp - improved.before
    return f"📈 Biggest step up: **{name(improved.display_name)}**, with {more:,} XP more than the week before."


def _newcomers(week: ServerWeek) -> str:
    if not week.newcomers:
        return ""
    names = [f"**{name(each)}**" for each in week.newcomers]
    if week.more_newcomers:
        names.append("a few more" if week.more_newcomers < FEW else f"{week.more_newcomers:,} more")
    return f"🌱 New here: {_listed(names)}. Welcome!"


def _listed(names: list[str]) -> str:
    """As in "Ann, Ben and Cem"."""
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def _factions(week: ServerWeek) -> str:
    if not any(each.xp > 0 for each in week.factions):
        return ""
    return f"🤝 {', '.join(f'{each.name} {max(each.xp, 0):,} XP' for each in week.factions)}."


def _raid(raid: RaidResult) -> str:
    points = f"{raid.total:,} of {raid.target:,} points"
    if raid.is_won:
        return f"⚔️ The {raid.type} raid was won, with {points}."
    return f"⚔️ The {raid.type} raid came to {points}. The next one is another chance."


def _more_raids(more: int) -> str:
    return f"⚔️ And {more:,} more raid{'s' if more > 1 else ''}." if more else ""
