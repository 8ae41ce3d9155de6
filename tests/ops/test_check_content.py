"""`ops check-content` reports everything that is wrong with a community's own content."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from typer.testing import CliRunner

from local.deployer import OWN_CONTENT
from ops.commands import app

if TYPE_CHECKING:
    from pathlib import Path

WRONG = {
    "CHALLENGES_FILE": '{"levels": [{"level": 2, "title": "One", "about": "It.", "challenges": [{"id": "a"}]}]}',
    "STATS_FILE": '{"categories": [], "automatic": [{"key": "walks", "name": "Walks", "xp": 100}]}',
    "FLAGS_FILE": '{"rules": [{"category": "threat", "title": "Threat", "advice": "Ask.", "words": []}]}',
    "COURSE_FILE": '{"modules": "none"}',
    "QUESTIONS_FILE": '{"questions": []}',
    "LOOK_FILE": '{"colors": "grey", "stack": ["grey"], "background": ["<svg>"]}',
}
MISTAKES = """
challenges_file.json: level 1, challenge 1: text: is missing
challenges_file.json: level 1: level: must be 1: chapters are numbered in order
stats_file.json: the file: categories: must have 1 or more entries, has 0
stats_file.json: automatic stat 1: key: must be tensey_exercise: only challenges are counted by themselves
flags_file.json: rule 1: words: must have 1 or more entries, has 0
flags_file.json: the file: helplines: is missing
flags_file.json: the file: rules: one must have "need": true, so that somebody in danger is answered
course_file.json: the file: modules: must be a list
questions_file.json: the file: questions: must have 1 or more entries, has 0
look_file.json: the file: colors: must be an object
look_file.json: stack colour 1: must be a colour like #8D99AE, is 'grey'
look_file.json: the file: background: is not well formed: no element found: line 1, column 5
"""


def test_what_ships_is_valid():
    result = CliRunner().invoke(app, ["check-content"], env=dict.fromkeys(OWN_CONTENT))
    assert result.exit_code == 0
    assert result.output.splitlines() == [
        "challenges.json is valid; chapters: 25, challenges: 303",
        "stats.json is valid; categories: 5, stats: 18",
        "flags.json is valid; categories: 6, words: 126",
        "course.json is valid; modules: 7, lessons: 21",
        "questions.json is valid; questions: 52",
        "look.json is valid; colours: 13, background: 11 lines",
    ]


def test_every_mistake_is_reported_with_file_entry_and_field(tmp_path: Path):
    own = {variable: tmp_path / f"{variable.lower()}.json" for variable in WRONG}
    for variable, file in own.items():
        file.write_text(WRONG[variable])
    challenges, stats, flags, course, questions, look = map(str, own.values())
    for arguments, environment in (
        (
            [
                *(challenges, "--stats", stats, "--flags", flags, "--course", course),
                *("--questions", questions, "--look", look),
            ],
            {},
        ),
        ([], {variable: str(file) for variable, file in own.items()}),
    ):
        result = CliRunner().invoke(app, ["check-content", *arguments], env=environment)
        assert (result.exit_code, result.output.splitlines()) == (1, MISTAKES.strip().splitlines())


def test_no_key_and_no_name_of_a_file_reaches_the_terminal_as_a_command_to_it(tmp_path: Path):
    for name in ("\x1b]52;c;cm0gLXJmIH4=\x07.json", "\x9b2J.json"):
        file = tmp_path / name
        file.write_text(json.dumps({"levels": [], "\x1b[8mhidden\x1b[0m": 1}))
        written = CliRunner().invoke(app, ["check-content", str(file)]).output
        assert "\\u001b[8mhidden" in written
        assert not {"\x1b", "\x07", "\x9b"} & set(written)
