"""What a game has cost this month: as Cost Explorer says, or an estimate from docs/Deployment.md, Costs."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from ops.sizes import SIZES, Size
from ops.target import TargetError, call_aws

if TYPE_CHECKING:
    from datetime import date

    from ops.target import Target

TAG = "mastermind"
"""The tag of every resource, with the stack's name; in the billing console it is activated once."""

CENT = "one request, which AWS bills with 0.01 USD"


@dataclass(frozen=True, slots=True)
class Costs:
    """USD since the month began, and where that comes from; `is_estimate` is what nobody measured."""

    usd: float
    is_estimate: bool
    words: str


def read(target: Target, today: date, *, ask: bool) -> Costs:
    """With `ask` from Cost Explorer; else, and where it knows nothing of the tag, an estimate."""
    if target.is_local:
        return Costs(0, is_estimate=False, words="a local game costs nothing")
    if not ask:
        return estimate(target, today, f"--costs asks Cost Explorer ({CENT})")
    try:
        billed = _billed(target, today)
    except TargetError as error:
        return estimate(target, today, f"Cost Explorer does not answer: {error}")
    if not billed:
        return estimate(
            target,
            today,
            f"Cost Explorer knows no costs with the tag `{TAG}`: activate it in the console's Billing and Cost "
            "Management, Cost allocation tags; figures come a day later",
        )
    return Costs(billed, is_estimate=False, words=f"as Cost Explorer has it, about a day late; {CENT}")


def _billed(target: Target, today: date) -> float:
    """In one request."""
    period = {"Start": str(today.replace(day=1)), "End": str(today + timedelta(days=1))}
    wanted = {"Tags": {"Key": TAG, "Values": [target.stack], "MatchOptions": ["EQUALS"]}}
    client = target.client("ce")
    found = call_aws(
        lambda: client.get_cost_and_usage(
            TimePeriod=period, Granularity="MONTHLY", Metrics=["UnblendedCost"], Filter=wanted
        )
    )
    return sum(float(each["Total"]["UnblendedCost"]["Amount"]) for each in found["ResultsByTime"])


def estimate(target: Target, today: date, why: str) -> Costs:
    """The part of the month that is over, of what the size that fits the stack best costs in a month."""
    size = _size(target)
    usd = size.usd * today.day / monthrange(today.year, today.month)[1]
    return Costs(
        round(usd, 2),
        is_estimate=True,
        words=f"an estimate, not measured: {size.usd:.2f} a month at list prices for about {size.members} members "
        f"(docs/Deployment.md, Costs); {why}",
    )


def _size(target: Target) -> Size:
    """The one most of whose parameters the stack has; the smaller of equals."""
    known = target.parameters
    return max(SIZES, key=lambda size: sum(known.get(name) == value for name, value in size.parameters.items()))
