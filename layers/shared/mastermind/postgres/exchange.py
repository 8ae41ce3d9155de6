"""Many statements in one round trip: what each action is made of.

psycopg's own `transaction()` waits for the server at its beginning and at its end when it stands inside a pipeline, so
that a transaction alone would cost three round trips. Here BEGIN and COMMIT travel with the rest.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, LiteralString

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from psycopg import Cursor

    from mastermind.postgres.connection import Connection


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
    """One transaction inside an exchange; an exchange may hold several, one after the other."""
    conn.execute("BEGIN")
    yield
    conn.execute("COMMIT")


@contextmanager
def decision(conn: Connection) -> Generator[None]:
    """One transaction over two exchanges: the first reads behind the lock, what it says decides what the second writes.

    The first exchange calls `begin`, the last one `commit`. Whatever is still open at the end of the block, by an error
    or because there was nothing to write, is rolled back.
    """
    try:
        yield
    finally:
        if not conn.closed:
            conn.rollback()


def begin(conn: Connection) -> None:
    """Begin the transaction of a decision, inside its first exchange."""
    conn.execute("BEGIN")


def commit(conn: Connection) -> None:
    """End the transaction of a decision, as the last statement of its last exchange."""
    conn.execute("COMMIT")


@contextmanager
def snapshot(conn: Connection) -> Generator[None]:
    """One moment inside an exchange: all queries of the block see the database as the first of them does."""
    conn.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
    yield
    conn.execute("COMMIT")


def ask[Row](conn: Connection, row: Callable[..., Row], query: LiteralString, **values: object) -> Cursor[Row]:
    """Send a query; each record that comes back becomes `row(*record)`."""
    return conn.cursor(row_factory=lambda _: lambda record: row(*record)).execute(query, values)


def only[Row](cursor: Cursor[Row]) -> Row:
    """The row of a query that always has one."""
    row = cursor.fetchone()
    assert row is not None, "a query that always has a row had none"
    return row


def refusals() -> tuple[type[Exception], ...]:
    """The errors by which the database refuses one piece of work and stays fit for the next."""
    from psycopg import errors

    return errors.IntegrityError, errors.DataError, errors.LockNotAvailable
