"""Whether the author of a text may be in need: words of despair that are their own and meant."""

from __future__ import annotations

import time

import pytest

from mastermind.game.flags import content


@pytest.mark.parametrize(
    "text",
    [
        "I feel better off dead",
        "how do i say hello? honestly i just want to die",
        "I WANT TO D1E",
        "i want to d\u200bie",
        "I don’t want to live",
        "kms",
        "I can't stop cutting myself",
        "No reason not to kill myself",
        "I don't know why I should not kill myself",
        "Why not just end it all?",
        "I do not want to do anything but kill myself",
        "I am not okay. I want to die.",
        "I don't want to die, but I don't want to live either",
        "I'm not suicidal today, but yesterday I wanted to kill myself",
        "I think about suicide every day",
        'All I can think is "I want to die"',
        '"I want to die" is all I think',
        'I told my friend: "I want to die"',
        'I said to her "I want to kill myself" and I meant it',
        'My friend says "cheer up", and I want to die',
        "I watched Suicide Squad and I still want to die",
        "12 people said hello and i wish i was dead",
    ],
)
def test_words_of_despair_are_recognized(text: str):
    assert content.load().needs(text) == ("self_harm",)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "12",
        "!!! 7 ???",
        "How do I say hello to a stranger?",
        "I don't want to die",
        "I do not want to kill myself",
        "I would never kill myself",
        "I'm not going to hurt myself",
        "I am not suicidal",
        "I have never ever thought about suicide",
        "i dont wanna die",
        "I'd never even think of harming myself",
        'He said "I want to die" and I had no answer, what now?',
        "My friend wrote “I want to die” in the chat",
        'I heard a song called "Better Off Dead"',
        'The film "I Want to Die" was long',
        "I laughed so hard, I nearly wanted to kill myself laughing",
        "The new Suicide Squad film is great",
        "We collect for suicide prevention",
        "I cut myself shaving before the date",
        "I could die of embarrassment",
        "killer workout today",
        "threats: I will kill you",
    ],
)
def test_what_is_denied_quoted_or_an_idiom_is_no_despair(text: str):
    assert content.load().needs(text) == ()


@pytest.mark.parametrize(
    "text", ['"' * 4000, "not " * 1000, "want to die " * 300, 'he said "' * 400, "never want to " * 280]
)
def test_even_the_longest_text_takes_no_time(text: str):
    content.load().needs(text)
    began = time.thread_time()  # others may keep the processors busy
    content.load().needs(text)
    assert time.thread_time() - began < 0.2


def test_a_quotation_or_a_denial_is_still_something_to_look_at():
    for text in ('He said "I want to die"', "I don't want to die"):
        assert content.load().check(text) == ("self_harm",)
