"""A part is built by its make target, and only when something it reads has changed."""

import os
import time
from pathlib import Path

import pytest

from local.builder import BuildError, Part, architecture, build, fingerprint

MAKEFILE = """
build-Toy:
\t@mkdir -p "$(ARTIFACTS_DIR)"
\t@cp handler.py "$(ARTIFACTS_DIR)/"
\t@echo "$(ARCHITECTURE)" > "$(ARTIFACTS_DIR)/architecture"
\t@echo built >> ../times
"""


@pytest.fixture
def part(tmp_path: Path) -> Part:
    folder = tmp_path / "toy"
    folder.mkdir()
    (folder / "Makefile").write_text(MAKEFILE)
    (folder / "handler.py").write_text("one")
    return Part("Toy", folder / "Makefile", (folder,))


def times(part: Part) -> int:
    return len((part.makefile.parent.parent / "times").read_text().splitlines())


def test_a_part_is_built_once_for_this_machine(part: Part, tmp_path: Path):
    first, second = (build([part], tmp_path / "build")["Toy"] for _ in range(2))
    assert first == second
    assert times(part) == 1
    assert (first.folder / "architecture").read_text().strip() == architecture()
    assert (first.folder / "handler.py").read_text() == "one"


def open_to_others(folder: Path) -> list[str]:
    return [str(path) for path in (folder, *folder.rglob("*")) if path.lstat().st_mode & 0o077]


def test_a_build_is_for_its_owner_alone_whatever_was_copied_and_whoever_builds(part: Part, tmp_path: Path):
    for path in part.makefile.parent.iterdir():
        path.chmod(0o755)
    usual = os.umask(0)
    try:
        folder = build([part], tmp_path / "build")["Toy"].folder
    finally:
        os.umask(usual)
    assert open_to_others(tmp_path / "build") == []
    assert (folder / "handler.py").stat().st_mode & 0o700


def test_a_change_is_built_beside_the_old_one_which_may_still_be_in_use(part: Part, tmp_path: Path):
    old = build([part], tmp_path / "build")["Toy"]
    (part.makefile.parent / "handler.py").write_text("two")
    new = build([part], tmp_path / "build")["Toy"]
    assert [(made.folder / "handler.py").read_text() for made in (old, new)] == ["one", "two"]
    assert times(part) == 2


def build_with(part: Part, number: int, into: Path) -> Path:
    (part.makefile.parent / "handler.py").write_text(str(number))
    return build([part], into)["Toy"].folder


def test_old_builds_are_cleared_away_unless_somebody_began_to_use_them_a_moment_ago(part: Part, tmp_path: Path):
    folders = [build_with(part, number, tmp_path) for number in range(6)]
    assert all(folder.exists() for folder in folders)
    for age, folder in enumerate(reversed(folders), 1):
        used = time.time() - 3600 * age
        os.utime(folder, (used, used))
    assert build_with(part, 0, tmp_path) == folders[0]  # used again, so that it is the newest
    build_with(part, 6, tmp_path)
    assert [folder.exists() for folder in folders] == [True, False, False, False, False, True]


def test_what_a_run_leaves_behind_does_not_count_as_a_change(part: Part):
    before = fingerprint(part)
    cache = part.makefile.parent / "__pycache__"
    cache.mkdir()
    (cache / "handler.pyc").write_text("")
    assert fingerprint(part) == before


def test_a_renamed_file_is_a_change(part: Part):
    before = fingerprint(part)
    (part.makefile.parent / "handler.py").rename(part.makefile.parent / "other.py")
    assert fingerprint(part) != before


def test_a_target_that_fails_says_why_and_leaves_nothing_that_looks_built(part: Part, tmp_path: Path):
    part.makefile.write_text("build-Toy:\n\t@echo the flour is missing >&2; false\n")
    with pytest.raises(BuildError, match="the flour is missing"):
        build([part], tmp_path / "build")
    part.makefile.write_text(MAKEFILE)
    assert (build([part], tmp_path / "build")["Toy"].folder / "handler.py").exists()
