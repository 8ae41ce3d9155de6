"""Reminders from the moment they are due to the direct message, under the roles that production uses."""

from __future__ import annotations

import json
import re
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, LiteralString

import pytest
from pydantic import TypeAdapter

from devkit.postgres import OWNER
from mastermind.deadline import Deadline
from mastermind.discord.requests import DirectMessage, GetMember, Outcome, Result
from mastermind.game.announcements.rules import AnnouncementKind
from mastermind.game.outbox.rules import CLOSED
from mastermind.game.reminders import table as reminders
from mastermind.game.reminders.rules import ASKED_BEFORE, LASTS, SUNDAY, Occasion
from mastermind.pictures.figures import Week
from mastermind.postgres.exchange import exchange, transaction
from mastermind.relay import kind
from mastermind.relay.actions import Relay
from mastermind.relay.kind import Scene
from tests.relay.post import Discord, Post
from tests.zones import at_noon

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.conftest import Connection, Enter

type Capture = pytest.CaptureFixture[str]

ANN, BEN = 1, 2
EVERY_DAY = "1234567"
NO_MEMBER = 10007

SEEN: LiteralString = """
UPDATE rate_limits
SET interaction_id = (extract(epoch FROM clock_timestamp() - %s::interval) * 1000 - 1420070400000)::bigint << 22
WHERE user_id = %s AND pace = %s
"""
DUE_NOW: LiteralString = """
UPDATE reminders SET hour_at = clock_timestamp() - %s::interval, next_at = clock_timestamp() - interval '1 second'
"""
PAUSED: LiteralString = """
INSERT INTO pauses (user_id, first_day, last_day, begun_on)
SELECT user_id, day - 1, day + 3, day - 1 FROM users, local_day(now(), time_zone) AS day WHERE user_id = 1
"""
BOOKED: LiteralString = """
INSERT INTO booked_days (user_id, day, streak_share, counts)
SELECT user_id, local_day(now(), time_zone), 0, true FROM users WHERE user_id = 1
"""
DAY = timedelta(days=1)


class Stage:
    def __init__(self, enter: Enter, openings: int = 10) -> None:
        self.conn, self.look, self.main = enter("app_outbox"), enter(OWNER), enter("app_main")
        self.post = Post()
        self.discord = Discord(self.post, time.time)
        self.scene = Scene(0, frozenset(AnnouncementKind), draws=True)
        self.relay = Relay(kind.find_all(), self.scene, self.post, 42, openings, time.time)
        self.look.execute("UPDATE bot_status SET is_on = true")

    def want(self, user_id: int = ANN, weekdays: str = EVERY_DAY) -> None:
        with exchange(self.main), transaction(self.main):
            reminders.turn_on(self.main, user_id, 18, weekdays)

    def seen(self, ago: timedelta, user_id: int = ANN, pace: str = "other") -> None:
        self.look.execute(SEEN, [ago, user_id, pace])

    def due(self, ago: timedelta = timedelta(minutes=5)) -> None:
        """Everybody's next reminder is due, in an hour that began so long ago."""
        self.look.execute(DUE_NOW, [ago])

    def work(self) -> None:
        self.relay.work(self.conn, Deadline.after(60))

    def book(self, *results: Result) -> None:
        for result in results:
            self.relay.book(self.conn, result, Deadline.after(60))

    def round(self) -> None:
        self.work()
        self.book(*self.discord.answer_all())

    def told(self) -> list[int]:
        return [request.user_id for request in self.discord.done if isinstance(request, DirectMessage)]

    def off(self) -> str | None:
        row = self.look.execute("SELECT off FROM reminders WHERE user_id = 1").fetchone()
        assert row
        return row[0]


def counted(capsys: Capture) -> list[str]:
    """What was counted of reminders, by the lines that CloudWatch reads."""
    return re.findall(r'"(Reminders[A-Za-z]+)": ?\[?1', capsys.readouterr().out)


@pytest.fixture
def stage(as_role: Enter, owner: Connection) -> Stage:
    owner.execute(
        "INSERT INTO users (user_id, display_name, time_zone) VALUES (1, 'Ann', %(zone)s), (2, 'Ben', %(zone)s)",
        {"zone": at_noon()},
    )
    stage = Stage(as_role)
    stage.want()
    stage.seen(timedelta(hours=2))
    return stage


def test_a_reminder_is_one_direct_message_with_three_buttons(stage: Stage):
    stage.due()
    stage.round()
    stage.round()
    (sent,) = stage.discord.done
    assert isinstance(sent, DirectMessage)
    words = json.dumps(sent.message)
    assert all(label in words for label in ("one hello is enough", "Log now", "Not today", "Stop"))


