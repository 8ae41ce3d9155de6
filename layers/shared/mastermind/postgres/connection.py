"""One connection to PostgreSQL, with one deadline over everything that waits for it, here and in the database.

It stands on libpq as psycopg wraps it (psycopg.pq); why not on psycopg's connections and cursors is in
docs/decisions/033-exchanges-on-libpq.md. The same deadline bounds queries and pipelines, as `connecting` bounds what
comes before them; when it passes, the socket is closed and nothing more is waited for.

What was sent by then is still in the server's hands. So each transaction that writes carries the deadline along, on the
database's clock, and the database refuses to begin or to commit after it (docs/decisions/028-deadlines-travel.md).
"""

from __future__ import annotations

import time
from collections import deque
from contextlib import contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING, Any, LiteralString, Self

from psycopg.errors import Error as LibpqError
from psycopg.pq import ConnStatus, ExecStatus, TransactionStatus

from mastermind.postgres import errors, libpq, values

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Mapping

    from psycopg.pq.abc import PGconn as Libpq
    from psycopg.pq.abc import PGresult

    from mastermind.deadline import Deadline

LONGEST_IDLE = 300.0
"""Seconds unused after which a connection is not trusted: AWS's networks forget one after 350 and tell neither end.

TCP's keepalive probes do not prevent it, because a process that Lambda keeps frozen sends none.
"""

MARGIN = 0.1
"""Seconds by which the database gives up before we do, so that its answer still arrives."""

# pg_catalog's, as in check_deadline: tests move the other one.
NOW: LiteralString = "SELECT extract(epoch FROM pg_catalog.clock_timestamp())::float8 AS now"

CHECK_DEADLINE: LiteralString = "SELECT check_deadline(%(moment)s)"

BINARY = 1  # the format of results

type Make[Row] = Callable[[list[str], list[tuple[Any, ...]]], list[Row]]
"""Makes rows out of the names of the columns and the records."""


