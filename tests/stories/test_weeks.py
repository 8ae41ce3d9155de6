"""Weeks as they pass: what is said of one when it is over, and once."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from mastermind.deadline import Deadline
from mastermind.game.announcements import actions as announcements
from mastermind.game.announcements.rules import AnnouncementKind
from mastermind.game.weeks.rules import ServerWeek
from tests.award.game import ANN, BEN

if TYPE_CHECKING:
    from mastermind.game.announcements.queued import Announcement
    from tests.stories.play import Play

WEDNESDAY, MONDAY = datetime(2026, 6, 3, 12, tzinfo=UTC), datetime(2026, 6, 8, 17, 55, tzinfo=UTC)
LOGGED = {"approaches": 3}


def announced(play: Play) -> list[ServerWeek]:
    """What relay announces of weeks when it looks now."""
    relay, said = play.enter("app_outbox"), list["Announcement"]()
    announcements.begin_week(relay, "UTC")
    announcements.announce(relay, said.append, [AnnouncementKind.WEEK], Deadline.after(10))
    return [one for one in said if isinstance(one, ServerWeek)]


def test_a_week_is_told_on_monday_evening_once_with_what_was_logged_late(play: Play):
    play.clock.set(WEDNESDAY)
    play.submit(LOGGED)
    play.clock.set(MONDAY)
    play.submit(LOGGED, "yesterday", member=BEN)
    assert announced(play) == []
    play.clock.advance(hours=0.2)
    (week,) = announced(play)
    assert (week.first_day, week.active) == ("2026-06-01", 2)
    assert {each.display_name for each in week.climbers} == {ANN.display_name, BEN.display_name}
    assert announced(play) == []
    play.clock.advance(hours=24 * 7)
    assert announced(play) == [], "nobody gathered anything in the next one"


def test_a_week_in_which_nobody_did_anything_is_not_told(play: Play):
    play.clock.set(WEDNESDAY)
    play.card(member=ANN)
    play.clock.set(MONDAY)
    play.clock.advance(hours=1)
    assert announced(play) == []


def test_a_week_that_could_not_be_told_that_evening_is_not_told_later(play: Play):
    play.clock.set(WEDNESDAY)
    play.submit(LOGGED)
    play.clock.set(MONDAY)
    play.clock.advance(hours=1)
    announcements.begin_week(play.enter("app_outbox"), "UTC")
    play.look.execute("UPDATE announcements SET made_at = %s", [MONDAY])
    play.clock.advance(hours=13)
    assert announced(play) == []
