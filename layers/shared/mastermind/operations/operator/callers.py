"""Who invokes a function to do something that stays (docs/rules/moderation.md, Operators)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mastermind.errors import BadEvent
from mastermind.game.audit.rules import Operator

if TYPE_CHECKING:
    from collections.abc import Mapping

ARN = re.compile(r"arn:[a-z-]{3,20}:(?:iam|sts)::[0-9]{12}:[!-~]{1,1900}")


def operator_of(asked: Mapping[str, object], invocation: str) -> Operator:
    """`by` of what was asked is the ARN that the operator's tool got from AWS; raises BadEvent for anything else.

    It is a claim: Lambda does not tell a function who invoked it. `invocation`, Lambda's id of the request, is none:
    CloudTrail has the caller under it, where the trail records the invocations of functions.
    """
    by = asked.get("by")
    if not (isinstance(by, str) and ARN.fullmatch(by)):
        raise BadEvent("an act needs its operator: `by` is the ARN that `aws sts get-caller-identity` returns")
    return Operator(by, invocation)
