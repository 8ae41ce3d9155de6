"""A week in words: for a member on Sunday evening, for the server once it is over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mastermind.discord.text import name
from mastermind.game.days.calendar import WEEKDAYS
from mastermind.game.factions import emblems
from mastermind.game.standings.rules import period
from mastermind.game.weeks.rules import DAY, FEW, WEEK, more_percent, next_step

if TYPE_CHECKING:
    from datetime import date

    from mastermind.game.weeks.rules import Climber, FactionWeek, MemberWeek, RaidResult, ServerWeek


# --- for a member ---


def of_member(week: MemberWeek) -> str:
    """What they read: first how it was, then its figures, and one small step. A loss is no news."""
    figures = (_xp(week), _best(week), _challenges(week), _streak(week), _place(week))
    lines = (_title(week), _how_it_was(week), *figures, _still_open(week), f"👣 **Next small step:** {next_step(week)}")
    return "\n".join(filter(None, lines))


def _title(week: MemberWeek) -> str:
    return f"## 🌟 Your {'first week here' if week.is_first else 'week'}, {dates(week.monday)}"


def _how_it_was(week: MemberWeek) -> str:
    match week.days:
        case 0:
            return "A quiet week, and there is nothing to make up for. The next one begins with one hello."
        case few if week.is_quiet and not week.is_first:
            return f"A quiet week, and {_days(few)} that count{'s' if few == 1 else ''}."
        case 7:
            return "You were out there **every day** of it."
        case many:
            return f"You were out there on **{_days(many)}**."


def _days(number: int) -> str:
    return f"{number} day{'' if number == 1 else 's'}"


def _xp(week: MemberWeek) -> str:
    if week.xp <= 0:
        return ""
    more = more_percent(week)
    return f"✨ **{week.xp:,} XP**" + (f", {more:,} % more than the week before" if more else "")


def _best(week: MemberWeek) -> str:
    if week.best is None or week.days < BEST_OF:
        return ""
    return f"🏔️ Best day: **{WEEKDAYS[week.best.weekday()]}**, with {max(week.by_day):,} XP"


BEST_OF = 2
"""Days among which one can be the best."""


def _challenges(week: MemberWeek) -> str:
    if not week.challenges:
        return ""
    return f"🎯 {week.challenges:,} challenge{'' if week.challenges == 1 else 's'} done"


def _streak(week: MemberWeek) -> str:
    if not week.streak:
        return ""
    longest = ", your longest so far" if week.streak == week.longest and week.streak > WEEK.days else ""
    return f"🔥 Streak: {_days(week.streak)}{longest}"


def _place(week: MemberWeek) -> str:
    """Where they stand this week; in a quiet one only what they gained."""
    if week.place is None or (week.is_quiet and not week.climbed):
        return ""
    up = f", {week.climbed:,} up from last week" if week.climbed else ""
    return f"🏅 Place {week.place:,} of {week.members:,} this week{up}"


def _still_open(week: MemberWeek) -> str:
    return "-# Today is still open: one hello counts." if week.is_open else ""


# --- for the server ---


def of_server(week: ServerWeek) -> str:
    """The post: one line for each fact, and the question for the new week."""
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
    return f"📅 **The week from {dates(week.monday)}:** {out_there(week)}."


def out_there(week: ServerWeek) -> str:
    """How many were there, as in "12 of you were out there"."""
    many = "A few" if week.active < FEW else f"{week.active:,}"
    return f"{many} of you were out there"


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
    return f"{', '.join(_gathered(each, has_average=week.has_averages) for each in week.factions)}."


def _gathered(faction: FactionWeek, *, has_average: bool) -> str:
    gathered = f"{emblems.shown(faction.name)} {max(faction.xp, 0):,} XP"
    return f"{gathered} ({faction.average:,} a member)" if has_average else gathered


def _raid(raid: RaidResult) -> str:
    return f"⚔️ {raid_ended(raid)}." + ("" if raid.is_won else " The next one is another chance.")


def raid_ended(raid: RaidResult) -> str:
    """What became of it, as in "The mage raid came to 430 of 1,000 points"."""
    ended = "was won, with" if raid.is_won else "came to"
    return f"The {raid.type} raid {ended} {raid.total:,} of {raid.target:,} points"


def _more_raids(more: int) -> str:
    return f"⚔️ And {more:,} more raid{'s' if more > 1 else ''}." if more else ""
