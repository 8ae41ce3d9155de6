"""What arrives in the queue Alarms: CloudWatch's changes of alarms, and the status of each health check.

Source: "Amazon SNS notifications schemas for alarms" in CloudWatch's documentation.
"""

from __future__ import annotations

import re
from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, TypeAdapter
from pydantic.alias_generators import to_pascal

from mastermind.operations.alerts.records import Change
from mastermind.operations.health.rules import CHECKS, HEALTHY, Status
from mastermind.operations.runbook import Guide
from mastermind.parsing import parse

ALARM = "ALARM"

ABOUT: dict[str | None, Literal["health", "silence"]] = {HEALTHY: "health", CHECKS: "silence"}
"""The metrics of the two alarms of which the health check knows more."""

_DESCRIPTION = re.compile(r"(?P<what>.*?)\s*(?:First: (?P<first>.*?))?\s*(?:Section: \S*#(?P<section>\S+))?", re.DOTALL)
_OWN_REASON = re.compile("Thresholds? Crossed|Insufficient Data|Unchecked")
"""How the reasons begin that CloudWatch gives; any other was given by who set the state by hand."""


class Metric(BaseModel):
    """What an alarm looks at, as far as we need it; alarms on several metrics name none."""

    model_config = ConfigDict(alias_generator=to_pascal)

    metric_name: str | None = None


class AlarmMessage(BaseModel):
    """A message of CloudWatch, as far as we need it."""

    model_config = ConfigDict(alias_generator=to_pascal)

    alarm_name: str
    alarm_description: str | None = None
    state_change_time: AwareDatetime
    new_state_value: str
    new_state_reason: str
    old_state_value: str
    trigger: Metric


class StatusMessage(BaseModel):
    """A message of the health check."""

    health: Status


_MESSAGE: TypeAdapter[AlarmMessage | StatusMessage] = TypeAdapter(AlarmMessage | StatusMessage)


def read(body: str) -> Change | Status:
    """What a message says; raises BadMessage for what neither CloudWatch nor the health check writes."""
    said = parse(_MESSAGE, body)
    return said.health if isinstance(said, StatusMessage) else _change(said)


def _change(said: AlarmMessage) -> Change:
    what, guide = described(said.alarm_description or "")
    is_drill = said.new_state_value == ALARM and not _OWN_REASON.match(said.new_state_reason)
    what = what or said.alarm_name
    return Change(
        alarm=said.alarm_name,
        what=f"Drill: {what}" if is_drill else what,
        guide=guide,
        is_alarm=said.new_state_value == ALARM,
        was_alarm=said.old_state_value == ALARM,
        at=said.state_change_time,
        drill=is_drill,
        about=ABOUT.get(said.trigger.metric_name),
    )


def described(description: str) -> tuple[str, Guide]:
    """The sentence of an alarm's description, and what to do, as our template writes them."""
    found = _DESCRIPTION.fullmatch(description)
    if found is None:
        return description, Guide("", "")
    return found["what"], Guide(found["section"] or "", found["first"] or "")
