"""What a member is told is what the database has, whatever it waits for and wherever it stands still.

Told that nothing was stored, nothing is stored later either; and trying again never stores a change twice.
"""

from __future__ import annotations

import os
import signal
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import count
from typing import TYPE_CHECKING, LiteralString

import psutil
import pytest
from psycopg import errors

from devkit.postgres import OWNER
from mastermind.deadline import Deadline
from mastermind.errors import OutcomeUnknown, Unavailable
from mastermind.game.catalogue import content as catalogues
from mastermind.game.challenges import actions as challenges
from mastermind.game.days import actions as stats
from mastermind.game.ledger import actions as ledger
from mastermind.game.members.rules import Member, Subject
from mastermind.game.moderation import actions as moderation
from mastermind.game.privacy import actions as privacy
from mastermind.postgres import connection
from mastermind.postgres.database import Database
from mastermind.postgres.errors import ConnectionLost
from tests.actors import by
from tests.award.wire import Wire
from tests.connections import refused
from tests.waiting import wait_for

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from devkit.postgres import Postgres
    from mastermind.postgres.connection import Connection as Entered
    from tests.conftest import Connection, Enter

LIMIT = 0.8  # seconds that the work has
PLENTY = 60.0  # seconds for what must succeed
LIMITS = LIMIT, 4 * LIMIT, 16 * LIMIT  # one after the other, where a machine that stands still may take the first
FIRST_LOCK = 0.3  # seconds until it is free

ANN, BEN = Member(1, "Ann"), Member(2, "Ben")
CATALOGUE = catalogues.load()

interactions = count(1)


class Told(StrEnum):
    STORED = "stored"
    NOTHING = "nothing was stored"
    UNKNOWN = "it may be stored"


@dataclass(frozen=True, slots=True)
class Change:
    """A change that one role makes in an interaction: how often it is stored, and what else it can wait for."""

    role: str
    make: Callable[[Entered, int], object]
    times: LiteralString
    other_lock: LiteralString = "LOCK TABLE interactions_done IN SHARE MODE"

    def stored(self, owner: Connection) -> int:
        """How often it is stored, once nobody works on it any more."""
        until_nobody_works(owner)
        ((times,),) = owner.execute(self.times)
        return times


def _tick(conn: Entered, interaction_id: int) -> object:
    return challenges.tick(conn, by(ANN, interaction_id), "a", delay=60)


def _submit(conn: Entered, interaction_id: int) -> object:
    actor = by(ANN, interaction_id, nonce=interaction_id)
    return stats.submit(conn, actor, "today", {"approaches": 5}, catalogue=CATALOGUE)


def _adjust(conn: Entered, interaction_id: int) -> object:
    return ledger.adjust(conn, by(BEN, interaction_id), Subject(ANN.user_id), 1000, "won the contest")


def _warn(conn: Entered, interaction_id: int) -> object:
    return moderation.warn(conn, by(BEN, interaction_id), Subject(ANN.user_id), "rude")


def _delete(conn: Entered, interaction_id: int) -> object:
    return privacy.delete(conn, by(ANN, interaction_id))


def _look(conn: Entered, interaction_id: int) -> object:
    return challenges.read(conn, by(ANN, interaction_id))


TICK = Change("app_tensey", _tick, "SELECT count(*) FROM pending_xp_awards WHERE status <> 'cancelled'")
"""One exchange: its COMMIT is sent together with its BEGIN."""
SUBMIT = Change(
    "app_main",
    _submit,
    "SELECT coalesce(sum(count), 0) / 5 FROM daily_records",
    "LOCK TABLE board_counts IN SHARE MODE",
)
"""Two exchanges: what the first one reads decides what the second one writes, and whether there is a COMMIT."""
ADJUST = Change("app_main", _adjust, "SELECT count(*) FROM xp_ledger", SUBMIT.other_lock)
WARN = Change("app_main", _warn, "SELECT count(*) FROM user_warnings", "LOCK TABLE user_warnings IN SHARE MODE")
DELETE = Change("app_main", _delete, "SELECT count(*) FROM audit_log WHERE action = 'privacy.delete'")


