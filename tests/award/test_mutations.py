"""Mutation testing of the award: drop or bend any condition of its SQL, and a story or an interleaving must fail."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, LiteralString, Protocol

import pytest

from mastermind.game.challenges import table as awards
from mastermind.game.members import table as users
from mastermind.game.today import table as of_today
from mastermind.postgres.errors import DatabaseError
from tests.award.interleavings import INTERLEAVINGS
from tests.award.stories import STORIES

if TYPE_CHECKING:
    from collections.abc import Generator
    from contextlib import AbstractContextManager
    from types import ModuleType

    from tests.award.game import Game
    from tests.award.interleavings import Scenario


class Change(Protocol):
    """A small harm to the award, undone afterwards."""

    def done_to(self, game: Game) -> AbstractContextManager[None]: ...


@dataclass(frozen=True)
class Statement:
    """A statement of the code reads otherwise."""

    module: ModuleType
    constant: str
    old: str
    new: str = ""

    @contextmanager
    def done_to(self, game: Game) -> Generator[None]:  # noqa: ARG002 # the database stays as it is
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(self.module, self.constant, bent(getattr(self.module, self.constant), self.old, self.new))
            yield


@dataclass(frozen=True)
class Routine:
    """A function or a view of the database reads otherwise."""

    name: str
    old: str
    new: str = ""

    @contextmanager
    def done_to(self, game: Game) -> Generator[None]:
        definition = str(game.one("SELECT pg_get_functiondef(%s::regproc)", self.name))
        execute(game, bent(definition, self.old, self.new))
        try:
            yield
        finally:
            execute(game, definition)


@dataclass(frozen=True)
class Schema:
    """The schema is otherwise: `do`, and `undo` afterwards in an empty game."""

    do: LiteralString
    undo: LiteralString

    @contextmanager
    def done_to(self, game: Game) -> Generator[None]:
        game.look.run_script(self.do)
        try:
            yield
        finally:
            game.clean()
            game.look.run_script(self.undo)


@dataclass(frozen=True)
class Both:
    """Two lines of defence fall together, where each alone would still hold."""

    first: Change
    second: Change

    @contextmanager
    def done_to(self, game: Game) -> Generator[None]:
        with self.first.done_to(game), self.second.done_to(game):
            yield


def bent(text: str, old: str, new: str) -> str:
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in:\n{text}"
    return text.replace(old, new)


def execute(game: Game, statement: str) -> None:
    game.look.execute(statement.encode())


TENSEY_MAY_CHANGE_ALL = Schema(
    "ALTER POLICY tensey_cancels ON pending_xp_awards USING (true)",
    "ALTER POLICY tensey_cancels ON pending_xp_awards USING (status = 'pending')",
)
AWARD_MAY_CHANGE_ALL = Schema(
    "ALTER POLICY award_awards ON pending_xp_awards USING (true)",
    "ALTER POLICY award_awards ON pending_xp_awards USING (status = 'pending')",
)
LIVE_INDEX: LiteralString = (
    "CREATE UNIQUE INDEX pending_xp_awards_live ON pending_xp_awards (user_id, challenge_id)"
    " WHERE status IN ('pending', 'awarded')"
)
COMPLETIONS: LiteralString = (
    "CREATE OR REPLACE VIEW tensey_completions WITH (security_invoker = true) AS"
    " SELECT award_id, user_id, challenge_id, status, day, created_at, due_at FROM pending_xp_awards"
)

MUTANTS: dict[str, Change] = {
    # The member first, always.
    "a tick's lock takes nothing": Routine("lock_member", " FOR NO KEY UPDATE"),
    "a tick's lock takes everybody": Routine("lock_member", " WHERE users.user_id = lock_member.user_id"),
    "an undo's lock takes nothing": Statement(users, "LOCK", " FOR NO KEY UPDATE"),
    "an undo's lock takes everybody": Statement(users, "LOCK", " WHERE user_id = %(user_id)s"),
    "the award's lock takes nothing": Routine("apply_award", "    FOR NO KEY UPDATE"),
    "the award's lock takes everybody": Routine(
        "apply_award",
        """WHERE users.user_id = (
        SELECT awards.user_id FROM pending_xp_awards AS awards WHERE awards.award_id = apply_award.award_id
    )""",
    ),
    "the sweep locks nothing": Statement(users, "LOCK_IF_FREE", " FOR NO KEY UPDATE SKIP LOCKED"),
    "the sweep waits": Statement(users, "LOCK_IF_FREE", " SKIP LOCKED"),
    "the sweep locks everybody": Statement(users, "LOCK_IF_FREE", " WHERE user_id = %(user_id)s"),
    "reverse_award locks nothing": Routine(
        "reverse_award", "PERFORM FROM users WHERE users.user_id = reverse_award.user_id FOR NO KEY UPDATE;"
    ),
    # First contact.
    "meet always locks": Statement(
        users,
        "MEET",
        "WHERE NOT EXISTS (SELECT FROM users WHERE user_id = %(user_id)s AND display_name = %(display_name)s)",
    ),
    "meet is content with the id": Statement(users, "MEET", " AND display_name = %(display_name)s"),
    "meet is content with the name": Statement(users, "MEET", "user_id = %(user_id)s AND "),
    "meet fails at a new name": Statement(
        users,
        "MEET",
        "ON CONFLICT (user_id) DO UPDATE SET display_name = EXCLUDED.display_name, updated_at = clock_timestamp()",
    ),
    "rename always locks": Statement(users, "RENAME", " AND display_name <> %(display_name)s"),
    "rename renames everybody": Statement(users, "RENAME", "user_id = %(user_id)s AND "),
    # The tick.
    "a repeated tick ticks": Statement(
        awards,
        "TICK",
        "AND NOT EXISTS (SELECT FROM interactions_done WHERE interaction_id = %(interaction_id)s)",
    ),
    "any outcome stops a tick": Statement(
        awards, "TICK", "FROM interactions_done WHERE interaction_id = %(interaction_id)s", "FROM interactions_done"
    ),
    "a tick of a live challenge fails": Statement(
        awards, "TICK", "ON CONFLICT (user_id, challenge_id) WHERE status IN ('pending', 'awarded') DO NOTHING"
    ),
    "a repeated tick fails": Statement(awards, "TICK", "ON CONFLICT (interaction_id) DO NOTHING"),
    "a tick ticks for everybody": Statement(awards, "TICK", "users.user_id = %(user_id)s\n        AND "),
    "a tick is due at once": Routine("fill_in_award", " + make_interval(secs => NEW.delay)"),
    "the delay begins before the lock": Routine("fill_in_award", "clock_timestamp()", "now()"),
    "a tick is always fresh": Statement(awards, "TICK", "award_id, false", "award_id, true"),
    "a tick is never fresh": Statement(awards, "TICK", "award_id, true", "award_id, false"),
    "a tick finds anybody's award": Statement(
        awards, "TICK", "WHERE user_id = %(user_id)s AND challenge_id", "WHERE challenge_id"
    ),
    "a tick finds any challenge": Statement(awards, "TICK", " AND challenge_id = %(challenge_id)s"),
    "a tick counts for the server's day": Routine(
        "fill_in_award", "(SELECT time_zone FROM users WHERE user_id = NEW.user_id)", "'UTC'"
    ),
    "a repeat gets anybody's answer": Statement(
        awards, "TICKED", "WHERE interaction_id = %(interaction_id)s", "WHERE %(interaction_id)s > 0"
    ),
    # What is live.
    "the list shows everybody's": Statement(awards, "LIVE", "WHERE user_id = %(user_id)s"),
    "the list shows the oldest first": Statement(awards, "LIVE", "created_at DESC, award_id DESC", "created_at"),
    "completions are what is pending": Schema(
        COMPLETIONS + " WHERE status = 'pending'", COMPLETIONS + " WHERE status IN ('pending', 'awarded')"
    ),
    "completions are all awards": Schema(COMPLETIONS, COMPLETIONS + " WHERE status IN ('pending', 'awarded')"),
    "a challenge may be live twice": Schema(
        "DROP INDEX pending_xp_awards_live;"
        " CREATE INDEX pending_xp_awards_live ON pending_xp_awards (user_id, challenge_id)",
        "DROP INDEX pending_xp_awards_live; " + LIVE_INDEX,
    ),
    "an awarded challenge may be ticked again": Both(
        Schema(
            "DROP INDEX pending_xp_awards_live; CREATE UNIQUE INDEX pending_xp_awards_live"
            " ON pending_xp_awards (user_id, challenge_id) WHERE status = 'pending'",
            "DROP INDEX pending_xp_awards_live; " + LIVE_INDEX,
        ),
        Statement(awards, "TICK", "WHERE status IN ('pending', 'awarded') DO", "WHERE status = 'pending' DO"),
    ),
    # What was sent.
    "everything is noted as sent": Statement(awards, "NOTE_SENT", "award_id = %(award_id)s AND "),
    "what is settled is noted as sent": Both(
        TENSEY_MAY_CHANGE_ALL, Statement(awards, "NOTE_SENT", " AND status = 'pending'")
    ),
    # The undo.
    "an undo cancels everything": Statement(
        awards,
        "UNDO",
        "award_id = %(award_id)s AND user_id = %(user_id)s AND status",
        "user_id = %(user_id)s AND status",
    ),
    "anybody cancels": Statement(awards, "UNDO", " AND user_id = %(user_id)s AND status", " AND status"),
    "an undo cancels what is settled": Both(
        TENSEY_MAY_CHANGE_ALL, Statement(awards, "UNDO", " AND status = 'pending'")
    ),
    "an undo never reverses": Statement(
        awards, "UNDO", "WHERE reverse_award(%(award_id)s, %(user_id)s)", "WHERE false"
    ),
    "an undo reverses for anybody": Statement(
        awards,
        "UNDO",
        "reverse_award(%(award_id)s, %(user_id)s)",
        "reverse_award(%(award_id)s, (SELECT user_id FROM pending_xp_awards WHERE award_id = %(award_id)s))",
    ),
    "an undo names another member's challenge": Statement(
        awards, "UNDO", "WHERE award_id = %(award_id)s AND user_id = %(user_id)s\n", "WHERE award_id = %(award_id)s\n"
    ),
    "a repeated undo fails": Statement(awards, "UNDO", "ON CONFLICT (interaction_id) DO NOTHING"),
    "reverse_award reverses everything": Routine(
        "reverse_award", "awards.award_id = reverse_award.award_id\n        AND "
    ),
    "reverse_award reverses for anybody": Routine("reverse_award", "AND awards.user_id = reverse_award.user_id"),
    "reverse_award reverses what was never awarded": Routine("reverse_award", "AND awards.status = 'awarded'"),
    "reverse_award gives instead of taking": Routine("reverse_award", "-booked.xp", "booked.xp"),
    "reverse_award books on another day": Routine("reverse_award", "award.day,", "award.day - 1,"),
    # The award.
    "an award awards everything": Routine(
        "apply_award", "awards.award_id = apply_award.award_id AND awards.status", "awards.status"
    ),
    "an award awards what is settled": Both(
        AWARD_MAY_CHANGE_ALL, Routine("apply_award", " AND awards.status = 'pending'")
    ),
    "an award comes before its time": Routine("apply_award", " AND awards.due_at <= clock_timestamp()"),
    "an award is due on the wrong side of the clock": Routine("apply_award", "due_at <=", "due_at >"),
    "an award is booked again": Schema(
        "ALTER TABLE xp_ledger DROP CONSTRAINT xp_ledger_source_source_id_kind_key",
        "ALTER TABLE xp_ledger ADD UNIQUE (source, source_id, kind)",
    ),
    "what is settled comes back": Routine("apply_award", " AND waiting.status = 'pending'"),
    "any pending award brings a message back": Routine("apply_award", "waiting.award_id = apply_award.award_id AND "),
    # The challenge of the day.
    "a day brings its challenge twice": Both(
        Schema(
            "DROP INDEX day_awards_live; CREATE UNIQUE INDEX day_awards_live"
            " ON day_awards (user_id, day, award_id) WHERE reversed_at IS NULL",
            "DROP INDEX day_awards_live;"
            " CREATE UNIQUE INDEX day_awards_live ON day_awards (user_id, day) WHERE reversed_at IS NULL",
        ),
        Both(
            Routine("do_day_challenge", "ON CONFLICT (user_id, day) WHERE reversed_at IS NULL DO NOTHING"),
            Routine("claim_day_award", "ON CONFLICT (user_id, day) WHERE reversed_at IS NULL DO NOTHING"),
        ),
    ),
    "any challenge is that of the day": Routine(
        "do_day_challenge", "do_day_challenge.challenge_id IN (choice.of_day, choice.other)", "true"
    ),
    "any tick is the challenge of the day": Routine(
        "claim_day_award", "AND ticks.challenge_id IN (choice.of_day, choice.other)"
    ),
    "a repeat does the challenge of the day again": Statement(
        of_today, "DO", "WHERE NOT EXISTS (SELECT FROM interactions_done WHERE interaction_id = %(interaction_id)s)"
    ),
    "anybody takes back the challenge of a day": Routine(
        "undo_day_challenge", "AND own.user_id = undo_day_challenge.user_id"
    ),
    "the challenge of a day is taken back twice": Routine("undo_day_challenge", "AND own.reversed_at IS NULL"),
    "an undo keeps what its tick brought": Routine(
        "reverse_award", "own.tick_id = award.award_id AND own.reversed_at IS NULL", "false"
    ),
    "a reset keeps the challenges of days": Routine(
        "reset_awards_and_xp", "own.user_id = owned.user_id AND own.reversed_at IS NULL", "false"
    ),
    # What follows from the ledger.
    "XP stays": Routine("book_ledger_rows", "users.xp + change.xp", "users.xp"),
    "XP goes to everybody": Routine("book_ledger_rows", "WHERE users.user_id = change.user_id"),
    "the counter stays": Routine(
        "book_ledger_rows",
        "social_freedom_exercises_tenseys + change.tenseys",
        "social_freedom_exercises_tenseys",
    ),
    "a reversal does not count": Routine("tensey_change", "WHEN kind = 'reversal' THEN -1", ""),
    "totals start again from zero": Routine("book_ledger_rows", "kept.total + EXCLUDED.total", "EXCLUDED.total"),
    # The sweep.
    "the sweep reads what is settled": Statement(awards, "OVERDUE", "status = 'pending'\n    AND "),
    "the sweep reads what is not due": Statement(awards, "OVERDUE", "AND due_at <= statement_timestamp()"),
    "the sweep reads the same again": Statement(
        awards, "OVERDUE", "AND (user_id, award_id) > (%(user_id)s, %(award_id)s::uuid)"
    ),
    # Who may do what.
    "there are no policies": Schema(
        "ALTER TABLE pending_xp_awards DISABLE ROW LEVEL SECURITY",
        "ALTER TABLE pending_xp_awards ENABLE ROW LEVEL SECURITY",
    ),
    "tensey changes what is settled": TENSEY_MAY_CHANGE_ALL,
    "tensey awards": Schema(
        "ALTER POLICY tensey_cancels ON pending_xp_awards WITH CHECK (true)",
        "ALTER POLICY tensey_cancels ON pending_xp_awards WITH CHECK (status IN ('pending', 'cancelled'))",
    ),
    "tensey ticks what is settled": Both(
        Schema(
            "GRANT INSERT (status) ON pending_xp_awards TO app_tensey",
            "REVOKE INSERT (status) ON pending_xp_awards FROM app_tensey",
        ),
        Schema(
            "ALTER POLICY tensey_ticks ON pending_xp_awards WITH CHECK (true)",
            "ALTER POLICY tensey_ticks ON pending_xp_awards WITH CHECK (status = 'pending')",
        ),
    ),
    "award changes what is settled": AWARD_MAY_CHANGE_ALL,
    "award cancels": Schema(
        "ALTER POLICY award_awards ON pending_xp_awards WITH CHECK (true)",
        "ALTER POLICY award_awards ON pending_xp_awards WITH CHECK (status = 'awarded')",
    ),
    "main changes awards": Schema(
        "GRANT UPDATE (status, resolved_at) ON pending_xp_awards TO app_main;"
        " CREATE POLICY main_changes ON pending_xp_awards FOR UPDATE TO app_main USING (true)",
        "DROP POLICY main_changes ON pending_xp_awards;"
        " REVOKE UPDATE (status, resolved_at) ON pending_xp_awards FROM app_main",
    ),
    "a state needs no resolution": Schema(
        "ALTER TABLE pending_xp_awards DROP CONSTRAINT pending_xp_awards_check1",
        "ALTER TABLE pending_xp_awards ADD CONSTRAINT pending_xp_awards_check1"
        " CHECK ((status = 'pending') = (resolved_at IS NULL))",
    ),
    "an award is due before it is made": Schema(
        "ALTER TABLE pending_xp_awards DROP CONSTRAINT pending_xp_awards_check",
        "ALTER TABLE pending_xp_awards ADD CONSTRAINT pending_xp_awards_check CHECK (due_at >= created_at)",
    ),
    "any state will do": Schema(
        "ALTER TABLE pending_xp_awards DROP CONSTRAINT pending_xp_awards_status_check",
        "ALTER TABLE pending_xp_awards ADD CONSTRAINT pending_xp_awards_status_check"
        " CHECK (status IN ('pending', 'awarded', 'cancelled', 'reversed'))",
    ),
    "an award of nothing": Schema(
        "ALTER TABLE pending_xp_awards DROP CONSTRAINT pending_xp_awards_xp_check",
        "ALTER TABLE pending_xp_awards ADD CONSTRAINT pending_xp_awards_xp_check CHECK (xp > 0)",
    ),
}


def killer(game: Game) -> str | None:
    """The first story or interleaving that does not end as expected."""
    for scenario in (*STORIES, *INTERLEAVINGS):
        game.clean()
        if not ends_as_expected(scenario, game):
            return scenario.__name__
    return None


def ends_as_expected(scenario: Scenario, game: Game) -> bool:
    try:
        scenario(game)
        game.check()
    except (AssertionError, TimeoutError, DatabaseError, pytest.fail.Exception):
        return False
    return True


def test_without_a_mutant_every_story_ends_as_expected(game: Game):
    assert killer(game) is None


@pytest.mark.parametrize("mutant", MUTANTS)
def test_a_story_fails_when(mutant: str, game: Game):
    with MUTANTS[mutant].done_to(game):
        killed_by = killer(game)
    assert killed_by is not None, "the mutant survived"
    print(f"{mutant}: killed by {killed_by}")  # noqa: T201 # shown with -rP
