"""The functions interactions_main and interactions_tensey: requests of API Gateway, and operators' queries."""

from __future__ import annotations

import logging
import os
from functools import cache, partial
from typing import TYPE_CHECKING, cast

from mastermind import __version__, config, observability
from mastermind.bot import registry
from mastermind.bot.call import Services
from mastermind.bot.dispatch import Dispatch
from mastermind.bot.moderators import Moderators
from mastermind.config import (
    DiscordSettings,
    GameSettings,
    LogSettings,
    PictureQueueSettings,
    ReleaseSettings,
    SealSettings,
)
from mastermind.deadline import Deadline
from mastermind.entrypoints import events, resources, starting
from mastermind.entrypoints.endpoint import Endpoint, refuse
from mastermind.entrypoints.events import OperatorQuestion, Rehearsal
from mastermind.entrypoints.invocation import LAST_WORDS, or_failure, without_secrets
from mastermind.entrypoints.resources import Lazy
from mastermind.errors import BadSignature, ConfigError
from mastermind.postgres import schema

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mastermind.entrypoints.health_page import HealthPage
    from mastermind.entrypoints.invocation import Context, LambdaHandler
    from mastermind.json_types import Json
    from mastermind.postgres.database import Database

log = logging.getLogger(__name__)

ANSWER_WITHIN = 2.5
"""Seconds from the start of an invocation to its answer, whatever it waits for: Discord gives 3 to the whole chain."""


def handler(app: str, database: Callable[[], Database] | None = None) -> LambdaHandler:
    """The handler of an application's interactions: an API Gateway event to its response."""
    starting.load_ahead(app)
    database = database or Lazy(resources.database)
    set_up = cache(partial(_set_up, app))
    build = cache(partial(endpoint_of, app, database))

    def handle(event: Json, context: Context) -> Json:
        deadline = Deadline.after(ANSWER_WITHIN - LAST_WORDS)
        set_up()
        with observability.correlated(request_id=context.aws_request_id, api_request_id=_api_request_id(event)):
            try:
                endpoint = build()
            except ConfigError:
                log.exception("not configured")
                observability.count(observability.BUGS)
                return refuse(BadSignature.status)
            match events.of_operator(event):
                case OperatorQuestion(fields):
                    return without_secrets(partial(_answer, fields, context.aws_request_id, database, deadline))
                case Rehearsal(body):
                    return without_secrets(partial(rehearsal_of(app).serve_unsigned, body, deadline))
                case None:
                    return endpoint.serve(event, deadline)

    return handle


def endpoint_of(app: str, database: Callable[[], Database]) -> Endpoint:
    """An application's endpoint; raises ConfigError."""
    game = config.read(GameSettings, os.environ)
    awards, notices = Lazy(resources.awards_queue), Lazy(resources.notices_queue)
    jobs, storage = Lazy(resources.jobs_queue), Lazy(resources.bucket)
    nudges, token_key = Lazy(resources.nudges_queue), config.read(SealSettings, os.environ).token_key
    draws = token_key is not None and config.read(PictureQueueSettings, os.environ).queue_url != ""
    edits = Lazy(resources.picture_queue) if draws else None

    def services(deadline: Deadline) -> Services:
        if app == "main":
            return Services(
                database,
                awards,
                notices,
                game,
                deadline,
                storage,
                jobs,
                nudges,
                token_key=token_key,
                edits=edits,
                deployed=resources.deployed,
            )
        return Services(database, awards, notices, game, deadline, token_key=token_key)

    health = _health(database) if app == "main" else None
    release = config.read(ReleaseSettings, os.environ).release
    return Endpoint(_dispatch(app), services, health, release, resources.commands())


class NoQueue:
    """The queue of a rehearsal: messages are discarded."""

    def send(self, message: str, deadline: Deadline) -> None:
        pass


def rehearsal_of(app: str) -> Endpoint:
    """An endpoint whose interactions leave nothing behind; it has no storage."""
    game, database = config.read(GameSettings, os.environ), Lazy(resources.rehearsed_database)
    jobs = NoQueue if app == "main" else None

    def services(deadline: Deadline) -> Services:
        return Services(database, NoQueue, NoQueue, game, deadline, jobs=jobs, deployed=resources.deployed)

    return Endpoint(_dispatch(app), services, commands=resources.commands())


def _set_up(app: str) -> None:
    """What the first invocation does."""
    starting.become_unique()
    service = f"interactions_{app}"
    observability.set_up(service, config.read(LogSettings, os.environ), secrets=config.read_secrets(os.environ))


def _dispatch(app: str) -> Dispatch:
    return Dispatch(app, Moderators(config.read(DiscordSettings, os.environ)), partial(registry.find, app))


def _answer(question: Json, invocation: str, database: Callable[[], Database], deadline: Deadline) -> Json:
    from mastermind.operations.operator import actions as operator

    return or_failure(lambda: database().run(lambda conn: operator.answer(conn, question, invocation), deadline))


def _health(database: Callable[[], Database]) -> Callable[[Deadline], Json]:
    """What answers GET /health; loaded by the first, for no interaction needs it."""

    @cache
    def page() -> HealthPage:
        from mastermind.entrypoints.health_page import HealthPage

        return HealthPage(partial(_is_healthy, database), __version__)

    return lambda deadline: page().answer(deadline)


def _is_healthy(database: Callable[[], Database], deadline: Deadline) -> bool:
    return database().run(schema.number, deadline) >= schema.NEEDED


def _api_request_id(event: object) -> str | None:
    """API Gateway's own id of the request, if there is one; the event is not verified yet."""
    try:
        return str(cast("Mapping[str, Mapping[str, object]]", event)["requestContext"]["requestId"])
    except (KeyError, TypeError, IndexError):
        return None
