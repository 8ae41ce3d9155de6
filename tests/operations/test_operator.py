"""What the game shows its operator: what Discord refused and nobody knows of, without a text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import TypeAdapter

from mastermind.operations.operator import actions as operator
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
