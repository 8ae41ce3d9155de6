"""A community's own content is checked and then built into the layer in the place of ours."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from devkit.content.look import LookFile
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
from mastermind.game.weeks import content as questions
print(challenges.load(), course.load(), flags.load(), questions.load(), stats.load())
"""
TASK = {"id": "hug-a-tree", "text": "Hug a tree in your street."}
CHALLENGE = {"key": "tensey_exercise", "name": "Challenges", "xp": 100}
WALKS = {"key": "walks", "name": "Walks In The Rain", "xp": 20, "cap": 5}
LESSON = {"id": "listen", "title": "Listen To Rivers", "about": "Sit.", "minutes": 9, "link": "https://example.org"}
OWN = {
    "CHALLENGES_FILE": {"levels": [{"level": 1, "title": "Trees", "about": "Green.", "challenges": [TASK]}]},
    "STATS_FILE": {
        "categories": [{"key": "outside", "title": "Outside", "stats": [WALKS]}],
        "automatic": [CHALLENGE],
    },
    "FLAGS_FILE": {
        "rules": [
            {"category": "mischief", "title": "Mischief", "advice": "Smile.", "words": ["stolen cookies"], "need": True}
        ],
        "helplines": [{"name": "The baker", "number": "every morning"}],
    },
    "COURSE_FILE": {"modules": [{"id": "water", "title": "Water", "about": "Flow.", "level": 1, "lessons": [LESSON]}]},
    "QUESTIONS_FILE": {"questions": ["Which door did you open?"]},
}
WORDS = {
    "CHALLENGES_FILE": "tree",
    "STATS_FILE": "Rain",
    "FLAGS_FILE": "cookies",
    "COURSE_FILE": "Rivers",
    "QUESTIONS_FILE": "door",
}


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Path]:
    """A file of each kind with one entry, named in the environment as an operator does it."""
    files = {variable: tmp_path / f"our own {variable.lower()}.json" for variable in OWN}
    for variable, file in files.items():
        file.write_text(json.dumps(OWN[variable]))
        monkeypatch.setenv(variable, str(file))
    return files


def parts() -> dict[str, Part]:
    return {part.logical_id: part for part in deployer.parts(TEMPLATE, ROOT)}


@pytest.mark.usefixtures("own")
def test_the_layer_has_a_communitys_own_content(tmp_path: Path):
    layer = build([parts()["SharedLayer"]], tmp_path / "build")["SharedLayer"].folder / "python"
    command = [sys.executable, "-I", "-S", "-c", SHOW, str(layer)]
    shown = subprocess.run(command, capture_output=True, text=True, check=False)
    for word in WORDS.values():
        assert word in shown.stdout, shown.stderr


def test_the_function_that_draws_has_a_communitys_own_look(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    file = tmp_path / "our own look.json"
    file.write_text(LookFile.SHIPPED.read_text().replace('"title": ""', '"title": "The Walkers"'))
    before = fingerprint(parts()["Pictures"])
    monkeypatch.setenv(LookFile.VARIABLE, str(file))
    assert fingerprint(parts()["Pictures"]) != before
    folder = build([parts()["Pictures"]], tmp_path / "build")["Pictures"].folder
    assert json.loads((folder / "functions/pictures/look/look.json").read_text())["title"] == "The Walkers"
    file.write_text('{"colors": {}}')
    with pytest.raises(BuildError, match=r"our own look\.json: the file: colors: ground: is missing"):
        build([parts()["Pictures"]], tmp_path / "build")


def test_a_build_with_wrong_files_fails_and_says_what_is_wrong(own: dict[str, Path], tmp_path: Path):
    own["CHALLENGES_FILE"].write_text('{"levels": [{"level": 2}]}')
    own["STATS_FILE"].unlink()
    with pytest.raises(BuildError) as caught:
        build([parts()["SharedLayer"]], tmp_path / "build")
    assert "our own challenges_file.json: level 1: challenges: is missing" in str(caught.value)
    assert "our own stats_file.json: the file: " in str(caught.value)


def test_a_build_for_aws_fails_alike(own: dict[str, Path], tmp_path: Path):
    own["CHALLENGES_FILE"].unlink()
    command = ["make", "-C", str(ROOT / "layers" / "shared"), "build-SharedLayer", f"ARCHITECTURE={architecture()}"]
    made = subprocess.run(
        [*command, f"ARTIFACTS_DIR={tmp_path / 'layer'}"], capture_output=True, text=True, check=False
    )
    assert made.returncode
    assert "our own challenges_file.json: the file: " in made.stderr
    assert not (tmp_path / "layer" / "rds-ca").exists()


@pytest.mark.parametrize("name", ["$(shell touch ran)", '"; touch ran; "`touch ran`'])
def test_the_name_of_a_file_is_never_run(name: str, tmp_path: Path):
    builds = [("layers/shared", "build-SharedLayer"), ("functions", "build-Migrate"), ("functions", "build-Pictures")]
    for folder, target in [*builds, (".", "help")]:
        command = ["make", "-C", str(ROOT / folder), target, f"ARTIFACTS_DIR={tmp_path / 'out'}"]
        environment = os.environ | dict.fromkeys([*OWN, LookFile.VARIABLE], name)
        environment["PATH"] = f"{ROOT / '.tools' / 'uv' / 'bin'}:{environment['PATH']}"
        made = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert bool(made.returncode) is (folder != "."), made.stdout
        assert not [file for file in (ROOT, ROOT / folder, tmp_path) if (file / "ran").exists()]


@pytest.mark.usefixtures("own")
@pytest.mark.parametrize("variable", OWN)
def test_the_local_game_is_built_again_when_a_file_changes(variable: str, monkeypatch: pytest.MonkeyPatch):
    file = Path(os.environ[variable])
    one = fingerprint(parts()["SharedLayer"])
    file.write_text(file.read_text().replace(WORDS[variable], "Snow"))
    other = fingerprint(parts()["SharedLayer"])
    monkeypatch.delenv(variable)
    assert len({one, other, fingerprint(parts()["SharedLayer"])}) == 3


def test_a_file_is_looked_for_in_the_projects_root(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("CHALLENGES_FILE", "own.json")
    assert ROOT / "own.json" in parts()["SharedLayer"].reads
    assert ROOT / "own.json" not in parts()["InteractionsTensey"].reads
