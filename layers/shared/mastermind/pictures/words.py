"""The words for the figures of pictures: the picture and its alt text use the same ones."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from mastermind.discord.text import LONGEST_NAME, cut, isolated, one_line
from mastermind.game.days.calendar import named
from mastermind.game.days.marks import Mark
from mastermind.game.raids.rules import STATUSES, RaidStatus
from mastermind.game.standings.rules import period
from mastermind.typed import is_visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from mastermind.pictures.figures import (
        Balance,
        Card,
        Compare,
        Person,
        Place,
        Progress,
        RaidState,
        Report,
        Run,
        ServerWeek,
        Tile,
        Trend,
        Week,
        Year,
    )

MARKS = {
    Mark.LOGGED: "logged",
    Mark.FREEZE: "held by a freeze",
    Mark.PAUSE: "paused",
    Mark.REST: "rested",
    Mark.OUTAGE: "our outage",
    Mark.TRAVEL: "skipped by travel",
    Mark.GRACE: "still open",
    Mark.MISSED: "missed",
}
"""What a mark means; days ahead are not spoken of."""


def name(person: Person) -> str:
    """A name on one line, never empty, and safe beside words of another direction."""
    shown = cut(one_line(person.name), LONGEST_NAME)
    return isolated(shown) if is_visible(shown.removesuffix("…")) else "A member"


def plural(count: int, one: str, many: str = "") -> str:
    """The count with its noun, as in "1 day" and "2 days"."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def day(first: str, after: int = 0) -> date:
    """The day so many days after the first one."""
    return date.fromisoformat(first) + timedelta(after)


def short(one: date) -> str:
    """A day without its weekday, as in "23 Nov"."""
    return named(one, one).partition(" ")[2]


# --- a member's card ---


def level(card: Card) -> str:
    return f"Level {card.level}: {card.title}"


def next_level(card: Card) -> str:
    """What is missing to the next level."""
    if not card.span:
        return "The highest level is reached"
    about = f", about {plural(card.days_like_these, 'day')} like these" if card.days_like_these else ""
    return f"{card.span - card.gained:,} to level {card.level + 1}{about}"


def gained(card: Card) -> str:
    return f"{card.gained:,} of {card.span:,} XP" if card.span else f"{card.xp:,} XP"


def climbed(card: Card) -> str:
    """What the rank won this week; nothing about what it lost."""
    return f"{card.climbed:,} up this week" if card.climbed and card.climbed > 0 else ""


def streak(run: Run) -> str:
    return plural(run.length, "day") + " in a row" if run.length else "A streak begins with the next day"


def longest(run: Run) -> str:
    if run.length and run.length >= run.longest:
        return "best yet"
    return f"longest: {run.longest:,}" if run.longest else ""


def freezes(run: Run) -> str:
    """How many are left, and what they are for."""
    return plural(run.freezes, "freeze") + " left for a missed day" if run.freezes else "Freezes come with a streak"


def mage_share(balance: Balance) -> int:
    """The mage points in whole percent of both."""
    both = balance.warrior + balance.mage
    return 100 * balance.mage // both if both else 0


def balance(one: Balance) -> str:
    """The archetype with its shares."""
    if not one.warrior + one.mage:
        return one.name
    mage = mage_share(one)
    return f"{one.name}: {100 - mage} % warrior, {mage} % mage"


def challenges(card: Card) -> str:
    return f"{plural(card.challenges, 'challenge')} done, {milestone(card)}"


def milestone(card: Card) -> str:
    """Which number of challenges comes next."""
    return f"next milestone: {card.milestone:,}" if card.milestone else "all of the list"


@dataclass(frozen=True, slots=True)
class Pair:
    """A line of a comparison: both figures in words, and as numbers where more is more."""

    label: str
    left: str
    right: str
    sizes: tuple[int, int] = (0, 0)


def compared(both: Compare) -> Iterator[Pair]:
    """The lines of a comparison."""
    left, right = both.left, both.right
    yield Pair("Level", f"{left.level}", f"{right.level}", (left.level, right.level))
    yield Pair("XP", f"{left.xp:,}", f"{right.xp:,}", (left.xp, right.xp))
    if left.rank and right.rank:
        yield Pair("Rank", f"#{left.rank:,}", f"#{right.rank:,}")
    runs = left.run.length, right.run.length
    yield Pair("Days in a row", f"{runs[0]:,}", f"{runs[1]:,}", runs)
    done = left.challenges, right.challenges
    yield Pair("Challenges", f"{done[0]:,}", f"{done[1]:,}", done)
    yield Pair("Archetype", left.balance.name, right.balance.name)
    for mine, yours in both.rows:
        yield Pair(mine.name, f"{mine.count:,}", f"{yours.count:,}", (mine.count, yours.count))


