"""Which words of a member somebody should look at."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mastermind.game.flags import content
from mastermind.game.flags.rules import Rule, check

WORDS = (Rule("threat", "", "", ("kill you", "slap*", "you'll pay")),)
PATTERNS = (Rule("contact", "", ""), Rule("link", "", ""), Rule("shouting", "", ""))


@pytest.mark.parametrize(
    "text",
    [
        "kill you",
        "I will KILL  you!",
        "k1ll you",
        "kíll yóu",
        "killll you",
        "kill, you",
        "kill\u200b you",
        "slapping",
        "\N{FULLWIDTH LATIN CAPITAL LETTER K}ill you",
    ],
)
def test_words_are_found_however_they_are_dressed(text: str):
    assert check(text, WORDS) == ("threat",)


def test_an_apostrophe_may_be_straight_typographic_or_left_to_a_blank():
    assert all(check(text, WORDS) for text in ("you'll pay", "you’ll pay", "You ll pay"))


@pytest.mark.parametrize("text", ["", "skill you", "kill young", "kill all of you", "I killed it. You?", "overslap"])
def test_words_inside_of_others_are_none(text: str):
    assert check(text, WORDS) == ()


@pytest.mark.parametrize(
    "text",
    [
        "write to alex.b+x@mail.example please",
        "+1 (555) 010-9999",
        "0171 555 01 99",
        "call 5550109991 now",
        "tel 555.010.9991.",
        "+49-171-5550199",
        "+49–171–5550199",
        "5\u200b5\u200b5\u200b0109991",
        "call ٥٥٥٠١٠٩٩٩١",
        "alex@\u00admail.example",
    ],
)
def test_contact_data_is_found(text: str):
    assert check(text, PATTERNS) == ("contact",)


@pytest.mark.parametrize(
    "text",
    [
        "on 2026-11-23 and 2026-11-24 I did 12 of 303",
        "23.11.2026 10:30, then 24.11.2026",
        "<@1300000000000000003> has 255 000 XP",
        "<t:1700000000:f> <:wave:1300000000000000003>",
        "1300000000000000003",
        "I did 100, 200, 300 and 400 of them",
        "me@home",
    ],
)
def test_days_figures_and_ids_are_no_contact_data(text: str):
    assert check(text, PATTERNS) == ()


@pytest.mark.parametrize("text", ["see https://e.org", "WWW.e.org", "e-x.co/abc", "discord.gg/abc", "http://10.0.0.1"])
def test_links_are_found(text: str):
    assert "link" in check(text, PATTERNS)


@pytest.mark.parametrize("text", ["and/or", "9/10", "I said hi.Then she smiled", "v1.2/3", "e. g. /tenseylist"])
def test_what_only_looks_like_one_is_no_link(text: str):
    assert check(text, PATTERNS) == ()


@pytest.mark.parametrize(
    ("text", "shouts"),
    [
        ("WHY IS NOBODY ANSWERING ME", True),
        ("SBMM OK, I did it", False),
        ("I DID IT", False),
        ("Ünder ÜBER ALLES HIER GEHT'S", True),
    ],
)
def test_a_long_text_in_capitals_shouts(text: str, shouts: bool):
    assert check(text, PATTERNS) == (("shouting",) if shouts else ())


def test_categories_come_in_the_order_of_the_rules_and_once():
    text = "I WILL KILL YOU, I SAID KILL YOU! WWW.E.ORG"
    assert check(text, (*PATTERNS, *WORDS)) == ("link", "shouting", "threat")


def test_a_pattern_is_only_looked_for_when_a_rule_has_its_category():
    assert check("https://e.org AND SO MANY CAPITALS HERE", WORDS) == ()


@given(st.text())
def test_any_text_can_be_looked_at(text: str):
    assert set(check(text, content.load().each)) <= {rule.category for rule in content.load().each}


@pytest.mark.parametrize(
    "text", ["1" * 4000, "1 " * 2000, "a@" * 2000, "a." * 2000, "a-" * 2000, "don't " * 600, "kill " * 800]
)
def test_even_the_longest_text_takes_no_time(text: str):
    check(text, content.load().each)
    began = time.thread_time()  # others may keep the processors busy
    check(text, content.load().each)
    assert time.thread_time() - began < 0.2


# --- the rules that ship ---


@pytest.mark.parametrize("rule", content.load().each, ids=lambda rule: rule.category)
def test_each_word_of_a_rule_is_found_by_it(rule: Rule):
    for word in rule.words:
        assert check(f"so {word.replace('*', 'xyz')} there", (rule,)) == (rule.category,), word


@pytest.mark.parametrize(
    "text",
    [
        "How do I stay grounded when I approach somebody in a cafe?",
        "I was so nervous that I could not say hello. Is that normal after 14 days?",
        "Is the table stable? I killed it at karaoke, my score was 98/100!",
        "What if she says no? I want to respect that.",
        "I am dying to try lesson 3.2, when does module 4 open?",
    ],
)
def test_an_everyday_question_is_not_flagged(text: str):
    assert content.load().check(text) == ()


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("honestly I just want to die", "self_harm"),
        ("say that again and I'll hurt you", "threat"),
        ("so I followed her home", "disrespect"),
        ("Her number is in my phone", "contact"),
        ("join my server: discord.gg/abc", "link"),
        ("ANSWER ME RIGHT NOW PLEASE", "shouting"),
    ],
)
def test_what_somebody_should_look_at_is(text: str, category: str):
    assert content.load().check(text) == (category,)
