"""What a picture says, in words for who cannot see it; Discord calls that its description."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mastermind.discord.text import cut
from mastermind.pictures import words
from mastermind.pictures.figures import Card, Compare, Podium, Progress, RaidState, ServerWeek, Week, Year

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mastermind.pictures.figures import Amount, Figures, Tile

LONGEST = 1024
"""Characters that Discord takes for the description of a picture."""


def alt_text(figures: Figures) -> str:
    """The picture of these figures in sentences, at most LONGEST characters."""
    return cut(". ".join(part for part in _sentences(figures) if part) + ".", LONGEST)


def _sentences(figures: Figures) -> Iterator[str]:
    match figures:
        case Card():
            yield from _card(figures)
        case Compare():
            yield from _compared(figures)
        case Progress():
            yield from _progress(figures)
        case Year():
            yield from _year(figures)
        case Podium():
            yield from _podium(figures)
        case Week():
            yield from _week(figures)
        case ServerWeek():
            yield from _server_week(figures)
        case RaidState():
            yield from _raid(figures)


def _card(card: Card) -> Iterator[str]:
    yield words.name(card.person)
    yield words.level(card)
    yield card.faction
    yield f"{words.gained(card)}, {words.next_level(card)}"
    if card.rank:
        yield ", ".join(filter(None, (f"Rank {card.rank:,} of {card.members:,}", words.climbed(card))))
    yield f"{words.streak(card.run)}, {words.longest(card.run)}, {words.freezes(card.run)}"
    yield _last_days(card)
    yield words.balance(card.balance)
    yield words.challenges(card)
    yield _amounts(card.proud)


def _last_days(card: Card) -> str:
    marked = words.marked(card.run.days)
    return f"Of the last {len(card.run.days)} days: {marked}" if marked else ""


def _amounts(amounts: Iterable[Amount]) -> str:
    return ", ".join(f"{each.name} {each.count:,}" for each in amounts)


def _compared(both: Compare) -> Iterator[str]:
    left, right = both.left, both.right
    yield f"{words.name(left.person)} beside {words.name(right.person)}"
    for label, mine, yours in compared(both):
        yield f"{label}: {mine} beside {yours}"


def compared(both: Compare) -> Iterator[tuple[str, str, str]]:
    """The lines of a comparison: its label, and the figure of either."""
    left, right = both.left, both.right
    yield "Level", f"{left.level}", f"{right.level}"
    yield "XP", f"{left.xp:,}", f"{right.xp:,}"
    if left.rank and right.rank:
        yield "Rank", f"{left.rank:,}", f"{right.rank:,}"
    yield "Streak", words.plural(left.run.length, "day"), words.plural(right.run.length, "day")
    yield "Challenges", f"{left.challenges:,}", f"{right.challenges:,}"
    yield "Archetype", left.balance.name, right.balance.name
    for mine, yours in both.rows:
        yield mine.name, f"{mine.count:,}", f"{yours.count:,}"


def _progress(progress: Progress) -> Iterator[str]:
    yield f"{words.name(progress.person)}, last {progress.days} days"
    yield words.xp_and_days(words.in_all(progress), words.first_of(progress))
    yield ", ".join(f"{stack.name} {sum(stack.xp):,} XP" for stack in progress.stacks if any(stack.xp))
    for trend in progress.trends:
        yield f"{trend.name}: {words.latest(trend)}"


def _year(year: Year) -> Iterator[str]:
    yield words.year_title(year)
    yield words.xp_and_days(year.xp, words.day(year.first))
    yield f"Longest streak: {words.plural(year.longest, 'day')}"
    marked = words.marked(year.marks)
    yield f"Days: {marked}" if marked else ""


def _podium(podium: Podium) -> Iterator[str]:
    yield podium.title
    for place in podium.places:
        yield words.line(place, podium.unit)
    if not podium.places:
        yield "Nobody is on this board yet"


def _week(week: Week) -> Iterator[str]:
    yield words.week_title(week)
    yield words.week_sentence(week).rstrip(".")
    yield _tiles(week.tiles)
    for note in filter(None, (week.badge, week.goal)):
        yield f"{note.title}: {note.text.rstrip('.')}"


def _tiles(tiles: Iterable[Tile]) -> str:
    return ", ".join(" ".join(filter(None, (each.name, f"{each.count:,}", _changed(each)))) for each in tiles)


def _changed(tile: Tile) -> str:
    change = words.change(tile)
    return f"({change.replace('▲ ', 'up by ')})" if change else ""


def _server_week(week: ServerWeek) -> Iterator[str]:
    yield f"The server's week, {words.period(words.day(week.first), words.day(week.first, 6))}"
    yield week.story.rstrip(".")
    yield _tiles(week.tiles)
    yield ", ".join(f"{each.name} {each.xp:,} XP, {each.average:,} a member" for each in week.factions)
    for honour in week.honours:
        yield f"{honour.title}: {words.name(honour.person)}, {honour.text}"
    yield week.raid.rstrip(".")


def _raid(raid: RaidState) -> Iterator[str]:
    yield words.raid_title(raid)
    yield f"{words.raid_points(raid)}, {words.raid_percent(raid)} %"
    yield words.raid_members(raid)
    for place in raid.top:
        yield words.line(place, "points")
    if raid.reward:
        yield f"{raid.reward:,} XP for each of them"
