"""What people type means the same on every keyboard."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mastermind.typed import confirms, fold, is_visible, meant, suggested, visible_length, whole_number

LEVELS = ((1, "1. First steps"), (2, "2. Café talk"), (12, "12. Stage fright"))


@pytest.mark.parametrize(
    ("typed", "compared"),
    [
        ("Straße", "strasse"),
        ("São  Paulo\n", "sao paulo"),
        ("Zu\u0308rich", "zurich"),
        ("Côte d’Ivoire", "cote d'ivoire"),
        ("İstanbul", "istanbul"),
        ("ISTANBUL", "istanbul"),
        ("Tromsø, Łódź, Đà Nẵng", "tromso, lodz, da nang"),
        ("\u200f12\u200e", "12"),
        ("١٢ ۱۲ १२ １２ 𝟏𝟐", "12 12 12 12 12"),
        ("5\ufe0f\u20e3", "5"),
        ("10²", "10^2"),
        ("a – b — c − d ‐ e", "a - b - c - d - e"),
        ("“quoted” ‘so’ `so`", "\"quoted\" 'so' 'so'"),
        ("\0a\x07b\ud800", "ab"),
        ("a\u3164\u2800b", "ab"),
        ("क्या", "क्या"),
        ("がっこう", "がっこう"),
        ("한국", "한국"),
        ("می‌خواهم", "میخواهم"),
    ],
)
def test_words_are_compared_without_what_a_keyboard_makes_of_them(typed: str, compared: str):
    assert fold(typed) == compared


@given(st.text(st.characters()))
def test_folded_words_stay_as_they_are(typed: str):
    assert fold(fold(typed)) == fold(typed)


@given(st.text(st.characters()))
def test_folded_words_can_be_stored_and_stand_on_one_line(typed: str):
    folded = fold(typed)
    folded.encode()
    assert "\0" not in folded
    assert len(folded.splitlines()) <= 1


@pytest.mark.parametrize(
    "nothing",
    [
        "",
        " \n\t",
        "\u200b\u200d",
        "\u3164",
        "\u2800",
        "\ufe0f",
        "\u0301",
        "\u202e\u2066",
        "\0\x1b",
        "\U000e0041",
        "\u00ad",
    ],
)
def test_texts_that_show_nothing_are_empty(nothing: str):
    assert not is_visible(nothing)


@pytest.mark.parametrize("something", ["a", "\u200b.", "🧑\u200d🚀", "ا", "\U0001fae9", "é", "\ufffd"])
def test_texts_that_show_something_are_not(something: str):
    assert is_visible(something)


@pytest.mark.parametrize(
    ("words", "length"),
    [("a\u200b\u3164  b", 3), ("e\u0301", 2), (" ok \u2800", 2), ("\u0301\u0301", 0), ("\u3164" * 9, 0), ("नमस्ते", 6)],
)
def test_only_what_shows_is_counted(words: str, length: int):
    assert visible_length(words) == length


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("12", 12),
        ("\u200f١٢\u200f", 12),
        ("+3", 3),
        ("+ 3", 3),
        ("−3", -3),
        (" 007 ", 7),
        ("𝟑", 3),
        ("9" * 4000, int("9" * 4000)),
        ("9" * 4001, None),
        ("", None),
        ("1.5", None),
        ("½", None),
        ("10²", None),
        ("1 0", None),
        ("ten", None),
    ],
)
def test_a_whole_number_is_read_from_digits_of_any_script(typed: str, number: int | None):
    assert whole_number(typed) == number


@pytest.mark.parametrize(
    "typed", ["DELETE", " delete. ", "“Delete”", "DELETE\u200b\ufe0f", "*delete* 👍", "ＤＥＬＥＴＥ"]
)
def test_a_word_to_confirm_tolerates_what_a_phone_adds(typed: str):
    assert confirms(typed, "DELETE")


@pytest.mark.parametrize("typed", ["", "dele", "do not delete", "delete it", "\u200b"])
def test_other_words_confirm_nothing(typed: str):
    assert not confirms(typed, "DELETE")


def test_what_is_typed_is_looked_for_in_the_names():
    assert suggested("cafe", LEVELS) == [2]
    assert suggested("2", LEVELS) == [2, 12]
    assert suggested("", LEVELS) == [1, 2, 12]
    assert suggested("nothing like it", LEVELS) == []


@pytest.mark.parametrize(
    ("typed", "level"), [("CAFÉ talk", 2), ("2. café talk", 2), ("st", None), ("\u200f12", 12), ("", None), ("x", None)]
)
def test_a_name_is_found_when_it_can_be_only_one(typed: str, level: int | None):
    assert meant(typed, LEVELS) == level
