"""Dumps of a database by PostgreSQL's own tools, each with an inventory of the same moment."""

from __future__ import annotations

import os
import subprocess
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, LiteralString

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict
from pydantic import TypeAdapter

from devkit.postgres import program
from mastermind.errors import BadMessage
from mastermind.parsing import parse
from mastermind.postgres import schema

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

type Connection = psycopg.Connection[tuple[Any, ...]]

# Without those that PostgreSQL does not log, which are for the moment: they have secrets, and no dump has them.
TABLES: LiteralString = """
SELECT relname::text FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relpersistence = 'p'
ORDER BY relname
"""

DAMAGED_HINT = "Is the dump whole? Take another one, or make one (`.venv/bin/ops backup`)."


class DumpError(Exception):
    """A tool of PostgreSQL failed; the message is its own."""


@dataclass(frozen=True, slots=True)
class Inventory:
    """The content of a database at one moment: its newest migration, and the number of rows in each table."""

    migration: int
    rows: dict[str, int]

    @property
    def total(self) -> int:
        return sum(self.rows.values())


INVENTORY = TypeAdapter(Inventory)


def take(conn: Connection) -> Inventory:
    """Count the rows of each table; consistent if the transaction is REPEATABLE READ."""
    tables = [name for (name,) in conn.execute(TABLES).fetchall()]
    return Inventory(_number(conn, sql.SQL(schema.NUMBER)), {name: _rows(conn, name) for name in tables})


def _rows(conn: Connection, table: str) -> int:
    return _number(conn, sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier("public", table)))


def _number(conn: Connection, query: sql.SQL | sql.Composed) -> int:
    ((number,),) = conn.execute(query).fetchall()
    return int(number)


def dump(url: str, file: Path) -> Inventory:
    """Dump the database into `file`, and its inventory into `file` with the suffix .json; both or neither.

    Both are of the same moment, even if play goes on. Only the caller may read them: they have members' words.
    Raises DumpError, or psycopg.Error if the database does not answer.
    """
    fresh = file.with_name(f"{file.name}.new")
    with closing(psycopg.connect(url, connect_timeout=10)) as conn:
        conn.isolation_level, conn.read_only = psycopg.IsolationLevel.REPEATABLE_READ, True
        ((snapshot,),) = conn.execute("SELECT pg_export_snapshot()").fetchall()
        held = take(conn)
        fresh.unlink(missing_ok=True)
        fresh.touch(mode=0o600)
        try:
            kept = ("--format=custom", "--no-unlogged-table-data", f"--snapshot={snapshot}")
            _run("pg_dump", url, *kept, f"--file={fresh}")
        except DumpError:
            fresh.unlink()
            raise
    _note(file, held)
    fresh.replace(file)
    return held


def _note(file: Path, held: Inventory) -> None:
    note = inventory_file(file)
    note.unlink(missing_ok=True)
    note.touch(mode=0o600)
    note.write_bytes(INVENTORY.dump_json(held, indent=1) + b"\n")


def inventory_file(file: Path) -> Path:
    """The file with the inventory of a dump."""
    return file.with_suffix(".json")


def newest(folder: Path) -> Path | None:
    """The newest dump in a folder."""
    return max(folder.glob("*.dump"), key=lambda file: file.stat().st_mtime, default=None)


def inventory_of(file: Path) -> Inventory:
    """What a dump must restore: from its inventory file, otherwise counted in the dump itself.

    Raises DumpError if there is no such dump, or if the dump or its inventory file cannot be read.
    """
    if not file.is_file():
        raise DumpError(f"there is no dump {file}")
    return _noted(inventory_file(file)) if inventory_file(file).exists() else _counted(file)


def _noted(note: Path) -> Inventory:
    try:
        return parse(INVENTORY, note.read_bytes())
    except BadMessage as error:
        raise DumpError(f"{note} is not a valid inventory ({error}); without that file the rows are counted") from error


def restore(file: Path, url: str) -> None:
    """Restore a dump into an empty database, in one transaction; raises DumpError."""
    database = conninfo_to_dict(url)["dbname"]
    try:
        _run("pg_restore", url, "--exit-on-error", "--single-transaction", f"--dbname={database}", str(file))
    except DumpError as error:
        raise DumpError(f"{error}. {DAMAGED_HINT}") from error


def _counted(file: Path) -> Inventory:
    """Count the rows in the dump, without a database."""
    rows: dict[str, int] = {}
    migration, table = 0, ""
    for line in _script(file):
        if not table:
            table = _begun(line)
            rows |= {table: 0} if table else {}
        elif line == "\\.":
            table = ""
        else:
            rows[table] += 1
            migration = max(migration, _migration(line) if table == "schema_migrations" else 0)
    if not rows:
        raise DumpError(f"{file} holds no table")
    return Inventory(migration, rows)


def _begun(line: str) -> str:
    """The table whose rows follow this line; empty when none do."""
    begin, _, rest = line.partition("COPY public.")
    return rest.partition(" ")[0].strip('"') if not begin and line.endswith(" FROM stdin;") else ""


def _migration(row: str) -> int:
    """The number in a row of schema_migrations: its first column."""
    return int(row.partition("\t")[0])


def _script(file: Path) -> Iterator[str]:
    """The dump as SQL, line by line; line breaks in values are escaped."""
    command = [str(program("pg_restore")), "--data-only", "--file=-", str(file)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8") as tool:
        assert tool.stdout
        assert tool.stderr
        for line in tool.stdout:
            yield line.removesuffix("\n")
        said = tool.stderr.read()
    if tool.returncode:
        raise DumpError(f"{said.strip()}. {DAMAGED_HINT}")


def _run(name: str, url: str, *arguments: str) -> None:
    """Run a tool on a database. Credentials are in the environment, which the process list does not show."""
    place = conninfo_to_dict(url)
    names = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD"}
    names |= {"dbname": "PGDATABASE", "sslmode": "PGSSLMODE"}
    entrance = {names[key]: str(value) for key, value in place.items() if key in names}
    done = subprocess.run(
        [str(program(name)), "--no-password", *arguments],
        env={**os.environ, **entrance},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise DumpError(done.stderr.strip() or f"{name} failed")
