"""libpq with a deadline over its waits: connecting, and the next result.

libpq never blocks here: it says what it waits for, and this waits for the socket.
"""

from __future__ import annotations

from select import POLLIN, POLLOUT, poll
from typing import TYPE_CHECKING

from psycopg.errors import Error as LibpqError
from psycopg.pq import ConnStatus, DiagnosticField, PGconn, PollingStatus

from mastermind.postgres import errors

if TYPE_CHECKING:
    from psycopg.pq.abc import PGconn as Libpq
    from psycopg.pq.abc import PGresult

    from mastermind.deadline import Deadline


def handshake(conninfo: str, deadline: Deadline) -> Libpq:
    pgconn = PGconn.connect_start(conninfo.encode())
    try:
        while (state := _polled(pgconn)) != PollingStatus.OK:
            _ready(pgconn, POLLIN if state == PollingStatus.READING else POLLOUT, deadline)
    except LibpqError as error:
        raise errors.ConnectionLost(str(error)) from error
    except errors.DatabaseError:
        pgconn.finish()
        raise
    pgconn.nonblocking = 1
    return pgconn


def _polled(pgconn: Libpq) -> int:
    state = PollingStatus.FAILED if pgconn.status == ConnStatus.BAD else pgconn.connect_poll()
    if state == PollingStatus.FAILED:
        raise errors.ConnectionLost(pgconn.error_message.decode(errors="replace").strip())
    return state


def result(pgconn: Libpq, deadline: Deadline) -> PGresult | None:
    """The next result; None where those of a statement end."""
    is_unsent = pgconn.flush()
    while is_unsent or pgconn.is_busy():
        # While the server takes no more, it may wait for us to read.
        if _ready(pgconn, POLLIN | POLLOUT if is_unsent else POLLIN, deadline) & ~POLLOUT:
            pgconn.consume_input()
        is_unsent = is_unsent and pgconn.flush()
    return pgconn.get_result()


def refusal(result: PGresult) -> errors.DatabaseError:
    """One without a SQLSTATE is libpq's own: there is no connection any more."""
    message = result.error_message.decode(errors="replace").partition(":  ")[2].strip()
    if sqlstate := (result.error_field(DiagnosticField.SQLSTATE) or b"").decode():
        detail = (result.error_field(DiagnosticField.MESSAGE_DETAIL) or b"").decode(errors="replace")
        return errors.kind(sqlstate)(message, sqlstate, detail)
    return errors.ConnectionLost(message or "the connection is lost")


def _ready(pgconn: Libpq, events: int, deadline: Deadline) -> int:
    """Which of these events the socket is ready for, once it is for one; raises DeadlinePassed."""
    waiting = poll()
    waiting.register(pgconn.socket, events)
    if ready := waiting.poll(deadline.remaining() * 1000):
        return ready[0][1]
    raise errors.DeadlinePassed("PostgreSQL did not answer in time")