@pytest.fixture
def enter(database: Postgres, owner: Connection) -> Iterator[Callable[[Change], Database]]:
    """A function's warm way into the database, as the role of a change; Ann and Ben have played."""
    owner.execute("INSERT INTO users (user_id, display_name, time_zone) VALUES (1, 'Ann', 'UTC'), (2, 'Ben', 'UTC')")
    opened: list[Database] = []

    def enter(change: Change, port: int = database.port) -> Database:
        opened.append(Database(replace(database.settings(change.role), port=port)))
        backend(opened[-1])
        return opened[-1]

    yield enter
    for each in opened:
        each.close()


def backend(database: Database) -> int:
    """The process that serves the connection."""
    return database.run(lambda conn: conn.pgconn.backend_pid, Deadline.after(PLENTY))


def tell(database: Database, change: Change, interaction_id: int, within: float = LIMIT) -> Told:
    try:
        database.run(lambda conn: change.make(conn, interaction_id), Deadline.after(within))
    except Unavailable:
        return Told.NOTHING
    except OutcomeUnknown:
        return Told.UNKNOWN
    return Told.STORED


def try_again(database: Database, change: Change, told: Told, interaction_id: int) -> None:
    """As the answer says: as a new try when nothing was stored, under the same id when it may be."""
    again = interaction_id if told is Told.UNKNOWN else next(interactions)
    assert tell(database, change, again, PLENTY) is Told.STORED


def until_nobody_works(owner: Connection) -> None:
    """What was sent is done, or undone."""
    working = "SELECT FROM pg_stat_activity WHERE application_name = 'mastermind' AND state <> 'idle'"
    wait_for(lambda: not owner.execute(working).rowcount, what="the end of every session's work")


def is_waiting(owner: Connection, pid: int) -> bool:
    return owner.execute("SELECT FROM pg_locks WHERE NOT granted AND pid = %s", [pid]).rowcount > 0


# --- it waits for somebody else's locks ---


@pytest.mark.parametrize("change", [SUBMIT, ADJUST, WARN, DELETE, TICK], ids=lambda change: change.make.__name__)
def test_what_waits_for_locks_beyond_the_deadline_is_never_stored(
    change: Change,
    enter: Callable[[Change], Database],
    as_role: Enter,
    owner: Connection,
    monkeypatch: pytest.MonkeyPatch,
):
    database, interaction_id = enter(change), next(interactions)
    first, second = as_role(OWNER), as_role(OWNER)
    first.run_script("BEGIN; SELECT FROM users ORDER BY user_id FOR UPDATE")
    second.run_script(f"BEGIN; {change.other_lock}")
    with ThreadPoolExecutor(1) as threads, monkeypatch.context() as patch:
        patch.setattr(connection, "MARGIN", PLENTY - LIMIT)  # however late the answer of a busy machine arrives
        answer = threads.submit(tell, database, change, interaction_id, PLENTY)
        time.sleep(FIRST_LOCK)
        first.execute("ROLLBACK")
        told = answer.result()
        second.execute("ROLLBACK")
    assert told is Told.NOTHING  # the database gave up before we did, and said so
    assert change.stored(owner) == 0
    try_again(database, change, told, interaction_id)
    assert change.stored(owner) == 1


