"""Moving to another time zone: rows stay on their days, and no streak is ever shortened by it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as configured
from hypothesis import strategies as st
from psycopg import errors

from mastermind.errors import MemberMistake
from mastermind.game.settings import actions as settings
from mastermind.game.settings.actions import SettingsChange
from mastermind.game.settings.table import set_time_zone
from tests.actors import by
from tests.award.game import ANN
from tests.connections import refused
from tests.stories.play import ZONE, day_in

if TYPE_CHECKING:
    from mastermind.game.days.streaks import Streak
    from mastermind.game.settings.actions import Settings
    from tests.stories.play import Play

DAY = timedelta(days=1)
FIRST, LAST = "Pacific/Kiritimati", "Etc/GMT+12"  # where a day begins first, and where it ends last
ZONES = (FIRST, LAST, "America/New_York", "Europe/Berlin", "Asia/Kathmandu", "Pacific/Auckland", "UTC")


def move(play: Play, zone: str) -> Settings:
    return settings.change(play.main, by(ANN, next(play.interactions), ZONE), SettingsChange(time_zone=zone))


def streak(play: Play) -> Streak:
    return play.card().streak


def bridges(play: Play) -> list[date]:
    return [day for (day,) in play.look.execute("SELECT day FROM travel_days ORDER BY day").fetchall()]


def logged(play: Play) -> list[tuple[object, ...]]:
    return play.look.execute("SELECT day, stat, count, logged_late FROM daily_records ORDER BY 1, 2").fetchall()


def live(play: Play, zone: str, *days: date) -> None:
    """Log on each of these days, at noon of that zone, and be there on the evening of the last."""
    play.look.execute("UPDATE users SET time_zone = %s", [zone])
    for day in days:
        play.clock.set(noon(zone, day))
        if not play.look.execute("SELECT FROM users").rowcount:
            play.live_in(zone)
        play.submit({"approaches": 1})


def noon(zone: str, day: date) -> datetime:
    """A moment at which it is that day there, near the middle of it."""
    moment = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    return next(at for hours in range(-14, 15) if _is_noon(zone, at := moment + timedelta(hours=hours), day))


def _is_noon(zone: str, at: datetime, day: date) -> bool:
    return day_in(zone, at - timedelta(hours=10)) == day_in(zone, at + timedelta(hours=10)) == day


def test_a_jump_ahead_does_not_judge_a_day_whose_grace_it_took(play: Play):
    """Yesterday is missed and could still be logged today; in the new zone today is over."""
    live(play, LAST, date(2026, 6, 8), date(2026, 6, 9))
    play.clock.set(noon(LAST, date(2026, 6, 11)) + timedelta(hours=6))
    assert streak(play).length == 2
    assert move(play, FIRST).today == date(2026, 6, 12)
    assert bridges(play) == [date(2026, 6, 10)]
    assert streak(play).length == 2


def test_the_widest_jump_skips_two_days_at_most(play: Play):
    live(play, LAST, date(2026, 6, 8), date(2026, 6, 9))
    play.clock.set(datetime(2026, 6, 12, 11, 30, tzinfo=UTC))  # 23:30 of the 11th there, and 1:30 of the 13th here
    assert streak(play).length == 2
    assert move(play, FIRST).today == date(2026, 6, 13)
    assert bridges(play) == [date(2026, 6, 10), date(2026, 6, 11)]
    assert streak(play).length == 2


def test_a_move_within_the_same_date_and_one_to_the_west_bridge_nothing(play: Play):
    live(play, "Europe/Berlin", date(2026, 6, 8), date(2026, 6, 9))
    for zone in ("Europe/Athens", "America/New_York", LAST):
        move(play, zone)
        assert streak(play).length == 2
    assert bridges(play) == []


def test_what_was_logged_stays_on_its_day(play: Play):
    live(play, FIRST, date(2026, 6, 8), date(2026, 6, 9))
    before = logged(play)
    assert move(play, LAST).today == date(2026, 6, 8)
    assert logged(play) == before
    assert streak(play).length == 2


def test_an_outage_that_covers_a_day_covers_it_on_every_calendar(play: Play):
    """From 20:00 to 22:30 in Berlin; in Kathmandu that is an hour and a quarter of each of two days."""
    live(play, "Europe/Berlin", date(2026, 6, 7), date(2026, 6, 8))
    play.outage(datetime(2026, 6, 9, 17, 0, tzinfo=UTC), 2.5)
    live(play, "Europe/Berlin", date(2026, 6, 10))
    assert streak(play).length == 3
    move(play, "Asia/Kathmandu")
    assert streak(play).length == 3


def test_a_zone_that_the_database_does_not_know_moves_nothing(play: Play):
    play.card()
    with refused(errors.ForeignKeyViolation):
        set_time_zone(play.main, ANN.user_id, "Europe/Atlantis")
    wanted = SettingsChange(time_zone="Europe/Atlantis")
    with pytest.raises(MemberMistake, match="I don't know that time zone"):  # as if our own list knew it
        settings._change(play.main, by(ANN, 1, ZONE), wanted)  # pyright: ignore[reportPrivateUsage]
    assert now(play).time_zone == ZONE


def now(play: Play) -> Settings:
    return settings.read(play.main, by(ANN, time_zone=ZONE))


hours = st.integers(2, 160).map(lambda quarters: quarters / 4)  # no moment is just before a midnight
steps = st.lists(st.tuples(hours, st.sampled_from([*ZONES, "log", "log", "log"])), min_size=5, max_size=40)


@pytest.mark.prove
@configured(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps)
def test_however_somebody_travels_no_move_shortens_their_streak(play: Play, journey: list[tuple[float, str]]):
    play.clean()
    play.clock.set(datetime(2026, 6, 10, 10, 30, tzinfo=UTC))
    play.card()
    for waited, what in journey:
        play.clock.advance(hours=waited)
        if what == "log":
            play.submit({"hellos_to_strangers": 1})
            continue
        before, rows = streak(play), logged(play)
        try:
            move(play, what)
        except MemberMistake:
            continue
        after = streak(play)
        assert after.length >= before.length
        assert after.longest >= before.longest
        assert after.freezes >= before.freezes or after.length > before.length
        assert logged(play) == rows
