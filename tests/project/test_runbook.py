"""The index of the runbook: whatever can wake an operator has a line that says whether to get up, and where to read."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, get_args

import pytest

from mastermind.operations import runbook
from mastermind.operations.alerts import messages
from mastermind.operations.alerts.records import Alert, Down, Ends, Meanwhile, Recovered, Starts
from mastermind.operations.health import rules as health
from tests.project.test_laws import ROOT, anchors
from tests.project.test_template import ALARMS, guide_of

if TYPE_CHECKING:
    from collections.abc import Iterator

RUNBOOK = ROOT / runbook.FILE
NAME, SECTION = re.compile(r"`([^`]+)`"), re.compile(r"\]\(#([\w-]+)\)")
BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
ENDED = BEGAN + timedelta(hours=1)

SAMPLES: tuple[Alert, ...] = (
    Down(BEGAN, {"database": ""}, further=False),
    Down(BEGAN, {"database": ""}, further=True),
    Recovered(BEGAN, ENDED, {"database": ""}),
    Meanwhile(BEGAN, ENDED, ()),
    Starts("Something.", runbook.SILENT, BEGAN, urgent=True),
    Starts("Something.", runbook.SILENT, BEGAN, urgent=False),
    Ends("Something.", BEGAN, ENDED),
)


def rows(heading: str) -> Iterator[list[str]]:
    """The cells of each line of the table that begins with this cell."""
    text = RUNBOOK.read_text()
    for line in text[text.index(f"| {heading} |") :].split("\n\n")[0].splitlines()[2:]:
        yield [cell.strip() for cell in line.strip("|").split("|")]


INDEX = [(name, cells) for cells in rows("alarm | members notice") for name in NAME.findall(cells[0])]


def test_the_index_has_each_alarm_of_the_template_once():
    assert sorted(name for name, _ in INDEX) == sorted(ALARMS)


@pytest.mark.parametrize(("name", "cells"), INDEX)
def test_a_line_leads_to_the_section_that_the_alarm_itself_names(name: str, cells: list[str]):
    _, noticed, get_up, section = cells
    assert SECTION.findall(section) == [guide_of(name).section]
    assert noticed
    assert re.search(r"\*\*yes\*\*|morning", get_up)


def test_the_index_has_each_kind_of_alert():
    assert {type(one) for one in SAMPLES} == set(get_args(Alert.__value__))
    begin = [name for cells in rows("it begins with") for name in NAME.findall(cells[0])]
    for alert in SAMPLES:
        title = messages.words(alert, None).title
        assert any(title.startswith(each) for each in begin), title
    sections = [each for cells in rows("it begins with") for each in SECTION.findall(cells[-1])]
    assert set(sections) <= anchors(RUNBOOK)


def test_each_probe_has_a_line_of_its_own():
    probes = [name for cells in rows("probe | means") for name in NAME.findall(cells[0])]
    assert sorted(probes) == sorted(health.PROBES)


# --- what it has an operator type ---

SECTIONS = {
    found[1]: found[2]
    for found in re.finditer(r"^## ([^\n]+)\n(.*?)(?=^## |\Z)", RUNBOOK.read_text(), re.MULTILINE | re.DOTALL)
}

BY_HAND = {
    "Which alarm is it": "leads to the others",
    "How to read the database's log": "a log of AWS's own",
    "On your machine": "make",
}
"""Sections that end in something else than a command of the tool, and why."""


def test_no_section_has_an_operator_write_sql():
    """Not in a fence, and not in a sentence."""
    text = RUNBOOK.read_text()
    assert "```sql" not in text
    assert not re.search(r"\b(?:SELECT|UPDATE|DELETE FROM|INSERT INTO|GRANT|psql)\b", text)


@pytest.mark.parametrize("name", sorted(SECTIONS.keys() - BY_HAND.keys()))
def test_a_section_has_a_command_of_the_tool(name: str):
    assert ".venv/bin/ops " in SECTIONS[name]


def test_what_is_left_out_is_there():
    assert SECTIONS.keys() >= BY_HAND.keys()
