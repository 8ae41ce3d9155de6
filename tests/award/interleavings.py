"""Two sessions at once, one held after its writes and before its commit: each pair of actions, in both orders."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from typing import TYPE_CHECKING, NamedTuple

from mastermind.deadline import Deadline
from mastermind.game.challenges import actions as challenges
from mastermind.game.challenges.actions import Outcome, SweepReport
from mastermind.game.today import actions as today
from mastermind.game.today.rules import Did
from tests.actors import by
from tests.award.game import ANN, DELAY, ZONE
from tests.waiting import wait_for

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from concurrent.futures import Future
    from uuid import UUID

    from mastermind.game.challenges.actions import Ticked, Undone
    from mastermind.game.today.actions import Done
    from tests.award.game import Connection, Game

SWEEP = 20.0  # seconds; also of one that a mutation never lets end

type Scenario = Callable[[Game], None]


class Session[Result](NamedTuple):
    """An action on its way in another thread."""

    future: Future[Result]
    pid: int

    def waits(self) -> bool:
        """Whether it has not ended: it waits for another one."""
        return not self.future.done()

    def at_once(self) -> Result:
        """The result of what must not wait for another one."""
        assert not self.waits()
        return self.result()

    def result(self) -> Result:
        return self.future.result(timeout=60)


class Stage:
    """Runs actions beside each other, on connections of their own."""

    def __init__(self, game: Game, threads: ThreadPoolExecutor, connections: ExitStack) -> None:
        self._game, self._threads, self._connections = game, threads, connections

    def start[Result](self, role: str, action: Callable[[Connection], Result]) -> Session[Result]:
        """Start it, and return when it waits for a lock or has ended."""
        conn = self._connections.enter_context(closing(self._game.connect(role)))
        session = Session(self._threads.submit(action, conn), conn.pgconn.backend_pid)
        wait_for(lambda: session.future.done() or self._game.is_waiting(session.pid), every=0.002)
        return session

    def tick(self, challenge_id: str, interaction_id: int) -> Session[Ticked]:
        def action(conn: Connection) -> Ticked:
            return challenges.tick(conn, by(ANN, interaction_id, ZONE), challenge_id, delay=DELAY)

        return self.start("app_tensey", action)

    def undo(self, award_id: UUID, interaction_id: int) -> Session[Undone]:
        return self.start("app_tensey", lambda conn: challenges.undo(conn, by(ANN, interaction_id), award_id))

    def do(self, challenge_id: str, interaction_id: int) -> Session[Done]:
        return self.start("app_main", lambda conn: today.do(conn, by(ANN, interaction_id, ZONE), challenge_id))

    def take_back(self, award_id: UUID, interaction_id: int) -> Session[today.Undone]:
        return self.start("app_main", lambda conn: today.undo(conn, by(ANN, interaction_id), award_id))

    def award(self, award_id: UUID) -> Session[Outcome]:
        return self.start("app_award", lambda conn: challenges.apply(conn, award_id))

    def sweep(self) -> Session[SweepReport]:
        return self.start("app_award", lambda conn: challenges.sweep(conn, Deadline.after(SWEEP)))


@contextmanager
def stage(game: Game) -> Generator[Stage]:
    with ExitStack() as connections, ThreadPoolExecutor(4) as threads:
        yield Stage(game, threads, connections)


@contextmanager
def outcome_held(game: Game, interaction_id: int) -> Generator[None]:
    """Anyone who stores this interaction's outcome waits, with all else written, until the block ends."""
    with game.superuser() as conn, conn.transaction(force_rollback=True):
        conn.execute(
            "INSERT INTO interactions_done (interaction_id, user_id, outcome) VALUES (%s, 0, '{}')", [interaction_id]
        )
        yield


@contextmanager
def ledger_held(game: Game, award_id: UUID) -> Generator[None]:
    """Anyone who books this award waits, with its state written, until the block ends."""
    with game.superuser() as conn, conn.transaction(force_rollback=True):
        conn.execute("SET LOCAL session_replication_role = replica")  # no triggers: the member's row stays free
        conn.execute(
            "INSERT INTO xp_ledger (user_id, xp, kind, source, source_id, day)"
            " VALUES (1, 0, 'award', 'tensey', %s, '2000-01-01')",
            [str(award_id)],
        )
        yield