def test_the_next_one_is_on_another_date_even_if_it_is_due_again_today(stage: Stage):
    stage.due()
    stage.round()
    stage.due()
    stage.round()
    assert stage.told() == [ANN]


def test_who_has_logged_today_is_not_reminded(stage: Stage):
    stage.look.execute(BOOKED)
    stage.look.execute(
        "INSERT INTO daily_records (user_id, day, stat, count, logged_late, xp, warrior, mage)"
        " SELECT user_id, day, 'journal', 1, false, 10, 0, 1 FROM booked_days"
    )
    stage.due()
    stage.round()
    assert stage.told() == []


def test_who_pauses_is_not_reminded(stage: Stage):
    stage.look.execute(PAUSED)
    stage.due()
    stage.round()
    assert stage.told() == []


def test_who_has_stopped_them_meanwhile_is_not_reminded(stage: Stage):
    stage.due()
    stage.look.execute("UPDATE reminders SET off = 'member'")
    stage.round()
    assert stage.told() == []


def test_one_that_is_an_hour_late_is_dropped_and_the_next_is_planned(stage: Stage, capsys: Capture):
    stage.due(timedelta(minutes=61))
    stage.round()
    assert stage.told() == []
    row = stage.look.execute("SELECT next_at > clock_timestamp() FROM reminders").fetchone()
    assert row == (True,)
    assert counted(capsys) == ["RemindersDropped"]


def test_one_that_is_in_the_outbox_when_its_hour_ends_is_let_go(stage: Stage, capsys: Capture):
    stage.seen(timedelta(days=3))
    stage.due()
    stage.work()
    stage.look.execute("UPDATE outbox SET state = 'due', handed_at = NULL, deadline = NULL")
    stage.look.execute("UPDATE outbox SET due_at = due_at - interval '1 hour'")
    stage.work()
    assert stage.look.execute("SELECT state FROM outbox").fetchall() == [("lapsed",)]
    assert counted(capsys) == ["RemindersLate"]


def test_one_that_is_not_needed_any_more_is_counted_apart(stage: Stage, capsys: Capture):
    stage.look.execute(
        "INSERT INTO tensey_completions (user_id, challenge_id, day)"
        " SELECT user_id, 'x', local_day(now(), time_zone) FROM users WHERE user_id = 1"
    )
    stage.due()
    stage.round()
    assert stage.told() == []
    assert counted(capsys) == ["RemindersLapsed"]


@pytest.mark.parametrize("outcome", [Outcome.UNKNOWN, Outcome.REFUSED, Outcome.GONE])
def test_where_discord_does_not_say_who_is_there_the_reminder_is_dropped(
    stage: Stage, outcome: Outcome, capsys: Capture
):
    stage.seen(timedelta(days=3))
    stage.due()
    stage.work()
    stage.book(Result(stage.post.waiting.pop().id, outcome, 0.0, status=404, code=10004))
    stage.round()
    assert (stage.told(), stage.off()) == ([], None)
    assert counted(capsys) == ["RemindersDropped"]


def test_somebody_who_was_not_seen_for_a_day_is_looked_up_in_the_server_first(stage: Stage):
    stage.seen(timedelta(days=3))
    stage.due()
    stage.round()
    assert stage.discord.done == [GetMember(ANN)]
    stage.round()
    assert stage.told() == [ANN]


def test_a_tap_in_a_direct_message_does_not_show_that_somebody_is_in_the_server(stage: Stage):
    stage.seen(timedelta(days=3))
    stage.seen(timedelta(hours=1), pace="direct")
    stage.due()
    stage.work()
    assert stage.post.waiting[0].request == GetMember(ANN)


def test_who_has_left_the_server_is_reminded_no_more(stage: Stage):
    stage.seen(timedelta(days=3))
    stage.due()
    stage.work()
    stage.book(Result(stage.post.waiting.pop().id, Outcome.GONE, 0.0, status=404, code=NO_MEMBER))
    assert stage.off() == "left"


def test_a_bot_that_was_thrown_out_turns_nobodys_reminders_off(stage: Stage):
    stage.seen(timedelta(days=3))
    stage.due()
    stage.work()
    stage.book(Result(stage.post.waiting.pop().id, Outcome.GONE, 0.0, status=404, code=10004))
    assert stage.off() is None


