"""How a message reads, as docs/rules/messages.md asks for it: what is wrong with a scene, by the name of the rule."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, Any, cast

from mastermind.bot import looks
from mastermind.bot.looks import Look
from mastermind.commands.parts.bars import EMPTY, FILLED
from mastermind.discord.limits import BUTTON_LABEL_READS_WELL
from mastermind.game.catalogue import content as stats
from mastermind.game.course import content as course
from mastermind.game.factions.emblems import EMBLEMS
from mastermind.game.levels import content as levels
from mastermind.operations.alerts import messages as alerts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    type Part = dict[str, Any]

TEXT, ROW, BUTTON, SELECT, CONTAINER = 10, 1, 2, 3, 17
DANGER = 4
COLORS = (
    {look.color for look in vars(looks).values() if isinstance(look, Look)}
    | {each.color for each in levels.load()}
    | {alerts.RED, alerts.ORANGE, alerts.GREEN}
)
"""Every colour that means something: of a matter, of a class, of a state."""

EMOJI = re.compile("[\u2190-\u21ff\u2300-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff]\ufe0f?")
BAR = re.compile(f"[{FILLED}{EMPTY}{''.join(each.block for each in EMBLEMS.values())}]{{2,}}")
HEADING = re.compile(r"^#{1,3} ", re.MULTILINE)
OPENS = re.compile(r"</[a-z0-9 -]+:\d+>|\]\(https?:|https?://|`/[a-z]")
BY_ITSELF = re.compile(r"nothing (?:else )?(?:is left|needs|to do)|by itself|again in |<t:\d+:R>", re.IGNORECASE)
"""Where nothing is to do: the text says so, or when it comes."""

ASKS = re.compile(
    r"\b(?:choose|type|leave|ask|try|write|tap|check|talk|allow|add|give|name|set|wait|look|needs|again|you typed"
    r"|can be|must be|is for)\b",
    re.IGNORECASE,
)
"""A plain line says in words what to do, or who may do it."""

UNPLAIN = re.compile(
    r"\bnone\b|(?<![\d.,])0 %|\b0\.0+\b|without bonuses|percent of nothing|is worth\b|\bin hand\b|all by itself"
    r"|\bundefined\b|\bnull\b",
    re.IGNORECASE,
)
LONGEST_SENTENCE, MOST_SENTENCES = 25, 4
MOST_LABEL_WORDS = 2
"""A number is no word, and neither is a name: of a stat, a category, a lesson or a day."""

SPOKEN = frozenset({"I am safe for now", "Find a helpline"})
"""What somebody in need says and needs, in their own words."""

NAMES = (
    *(stat.name for stat in stats.load().by_key.values()),
    *(category.title for category in stats.load().categories),
    *(lesson.title for module in course.load().modules for lesson in module.lessons),
)
NAME = re.compile("|".join((*map(re.escape, NAMES), r"\b[A-Z][a-z]{2} \d+ [A-Z][a-z]{2}\b")))
"""A name in a label, or a day as in "Thu 13 Aug"."""

SAID, FIELD = re.compile(r"[.!?](?:\s|$)"), re.compile(r"^\*\*.+?:\*\* .*$", re.MULTILINE)
"""What ends a sentence, and a line about one field of a form."""

SENTENCE = re.compile(r"(?<=[.!?;:])[\s*_)]+|\n")
MARKUP = re.compile(r"<[^>]*>|`[^`]*`|\([^)]*://[^)]*\)|^-# |^#+ |\*\*|[▰▱]+", re.MULTILINE)
QUOTED = re.compile(r"^>.*$", re.MULTILINE)
"""What somebody wrote themselves."""


def parts(data: object) -> Iterator[Part]:
    """Every part of a message, with those inside."""
    if isinstance(data, dict):
        yield (part := cast("Part", data))
        yield from parts([*part.values()])
    elif isinstance(data, list):
        for inside in cast("list[object]", data):
            yield from parts(inside)


def texts(data: object) -> list[str]:
    return [str(part["content"]) for part in parts(data) if "content" in part and isinstance(part["content"], str)]


def sentences(text: str) -> Iterator[str]:
    for sentence in SENTENCE.split(QUOTED.sub("", text)):
        if re.search(r"\w", sentence):
            yield sentence.strip()


# --- the rules: each yields what is wrong ---


def color(data: Part) -> Iterator[str]:
    """A card has a colour that means something; what has a heading, or says much, is a card."""
    if "content" in data:  # a letter is text alone
        return
    cards = [part for part in parts(data) if part.get("type") == CONTAINER]
    for card in cards:
        if (found := card.get("accent_color")) not in COLORS:
            yield "no colour" if found is None else f"{found:#08x} is nobody's colour"
    if cards or "embeds" in data:
        return
    said = "\n".join(texts(data))
    if HEADING.search(said):
        yield "a heading without a card"
    elif len(SAID.findall(FIELD.sub("", said.partition("You typed:")[0]))) > MOST_SENTENCES:
        yield "too long for a plain line"


def emoji(data: Part) -> Iterator[str]:
    """The first heading of a card, or else its first line, has the emoji of its matter."""
    for card in (part for part in parts(data) if part.get("type") == CONTAINER):
        lines = "\n".join(texts(card)).splitlines()
        first = next((line for line in lines if HEADING.match(line)), lines[0] if lines else "")
        if not EMOJI.search(first):
            yield f"no emoji in {first!r}"


def next_step(data: Part) -> Iterator[str]:
    """Something to tap, or words that say what to do; a letter is read, and an operator has a runbook for an alert."""
    every = list(parts(data))
    said = "\n".join(texts(data))
    if any(part.get("type") in {BUTTON, SELECT} and not part.get("disabled") for part in every):
        return
    if "embeds" in data or "content" in data:
        return
    is_plain = all(part.get("type") != CONTAINER for part in every)
    if not (OPENS.search(said) or BY_ITSELF.search(said) or (is_plain and ASKS.search(said))):
        yield f"no next step after {said[-80:]!r}"


def plain_words(data: Part) -> Iterator[str]:
    for text in texts(data):
        own = QUOTED.sub("", text)
        for found in UNPLAIN.finditer(own):
            yield f"{found[0]!r} in {own[max(0, found.start() - 30) :][:60]!r}"


def short_sentences(data: Part) -> Iterator[str]:
    for text in texts(data):
        for sentence in sentences(text):
            if len(re.findall(r"[\w’'%-]+", MARKUP.sub(" X ", sentence))) > LONGEST_SENTENCE:
                yield sentence


def labels(data: Part) -> Iterator[str]:
    for part in parts(data):
        label = str(part.get("label", ""))
        if part.get("type") != BUTTON or label in {"", *SPOKEN}:
            continue
        words = re.findall(r"[^\W\d][\w’'-]*", NAME.sub("Name", label))
        if len(label) > BUTTON_LABEL_READS_WELL or len(words) > MOST_LABEL_WORDS:
            yield label


def danger(data: Part) -> Iterator[str]:
    """What loses something is the last of its row."""
    for row in (part for part in parts(data) if part.get("type") == ROW):
        styles = [part.get("style") == DANGER for part in row["components"]]
        if True in styles and styles.index(True) < len(styles) - styles.count(True):
            yield " / ".join(str(part.get("label")) for part in row["components"])


def selects(data: Part) -> Iterator[str]:
    for part in parts(data):
        if part.get("type") == SELECT and not all(option.get("description") for option in part["options"]):
            yield str(part.get("placeholder"))


def bars(data: Part) -> Iterator[str]:
    """Words before a bar, and never two bars in neighbouring lines."""
    lines = "\n".join(texts(data)).splitlines()
    for line in lines:
        found = list(BAR.finditer(line))
        if found and not re.search(r"\w", line[: found[0].start()]):
            yield f"a bar before its words: {line!r}"
        if len(found) > 1:
            yield f"two bars in {line!r}"
    for line, following in pairwise(lines):
        if BAR.search(line) and BAR.search(following):
            yield f"two bars in a row: {following!r}"


RULES: Mapping[str, Callable[[Part], Iterator[str]]] = {
    "a colour": color,
    "an emoji": emoji,
    "a next step": next_step,
    "plain words": plain_words,
    "short sentences": short_sentences,
    "short labels": labels,
    "what loses something last": danger,
    "options with descriptions": selects,
    "words before bars": bars,
}