def as_they_are(_: list[str], records: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    return records


class Cursor[Row]:
    """The answer to one statement. Reading it waits for it, and for those of all statements before it."""

    def __init__(self, connection: Connection, make: Make[Row]) -> None:
        self._connection, self._make = connection, make
        self._rows: Iterator[Row] | None = None
        self.result: PGresult | None = None

    @property
    def rowcount(self) -> int:
        """How many rows the statement wrote or returned."""
        return self._answer().command_tuples or 0

    def fetchone(self) -> Row | None:
        """The next row; None when there is no more."""
        return next(self._left(), None)

    def fetchall(self) -> list[Row]:
        """The rows that are left."""
        return list(self._left())

    def __iter__(self) -> Iterator[Row]:
        return self._left()

    def _left(self) -> Iterator[Row]:
        if self._rows is None:
            self._rows = iter(self._make(*values.read(self._answer())))
        return self._rows

    def _answer(self) -> PGresult:
        if self.result is None:
            self._connection.receive()
        assert self.result is not None, "a statement has no answer: one before it was refused"
        return self.result


class Connection:
    """A connection that waits for nothing beyond its deadline. Outside a pipeline each statement waits for its answer.

    Raises errors.DatabaseError; after ConnectionLost it is closed.
    """

    deadline: Deadline
    is_refused = False  # a statement, since the last COMMIT of a change was sent
    _ahead = 0.0  # seconds that the database's clock is ahead of ours, at least
    _used = 0.0  # by the wall clock
    moment = 0.0  # the deadline of the database, in seconds since 1970 by its clock
    _committed: Cursor[tuple[Any, ...]] | None = None

    def __init__(self, pgconn: Libpq, deadline: Deadline) -> None:
        self.pgconn, self.deadline = pgconn, deadline
        self._sent: deque[Cursor[Any]] = deque()  # statements whose answers were not received yet
        self._in_pipeline = False

    @classmethod
    def open(cls, conninfo: str, deadline: Deadline) -> Self:
        """Connect with libpq's words for it (a URL or `keyword='value' ...`) to one address."""
        connection = cls(libpq.handshake(conninfo, deadline), deadline)
        connection.learn_clock()
        connection.limit_to(deadline)
        return connection

    @property
    def closed(self) -> bool:
        return self.pgconn.status == ConnStatus.BAD

    def close(self) -> None:
        self.pgconn.finish()

    @property
    def is_idle(self) -> bool:
        """Whether no transaction and no statement is open."""
        return self.pgconn.transaction_status == TransactionStatus.IDLE

    # --- its deadline ---

    def learn_clock(self) -> None:
        """Compare the clocks, in one round trip. The answer is taken for as old as it can be: the deadline errs early.

        Ours is the wall clock: the monotonic one may stand still while Lambda keeps the process frozen.
        """
        ((now,),) = self.execute(NOW)
        self._ahead = now - time.time()

    def limit_to(self, deadline: Deadline) -> None:
        """Begin a piece of work that has until `deadline`."""
        self.deadline = deadline
        self._used = time.time()
        self.moment = self._used + deadline.remaining() + self._ahead - MARGIN
        self._committed = None

    @property
    def is_stale(self) -> bool:
        """Whether nobody has used it for so long that the other end may be gone without a word."""
        return time.time() - self._used > LONGEST_IDLE

    def check_deadline(self) -> None:
        """Have the database refuse the open transaction if it is too late, and end it when it becomes too late."""
        self.execute(CHECK_DEADLINE, {"moment": self.moment})

    def commit_change(self) -> None:
        """Commit the open transaction, unless it is too late; `is_outcome_open` until that is answered."""
        self.check_deadline()
        self.is_refused = False
        self._committed = self.execute("COMMIT")

    @property
    def is_outcome_open(self) -> bool:
        """Whether the connection ended between the last COMMIT of a change and its answer.

        A statement before it that was refused is an answer, too: the COMMIT behind it is not executed.
        """
        is_unanswered = self._committed is not None and self._committed.result is None
        return self.closed and is_unanswered and not self.is_refused

    # --- statements ---

    def execute(self, query: LiteralString, named: Mapping[str, object] | None = None) -> Cursor[tuple[Any, ...]]:
        """Send a statement with its `%(name)s` values."""
        return self.send(query, named, as_they_are)

    def send[Row](self, query: LiteralString, named: Mapping[str, object] | None, make: Make[Row]) -> Cursor[Row]:
        """The same; `make` makes the rows."""
        text, parameters = (query.encode(), []) if named is None else values.parameters(query, named)
        oids, written = [oid for oid, _ in parameters], [value for _, value in parameters]
        self._call(partial(self.pgconn.send_query_params, text, written, oids, result_format=BINARY))
        return self._sent_one(Cursor(self, make))

    def run_script(self, script: str) -> None:
        """Execute statements that are separated by semicolons, outside a pipeline."""
        self._call(partial(self.pgconn.send_query, script.encode()))
        self._sent_one(Cursor(self, as_they_are))

    def _sent_one[Row](self, cursor: Cursor[Row]) -> Cursor[Row]:
        self._sent.append(cursor)
        if not self._in_pipeline:
            self.receive()
        return cursor

    @contextmanager
    def pipeline(self) -> Generator[None]:
        """Send the statements of the block without waiting. The first that was refused is raised at its end.

        The statements behind one that was refused are not executed. An error of the block itself comes first.
        """
        assert not self._in_pipeline, "a pipeline does not begin inside another"
        self._call(self.pgconn.enter_pipeline_mode)
        self._in_pipeline = True
        try:
            yield
        except BaseException:
            with suppress(errors.DatabaseError):
                self._end_pipeline()
            raise
        else:
            self._end_pipeline()
        finally:
            self._in_pipeline = False

    def _end_pipeline(self) -> None:
        self._call(self.pgconn.pipeline_sync)
        refusal = self._call(self._receive_all)
        if not self.closed:
            self._call(partial(libpq.result, self.pgconn, self.deadline))  # of the synchronisation
            self._call(self.pgconn.exit_pipeline_mode)
        if refusal:
            raise refusal

    @contextmanager
    def transaction(self) -> Generator[None]:
        """One transaction outside a pipeline; each statement of the block waits for its answer."""
        self.execute("BEGIN")
        try:
            yield
        except BaseException:
            self.rollback()
            raise
        self.execute("COMMIT")

    def rollback(self) -> None:
        """Roll back the open transaction, if there is one and the connection still stands."""
        if not self.closed and not self.is_idle:
            self.execute("ROLLBACK")

    # --- answers ---

    def receive(self) -> None:
        """Wait for the answers to everything that was sent; raises the first that is a refusal."""
        if self._in_pipeline:
            self._call(self.pgconn.send_flush_request)
        if refusal := self._call(self._receive_all):
            raise refusal

    def _receive_all(self) -> errors.DatabaseError | None:
        """The first refusal, once everything is answered or nothing more comes."""
        refusals: list[errors.DatabaseError] = []
        try:
            while self._sent:
                self._receive_one(self._sent.popleft(), refusals)
        except LibpqError:
            if not refusals:
                raise
            self.close()
        return refusals[0] if refusals else None

    def _receive_one(self, cursor: Cursor[Any], refusals: list[errors.DatabaseError]) -> None:
        while result := libpq.result(self.pgconn, self.deadline):
            if result.status == ExecStatus.FATAL_ERROR:
                refusals.append(refusal := libpq.refusal(result))
                self.is_refused |= refusal.sqlstate is not None
            elif result.status != ExecStatus.PIPELINE_ABORTED:
                cursor.result = result

    def _call[Result](self, call: Callable[[], Result]) -> Result:
        """What the call of libpq returns; the connection is closed if libpq or the deadline say that it is over."""
        try:
            return call()
        except LibpqError as error:
            self.close()
            raise errors.ConnectionLost(str(error)) from error
        except errors.DeadlinePassed:
            self.close()
            raise
