"""What the layer has in the place of psycopg, held against psycopg."""

from __future__ import annotations

import ast
import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
from psycopg import pq

if TYPE_CHECKING:
    from types import ModuleType

HERE = Path(__file__).parents[2] / "layers" / "shared" / "libpq" / "psycopg"


def loaded(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location("ours", HERE / name)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def classes(module: ModuleType) -> dict[str, type]:
    return {name: each for name, each in vars(module).items() if isinstance(each, type)}


def test_every_number_is_that_of_libpq():
    compared = 0
    for name, numbers in classes(loaded("pq/_enums.py")).items():
        for member, number in vars(numbers).items():
            if member.isupper():
                assert number == getattr(pq, name)[member], (name, member)
                compared += 1
    assert compared > 10


def test_every_error_has_psycopgs_name_and_the_parents_it_has_there():
    ours = classes(loaded("errors.py"))
    for name, error in ours.items():
        theirs = getattr(psycopg, name)
        assert {parent.__name__ for parent in error.__mro__} == {parent.__name__ for parent in theirs.__mro__}


def test_every_tuple_has_psycopgs_fields():
    for name, ours in classes(loaded("pq/misc.py")).items():
        assert vars(ours)["_fields"] == vars(getattr(pq.misc, name))["_fields"], name


def test_nothing_is_used_that_the_layer_lacks():
    """The package imports from psycopg what stands there, and nothing else."""
    lent = {"psycopg.pq": set(ast.literal_eval(_assigned("pq/__init__.py"))), "psycopg.errors": {"Error"}}
    package = HERE.parents[1] / "mastermind"
    for path in package.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and str(node.module).startswith("psycopg."):
                names = {alias.name for alias in node.names}
                assert str(node.module).endswith(".abc") or names <= lent[str(node.module)], path
            assert not isinstance(node, ast.Import) or all("psycopg" not in alias.name for alias in node.names), path


def _assigned(name: str) -> str:
    (found,) = [
        ast.unparse(node.value)
        for node in ast.parse((HERE / name).read_text()).body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"
    ]
    return found
