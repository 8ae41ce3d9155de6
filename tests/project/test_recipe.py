"""The recipe for a slash command, followed to the letter in a copy of the project: two files, and one command."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"^   ```python\n(.*?)^   ```$", re.MULTILINE | re.DOTALL)
LEFT_OUT = shutil.ignore_patterns(".*", "__pycache__", "node_modules", "dist", "backups")
FILES = ("layers/shared/mastermind/commands/main/ping.py", "tests/commands/test_ping.py")
GENERATED = {
    "docs/BIG_BEAUTIFUL_EMBED_GUIDE.md",
    "docs/Commands.md",
    "docs/pictures/ping.png",
    "docs/pictures/taken.json",
    "layers/shared/mastermind/bot/listing.py",
    "simulator/page/gallery.json",
}
TESTS = (
    "tests/commands/test_ping.py",
    "tests/commands/test_refusals.py::test_every_command_has_a_row_that_says_who_may_use_it",
    "tests/browser/test_pictures.py::test_every_command_and_every_other_sender_has_a_picture",
    "tests/ops/test_docs.py",
)


def blocks() -> list[str]:
    recipe = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").partition("### A slash command\n")[2]
    found = BLOCK.findall(recipe.partition("\n### ")[0])
    return [re.sub(r"^   ", "", block, flags=re.MULTILINE) for block in found]


def copy(into: Path) -> Path:
    """The project as a clone has it, with the tools that the set-up has brought."""
    tree = into / "tree"
    shutil.copytree(ROOT, tree, ignore=LEFT_OUT)
    for name in (".python-version", ".checkov.yaml", ".gitignore"):
        shutil.copy(ROOT / name, tree / name)
    for name in (".tools", ".venv"):
        (tree / name).symlink_to(ROOT / name)
    subprocess.run(["git", "init", "-q", tree], check=True)  # what a clone has is what git lists
    return tree


def run(tree: Path, *command: str) -> None:
    environ = {**os.environ, "PYTHONPATH": f"{tree}:{tree / 'layers' / 'shared'}"}
    made = subprocess.run(command, cwd=tree, env=environ, capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stdout[-4000:] + made.stderr[-4000:]


def contents(tree: Path) -> dict[str, bytes]:
    files = (file for folder in ("docs", "layers", "simulator/page", "tests") for file in (tree / folder).rglob("*"))
    kept = (file for file in files if file.is_file() and not {"__pycache__", "node_modules"} & {*file.parts})
    return {str(file.relative_to(tree)): file.read_bytes() for file in kept}


@pytest.mark.timeout(900)
def test_a_new_command_takes_one_file_and_its_test(tmp_path: Path):
    tree = copy(tmp_path)
    for name, block in zip(FILES, blocks(), strict=True):
        (tree / name).write_text(block, encoding="utf-8")
    before = contents(tree)
    for step in (("ops", "docs"), ("tests.gallery",), ("tests.browser.pictures", "ping")):
        run(tree, sys.executable, "-m", *step)
    after = contents(tree)
    assert {name for name in after if after[name] != before.get(name)} == GENERATED
    assert "/ping" in {scene["name"] for scene in json.loads((tree / "simulator/page/gallery.json").read_bytes())}
    assert "(pictures/ping.png)" in (tree / "docs/BIG_BEAUTIFUL_EMBED_GUIDE.md").read_text(encoding="utf-8")
    run(tree, sys.executable, "-m", "ruff", "check", *FILES)
    run(tree, sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *TESTS)


def test_make_picture_does_what_the_recipe_needs():
    made = subprocess.run(
        ["make", "-n", "picture", "COMMAND=ping"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    for step in ("ops docs", "-m tests.gallery", '-m tests.browser.pictures "ping"'):
        assert step in made.stdout
