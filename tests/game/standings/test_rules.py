"""Leaderboards name the days they are about."""

from __future__ import annotations

from datetime import date

import pytest

from mastermind.game.standings.rules import period


@pytest.mark.parametrize(
    ("first_day", "last_day", "words"),
    [
        (date(2026, 11, 23), date(2026, 11, 29), "23 to 29 November 2026"),
        (date(2024, 2, 1), date(2024, 2, 29), "1 to 29 February 2024"),
        (date(2026, 11, 30), date(2026, 12, 6), "30 November to 6 December 2026"),
        (date(2026, 12, 28), date(2027, 1, 3), "28 December 2026 to 3 January 2027"),
    ],
)
def test_what_the_days_of_a_span_share_is_said_once(first_day: date, last_day: date, words: str):
    assert period(first_day, last_day) == words
