"""Members' words inside our messages."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mastermind.discord.text import LONGEST_NAME, byte_size, columns, cut, escape, fit, name, narrow, prose


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("plain words", "plain words"),
        ("*bold* _it_ ~~s~~ `c` ||x||", r"\*bold\* \_it\_ \~\~s\~\~ \`c\` \|\|x\|\|"),
        ("<@123> @everyone #general", r"\<\@123\> \@everyone \#general"),
        ("[click](https://evil.example)", r"\[click\]\(https\://evil.example\)"),
        ("line\n# heading\n> quote\n- list", r"line \# heading \> quote \- list"),
        ("back\\slash", r"back\\slash"),
        ("Zoë 🦊", "Zoë 🦊"),
        ("\u202eXP 999\u202c \u2066left\u2069", "XP 999 left"),
        ("\u05d3\u05df", "\u05d3\u05df"),
        ("👩‍🚀", "👩‍🚀"),
        ("1️⃣ ❤️", "1️⃣ ❤️"),
        ("שּׁ֑לום ที่นี่ Việt", "שּׁ֑לום ที่นี่ Việt"),
        ("Z\u0351\u036b\u0343\u036a\u0302a", "Z\u0351\u036b\u0343a"),
        ("\u0301\u0301a \u0301b", "a b"),
    ],
)
def test_words_are_shown_as_they_were_written(words: str, shown: str):
    assert escape(words) == shown


@pytest.mark.parametrize(
    "chosen",
    ["<@1300000000000000003>", "<@&1300000000000000003>", "<#1300000000000000003>", "<a:fox_1:1300000000000000003>"],
)
def test_who_was_chosen_while_writing_is_shown_as_such(chosen: str):
    assert prose(f"*ask*  {chosen}\n<t:1795931023:R>!") == f"\\*ask\\* {chosen} <t:1795931023:R>!"
    assert "<@" not in escape(chosen)
    assert chosen not in prose(f"<{chosen[1:-3]}")


@pytest.mark.parametrize(
    "words", ["<@123>", "@everyone", "<@&12>", "<id:guide>", "</ban:1300000000000000003>", "<t:1:X>"]
)
def test_nothing_else_is(words: str):
    assert prose(words) == escape(words)


@given(st.text())
def test_nothing_that_discord_would_read_as_markup_is_left_bare(words: str):
    bare = re.sub(r"\\[!-/:-@[-`{-~]", "", escape(words))
    assert not set(bare) & set("\\*_~`|<>@#[]()-:\n")


def test_short_words_are_not_cut():
    assert cut("exactly", 7) == "exactly"


def test_long_words_end_in_an_ellipsis():
    assert cut("a long sentence", 8) == "a long…"


def test_no_half_of_an_escape_is_left_where_words_are_cut():
    assert cut(escape("ab*cd"), 4) == "ab…"
    assert cut(escape("ab\\cd"), 5) == "ab\\\\…"
    assert fit(escape("ab*cde"), 6) == "ab…"


@given(st.text(), st.integers(1, 30))
def test_cut_words_fit(words: str, limit: int):
    assert len(cut(words, limit)) <= limit


def test_bytes_are_counted_as_they_travel():
    assert byte_size("aé🦊") == 7


@pytest.mark.parametrize(
    ("words", "wide"), [("Zoë", 3), ("Zoe\u0308", 3), ("山田", 4), ("🦊", 2), ("\u200b", 0), ("\uff46\uff55", 4)]
)
def test_columns_are_counted_as_a_font_of_equal_letters_draws_them(words: str, wide: int):
    assert columns(words) == wide


@given(st.text(), st.integers(1, 30))
def test_narrowed_words_fit(words: str, most: int):
    assert columns(narrow(words, most)) <= most


@pytest.mark.parametrize(
    "blank", ["\u0301\u0489", "", "  ", "\n\t", "\u3164\u3164", "\u200b\u2800", "\u202e", "\u200b" * 40 + "x"]
)
def test_a_name_is_never_nothing(blank: str):
    assert name(blank) == "A member"


@pytest.mark.parametrize("odd", ["שרה", "محمد 5", "\u200fAnna", "٣"])
def test_a_name_with_right_to_left_letters_leaves_the_figures_beside_it_in_place(odd: str):
    assert name(odd) == f"\u2068{odd}\u2069"
    assert name(f"*{odd}") == f"\u2068\\*{odd}\u2069"
    assert name(odd * 40).startswith("\u2068")
    assert name(odd * 40).endswith("…\u2069")


@pytest.mark.parametrize("usual", ["Zoë", "山田", "🦊 5", "Анна"])
def test_other_names_stand_as_they_are(usual: str):
    assert name(usual) == usual


def test_control_characters_go():
    assert name("\x1b[31mRed\x07\0\x9f\u2028x") == r"\[31mRed x"


def test_a_name_is_plain_and_not_too_long():
    assert name("*Zoë*\n# x") == r"\*Zoë\* \# x"
    assert len(name("x" * 100)) == LONGEST_NAME
