"""The page docs/rules/content.md: the figures of the content that ships."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mastermind.game.catalogue import content as stats
from mastermind.game.challenges import content as challenges
from mastermind.game.course import content as course
from mastermind.game.flags import content as flags
from mastermind.game.levels import content as levels

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mastermind.game.catalogue.rules import Stat

PAGE = "rules/content.md"


def lines(generated: str) -> Iterator[str]:
    """The lines of the page; `generated` is the remark that it is."""
    yield from ("# Content", "", generated, "")
    yield "The figures of the content files that ship. A community can bring its own files"
    yield "([how](../Tensey_Bot_Integration.md#a-communitys-own-challenges))."
    yield from _stats()
    yield from _classes()
    yield from _challenges()
    yield from _course()
    yield from _flags()
    yield ""


def _stats() -> Iterator[str]:
    yield from ("", "## Stats", "", "XP, warrior, mage and raid points are for each unit; the cap is for each day.", "")
    yield "| category | stat | XP | warrior | mage | cap | raid |"
    yield "|---|---|---|---|---|---|---|"
    for category in stats.load().categories:
        yield from (_stat(category.title, stat) for stat in category.stats)
    yield from (_stat("automatic", stat) for stat in stats.load().automatic)


def _stat(category: str, stat: Stat) -> str:
    cap = "none" if stat.cap is None else f"{stat.cap}{', once a day' if stat.once_a_day else ''}"
    raid = ", ".join(f"{kind} {points}" for kind, points in stat.raid.items()) or "-"
    return f"| {category} | {stat.name} | {stat.xp} | {stat.warrior} | {stat.mage} | {cap} | {raid} |"


def _classes() -> Iterator[str]:
    yield from ("", "## Classes", "", "| from level | class | colour |", "|---|---|---|")
    yield from (f"| {each.first_level} | {each.title} | `#{each.color:06X}` |" for each in levels.load())


def _challenges() -> Iterator[str]:
    yield from ("", "## Challenges", "", "| chapter | title | challenges |", "|---|---|---|")
    yield from (f"| {each.number} | {each.title} | {len(each.challenges)} |" for each in challenges.load().chapters)


def _course() -> Iterator[str]:
    yield from ("", "## Course", "", "| module | opens at level | lessons | minutes |", "|---|---|---|---|")
    for module in course.load().modules:
        minutes = sum(lesson.minutes for lesson in module.lessons)
        yield f"| {module.title} | {module.level} | {len(module.lessons)} | {minutes} |"


def _flags() -> Iterator[str]:
    yield from ("", "## Flags", "", "| category | title | words and phrases |", "|---|---|---|")
    yield from (f"| `{rule.category}` | {rule.title} | {len(rule.words)} |" for rule in flags.load().each)