def due_award(game: Game) -> UUID:
    award_id = game.tick().award_id
    game.a_minute_later()
    return award_id


def swept(game: Game) -> SweepReport:
    return challenges.sweep(game.award, Deadline.after(SWEEP))


def tick_then_tick(game: Game) -> None:
    with stage(game) as others:
        with outcome_held(game, 1):
            first = others.tick("a", 1)
            second = others.tick("a", 2)
            assert second.waits()
        assert first.result().fresh
        assert not second.result().fresh
        assert second.result().award_id == first.result().award_id
        assert second.result().live == first.result().live


def tick_then_undo(game: Game) -> None:
    award_id = due_award(game)
    with stage(game) as others:
        with outcome_held(game, 1):
            first = others.tick("a", 1)
            second = others.undo(award_id, 2)
            assert second.waits()
        assert (first.result().award_id, first.result().fresh) == (award_id, False)
        assert (second.result().outcome, second.result().live) == ("cancelled", ())


def undo_then_tick(game: Game) -> None:
    award_id = due_award(game)
    with stage(game) as others:
        with outcome_held(game, 1):
            first = others.undo(award_id, 1)
            second = others.tick("a", 2)
            assert second.waits()
        assert (first.result().outcome, first.result().live) == ("cancelled", ())
        assert second.result().fresh
        assert second.result().award_id != award_id


def tick_then_award(game: Game) -> None:
    award_id = due_award(game)
    with stage(game) as others:
        with outcome_held(game, 1):
            first = others.tick("a", 1)
            second = others.award(award_id)
            assert second.waits()
        assert (first.result().award_id, first.result().fresh) == (award_id, False)
        assert second.result() is Outcome.AWARDED


def award_then_tick(game: Game) -> None:
    award_id = due_award(game)
    with stage(game) as others:
        with ledger_held(game, award_id):
            first = others.award(award_id)
            second = others.tick("a", 1)
            assert second.waits()
        assert first.result() is Outcome.AWARDED
        assert (second.result().award_id, second.result().fresh) == (award_id, False)
        assert [award.status for award in second.result().live] == ["awarded"]


def tick_then_sweep(game: Game) -> None:
    award_id = due_award(game)
    with stage(game) as others:
        with outcome_held(game, 1):
            first = others.tick("b", 1)
            report = others.sweep().at_once()
        assert (report.applied, report.busy) == (0, 1)
        assert first.result().fresh
        assert swept(game).applied == 1
        assert game.status(award_id) == "awarded"


def sweep_then_tick(game: Game) -> None:
    award_id = due_award(game)
    with stage(game) as others:
        with ledger_held(game, award_id):
            first = others.sweep()
            second = others.tick("a", 1)
            assert second.waits()
        assert (first.result().applied, first.result().busy) == (1, 0)
        assert (second.result().award_id, second.result().fresh) == (award_id, False)


def undo_then_undo(game: Game) -> None:
    award_id = due_award(game)
    with stage(game) as others:
        with outcome_held(game, 1):
            first = others.undo(award_id, 1)
            second = others.undo(award_id, 2)
            assert second.waits()
        assert (first.result().outcome, second.result().outcome) == ("cancelled", "gone")


def undo_then_undo_of_what_was_awarded(game: Game) -> None:
    award_id = due_award(game)
    challenges.apply(game.award, award_id)
    with stage(game) as others:
        with outcome_held(game, 1):
            first = others.undo(award_id, 1)
            second = others.undo(award_id, 2)
            assert second.waits()
        assert (first.result().outcome, second.result().outcome) == ("reversed", "gone")
    assert game.balance() == (0, 0)


def undo_then_award(game: Game) -> None:
    award_id = due_award(game)
    with stage(game) as others:
        with outcome_held(game, 1):
            first = others.undo(award_id, 1)
            second = others.award(award_id)
            assert second.waits()
        assert first.result().outcome == "cancelled"
        assert second.result() is Outcome.NOTHING
    assert game.balance() == (0, 0)


def award_then_undo(game: Game) -> None:
    award_id = due_award(game)
    with stage(game) as others:
        with ledger_held(game, award_id):
            first = others.award(award_id)
            second = others.undo(award_id, 1)
            assert second.waits()
        assert first.result() is Outcome.AWARDED
        assert (second.result().outcome, second.result().live) == ("reversed", ())
    assert game.balance() == (0, 0)


