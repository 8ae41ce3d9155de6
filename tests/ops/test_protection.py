"""What protects a stack and its data, and that an unprotected one is named."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from ops import changes, protection
from ops.checks import stack
from ops.checks.findings import Context, State
from tests.ops.scripted import Scripted, scripted
from tests.project.test_template import RESOURCES

if TYPE_CHECKING:
    from collections.abc import Iterator

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def aws() -> Iterator[Scripted]:
    with scripted() as aws:
        yield aws


def has(aws: Scripted, *, protected: bool) -> None:
    shown: dict[str, Any] = {"StackName": "game", "CreationTime": BEGIN, "StackStatus": "CREATE_COMPLETE"}
    shown |= {"EnableTerminationProtection": protected}
    shown |= {"Parameters": [{"ParameterKey": "Protection", "ParameterValue": "on" if protected else "off"}]}
    aws.answers("cloudformation", "describe_stacks", {"Stacks": [shown]}, StackName="game")


def test_the_stack_policy_denies_replacing_or_deleting_what_holds_data_and_nothing_else():
    allow, deny = json.loads(protection.POLICY)["Statement"]
    assert (allow["Effect"], allow["Action"], allow["Resource"]) == ("Allow", "Update:*", "*")
    assert (deny["Effect"], deny["Action"]) == ("Deny", ["Update:Replace", "Update:Delete"])
    assert deny["Resource"] == ["LogicalResourceId/Database", "LogicalResourceId/ExportBucket"]
    assert set(changes.HOLDS_DATA) <= RESOURCES.keys()


def test_after_a_deploy_the_stack_has_its_policy(aws: Scripted):
    on = {"StackName": "game", "EnableTerminationProtection": True}
    aws.answers("cloudformation", "update_termination_protection", {"StackId": "1"}, **on)
    aws.answers("cloudformation", "set_stack_policy", StackName="game", StackPolicyBody=protection.POLICY)
    has(aws, protected=True)
    protection.turn_on(aws.target)


@pytest.mark.parametrize(
    ("protected", "policy", "names"),
    [
        (True, protection.POLICY, []),
        (True, "", ["an update may replace its database"]),
        (True, '{"Statement": []}', ["an update may replace its database"]),
        (False, protection.POLICY, ["the stack can be deleted", "its database can be deleted"]),
    ],
)
def test_the_doctor_names_a_stack_older_than_a_day_that_is_not_protected(
    aws: Scripted, protected: bool, policy: str, names: list[str]
):
    has(aws, protected=protected)
    answer = {"StackPolicyBody": policy} if policy else {}
    aws.answers("cloudformation", "get_stack_policy", answer, StackName="game")
    (found,) = stack.protected(Context(aws.target, {}, now=lambda: BEGIN + timedelta(days=1)))
    assert found.state is (State.WRONG if names else State.FINE)
    assert [name for name in names if name not in found.words] == []
    assert found.words.startswith("to do: ") is bool(names)


def test_a_stack_of_today_need_not_be_protected_yet(aws: Scripted):
    has(aws, protected=False)
    assert list(stack.protected(Context(aws.target, {}, now=lambda: BEGIN + timedelta(hours=23)))) == []
