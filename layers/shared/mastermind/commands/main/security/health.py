"""/security health: the last report of the health check with its age, and what the database reports right now.

Every colour also has words.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mastermind import __version__, observability
from mastermind.bot import looks
from mastermind.bot.commands import Subcommand
from mastermind.commands.main.security import by_itself
from mastermind.commands.parts.people import counted
from mastermind.discord.components import Button, Container, Row, Separator, Text
from mastermind.discord.replies import Message, Update
from mastermind.discord.text import cut, escape
from mastermind.errors import Unavailable
from mastermind.game.members.authority import Access
from mastermind.operations import durations, runbook
from mastermind.operations.alerts.messages import GREEN, ORANGE, RED
from mastermind.operations.health import report as health_report
from mastermind.operations.health.rules import MOST_CONNECTIONS, OVERDUE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from mastermind.bot.call import Call
    from mastermind.discord.replies import Reply
    from mastermind.game.server_settings.rules import Choices
    from mastermind.operations.health.report import Checked, Health, Outage, Overdue, Probe, Report, Server

log = logging.getLogger(__name__)

SILENT_AFTER = 11 * 60
"""Seconds without a report after which the health check itself counts as silent: two of its periods and a minute."""

LONGEST_NAME, LONGEST_WORDS, LONGEST_LIST, MOST_NAMES = 32, 120, 2_000, 6
"""Characters of a probe's name, of its words and of all probes together; and the number of names on one line."""

DOWN, SILENT, LATE = (
    f"{runbook.FILE}#{guide.section}" for guide in (runbook.DOWN, runbook.SILENT, runbook.LATE_AWARDS)
)

TO_DO = "to do"
SIGNS = {TO_DO: "🟠"}
"""The marks of what is not fine, and not broken either."""

NAMES = {"main": "Endpoint of main", "tensey": "Endpoint of tensey", "health": "Health page"}
"""Titles of the probes whose names alone are not clear to an admin."""


# --- what the subcommand and its button do ---


def _show(call: Call) -> Reply:
    return Message((_page(call),), private=True)


def _refresh(call: Call) -> Reply:
    """Replace the message with the current state."""
    return Update((_page(call),))


def _page(call: Call) -> Container:
    try:
        health = call.services.run(health_report.read)
    except Unavailable as problem:
        log.warning("the health report could not be read", extra={"reason": str(problem)})
        observability.count(observability.UNAVAILABLE)
        return _framed(call, NO_ANSWER)
    facts = tuple(_facts(health))
    state = _state(health.checked, facts, call.now)
    spoken = Text(by_itself.shown(health.spoken))
    texts = (*_found(health.checked), spoken, Text(_now(health, facts, call.now)))
    outages = (Button("Outages", call.custom_id("open", path="admin.outages")),) if health.outage else ()
    return _framed(call, state, *texts, beside=outages)


def _framed(call: Call, state: Headline, *texts: Text, beside: Sequence[Button] = ()) -> Container:
    heading = Text(f"## {looks.HEALTH.emoji} Health: {state.title}\n{state.words}")
    apart = [part for text in texts for part in (Separator(), text)]
    row = Row((Button("Refresh", call.custom_id("refresh")), *beside))
    return Container((heading, *apart, row), state.color)


# --- how it is ---


