"""How often something waits for PostgreSQL: counted in the trace of the protocol."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from mastermind.bot.call import CommandDatabase
    from mastermind.deadline import Deadline
    from mastermind.postgres.connection import Connection

ASKS_FOR_AN_ANSWER = {"Sync", "Flush", "Query"}


def waits(trace: str) -> int:
    """The times that the client asked for answers; a Flush behind another of these asks for the same ones again."""
    lines = [line.split("\t") for line in trace.splitlines()]  # time, direction, length, kind, ...
    kinds = [parts[3] for parts in lines if len(parts) > 3 and parts[1] == "F"]
    return sum(
        kind in ASKS_FOR_AN_ANSWER and (kind != "Flush" or before not in ASKS_FOR_AN_ANSWER)
        for before, kind in pairwise(["", *kinds])
    )


@dataclass
class Traced:
    """A database that counts the round trips of all work that is done on it, once its connection stands."""

    database: CommandDatabase
    trips: int = 0

    def run[T](self, work: Callable[[Connection], T], deadline: Deadline) -> T:
        return self.database.run(lambda conn: self._count(work, conn), deadline)

    def _count[T](self, work: Callable[[Connection], T], conn: Connection) -> T:
        with tempfile.NamedTemporaryFile("r") as trace, open(trace.name, "w", encoding="utf-8") as file:  # noqa: PTH123
            conn.pgconn.trace(file.fileno())
            try:
                return work(conn)
            finally:
                if not conn.closed:
                    conn.pgconn.untrace()
                self.trips += waits(trace.read())