@pytest.mark.parametrize("role", ["app_main", "app_tensey", "app_award", "app_outbox"])
def test_who_is_killed_while_they_wait_lets_go_of_their_locks(as_role: Enter, owner: Connection, role: str):
    """As Lambda kills a function at its time-out: nobody waits until the deadline or a time-out of the role."""
    killed, holder = as_role(role), as_role(OWNER)
    pid = killed.pgconn.backend_pid
    killed.run_script("SET lock_timeout = 0; SET statement_timeout = 0")
    holder.run_script("BEGIN; LOCK TABLE users")
    with ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(killed.execute, "SELECT FROM users")
        wait_for(lambda: is_waiting(owner, pid))
        with socket.socket(fileno=os.dup(killed.pgconn.socket)) as theirs:
            theirs.shutdown(socket.SHUT_RDWR)
        wait_for(lambda: not owner.execute("SELECT FROM pg_stat_activity WHERE pid = %s", [pid]).rowcount)
        assert isinstance(waiting.exception(), ConnectionLost)


# --- PostgreSQL stands still ---


@contextmanager
def frozen(pid: int) -> Generator[None]:
    """The process of a session stands still, as the whole server does when its disk or its machine stalls."""
    os.kill(pid, signal.SIGSTOP)
    while psutil.Process(pid).status() != psutil.STATUS_STOPPED:
        time.sleep(0.001)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def tell_frozen(
    owner: Connection, database: Database, change: Change, interaction_id: int, release: Callable[[], object]
) -> Told:
    """What is told of a change whose session stands still where it waits, although `release` ends the wait.

    Where the machine itself stood still and the time was over before, there is more of it the next time.
    """
    with ThreadPoolExecutor(1) as threads:
        for limit in LIMITS:
            pid = backend(database)
            answer = threads.submit(tell, database, change, interaction_id, limit)
            wait_for(lambda pid=pid, answer=answer: is_waiting(owner, pid) or answer.done())
            with suppress(ProcessLookupError, psutil.NoSuchProcess), frozen(pid):
                if is_waiting(owner, pid):
                    release()
                    return answer.result()
            answer.result()
    raise AssertionError("it was never seen to wait")


ONE_EXCHANGE_OR_TWO = pytest.mark.parametrize(
    ("change", "expected"), [(TICK, Told.UNKNOWN), (SUBMIT, Told.NOTHING)], ids=["one exchange", "two exchanges"]
)


@ONE_EXCHANGE_OR_TWO
def test_what_the_database_reads_too_late_is_not_stored(
    change: Change, expected: Told, enter: Callable[[Change], Database], owner: Connection
):
    """Even BEGIN is unread. We cannot know that if COMMIT was sent along, and then we do not claim it."""
    database, interaction_id = enter(change), next(interactions)
    with frozen(backend(database)):
        told = tell(database, change, interaction_id)
    assert told is expected
    assert change.stored(owner) == 0
    try_again(database, change, told, interaction_id)
    assert change.stored(owner) == 1


@ONE_EXCHANGE_OR_TWO
def test_what_stands_still_inside_its_transaction_is_not_stored(
    change: Change, expected: Told, enter: Callable[[Change], Database], as_role: Enter, owner: Connection
):
    database, interaction_id, holder = enter(change), next(interactions), as_role(OWNER)
    holder.run_script("BEGIN; SELECT FROM users FOR UPDATE")
    told = tell_frozen(owner, database, change, interaction_id, lambda: holder.execute("ROLLBACK"))
    assert told is expected
    assert change.stored(owner) == 0
    try_again(database, change, told, interaction_id)
    assert change.stored(owner) == 1


@pytest.fixture
def _waits_in_commit(owner: Connection) -> Iterator[None]:
    """COMMIT itself waits, before anything is stored, for the holder of lock 77."""
    owner.run_script(
        """
        CREATE FUNCTION wait_in_commit() RETURNS trigger LANGUAGE plpgsql
        AS 'BEGIN PERFORM pg_advisory_xact_lock_shared(77); RETURN NULL; END';
        GRANT EXECUTE ON FUNCTION wait_in_commit TO PUBLIC;
        CREATE CONSTRAINT TRIGGER wait_in_commit AFTER INSERT ON interactions_done DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW EXECUTE FUNCTION wait_in_commit()
        """
    )
    yield
    owner.execute("DROP FUNCTION wait_in_commit CASCADE")