def test_after_two_weeks_of_silence_it_says_so_once_and_stops(stage: Stage):
    stage.seen(timedelta(days=15))
    stage.look.execute("UPDATE reminders SET since = since - interval '15 days', seen_at = clock_timestamp()")
    stage.due()
    stage.round()
    (sent,) = stage.discord.done
    assert isinstance(sent, DirectMessage)
    assert "my last reminder" in json.dumps(sent.message)
    assert stage.off() == "silence"


def test_who_accepts_no_direct_messages_gets_none_and_keeps_their_wish(stage: Stage):
    stage.due()
    stage.work()
    stage.book(Result(stage.post.waiting.pop().id, Outcome.REFUSED, 0.0, status=403, code=CLOSED))
    stage.look.execute("UPDATE reminders SET last_day = NULL")
    stage.due()
    stage.round()
    assert (stage.told(), stage.off()) == ([], None)


def test_no_more_channels_are_opened_in_a_minute_than_allowed_and_the_others_wait(as_role: Enter, stage: Stage):
    stage.want(BEN)
    stage.seen(timedelta(hours=1), BEN)
    one = Stage(as_role, openings=1)
    one.due()
    one.round()
    one.round()
    assert len(one.told()) == 1
    waiting = one.look.execute("SELECT count(*) FROM reminders WHERE next_at < now() + interval '6 minutes'").fetchone()
    assert waiting == (1,)


# --- the words about the week ---


@pytest.fixture
def weekly(stage: Stage) -> Stage:
    """Ann, who is written to on Sundays, and not otherwise."""
    with exchange(stage.main), transaction(stage.main):
        reminders.turn_on(stage.main, ANN, 18, SUNDAY, Occasion.WEEK)
    stage.look.execute("UPDATE reminders SET off = 'member' WHERE occasion = 'reminder'")
    return stage


def due_week(stage: Stage, ago: timedelta = timedelta(minutes=5)) -> None:
    stage.look.execute(DUE_NOW + " WHERE occasion = 'week'", [ago])


def test_a_week_is_one_direct_message_with_two_buttons_even_after_an_entry(weekly: Stage):
    weekly.look.execute(BOOKED)
    due_week(weekly)
    weekly.round()
    due_week(weekly)
    weekly.round()
    (sent,) = weekly.discord.done
    assert isinstance(sent, DirectMessage)
    words = json.dumps(sent.message)
    assert all(label in words for label in ("Next small step", "Log now", "No more"))


def test_a_full_week_brings_a_picture_of_what_the_words_say(weekly: Stage):
    weekly.look.execute(
        "INSERT INTO booked_days (user_id, day, streak_share, counts)"
        " SELECT user_id, date_trunc('week', local_day(now(), time_zone)::timestamp)::date + nth, 0, true"
        " FROM users, generate_series(0, 6) AS nth WHERE user_id = 1"
    )
    due_week(weekly)
    weekly.round()
    (sent,) = weekly.discord.done
    assert isinstance(sent, DirectMessage)
    week = TypeAdapter(Week).validate_json(sent.picture)
    assert (week.person.user_id, len(week.xp), len(week.xp_before)) == (1, 7, 7)
    figures = {tile.name: tile.count for tile in week.tiles}
    assert list(figures) == ["XP", "Days", "Challenges", "Streak"]
    assert f"{figures['Days']} days" in json.dumps(sent.message)
    assert week.goal
    assert week.goal.text.removeprefix("One small step: ") in json.dumps(sent.message)


def test_a_quiet_week_is_compared_with_nothing_and_has_no_picture(weekly: Stage):
    due_week(weekly)
    weekly.round()
    (sent,) = weekly.discord.done
    assert isinstance(sent, DirectMessage)
    assert sent.picture == ""


def test_nobody_reads_of_their_week_during_a_pause(weekly: Stage):
    weekly.look.execute(PAUSED)
    due_week(weekly)
    weekly.round()
    assert weekly.told() == []


def test_who_turned_it_off_meanwhile_does_not_read_of_their_week(weekly: Stage):
    due_week(weekly)
    weekly.look.execute("UPDATE reminders SET off = 'member' WHERE off IS NULL")
    weekly.round()
    assert weekly.told() == []


def test_for_the_week_too_somebody_who_was_not_seen_for_a_day_is_looked_up_first(weekly: Stage):
    weekly.seen(timedelta(days=3))
    due_week(weekly)
    weekly.round()
    assert weekly.discord.done == [GetMember(ANN)]
    weekly.round()
    assert weekly.told() == [ANN]


@pytest.mark.usefixtures("weekly")
def test_it_counts_among_the_channels_that_may_be_opened(as_role: Enter):
    none = Stage(as_role, openings=0)
    due_week(none)
    none.round()
    assert none.told() == []


