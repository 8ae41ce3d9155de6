"""Metrics that CloudWatch confirms, by PutMetricData."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from mastermind.gateways.sdk import asked, client

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mastermind.deadline import Deadline


EACH_SECOND = 1
"""CloudWatch's storage resolution. An alarm with a period of 10 or 30 seconds needs it, and it costs no more."""


class CloudWatch(Protocol):
    """CloudWatch, as far as it is needed."""

    def put_metric_data(self, *, Namespace: str, MetricData: Sequence[Any]) -> object: ...  # noqa: N803 # AWS's own words


class Metrics:
    """The figures of one function: its folder is their one dimension, as it is of what the logs count."""

    def __init__(self, namespace: str, service: str, cloudwatch: CloudWatch) -> None:
        self._namespace, self._service, self._cloudwatch = namespace, service, cloudwatch

    def put(self, figures: Mapping[str, float], deadline: Deadline) -> None:
        """Put them, all at once; raises Unavailable."""
        dimensions = [{"Name": "service", "Value": self._service}]
        data = [
            {"MetricName": name, "Dimensions": dimensions, "Value": value, "StorageResolution": EACH_SECOND}
            for name, value in figures.items()
        ]
        asked(
            "CloudWatch",
            lambda: self._cloudwatch.put_metric_data(Namespace=self._namespace, MetricData=data),
            deadline,
        )


def metrics(namespace: str, service: str) -> Metrics:
    """The real ones."""
    return Metrics(namespace, service, client("cloudwatch"))
