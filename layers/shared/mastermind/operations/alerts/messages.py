"""How an alert reads in Discord and in an e-mail: what failed, since when, what to do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from mastermind.config import RUNBOOK
from mastermind.discord import limits
from mastermind.discord.text import cut, escape
from mastermind.operations import durations

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from mastermind.operations.alerts.rules import Failure, Note

UNHEALTHY = f"{RUNBOOK}#the-game-is-not-healthy"
SILENT = f"{RUNBOOK}#the-health-check-is-silent"

RED, ORANGE, GREEN = 0xC0392B, 0xD68910, 0x1E8449

MOST_LINES = 12
"""Of what failed, and of what was folded: more is counted, not listed."""

LONGEST_LINE = 160  # characters; with the above far below what an embed takes, however much is escaped


@dataclass(frozen=True, slots=True)
class Medium:
    """How words and moments are written where the alert is read."""

    words: Callable[[str], str]
    moment: Callable[[datetime], str]


DISCORD = Medium(escape, lambda at: f"<t:{int(at.timestamp())}:f>")
MAIL = Medium(lambda words: " ".join(words.split()), lambda at: f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC")


@dataclass(frozen=True, slots=True)
class Alert:
    """A title, and lines that a medium writes."""

    title: str
    color: int
    lines: Callable[[Medium], Iterator[str]]

    def message(self) -> Mapping[str, object]:
        """As a webhook posts it; nobody is mentioned."""
        description = cut("\n".join(self.lines(DISCORD)), limits.EMBED_DESCRIPTION)
        embed = {"title": cut(self.title, limits.EMBED_TITLE), "description": description, "color": self.color}
        return {"embeds": [embed], "allowed_mentions": {"parse": []}}

    def mail(self) -> str:
        """As an e-mail says it."""
        return "\n".join([self.title, "", *self.lines(MAIL)])


def alert(note: Note, folded: Sequence[Note], runbook: str) -> Alert:
    """What is said about an alarm's last change; `runbook` is where the pages of the runbook can be read."""
    if note.failure is None:
        return _going_off(note, runbook) if note.is_alarm else _over(note)
    if note.is_alarm:
        return _failure(note, note.failure, runbook) if note.failure.failed else _silence(note.failure, runbook)
    return _recovery(note, note.failure, folded)


def _failure(note: Note, failure: Failure, runbook: str) -> Alert:
    def lines(medium: Medium) -> Iterator[str]:
        yield f"Unhealthy since {medium.moment(failure.since or note.began)}. What failed:"
        yield from _listed([medium.words(cut(line, LONGEST_LINE)) for line in failure.failed])
        yield _what_to_do(UNHEALTHY, runbook)

    return Alert("🔴 The game is not healthy", RED, lines)


def _silence(failure: Failure, runbook: str) -> Alert:
    def lines(medium: Medium) -> Iterator[str]:
        said = f"Last report: {medium.moment(failure.since)}" if failure.since else "No report yet"
        yield f"{said}. Nobody knows whether the game works."
        yield _what_to_do(SILENT, runbook)

    return Alert("🔴 The health check is silent", RED, lines)


def _recovery(note: Note, failure: Failure, folded: Sequence[Note]) -> Alert:
    begin = failure.since or note.began

    def lines(medium: Medium) -> Iterator[str]:
        span = f"{medium.moment(begin)} to {medium.moment(note.changed)}"
        lasted = durations.in_words((note.changed - begin).total_seconds())
        if failure.failed:
            yield f"Unhealthy for {lasted}, from {span}. What failed:"
            yield from _listed([medium.words(cut(line, LONGEST_LINE)) for line in failure.failed])
        elif begin < note.changed:
            yield f"The health check was silent for {lasted}, from {span}."
        else:
            yield "No details of the outage were recorded."
        if folded:
            yield "Meanwhile:"
            yield from _listed([_folded(one, medium) for one in folded])

    return Alert("🟢 The game is healthy again", GREEN, lines)


def _folded(note: Note, medium: Medium) -> str:
    what, began = medium.words(cut(note.what, LONGEST_LINE)), medium.moment(note.began)
    return f"{what} Since {began}." if note.is_alarm else f"{what} From {began} to {medium.moment(note.changed)}."


def _going_off(note: Note, runbook: str) -> Alert:
    def lines(medium: Medium) -> Iterator[str]:
        yield f"Since {medium.moment(note.began)}."
        yield _what_to_do(note.runbook, runbook)

    return Alert(f"🟠 {note.what}", ORANGE, lines)


def _over(note: Note) -> Alert:
    def lines(medium: Medium) -> Iterator[str]:
        began, ended = medium.moment(note.began), medium.moment(note.changed)
        lasted = durations.in_words((note.changed - note.began).total_seconds())
        yield f"It lasted {lasted}, from {began} to {ended}." if note.began < note.changed else f"Since {ended}."

    return Alert(f"🟢 Over: {note.what}", GREEN, lines)


def _what_to_do(section: str, runbook: str) -> str:
    return f"What to do: {section.replace(RUNBOOK, runbook, 1)}"


def _listed(lines: Sequence[str]) -> Iterator[str]:
    yield from (f"• {line}" for line in lines[:MOST_LINES])
    if len(lines) > MOST_LINES:
        yield f"• and {len(lines) - MOST_LINES} more"
