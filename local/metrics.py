"""The metrics that AWS publishes of queues and APIs, from what the emulator knows of them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from types_boto3_cloudwatch.type_defs import MetricDatumTypeDef

type Figures = dict[tuple[str, str], float]


def queue_figures(messages: Mapping[str, Sequence[Mapping[str, Any]]], now: datetime) -> Figures:
    """The metrics that SQS publishes, by queue and metric; `messages` are the emulator's, by queue URL."""
    figures: Figures = {}
    for url, waiting in messages.items():
        queue = url.rpartition("/")[2]
        visible = [one for one in waiting if one["IsVisible"]]
        delayed = [one for one in waiting if not one["IsVisible"] and not one["ReceiveCount"]]
        oldest = min((one["SentTimestamp"] for one in waiting), default=now.timestamp())
        figures[queue, "ApproximateNumberOfMessagesVisible"] = len(visible)
        figures[queue, "ApproximateNumberOfMessagesDelayed"] = len(delayed)
        figures[queue, "ApproximateNumberOfMessagesNotVisible"] = len(waiting) - len(visible) - len(delayed)
        figures[queue, "ApproximateAgeOfOldestMessage"] = max(0.0, now.timestamp() - oldest)
    return figures


def api_data(answers: Iterable[Mapping[str, Any]], now: datetime) -> list[MetricDatumTypeDef]:
    """The metrics that API Gateway publishes, by API and stage; each request is an error (1) or not (0)."""
    data: list[MetricDatumTypeDef] = []
    counts = Counter((answer["api"], answer["stage"], answer["status"] // 100) for answer in answers)
    for api, stage in {(api, stage): None for api, stage, _ in counts}:
        requests = sum(count for (*of, _), count in counts.items() if of == [api, stage])
        for name, number in (("4XXError", counts[api, stage, 4]), ("5XXError", counts[api, stage, 5])):
            data.append(_api_datum(name, api, stage, now, {0.0: requests - number, 1.0: number}))
        data.append(_api_datum("Count", api, stage, now, {1.0: requests}))
    return data


def api_errors(answers: Iterable[Mapping[str, Any]]) -> Mapping[str, int]:
    """What the filter of the access log counts for each API, which is named like its stack: 5xx but of GET /health."""
    return Counter(
        answer["api"] for answer in answers if answer["status"] >= 500 and answer["path"].strip("/") != "health"
    )


def _api_datum(name: str, api: str, stage: str, now: datetime, values: Mapping[float, int]) -> MetricDatumTypeDef:
    seen = {value: count for value, count in values.items() if count}
    return {
        "MetricName": name,
        "Dimensions": [{"Name": "ApiName", "Value": api}, {"Name": "Stage", "Value": stage}],
        "Timestamp": now,
        "Values": [*seen],
        "Counts": [*seen.values()],
    }
