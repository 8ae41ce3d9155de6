"""What the game shows its operator, and does for them: without a text of a member, and booked as theirs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast

import pytest
from pydantic import TypeAdapter

from mastermind import __version__
from mastermind.errors import BadEvent
from mastermind.game.server_settings.rules import Choice
from mastermind.operations.operator import actions as operator
from mastermind.operations.operator.acts import DONE_BY_THE_TOOL
from mastermind.operations.report.rules import Deed, Report, read
from mastermind.records import as_dict
from ops.queries import Chosen, Said

if TYPE_CHECKING:
    from mastermind.json_types import Json
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


# --- the ledger ---

KIM = "arn:aws:iam::123456789012:user/kim"


@pytest.fixture
def main(as_role: Enter) -> Connection:
    return as_role("app_main")


@pytest.fixture
def member(owner: Connection) -> int:
    """Somebody with 350 XP and a challenge, each figure of whom was then changed by hand."""
    owner.execute("INSERT INTO users (user_id, display_name, time_zone) VALUES (7, 'Sam', 'UTC')")
    owner.execute(
        "INSERT INTO xp_ledger (user_id, xp, kind, source, source_id, day) VALUES"
        " (7, 250, 'adjustment', 'admin', 'a', current_date), (7, 100, 'award', 'tensey', 'b', current_date)"
    )
    owner.execute("UPDATE users SET xp = 99, social_freedom_exercises_tenseys = 4 WHERE user_id = 7")
    owner.execute("UPDATE xp_totals SET total = 8 WHERE user_id = 7 AND board = 'xp' AND period = 'all'")
    return 7


def ask(conn: Connection, **asked: object) -> Json:
    return operator.answer(conn, {**asked, "by": KIM}, "an-invocation")


def test_what_is_not_what_the_ledger_says_is_shown_with_both_figures(main: Connection, member: int):
    found = cast("dict[str, Any]", ask(main, ledger={"user_id": str(member)}))
    assert found["differences"] == [
        {"figure": "challenges", "kept": 4, "booked": 1},
        {"figure": "xp", "kept": 99, "booked": 350},
        {"figure": "xp of all", "kept": 8, "booked": 350},
    ]
    assert [(one["source"], one["bookings"], one["xp"]) for one in found["sums"]] == [
        ("admin", 1, 250),
        ("tensey", 1, 100),
    ]
    assert [(one["xp"], one["total"]) for one in found["rows"]] == [(100, 350), (250, 250)]


def test_members_whose_figures_differ_are_found(main: Connection, member: int):
    assert ask(main, ledger={}) == {"members": 1, "differing": [str(member)]}
    assert ask(main, ledger={"passed": 1}) == {"members": 0, "differing": []}


def test_a_repair_sets_every_figure_right_and_is_booked_once(main: Connection, owner: Connection, member: int):
    asked = {"user_id": str(member), "reason": "somebody wrote by hand"}
    assert len(cast("list[Json]", ask(main, repair=asked)["repaired"])) == 3
    assert ask(main, ledger={"user_id": str(member)})["differences"] == []
    assert ask(main, repair=asked) == {"repaired": []}
    (entry,) = owner.execute("SELECT operator, invocation, action, subject_id, before, after, reason FROM audit_log")
    before, after = {"challenges": 4, "xp": 99, "xp of all": 8}, {"challenges": 1, "xp": 350, "xp of all": 350}
    assert entry == (KIM, "an-invocation", "ledger.repair", member, before, after, "somebody wrote by hand")
    assert owner.execute("SELECT members_ahead('all', 'xp', 349, 1), count(*) FROM xp_ledger").fetchone() == (1, 2)


def test_what_no_text_can_hold_does_not_keep_a_repair_from_being_booked(
    main: Connection, owner: Connection, member: int
):
    ask(main, repair={"user_id": str(member), "reason": "by hand\0\ud800"})
    assert owner.execute("SELECT reason FROM audit_log").fetchall() == [("by hand\ufffd\ufffd",)]


@pytest.mark.parametrize("reason", ["", "  ", "x" * 1001, None, 5, ["because"]])
def test_no_figure_is_repaired_without_a_reason(main: Connection, owner: Connection, member: int, reason: object):
    with pytest.raises(BadEvent, match="a reason has 1 to 1,000 characters"):
        ask(main, repair={"user_id": str(member), "reason": reason})
    assert owner.execute("SELECT xp FROM users").fetchall() == [(99,)]


def test_nobody_unknown_has_a_ledger(main: Connection):
    for asked in ({"ledger": {"user_id": "5"}}, {"repair": {"user_id": "5", "reason": "none"}}):
        with pytest.raises(BadEvent, match="does not know this member"):
            ask(main, **asked)


# --- what the tool does itself ---


@pytest.mark.parametrize("action", sorted(DONE_BY_THE_TOOL))
def test_what_the_tool_does_is_booked(main: Connection, owner: Connection, action: str):
    assert ask(main, book={"action": action, "after": {"JobsDlq": 2}}) == {"booked": action}
    (entry,) = owner.execute("SELECT operator, action, actor_id, after FROM audit_log")
    assert entry == (KIM, action, None, {"JobsDlq": 2})


@pytest.mark.parametrize("entry", [{"action": "xp.adjust", "after": {}}, {}])
def test_nothing_else_is_booked_for_the_tool(main: Connection, owner: Connection, entry: Json):
    with pytest.raises(BadEvent, match="the tool does no such thing"):
        ask(main, book=entry)
    assert owner.execute("SELECT count(*) FROM audit_log").fetchone() == (0,)


def test_what_admins_have_chosen_is_read_by_the_tool(as_role: Enter, owner: Connection):
    owner.execute(
        "INSERT INTO game_settings (name, value, asked, refused) VALUES"
        " ('limit.ticks', '2', NULL, NULL), ('channel', NULL, '6', 'it was deleted in Discord')"
    )
    answer = operator.answer(as_role("app_main"), {"settings": True}, "request")
    assert TypeAdapter(Chosen).validate_python(answer).settings == (
        Choice("channel", asked="6", refused="it was deleted in Discord"),
        Choice("limit.ticks", "2"),
    )


# --- large objects ---


@pytest.mark.parametrize("role", ["app_tensey", "app_award"])
def test_large_objects_are_named_with_their_role_and_removed(
    main: Connection, as_role: Enter, owner: Connection, role: str
):
    as_role(role).execute("SELECT lo_create(0) FROM generate_series(1, 3)")
    assert operator.answer(main, {"large_objects": True}, "") == {"owners": [{"role": role, "amount": 3}]}
    assert ask(main, remove_large_objects=True) == {"removed": 3}
    assert ask(main, remove_large_objects=True) == {"removed": 0}
    (entry,) = owner.execute("SELECT operator, action, before, after FROM audit_log")
    assert entry == (KIM, "database.large_objects", {role: 3}, {"removed": 3})
    members = "SELECT pg_has_role('mastermind_owner', %(role)s, 'USAGE') AS has"
    assert owner.execute(members, {"role": role}).fetchone() == (False,)
