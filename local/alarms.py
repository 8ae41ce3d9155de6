"""Evaluates the alarms of the template as CloudWatch does, and publishes the metrics of queues and APIs they need.

The emulator stores metrics, alarms and their states, but evaluates them only when a metric arrives, without
dimensions, missing data or a way back to OK. Here each alarm's window is read every few seconds, and a change of
state is published to its topics in CloudWatch's format.
"""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from local.aws import ACCOUNT, REGION
from local.metrics import api_data, api_errors, queue_figures

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from types_boto3_cloudwatch.type_defs import MetricAlarmTypeDef, MetricDatumTypeDef

    from local.aws import Aws
    from local.emulator import Emulator
    from local.metrics import Figures

EVERY = 10.0  # seconds between two evaluations; CloudWatch takes a minute
FARTHER = 2  # periods that are read besides the rule's, for when some have no data
ACTIONS = {"ALARM": "AlarmActions", "OK": "OKActions", "INSUFFICIENT_DATA": "InsufficientDataActions"}
SIGNS: Mapping[str, tuple[str, Callable[[float, float], bool]]] = {
    "GreaterThanThreshold": ("greater than", lambda value, limit: value > limit),
    "GreaterThanOrEqualToThreshold": ("greater than or equal to", lambda value, limit: value >= limit),
    "LessThanThreshold": ("less than", lambda value, limit: value < limit),
    "LessThanOrEqualToThreshold": ("less than or equal to", lambda value, limit: value <= limit),
}


@dataclass(frozen=True, slots=True)
class Rule:
    """When an alarm fires: at least `to_alarm` of the `periods` newest data points breach (CloudWatch, M out of N).

    `missing` is how a period without data is treated: breaching, notBreaching, ignore or missing.
    """

    comparison: str
    threshold: float
    periods: int
    to_alarm: int
    missing: str


@dataclass(frozen=True, slots=True)
class Evaluation:
    state: str
    reason: str


def evaluate(rule: Rule, points: Sequence[float | None], state: str) -> Evaluation:
    """The new state of an alarm in `state` with these data points, newest first, None where there is none.

    The newest real ones count, as many as the rule has periods, however old; only if there are fewer, data is missing.
    Source: "Configuring how CloudWatch alarms treat missing data" in CloudWatch's documentation.
    """
    words, breaches = SIGNS[rule.comparison]
    seen = real(rule, points)
    if not seen:
        return _without_data(rule, state)
    counted = [_breach(rule, point, breaches) for point in (*seen, *[None] * (rule.periods - len(seen)))]
    known = [breach for breach in counted if breach is not None]
    gaps = len(counted) - len(known)
    if rule.missing == "ignore" and sum(known) < rule.to_alarm <= sum(known) + gaps:
        return Evaluation(state, "Missing data is ignored.")  # it could go either way
    # Periods that count as nothing leave fewer data points; then all of those must breach.
    fires = sum(known) >= min(rule.to_alarm, len(known))
    figures = ", ".join(f"{point}" for point in seen)
    was = "was" if fires else "was not"
    reason = f"Threshold Crossed: {len(seen)} datapoint(s) [{figures}] {was} {words} the threshold ({rule.threshold})."
    return Evaluation("ALARM" if fires else "OK", reason)


def real(rule: Rule, points: Sequence[float | None]) -> list[float]:
    """The data points that count, at most as many as the rule has periods."""
    return [point for point in points if point is not None][: rule.periods]


def _breach(rule: Rule, point: float | None, breaches: Callable[[float, float], bool]) -> bool | None:
    if point is not None:
        return breaches(point, rule.threshold)
    return {"breaching": True, "notBreaching": False}.get(rule.missing)


def _without_data(rule: Rule, state: str) -> Evaluation:
    said = f"no datapoints were received for {rule.periods} period(s)"
    match rule.missing:
        case "breaching":
            return Evaluation("ALARM", f"Threshold Crossed: {said} and missing data counts as breaching.")
        case "notBreaching":
            return Evaluation("OK", f"Threshold Crossed: {said} and missing data counts as not breaching.")
        case "ignore":
            return Evaluation(state, "Missing data is ignored.")
        case _:
            return Evaluation("INSUFFICIENT_DATA", f"Insufficient Data: {said}.")


