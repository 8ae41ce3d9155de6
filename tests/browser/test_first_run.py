"""A newcomer is through the first run in two minutes and three taps, on a phone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from simulator.exchanges import BUDGET
from tests.browser.conftest import await_fonts, opened
from tests.browser.heights import CHANNEL, SCREEN

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator

    from local.cloud import Cloud

TAPS = {"Did it": "How are you today?", "7": "Pick your rhythm.", "1 a day": "You are all set"}
"""The buttons that are tapped, and what follows."""

MOST_WORDS, READING = 25, 4  # words of a step; words that are read in a second, slowly
TAPPING = 5  # seconds to find and tap a button
LONGEST = 120  # seconds

WORD = re.compile(r"[^\W_]+(?:['’:][^\W_]+)*")


def test_a_newcomer_is_through_in_three_taps_and_two_minutes(browser: Browser, cloud: Cloud):
    with opened(browser, cloud.endpoints["page_url"], SCREEN) as seat:
        seat.meet("Nova")
        read, step = 0, seat.command("start")
        expect(step).to_contain_text("Welcome, Nova!")
        for tap, follows in TAPS.items():
            read += at_a_glance(step)
            step.get_by_role("button", name=re.compile(rf"\b{tap}$")).click()
            step = seat.last
            expect(step).to_contain_text(follows)
        read += at_a_glance(step)
        assert (len(TAPS) + 1) * (BUDGET + TAPPING) + read / READING < LONGEST  # each answer as late as one can be


def at_a_glance(step: Locator) -> int:
    """The words of a step, which fits the screen."""
    await_fonts(step.page)
    box = step.bounding_box()
    assert box is not None
    assert box["height"] <= CHANNEL
    words = WORD.findall(" ".join(step.locator(".markdown").all_inner_texts()))
    assert 0 < len(words) <= MOST_WORDS, words
    return len(words)
