"""The function outbox: sends relay's requests to Discord (queue HandOvers), and edits answers (queue Edits)."""

from __future__ import annotations

import os
import random
import time
from functools import cache, partial
from typing import TYPE_CHECKING

from mastermind import config
from mastermind.bot import custom_ids
from mastermind.discord import requests
from mastermind.entrypoints import batches
from mastermind.entrypoints.function import entry_point
from mastermind.operations.config import OutboxSettings

if TYPE_CHECKING:
    from mastermind.deadline import Deadline
    from mastermind.discord.requests import Result
    from mastermind.entrypoints.invocation import LambdaHandler
    from mastermind.gateways.queues import Queues
    from mastermind.json_types import Json
    from mastermind.operations.outbox.edits import Editor
    from mastermind.operations.outbox.pictures import Draw
    from mastermind.operations.outbox.sender import Sender


def handler() -> LambdaHandler:
    """The handler: a batch of either queue to the messages that stay in it."""
    sender, editor = cache(_sender), cache(_editor)

    def serve(event: Json, deadline: Deadline) -> Json:
        deliveries = batches.deliveries(event)
        is_of_edits = batches.source(event) == config.read(OutboxSettings, os.environ).edits_queue_arn
        stay = (editor() if is_of_edits else sender()).serve(deliveries, deadline)
        return batches.staying(stay)

    return entry_point("outbox", serve)


def _sender() -> Sender:
    from mastermind.gateways.discord_api import DiscordApi, Limits
    from mastermind.gateways.documents import document
    from mastermind.gateways.parameters import parameters
    from mastermind.gateways.queues import queues
    from mastermind.operations.outbox.asking import Bot
    from mastermind.operations.outbox.sender import Sender
    from mastermind.operations.outbox.session import Session
    from mastermind.operations.outbox.state import KEY, state

    settings, sqs, secrets = config.read(OutboxSettings, os.environ), queues(), parameters()
    api, limits, token = DiscordApi(settings.api_url), Limits(), partial(secrets.secret, settings.bot_token)
    return Sender(
        Bot(settings.application_id, settings.guild_id, settings.own_roles),
        lambda known, deadline: Session(api, limits, token, known, deadline, time.time, time.sleep),
        state(document(settings.bucket, KEY)),
        partial(sqs.hide, settings.handovers_queue_url),
        partial(_report, sqs, settings.results_queue_url),
        time.time,
        _sleep,
        _draw(settings),
    )


def _editor() -> Editor:
    from mastermind.gateways.discord_api import DiscordApi
    from mastermind.gateways.documents import document
    from mastermind.gateways.parameters import parameters
    from mastermind.gateways.queues import queues
    from mastermind.operations.outbox.edits import Editor
    from mastermind.operations.outbox.state import KEY, state

    settings, sqs = config.read(OutboxSettings, os.environ), queues()
    return Editor(
        DiscordApi(settings.api_url),
        partial(parameters().secret, settings.token_key),
        _revision_of,
        state(document(settings.bucket, KEY)),
        partial(sqs.hide, settings.edits_queue_url),
        partial(_report, sqs, settings.results_queue_url),
        time.time,
        _draw(settings),
    )


def _draw(settings: OutboxSettings) -> Draw | None:
    """How pictures are drawn; None where there are none."""
    from mastermind.gateways.pictures import pictures

    return pictures(settings.pictures_function).draw if settings.pictures_function else None


def _report(sqs: Queues, url: str, result: Result, deadline: Deadline) -> None:
    once = f"{result.id}-{result.outcome}-{result.at:.3f}"  # the same question may be answered likewise again
    sqs.send_in_order(url, requests.write(result), result.id, once, deadline)


def _revision_of(custom_id: str) -> str:
    found = custom_ids.read(custom_id)
    return found.revision if found else ""


def _sleep(seconds: float) -> None:
    """More or less, so that what failed together does not come back together."""
    time.sleep(seconds * (0.75 + random.random() / 2))  # noqa: S311 (no secret)
