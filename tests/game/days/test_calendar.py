"""Days are called by how near they are."""

from datetime import date, timedelta

from mastermind.game.days import calendar as days

MONDAY = date(2026, 11, 23)
SATURDAY = date(2026, 11, 21)


def test_days_are_called_by_how_near_they_are():
    assert days.described(MONDAY, MONDAY) == "today, Mon 23 Nov"
    assert days.described(MONDAY - timedelta(days=1), MONDAY) == "yesterday, Sun 22 Nov"
    assert days.described(SATURDAY, MONDAY) == "Sat 21 Nov"
    assert days.described(date(2025, 12, 31), MONDAY) == "Wed 31 Dec 2025"
    assert days.described(MONDAY + timedelta(days=1), MONDAY) == "tomorrow, Tue 24 Nov"
