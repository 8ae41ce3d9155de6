"""`ops seed-course` says what differs, asks, and brings the database's course up to the file."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from devkit.postgres import OWNER
from mastermind.game.course import content as course
from ops.commands import app
from tests.ops.words import words

if TYPE_CHECKING:
    from pathlib import Path

    from typer.testing import Result

    from devkit.postgres import Postgres
    from tests.conftest import Connection

LESSON = {"id": "small-and-often", "title": "Small and Often", "about": "Do.", "minutes": 10, "link": "https://e.org/1"}
MODULE = {"id": "steady-ground", "title": "Steady Ground", "about": "Stand.", "level": 1, "lessons": [LESSON]}


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A course of one lesson that ours has, too."""
    file = tmp_path / "own.json"
    file.write_text(json.dumps({"modules": [MODULE]}))
    return file


def run(database: Postgres, *arguments: str, **environment: str) -> Result:
    return CliRunner().invoke(
        app, ["seed-course", *arguments], env={"COURSE_FILE": None, "DATABASE_URL": database.url(OWNER), **environment}
    )


def lessons(owner: Connection) -> int:
    row = owner.execute("SELECT count(*) FROM course_lessons WHERE retired_at IS NULL").fetchone()
    return row[0] if row else 0


def test_the_course_that_ships_is_there_after_a_deploy(database: Postgres):
    result = run(database)
    assert result.output == "The course is as the file has it; modules: 7, lessons: 21\n"


def test_it_shows_what_differs_and_writes_when_confirmed(database: Postgres, owner: Connection, own: Path):
    result = run(database, str(own), "--yes")
    assert result.exit_code == 0, result.output
    lines = result.output.splitlines()
    assert lines[:2] == ["~ module steady-ground: about", "~ lesson small-and-often: place, about, link"]
    assert "- lesson nerves-are-energy is retired: Nerves Are Energy" in lines
    assert lines[-1] == "Done; modules: 1, lessons: 1"
    assert lessons(owner) == 1
    assert run(database, COURSE_FILE=str(own)).output.startswith("The course is as the file has it")


def test_a_dry_run_and_a_no_write_nothing(database: Postgres, owner: Connection, own: Path):
    dry = run(database, str(own), "--dry-run")
    assert (dry.exit_code, dry.output.splitlines()[-1]) == (0, "Nothing was written.")
    refused = CliRunner().invoke(app, ["seed-course", str(own), "--database-url", database.url(OWNER)], input="n\n")
    assert refused.exit_code == 1
    assert lessons(owner) == len(course.load().lessons)


def test_a_yes_by_hand_writes(database: Postgres, owner: Connection, own: Path):
    asked = CliRunner().invoke(app, ["seed-course", str(own), "--database-url", database.url(OWNER)], input="y\n")
    assert asked.output.endswith("Done; modules: 1, lessons: 1\n")
    assert lessons(owner) == 1


def test_an_invalid_file_is_reported_before_the_database_is_used(database: Postgres, tmp_path: Path):
    file = tmp_path / "own.json"
    file.write_text('{"modules": []}')
    result = run(database, str(file), DATABASE_URL="postgresql://nobody@127.0.0.1:1/none")
    assert (result.exit_code, result.output) == (1, "own.json: the file: modules: must have 1 or more entries, has 0\n")


def test_an_unreachable_database_is_reported(database: Postgres):
    result = run(database, DATABASE_URL="postgresql://nobody@127.0.0.1:1/none")
    assert result.exit_code == 1
    assert result.output.startswith("The database cannot be reached: ")


@pytest.mark.parametrize("url", ["postgres//owner:a-secret@h/db", "postgresql://owner:a-sec ret@h/db"])
def test_an_invalid_url_is_not_shown(database: Postgres, url: str):
    result = run(database, DATABASE_URL=url)
    assert (result.exit_code, "not the URL of a database" in words(result)) == (2, True)
    assert "a-sec" not in result.output + repr(result.exception)


def test_a_database_without_its_migrations_is_reported(database: Postgres):
    result = run(database, DATABASE_URL=database.url(OWNER, "postgres"))
    assert (result.exit_code, result.output.startswith("The database has no course tables yet")) == (1, True)


def test_without_a_database_and_without_a_game_on_this_machine_it_says_what_to_name(
    database: Postgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("LOCAL_DIR", str(tmp_path))
    result = run(database, DATABASE_URL="")
    assert (result.exit_code, "--database-url, or DATABASE_URL" in result.output) == (1, True)
