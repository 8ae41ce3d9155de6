"""Chooses fonts: splits words into runs that one font can draw, so that no character becomes an empty box."""

from __future__ import annotations

import json
import re
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

FOLDER = Path(__file__).parents[1] / "fonts"

JOINER, TEXT_STYLE, EMOJI_STYLE = "\u200d", "\ufe0e", "\ufe0f"
EMOJI = "NotoColorEmoji_400Regular.ttf"
REGULAR, BOLD = "NotoSans_400Regular.ttf", "NotoSans_700Bold.ttf"
JAPANESE = "NotoSansJP_700Bold.ttf"

ELLIPSIS = "…"

SPACE = 260
"""How wide a space is in Noto Sans, in thousandths of the size."""

_ISOLATES = re.compile("[\u2066-\u2069]")


@dataclass(frozen=True, slots=True)
class Face:
    """A font file as SVG asks for it."""

    file: str
    family: str
    weight: int


@dataclass(frozen=True, slots=True)
class Run:
    """Words that one font draws; `width` is in thousandths of the font's size, at most a little too wide.

    Letters that join or stand over one another are narrower than their sum.
    """

    words: str
    face: Face
    width: int


class _Font:
    """A font's characters and their widths."""

    def __init__(self, face: Face, coverage: Sequence[Sequence[int]]) -> None:
        self.face = face
        self._runs = coverage
        self._firsts = [run[0] for run in coverage]

    def width(self, sign: str) -> int | None:
        """How wide the font draws the character; None where it has none."""
        code = ord(sign)
        place = bisect_right(self._firsts, code) - 1
        if place < 0:
            return None
        first, more, width = self._runs[place]
        return width if code <= first + more else None


def runs(words: str, *, bold: bool = False) -> list[Run]:
    """The words from left to right; what no font has is written plainer, or left out."""
    return [run for part in _ISOLATES.split(words) for run in _ordered(_isolated(part, bold))]


def _isolated(words: str, bold: bool) -> list[Run]:
    """The runs of words in the order in which they are written."""
    joined: list[Run] = []
    is_japanese = any("\u3041" <= sign <= "\u30ff" for sign in words)
    blank = ""
    for cluster in clusters(words.strip()):
        if cluster.isspace():
            blank += cluster
            continue
        for found in _drawable(cluster, bold, is_japanese):
            _join(joined, blank, found)
            blank = ""
    return joined


def _join(joined: list[Run], blank: str, found: Run) -> None:
    """Add a run, and the space before it; what the same font draws is one."""
    last = joined[-1] if joined else None
    wide = SPACE * len(blank)
    if last and last.face == found.face and not (blank and _fonts()[found.face.file].width(" ") is None):
        joined[-1] = Run(last.words + blank + found.words, last.face, last.width + wide + found.width)
        return
    if last and blank:
        joined.append(Run(blank, _fonts()[REGULAR].face, wide))
    joined.append(found)


def _ordered(written: list[Run]) -> list[Run]:
    """The runs from left to right, by Unicode's rule for levels (UAX #9, L2); within a run resvg does it."""
    levels = _levels([run.words for run in written])
    for level in range(max(levels, default=0), 0, -1):
        for start, end in _at_least(levels, level):
            written[start:end] = reversed(written[start:end])
            levels[start:end] = reversed(levels[start:end])
    return written


def _levels(parts: list[str]) -> list[int]:
    """How deep each part is in words of another direction: odd levels are written from right to left."""
    found = [_direction(part) for part in parts]
    base = int(next((each for each in found if each), "L") == "R")
    for place, each in enumerate(found):
        if not each:
            around = {*found[max(place - 1, 0) : place], *found[place + 1 : place + 2]}
            found[place] = "R" if around and around <= {"R", "N"} else "B"
        elif each == "N" and "R" not in _strong(found[:place], "BR"[base]):
            found[place] = "L"
    return [{"B": base, "R": 1, "L": 2 * base, "N": 2}[each] for each in found]


def _strong(before: list[str], otherwise: str) -> str:
    """The direction of the letters before a number."""
    return next((each for each in reversed(before) if each in {"L", "R"}), otherwise)


def _direction(words: str) -> str:
    """R or L by the first letter, N for a number, else nothing."""
    classes = [unicodedata.bidirectional(sign) for sign in words]
    for each in classes:
        if each in {"R", "AL"}:
            return "R"
        if each == "L":
            return "L"
    return "N" if {"EN", "AN"} & set(classes) else ""


