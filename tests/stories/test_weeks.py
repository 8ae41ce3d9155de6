"""Weeks as they pass: what is said of one when it is over, and once."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from mastermind.deadline import Deadline
from mastermind.game.announcements import actions as announcements
from mastermind.game.announcements.rules import AnnouncementKind
from mastermind.game.challenges import actions as challenges
from mastermind.game.challenges.actions import Outcome
from mastermind.game.days import table as days
from mastermind.game.weeks import actions as weeks
from mastermind.game.weeks.rules import ServerWeek
from mastermind.postgres.exchange import only
from tests.award.game import ANN, BEN

if TYPE_CHECKING:
    from mastermind.game.announcements.queued import Announcement
    from mastermind.game.members.rules import Member
    from mastermind.game.weeks.rules import MemberWeek
    from tests.stories.play import Play

WEDNESDAY, SUNDAY = datetime(2026, 6, 3, 12, tzinfo=UTC), datetime(2026, 6, 7, 18, tzinfo=UTC)
MONDAY = datetime(2026, 6, 8, 17, 55, tzinfo=UTC)
LOGGED = {"approaches": 3}


def announced(play: Play) -> list[ServerWeek]:
    """What relay announces of weeks when it looks now."""
    relay, said = play.enter("app_outbox"), list["Announcement"]()
    announcements.begin_week(relay, "UTC")
    announcements.announce(relay, said.append, [AnnouncementKind.WEEK], Deadline.after(60))
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


def test_on_sunday_a_member_reads_what_they_did_on_the_days_before(play: Play):
    play.clock.set(WEDNESDAY)
    play.submit(LOGGED)
    play.submit(LOGGED, member=BEN)
    assert challenges.apply(play.award, play.tick(delay=0).award_id) is Outcome.AWARDED
    play.clock.advance(hours=24)
    play.submit(LOGGED)
    play.clock.set(SUNDAY)
    week = own_week(play, ANN)
    assert (week.days, week.challenges, week.streak, week.is_open) == (2, 1, 0, True)
    assert (week.place, week.members) == (1, 2)
    assert week.xp == sum(week.by_day) > own_week(play, BEN).xp > 0
    assert week.by_day[2] > week.by_day[3] > 0 == week.by_day[6]


def own_week(play: Play, member: Member) -> MemberWeek:
    """What relay says to that member when it looks now."""
    relay = play.enter("app_outbox")
    today = only(days.day_without_figures(relay, member.user_id))
    return weeks.read_member(relay, member.user_id, today)


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
