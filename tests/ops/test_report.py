"""`ops report`: the week, how the game is, and what it costs: billed where the tag is known, else an estimate."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from ops import costs
from ops.sizes import SIZES
from tests.ops.scripted import Scripted, scripted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ops.sizes import Size

TODAY = date(2026, 11, 15)


@pytest.fixture
def aws() -> Iterator[Scripted]:
    with scripted() as account:
        yield account


def stack(aws: Scripted, parameters: Mapping[str, str]) -> None:
    given = [{"ParameterKey": name, "ParameterValue": value} for name, value in parameters.items()]
    described = {
        "StackName": "game",
        "CreationTime": "2026-01-01T00:00:00Z",
        "StackStatus": "CREATE_COMPLETE",
        "Parameters": given,
    }
    aws.answers("cloudformation", "describe_stacks", {"Stacks": [described]}, StackName="game")


def bill(aws: Scripted, usd: str) -> None:
    total = {"UnblendedCost": {"Amount": usd, "Unit": "USD"}}
    aws.answers(
        "ce",
        "get_cost_and_usage",
        {"ResultsByTime": [{"Total": total}]},
        TimePeriod={"Start": "2026-11-01", "End": "2026-11-16"},
        Granularity="MONTHLY",
        Metrics=["UnblendedCost"],
        Filter={"Tags": {"Key": "mastermind", "Values": ["game"], "MatchOptions": ["EQUALS"]}},
    )


def test_what_the_month_has_cost_is_asked_of_cost_explorer_in_one_request(aws: Scripted):
    bill(aws, "22.71")
    found = costs.read(aws.target, TODAY, ask=True)
    assert (found.usd, found.is_estimate) == (22.71, False)
    assert "0.01 USD" in found.words, "what the question costs is said"


@pytest.mark.parametrize("size", SIZES, ids=lambda size: size.members)
def test_unasked_it_is_the_months_part_of_the_table_and_says_that_nobody_measured(aws: Scripted, size: Size):
    stack(aws, size.parameters)
    found = costs.read(aws.target, TODAY, ask=False)
    assert found.usd == round(size.usd / 2, 2)
    assert found.is_estimate
    assert found.words.startswith(f"an estimate, not measured: {size.usd:.2f} a month at list prices")
    assert "--costs asks Cost Explorer" in found.words


def test_where_the_tag_is_not_activated_it_says_where_to_do_that(aws: Scripted):
    bill(aws, "0")
    stack(aws, SIZES[0].parameters)
    found = costs.read(aws.target, TODAY, ask=True)
    assert found.is_estimate
    assert "activate it in the console" in found.words


def test_where_cost_explorer_refuses_it_is_an_estimate_with_the_reason(aws: Scripted):
    aws.refuses("ce", "get_cost_and_usage", "AccessDeniedException")
    stack(aws, SIZES[0].parameters)
    found = costs.read(aws.target, TODAY, ask=True)
    assert found.is_estimate
    assert "Cost Explorer does not answer" in found.words


def test_a_stack_of_other_sizes_is_estimated_by_the_one_that_is_nearest(aws: Scripted):
    stack(aws, {**SIZES[2].parameters, "DatabaseStorage": "300"})
    assert costs.read(aws.target, TODAY, ask=False).usd == round(SIZES[2].usd / 2, 2)
