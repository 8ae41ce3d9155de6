"""A Hypothesis state machine on a real PostgreSQL with the real roles: the invariants of docs/rules/awards.md hold."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from mastermind.deadline import Deadline
from mastermind.errors import MemberMistake
from mastermind.game.challenges import actions as ticks
from mastermind.game.challenges.actions import Outcome, Ticked, Undone
from mastermind.game.challenges.rules import CHALLENGE_XP
from mastermind.game.ledger import actions as ledger
from mastermind.game.members.rules import Member, Subject
from mastermind.game.privacy import actions as privacy
from mastermind.game.standings import table as boards
from mastermind.game.today import actions as today
from mastermind.game.today.rules import DAY_XP, Did
from mastermind.postgres.errors import DatabaseError
from tests.actors import by
from tests.award.game import DELAY, ZONE, Game, connect
from tests.award.wire import Wire

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from tests.award.game import Connection

STORIES = 40
STEPS = 30

MEMBERS = tuple(Member(user_id, name) for user_id, name in ((1, "Ann"), (2, "Ben"), (3, "Cem")))
ADMIN = Member(9, "Admin")
CHALLENGES = "abc"
OF_DAY = "ab"  # of every day, as Game.choose has it

members = st.sampled_from(MEMBERS)
challenges = st.sampled_from(CHALLENGES)
picks = st.integers(0, 1_000)  # which of those there are, counted around


@dataclass(frozen=True)
class Award:
    """An award as the model knows it."""

    award_id: UUID
    user_id: int
    challenge_id: str
    status: str = "pending"
    due: bool = False

    @property
    def live(self) -> bool:
        return self.status in {"pending", "awarded"}


class AwardMachine(RuleBasedStateMachine):
    """What members, the queue, the clock and bad luck can do, and a model of what must come of it."""

    game: ClassVar[Game]
    wire: ClassVar[Wire]

    def __init__(self) -> None:
        super().__init__()
        self.game.clean()
        self.game.choose()
        self.of_days: dict[int, UUID | None] = {}  # by member: the tick that brought today's, None if none did
        self.done: dict[int, tuple[Member, str, Did]] = {}
        self.awards: dict[UUID, Award] = {}  # in the order of their ticks
        self.ticked: dict[int, tuple[Member, str, UUID, bool]] = {}  # by interaction: what came of it
        self.undone: dict[int, tuple[Member, UUID, str]] = {}
        self.admin_xp: dict[int, int] = {}
        self.ledger: dict[int, tuple[Any, ...]] = {}
        self.forgotten: list[UUID] = []  # awards that are no more
        self.interaction = 0

    # --- what members do ---

    @rule(member=members, challenge_id=challenges)
    def tick(self, member: Member, challenge_id: str) -> None:
        self.expect_tick(member, challenge_id, self._tick(self.game.tensey, member, challenge_id, self.next()))

    @precondition(lambda self: self.awards)
    @rule(member=members, pick=picks)
    def undo(self, member: Member, pick: int) -> None:
        award = self.picked(pick)
        undone = ticks.undo(self.game.tensey, by(member, self.next()), award.award_id)
        self.expect_undo(member, award.award_id)
        assert undone.outcome == self.undone[self.interaction][2]
        assert undone.challenge_id == (award.challenge_id if award.user_id == member.user_id else "")
        self.expect_live(member, undone)

    @precondition(lambda self: self.ticked)
    @rule(pick=picks)
    def repeat_a_tick(self, pick: int) -> None:
        interaction = sorted(self.ticked)[pick % len(self.ticked)]
        member, challenge_id, award_id, fresh = self.ticked[interaction]
        ticked = self._tick(self.game.tensey, member, challenge_id, interaction)
        assert (ticked.award_id, ticked.fresh) == (award_id, fresh)
        self.expect_live(member, ticked)

    @precondition(lambda self: self.undone)
    @rule(pick=picks)
    def repeat_an_undo(self, pick: int) -> None:
        interaction = sorted(self.undone)[pick % len(self.undone)]
        member, award_id, outcome = self.undone[interaction]
        undone = ticks.undo(self.game.tensey, by(member, interaction), award_id)
        assert undone.outcome == outcome
        self.expect_live(member, undone)

    @rule(member=members, challenge_id=challenges)
    def do_the_challenge_of_the_day(self, member: Member, challenge_id: str) -> None:
        done = today.do(self.game.main, by(member, self.next(), ZONE), challenge_id)
        assert done.did is self.expect_done(member, challenge_id)

    @precondition(lambda self: self.done)
    @rule(pick=picks)
    def repeat_doing_it(self, pick: int) -> None:
        interaction = sorted(self.done)[pick % len(self.done)]
        member, challenge_id, did = self.done[interaction]
        assert today.do(self.game.main, by(member, interaction, ZONE), challenge_id).did is did

    @rule(member=members, twice=st.booleans())
    def take_the_challenge_of_the_day_back(self, member: Member, twice: bool) -> None:
        award_id = self.game.of_day(member)
        assert (award_id is not None) == (member.user_id in self.of_days)
        interaction = self.next()
        for _ in range(1 + twice):
            if award_id:
                assert today.undo(self.game.main, by(member, interaction), award_id).undone
        self.of_days.pop(member.user_id, None)

    @rule(member=members, hidden=st.booleans())
    def hide(self, member: Member, hidden: bool) -> None:
        self.game.main.execute("UPDATE users SET hidden = %s WHERE user_id = %s", [hidden, member.user_id])

    # --- what the queue and the clock do; a send that is dropped is a message that never comes ---

    @precondition(lambda self: self.awards)
    @rule(pick=picks)
    def note_sent(self, pick: int) -> None:
        ticks.note_sent(self.game.tensey, self.picked(pick).award_id)

    @precondition(lambda self: self.awards)
    @rule(pick=picks)
    def deliver_any_message(self, pick: int) -> None:
        award = self.picked(pick)
        outcome = ticks.apply(self.game.award, award.award_id)
        if award.status != "pending":
            assert outcome is Outcome.NOTHING
        elif award.due:
            assert outcome is Outcome.AWARDED
            self.change(award.award_id, status="awarded")
        else:
            assert outcome is Outcome.NOT_DUE

    @rule()
    def a_minute_passes(self) -> None:
        self.game.a_minute_later()
        self.awards = {each: replace(award, due=True) for each, award in self.awards.items()}

    @rule()
    def sweep(self) -> None:
        due = [award.award_id for award in self.awards.values() if award.status == "pending" and award.due]
        report = ticks.sweep(self.game.award, Deadline.after(60))
        assert (report.applied, report.settled, report.busy, report.refused) == (len(due), 0, 0, ())
        for award_id in due:
            self.change(award_id, status="awarded")
        left = self.game.one("SELECT count(*) FROM pending_xp_awards WHERE status = 'pending' AND due_at <= now()")
        assert left == 0, "I9"

    # --- what an admin does ---

    @rule(member=members, xp=st.integers(-400, 400))
    def adjust_xp(self, member: Member, xp: int) -> None:
        with self.game.main.transaction():
            found = self.game.main.execute("SELECT FROM users WHERE user_id = %s FOR UPDATE", [member.user_id]).rowcount
            if found:
                self.game.main.execute(
                    "INSERT INTO xp_ledger (user_id, xp, kind, source, source_id, day)"
                    " VALUES (%s, %s, 'adjustment', 'admin', %s, current_date)",
                    [member.user_id, xp, str(self.next())],
                )
                self.admin_xp[member.user_id] = self.admin_xp.get(member.user_id, 0) + xp

    @rule(member=members)
    def reset(self, member: Member) -> None:
        ids = (self.next(), self.next())
        with suppress(MemberMistake):  # somebody who was never met
            self._reset(self.game.main, member, ids)
            self.expect_reset(member)

    @rule(member=members)
    def forget(self, member: Member) -> None:
        privacy.delete(self.game.main, by(member, self.next()))
        self.expect_nobody(member)

    @precondition(lambda self: self.forgotten)
    @rule(pick=picks)
    def deliver_a_message_of_somebody_who_was_forgotten(self, pick: int) -> None:
        late = self.forgotten[pick % len(self.forgotten)]
        assert ticks.apply(self.game.award, late) is Outcome.NOTHING

    # --- bad luck: the connection is cut after some statements, or the answer is lost ---

    @rule(member=members, challenge_id=challenges, statements=st.none() | st.integers(0, 10), again=st.booleans())
    def crash_in_a_tick(self, member: Member, challenge_id: str, statements: int | None, again: bool) -> None:
        interaction = self.next()
        self.crash("app_tensey", statements, lambda conn: self._tick(conn, member, challenge_id, interaction))
        stored = self.stored(interaction)
        if stored is not None:
            self.learn_tick(member, challenge_id, stored[0], fresh=stored[1])
        if again:
            ticked = self._tick(self.game.tensey, member, challenge_id, interaction)
            if stored is None:
                self.expect_tick(member, challenge_id, ticked)
            assert (ticked.award_id, ticked.fresh) == self.ticked[interaction][2:]

    @precondition(lambda self: self.awards)
    @rule(member=members, pick=picks, statements=st.none() | st.integers(0, 10))
    def crash_in_an_undo(self, member: Member, pick: int, statements: int | None) -> None:
        award, interaction = self.picked(pick), self.next()
        self.crash("app_tensey", statements, lambda conn: ticks.undo(conn, by(member, interaction), award.award_id))
        if self.stored(interaction) is not None:
            self.expect_undo(member, award.award_id)

    @precondition(lambda self: self.awards)
    @rule(pick=picks, statements=st.none() | st.integers(0, 5))
    def crash_in_an_award(self, pick: int, statements: int | None) -> None:
        award = self.picked(pick)
        self.crash("app_award", statements, lambda conn: ticks.apply(conn, award.award_id))
        if award.status == "pending" and self.game.status(award.award_id) == "awarded":
            assert award.due, "I6"
            self.change(award.award_id, status="awarded")

    @rule(member=members, challenge_id=challenges, statements=st.none() | st.integers(0, 12), again=st.booleans())
    def crash_in_doing_it(self, member: Member, challenge_id: str, statements: int | None, again: bool) -> None:
        interaction = self.next()
        self.crash("app_main", statements, lambda conn: today.do(conn, by(member, interaction, ZONE), challenge_id))
        stored = self.is_stored(interaction)
        if stored:
            self.expect_done(member, challenge_id)
        if again:
            done = today.do(self.game.main, by(member, interaction, ZONE), challenge_id)
            assert done.did is (self.done[interaction][2] if stored else self.expect_done(member, challenge_id))

    @rule(member=members, statements=st.none() | st.integers(0, 14), again=st.booleans())
    def crash_in_a_reset(self, member: Member, statements: int | None, again: bool) -> None:
        ids = (self.next(), self.next())
        self.crash("app_main", statements, lambda conn: self._reset(conn, member, ids))
        done = self.is_stored(ids[0])
        if done:
            self.expect_reset(member)
        if again:
            with suppress(MemberMistake):
                assert self._reset(self.game.main, member, ids) == done
                self.expect_reset(member)

    @rule(member=members, statements=st.none() | st.integers(0, 6), again=st.booleans())
    def crash_in_a_forgetting(self, member: Member, statements: int | None, again: bool) -> None:
        interaction = self.next()
        self.crash("app_main", statements, lambda conn: privacy.delete(conn, by(member, interaction)))
        if again:
            privacy.delete(self.game.main, by(member, interaction))
        is_done = self.game.one("SELECT count(*) FROM deletions WHERE interaction_id = %s", interaction) == 1
        if again or is_done:
            self.expect_nobody(member)

    # --- what must be so after every step ---

    @invariant()
    def nothing_is_broken(self) -> None:
        self.game.check()

    @invariant()
    def balances_are_those_of_the_model(self) -> None:
        for member in MEMBERS:
            awarded = [award for award in self.of(member) if award.status == "awarded"]
            of_day = DAY_XP * (member.user_id in self.of_days)
            xp = CHALLENGE_XP * len(awarded) + of_day + self.admin_xp.get(member.user_id, 0)
            assert self.game.balance(member) == (xp, len(awarded)), "I10"

    @invariant()
    def every_award_is_as_the_model_has_it(self) -> None:
        rows = self.game.look.execute("SELECT award_id, status FROM pending_xp_awards").fetchall()
        assert dict(rows) == {each: award.status for each, award in self.awards.items()}, "I12"

    @invariant()
    def the_ledger_only_grows(self) -> None:
        rows = {row[0]: row for row in self.game.look.execute("SELECT * FROM xp_ledger ORDER BY id")}
        assert {key: rows.get(key) for key in self.ledger} == self.ledger, "I8"
        self.ledger = rows

    @invariant()
    def the_list_shows_what_is_live_and_the_card_the_rank(self) -> None:
        standings = dict(self.game.look.execute("SELECT user_id, xp FROM users WHERE NOT hidden").fetchall())
        for member in MEMBERS:
            card = boards.scorecard(self.game.main, member.user_id).fetchone()
            if card is None:
                continue
            shown = ticks.read(self.game.tensey, by(member, time_zone=ZONE))
            assert [award.award_id for award in shown] == self.live(member), "I11"
            xp, _ = self.game.balance(member)
            assert card.rank == 1 + sum(other > max(xp, 0) for other in standings.values())  # boards begin at none

    # --- the model ---

    def next(self) -> int:
        self.interaction += 1
        return self.interaction

    def picked(self, pick: int) -> Award:
        return list(self.awards.values())[pick % len(self.awards)]

    def of(self, member: Member) -> list[Award]:
        return [award for award in self.awards.values() if award.user_id == member.user_id]

    def live(self, member: Member) -> list[UUID]:
        return [award.award_id for award in reversed(self.of(member)) if award.live]

    def change(self, award_id: UUID, *, status: str) -> None:
        award = self.awards[award_id] = replace(self.awards[award_id], status=status)
        if status == "awarded" and award.challenge_id in OF_DAY:
            self.of_days.setdefault(award.user_id, award_id)
        if status == "reversed" and self.of_days.get(award.user_id) == award_id:
            del self.of_days[award.user_id]

    def expect_done(self, member: Member, challenge_id: str) -> Did:
        did = Did.OTHER_DAY
        if challenge_id in OF_DAY:
            did = Did.HAD if member.user_id in self.of_days else Did.AWARDED
            self.of_days.setdefault(member.user_id, None)
        self.done[self.interaction] = member, challenge_id, did
        return did

    def expect_tick(self, member: Member, challenge_id: str, ticked: Ticked) -> None:
        self.learn_tick(member, challenge_id, ticked.award_id, fresh=ticked.fresh)
        self.expect_live(member, ticked)

    def learn_tick(self, member: Member, challenge_id: str, award_id: UUID, *, fresh: bool) -> None:
        before = [award.award_id for award in self.of(member) if award.live and award.challenge_id == challenge_id]
        assert fresh == (not before), "I5"
        assert fresh == (award_id not in self.awards)
        if fresh:
            self.awards[award_id] = Award(award_id, member.user_id, challenge_id)
        else:
            assert [award_id] == before
        self.ticked[self.interaction] = member, challenge_id, award_id, fresh

    def expect_undo(self, member: Member, award_id: UUID) -> None:
        award = self.awards[award_id]
        outcome = {"pending": "cancelled", "awarded": "reversed"}.get(award.status, "gone")
        if award.user_id != member.user_id:
            outcome = "gone"
        if outcome != "gone":
            self.change(award_id, status=outcome)
        self.undone[self.interaction] = member, award_id, outcome

    def expect_reset(self, member: Member) -> None:
        """Nothing is live, and one row takes what is left of XP."""
        for award in self.of(member):
            if award.live:
                self.change(award.award_id, status="cancelled" if award.status == "pending" else "reversed")
        self.admin_xp[member.user_id] = 0
        self.of_days.pop(member.user_id, None)

    def expect_nobody(self, member: Member) -> None:
        """No row is left; only this takes rows from the ledger (I8)."""
        self.forgotten += [award.award_id for award in self.of(member)]
        self.awards = {key: award for key, award in self.awards.items() if award.user_id != member.user_id}
        self.ticked = {key: done for key, done in self.ticked.items() if done[0] != member}
        self.done = {key: done for key, done in self.done.items() if done[0] != member}
        self.of_days.pop(member.user_id, None)
        self.undone = {
            key: done for key, done in self.undone.items() if done[0] != member and done[1] not in self.forgotten
        }
        self.ledger = {key: row for key, row in self.ledger.items() if row[1] != member.user_id}
        self.admin_xp[member.user_id] = 0
        assert self.game.look.execute("SELECT FROM users WHERE user_id = %s", [member.user_id]).rowcount == 0

    def expect_live(self, member: Member, answer: Ticked | Undone) -> None:
        assert [award.award_id for award in answer.live] == self.live(member), "I11"

    def stored(self, interaction: int) -> tuple[UUID, bool] | None:
        return self.game.look.execute(
            "SELECT (outcome ->> 'award_id')::uuid, (outcome ->> 'fresh')::boolean"
            " FROM interactions_done WHERE interaction_id = %s",
            [interaction],
        ).fetchone()

    def is_stored(self, interaction: int) -> bool:
        query = "SELECT count(*) FROM interactions_done WHERE interaction_id = %s"
        return self.game.one(query, interaction) == 1

    def _reset(self, conn: Connection, member: Member, ids: tuple[int, int]) -> bool:
        """Whether it was a repeat."""
        return ledger.reset(conn, by(ADMIN, ids[0], ZONE, nonce=ids[1]), Subject(member.user_id), "because").repeated

    def _tick(self, conn: Connection, member: Member, challenge_id: str, interaction: int) -> Ticked:
        return ticks.tick(conn, by(member, interaction, ZONE), challenge_id, delay=DELAY)

    def crash(self, role: str, statements: int | None, action: Callable[[Connection], object]) -> None:
        """Do it over a wire that is cut after so many statements, or that loses the answer."""
        self.wire.restore()
        conn = connect(self.game.postgres, role, self.wire.port)
        pid = conn.pgconn.backend_pid
        if statements is None:
            self.wire.lose_the_answer()
        else:
            self.wire.cut_after(statements)
        with suppress(DatabaseError, MemberMistake):
            action(conn)
        self.wire.cut()
        conn.close()
        self.game.wait_until_gone(pid)


@pytest.mark.prove
@pytest.mark.timeout(1800)  # to shrink a story that fails takes minutes
@pytest.mark.filterwarnings("ignore::hypothesis.errors.NonInteractiveExampleWarning")
def test_whatever_happens_the_invariants_hold(game: Game):
    with Wire(game.postgres.port) as wire:
        machine = type("Machine", (AwardMachine,), {"game": game, "wire": wire})
        run_state_machine_as_test(
            machine,
            settings=settings(
                max_examples=STORIES,
                stateful_step_count=STEPS,
                database=None,
                phases=[Phase.generate, Phase.shrink],
                suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
            ),
        )
