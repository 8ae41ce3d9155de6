"""What CloudWatch publishes when an alarm changes its state, read as a change that may be sent.

Source: "Amazon SNS notifications schemas for alarms" in CloudWatch's documentation.
"""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import TYPE_CHECKING, cast

from mastermind.errors import BadRequest
from mastermind.operations.alerts.rules import Change
from mastermind.operations.health.rules import HEALTHY

if TYPE_CHECKING:
    from collections.abc import Mapping

ALARM = "ALARM"

_DESCRIPTION = re.compile(r"(?P<what>.*?)\s*(?:Runbook: (?P<runbook>\S+))?", re.DOTALL)


def read(body: str) -> Change:
    """The change in a message; raises BadRequest for what CloudWatch never writes."""
    try:
        said = cast("Mapping[str, object]", json.loads(body))
        alarm, trigger = str(said["AlarmName"]), cast("Mapping[str, object]", said["Trigger"])
        at = datetime.fromisoformat(str(said["StateChangeTime"]))
        now, before = said["NewStateValue"], said["OldStateValue"]
        metric = trigger.get("MetricName")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise BadRequest("the message is no alarm's") from error
    if at.tzinfo is None:
        raise BadRequest("the message does not say when, anywhere on earth")
    what, runbook = _described(str(said.get("AlarmDescription") or ""))
    about_health = metric == HEALTHY
    return Change(alarm, what or alarm, runbook, now == ALARM, before == ALARM, at, about_health)


def _described(description: str) -> tuple[str, str]:
    """The sentence and the section of the runbook in an alarm's description, as our template writes it."""
    found = _DESCRIPTION.fullmatch(description)
    return (found["what"], found["runbook"] or "") if found else (description, "")
