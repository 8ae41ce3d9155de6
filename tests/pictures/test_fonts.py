"""Which font draws what, and in which order."""

from __future__ import annotations

import json

import pytest
from fontTools.ttLib import TTFont  # pyright: ignore[reportMissingTypeStubs]

from functions.pictures.drawing import fonts

COVERAGE: dict[str, list[list[int]]] = json.loads((fonts.FOLDER / "coverage.json").read_text())


def drawn(words: str) -> str:
    return "|".join(run.words for run in fonts.runs(words, bold=True))


def files(words: str) -> list[str]:
    return [run.face.file.partition("_")[0] for run in fonts.runs(words, bold=True)]


@pytest.mark.parametrize("file", COVERAGE)
def test_a_font_has_what_its_coverage_says(file: str):
    with TTFont(fonts.FOLDER / file, lazy=True) as font:
        known = set(font.getBestCmap() or {})
        family = font["name"].getDebugName(16) or font["name"].getDebugName(1)  # pyright: ignore[reportAttributeAccessIssue]
    covered = {code for first, more, _ in COVERAGE[file] for code in range(first, first + more + 1)}
    assert covered == known
    assert {run.face.family for run in fonts.runs(chr(max(known)), bold=True)} or family
    assert (fonts.FOLDER / f"{file.partition('_')[0]}.LICENSE").read_text().count("SIL Open Font License")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("Nova", ["NotoSans"]),
        ("Łódź Ελλάδα Привет", ["NotoSans"]),
        ("نوفا", ["NotoSansArabic"]),
        ("שלום", ["NotoSansHebrew"]),
        ("नमस्ते", ["NotoSans"]),
        ("தமிழ்", ["NotoSansTamil"]),
        ("น้ำ", ["NotoSansThai"]),
        ("王小明", ["NotoSansSC"]),
        ("東京の", ["NotoSansJP"]),
        ("한국어", ["NotoSansKR"]),
        ("👩‍👩‍👧‍👦🇩🇪👋🏽", ["NotoColorEmoji"]),
        ("☀️", ["NotoColorEmoji"]),
    ],
)
def test_a_script_is_drawn_by_its_font(words: str, expected: list[str]):
    assert files(words) == expected


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("𝓝𝓸𝓿𝓪", "Nova"),  # letters of mathematics
        ("Nova \U00013000", "Nova"),  # a hieroglyph
        ("", ""),
        ("\U00013000", ""),
    ],
)
def test_what_no_font_has_is_written_plainer_or_left_out(words: str, expected: str):
    assert "".join(run.words for run in fonts.runs(words, bold=True)) == expected


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("abc שלום def", "abc| |שלום| |def"),
        ("שלום abc", "abc| |שלום"),  # who begins from right to left goes on so
        ("שלום 12", "12| |שלום"),
        ("abc שלום 12", "abc| |12| |שלום"),
        ("abc \u2068שלום\u2069 12", "abc|שלום|12"),  # an isolate does not reach beyond itself
        ("12 abc", "12 abc"),
        ("🔥 8 days", "🔥| |8 days"),
    ],
)
def test_runs_stand_from_left_to_right(words: str, expected: str):
    assert drawn(words) == expected


def test_words_are_made_smaller_before_they_are_cut():
    assert fonts.fitted("Nova", 44, 400) == ("Nova", 44)
    words, size = fonts.fitted("W" * 12, 44, 400, bold=True)
    assert words == "W" * 12
    assert 20 < size < 44
    words, size = fonts.fitted("W" * 32, 44, 400, bold=True)
    assert words.endswith("W…")
    assert size == 20
    assert fonts.width(words, size, bold=True) <= 400


def test_an_emoji_is_cut_as_a_whole():
    words, _ = fonts.fitted("👩‍👩‍👧‍👦" * 12, 40, 200)
    assert set(fonts.clusters(words)) == {"👩‍👩‍👧‍👦", "…"}
