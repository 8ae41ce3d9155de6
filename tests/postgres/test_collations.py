from __future__ import annotations

import importlib
import pkgutil
import re
from contextlib import closing
from typing import TYPE_CHECKING

import psycopg
import pytest

import mastermind
from tests.collations import STORED, dependent, of_one

if TYPE_CHECKING:
    from collections.abc import Iterator

    from devkit.postgres import Postgres
    from tests.conftest import Superuser

LETTERS = "(VALUES ('a'), ('B')) AS letters (one)"
IN_C = "(VALUES ('a' COLLATE \"C\"), ('B')) AS letters (one)"


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("SELECT one FROM {} ORDER BY one", "ORDER BY one"),
        ("SELECT 1 FROM {} ORDER BY one", "ORDER BY an expression"),
        ("SELECT string_agg(one, ', ' ORDER BY one) FROM {}", "ORDER BY an expression"),
        ("SELECT row_number() OVER (ORDER BY one) FROM {}", "ORDER BY an expression"),
        ("SELECT 1 WHERE EXISTS (SELECT FROM {} WHERE one > 'b')", ">(text,text)"),
        ("SELECT max(one) FROM {}", "max(text)"),
        ("SELECT greatest(one, 'b') FROM {}", "greatest() or least()"),
        ("SELECT lower(one) FROM {}", "lower(text)"),
        ("SELECT one ILIKE 'A%' FROM {}", "~~*(text,text)"),
    ],
)
def test_what_depends_on_a_language_is_found_and_not_in_c(owner: Superuser, query: str, found: str):
    assert dependent(owner, of_one(owner, query.format(LETTERS))) == {found}
    assert dependent(owner, of_one(owner, query.format(IN_C))) == set()


@pytest.mark.parametrize("query", ["SELECT one = 'a' FROM {} GROUP BY one", "SELECT one FROM {} WHERE one LIKE 'a%'"])
def test_equality_is_the_same_in_every_language(owner: Superuser, query: str):
    assert dependent(owner, of_one(owner, query.format(LETTERS))) == set()


PREPARABLE = re.compile(r"\s*(SELECT|WITH|INSERT|UPDATE|DELETE)\b")
UNTYPED = {"CHANGES"}  # without its parameters' types PostgreSQL cannot choose an operator; it is tried with commands


def statements() -> Iterator[tuple[str, str]]:
    """Every statement that the game has as a constant, with its name."""
    for found in pkgutil.walk_packages(mastermind.__path__, "mastermind."):
        module = importlib.import_module(found.name)
        for name, kind in getattr(module, "__annotations__", {}).items():
            if kind == "LiteralString" and PREPARABLE.match(getattr(module, name)):
                yield name, getattr(module, name)


def prepared(statement: str) -> str:
    """The statement with its parameters as PostgreSQL numbers them."""
    names = dict.fromkeys(re.findall(r"%\((\w+)\)s", statement))
    numbers = {name: f"${number}" for number, name in enumerate(names, 1)}
    return "DEALLOCATE ALL; PREPARE it AS " + re.sub(
        r"%\((\w+)\)s", lambda found: numbers[found[1]], statement
    ).replace("%%", "%")


@pytest.fixture
def owner(database: Postgres) -> Iterator[Superuser]:
    """What PostgreSQL makes of a query comes as a notice, which no connection of a function takes."""
    with closing(psycopg.connect(database.owner_url, autocommit=True)) as conn:
        yield conn


def test_no_statement_depends_on_a_language(owner: Superuser):
    trees = [tree for name, text in statements() if name not in UNTYPED for tree in of_one(owner, prepared(text))]
    assert len(trees) > 100
    assert dependent(owner, trees) == set()


def test_nothing_stored_is_computed_in_a_language(owner: Superuser):
    stored = dict(owner.execute(STORED).fetchall())
    assert len(stored) > 50
    assert dependent(owner, stored.values()) == set()
