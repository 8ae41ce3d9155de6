"""What submitting, editing and deleting stats does, story by story, under main's own role."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from mastermind.errors import MemberMistake
from mastermind.game.catalogue.rules import Catalogue
from mastermind.game.challenges import actions as challenges
from mastermind.game.contributions import table as contributions
from mastermind.game.days import actions as stats
from mastermind.game.days import table as records
from mastermind.game.days.streaks import Streak
from mastermind.game.ledger import actions as history
from mastermind.game.paging import Page
from tests.actors import by
from tests.award.game import ANN, BEN
from tests.stories.play import CATALOGUE, ZONE, Play

if TYPE_CHECKING:
    from mastermind.game.catalogue.rules import Category
    from mastermind.game.members.rules import Member

MONDAY = date(2026, 3, 2)
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def monday_noon(play: Play):
    """It is Monday noon in New York, in a winter week without any change of the clocks."""
    play.clock.set(datetime(2026, 3, 2, 17, tzinfo=UTC))


def ledger(play: Play, member: Member = ANN) -> list[tuple[str, int, date]]:
    query = "SELECT kind, xp, day FROM xp_ledger WHERE user_id = %s ORDER BY id"
    return play.look.execute(query, [member.user_id]).fetchall()


def totals(play: Play, member: Member = ANN) -> dict[str, int]:
    query = "SELECT stat, total FROM users_stats WHERE user_id = %s"
    return dict(play.look.execute(query, [member.user_id]).fetchall())


def daily(play: Play, days: int, *, member: Member = ANN) -> None:
    """Something is logged on so many days in a row; then it is the day after them."""
    for _ in range(days):
        play.submit({"hellos_to_strangers": 1}, member=member)
        play.clock.advance(hours=24)


# --- submitting ---


def test_the_first_submission_of_the_first_day_books_its_xp(play: Play):
    submitted = play.submit({"approaches": 2, "numbers": 1})
    assert (submitted.day, submitted.today, submitted.late, submitted.repeated) == (MONDAY, MONDAY, False, False)
    assert submitted.counts == submitted.added == {"approaches": 2, "numbers": 1}
    assert (submitted.booked_xp, submitted.xp, submitted.level) == (300, 300, 1)
    assert submitted.streak == Streak(1, 1, 0, MONDAY)
    assert ledger(play) == [("submit", 300, MONDAY)]
    assert totals(play) == submitted.counts
    assert play.balance() == (300, 0)


def test_the_example_of_the_rules_is_worth_what_they_say(play: Play):
    daily(play, 13)
    before = play.balance()[0]
    submitted = play.submit({"approaches": 7, "grounding": 1, "overall_state": 2})
    price = submitted.price
    assert (price.base, price.streak, price.templar) == (850, 10, 30)
    assert submitted.booked_xp == 1190
    assert play.balance()[0] == before + 1190


def test_submissions_of_a_day_add_up_and_each_books_the_difference(play: Play):
    play.submit({"approaches": 2})
    submitted = play.submit({"approaches": 1, "grounding": 2})
    assert submitted.counts == {"approaches": 3, "grounding": 2}
    assert submitted.price.templar == 30
    assert submitted.booked_xp == 520 - 200
    assert play.card().xp_booked == submitted.xp == 520


def test_a_bonus_that_a_later_submission_loses_is_not_taken_back(play: Play):
    play.submit({"approaches": 3, "grounding": 2})
    submitted = play.submit({"releasing_session": 4})
    assert (submitted.price.templar, submitted.price.xp, submitted.booked_xp) == (0, 500, 0)
    assert ledger(play) == [("submit", 520, MONDAY)]
    submitted = play.submit({"approaches": 1})
    assert submitted.booked_xp == submitted.price.xp - 520


def test_the_ledger_holds_how_the_xp_was_calculated(play: Play):
    play.submit({"approaches": 3, "grounding": 2})
    (entry,) = history.read(play.main, by(ANN, time_zone=ZONE)).lines
    assert entry.details == {
        "base": 400,
        "streak": 0,
        "templar": 30,
        "event": 100,
        "price": 520,
        "booked_before": 0,
        "added": {"approaches": 3, "grounding": 2},
    }


def test_more_than_a_day_holds_is_refused_by_name_and_nothing_of_it_is_stored(play: Play):
    play.submit({"dates_had": 4})
    with pytest.raises(MemberMistake, match="Dates Had") as refused:
        play.submit({"dates_had": 2, "approaches": 1})
    assert "Approaches" not in str(refused.value)
    assert totals(play) == {"dates_had": 4}
    assert len(ledger(play)) == 1
    assert play.submit({"dates_had": 1}).counts == {"dates_had": 5}


def test_a_value_of_the_day_is_taken_once(play: Play):
    assert play.submit({"overall_state": 3}).booked_xp == 100
    with pytest.raises(MemberMistake, match="Overall State"):
        play.submit({"overall_state": 4})
    assert totals(play) == {"overall_state": 3}


def test_an_empty_form_stores_nothing(play: Play):
    with pytest.raises(MemberMistake, match="Nothing was filled in"):
        play.submit({"approaches": 0})
    assert play.look.execute("SELECT FROM booked_days").rowcount == 0


@pytest.mark.parametrize("added", [{"tensey_exercise": 1}, {"nonsense": 1}, {"approaches": -1}])
def test_what_no_form_has_is_a_mistake_of_ours(play: Play, added: dict[str, int]):
    with pytest.raises(ValueError, match="field"):
        play.submit(added)
    with pytest.raises(ValueError, match="field"):
        play.edit(MONDAY, added)
    assert play.look.execute("SELECT FROM booked_days").rowcount == 0


@pytest.mark.parametrize("back", [31, 400])
def test_a_day_more_than_thirty_days_back_is_refused(play: Play, back: int):
    with pytest.raises(MemberMistake, match="too long ago"):
        play.submit({"approaches": 1}, MONDAY - back * DAY)
    assert play.submit({"approaches": 1}, MONDAY - 30 * DAY).late


def test_a_day_that_has_not_begun_is_refused(play: Play):
    with pytest.raises(MemberMistake, match="has not begun"):
        play.submit({"approaches": 1}, MONDAY + DAY)
    with pytest.raises(MemberMistake, match="has not begun"):
        play.edit(MONDAY + DAY, {"approaches": 1})


# --- the same again ---


def test_a_form_that_is_submitted_twice_is_stored_once(play: Play):
    first = play.submit({"approaches": 2}, nonce=7)
    again = play.submit({"approaches": 2}, nonce=7)
    assert again.repeated
    assert (again.counts, again.booked_xp, again.xp, again.price, again.streak) == (
        first.counts,
        first.booked_xp,
        first.xp,
        first.price,
        first.streak,
    )
    assert totals(play) == {"approaches": 2}
    assert len(ledger(play)) == 1


def test_an_interaction_that_discord_delivers_twice_is_stored_once(play: Play):
    assert [play.submit({"approaches": 2}, interaction=8, nonce=7).repeated for _ in range(2)] == [False, True]
    assert [play.edit(MONDAY, {"approaches": 1}, interaction=10, nonce=9).repeated for _ in range(2)] == [False, True]
    assert [play.delete(MONDAY, interaction=12, nonce=11).repeated for _ in range(2)] == [False, True]
    assert ledger(play) == [("submit", 200, MONDAY), ("edit", -100, MONDAY), ("delete", -100, MONDAY)]


def test_a_repeat_returns_what_was_stored_and_not_what_came_later(play: Play):
    first = play.submit({"approaches": 2}, interaction=8, nonce=7)
    play.submit({"approaches": 5})
    again = play.submit({"approaches": 2}, interaction=8, nonce=7)
    assert (again.counts, again.xp, again.booked_xp) == (first.counts, first.xp, first.booked_xp)


def test_the_outcome_of_somebody_else_is_nobodys_answer(play: Play):
    play.submit({"approaches": 2}, nonce=7)
    submitted = play.submit({"approaches": 1}, nonce=8, interaction=9, member=BEN)
    assert not submitted.repeated
    assert totals(play, BEN) == {"approaches": 1}


def test_the_outcome_of_another_kind_of_change_is_not_returned(play: Play):
    play.submit({"approaches": 2}, interaction=8, nonce=7)
    edited = play.edit(MONDAY, {"approaches": 1}, interaction=10, nonce=7)
    assert (edited.repeated, edited.booked_xp) == (False, -100)


# --- editing and deleting ---


def test_an_edit_books_exactly_the_difference_with_the_share_of_its_day(play: Play):
    daily(play, 13)
    play.submit({"approaches": 2})
    day = play.card().day
    play.clock.advance(hours=48)
    edited = play.edit(day, {"approaches": 1, "numbers": 0, "courage_welcoming": 1})
    assert edited.before == {"approaches": 2}
    assert edited.counts == {"approaches": 1, "courage_welcoming": 1}
    assert edited.price.streak == 10
    assert edited.booked_xp == 165 - 220
    assert play.card(day).xp_booked == 165
    assert play.balance()[0] == edited.xp


def test_an_edit_takes_back_what_a_lost_bonus_has_paid(play: Play):
    play.submit({"approaches": 3, "grounding": 2})
    play.submit({"releasing_session": 4})
    assert play.edit(MONDAY, {"releasing_session": 3}).booked_xp == 475 - 520


def test_an_edit_that_changes_nothing_stores_nothing(play: Play):
    play.submit({"approaches": 3, "grounding": 2})
    play.submit({"releasing_session": 4})
    edited = play.edit(MONDAY, {"approaches": 3, "numbers": 0})
    assert (edited.booked_xp, edited.xp, edited.counts) == (0, 520, edited.before)
    assert len(ledger(play)) == 1
    assert play.look.execute("SELECT FROM audit_log").rowcount == 0


def test_an_edit_beyond_what_a_day_holds_stores_nothing(play: Play):
    play.submit({"approaches": 3})
    with pytest.raises(MemberMistake, match="Numbers"):
        play.edit(MONDAY, {"approaches": 4, "numbers": 51})
    assert totals(play) == {"approaches": 3}


def test_an_edit_replaces_a_value_of_the_day(play: Play):
    play.submit({"overall_state": 3})
    edited = play.edit(MONDAY, {"overall_state": 10})
    assert (edited.counts, edited.booked_xp) == ({"overall_state": 10}, 0)


def test_a_day_with_nothing_logged_can_be_edited_too(play: Play):
    edited = play.edit(MONDAY - 5 * DAY, {"approaches": 1})
    assert (edited.booked_xp, edited.streak.length) == (100, 0)


def test_a_deletion_takes_back_the_day_and_leaves_its_fixed_share(play: Play):
    daily(play, 7)
    day = play.card("yesterday").day
    deleted = play.delete(day)
    assert (deleted.counts, deleted.booked_xp) == ({}, -11)
    assert play.card(day).xp_booked == 0
    play.submit({"approaches": 1}, day)
    assert play.card(day).price.streak == 5


def test_there_must_be_something_to_delete_and_it_must_not_be_old(play: Play):
    with pytest.raises(MemberMistake, match="nothing to delete"):
        play.delete(MONDAY)
    play.submit({"approaches": 1}, MONDAY - 8 * DAY)
    with pytest.raises(MemberMistake, match="too long ago"):
        play.delete(MONDAY - 8 * DAY)
    with pytest.raises(MemberMistake, match="too long ago"):
        play.edit(MONDAY - 8 * DAY, {"approaches": 2})
    assert ledger(play) == [("submit", 100, MONDAY - 8 * DAY)]


def test_every_edit_and_deletion_is_audited_with_before_and_after(play: Play):
    play.submit({"approaches": 2})
    play.edit(MONDAY, {"approaches": 1})
    play.delete(MONDAY)
    rows = play.look.execute("SELECT action, actor_id, subject_id, before, after FROM audit_log ORDER BY id").fetchall()
    states = [
        {"day": "2026-03-02", "counts": counts, "xp": xp}
        for counts, xp in (({"approaches": 2}, 200), ({"approaches": 1}, 100), ({}, 0))
    ]
    assert rows == [
        ("stats.edit", 1, 1, states[0], states[1]),
        ("stats.delete", 1, 1, states[1], states[2]),
    ]


# --- days and streaks ---


def test_yesterday_counts_when_it_is_logged_today(play: Play):
    play.submit({"approaches": 1}, MONDAY - 2 * DAY)
    play.submit({"approaches": 1})
    assert play.card().streak.length == 1
    submitted = play.submit({"approaches": 1}, "yesterday")
    assert (submitted.late, submitted.streak.length) == (False, 2)


def test_what_is_logged_beyond_the_grace_earns_xp_and_repairs_nothing(play: Play):
    play.submit({"approaches": 1})
    submitted = play.submit({"approaches": 3}, MONDAY - 2 * DAY)
    assert (submitted.late, submitted.booked_xp, submitted.streak.length) == (True, 300, 1)
    late = play.look.execute("SELECT day FROM daily_records WHERE logged_late").fetchall()
    assert late == [(MONDAY - 2 * DAY,)]


def test_what_comes_late_to_a_day_that_counts_does_not_hold_it_up(play: Play):
    daily(play, 4)
    assert play.submit({"numbers": 1}, MONDAY).late
    assert play.card().streak.length == 4
    assert play.edit(MONDAY, {"hellos_to_strangers": 0}).streak.length == 3


def test_more_of_the_same_that_comes_late_leaves_it_in_time(play: Play):
    daily(play, 4)
    assert play.submit({"hellos_to_strangers": 1}, MONDAY).streak.length == 4


def test_an_edit_that_puts_right_what_was_logged_in_time_takes_no_day_away(play: Play):
    daily(play, 4)
    assert play.edit(MONDAY, {"hellos_to_strangers": 0, "numbers": 1}).streak.length == 4
    assert play.delete(MONDAY).streak.length == 3


def test_an_edit_of_a_late_day_leaves_it_late(play: Play):
    play.submit({"approaches": 1}, MONDAY - 3 * DAY)
    assert play.edit(MONDAY - 3 * DAY, {"approaches": 2, "numbers": 1}).streak.length == 0


def test_the_share_is_that_of_the_streak_at_the_first_booking_for_ever(play: Play):
    daily(play, 6)
    assert play.submit({"approaches": 1}).price.streak == 5
    day = play.card().day
    play.clock.advance(hours=24)
    for _ in range(7):
        daily(play, 1)
    assert play.submit({"approaches": 1}, day).price.streak == 5
    assert play.card().price.streak == 10


def test_a_challenge_makes_its_day_count_and_is_not_part_of_its_price(play: Play):
    play.tick()
    card = play.card()
    assert (card.streak.length, card.counts, card.price.xp) == (1, {}, 0)
    submitted = play.submit({"approaches": 1})
    assert (submitted.streak.length, submitted.booked_xp) == (1, 100)
    play.delete(MONDAY)
    assert play.card().streak.length == 1


def test_an_undone_challenge_makes_no_day_count(play: Play):
    play.undo(play.tick().award_id)
    assert play.card().streak.length == 0


def test_a_fortnight_earns_a_freeze_that_bridges_a_missed_day(play: Play):
    daily(play, 14)
    assert play.card().streak == Streak(14, 14, 2, MONDAY + 13 * DAY)
    play.clock.advance(hours=24)
    assert play.card().streak.freezes == 2
    submitted = play.submit({"approaches": 1})
    assert (submitted.streak.length, submitted.streak.freezes) == (15, 2)
    play.clock.advance(hours=24)
    assert play.card().streak == Streak(15, 15, 1, MONDAY + 15 * DAY, (MONDAY + 14 * DAY,))


def test_the_days_that_can_be_edited_are_listed_the_newest_first(play: Play):
    play.submit({"approaches": 1}, MONDAY - 8 * DAY)
    play.submit({"approaches": 1}, MONDAY - 7 * DAY)
    play.submit({"approaches": 2, "grounding": 2})
    play.submit({"numbers": 1}, "yesterday")
    play.delete(MONDAY - DAY)
    assert stats.days(play.main, by(ANN, time_zone=ZONE)) == (
        records.RecordedDay(MONDAY, MONDAY, 390, 0, {"approaches": 2, "grounding": 2}),
        records.RecordedDay(MONDAY, MONDAY - 7 * DAY, 100, 0, {"approaches": 1}),
    )
    assert stats.days(play.main, by(BEN, time_zone=ZONE)) == ()


def test_a_card_of_a_day_without_anything_says_what_it_would_be_worth(play: Play):
    card = play.card(MONDAY - 5 * DAY)
    assert (card.day, card.today, card.counts, card.xp_booked, card.late) == (MONDAY - 5 * DAY, MONDAY, {}, 0, True)
    daily(play, 6)
    assert play.card().price.streak == 5


# --- the ledger by pages ---


def test_the_history_of_a_new_member_is_one_empty_page(play: Play):
    assert history.read(play.main, by(ANN, time_zone=ZONE)) == Page((), 1, 1, 0)


def test_the_history_is_read_newest_first_and_a_page_beyond_its_end_is_the_last(play: Play):
    for number in range(history.PAGE_SIZE + 1):
        play.submit({"approaches": number + 1})
    first, last, beyond = (history.read(play.main, by(ANN, time_zone=ZONE), page) for page in (1, 2, 10**30))
    assert [entry.xp for entry in first.lines] == [100 * n for n in range(history.PAGE_SIZE + 1, 1, -1)]
    assert [entry.xp for entry in last.lines] == [100]
    assert (first.number, last.number, last.pages) == (1, 2, 2)
    assert beyond == last


def test_the_history_says_which_award_can_still_be_undone_and_how_long_ago_a_day_was(play: Play):
    kept, undone = play.tick(challenge_id="a", delay=0), play.tick(challenge_id="b", delay=0)
    play.clock.advance(hours=24)
    challenges.apply(play.award, kept.award_id)
    challenges.apply(play.award, undone.award_id)
    play.undo(undone.award_id)
    entries = history.read(play.main, by(ANN, time_zone=ZONE)).lines
    assert [(entry.kind, entry.live, entry.age) for entry in entries] == [
        ("reversal", False, 1),
        ("award", False, 1),
        ("award", True, 1),
    ]


# --- the catalogue ---


def changed(key: str, **figures: int) -> Catalogue:
    """The catalogue of a later release, in which that stat has other figures; without figures it is retired."""

    def later(category: Category) -> Category:
        stats = (replace(stat, **figures) if stat.key == key else stat for stat in category.stats)
        return replace(category, stats=tuple(stat for stat in stats if figures or stat.key != key))

    return Catalogue(tuple(later(category) for category in CATALOGUE.categories), CATALOGUE.automatic)


def test_new_deeds_pay_on_a_day_with_a_retired_stat(play: Play):
    play.submit({"attended_group_call": 5, "approaches": 1})
    retired = changed("attended_group_call")
    submitted = play.submit({"approaches": 8}, catalogue=retired)
    assert submitted.counts == {"attended_group_call": 5, "approaches": 9}
    assert submitted.booked_xp == 800
    assert play.edit(MONDAY, {"approaches": 10}, catalogue=retired).booked_xp == 100
    assert play.edit(MONDAY, {"approaches": 0}, catalogue=retired).booked_xp == -1_000
    assert play.delete(MONDAY, catalogue=retired).booked_xp == -1_000
    assert play.balance() == (0, 0)


@pytest.mark.parametrize("xp", [10, 100, 300])
def test_deeds_are_worth_what_they_were_worth_when_they_were_logged(play: Play, xp: int):
    play.submit({"approaches": 9})
    later = changed("approaches", xp=xp)
    assert play.submit({"approaches": 1}, catalogue=later).booked_xp == xp
    assert play.submit({"numbers": 1}, catalogue=later).booked_xp == 100
    assert play.edit(MONDAY, {"approaches": 5}, catalogue=later).price.base == (900 + xp) // 2 + 100
    assert play.edit(MONDAY, {"approaches": 0, "numbers": 0}, catalogue=later).xp == 0


def test_a_day_keeps_its_balance_when_a_stat_is_retired(play: Play):
    assert play.submit({"approaches": 3, "grounding": 2}).price.templar == 30
    submitted = play.submit({"approaches": 1, "journal": 1}, catalogue=changed("grounding"))
    assert (submitted.price.templar, submitted.booked_xp) == (30, 260)


def test_a_stat_that_comes_back_goes_on_where_it_was(play: Play):
    play.submit({"attended_group_call": 2})
    play.submit({"approaches": 1}, catalogue=changed("attended_group_call"))
    submitted = play.submit({"attended_group_call": 1})
    assert (submitted.counts["attended_group_call"], submitted.price.base) == (3, 700)


def test_what_was_logged_before_a_cap_was_lowered_can_stay_and_be_made_less(play: Play):
    play.submit({"approaches": 10})
    lower = changed("approaches", cap=5)
    assert play.edit(MONDAY, {"approaches": 10, "numbers": 1}, catalogue=lower).booked_xp == 100
    assert play.edit(MONDAY, {"approaches": 8}, catalogue=lower).booked_xp == -200
    with pytest.raises(MemberMistake, match="a day holds at most 5"):
        play.edit(MONDAY, {"approaches": 9}, catalogue=lower)
    with pytest.raises(MemberMistake, match="no more fit in"):
        play.submit({"approaches": 1}, catalogue=lower)


# --- raids ---


def raid(play: Play, *, target: int = 1000) -> None:
    play.main.execute(
        "INSERT INTO raid_events (type, target, tick_points, started_at, ends_at)"
        " VALUES ('warrior', %s, 15, clock_timestamp(), clock_timestamp() + interval '1 hour')",
        [target],
    )


def raid_total(play: Play) -> tuple[int, str]:
    row = play.look.execute("SELECT total, status FROM raid_events").fetchone()
    assert row is not None
    return row


def test_what_is_logged_for_today_contributes_to_the_raid_that_runs(play: Play):
    raid(play)
    assert play.submit({"approaches": 2, "numbers": 1, "grounding": 1}, interaction=8, nonce=7).raid == 45
    assert play.submit({"approaches": 2, "numbers": 1, "grounding": 1}, interaction=8, nonce=7).raid == 45
    assert play.submit({"grounding": 1}).raid is None
    assert play.submit({"approaches": 1}, "yesterday").raid is None
    assert raid_total(play) == (45, "active")


def test_an_edit_of_today_withdraws_from_the_raid_what_it_takes_back(play: Play):
    raid(play)
    day = play.submit({"approaches": 4}).day
    assert play.edit(day, {"approaches": 1, "numbers": 1}).raid == -30
    assert raid_total(play) == (30, "active")
    assert play.delete(day).raid == -30
    assert raid_total(play) == (0, "active")


def test_an_edit_after_midnight_withdraws_what_the_day_before_has_given(play: Play):
    raid(play)
    day = play.submit({"approaches": 4, "numbers": 1}).day
    play.look.execute("UPDATE raid_events SET ends_at = ends_at + interval '2 days'")
    play.clock.advance(hours=24)
    assert play.submit({"approaches": 1}).raid == 15
    assert play.edit(day, {"approaches": 1}).raid == -45
    assert play.edit(day, {"approaches": 9}).raid is None
    assert raid_total(play) == (45, "active")
    assert play.delete(day).raid == -30
    assert raid_total(play) == (15, "active")


def test_what_was_logged_before_the_raid_is_not_withdrawn_from_it(play: Play):
    day = play.submit({"approaches": 4}).day
    raid(play)
    assert play.edit(day, {"approaches": 1}).raid is None
    assert raid_total(play) == (0, "active")


def test_the_submission_that_reaches_the_target_completes_the_raid(play: Play):
    raid(play, target=100)
    assert play.submit({"approaches": 10}).raid == 150
    assert raid_total(play) == (150, "completed")
    assert play.submit({"approaches": 10}).raid is None


def test_points_for_a_raid_that_has_ended_meanwhile_do_not_go_to_the_next(play: Play):
    raid(play)
    play.submit({"grounding": 1})
    first = play.one("UPDATE raid_events SET status = 'failed', ended_at = ends_at RETURNING raid_id")
    raid(play)
    late = contributions.contribute(play.main, ANN.user_id, "stats", "late", {"approaches": 15}, raid_id=first)
    assert late.fetchone() == 0
    assert play.one("SELECT count(*) FROM raid_contributions") == 0


def test_a_member_without_raid_points_does_not_wait_for_one_with_points(play: Play):
    raid(play)
    somebody = play.enter("app_main")
    with somebody.transaction():
        somebody.execute("SELECT FROM raid_events FOR UPDATE")
        assert play.submit({"grounding": 1}).raid is None
        assert play.submit({"approaches": 1}, "yesterday").raid is None