def undo_then_sweep(game: Game) -> None:
    award_id = due_award(game)
    with stage(game) as others:
        with outcome_held(game, 1):
            first = others.undo(award_id, 1)
            report = others.sweep().at_once()
        assert (report.applied, report.busy) == (0, 1)
        assert first.result().outcome == "cancelled"
        assert swept(game).applied == 0


def sweep_then_undo(game: Game) -> None:
    award_id = due_award(game)
    with stage(game) as others:
        with ledger_held(game, award_id):
            first = others.sweep()
            second = others.undo(award_id, 1)
            assert second.waits()
        assert first.result().applied == 1
        assert second.result().outcome == "reversed"
    assert game.balance() == (0, 0)


def award_then_award(game: Game) -> None:
    award_id = due_award(game)
    with stage(game) as others:
        with ledger_held(game, award_id):
            first = others.award(award_id)
            second = others.award(award_id)
            assert second.waits()
        assert (first.result(), second.result()) == (Outcome.AWARDED, Outcome.NOTHING)
    assert game.balance() == (100, 1)


def award_then_sweep(game: Game) -> None:
    award_id = due_award(game)
    with stage(game) as others:
        with ledger_held(game, award_id):
            first = others.award(award_id)
            report = others.sweep().at_once()
        assert first.result() is Outcome.AWARDED
        assert (report.applied, report.busy) == (0, 1)
    assert game.balance() == (100, 1)


def sweep_then_award(game: Game) -> None:
    award_id = due_award(game)
    with stage(game) as others:
        with ledger_held(game, award_id):
            first = others.sweep()
            second = others.award(award_id)
            assert second.waits()
        assert first.result().applied == 1
        assert second.result() is Outcome.NOTHING
    assert game.balance() == (100, 1)


def sweep_then_sweep(game: Game) -> None:
    award_id = due_award(game)
    with stage(game) as others:
        with ledger_held(game, award_id):
            first = others.sweep()
            report = others.sweep().at_once()
        assert first.result().applied == 1
        assert (report.applied, report.busy) == (0, 1)
    assert game.balance() == (100, 1)


# --- the challenge of the day: two windows, and a tick that is awarded meanwhile ---


def do_then_do(game: Game) -> None:
    game.choose()
    with stage(game) as others:
        with outcome_held(game, 1):
            first = others.do("a", 1)
            second = others.do("b", 2)
            assert second.waits()
        assert (first.result().did, second.result().did) == (Did.AWARDED, Did.HAD)
    assert game.balance() == (50, 0)


def do_then_award(game: Game) -> None:
    game.choose()
    award_id = due_award(game)
    with stage(game) as others:
        with outcome_held(game, 1):
            first = others.do("b", 1)
            second = others.award(award_id)
            assert second.waits()
        assert (first.result().did, second.result()) == (Did.AWARDED, Outcome.AWARDED)
    assert game.balance() == (150, 1)


def award_then_do(game: Game) -> None:
    game.choose()
    award_id = due_award(game)
    with stage(game) as others:
        with ledger_held(game, award_id):
            first = others.award(award_id)
            second = others.do("a", 1)
            assert second.waits()
        assert (first.result(), second.result().did) == (Outcome.AWARDED, Did.HAD)
    assert game.balance() == (150, 1)


def take_back_then_undo(game: Game) -> None:
    game.choose()
    award_id = due_award(game)
    challenges.apply(game.award, award_id)
    of_day = game.of_day()
    assert of_day
    with stage(game) as others:
        with outcome_held(game, 1):
            first = others.take_back(of_day, 1)
            second = others.undo(award_id, 2)
            assert second.waits()
        assert (first.result().undone, second.result().outcome) == (True, "reversed")
    assert game.balance() == (0, 0)


INTERLEAVINGS: tuple[Scenario, ...] = (
    do_then_do,
    do_then_award,
    award_then_do,
    take_back_then_undo,
    tick_then_tick,
    tick_then_undo,
    undo_then_tick,
    tick_then_award,
    award_then_tick,
    tick_then_sweep,
    sweep_then_tick,
    undo_then_undo,
    undo_then_undo_of_what_was_awarded,
    undo_then_award,
    award_then_undo,
    undo_then_sweep,
    sweep_then_undo,
    award_then_award,
    award_then_sweep,
    sweep_then_award,
    sweep_then_sweep,
)
