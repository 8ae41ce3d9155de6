"""The alt text of a picture, for people who cannot see it; Discord calls it the description."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mastermind.discord.text import cut
from mastermind.pictures import words
from mastermind.pictures.figures import Card, Compare, Podium, Progress, RaidState, Report, ServerWeek, Week, Year

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
        case Report():
            yield from _report(figures)


def _card(card: Card) -> Iterator[str]:
    yield words.name(card.person)
    yield words.level(card)
    yield card.faction
    yield f"{words.gained(card)}, {words.next_level(card)}"
    if card.rank:
        yield ", ".join(filter(None, (f"Rank {card.rank:,} of {card.members:,}", words.climbed(card))))
    run = card.run
    yield ", ".join(filter(None, (words.streak(run), words.longest(run), words.freezes(run))))
    yield _last_days(card)
    yield words.balance(card.balance)
    yield words.challenges(card)
    yield _amounts(card.proud)


def _last_days(card: Card) -> str:
    marked = words.marked(card.run.days)
    return f"The last two weeks: {marked}" if marked else ""


def _amounts(amounts: Iterable[Amount]) -> str:
    return ", ".join(f"{each.name} {each.count:,}" for each in amounts)


def _compared(both: Compare) -> Iterator[str]:
    left, right = both.left, both.right
    yield f"{words.name(left.person)} beside {words.name(right.person)}"
    for pair in words.compared(both):
        yield f"{pair.label}: {pair.left} beside {pair.right}"


def _progress(progress: Progress) -> Iterator[str]:
    yield words.name(progress.person)
    yield words.progress_title(progress)
    yield words.xp_and_days(words.in_all(progress), words.first_of(progress))
    yield ", ".join(f"{stack.name} {sum(stack.xp):,} XP" for stack in progress.stacks if any(stack.xp))
    for trend in progress.trends:
        yield f"{trend.name}: {words.latest(trend)}"


def _year(year: Year) -> Iterator[str]:
    yield words.name(year.person)
    yield words.year_title(year)
    yield words.xp_and_days(year.xp, words.day(year.first))
    yield words.longest_of(year)
    marked = words.marked(year.marks)
    yield f"Days: {marked}" if marked else ""


def _podium(podium: Podium) -> Iterator[str]:
    yield podium.title
    for place in podium.places:
        yield words.line(place, podium.unit)
    if not podium.places:
        yield "Nobody is on this board yet"


def _week(week: Week) -> Iterator[str]:
    yield words.name(week.person)
    yield words.week_title(week)
    yield words.week_sentence(week).rstrip(".")
    yield _tiles(week.tiles)
    for note in filter(None, (week.badge, week.goal)):
        yield f"{note.title}: {note.text.rstrip('.')}"


def _tiles(tiles: Iterable[Tile]) -> str:
    return ", ".join(" ".join(filter(None, (each.name, f"{each.count:,}", _changed(each)))) for each in tiles)


def _changed(tile: Tile) -> str:
    change = words.change(tile)
    return f"({change.replace('▲', 'up by').replace('=', 'as before:')})" if change else ""


def _server_week(week: ServerWeek) -> Iterator[str]:
    yield words.server_week_title(week)
    yield week.story.rstrip(".")
    yield _tiles(week.tiles)
    yield ", ".join(f"{each.name} {each.xp:,} XP, {each.average:,} a member" for each in week.factions)
    for honour in week.honours:
        yield f"{honour.title}: {words.name(honour.person)}, {honour.text}"
    yield week.raid.rstrip(".")


def _raid(raid: RaidState) -> Iterator[str]:
    yield words.raid_title(raid)
    yield words.raid_progress(raid)
    yield words.raid_members(raid)
    for place in raid.top:
        yield words.line(place, "points")
    if raid.reward:
        yield words.raid_reward(raid)


def _report(report: Report) -> Iterator[str]:
    yield words.report_title(report)
    yield _tiles(report.tiles)
    if report.logged:
        yield f"{words.REPORT_BARS}: {_amounts(report.logged)}"
