"""Short stories of the award with a fixed end; the names are what they prove."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, LiteralString

from psycopg import errors

from mastermind.deadline import Deadline
from mastermind.game.catalogue import content as stats
from mastermind.game.challenges import actions as challenges
from mastermind.game.challenges.actions import Outcome
from mastermind.game.ledger import actions as ledger
from mastermind.game.members.rules import Member, Subject
from mastermind.game.standings import actions as standings
from mastermind.game.today import actions as today
from mastermind.game.today.rules import Did
from tests.actors import by
from tests.award.game import ANN, BEN, DELAY, ZONE
from tests.award.interleavings import due_award, stage, swept
from tests.connections import refused

if TYPE_CHECKING:
    from uuid import UUID

    from tests.award.game import Connection, Game
    from tests.award.interleavings import Scenario


def an_award_comes_once_and_not_before_its_time(game: Game) -> None:
    award_id = game.tick().award_id
    assert challenges.apply(game.award, award_id) is Outcome.NOT_DUE
    assert game.balance() == (0, 0)
    game.a_minute_later()
    assert challenges.apply(game.award, award_id) is Outcome.AWARDED
    assert challenges.apply(game.award, award_id) is Outcome.NOTHING
    assert game.balance() == (100, 1)


def an_award_concerns_no_other(game: Game) -> None:
    first, second, bens = due_award(game), game.tick(challenge_id="b").award_id, game.tick(BEN).award_id
    assert challenges.apply(game.award, first) is Outcome.AWARDED
    assert (game.status(second), game.status(bens)) == ("pending", "pending")
    assert game.balance(BEN) == (0, 0)


def a_message_that_names_no_award_does_nothing(game: Game) -> None:
    game.tick()
    assert challenges.apply(game.award, game.one("SELECT uuidv7()")) is Outcome.NOTHING


def a_tick_is_due_after_the_delay_and_counts_for_the_day_of_the_member(game: Game) -> None:
    for user_id, zone in ((8, "Pacific/Kiritimati"), (9, "Pacific/Pago_Pago")):  # never on the same date
        challenges.tick(game.tensey, by(Member(user_id, "x"), user_id, zone), "a", delay=DELAY)
        assert game.look.execute(
            "SELECT due_at - created_at = '60 s', day = (created_at AT TIME ZONE %s)::date, xp"
            " FROM pending_xp_awards WHERE user_id = %s",
            [zone, user_id],
        ).fetchall() == [(True, True, 100)]


def a_wait_for_the_member_does_not_shorten_the_delay(game: Game) -> None:
    game.tick(challenge_id="b")
    with stage(game) as others:
        with game.look.transaction():
            game.look.execute("SELECT FROM users FOR UPDATE")
            waiting = others.tick("a", 1)
            released = game.one("SELECT clock_timestamp()")
        assert waiting.result().live[0].created_at > released


def a_repeated_tick_gets_the_first_answer_and_makes_nothing(game: Game) -> None:
    first, again = tick_as(game, 1), tick_as(game, 1)
    assert (again.award_id, again.fresh, again.live) == (first.award_id, True, first.live)
    game.undo(first.award_id)
    late = tick_as(game, 1)
    assert (late.award_id, late.fresh, late.live) == (first.award_id, True, ())


def a_challenge_that_is_live_is_not_ticked_again(game: Game) -> None:
    award_id = game.tick().award_id
    again = game.tick()
    assert (again.award_id, again.fresh, len(again.live)) == (award_id, False, 1)
    game.a_minute_later()
    swept(game)
    awarded = game.tick()
    assert (awarded.award_id, awarded.fresh) == (award_id, False)


def challenges_and_members_do_not_meddle(game: Game) -> None:
    who = [(ANN, "a"), (ANN, "b"), (BEN, "a"), (BEN, "c")]
    ticked, again = ([game.tick(member, challenge) for member, challenge in who] for _ in range(2))
    assert len({each.award_id for each in ticked}) == len(ticked)
    assert all(each.fresh for each in ticked)
    assert [each.award_id for each in again] == [each.award_id for each in ticked]
    assert not any(each.fresh for each in again)
    assert [award.challenge_id for award in ticked[-1].live] == ["c", "a"]
    assert [award.challenge_id for award in challenges.read(game.tensey, by(ANN, time_zone=ZONE))] == ["b", "a"]
    assert game.tick(BEN, "b").fresh


def an_undo_within_the_minute_leaves_nothing_to_award(game: Game) -> None:
    dead = game.tick().award_id
    undone = game.undo(dead)
    assert (undone.outcome, undone.challenge_id, undone.live) == ("cancelled", "a", ())
    alive = game.tick()
    assert alive.fresh
    game.a_minute_later()
    assert challenges.apply(game.award, dead) is Outcome.NOTHING
    assert challenges.apply(game.award, alive.award_id) is Outcome.AWARDED
    assert game.balance() == (100, 1)


def an_undo_after_the_minute_takes_the_award_back(game: Game) -> None:
    first, second = due_award(game), game.tick(challenge_id="b").award_id
    game.a_minute_later()
    assert swept(game).applied == 2
    undone = game.undo(first)
    assert (undone.outcome, undone.challenge_id) == ("reversed", "a")
    assert [(award.award_id, award.status) for award in undone.live] == [(second, "awarded")]
    assert game.balance() == (100, 1)
    assert game.undo(first).outcome == "gone"
    assert challenges.apply(game.award, first) is Outcome.NOTHING
    assert game.balance() == (100, 1)


def a_repeated_undo_gets_the_first_answer_and_undoes_nothing_more(game: Game) -> None:
    award_id = game.tick().award_id
    first = challenges.undo(game.tensey, by(ANN, 1), award_id)
    renewed = game.tick()
    again = challenges.undo(game.tensey, by(ANN, 1), award_id)
    assert (first.outcome, again.outcome, again.challenge_id) == ("cancelled", "cancelled", "a")
    assert again.live == renewed.live


def an_undo_concerns_no_other_award(game: Game) -> None:
    first, second = game.tick().award_id, game.tick(challenge_id="b").award_id
    game.undo(first)
    assert (game.status(first), game.status(second)) == ("cancelled", "pending")


def nobody_undoes_what_is_not_theirs(game: Game) -> None:
    game.tick(BEN, "b")
    pending = game.tick().award_id
    assert outcome_of(game.undo(pending, BEN)) == ("gone", "")
    game.a_minute_later()
    swept(game)
    assert outcome_of(game.undo(pending, BEN)) == ("gone", "")
    assert game.status(pending) == "awarded"
    assert game.balance() == (100, 1)


def what_was_sent_is_noted_while_it_is_pending(game: Game) -> None:
    first, second = game.tick().award_id, game.tick(challenge_id="b").award_id
    challenges.note_sent(game.tensey, first)
    assert sent(game) == [first]
    game.a_minute_later()
    swept(game)
    challenges.note_sent(game.tensey, second)
    assert sent(game) == [first]


def the_sweep_applies_what_is_due_and_only_that(game: Game) -> None:
    old = [game.tick(member, challenge).award_id for member in (ANN, BEN) for challenge in "ab"]
    game.undo(old[0])
    game.a_minute_later()
    young = game.tick(challenge_id="c").award_id
    report = swept(game)
    assert (report.applied, report.settled, report.busy, report.refused, report.finished) == (3, 0, 0, (), True)
    assert [game.status(each) for each in (*old, young)] == ["cancelled", "awarded", "awarded", "awarded", "pending"]
    assert (swept(game).applied, swept(game).settled) == (0, 0)


def the_sweep_passes_by_who_is_busy_and_what_is_refused(game: Game) -> None:
    refused, fine, busy = game.tick().award_id, game.tick(challenge_id="b").award_id, game.tick(BEN).award_id
    game.a_minute_later()
    with game.superuser() as conn:
        conn.execute("SET session_replication_role = replica")
        conn.execute(
            "INSERT INTO xp_ledger (user_id, xp, kind, source, source_id, day)"
            " VALUES (1, 0, 'award', 'tensey', %s, '2000-01-01')",
            [str(refused)],
        )
    with stage(game) as others:
        with game.look.transaction():
            game.look.execute("SELECT FROM users WHERE user_id = %s FOR UPDATE", [BEN.user_id])
            report = others.sweep().at_once()
        assert (report.applied, report.busy, report.refused, report.finished) == (1, 1, (refused,), True)
    assert [game.status(each) for each in (refused, fine, busy)] == ["pending", "awarded", "pending"]
    game.look.execute("DELETE FROM xp_ledger WHERE source_id = %s", [str(refused)])
    assert swept(game).applied == 2


def the_sweep_stops_two_seconds_before_its_time_is_up(game: Game) -> None:
    award_id = due_award(game)
    report = challenges.sweep(game.award, Deadline.after(1.9))
    assert (report.applied, report.finished, game.status(award_id)) == (0, False, "pending")


def other_members_hold_nobody_up(game: Game) -> None:
    award_id = due_award(game)
    game.tick(BEN)
    with stage(game) as others, game.look.transaction():
        game.look.execute("SELECT FROM users WHERE user_id = %s FOR UPDATE", [BEN.user_id])
        assert others.award(award_id).at_once() is Outcome.AWARDED
        assert others.undo(award_id, 1).at_once().outcome == "reversed"
        assert others.tick("a", 2).at_once().fresh


def looking_waits_for_nobody_while_the_name_is_the_same(game: Game) -> None:
    game.tick()
    with stage(game) as others, game.look.transaction():
        game.look.execute("SELECT FROM users FOR UPDATE")
        assert (
            len(others.start("app_tensey", lambda conn: challenges.read(conn, by(ANN, time_zone=ZONE))).at_once()) == 1
        )
        look = partial(standings.read_scorecards, catalogue=stats.load())
        assert others.start("app_main", lambda conn: look(conn, by(ANN, time_zone=ZONE))).at_once() is not None


def a_new_name_is_seen_at_once_and_is_nobody_elses(game: Game) -> None:
    award_id = game.tick().award_id
    game.tick(BEN)
    game.tick(Member(1, "Anna"), "b")
    assert names(game) == ["Anna", "Ben"]
    game.undo(award_id, Member(1, "Anne"))
    assert names(game) == ["Anne", "Ben"]
    seen = game.one("SELECT updated_at FROM users WHERE user_id = 2")
    game.undo(award_id, BEN)  # not theirs, and their name is as it was
    assert game.one("SELECT updated_at FROM users WHERE user_id = 2") == seen


def tensey_cannot_award_nor_touch_what_is_settled(game: Game) -> None:
    award_id = due_award(game)
    game.tick(challenge_id="b")
    denied(game.tensey, "UPDATE pending_xp_awards SET status = 'awarded', resolved_at = now()")
    denied(game.tensey, "UPDATE pending_xp_awards SET status = 'reversed', resolved_at = now()")
    challenges.apply(game.award, award_id)
    untouched(game.tensey, "UPDATE pending_xp_awards SET sent_at = now() WHERE challenge_id = 'a'")
    untouched(game.tensey, "UPDATE pending_xp_awards SET status = 'cancelled' WHERE challenge_id = 'a'")


def tensey_cannot_tick_an_award_that_is_settled(game: Game) -> None:
    game.tick()
    denied(
        game.tensey,
        "INSERT INTO pending_xp_awards (user_id, challenge_id, status) VALUES (1, 'z', 'awarded')",
    )


def award_can_only_award(game: Game) -> None:
    award_id = due_award(game)
    denied(game.award, "UPDATE pending_xp_awards SET status = 'cancelled', resolved_at = now()")
    denied(game.award, "UPDATE pending_xp_awards SET status = 'reversed', resolved_at = now()")
    game.undo(award_id)
    untouched(game.award, "UPDATE pending_xp_awards SET status = 'awarded'")


def main_changes_no_award(game: Game) -> None:
    game.tick()
    denied(game.main, "UPDATE pending_xp_awards SET status = 'cancelled', resolved_at = now()")
    denied(game.main, "DELETE FROM pending_xp_awards")
    denied(game.main, "UPDATE users SET xp = 1000")


def an_award_is_booked_once_however_often_tried(game: Game) -> None:
    award_id = due_award(game)
    challenges.apply(game.award, award_id)
    with refused(errors.UniqueViolation):
        game.award.execute(
            "INSERT INTO xp_ledger (user_id, xp, kind, source, source_id, day)"
            " SELECT user_id, xp, 'award', 'tensey', award_id::text, day FROM pending_xp_awards WHERE award_id = %s",
            [award_id],
        )


def one_challenge_is_live_once_however_often_tried(game: Game) -> None:
    for settle in (False, True):
        game.tick()
        if settle:
            game.a_minute_later()
            swept(game)
        with refused(errors.UniqueViolation):
            game.look.execute(
                "INSERT INTO pending_xp_awards (user_id, challenge_id, xp, day, due_at)"
                " VALUES (1, 'a', 100, '2026-01-01', now() + interval '1 h')"
            )


def a_row_that_contradicts_itself_is_refused(game: Game) -> None:
    game.tick()
    for change in (
        "UPDATE pending_xp_awards SET status = 'awarded'",
        "UPDATE pending_xp_awards SET resolved_at = now()",
        "UPDATE pending_xp_awards SET status = 'lost', resolved_at = now()",
        "UPDATE pending_xp_awards SET due_at = created_at - interval '1 s'",
        "UPDATE pending_xp_awards SET xp = 0",
    ):
        with refused(errors.CheckViolation):
            game.look.execute(change)


def a_reversal_takes_the_member_before_the_award(game: Game) -> None:
    award_id = due_award(game)
    swept(game)

    def reverse(conn: Connection) -> None:
        conn.execute("SELECT reverse_award(%s, 1)", [award_id])

    with stage(game) as others:
        with game.look.transaction():
            game.look.execute("SELECT FROM users WHERE user_id = 1 FOR UPDATE")
            waiting = others.start("app_tensey", reverse)
            game.look.execute("SELECT FROM pending_xp_awards FOR UPDATE NOWAIT")  # still free
        waiting.result()
    assert game.status(award_id) == "reversed"


def a_reversal_stands_on_the_day_of_its_award(game: Game) -> None:
    award_id = due_award(game)
    swept(game)
    game.undo(award_id)
    assert game.look.execute(
        "SELECT kind, xp, count(*) OVER (PARTITION BY day), details ->> 'challenge_id' FROM xp_ledger ORDER BY id"
    ).fetchall() == [("award", 100, 2, "a"), ("reversal", -100, 2, "a")]


# --- the challenge of the day ---


def the_challenge_of_the_day_brings_its_xp_once_for_either(game: Game) -> None:
    game.choose()
    assert [game.do(each) for each in ("c", "b", "a", "b")] == [Did.OTHER_DAY, Did.AWARDED, Did.HAD, Did.HAD]
    assert (game.balance(), game.balance(BEN)) == ((50, 0), (0, 0))
    assert game.do("a", BEN) is Did.AWARDED
    assert (game.balance(), game.balance(BEN)) == ((50, 0), (50, 0))


def the_same_interaction_does_it_once_and_gets_the_same_answer(game: Game) -> None:
    game.choose()
    answers = [today.do(game.main, by(ANN, 7, ZONE), "a").did for _ in range(2)]
    assert answers == [Did.AWARDED, Did.AWARDED]
    assert game.take_back()
    assert today.do(game.main, by(ANN, 7, ZONE), "a").did is Did.AWARDED
    assert game.balance() == (0, 0)


def the_challenge_of_the_day_is_taken_back_once_and_by_its_member(game: Game) -> None:
    game.choose()
    game.do()
    award_id = game.of_day()
    assert award_id
    game.do(member=BEN)
    undone = [today.undo(game.main, by(who, n), award_id).undone for n, who in ((7, BEN), (8, ANN), (8, ANN), (9, ANN))]
    assert undone == [False, True, True, False]
    assert (game.balance(), game.balance(BEN)) == ((0, 0), (50, 0))
    assert game.do() is Did.AWARDED
    assert game.balance() == (50, 0)


def a_tick_of_it_brings_the_xp_too_when_it_is_awarded(game: Game) -> None:
    game.choose()
    award_id, other = game.tick().award_id, game.tick(challenge_id="b").award_id
    game.tick(challenge_id="c")
    assert game.of_day() is None
    game.a_minute_later()
    assert swept(game).applied == 3
    assert game.balance() == (350, 3)
    assert game.do("b") is Did.HAD
    assert game.undo(other).outcome == "reversed"
    assert game.balance() == (250, 2)
    assert game.undo(award_id).outcome == "reversed"
    assert game.balance() == (100, 1)
    assert game.do("b") is Did.AWARDED


def an_undo_before_the_award_leaves_nothing_to_bring(game: Game) -> None:
    game.choose()
    game.undo(due_award(game))
    swept(game)
    assert (game.balance(), game.of_day()) == ((0, 0), None)


def what_was_done_in_today_stays_when_its_tick_is_undone(game: Game) -> None:
    game.choose()
    award_id = due_award(game)
    game.do()
    challenges.apply(game.award, award_id)
    assert game.balance() == (150, 1)
    game.undo(award_id)
    assert game.balance() == (50, 0)


def a_challenge_that_was_done_long_ago_brings_it(game: Game) -> None:
    due_award(game)
    swept(game)
    game.choose()
    assert game.do() is Did.AWARDED
    assert game.balance() == (150, 1)


def a_reset_takes_the_challenges_of_days(game: Game) -> None:
    game.choose()
    game.do()
    ledger.reset(game.main, by(BEN, 5, ZONE), Subject(ANN.user_id), "because")
    assert (game.balance(), game.of_day()) == ((0, 0), None)
    assert game.do() is Did.AWARDED


STORIES: tuple[Scenario, ...] = (
    the_challenge_of_the_day_brings_its_xp_once_for_either,
    the_same_interaction_does_it_once_and_gets_the_same_answer,
    the_challenge_of_the_day_is_taken_back_once_and_by_its_member,
    a_tick_of_it_brings_the_xp_too_when_it_is_awarded,
    an_undo_before_the_award_leaves_nothing_to_bring,
    what_was_done_in_today_stays_when_its_tick_is_undone,
    a_challenge_that_was_done_long_ago_brings_it,
    a_reset_takes_the_challenges_of_days,
    an_award_comes_once_and_not_before_its_time,
    an_award_concerns_no_other,
    a_message_that_names_no_award_does_nothing,
    a_tick_is_due_after_the_delay_and_counts_for_the_day_of_the_member,
    a_repeated_tick_gets_the_first_answer_and_makes_nothing,
    a_challenge_that_is_live_is_not_ticked_again,
    challenges_and_members_do_not_meddle,
    an_undo_within_the_minute_leaves_nothing_to_award,
    an_undo_after_the_minute_takes_the_award_back,
    a_repeated_undo_gets_the_first_answer_and_undoes_nothing_more,
    an_undo_concerns_no_other_award,
    nobody_undoes_what_is_not_theirs,
    what_was_sent_is_noted_while_it_is_pending,
    the_sweep_applies_what_is_due_and_only_that,
    the_sweep_stops_two_seconds_before_its_time_is_up,
    a_new_name_is_seen_at_once_and_is_nobody_elses,
    tensey_cannot_award_nor_touch_what_is_settled,
    tensey_cannot_tick_an_award_that_is_settled,
    award_can_only_award,
    main_changes_no_award,
    an_award_is_booked_once_however_often_tried,
    one_challenge_is_live_once_however_often_tried,
    a_row_that_contradicts_itself_is_refused,
    a_reversal_stands_on_the_day_of_its_award,
    the_sweep_passes_by_who_is_busy_and_what_is_refused,
    a_wait_for_the_member_does_not_shorten_the_delay,
    other_members_hold_nobody_up,
    looking_waits_for_nobody_while_the_name_is_the_same,
    a_reversal_takes_the_member_before_the_award,
)


def tick_as(game: Game, interaction_id: int) -> challenges.Ticked:
    return challenges.tick(game.tensey, by(ANN, interaction_id, ZONE), "a", delay=DELAY)


def outcome_of(undone: challenges.Undone) -> tuple[str, str]:
    return undone.outcome, undone.challenge_id


def sent(game: Game) -> list[UUID]:
    return [each for (each,) in game.look.execute("SELECT award_id FROM pending_xp_awards WHERE sent_at IS NOT NULL")]


def names(game: Game) -> list[str]:
    return [name for (name,) in game.look.execute("SELECT display_name FROM users ORDER BY user_id")]


def denied(conn: Connection, statement: LiteralString) -> None:
    with refused(errors.InsufficientPrivilege):
        conn.execute(statement)


def untouched(conn: Connection, statement: LiteralString) -> None:
    assert conn.execute(statement).rowcount == 0