@dataclass(frozen=True, slots=True)
class Headline:
    """The top of the page, in words and in the colour of its edge."""

    title: str
    words: str
    color: int


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that was checked; `verdict` says in a word what its mark shows by colour."""

    name: str
    fine: bool
    verdict: str
    words: str = ""

    def __str__(self) -> str:
        said = f"{self.verdict}, {self.words}" if self.words else self.verdict
        return f"{'🟢' if self.fine else SIGNS.get(self.verdict, '🔴')} **{self.name}:** {said}"


NO_ANSWER = Headline(
    "the database does not answer",
    "Members are told to try again in a minute, and nothing that the game has confirmed is lost.\n"
    "**Where to look:** the alerts, in their channel and mailbox, say since when. In the RDS console: is the instance "
    f"available, are connections and CPU credits left? Step by step: `{DOWN}`\n"
    "Refresh asks it again.",
    RED,
)

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


def state_of(checked: Checked | None, now: datetime) -> Headline:
    """What the last check says, whatever the database says since."""
    return _state(checked, (), now)


def _state(checked: Checked | None, facts: tuple[Line, ...], now: datetime) -> Headline:
    if checked is None:
        return NO_REPORT
    age = durations.in_words(checked.age)
    if checked.age > SILENT_AFTER:
        return Headline("the health check itself seems to have stopped", SILENCE.format(age=age), ORANGE)
    if not checked.report.healthy or _broken(checked.report, is_felt=True):
        return _unwell(f"Checked {age} ago. {_since(checked.report, now)}", checked.report)
    if to_do := _broken(checked.report, is_felt=False):
        return _to_do(f"Checked {age} ago", to_do)
    return _well(f"Checked {age} ago", [fact.name.lower() for fact in facts if not fact.fine])


def _unwell(checked: str, report: Report) -> Headline:
    felt = _broken(report, is_felt=True)
    if report.probes and not felt:
        words = f"{checked}What members feel was fine again. One more good check ends it."
        return Headline("recovering", words, ORANGE)
    broken = _listed(felt) or "the check did not say what"
    return Headline("the game is down", f"{checked}Broken: {broken}.\n**What to do:** `{DOWN}`", RED)


def _to_do(checked: str, names: list[str]) -> Headline:
    places = "\n".join(f"**What to do:** `{runbook.FILE}#{section}`" for section in _sections(names))
    words = f"{checked}: members do not notice it, but somebody should look at {_listed(names)}.\n{places}"
    return Headline("something is to do", words, ORANGE)


def _sections(probes: list[str]) -> list[str]:
    """The sections of the runbook about these probes; each once, and none for a probe of another version."""
    return [*dict.fromkeys(runbook.PROBES[name].section for name in probes if name in runbook.PROBES)]


def _broken(report: Report, *, is_felt: bool) -> list[str]:
    return [probe.name for probe in report.probes if not probe.healthy and probe.is_felt == is_felt]


def _well(checked: str, doubtful: list[str]) -> Headline:
    """The state after a healthy report; `doubtful` names what the database reports as wrong since then."""
    if doubtful:
        words = f"{checked}: every probe was fine. Since then something has changed: see {', '.join(doubtful)} below."
        return Headline("look at what the database says", words, ORANGE)
    return Headline("all is well", f"{checked}: every probe is fine.", GREEN)


def _since(report: Report, now: datetime) -> str:
    """Since when the game has been unhealthy, if the report says so."""
    if report.since is None:
        return ""
    lasting = durations.in_words((now - report.since).total_seconds())
    return f"Down since {_moment(report.since)}, for {lasting}. "


# --- what the check found ---


def _found(checked: Checked | None) -> tuple[Text, ...]:
    """Every probe of the last check in its own words, what members feel first; empty when there was no check."""
    if checked is None or not checked.report.probes:
        return ()
    title = f"### What the check of version {_plain(checked.report.version)} found"
    lines = map(_probe, sorted(checked.report.probes, key=lambda probe: (probe.healthy, not probe.is_felt)))
    return (Text(cut("\n".join((title, *lines)), LONGEST_LIST)),)


def _probe(probe: Probe) -> str:
    verdict = "fine" if probe.healthy else "broken" if probe.is_felt else TO_DO
    return str(Line(_named(probe.name), probe.healthy, verdict, escape(cut(probe.words, LONGEST_WORDS))))


# --- what the database says ---


def _now(health: Health, facts: tuple[Line, ...], now: datetime) -> str:
    read = f"-# Read at {_moment(now, 'T')}, by version {__version__}."
    return "\n".join(("### What the database says now", *map(str, facts), _outage(health.outage), read))


def _facts(health: Health) -> Iterator[Line]:
    yield _migration(health.migration, health.needed)
    yield Line("Pending awards", True, "fine", f"{health.pending:,} in all")
    yield _overdue(health.overdue)
    yield _connections(health.server)
    if health.choices.by_name:
        yield _settings(health.choices)
    if health.spoken.missing:
        yield Line("Bot's rights", False, "missing", "Discord refuses what needs them, as listed above")


def _settings(choices: Choices) -> Line:
    """What admins have chosen instead of what the deploy sets."""
    refused = sum(bool(choice.refused) for choice in choices.by_name.values())
    words = f"{counted(len(choices.differing), 'choice')} of admins in force"
    more = f", {refused} refused" if refused else ""
    return Line("Settings", True, "changed", f"{words}{more}: `/admin settings`")


def _migration(reached: int, needed: int) -> Line:
    figures = f"the database has {reached}, this version needs {needed}"
    if reached < needed:
        return Line("Migration", False, "behind", f"{figures}: deploy again, or roll back")
    return Line("Migration", True, "fine", figures)


def _overdue(overdue: Overdue) -> Line:
    if not overdue.awards:
        return Line("Overdue awards", True, "fine", "nothing is late")
    figures = f"{overdue.awards:,}, the oldest for {durations.in_words(overdue.oldest_seconds)}"
    if overdue.oldest_seconds > OVERDUE:
        return Line("Overdue awards", False, "late", f"{figures}: `{LATE}`")
    return Line("Overdue awards", True, "fine", f"{figures}; each minute they are swept up")


def _connections(server: Server) -> Line:
    enough = server.connections <= MOST_CONNECTIONS * server.connection_limit
    used = f"{server.connections:,} of {server.connection_limit:,} in use"
    return Line("Connections", enough, "fine" if enough else "nearly all taken", used)


def _outage(outage: Outage | None) -> str:
    if outage is None:
        return "**Last outage:** nothing on record"
    lasted = durations.in_words((outage.ended - outage.began).total_seconds())
    return f"**Last outage:** {_moment(outage.began)}, for {lasted}: {_listed(outage.probes) or 'nobody noted what'}"


# --- words ---


def _listed(names: Sequence[str]) -> str:
    """The names of probes on one line; beyond the limit only their number."""
    more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
    return ", ".join(map(_named, names[:MOST_NAMES])) + more


def _named(probe: str) -> str:
    return NAMES.get(probe) or _plain(probe.replace("_", " ").capitalize())


def _plain(name: str) -> str:
    """A name from a report, escaped: it was written elsewhere."""
    return escape(cut(name, LONGEST_NAME))


def _moment(at: datetime, style: str = "f") -> str:
    """A time that Discord shows in the reader's own time zone; "f" is day and time, "T" the time to the second."""
    return f"<t:{int(at.timestamp())}:{style}>"


SUBCOMMAND = Subcommand(
    "health",
    "Whether everything works",
    _show,
    access=Access.ADMIN,
    components={"open": _show, "refresh": _refresh},
)
