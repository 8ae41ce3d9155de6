"""A community's own content is looked at and then built into the layer in the place of ours."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from devkit.template import Template
from local import deployer
from local.builder import BuildError, Part, architecture, build, fingerprint

ROOT = Path(__file__).parents[2]
TEMPLATE = Template.read(ROOT / "template.yaml")
SHOW = """
import sys; sys.path.insert(0, sys.argv[1])
from mastermind.game.catalogue import content as stats
from mastermind.game.challenges import content as challenges
from mastermind.game.course import content as course
from mastermind.game.flags import content as flags
print(challenges.load(), course.load(), flags.load(), stats.load())
"""
WALKS = {"key": "walks", "name": "Walks In The Rain", "xp": 20, "cap": 5}
CHALLENGE = {"key": "tensey_exercise", "name": "Tensey Exercise", "xp": 100}


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file with one challenge, named in the environment as an operator does it."""
    file = tmp_path / "our own.json"
    task = {"id": "hug-a-tree", "text": "Hug a tree in your street."}
    file.write_text(json.dumps({"levels": [{"level": 1, "title": "Trees", "about": "Green.", "challenges": [task]}]}))
    monkeypatch.setenv("CHALLENGES_FILE", str(file))
    return file


@pytest.fixture
def own_stats(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file with one stat, named in the same way."""
    file = tmp_path / "own-stats.json"
    categories = [{"key": "outside", "title": "Outside", "stats": [WALKS]}]
    file.write_text(json.dumps({"categories": categories, "automatic": [CHALLENGE]}))
    monkeypatch.setenv("STATS_FILE", str(file))
    return file


@pytest.fixture
def own_flags(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file with one rule, named in the same way."""
    file = tmp_path / "own-flags.json"
    rule = {"category": "mischief", "title": "Mischief", "advice": "Smile.", "words": ["stolen cookies"]}
    file.write_text(json.dumps({"rules": [rule]}))
    monkeypatch.setenv("FLAGS_FILE", str(file))
    return file


@pytest.fixture
def own_course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file with one lesson, named in the same way."""
    file = tmp_path / "own-course.json"
    lesson = {"id": "listen", "title": "Listen To Rivers", "about": "Sit.", "minutes": 9, "link": "https://example.org"}
    module = {"id": "water", "title": "Water", "about": "Flow.", "level": 1, "lessons": [lesson]}
    file.write_text(json.dumps({"modules": [module]}))
    monkeypatch.setenv("COURSE_FILE", str(file))
    return file


def parts() -> dict[str, Part]:
    return {part.logical_id: part for part in deployer.parts(TEMPLATE, ROOT)}


def test_the_layer_has_a_communitys_own_content(
    own: Path, own_stats: Path, own_flags: Path, own_course: Path, tmp_path: Path
):
    layer = build([parts()["SharedLayer"]], tmp_path / "build")["SharedLayer"].folder / "python"
    assert (layer / "mastermind/game/challenges/challenges.json").read_bytes() == own.read_bytes()
    assert (layer / "mastermind/game/catalogue/stats.json").read_bytes() == own_stats.read_bytes()
    assert (layer / "mastermind/game/flags/flags.json").read_bytes() == own_flags.read_bytes()
    assert (layer / "mastermind/game/course/course.json").read_bytes() == own_course.read_bytes()
    command = [sys.executable, "-I", "-S", "-c", SHOW, str(layer)]
    shown = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "Hug a tree in your street." in shown.stdout, shown.stderr
    assert "Walks In The Rain" in shown.stdout
    assert "stolen cookies" in shown.stdout
    assert "Listen To Rivers" in shown.stdout


def test_a_build_with_a_wrong_file_fails_and_says_what_is_wrong(own: Path, tmp_path: Path):
    own.write_text('{"levels": [{"level": 2}]}')
    with pytest.raises(BuildError, match=r"our own\.json: level 1: challenges: must be a list"):
        build([parts()["SharedLayer"]], tmp_path / "build")


def test_a_build_with_wrong_stats_fails_and_says_what_is_wrong(own_stats: Path, tmp_path: Path):
    own_stats.write_text('{"categories": []}')
    with pytest.raises(BuildError, match=r"own-stats\.json: the file: categories: must have 1 to 5 entries, has 0"):
        build([parts()["SharedLayer"]], tmp_path / "build")


def test_a_build_for_aws_fails_alike(own: Path, tmp_path: Path):
    own.unlink()
    command = ["make", "-C", str(ROOT / "layers" / "shared"), "build-SharedLayer", f"ARCHITECTURE={architecture()}"]
    made = subprocess.run(
        [*command, f"ARTIFACTS_DIR={tmp_path / 'layer'}"], capture_output=True, text=True, check=False
    )
    assert made.returncode
    assert "our own.json: the file: path: " in made.stderr
    assert not (tmp_path / "layer" / "rds-ca").exists()


@pytest.mark.usefixtures("own", "own_stats", "own_flags", "own_course")
@pytest.mark.parametrize(
    ("variable", "word"),
    [("CHALLENGES_FILE", "tree"), ("STATS_FILE", "Rain"), ("FLAGS_FILE", "cookies"), ("COURSE_FILE", "Rivers")],
)
def test_the_game_on_ones_machine_is_built_anew_when_a_file_changes(
    variable: str, word: str, monkeypatch: pytest.MonkeyPatch
):
    file = Path(os.environ[variable])
    one = fingerprint(parts()["SharedLayer"])
    file.write_text(file.read_text().replace(word, "Snow"))
    other = fingerprint(parts()["SharedLayer"])
    monkeypatch.delenv(variable)
    assert len({one, other, fingerprint(parts()["SharedLayer"])}) == 3


def test_a_file_is_looked_for_in_the_projects_root(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("CHALLENGES_FILE", "own.json")
    assert ROOT / "own.json" in parts()["SharedLayer"].reads
    assert ROOT / "own.json" not in parts()["InteractionsTensey"].reads
