"""What CloudWatch publishes when an alarm changes its state, read as a change that may be sent.

Source: "Amazon SNS notifications schemas for alarms" in CloudWatch's documentation.
"""

from __future__ import annotations

import re

from pydantic import AwareDatetime, BaseModel, ConfigDict, TypeAdapter
from pydantic.alias_generators import to_pascal

from mastermind.operations.alerts.rules import Change
from mastermind.operations.health.rules import HEALTHY
from mastermind.parsing import parse

ALARM = "ALARM"

_DESCRIPTION = re.compile(r"(?P<what>.*?)\s*(?:Runbook: (?P<runbook>\S+))?", re.DOTALL)


class Metric(BaseModel):
    """What an alarm looks at, as far as we need it; alarms on several metrics name none."""

    model_config = ConfigDict(alias_generator=to_pascal)

    metric_name: str | None = None


class AlarmMessage(BaseModel):
    """A message, as far as we need it."""

    model_config = ConfigDict(alias_generator=to_pascal)

    alarm_name: str
    alarm_description: str | None = None
    state_change_time: AwareDatetime
    new_state_value: str
    old_state_value: str
    trigger: Metric


_MESSAGE = TypeAdapter(AlarmMessage)


def read(body: str) -> Change:
    """The change in a message; raises BadMessage for what CloudWatch never writes."""
    said = parse(_MESSAGE, body)
    what, runbook = _described(said.alarm_description or "")
    return Change(
        alarm=said.alarm_name,
        what=what or said.alarm_name,
        runbook=runbook,
        is_alarm=said.new_state_value == ALARM,
        was_alarm=said.old_state_value == ALARM,
        at=said.state_change_time,
        about_health=said.trigger.metric_name == HEALTHY,
    )


def _described(description: str) -> tuple[str, str]:
    """The sentence and the section of the runbook in an alarm's description, as our template writes it."""
    found = _DESCRIPTION.fullmatch(description)
    return (found["what"], found["runbook"] or "") if found else (description, "")
