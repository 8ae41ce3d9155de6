"""What the game shows its operator: what Discord refused and nobody knows of, without a text."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import TypeAdapter

from mastermind import __version__
from mastermind.errors import BadEvent
from mastermind.operations.operator import actions as operator
from mastermind.operations.report.rules import Deed, Report, read
from mastermind.records import as_dict
from ops.queries import Said

if TYPE_CHECKING:
    from tests.conftest import Connection, Enter


def test_what_is_missing_and_what_went_wrong_is_read_by_the_tool(as_role: Enter, owner: Connection):
    owner.execute("INSERT INTO missing_rights (needs, target_id, code) VALUES ('post', 77, 50001)")
    owner.execute(
        "INSERT INTO outbox (key, kind, state, handed_at, settled_at) VALUES ('a', 'reminder', 'unknown', now(), now())"
    )
    said = TypeAdapter(Said).validate_python(operator.answer(as_role("app_main"), {"outbox": True}, "request"))
    assert [one.lacks for one in said.lacks] == ["*View Channel* in channel 77"]
    assert [(one.kind, one.state, one.times, one.newest) for one in said.trouble] == [("reminder", "unknown", 1, "a")]


def test_the_report_about_a_week_is_read_by_the_tool(as_role: Enter, owner: Connection):
    main, question = as_role("app_main"), {"report": {"zone": "Europe/Berlin"}}
    found: Any = operator.answer(main, question, "request")
    assert (found["report"], found["this_week"]["active"], found["version"]) == (None, 0, __version__)
    told = Report("2026-11-23", 214, 9, 61, 58, 49, logged=(Deed("approaches", 31),))
    owner.execute("INSERT INTO weekly_reports (week, figures) VALUES ('2026-11-23', %s)", [json.dumps(as_dict(told))])
    found = operator.answer(main, question, "request")
    assert read(found["report"]) == told


@pytest.mark.parametrize("question", [{"report": {"zone": "Mars/Olympus"}}, {"report": {}}])
def test_a_report_needs_a_time_zone(as_role: Enter, question: dict[str, object]):
    with pytest.raises(BadEvent):
        operator.answer(as_role("app_main"), question, "request")
