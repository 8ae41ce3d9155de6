"""The function healthcheck: probes everything every five minutes, and checks each deploy."""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING

from mastermind import config
from mastermind.config import LogSettings
from mastermind.deadline import Deadline
from mastermind.entrypoints import resources
from mastermind.entrypoints.function import entry_point
from mastermind.entrypoints.invocation import LAST_WORDS
from mastermind.operations.config import HealthSettings

if TYPE_CHECKING:
    from mastermind.entrypoints.invocation import LambdaHandler
    from mastermind.json_types import Json
    from mastermind.operations.health.check import Healthcheck


def handler() -> LambdaHandler:
    """The handler: a request of CloudFormation to its answer, any other event to a report."""
    build = cache(_healthcheck)

    def serve(event: Json, deadline: Deadline) -> Json:
        from mastermind.entrypoints import custom_resource
        from mastermind.operations.health import messages

        if "RequestType" not in event:
            return messages.write(messages.REPORT, build().check(deadline))
        until = custom_resource.deadline_of_work(deadline)
        checked_by = Deadline.after(until.remaining() - LAST_WORDS)
        release = custom_resource.property_of(event, "Release")
        return custom_resource.serve(event, "deploy-check", lambda: build().check_deploy(release, checked_by), until)

    return entry_point("healthcheck", serve)


def _healthcheck() -> Healthcheck:
    from mastermind.gateways.functions import function
    from mastermind.gateways.metrics import metrics
    from mastermind.gateways.parameters import parameters
    from mastermind.gateways.public_api import PublicApi
    from mastermind.gateways.queues import queues
    from mastermind.gateways.snapshots import snapshots
    from mastermind.operations.health.check import Healthcheck, World
    from mastermind.operations.health.state import HealthState

    settings = config.read(HealthSettings, os.environ)
    return Healthcheck(
        World(
            api=PublicApi(settings.api_url),
            award=function(settings.award_function),
            queues=queues(),
            snapshots=snapshots(settings.rds_instance),
            metrics=metrics(config.read(LogSettings, os.environ).namespace, "healthcheck"),
            state=HealthState(parameters(), settings.state_parameter),
            queues_to_empty=settings.queues_to_empty,
            dead_letter_queues=settings.dead_letter_queues,
            alarms_queue=settings.alarms_queue_url,
            zone=resources.zone(settings.time_zone),
        )
    )
