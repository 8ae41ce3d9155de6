"""The text of an alert in Discord and in an e-mail: what failed, since when, what to do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from mastermind.discord import limits
from mastermind.discord.text import cut, escape
from mastermind.operations import durations, runbook
from mastermind.operations.alerts.records import Down, Ends, Meanwhile, Past, Recovered, Starts
from mastermind.operations.alerts.rules import MOST_LINES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from mastermind.operations.alerts.records import Alert

RED, ORANGE, GREEN = 0xC0392B, 0xD68910, 0x1E8449

LONGEST_LINE = 160  # characters; as many lines are far below what an embed takes, however much is escaped
LONGEST_GUIDE = 400  # characters of what to do


@dataclass(frozen=True, slots=True)
class Medium:
    """How words and moments are written where the alert is read."""

    words: Callable[[str], str]
    moment: Callable[[datetime], str]


DISCORD = Medium(escape, lambda at: f"<t:{int(at.timestamp())}:f>")
MAIL = Medium(lambda words: " ".join(words.split()), lambda at: f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC")


@dataclass(frozen=True, slots=True)
class Words:
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


def words(alert: Alert, link: str | None) -> Words:
    """What an alert says; `link` is where the runbook can be read, None if that is not known."""
    match alert:
        case Down():
            return _down(alert, link)
        case Recovered():
            return _recovered(alert)
        case Meanwhile():
            return _meanwhile(alert)
        case Starts():
            return _starts(alert, link)
        case Ends():
            return _ends(alert)


def _down(alert: Down, link: str | None) -> Words:
    def lines(medium: Medium) -> Iterator[str]:
        since = medium.moment(alert.since)
        yield f"Down since {since}. What fails now, too:" if alert.further else f"Since {since}. What fails:"
        yield from _listed(_failed(alert.failed, medium))
        guides = [runbook.PROBES.get(name, runbook.DOWN) for name in alert.failed]
        yield from dict.fromkeys(_what_to_do(guide, link) for guide in guides[:MOST_LINES])

    return Words("🔴 More of the game is down" if alert.further else "🔴 The game is down", RED, lines)


def _recovered(alert: Recovered) -> Words:
    def lines(medium: Medium) -> Iterator[str]:
        lasted = durations.in_words((alert.ended - alert.since).total_seconds())
        yield f"Down for {lasted}, from {medium.moment(alert.since)} to {medium.moment(alert.ended)}. What failed:"
        yield from _listed(_failed(alert.failed, medium))

    return Words("🟢 The game is well again", GREEN, lines)


def _meanwhile(alert: Meanwhile) -> Words:
    def lines(medium: Medium) -> Iterator[str]:
        yield f"From {medium.moment(alert.since)} to {medium.moment(alert.ended)}:"
        yield from _listed([_past(one, medium) for one in alert.past])

    return Words("🟢 What else happened while the game was down", GREEN, lines)


def _starts(alert: Starts, link: str | None) -> Words:
    def lines(medium: Medium) -> Iterator[str]:
        yield f"Since {medium.moment(alert.at)}."
        if runbook.what_to_do(alert.guide, link):
            yield _what_to_do(alert.guide, link)

    return Words(f"{'🔴' if alert.urgent else '🟠'} {alert.what}", RED if alert.urgent else ORANGE, lines)


def _ends(alert: Ends) -> Words:
    def lines(medium: Medium) -> Iterator[str]:
        began, ended = medium.moment(alert.began), medium.moment(alert.ended)
        yield f"It lasted {durations.in_words((alert.ended - alert.began).total_seconds())}, from {began} to {ended}."

    return Words(f"🟢 Over: {alert.what}", GREEN, lines)


def _failed(failed: Mapping[str, str], medium: Medium) -> list[str]:
    lines = (f"{name}: {found}" if found else name for name, found in failed.items())
    return [medium.words(cut(line, LONGEST_LINE)) for line in lines]


def _past(one: Past, medium: Medium) -> str:
    what, began = medium.words(cut(one.what, LONGEST_LINE)), medium.moment(one.began)
    when = f"from {began} to {medium.moment(one.ended)}" if one.ended else f"since {began}"
    return f"{what} {one.times} times, {when}." if one.times > 1 else f"{what} {when[0].upper()}{when[1:]}."


def _what_to_do(guide: runbook.Guide, link: str | None) -> str:
    return f"What to do: {cut(runbook.what_to_do(guide, link), LONGEST_GUIDE)}"


def _listed(lines: Sequence[str]) -> Iterator[str]:
    yield from (f"• {line}" for line in lines[:MOST_LINES])
    if len(lines) > MOST_LINES:
        yield f"• and {len(lines) - MOST_LINES} more"