def rule_of(alarm: MetricAlarmTypeDef) -> Rule:
    periods = alarm.get("EvaluationPeriods", 1)
    return Rule(
        comparison=alarm.get("ComparisonOperator", "GreaterThanThreshold"),
        threshold=alarm.get("Threshold", 0.0),
        periods=periods,
        to_alarm=alarm.get("DatapointsToAlarm", periods),
        missing=alarm.get("TreatMissingData", "missing"),
    )


def message(alarm: MetricAlarmTypeDef, evaluation: Evaluation, at: datetime, region: str, account: str) -> str:
    """What CloudWatch publishes to a topic when an alarm changes its state."""
    statistic = alarm.get("Statistic")
    trigger: dict[str, Any] = {
        "MetricName": alarm.get("MetricName"),
        "Namespace": alarm.get("Namespace"),
        "StatisticType": "Statistic" if statistic else "ExtendedStatistic",
        "Statistic": statistic.upper() if statistic else alarm.get("ExtendedStatistic"),
        "Unit": alarm.get("Unit"),
        "Dimensions": [{"name": d.get("Name"), "value": d.get("Value")} for d in alarm.get("Dimensions", [])],
        "Period": alarm.get("Period"),
        "EvaluationPeriods": alarm.get("EvaluationPeriods"),
        "DatapointsToAlarm": alarm.get("DatapointsToAlarm", alarm.get("EvaluationPeriods")),
        "ComparisonOperator": alarm.get("ComparisonOperator"),
        "Threshold": alarm.get("Threshold"),
        "TreatMissingData": alarm.get("TreatMissingData", "missing"),
        "EvaluateLowSampleCountPercentile": "",
    }
    body: dict[str, Any] = {
        "AlarmName": alarm.get("AlarmName"),
        "AlarmDescription": alarm.get("AlarmDescription"),
        "AWSAccountId": account,
        "AlarmConfigurationUpdatedTimestamp": None,
        "NewStateValue": evaluation.state,
        "NewStateReason": evaluation.reason,
        "StateChangeTime": at.isoformat(timespec="milliseconds").replace("+00:00", "+0000"),
        "Region": region,
        "AlarmArn": alarm.get("AlarmArn"),
        "OldStateValue": alarm.get("StateValue"),
        **{actions: alarm.get(actions, []) for actions in ("OKActions", "AlarmActions", "InsufficientDataActions")},
        "Trigger": trigger,
    }
    return json.dumps(body)