@pytest.mark.parametrize(("day", "said"), [("2026-11-29", ["week"]), ("2026-11-28", ["reminder", "week"])])
def test_on_sunday_the_week_replaces_the_reminder_so_nobody_gets_two(weekly: Stage, day: str, said: list[str]):
    """Whatever day it is now: the hours are put on a Sunday, or on a Saturday."""
    weekly.want()
    weekly.look.execute(
        "UPDATE reminders SET next_at = clock_timestamp() - interval '1 second',"
        " hour_at = clock_reaches(%s, (SELECT time_zone FROM users WHERE user_id = 1))",
        [f"{day} 18:00"],
    )
    found = reminders.due(weekly.conn, 10)
    assert sorted(each.occasion for each in found if not each.is_replaced) == said


def test_after_two_weeks_of_silence_nothing_comes_any_more_on_any_occasion(weekly: Stage):
    weekly.want()
    weekly.seen(timedelta(days=15))
    weekly.look.execute("UPDATE reminders SET since = since - interval '15 days', seen_at = clock_timestamp()")
    due_week(weekly)
    weekly.round()
    (sent,) = weekly.discord.done
    assert isinstance(sent, DirectMessage)
    assert "my last" in json.dumps(sent.message)
    assert weekly.look.execute("SELECT DISTINCT off FROM reminders").fetchall() == [("silence",)]


def test_who_has_left_the_server_reads_of_no_week_any_more(weekly: Stage):
    weekly.seen(timedelta(days=3))
    due_week(weekly)
    weekly.work()
    weekly.book(Result(weekly.post.waiting.pop().id, Outcome.GONE, 0.0, status=404, code=NO_MEMBER))
    assert weekly.look.execute("SELECT off FROM reminders WHERE occasion = 'week'").fetchall() == [("left",)]


def test_the_week_is_on_sunday_alone(weekly: Stage):
    planned = (
        "SELECT to_char(hour_at AT TIME ZONE time_zone, 'FMDay HH24:MI')"
        " FROM reminders JOIN users USING (user_id) WHERE occasion = 'week'"
    )
    assert weekly.look.execute(planned).fetchall() == [("Sunday 18:00",)]


# --- both ---


def test_without_a_bot_nothing_is_taken(stage: Stage):
    stage.look.execute("UPDATE bot_status SET is_on = false")
    stage.due()
    stage.work()
    assert stage.look.execute("SELECT count(*) FROM outbox").fetchone() == (0,)


def test_a_move_takes_the_hour_along(stage: Stage):
    stage.look.execute("UPDATE users SET time_zone = 'Asia/Tokyo' WHERE user_id = 1")
    row = stage.look.execute("SELECT hour_at FROM reminders").fetchone()
    assert row
    assert row[0].astimezone(UTC).hour == 9
    assert row[0] > datetime.now(UTC)


def test_who_is_due_is_found_by_an_index_however_many_want_reminders(stage: Stage):
    for statement in CROWD.split(";\n"):
        stage.look.execute(statement.encode())
    stage.look.execute("ANALYZE reminders, users")
    values = {"lasts": LASTS, "asked": ASKED_BEFORE, "most": 100}
    explain = "EXPLAIN (ANALYZE, FORMAT JSON) " + reminders.FIND_DUE
    found = stage.conn.execute(explain, values).fetchone()
    assert found
    scans = [node for node in nodes(found[0][0]["Plan"]) if node.get("Relation Name") == "reminders"]
    read = {node["Index Name"]: node["Actual Rows"] for node in scans}
    assert read.pop("reminders_due") == 1
    assert set(read) <= {"reminders_pkey"}, "whether they read about their week"
    assert sum(read.values()) <= 1


CROWD: LiteralString = """
INSERT INTO users (user_id, display_name, time_zone) SELECT n, 'Member', 'UTC' FROM generate_series(10, 3000) AS n;
ALTER TABLE reminders DISABLE TRIGGER plan_reminder;
INSERT INTO reminders
SELECT another.*
FROM reminders
CROSS JOIN generate_series(10, 3000) AS n
CROSS JOIN LATERAL jsonb_populate_record(
    reminders, jsonb_build_object('user_id', n, 'next_at', now() + n * interval '1 minute')
) AS another;
UPDATE reminders SET next_at = now() WHERE user_id = 1;
ALTER TABLE reminders ENABLE TRIGGER plan_reminder
"""
"""Three thousand members who want reminders, of whom one is due."""


def nodes(plan: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """A node of a plan and all below it."""
    yield plan
    for below in plan.get("Plans", ()):
        yield from nodes(below)
