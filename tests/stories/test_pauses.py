"""Pauses as members live them: a streak is held, and whatever they log or tick brings them back."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from threading import Barrier
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as configured
from hypothesis import strategies as st

from mastermind.errors import MemberMistake
from mastermind.game.pauses import actions as pauses
from mastermind.game.pauses import rules
from mastermind.game.settings import actions as settings
from mastermind.game.settings.actions import SettingsChange
from tests.actors import by
from tests.award.game import ANN
from tests.stories import play as naive
from tests.stories.play import NOON, ZONE, connect, day_in

if TYPE_CHECKING:
    from mastermind.game.days.streaks import Streak
    from mastermind.game.pauses.actions import Standing
    from tests.stories.play import Play

DAY = timedelta(days=1)
TODAY = date(2026, 6, 10)
LOGGED = {"approaches": 1}


def begin(play: Play, length: int = 7, *, late: bool = False, interaction: int | None = None) -> Standing:
    return pauses.begin(play.main, by(ANN, interaction or next(play.interactions), ZONE), length, late=late)


def end(play: Play) -> None:
    pauses.end(play.main, by(ANN, next(play.interactions), ZONE))


def read(play: Play) -> Standing:
    return pauses.read(play.main, by(ANN, time_zone=ZONE))


def stored(play: Play) -> list[tuple[date, date, bool]]:
    query = "SELECT first_day, last_day, ended_at IS NOT NULL FROM pauses ORDER BY first_day"
    return [(first, last, ended) for first, last, ended in play.look.execute(query)]


def streak(play: Play) -> Streak:
    return play.card().streak


def is_paused(play: Play, day: date) -> bool:
    with closing(connect(play.postgres, "app_outbox")) as conn:
        row = conn.execute("SELECT %s IN (SELECT covered_days(%s))", [day, ANN.user_id]).fetchone()
    assert row is not None
    return row[0]


def live(play: Play, days: int) -> None:
    """Log on so many days; today is the day after them."""
    play.clock.set(NOON - days * DAY)
    for _ in range(days):
        play.submit(LOGGED)
        play.clock.advance(hours=24)


def test_a_pause_holds_the_streak_and_afterwards_days_are_missed_again(play: Play):
    live(play, 16)
    assert begin(play, 7).streak.length == 16
    play.clock.advance(hours=24 * 7)
    held = streak(play)
    assert (held.length, held.freezes, held.frozen, held.pause) == (16, 2, (), None)
    play.clock.advance(hours=24 * 2)
    assert streak(play).frozen == (date(2026, 6, 17),), "the first day after the pause"
    play.clock.advance(hours=24 * 2)
    assert streak(play).length == 0


def test_no_reminder_is_due_on_a_day_of_a_pause(play: Play):
    live(play, 1)
    begin(play, 3)
    days = [TODAY + number * DAY for number in range(-1, 4)]
    assert [is_paused(play, day) for day in days] == [False, True, True, True, False]


def test_what_is_logged_ends_the_pause_and_its_days_stay_bridged(play: Play):
    live(play, 3)
    begin(play, 10)
    play.clock.advance(hours=24 * 4)
    logged = play.submit(LOGGED)
    assert (logged.resumed, logged.streak.length, logged.streak.pause) == (True, 4, None)
    assert stored(play) == [(TODAY, TODAY + 4 * DAY, True)]
    assert not play.submit(LOGGED).resumed
    play.delete(TODAY + 4 * DAY)
    play.clock.advance(hours=24 * 2)
    assert streak(play).length == 3, "the day of the entry was one of the pause"


def test_a_tick_ends_the_pause_and_an_undo_does_not_bring_it_back(play: Play):
    live(play, 3)
    begin(play, 10)
    play.clock.advance(hours=24 * 4)
    play.undo(play.tick().award_id)
    assert stored(play) == [(TODAY, TODAY + 4 * DAY, True)]
    assert not is_paused(play, TODAY + 5 * DAY)


def test_an_edit_that_adds_to_a_day_of_the_pause_ends_it(play: Play):
    live(play, 3)
    play.submit(LOGGED)
    play.delete(TODAY)
    begin(play, 10)
    play.clock.advance(hours=24)
    edited = play.edit(TODAY, {"numbers": 2})
    assert edited.streak.pause is None
    assert stored(play) == [(TODAY, TODAY + DAY, True)]


def test_correcting_a_day_before_the_pause_does_not_end_it(play: Play):
    live(play, 3)
    begin(play, 10)
    play.clock.advance(hours=24 * 2)
    edited = play.edit(TODAY - DAY, {"approaches": 5})
    assert edited.streak.pause is not None
    play.submit(LOGGED, TODAY - 5 * DAY)
    play.delete(TODAY - 2 * DAY)
    assert stored(play) == [(TODAY, TODAY + 9 * DAY, False)]
    assert streak(play).length == 1, "what was deleted is missed: it lies before the pause"


def test_a_late_entry_for_a_pause_that_is_over_leaves_the_next_one_alone(play: Play):
    live(play, 3)
    begin(play, 3)
    play.clock.advance(hours=24 * 5)
    begin(play, 10)
    play.submit(LOGGED, TODAY + DAY)
    assert stored(play)[1] == (TODAY + 5 * DAY, TODAY + 14 * DAY, False)


def test_a_pause_that_ends_on_its_first_day_is_as_if_it_had_never_been(play: Play):
    live(play, 3)
    for _ in range(6):
        begin(play, 10)
        end(play)
        assert read(play).left == 4
    begin(play, 10)
    play.submit(LOGGED)
    assert stored(play) == []


def test_a_pause_on_a_day_that_counts_begins_with_the_next_and_more_entries_do_not_end_it(play: Play):
    live(play, 3)
    play.submit(LOGGED)
    planned = begin(play, 3).streak.pause
    assert planned is not None
    assert (planned.first, planned.last) == (TODAY + DAY, TODAY + 3 * DAY)
    logged = play.submit(LOGGED)
    assert not logged.resumed
    assert logged.streak.pause == planned
    play.tick()
    assert stored(play) == [(TODAY + DAY, TODAY + 3 * DAY, False)]
    end(play)
    assert streak(play).pause is None
    assert stored(play) == []


def test_a_pause_may_begin_with_yesterday_which_is_then_neither_missed_nor_frozen(play: Play):
    live(play, 14)
    play.clock.advance(hours=24)
    assert begin(play, 3, late=True).today == TODAY + DAY
    play.clock.advance(hours=24 * 2)
    assert (streak(play).length, streak(play).freezes) == (14, 2)
    assert stored(play) == [(TODAY, TODAY + 2 * DAY, False)]


def test_a_freeze_that_a_day_ahead_had_used_for_yesterday_is_given_back(play: Play):
    """In the east the day was over; back home it is yesterday, and can still be paused."""
    live(play, 14)
    play.live_in("Pacific/Kiritimati")
    play.clock.set(datetime(2026, 6, 11, 11, tzinfo=UTC))  # 1:00 of the 12th there, 7:00 of the 11th in New York
    assert (streak(play).freezes, streak(play).frozen) == (1, (TODAY,))
    play.live_in("America/New_York")
    begin(play, 3, late=True)
    play.live_in("Pacific/Kiritimati")
    assert (streak(play).freezes, streak(play).frozen) == (2, ())


def test_an_outage_within_a_pause_changes_nothing(play: Play):
    live(play, 3)
    begin(play, 5)
    play.outage(NOON + DAY, 5)
    play.clock.advance(hours=24 * 5)
    assert streak(play).length == 3
    assert stored(play) == [(TODAY, TODAY + 4 * DAY, False)]


def test_a_move_to_another_zone_makes_no_day_of_a_pause_one_of_travel(play: Play):
    live(play, 2)
    begin(play, 30)
    play.clock.advance(hours=24)
    settings.change(play.main, by(ANN, next(play.interactions), ZONE), SettingsChange(time_zone="Europe/Berlin"))
    end(play)
    assert play.look.execute("SELECT day FROM travel_days").fetchall() == []
    play.clock.advance(hours=24 * 3)
    assert streak(play).length == 0


def test_a_second_pause_is_refused_in_kindness_while_one_runs(play: Play):
    live(play, 3)
    begin(play, 5)
    again = begin(play, 20)
    assert again.kept
    assert stored(play) == [(TODAY, TODAY + 4 * DAY, False)]


def test_a_request_that_is_delivered_twice_begins_one_pause(play: Play):
    live(play, 3)
    first = begin(play, 5, interaction=77)
    assert begin(play, 5, interaction=77) == first
    end(play)
    assert begin(play, 5, interaction=77).streak.pause is None, "it does not begin again what has ended"
    assert stored(play) == []


def test_a_reset_leaves_the_pause(play: Play):
    live(play, 3)
    begin(play, 5)
    play.look.execute("DELETE FROM booked_days")
    assert is_paused(play, TODAY + DAY)


@pytest.mark.parametrize("_", range(5))
def test_an_entry_at_the_same_moment_comes_before_the_pause_or_ends_it(play: Play, _: int):
    live(play, 3)
    barrier = Barrier(2)

    def log() -> None:
        with closing(connect(play.postgres, "app_main")) as conn:
            barrier.wait(60)
            play.submit(LOGGED, conn=conn)

    def pause() -> None:
        barrier.wait(60)
        begin(play, 5)

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(log), pool.submit(pause)]:
            done.result()
    assert stored(play) in ([], [(TODAY + DAY, TODAY + 5 * DAY, False)])
    assert streak(play).length == 4


def test_two_pauses_at_the_same_moment_are_one(play: Play):
    live(play, 3)
    barrier = Barrier(2)

    def pause(number: int) -> None:
        with closing(connect(play.postgres, "app_main")) as conn:
            barrier.wait(60)
            pauses.begin(conn, by(ANN, number, ZONE), 5, late=False)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(pause, [501, 502]))
    assert stored(play) == [(TODAY, TODAY + 4 * DAY, False)]


steps = st.lists(
    st.tuples(st.integers(0, 60), st.sampled_from(["log", "log", "tick", "pause", "pause", "end", "yesterday"])),
    min_size=5,
    max_size=40,
)


@pytest.mark.prove
@configured(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps)
def test_a_streak_with_pauses_is_what_a_naive_recount_says(play: Play, life: list[tuple[int, str]]):
    play.clean()
    play.clock.set(NOON)
    play.card()
    counted: set[date] = set()
    rested: set[date] = set()
    running: tuple[date, date] | None = None
    for number, (hours, what) in enumerate(life):
        play.clock.advance(hours=hours)
        today = day_in(ZONE, play.clock.now())
        if running and running[1] < today:
            rested |= span(running)
            running = None
        if what in {"log", "tick"}:
            if what == "log":
                play.submit(LOGGED)
            else:
                play.tick(challenge_id=str(number))
            counted.add(today)
            if running and running[0] <= today:
                rested, running = rested | back(running, today), None
        elif what == "end":
            end(play)
            if running:
                rested, running = rested | back(running, today), None
        else:
            try:
                now = begin(play, 5, late=what == "yesterday")
            except MemberMistake:
                assert number_of(play, today) >= rules.MOST or what == "yesterday"
            else:
                assert now.kept == (running is not None)
                assert now.streak.pause is not None
                running = now.streak.pause.first, now.streak.pause.last
        bridges = rested | span(running) if running else rested
        own = streak(play)
        assert (own.length, own.longest, own.freezes) == naive.streak(counted, bridges, today)
        assert (own.pause and (own.pause.first, own.pause.last)) == running


def span(days: tuple[date, date]) -> set[date]:
    return {days[0] + number * DAY for number in range((days[1] - days[0]).days + 1)}


def back(running: tuple[date, date], today: date) -> set[date]:
    """The days of a pause that ends today: none when today is its first, or comes before it."""
    return span((running[0], today)) if running[0] < today else set()


def number_of(play: Play, today: date) -> int:
    return play.one("SELECT count(*) FROM pauses WHERE first_day > %s", today - rules.WITHIN)
