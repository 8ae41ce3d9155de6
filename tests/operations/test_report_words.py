"""The report about a week: which figures it may have, and how it is said."""

from __future__ import annotations

import json
from copy import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mastermind.game.challenges import content as challenges
from mastermind.game.weeks.rules import FEW, RaidResult
from mastermind.operations.home.table import Weeks
from mastermind.operations.report import rules, words
from mastermind.operations.report.rules import Deed, Report
from mastermind.records import as_dict

if TYPE_CHECKING:
    from random import Random

FIRST, SECOND = list(challenges.load().by_id)[:2]
FULL = Report(
    first_day="2026-11-23",
    members=214,
    newcomers=9,
    active=61,
    active_before=58,
    kept=49,
    logged=(Deed("hellos_to_strangers", 44), Deed("approaches", 31)),
    unlogged=("grounding", "numbers"),
    ticked=(Deed(FIRST, 7),),
    unticked=301,
    unticked_one=SECOND,
    raids=(RaidResult("mage", is_won=True, target=1_000, total=1_240, contributors=12),),
    more_raids=2,
    outages=1,
    outage_seconds=720,
)
EMPTY = Report("2026-11-23", members=1, newcomers=0, active=0, active_before=0)


def said(report: Report) -> dict[str, str]:
    return {line.title: line.text for line in words.of(report)}


def test_a_full_week_has_a_line_for_each_thing():
    assert said(FULL) == {
        "Members": "214, 9 of them new",
        "Active": "61, the week before 58",
        "Came back": "49 of the 58; 9 did not",
        "Logged most": "Hellos To Strangers (44 members), Approaches (31)",
        "Never logged": "Grounding, Numbers, …",
        "Ticked most": "“Say hello to your own mirror image in t…” (7 members)",
        "Never ticked": "301 of 303 challenges, such as “Walk down a busy street with your head…”",
        "Raids": "The mage raid was won, with 1,240 of 1,000 points. And 2 more",
        "Outages": "down once, for 12 minutes",
    }


def test_a_week_in_which_nobody_was_there_is_told_kindly():
    assert said(EMPTY) == {
        "Members": "1, nobody new",
        "Active": "nobody. A quiet week happens: one hello in the chat often begins the next",
    }


@pytest.mark.parametrize(
    ("kept", "before", "told"),
    [
        (None, 58, None),
        (3, 4, None),
        (12, 12, "nearly all of the 12"),
        (8, 12, "nearly all of the 12"),
        (7, 12, "7 of the 12; 5 did not"),
        (5, 12, "5 of the 12; 7 did not"),
        (4, 12, "hardly anybody of the 12"),
        (0, 12, "hardly anybody of the 12"),
    ],
)
def test_how_many_came_back_is_a_figure_only_if_both_parts_are_large_enough(
    kept: int | None, before: int, told: str | None
):
    report = Report("2026-11-23", members=20, newcomers=0, active=12, active_before=before, kept=kept)
    assert said(report).get("Came back") == told


COUNTS = st.dictionaries(st.text(min_size=1), st.integers(0, 30))


@given(COUNTS, st.randoms())
def test_what_one_to_four_members_did_is_in_no_figure_and_in_no_list(counts: dict[str, int], chance: Random):
    listed, undone = rules.most(counts, 5), rules.never(counts, counts)
    named = rules.named(undone, 5, chance.sample)
    assert all(each.members >= FEW for each in listed)
    assert max(len(listed), len(named)) <= 5
    assert all(counts[key] == 0 for key in named)


@given(COUNTS, st.randoms())
def test_what_is_in_no_list_may_be_what_nobody_did(counts: dict[str, int], chance: Random):
    undone = rules.never(counts, counts)
    named = rules.named(undone, 5, chance.sample)
    assert len(set(undone) - set(named)) >= len(named)


def test_one_challenge_that_is_left_is_counted_and_not_named():
    only = replace(FULL, unticked=1, unticked_one="")
    assert said(only)["Never ticked"] == "1 of 303 challenges"


@pytest.mark.parametrize("report", [FULL, EMPTY])
def test_a_report_is_read_as_it_was_stored_also_by_a_version_that_knows_less(report: Report):
    stored = json.loads(json.dumps(as_dict(report)))
    assert rules.read(stored | {"of_a_later_version": 1}) == report


def test_what_content_no_longer_has_is_left_out():
    gone = (Deed("gone", 9),)
    report = Report("2026-11-23", 20, 0, 9, 9, logged=gone, unlogged=("gone",), ticked=gone, unticked_one="gone")
    assert set(said(report)) == {"Members", "Active"}


@pytest.mark.parametrize(
    ("active", "before", "told"),
    [
        (0, 9, "quiet so far"),
        (4, 0, "fewer than 5 active, the week before nobody"),
        (23, 61, "23 active, the week before 61"),
    ],
)
def test_the_week_that_is_not_over_is_told_without_small_figures(active: int, before: int, told: str):
    assert words.now(Weeks(active, before, 0, 0)).text == told
