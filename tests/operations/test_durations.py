"""Lengths of time in words."""

from __future__ import annotations

import pytest

from mastermind.operations import durations


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-5, "0 seconds"),
        (0, "0 seconds"),
        (1.9, "1 second"),
        (59.99, "59 seconds"),
        (60, "1 minute"),
        (179, "2 minutes"),
        (3_599, "59 minutes"),
        (3_600, "1 hour"),
        (3_660, "1 hour 1 minute"),
        (2 * 3_600 + 5 * 60 + 59, "2 hours 5 minutes"),
        (86_399, "23 hours 59 minutes"),
        (86_400, "1 day"),
        (86_400 + 59 * 60, "1 day"),
        (3 * 86_400 + 4 * 3_600, "3 days 4 hours"),
        (1_500 * 86_400, "1,500 days"),
    ],
)
def test_a_length_of_time_has_at_most_two_units(seconds: float, words: str):
    assert durations.in_words(seconds) == words