class Evaluator:
    """Evaluates all alarms every few seconds, in its own thread."""

    def __init__(
        self,
        aws: Callable[[], Aws],
        emulator: Emulator,
        failed: Callable[[Exception], None],
        every: float = EVERY,
    ) -> None:
        """`failed` gets the exceptions; `every` is the number of seconds between two evaluations."""
        self._aws, self._emulator, self._failed, self._every = aws, emulator, failed, every
        self.since = datetime.now(UTC)
        self._figures: Figures = {}
        self._enough = threading.Event()
        self._thread = threading.Thread(target=self._run, name="alarms", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._enough.set()
        if self._thread.is_alive():
            self._thread.join(10)

    def _run(self) -> None:
        while not self._enough.wait(self._every):
            try:
                self.look(datetime.now(UTC))
            except Exception as error:  # noqa: BLE001 (the emulator may be restarting: the next evaluation will show)
                self._failed(error)

    def look(self, now: datetime) -> None:
        """Publish the metrics of the queues and the APIs, then evaluate each alarm once."""
        aws = self._aws()
        self._put_queue_figures(aws, now)
        answers = self._emulator.answers()
        if answered := api_data(answers, now):
            aws.cloudwatch.put_metric_data(Namespace="AWS/ApiGateway", MetricData=answered)
        for api, errors in api_errors(answers).items():
            datum: MetricDatumTypeDef = {
                "MetricName": "ApiErrors",
                "Dimensions": [{"Name": "service", "Value": "api"}],
                "Timestamp": now,
                "Value": errors,
            }
            aws.cloudwatch.put_metric_data(Namespace=api, MetricData=[datum])
        for page in aws.cloudwatch.get_paginator("describe_alarms").paginate(AlarmTypes=["MetricAlarm"]):
            for alarm in page.get("MetricAlarms", []):
                self._look_at(aws, alarm, now)

    def _put_queue_figures(self, aws: Aws, now: datetime) -> None:
        """Nothing is published for a queue that stays empty: its zeros would fill the emulator's memory."""
        figures = queue_figures(self._emulator.messages(), now)
        data: list[MetricDatumTypeDef] = [
            {
                "MetricName": metric,
                "Dimensions": [{"Name": "QueueName", "Value": queue}],
                "Timestamp": now,
                "Value": figure,
            }
            for (queue, metric), figure in figures.items()
            if figure or self._figures.get((queue, metric))
        ]
        self._figures = figures
        if data:
            aws.cloudwatch.put_metric_data(Namespace="AWS/SQS", MetricData=data)

    def _look_at(self, aws: Aws, alarm: MetricAlarmTypeDef, now: datetime) -> None:
        state, rule = alarm.get("StateValue", "INSUFFICIENT_DATA"), rule_of(alarm)
        points = read_points(aws, alarm, now)
        # A machine that was switched off is not an outage: missing data counts only after a whole window.
        span = timedelta(seconds=alarm.get("Period", 60) * len(points))
        if len(real(rule, points)) < rule.periods and now - self.since < span:
            return
        evaluation = evaluate(rule, points, state)
        if evaluation.state == state:
            return
        name = alarm.get("AlarmName", "")
        aws.cloudwatch.set_alarm_state(AlarmName=name, StateValue=evaluation.state, StateReason=evaluation.reason)  # pyright: ignore[reportArgumentType]
        if alarm.get("ActionsEnabled", True):
            body = message(alarm, evaluation, now, REGION, ACCOUNT)
            for topic in alarm.get(ACTIONS[evaluation.state], []):
                aws.sns.publish(TopicArn=topic, Subject=f'{evaluation.state}: "{name}"'[:100], Message=body)


def read_points(aws: Aws, alarm: MetricAlarmTypeDef, now: datetime) -> list[float | None]:
    """The alarm's data points, newest period first, None where a period has none; the newest one is incomplete.

    Periods begin at multiples of their length. There are more than the alarm's own, so that `evaluate` can go back.
    """
    period, periods = alarm.get("Period", 60), alarm.get("EvaluationPeriods", 1) + FARTHER
    statistic = alarm.get("ExtendedStatistic") or alarm.get("Statistic", "Average")
    groups: list[list[float]] = [[] for _ in range(periods)]
    newest = int(now.timestamp() // period)
    begin = datetime.fromtimestamp((newest - periods + 1) * period, UTC)
    for at, value in _read_seconds(aws, alarm, begin, now, statistic):
        groups[newest - int(at.timestamp() // period)].append(value)
    return [_merge(group, statistic) for group in groups]


def _read_seconds(
    aws: Aws, alarm: MetricAlarmTypeDef, begin: datetime, end: datetime, statistic: str
) -> Iterator[tuple[datetime, float]]:
    """The metric in each second that has data: the emulator's own periods do not end now."""
    extended = statistic.startswith(("p", "tm", "wm"))
    found = aws.cloudwatch.get_metric_statistics(
        Namespace=alarm.get("Namespace", ""),
        MetricName=alarm.get("MetricName", ""),
        Dimensions=alarm.get("Dimensions", []),
        StartTime=begin,
        EndTime=end,
        Period=1,
        **({"ExtendedStatistics": [statistic]} if extended else {"Statistics": [statistic]}),  # pyright: ignore[reportArgumentType]
    )["Datapoints"]
    for point in found:
        value = (point.get("ExtendedStatistics", {}) if extended else point).get(statistic)
        if isinstance(value, int | float) and "Timestamp" in point:
            yield point["Timestamp"], float(value)


def _merge(values: list[float], statistic: str) -> float | None:
    """The value of a period from those of its seconds."""
    if not values:
        return None
    match statistic:
        case "Sum" | "SampleCount":
            return sum(values)
        case "Minimum":
            return min(values)
        case "Average":
            return sum(values) / len(values)
        case _:
            return max(values)
