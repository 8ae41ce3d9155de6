"""What depends on the language of the database, by PostgreSQL's own analysis of each query.

A database of RDS sorts as `en_US.UTF-8`, ours on one machine by bytes. Of both only the second is here, so a difference
cannot be seen in results; but PostgreSQL says of each comparison by which collation it is made.
"""

from __future__ import annotations

import re
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, LiteralString

from psycopg import sql

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator

    from psycopg.errors import Diagnostic

    from devkit.postgres import Postgres
    from tests.conftest import Connection, Superuser

type Tree = dict[str, list[Tree | str]]
"""A node of a query: its name under "", and its fields, each a list of words and nodes."""

ROLES = ("app_main", "app_tensey", "app_award", "app_outbox")

DEPENDENT: LiteralString = """
SELECT oid::text, oid::regprocedure::text FROM pg_proc
WHERE proname ~ '^(text|bpchar|array|record)_?(lt|le|gt|ge)$' OR proname ~ '^(text|bpchar)_(larger|smaller)$'
    OR proname IN ('min', 'max', 'lower', 'upper', 'initcap', 'casefold') OR proname ~ '^(text|bpchar)ic'
UNION ALL
SELECT pg_operator.oid::text, pg_operator.oid::regoperator::text
FROM pg_operator JOIN pg_proc ON pg_proc.oid = oprcode
WHERE proname ~ '^(text|bpchar|array|record)_?(lt|le|gt|ge)$' OR proname ~ '^(text|bpchar)ic'
"""
"""Functions and operators that order text or change its case. Equality and LIKE compare bytes everywhere."""

STORED: LiteralString = """
SELECT conname::text AS name, conbin::text AS tree FROM pg_constraint
WHERE conbin IS NOT NULL AND connamespace = 'public'::regnamespace
UNION ALL
SELECT pg_class.relname || '.' || pg_attribute.attname, adbin::text
FROM pg_attrdef JOIN pg_class ON pg_class.oid = adrelid JOIN pg_attribute ON attrelid = adrelid AND attnum = adnum
WHERE relnamespace = 'public'::regnamespace
UNION ALL
SELECT indexrelid::regclass::text, concat('(', indexprs::text, ' ', indpred::text, ')')
FROM pg_index JOIN pg_class ON pg_class.oid = indrelid
WHERE relnamespace = 'public'::regnamespace AND (indexprs IS NOT NULL OR indpred IS NOT NULL)
"""
"""What checks, defaults, generated columns and indexes compute."""

WORD = re.compile(r"[{}()]|(?:\\.|[^\s{}()\\])+")
NEUTRAL = {"0", "950"}  # no text at all, and COLLATE "C"
ORDERINGS = (":sortClause", ":orderClause", ":aggorder")  # of a query, a window, an aggregate


class Analysis:
    """Collects what PostgreSQL makes of each query that a function's role sends, and of those inside functions."""

    def __init__(self, postgres: Postgres) -> None:
        self._log = postgres.log
        self._start = self._log.stat().st_size

    def queries(self) -> set[str]:
        """The trees of all queries so far, each once."""
        with self._log.open(encoding="utf-8", errors="replace") as log:
            log.seek(self._start)
            text = log.read().replace("\n\t", " ")
        found = re.findall(r"DETAIL:  (\{QUERY .*)", text)
        return {re.sub(r":(location|stmt_len|stmt_location) -?\d+", "", tree) for tree in found}


@contextmanager
def analysed(postgres: Postgres) -> Generator[Analysis]:
    """From here on the functions' roles have their queries analysed, on new connections."""
    with closing(postgres.as_superuser()) as conn:
        _switch(conn, "SET debug_print_parse = on", "SET debug_pretty_print = off")
        try:
            yield Analysis(postgres)
        finally:
            _switch(conn, "RESET debug_print_parse", "RESET debug_pretty_print")


def _switch(conn: Superuser, *changes: LiteralString) -> None:
    for role in ROLES:
        for change in changes:
            conn.execute(sql.SQL("ALTER ROLE {} ").format(sql.Identifier(role)) + sql.SQL(change))


def of_one(conn: Superuser, query: str) -> list[str]:
    """The trees of this query, or of one that is prepared, as this connection has it analysed."""
    with conn.transaction(force_rollback=True):
        conn.execute(
            "SET LOCAL debug_print_parse = on; SET LOCAL debug_pretty_print = off; SET LOCAL client_min_messages = log"
        )
        trees: list[str] = []

        def take(notice: Diagnostic) -> None:
            trees.append(notice.message_detail or "")

        conn.add_notice_handler(take)
        conn.execute(query.encode())
        conn.remove_notice_handler(take)
    return [tree for tree in trees if ":commandType 6 " not in tree[:40]]  # PREPARE and DEALLOCATE themselves


def dependent(conn: Connection | Superuser, trees: Iterable[str]) -> set[str]:
    """What in these trees depends on the language of the database: functions, operators, and what is sorted by."""
    names = dict(conn.execute(DEPENDENT).fetchall())
    return {found for tree in trees for node in _nodes(_parse(tree)) for found in _found(node, names)}


def _found(node: Tree, names: dict[str, str]) -> Iterator[str]:
    if not set(_words(node, ":inputcollid")) <= NEUTRAL:
        if node[""] == ["MINMAXEXPR"]:
            yield "greatest() or least()"
        for called in (":funcid", ":opno", ":aggfnoid", ":winfnoid"):
            yield from (names[one] for one in _words(node, called) if one in names)
    for place in (node, *_children(node, ":windowClause")):
        for order in (one for clause in ORDERINGS for one in _children(place, clause)):
            yield from _sorted_by(node, order)


def _sorted_by(query: Tree, order: Tree) -> Iterator[str]:
    """The name of what is sorted by, if the order is a language's."""
    [wanted] = _words(order, ":tleSortGroupRef")
    for target in (*_children(query, ":targetList"), *_children(query, ":args")):
        if wanted in _words(target, ":ressortgroupref") and not _collations(target) <= NEUTRAL:
            [name] = _words(target, ":resname")
            yield f"ORDER BY {'an expression' if name == '<>' else name}"


def _collations(target: Tree) -> set[str]:
    [expression] = _children(target, ":expr")
    fields = [field for field in expression if field.endswith(("collid", "collOid")) and field != ":inputcollid"]
    return {word for field in fields for word in _words(expression, field)}


# --- the text of a tree: {NODE :field value :field ({NODE ...} {NODE ...})} ---


def _parse(text: str) -> Tree:
    root: Tree = {"": ["all"], ":all": []}
    open_nodes, field = [(root, ":all")], ":all"
    words = iter(WORD.findall(text))
    for word in words:
        if word == "{":
            node: Tree = {"": [next(words)]}
            open_nodes[-1][0][field].append(node)
            open_nodes[-1] = (open_nodes[-1][0], field)
            open_nodes.append((node, field := ""))
        elif word == "}":
            open_nodes.pop()
            field = open_nodes[-1][1]
        elif word.startswith(":"):
            open_nodes[-1][0][field := word] = []
        elif word not in "()":
            open_nodes[-1][0][field].append(word)
    return root


def _nodes(tree: Tree) -> Iterator[Tree]:
    yield tree
    for values in tree.values():
        for value in values:
            if isinstance(value, dict):
                yield from _nodes(value)


def _children(node: Tree, field: str) -> list[Tree]:
    return [value for value in node.get(field, []) if isinstance(value, dict)]


def _words(node: Tree, field: str) -> list[str]:
    return [value for value in node.get(field, []) if isinstance(value, str)]