# --- days ---


def in_all(progress: Progress) -> list[int]:
    """XP of each day, of all categories."""
    return [sum(each) for each in zip(*(stack.xp for stack in progress.stacks), strict=True)] or [0] * progress.days


def first_of(progress: Progress) -> date:
    return day(progress.last, 1 - progress.days)


def progress_title(progress: Progress) -> str:
    return f"Last {progress.days} days"


def xp_and_days(xp: Sequence[int], first: date) -> str:
    """XP in all, the best day and how many days have any: "3,366 XP · best day 560 (Mon 16 Nov) · 11 active days"."""
    active = sum(each > 0 for each in xp)
    if not active:
        return "Nothing is logged in this time yet"
    best = max(range(len(xp)), key=xp.__getitem__)
    when = named(first + timedelta(best), first + timedelta(best))
    return f"{sum(xp):,} XP · best day {xp[best]:,} ({when}) · {plural(active, 'active day')}"


def latest(trend: Trend) -> str:
    """The last value of a trend: "7.5 of 10"; a share that has not begun is no figure."""
    known = [value for value in trend.values if value is not None]
    return f"{known[-1]:.4g} {trend.unit}".strip() if known and known[-1] else "nothing yet"


def marked(marks: Iterable[Mark]) -> str:
    """How many days there are of each mark but those that explain themselves."""
    counted = list(marks)
    told = (Mark.FREEZE, Mark.PAUSE, Mark.REST, Mark.OUTAGE, Mark.TRAVEL, Mark.GRACE)
    return ", ".join(f"{number} {MARKS[mark]}" for mark in told if (number := counted.count(mark)))


def year_title(year: Year) -> str:
    return period(day(year.first), day(year.first, len(year.xp) - 1))


def longest_of(year: Year) -> str:
    return f"Longest streak: {plural(year.longest, 'day')}" if year.longest else ""


def week_title(week: Week) -> str:
    return period(day(week.first), day(week.first, 6))


def week_sentence(week: Week) -> str:
    """Something kind and true about the days of a week."""
    active = sum(each > 0 for each in week.xp)
    match active:
        case 0:
            return "A quiet week. The next one begins with one hello."
        case 1 | 2:
            return f"A quiet week, and {plural(active, 'day')} that {'counts' if active == 1 else 'count'}."
        case 7:
            return "You were out there every day of the week."
        case _:
            return f"You were out there {active} days of 7."


def server_week_title(week: ServerWeek) -> str:
    return f"The server's week, {period(day(week.first), day(week.first, 6))}"


REPORT_BARS = "How many members logged what"


def report_title(report: Report) -> str:
    return f"Report, {period(day(report.first), day(report.first, 6))}"


def change(tile: Tile) -> str:
    """How a figure moved since the week before: "▲ 38", "= 3"; of a loss nothing is said."""
    if tile.before is None or tile.count < tile.before:
        return ""
    return f"▲ {tile.count - tile.before:,}" if tile.count > tile.before else f"= {tile.before:,}"


# --- boards and raids ---


def line(place: Place, unit: str) -> str:
    """A line of a board."""
    return f"{place.place:,}. {name(place.person)}, {place.count:,} {unit}, level {place.level}"


def raid_title(raid: RaidState) -> str:
    return f"{raid.title}: {STATUSES[raid.status]}"


def raid_points(raid: RaidState) -> str:
    return f"{raid.total:,} of {raid.target:,} points"


def raid_progress(raid: RaidState) -> str:
    """The points and their share: "718 of 1,000 points, 71 %"; a share below 1 % is not said."""
    share = min(100, 100 * raid.total // raid.target) if raid.target else 100
    return f"{raid_points(raid)}, {share} %" if share else raid_points(raid)


def raid_members(raid: RaidState) -> str:
    """How many took part who are counted; nothing where only those did who hide, or have left."""
    if raid.members:
        return f"{plural(raid.members, 'member')} took part"
    if raid.total:
        return ""
    return "Nobody took part yet" if raid.status is RaidStatus.ACTIVE else "Nobody took part"


def raid_reward(raid: RaidState) -> str:
    """What the raid brings, or what it brought or did not."""
    match raid.status:
        case RaidStatus.ACTIVE:
            return f"{raid.reward:,} XP for everybody when it is won"
        case RaidStatus.COMPLETED:
            return f"{raid.reward:,} XP for everybody who took part"
        case RaidStatus.FAILED | RaidStatus.CANCELLED:
            return "What was logged keeps its XP"
