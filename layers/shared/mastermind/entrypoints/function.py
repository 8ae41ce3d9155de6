"""The entry point of every function off the interaction path, with Powertools' Logger and Metrics.

On the interaction path there is none of it: mastermind.observability says why.
"""

from __future__ import annotations

import os
from functools import cache, partial
from typing import TYPE_CHECKING

from mastermind import config, observability
from mastermind.config import LogSettings
from mastermind.deadline import Deadline
from mastermind.entrypoints.invocation import LAST_WORDS, without_secrets

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from aws_lambda_powertools import Metrics

    from mastermind.entrypoints.invocation import Context, Json, LambdaHandler


def entry_point(service: str, work: Callable[[Json, Deadline], Json]) -> LambdaHandler:
    """The handler of a function.

    `work` gets the event, and a deadline shortly before Lambda's own time-out. `service` is the function's folder. The
    environment is read at the first invocation, not when this is called.
    """
    set_up_once = cache(lambda: set_up(service, config.read(LogSettings, os.environ), config.read_secrets(os.environ)))

    def handle(event: Json, context: Context) -> Json:
        metrics = set_up_once()
        deadline = Deadline.after(context.get_remaining_time_in_millis() / 1000 - LAST_WORDS)
        try:
            with observability.correlated(request_id=context.aws_request_id):
                return without_secrets(lambda: work(event, deadline))
        finally:
            if metrics.metric_set:  # Powertools warns about an invocation that counts nothing
                metrics.flush_metrics()

    return handle


def set_up(service: str, settings: LogSettings, secrets: Iterable[str]) -> Metrics:
    """Log and count by Powertools; returns the metrics, which each invocation has to flush.

    `service` is the function's folder: a key of every line and the dimension of every metric.
    """
    from aws_lambda_powertools import Logger, Metrics
    from aws_lambda_powertools.metrics import MetricUnit

    serialize = partial(observability.serialize, secrets=tuple(filter(None, secrets)))
    logger = Logger(
        service=service,
        level=settings.level,
        json_serializer=serialize,
        utc=True,
        use_rfc3339=True,
        serialize_stacktrace=False,
        xray_trace_id=None,  # nothing is traced
    )
    metrics = Metrics(service=service, namespace=settings.namespace)

    def count(metric: str, amount: int) -> None:
        metrics.add_metric(name=metric, unit=MetricUnit.Count, value=amount)

    observability.use(logger.registered_handler, settings.level, count)
    return metrics
