"""A connection as the functions have it, for SQL of a test's own as well."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, LiteralString, cast, override
from urllib.parse import quote

import pytest
from psycopg.sql import Composable

from mastermind.deadline import Deadline
from mastermind.postgres.connection import Connection, Cursor
from mastermind.postgres.errors import DatabaseError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import psycopg

PATIENCE = 3600.0  # seconds; no test is late before pytest says so
# Nor does a role's time-out strike because the machine stands still: those are for functions, which have a Database.
PATIENT = "-c lock_timeout=30s -c statement_timeout=60s -c idle_in_transaction_session_timeout=60s"


class Entered(Connection):
    """It takes values in order (`%s`), too, and what is no literal: as bytes, or composed by psycopg."""

    @override
    def execute(
        self, query: LiteralString | bytes | Composable, named: Mapping[str, object] | Sequence[object] | None = None
    ) -> Cursor[tuple[Any, ...]]:
        text = _text(query)
        if named is None or hasattr(named, "keys"):
            return super().execute(text, cast("Mapping[str, object] | None", named))
        first, *parts = text.split("%s")
        numbered = "".join([first, *(f"%(value{n})s{part}" for n, part in enumerate(parts))])
        return super().execute(cast("LiteralString", numbered), {f"value{n}": value for n, value in enumerate(named)})

    def execute_many(self, query: LiteralString, values: Iterable[Sequence[object]]) -> None:
        """The statement once for each of them, all or none, in one round trip."""
        with self.pipeline():
            for each in values:
                self.execute(query, each)


def _text(query: LiteralString | bytes | Composable) -> LiteralString:
    written = query.as_string(None) if isinstance(query, Composable) else query
    return cast("LiteralString", written.decode() if isinstance(written, bytes) else written)


def enter(url: str, options: str = "") -> Entered:
    """With these settings of the server (`-c name=value`); raises errors.ConnectionLost."""
    return Entered.open(f"{url}&options={quote(f'{PATIENT} {options}')}", Deadline.after(PATIENCE))


def refused(kind: type[psycopg.Error], match: str | None = None) -> pytest.RaisesExc[DatabaseError]:
    """What the database must refuse, with the SQLSTATE for which psycopg has this name."""
    return pytest.raises(DatabaseError, match=match, check=lambda error: error.sqlstate == kind.sqlstate)
