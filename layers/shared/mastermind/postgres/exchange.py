"""Many statements in one round trip: what each action is made of.

BEGIN and COMMIT travel with the rest; a transaction of its own for each would cost three round trips.
"""

from __future__ import annotations

from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, LiteralString

from mastermind.errors import MastermindError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping, Sequence

    from mastermind.postgres.connection import Connection, Cursor


@contextmanager
def exchange(conn: Connection) -> Generator[None]:
    """Send every statement of the block at once and wait for the answers at its end: one round trip.

    When a statement fails, the ones after it are not executed, the transaction it stood in is rolled back and its error
    is raised. Rows may be fetched after the block; fetching them inside costs a round trip of its own.
    """
    try:
        with conn.pipeline():
            yield
    except BaseException:
        if not conn.closed:
            conn.rollback()
        raise


@contextmanager
def transaction(conn: Connection) -> Generator[None]:
    """One change inside an exchange; an exchange may hold several transactions, one after the other."""
    _begin(conn)
    yield
    conn.commit_change()


@contextmanager
def preliminary(conn: Connection) -> Generator[None]:
    """One transaction inside an exchange that prepares it: nobody asks whether this one was stored."""
    _begin(conn)
    yield
    conn.execute("COMMIT")


def _begin(conn: Connection) -> None:
    conn.execute("BEGIN")
    conn.check_deadline()


class Transaction:
    """The transaction of a decision."""

    def __init__(self, conn: Connection) -> None:
        self._conn, self.is_open = conn, False

    def begin(self) -> None:
        _begin(self._conn)
        self.is_open = True

    def commit(self) -> None:
        self._conn.commit_change()
        self.is_open = False

    def roll_back(self) -> None:
        if self.is_open:
            self._conn.execute("ROLLBACK")


@contextmanager
def decision(conn: Connection) -> Generator[Transaction]:
    """One transaction in two round trips: what the first one reads decides what the second one writes.

    Statements are sent at once. Reading the first row waits for the answers to all of them, and the end of the block
    for the answers to the rest. What was not committed by then is rolled back.

    A refusal of the block (MastermindError) is raised after the end: an error of the database comes first, even if the
    block read no row.
    """
    opened = Transaction(conn)
    refusal: MastermindError | None = None
    try:
        with conn.pipeline():
            try:
                yield opened
            except MastermindError as error:
                refusal = error
            opened.roll_back()
    finally:
        if not conn.closed:
            conn.rollback()
    if refusal is not None:
        raise refusal


@contextmanager
def snapshot(conn: Connection) -> Generator[None]:
    """One moment inside an exchange: all queries of the block see the database as the first of them does."""
    conn.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
    yield
    conn.execute("COMMIT")


def rows[Row](
    conn: Connection,
    row: Callable[..., Row],
    query: LiteralString,
    values: Mapping[str, object] | None = None,
    **kinds: Callable[[Any], object],
) -> Cursor[Row]:
    """Send a query; each record becomes `row(column=value, ...)`.

    `kinds` convert columns on the way, by name, unless they are NULL: `status=AwardStatus`, `day_ids=tuple`.
    """
    return conn.send(query, values, partial(_by_name, row, kinds))


def value[Value](
    conn: Connection, kind: type[Value], query: LiteralString, values: Mapping[str, object] | None = None
) -> Cursor[Value]:
    """Send a query of one column whose values are of the type `kind`."""
    del kind  # for the type checker: PostgreSQL has said of which type they are
    return conn.send(query, values, _first_column)


def _first_column(_: list[str], records: list[tuple[Any, ...]]) -> list[Any]:
    return [first for first, *_ in records]


def _by_name[Row](
    row: Callable[..., Row],
    kinds: Mapping[str, Callable[[Any], object]],
    names: list[str],
    records: list[tuple[Any, ...]],
) -> list[Row]:
    converted = [(name, kinds[name]) for name in names if name in kinds]
    return [row(**_converted(dict(zip(names, record, strict=True)), converted)) for record in records]


def _converted(record: dict[str, Any], kinds: Sequence[tuple[str, Callable[[Any], object]]]) -> dict[str, Any]:
    for name, kind in kinds:
        if record[name] is not None:
            record[name] = kind(record[name])
    return record


def only[Row](cursor: Cursor[Row]) -> Row:
    """The row of a query that always has one."""
    row = cursor.fetchone()
    assert row is not None, "a query that always has a row had none"
    return row