def _at_least(levels: list[int], level: int) -> Iterator[tuple[int, int]]:
    """Where parts of at least that level stand together."""
    start = None
    for place, each in enumerate([*levels, 0]):
        if each >= level and start is None:
            start = place
        elif each < level and start is not None:
            yield start, place
            start = None


def width(words: str, size: float, *, bold: bool = False) -> float:
    """How wide the words are, at most."""
    return sum(run.width for run in runs(words, bold=bold)) * size / 1000


def fitted(words: str, size: float, most: float, *, bold: bool = False, least: float = 20) -> tuple[str, float]:
    """The words and a size in which they fit: smaller as far as `least`, then with an end cut off."""
    wide = width(words, size, bold=bold)
    if wide <= most:
        return words, size
    smaller = max(least, size * most / wide)
    if width(words, smaller, bold=bold) <= most + 0.01:
        return words, smaller
    kept = list(clusters(words))
    while kept and width("".join(kept).rstrip() + ELLIPSIS, smaller, bold=bold) > most:
        kept.pop()
    return "".join(kept).rstrip() + ELLIPSIS, smaller


def clusters(words: str) -> Iterator[str]:
    """The words in what people take for one sign: a letter with its marks, an emoji with its skin tone, a flag."""
    cluster = ""
    for sign in words:
        if cluster and not _continues(cluster, sign):
            yield cluster
            cluster = ""
        cluster += sign
    if cluster:
        yield cluster


def _continues(cluster: str, sign: str) -> bool:
    if cluster[-1] == JOINER:
        return True
    if _is_flag(sign):
        return _is_flag(cluster[-1]) and len(cluster) % 2 == 1
    return _is_dependent(sign)


def _is_flag(sign: str) -> bool:
    return "\U0001f1e6" <= sign <= "\U0001f1ff"


def _is_dependent(sign: str) -> bool:
    is_tone = "\U0001f3fb" <= sign <= "\U0001f3ff"
    return is_tone or unicodedata.category(sign) in {"Mn", "Me", "Mc", "Cf"}


def _drawable(cluster: str, bold: bool, is_japanese: bool) -> Iterator[Run]:
    """The cluster, else a plainer form of it: compatible letters, then its first letter alone; else nothing."""
    plain = unicodedata.normalize("NFKC", cluster)
    for written in dict.fromkeys((cluster, plain, plain[:1])):
        parts = [_run(part, bold, is_japanese) for part in ([written] if written == cluster else clusters(written))]
        if parts and all(parts):
            yield from filter(None, parts)
            return


def _run(cluster: str, bold: bool, is_japanese: bool) -> Run | None:
    signs = [sign for sign in cluster if unicodedata.category(sign) != "Cf" and sign not in {TEXT_STYLE, EMOJI_STYLE}]
    for font in _asked(cluster, bold, is_japanese):
        widths = [font.width(sign) for sign in signs]
        if None not in widths:
            counted = widths[:1] if font.face.file == EMOJI else widths
            return Run(cluster, font.face, sum(filter(None, counted)))
    return None


def _asked(cluster: str, bold: bool, is_japanese: bool) -> Iterator[_Font]:
    """The fonts in the order in which they are asked."""
    fonts = _fonts()
    if _is_emoji(cluster):
        yield fonts[EMOJI]
    yield fonts[BOLD if bold else REGULAR]
    if is_japanese:
        yield fonts[JAPANESE]
    yield from (font for name, font in fonts.items() if name not in {REGULAR, BOLD, JAPANESE})
    yield fonts[JAPANESE]


def _is_emoji(cluster: str) -> bool:
    """Whether it is drawn in colour; signs that are letters too are so only where they ask for it."""
    first = cluster[0]
    return EMOJI_STYLE in cluster or (
        TEXT_STYLE not in cluster and (first >= "\U0001f000" or unicodedata.east_asian_width(first) == "W")
    )


@cache
def _fonts() -> dict[str, _Font]:
    """The fonts by their files."""
    found: dict[str, list[list[int]]] = json.loads((FOLDER / "coverage.json").read_bytes())
    return {file: _Font(_face(file), coverage) for file, coverage in found.items()}


def _face(file: str) -> Face:
    """What the font is called in SVG: "NotoSansJP_700Bold.ttf" is Noto Sans JP in weight 700."""
    stem, _, weight = file.removesuffix(".ttf").partition("_")
    spaced = "".join(f" {sign}" if _begins_word(stem, place) else sign for place, sign in enumerate(stem))
    return Face(file, spaced.strip(), int(weight[:3]))


def _begins_word(stem: str, place: int) -> bool:
    sign = stem[place]
    return (sign.isupper() and not stem[place - 1].isupper()) or sign.isdigit()
