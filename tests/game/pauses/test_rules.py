"""When a pause may begin is what somebody with a calendar and a list of earlier pauses would say."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mastermind.errors import MemberMistake
from mastermind.game.days.rules import Day
from mastermind.game.pauses import rules
from mastermind.game.pauses.rules import Begun

if TYPE_CHECKING:
    from collections.abc import Collection

TODAY = date(2028, 2, 28)  # a leap year
DAY = timedelta(days=1)


def at(number: int) -> date:
    return TODAY + number * DAY


def standing(today: date, counted: Collection[date] = (), covered: Collection[date] = ()) -> Day:
    """A member's today, on which nothing is logged but what counts."""
    return Day(today, today, 0, 0, None, {}, {}, frozenset(), tuple(counted), frozenset(covered))


def paused(first: int, last: int, asked_on: int | None = None) -> Begun:
    return Begun(at(first), at(last), at(first if asked_on is None else asked_on))


def test_a_pause_begins_today_and_has_as_many_days_as_were_asked_for():
    assert rules.begin(standing(TODAY), (), 3, late=False) == paused(0, 2)
    assert rules.begin(standing(TODAY), (), 30, late=False) == paused(0, 29)


@pytest.mark.parametrize("length", [-1, 0, 2, 31])
def test_it_is_neither_too_short_nor_too_long(length: int):
    with pytest.raises(MemberMistake, match="3 to 30 days"):
        rules.begin(standing(TODAY), (), length, late=False)


def test_a_day_that_counts_already_is_not_wasted_on_it():
    assert rules.begin(standing(TODAY, {at(0)}), (), 3, late=False) == paused(1, 3, 0)
    assert rules.begin(standing(TODAY, {at(0), at(1)}), (), 3, late=False) == paused(2, 4, 0)


def test_what_is_logged_on_the_day_itself_counts_too():
    today = Day(TODAY, TODAY, 0, 0, None, {"journal": 1}, {}, frozenset({"journal"}), (), frozenset())
    assert rules.begin(today, (), 3, late=False) == paused(1, 3, 0)


def test_it_may_begin_with_yesterday_once_in_thirty_days():
    today = standing(TODAY, {at(-2)})
    assert rules.begin(today, (), 3, late=True) == paused(-1, 1, 0)
    assert rules.begin(today, (paused(-31, -29, asked_on=-30),), 3, late=True).is_late
    with pytest.raises(MemberMistake, match="again from Tue 29 Feb on"):
        rules.begin(today, (paused(-30, -28, asked_on=-29),), 3, late=True)


def test_yesterday_is_left_alone_when_it_needs_nothing():
    assert rules.begin(standing(TODAY, {at(-2), at(-1)}), (), 3, late=True) == paused(0, 2)
    assert rules.begin(standing(TODAY, {at(-2)}, {at(-1)}), (), 3, late=True) == paused(0, 2)
    assert rules.begin(standing(TODAY), (), 3, late=True) == paused(0, 2)
    assert rules.begin(standing(TODAY, {at(0)}), (), 3, late=True) == paused(1, 3, 0), "the streak began today"
    assert rules.begin(standing(TODAY, {at(-9)}), (), 3, late=True) == paused(0, 2), "it has ended long ago"


def test_after_a_pause_that_ended_today_the_next_begins_tomorrow():
    assert rules.begin(standing(TODAY, covered={at(-1), at(0)}), (paused(-3, 0),), 3, late=True) == paused(1, 3, 0)


def test_four_begin_within_180_days():
    earlier = [paused(first, first + 2) for first in (-179, -100, -50, -10)]
    with pytest.raises(MemberMistake, match="The next pause can begin on Tue 29 Feb"):
        rules.begin(standing(TODAY), earlier, 3, late=False)
    assert rules.begin(standing(at(1)), earlier, 3, late=False).first == at(1)


@dataclass
class Diary:
    """A member who tries to pause now and then, and ends some pauses early."""

    today: date
    counted: set[date]
    begun: list[Begun]

    @property
    def paused(self) -> set[date]:
        return {day for each in self.begun for day in span(each)}

    def may(self, first: date) -> bool:
        """By a naive count of those that began in the 180 days that end with `first`."""
        return len([each for each in self.begun if first - 179 * DAY <= each.first <= first]) < 4

    def may_late(self) -> bool:
        return not any(each.first < each.asked_on and self.today - 29 * DAY <= each.asked_on for each in self.begun)

    def hangs_on_yesterday(self) -> bool:
        """Whether a streak without freezes would end with it: its last day but for pauses is the one before."""
        before = self.today - 2 * DAY
        while before in self.paused - self.counted:
            before -= DAY
        return before in self.counted

    def attempt(self, length: int, *, late: bool) -> None:
        day = standing(self.today, self.counted, self.paused)
        first = self.today - DAY
        if not late or first in self.counted | self.paused or not self.hangs_on_yesterday():
            first = next(each for each in days_from(self.today) if each not in self.counted | self.paused)
        expected = Begun(first, first + (length - 1) * DAY, self.today)
        try:
            begun = rules.begin(day, self.begun[-4:], length, late=late)
        except MemberMistake:
            assert not self.may(first) or (expected.is_late and not self.may_late())
            return
        assert begun == expected
        assert self.may(first)
        assert self.may_late() or not begun.is_late
        self.begun.append(begun)


def span(begun: Begun) -> list[date]:
    return [begun.first + number * DAY for number in range((begun.last - begun.first).days + 1)]


def days_from(first: date) -> list[date]:
    return [first + number * DAY for number in range(60)]


attempts = st.lists(
    st.tuples(st.integers(0, 70), st.booleans(), st.integers(3, 30), st.booleans(), st.integers(0, 40)), max_size=25
)


@given(attempts)
def test_pauses_begin_as_a_naive_count_says(attempts: list[tuple[int, bool, int, bool, int]]):
    diary = Diary(TODAY, set(), [])
    for waited, logs, length, late, rests in attempts:
        diary.today += waited * DAY
        if diary.begun and diary.begun[-1].last >= diary.today:
            diary.today = diary.begun[-1].last + DAY
        if logs:
            diary.counted.add(diary.today)
        before = len(diary.begun)
        diary.attempt(length, late=late)
        if len(diary.begun) > before:
            diary.today += rests * DAY
            if diary.begun[-1].first < diary.today <= diary.begun[-1].last:  # it ends early
                last = diary.begun.pop()
                diary.begun.append(Begun(last.first, diary.today, last.asked_on))