@pytest.mark.usefixtures("_waits_in_commit")
@pytest.mark.parametrize("change", [TICK, SUBMIT], ids=["one exchange", "two exchanges"])
def test_what_stands_still_in_its_commit_is_not_stored(
    change: Change, enter: Callable[[Change], Database], as_role: Enter, owner: Connection
):
    database, interaction_id, holder = enter(change), next(interactions), as_role(OWNER)
    holder.execute("SELECT pg_advisory_lock(77)")
    unlock: LiteralString = "SELECT pg_advisory_unlock(77)"
    told = tell_frozen(owner, database, change, interaction_id, lambda: holder.execute(unlock))
    assert told is Told.UNKNOWN
    assert change.stored(owner) == 0
    try_again(database, change, told, interaction_id)
    assert change.stored(owner) == 1


def test_a_look_that_is_read_too_late_brings_nobody_back(enter: Callable[[Change], Database], owner: Connection):
    """It makes the row of whom the game meets for the first time: Ann could have had hers deleted since."""
    database = enter(TICK)
    owner.execute("DELETE FROM users")
    look = replace(TICK, make=_look)
    with frozen(backend(database)):
        assert tell(database, look, next(interactions)) is Told.NOTHING
    until_nobody_works(owner)
    assert owner.execute("SELECT FROM users").rowcount == 0


# --- the answer does not arrive ---


@pytest.fixture
def wire(database: Postgres) -> Iterator[Wire]:
    with Wire(database.port) as wire:
        yield wire


LOSES_ITS_ANSWERS = pytest.mark.parametrize(
    "change", [TICK, SUBMIT, ADJUST, WARN, DELETE], ids=lambda change: change.make.__name__
)


@LOSES_ITS_ANSWERS
def test_a_change_whose_answers_are_lost_may_be_stored(
    change: Change, enter: Callable[..., Database], wire: Wire, owner: Connection
):
    database, interaction_id = enter(change, wire.port), next(interactions)
    told, stored = Told.NOTHING, 0
    for limit in LIMITS:
        wire.restore()
        backend(database)
        wire.lose_the_answer()
        told, stored = tell(database, change, interaction_id, limit), change.stored(owner)
        if stored:
            break
    wire.restore()
    assert (told, stored) == (Told.UNKNOWN, 1)
    try_again(database, change, told, interaction_id)
    assert change.stored(owner) == 1


@LOSES_ITS_ANSWERS
def test_a_second_try_finds_what_the_first_has_stored(
    change: Change, enter: Callable[..., Database], wire: Wire, owner: Connection
):
    database = enter(change, wire.port)
    wire.lose_the_answer(once=True)
    assert tell(database, change, next(interactions), PLENTY) is Told.STORED
    assert change.stored(owner) == 1


# --- the clocks ---


def test_when_the_clocks_move_apart_they_are_compared_again(
    enter: Callable[[Change], Database], owner: Connection, monkeypatch: pytest.MonkeyPatch
):
    """By an hour, which is more than any deadline: nothing could be stored any more."""
    database, ours = enter(TICK), time.time
    before = backend(database)
    monkeypatch.setattr(time, "time", lambda: ours() - 3600)
    assert tell(database, TICK, next(interactions), PLENTY) is Told.STORED
    assert backend(database) != before
    assert TICK.stored(owner) == 1


# --- no way around ---


def test_no_function_writes_without_a_deadline(enter: Callable[[Change], Database]):
    """Every test that goes through a Database proves it, by triggers that the tests' own server has."""
    note_sent: LiteralString = "UPDATE pending_xp_awards SET sent_at = clock_timestamp()"
    database = enter(TICK)
    with refused(errors.RaiseException, match="pending_xp_awards is written without a deadline"):
        database.run(lambda conn: conn.execute(note_sent), Deadline.after(PLENTY))
