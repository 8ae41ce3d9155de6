"""The functions: each folder holds a handler that Lambda can call, and little else."""

from __future__ import annotations

import ast
from importlib import import_module
from pathlib import Path

import pytest

FUNCTIONS = Path(__file__).parents[2] / "functions"
FOLDERS = sorted(path.parent.name for path in FUNCTIONS.glob("*/handler.py"))


ENTRIES = {
    "backup": ["handler"],
    "healthcheck": ["handler"],
    "interactions_main": ["handler"],
    "interactions_tensey": ["handler"],
    "migrate": ["gate", "run"],
    "notify": ["handler"],
    "outbox": ["handler"],
    "pictures": ["handler"],
    "relay": ["handler"],
    "xp_award": ["handler"],
}


def test_the_functions_of_this_release_are_all_there():
    assert sorted(ENTRIES) == FOLDERS


@pytest.mark.parametrize(
    ("folder", "entry"), [(folder, entry) for folder, entries in ENTRIES.items() for entry in entries]
)
def test_a_handler_is_made_without_an_environment(folder: str, entry: str, monkeypatch: pytest.MonkeyPatch):
    for name in ("DISCORD_PUBLIC_KEY", "DATABASE_HOST", "AWS_REGION"):
        monkeypatch.delenv(name, raising=False)
    assert callable(getattr(import_module(f"functions.{folder}.handler"), entry))


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_handler_file_decides_nothing_and_is_short(folder: str):
    text = (FUNCTIONS / folder / "handler.py").read_text()
    tree = ast.parse(text)
    assert len(text.splitlines()) <= 6
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.If | ast.For | ast.While | ast.Try | ast.Match)]
    assert ast.get_docstring(tree)
