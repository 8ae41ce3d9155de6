"""A newcomer is through the first run in two minutes and three taps, on a phone."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.browser.conftest import PATIENCE, opened
from tests.browser.heights import CHANNEL, SCREEN

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator

    from local.cloud import Cloud

TAPS = {"Did it": "How are you today?", "7": "Pick your rhythm.", "1 a day": "You are all set"}
"""The buttons that are tapped, and what follows."""

MOST_WORDS, READING = 25, 4  # words of a step; words that are read in a second, slowly
LONGEST = 120  # seconds

WORD = re.compile(r"[^\W_]+(?:['’:][^\W_]+)*")


def test_a_newcomer_is_through_in_three_taps_and_two_minutes(browser: Browser, cloud: Cloud):
    with opened(browser, cloud.endpoints["page_url"], SCREEN) as seat:
        seat.meet("Nova")
        began, read = time.monotonic(), 0
        step = seat.command("start")
        expect(step).to_contain_text("Welcome, Nova!", timeout=PATIENCE)
        for tap, follows in TAPS.items():
            read += at_a_glance(step)
            step.get_by_role("button", name=re.compile(rf"\b{tap}$")).click()
            step = seat.last
            expect(step).to_contain_text(follows, timeout=PATIENCE)
        read += at_a_glance(step)
        assert time.monotonic() - began + read / READING < LONGEST


def at_a_glance(step: Locator) -> int:
    """The words of a step, which fits the screen."""
    box = step.bounding_box()
    assert box is not None
    assert box["height"] <= CHANNEL
    words = WORD.findall(" ".join(step.locator(".markdown").all_inner_texts()))
    assert 0 < len(words) <= MOST_WORDS, words
    return len(words)
