"""Rest days as members live them: one a week holds a streak, and nothing is used up without need."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import date, timedelta
from typing import TYPE_CHECKING

from mastermind.game.days import table as days
from mastermind.game.pauses import actions as pauses
from mastermind.game.reminders import rules as reminders
from mastermind.game.reminders.rules import Occasion
from mastermind.game.rest_days import actions as rest_days
from mastermind.game.rest_days.actions import Obstacle
from mastermind.game.settings import actions as settings
from mastermind.game.settings.actions import SettingsChange
from mastermind.postgres.exchange import only
from tests.actors import by
from tests.award.game import ANN
from tests.stories.play import NOON, ZONE, connect

if TYPE_CHECKING:
    from mastermind.game.days.streaks import Streak
    from mastermind.game.rest_days.actions import Standing
    from tests.stories.play import Play

DAY = timedelta(days=1)
TODAY = date(2026, 6, 10)  # a Wednesday
LOGGED = {"approaches": 1}


def declare(play: Play, day: date = TODAY, *, interaction: int | None = None) -> Standing:
    return rest_days.declare(play.main, by(ANN, interaction or next(play.interactions), ZONE), day)


def withdraw(play: Play, day: date = TODAY) -> Standing:
    return rest_days.withdraw(play.main, by(ANN, next(play.interactions), ZONE), day)


def stored(play: Play) -> list[date]:
    return [day for (day,) in play.look.execute("SELECT day FROM rest_days ORDER BY day").fetchall()]


def streak(play: Play) -> Streak:
    return play.card().streak


def live(play: Play, days: int) -> None:
    """Log on so many days; today is the day after them."""
    play.clock.set(NOON - days * DAY)
    for _ in range(days):
        play.submit(LOGGED)
        play.clock.advance(hours=24)


def test_a_rest_day_holds_the_streak_and_leaves_the_freeze(play: Play):
    live(play, 4)
    rested = declare(play)
    assert (rested.obstacle, rested.kept, rested.streak.rests, rested.streak.length) == (
        Obstacle.RESTING,
        True,
        True,
        4,
    )
    play.clock.advance(hours=48)
    held = streak(play)
    assert (held.length, held.freezes, held.rested, held.frozen) == (4, 1, (TODAY,), ())
    play.clock.advance(hours=24)
    assert streak(play).frozen == (TODAY + DAY,), "the day after the rest day is missed like any other"


def test_it_is_taken_back_on_the_same_day_and_not_later(play: Play):
    live(play, 4)
    declare(play)
    assert (withdraw(play).obstacle, stored(play)) == (None, [])
    declare(play)
    play.clock.advance(hours=24)
    assert (withdraw(play).kept, stored(play)) == (False, [TODAY])


def test_there_is_one_in_each_iso_week(play: Play):
    live(play, 4)
    declare(play)
    play.clock.advance(hours=24)
    play.submit(LOGGED)
    play.clock.advance(hours=24)
    again = declare(play, TODAY + 2 * DAY)
    assert (again.obstacle, again.used, again.next_week, stored(play)) == (
        Obstacle.USED,
        TODAY,
        date(2026, 6, 15),
        [TODAY],
    )


def test_who_logs_on_their_rest_day_can_rest_on_another_day_of_the_week(play: Play):
    live(play, 4)
    declare(play)
    assert play.submit(LOGGED).streak.length == 5
    play.clock.advance(hours=24)
    assert declare(play, TODAY + DAY).obstacle is Obstacle.RESTING
    assert stored(play) == [TODAY, TODAY + DAY]


def test_what_was_logged_on_a_rest_day_and_is_deleted_again_costs_no_streak(play: Play):
    live(play, 4)
    declare(play)
    play.submit(LOGGED)
    play.clock.advance(hours=24)
    play.delete(TODAY)
    play.clock.advance(hours=24)
    assert (streak(play).length, streak(play).rested) == (4, (TODAY,))


def test_an_outage_stands_before_a_rest_day_which_is_not_used_up(play: Play):
    live(play, 4)
    declare(play)
    play.outage(NOON, 3)
    play.clock.advance(hours=24)
    assert streak(play).rested == ()
    assert declare(play, TODAY + DAY).obstacle is Obstacle.RESTING


def test_a_week_with_a_pause_has_no_rest_day_and_a_pause_may_follow_one(play: Play):
    live(play, 4)
    pauses.begin(play.main, by(ANN, next(play.interactions), ZONE), 3, late=False)
    assert (declare(play).obstacle, stored(play)) == (Obstacle.PAUSED, [])
    pauses.end(play.main, by(ANN, next(play.interactions), ZONE))
    declare(play)
    play.clock.advance(hours=24)
    assert pauses.begin(play.main, by(ANN, next(play.interactions), ZONE), 3, late=False).streak.pause
    play.clock.advance(hours=24 * 5)
    assert (streak(play).length, streak(play).rested) == (4, (TODAY,))


def test_a_pause_does_not_begin_with_a_yesterday_that_was_a_rest_day(play: Play):
    live(play, 4)
    declare(play)
    play.clock.advance(hours=24)
    assert not pauses.read(play.main, by(ANN, time_zone=ZONE)).may_begin_late


def test_a_button_of_yesterday_declares_nothing(play: Play):
    live(play, 4)
    late = declare(play, TODAY - DAY)
    assert (late.kept, late.obstacle, stored(play)) == (False, None, [])


def test_a_request_that_is_delivered_twice_declares_one_day(play: Play):
    live(play, 4)
    assert [declare(play, interaction=77).kept for _ in range(2)] == [True, True]
    withdraw(play)
    assert (declare(play, interaction=77).obstacle, stored(play)) == (None, [])


def test_two_at_the_same_moment_are_one(play: Play):
    live(play, 4)

    def rest(number: int) -> None:
        with closing(connect(play.postgres, "app_main")) as conn:
            rest_days.declare(conn, by(ANN, number, ZONE), TODAY)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(rest, [501, 502]))
    assert stored(play) == [TODAY]


def test_no_reminder_is_due_on_a_rest_day(play: Play):
    live(play, 4)
    with closing(connect(play.postgres, "app_outbox")) as conn:
        assert reminders.is_due(Occasion.REMINDER, only(days.day_without_figures(conn, ANN.user_id)))
        declare(play)
        assert not reminders.is_due(Occasion.REMINDER, only(days.day_without_figures(conn, ANN.user_id)))


def test_a_move_to_another_zone_moves_no_rest_day(play: Play):
    live(play, 4)
    declare(play)
    settings.change(play.main, by(ANN, next(play.interactions), ZONE), SettingsChange(time_zone="Pacific/Kiritimati"))
    assert (stored(play), streak(play).length) == ([TODAY], 4)


def test_the_answer_after_an_absence_knows_that_somebody_is_back(play: Play):
    play.clock.set(NOON)
    assert not play.submit(LOGGED).returned
    play.clock.advance(hours=24 * 9)
    assert [play.submit(LOGGED).returned for _ in range(2)] == [True, False]
