"""How the game is, in a headline: what the last health check says, for admins and moderators."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mastermind.bot import looks
from mastermind.commands.parts.people import moment
from mastermind.discord.text import cut, escape
from mastermind.operations import durations, runbook
from mastermind.operations.alerts.messages import GREEN, ORANGE, RED

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from mastermind.operations.health.report import Checked, Report

SILENT_AFTER = 11 * 60
"""Seconds without a report after which the health check itself counts as silent: two of its periods and a minute."""

LONGEST_NAME, MOST_NAMES = 32, 6
"""Characters of a probe's name, and the number of names on one line."""

DOWN, SILENT = (f"{runbook.FILE}#{guide.section}" for guide in (runbook.DOWN, runbook.SILENT))

NAMES = {"main": "Endpoint of main", "tensey": "Endpoint of tensey", "health": "Health page"}
"""Titles of the probes whose names alone are not clear to an admin."""


@dataclass(frozen=True, slots=True)
class Headline:
    """The top of the page, in words and in the colour of its edge."""

    title: str
    words: str
    color: int


NO_REPORT = Headline(
    "nobody has checked yet",
    "There is no report of the health check. Its first one comes within five minutes of a deploy.\n"
    f"**If it does not:** `{SILENT}`",
    looks.HEALTH.color,
)

SILENCE = (
    "Checked {age} ago, and it should be every five minutes. What it found is old: trust the alarms, and what the "
    "database says now.\n"
    "**What to do:** if the database was unavailable until just now, wait for the next check: no report could be "
    "stored meanwhile. Otherwise read the log of the function `healthcheck`, and check that its schedule is enabled. "
    f"Step by step: `{SILENT}`"
)


def headline(checked: Checked | None, now: datetime, doubtful: Sequence[str] = ()) -> Headline:
    """What the last check says; `doubtful` names what the database reports as wrong since then."""
    if checked is None:
        return NO_REPORT
    age = durations.in_words(checked.age)
    if checked.age > SILENT_AFTER:
        return Headline("the health check itself seems to have stopped", SILENCE.format(age=age), ORANGE)
    if not checked.report.healthy or _broken(checked.report, is_felt=True):
        return _unwell(f"Checked {age} ago. {_since(checked.report, now)}", checked.report)
    if to_do := _broken(checked.report, is_felt=False):
        return _to_do(f"Checked {age} ago", to_do)
    return _well(f"Checked {age} ago", doubtful)


def _unwell(checked: str, report: Report) -> Headline:
    felt = _broken(report, is_felt=True)
    if report.probes and not felt:
        words = f"{checked}What members feel was fine again. One more good check ends it."
        return Headline("recovering", words, ORANGE)
    broken = listed(felt) or "the check did not say what"
    return Headline("the game is down", f"{checked}Broken: {broken}.\n**What to do:** `{DOWN}`", RED)


def _to_do(checked: str, names: list[str]) -> Headline:
    places = "\n".join(f"**What to do:** `{runbook.FILE}#{section}`" for section in _sections(names))
    words = f"{checked}: members do not notice it, but somebody should look at {listed(names)}.\n{places}"
    return Headline("something is to do", words, ORANGE)


def _sections(probes: list[str]) -> list[str]:
    """The sections of the runbook about these probes; each once, and none for a probe of another version."""
    return [*dict.fromkeys(runbook.PROBES[name].section for name in probes if name in runbook.PROBES)]


def _broken(report: Report, *, is_felt: bool) -> list[str]:
    return [probe.name for probe in report.probes if not probe.healthy and probe.is_felt == is_felt]


def _well(checked: str, doubtful: Sequence[str]) -> Headline:
    if doubtful:
        words = f"{checked}: every probe was fine. Since then something has changed: see {', '.join(doubtful)} below."
        return Headline("look at what the database says", words, ORANGE)
    return Headline("all is well", f"{checked}: every probe is fine.", GREEN)


def _since(report: Report, now: datetime) -> str:
    """Since when the game has been unhealthy, if the report says so."""
    if report.since is None:
        return ""
    lasting = durations.in_words((now - report.since).total_seconds())
    return f"Down since {moment(report.since)}, for {lasting}. "


# --- names of probes ---


def listed(names: Sequence[str]) -> str:
    """The names of probes on one line; beyond the limit only their number."""
    more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
    return ", ".join(map(named, names[:MOST_NAMES])) + more


def named(probe: str) -> str:
    return NAMES.get(probe) or plain(probe.replace("_", " ").capitalize())


def plain(name: str) -> str:
    """A name from a report, escaped: it was written elsewhere."""
    return escape(cut(name, LONGEST_NAME))
