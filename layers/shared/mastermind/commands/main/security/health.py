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
from mastermind.commands.parts import health_state
from mastermind.commands.parts.health_state import DOWN, Headline, listed, named, plain
from mastermind.commands.parts.people import counted, moment
from mastermind.discord.components import Button, Container, Row, Separator, Text
from mastermind.discord.replies import Message, Update
from mastermind.discord.text import cut, escape
from mastermind.errors import Unavailable
from mastermind.game.members.authority import Access
from mastermind.operations import durations, runbook
from mastermind.operations.alerts.messages import RED
from mastermind.operations.health import report as health_report
from mastermind.operations.health.rules import MOST_CONNECTIONS, OVERDUE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from mastermind.bot.call import Call
    from mastermind.discord.replies import Reply
    from mastermind.game.server_settings.rules import Choices
    from mastermind.operations.health.report import Checked, Health, Outage, Overdue, Probe, Server

log = logging.getLogger(__name__)

LONGEST_WORDS, LONGEST_LIST = 120, 2_000
"""Characters of a probe's words, and of all probes together."""

LATE = f"{runbook.FILE}#{runbook.LATE_AWARDS.section}"

TO_DO = "to do"
SIGNS = {TO_DO: "🟠"}
"""The marks of what is not fine, and not broken either."""

NO_ANSWER = Headline(
    "the database does not answer",
    "Members are told to try again in a minute, and nothing that the game has confirmed is lost.\n"
    "**Where to look:** the alerts, in their channel and mailbox, say since when. In the RDS console: is the instance "
    f"available, are connections and CPU credits left? Step by step: `{DOWN}`\n"
    "Refresh asks it again.",
    RED,
)


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
    state = health_state.headline(health.checked, call.now, [fact.name.lower() for fact in facts if not fact.fine])
    spoken = Text(by_itself.shown(health.spoken))
    texts = (*_found(health.checked), spoken, Text(_now(health, facts, call.now)))
    outages = (Button("Outages", call.custom_id("open", path="admin.outages")),) if health.outage else ()
    return _framed(call, state, *texts, beside=outages)


def _framed(call: Call, state: Headline, *texts: Text, beside: Sequence[Button] = ()) -> Container:
    heading = Text(f"## {looks.HEALTH.emoji} Health: {state.title}\n{state.words}")
    apart = [part for text in texts for part in (Separator(), text)]
    row = Row((Button("Refresh", call.custom_id("refresh")), *beside))
    return Container((heading, *apart, row), state.color)


# --- what the check found ---


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


def _found(checked: Checked | None) -> tuple[Text, ...]:
    """Every probe of the last check in its own words, what members feel first; empty when there was no check."""
    if checked is None or not checked.report.probes:
        return ()
    title = f"### What the check of version {plain(checked.report.version)} found"
    lines = map(_probe, sorted(checked.report.probes, key=lambda probe: (probe.healthy, not probe.is_felt)))
    return (Text(cut("\n".join((title, *lines)), LONGEST_LIST)),)


def _probe(probe: Probe) -> str:
    verdict = "fine" if probe.healthy else "broken" if probe.is_felt else TO_DO
    return str(Line(named(probe.name), probe.healthy, verdict, escape(cut(probe.words, LONGEST_WORDS))))


# --- what the database says ---


def _now(health: Health, facts: tuple[Line, ...], now: datetime) -> str:
    read = f"-# Read at <t:{int(now.timestamp())}:T>, by version {__version__}."
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
    return f"**Last outage:** {moment(outage.began)}, for {lasted}: {listed(outage.probes) or 'nobody noted what'}"


SUBCOMMAND = Subcommand(
    "health",
    "Whether everything works",
    _show,
    access=Access.ADMIN,
    components={"open": _show, "refresh": _refresh},
)
