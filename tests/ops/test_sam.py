"""The SAM CLI of the project: a deploy fetches it where it is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import typer

from ops import sam
from tests.project.test_laws import ROOT

if TYPE_CHECKING:
    from pathlib import Path


def test_it_is_fetched_by_the_makefile_where_it_is_missing_and_only_there(tmp_path: Path):
    makefile, broken_off = tmp_path / "Makefile", tmp_path / sam.FOLDER / "bin" / "sam"
    broken_off.parent.mkdir(parents=True)
    broken_off.touch()
    makefile.write_text(f"{sam.READY}:\n\t@touch $@\n")
    sam.fetch(tmp_path)
    assert (tmp_path / sam.READY).exists()
    makefile.unlink()
    sam.fetch(tmp_path)


def test_what_kept_it_away_is_said_with_the_way_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    (tmp_path / "Makefile").write_text(f"{sam.READY}:\n\t@echo no network; exit 1\n")
    with pytest.raises(typer.Exit):
        sam.fetch(tmp_path)
    said = capsys.readouterr().err
    assert "no network" in said
    assert "The SAM CLI is missing, and could not be fetched. `make setup` tries again." in said


def test_the_makefile_knows_how():
    assert ".tools/%/.ready: requirements/%.txt" in (ROOT / "Makefile").read_text()
    assert (ROOT / "requirements" / f"{sam.FOLDER.name}.txt").exists()
