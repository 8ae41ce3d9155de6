"""`ops check-content` says all that is wrong with a community's own content."""

from __future__ import annotations

from typing import TYPE_CHECKING

from typer.testing import CliRunner

from local.deployer import OWN_CONTENT
from mastermind.game.flags import content as flags
from ops.__main__ import app

if TYPE_CHECKING:
    from pathlib import Path

WRONG = """{"levels": [
    {"level": 1, "title": "One", "about": "It.", "challenges": [{"id": "a", "text": " "}, {"id": "B", "text": "Do."}]},
    {"level": 3, "title": "Two", "about": "It.", "challenges": [{"id": "c", "text": "Do it."}]}
]}"""


def test_what_ships_is_sound():
    result = CliRunner().invoke(app, ["check-content"], env=dict.fromkeys(OWN_CONTENT))
    assert result.exit_code == 0
    assert result.output.splitlines() == [
        "challenges.json is sound; levels: 25, challenges: 303",
        "stats.json is sound; categories: 5, stats: 18",
        f"flags.json is sound; {flags.load().told}",
        "course.json is sound; modules: 7, lessons: 21",
    ]


def test_every_mistake_is_told_with_file_entry_and_field(tmp_path: Path):
    own = tmp_path / "own.json"
    own.write_text(WRONG)
    for arguments, environment in (
        (["check-content", str(own)], {}),
        (["check-content"], {"CHALLENGES_FILE": str(own)}),
    ):
        result = CliRunner().invoke(app, arguments, env=environment)
        assert result.exit_code == 1
        assert [line.rpartition(": ")[0] for line in result.output.splitlines()] == [
            "own.json: level 1, challenge 1: text",
            "own.json: level 1, challenge 2: id",
            "own.json: level 2: level: must be 2",
        ]


def test_own_stats_are_checked_too(tmp_path: Path):
    own, wrong = tmp_path / "own.json", tmp_path / "wrong.json"
    own.write_text('{"categories": [{"key": "outside", "title": "Outside", "stats": [{"key": "walks"}]}]}')
    wrong.write_text(WRONG)
    for arguments, environment in (
        (["check-content", str(wrong), "--stats", str(own)], {}),
        (["check-content", str(wrong)], {"STATS_FILE": str(own)}),
    ):
        result = CliRunner().invoke(app, arguments, env=environment)
        assert result.exit_code == 1
        assert "wrong.json: level 2: level: must be 2" in result.output
        assert "own.json: category 1, stat 1: cap: must be a whole number" in result.output


def test_own_flags_are_checked_too(tmp_path: Path):
    own = tmp_path / "own.json"
    own.write_text('{"rules": [{"category": "threat", "title": "Threat", "advice": "Ask.", "words": []}]}')
    for arguments, environment in (
        (["check-content", "--flags", str(own)], {}),
        (["check-content"], {"FLAGS_FILE": str(own)}),
    ):
        result = CliRunner().invoke(app, arguments, env=environment)
        assert (result.exit_code, result.output) == (1, "own.json: rule 1: words: must have 1 to 500 entries, has 0\n")


def test_an_own_course_is_checked_too(tmp_path: Path):
    own = tmp_path / "own.json"
    own.write_text('{"modules": [{"id": "a", "title": "A", "about": "A.", "level": 1, "lessons": [{"id": "B"}]}]}')
    for arguments, environment in (
        (["check-content", "--course", str(own)], {}),
        (["check-content"], {"COURSE_FILE": str(own)}),
    ):
        result = CliRunner().invoke(app, arguments, env=environment)
        assert result.exit_code == 1
        assert result.output.startswith("own.json: module 1, lesson 1: id: must be lower-case words")


def test_a_file_that_is_not_there_is_told(tmp_path: Path):
    result = CliRunner().invoke(app, ["check-content", str(tmp_path / "none.json")])
    assert (result.exit_code, "cannot be read" in result.output) == (1, True)
