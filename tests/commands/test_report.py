"""/admin report: the last week as it was told to the admins, how it goes now, and a picture."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from pydantic import TypeAdapter

from mastermind.discord.requests import Edit
from mastermind.operations.report.rules import Deed, Report
from mastermind.parsing import parse
from mastermind.pictures.figures import Amount, Figures
from mastermind.pictures.figures import Report as Drawn
from mastermind.records import as_dict
from tests.commands.moderating import ADA, MESSAGE, MIA
from tests.commands.playing import ALEX, Queue

if TYPE_CHECKING:
    from devkit.discord_client import User
    from devkit.json_types import Json
    from tests.commands.playing import Bot
    from tests.conftest import Connection

EDIT, FIGURES = TypeAdapter(Edit), TypeAdapter(Figures)
REPORT = Report(
    "2026-11-23", 214, 9, 61, 58, 49, logged=(Deed("approaches", 31),), unlogged=("grounding",), unticked=303
)


@pytest.fixture
def admin(main: Bot) -> Bot:
    return main.as_user(ADA)


def keep(owner: Connection, report: Report) -> None:
    owner.execute(
        "INSERT INTO weekly_reports (week, figures) VALUES (%s, %s)", [report.first_day, json.dumps(as_dict(report))]
    )


def test_before_the_first_report_it_says_when_that_comes(admin: Bot):
    page = admin.command("admin report")
    assert (page.kind, page.is_private) == (MESSAGE, True)
    assert "There is no report yet. The first one comes on the Monday" in page.text
    assert "**This week:** quiet so far" in page.text
    assert "**Health:** nobody has checked yet, version " in page.text


def test_the_last_report_is_shown_with_how_it_is_now(admin: Bot, owner: Connection):
    keep(owner, Report("2026-11-16", 200, 0, 5, 5))
    keep(owner, REPORT)
    page = admin.command("admin report")
    assert "The week from 23 to 29 November 2026" in page.text
    assert "**Came back:** 49 of the 58; 9 did not" in page.text
    assert "**Logged most:** Approaches (31 members)" in page.text


@pytest.mark.parametrize(
    "figures",
    [
        *({}, {"made": "up"}, {"first_day": "x"}, {"members": "many"}, {"kept": "few"}, {"logged": [{"key": 1}]}),
        *({"logged": 1}, {"logged": ["a"]}, {"unlogged": [1]}, {"raids": [{"type": 1}]}, {"outage_seconds": "a"}),
    ],
    ids=str,
)
def test_figures_that_are_none_of_a_report_are_no_report(admin: Bot, owner: Connection, figures: Json):
    stored = as_dict(REPORT) | figures if figures and "made" not in figures else figures
    owner.execute("INSERT INTO weekly_reports (week, figures) VALUES (current_date, %s)", [json.dumps(stored)])
    assert "There is no report yet." in admin.command("admin report").text


@pytest.mark.parametrize("user", [MIA, ALEX])
def test_it_is_for_admins(main: Bot, owner: Connection, user: User):
    keep(owner, REPORT)
    assert "214" not in main.as_user(user).command("admin report").text


def test_it_has_a_picture_of_its_figures(admin: Bot, owner: Connection):
    keep(owner, REPORT)
    edits = Queue()
    replace(admin, edits=edits).command("admin report")
    figures = parse(FIGURES, parse(EDIT, edits.sent[-1]).picture)
    assert isinstance(figures, Drawn)
    assert figures.logged == (Amount("Approaches", 31),)
    assert [tile.count for tile in figures.tiles] == [61, 214, 9, 49]


@pytest.mark.parametrize("active", [0, 4])
def test_a_small_week_has_none(admin: Bot, owner: Connection, active: int):
    keep(owner, replace(REPORT, active=active))
    edits = Queue()
    replace(admin, edits=edits).command("admin report")
    assert edits.sent == []
