"""The report about a week as Discord shows it: in an answer to a leader, and in the admins' channel."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mastermind import __version__
from mastermind.bot import looks
from mastermind.game.weeks.rules import FEW
from mastermind.operations.report import words
from mastermind.operations.report.notices import Told
from mastermind.pictures import figures
from mastermind.pictures.figures import Amount, Tile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mastermind.operations.report.actions import Leaders
    from mastermind.operations.report.rules import Report


def heading(report: Report | None) -> str:
    return looks.REPORT.heading(words.title(report) if report else "How the game goes")


def told(report: Report | None) -> str:
    """The report itself, a line each."""
    return "\n".join(map(_line, words.of(report))) if report else words.NONE_YET


def now(leaders: Leaders, health: str) -> str:
    """How it is at this moment; `health` in a word or two."""
    return "\n".join((_line(words.now(leaders.weeks)), f"**Health:** {health}, version {__version__}"))


def for_channel(leaders: Leaders, health: str, *, draws: bool) -> Told:
    """What is posted for the admins."""
    report = leaders.report
    said = "\n".join(
        (heading(report), told(report), now(leaders, health), f"-# {words.RULES} `/admin report` has it too.")
    )
    return Told(said, picture(report) if draws else "")


def _line(line: words.Line) -> str:
    return f"**{line.title}:** {line.text}"


def picture(report: Report | None) -> str:
    """Its figures; "" of a report with too little to draw."""
    if report is None or report.active < FEW:
        return ""
    logged = tuple(Amount(each.name, each.members) for each in words.named(report.logged))
    return figures.write(figures.Report(report.first_day, tuple(_tiles(report)), logged))


def _tiles(report: Report) -> Iterator[Tile]:
    yield Tile("Active", report.active, report.active_before if report.active_before >= FEW else None, "🙌")
    yield Tile("Members", report.members, sign="🧑")
    if report.newcomers >= FEW:
        yield Tile("New", report.newcomers, sign="🌱")
    if words.tells_kept(report) and report.kept is not None:
        yield Tile("Came back", report.kept, sign="🔁")
