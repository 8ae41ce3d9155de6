"""The function relay: hands over due rows of the outbox, each minute and on a nudge, and records their outcomes."""

from __future__ import annotations

import logging
import os
import time
from dataclasses import dataclass
from functools import cache, partial
from typing import TYPE_CHECKING

from pydantic import TypeAdapter

from mastermind import config, observability
from mastermind.config import AnnouncedSettings, RelaySettings
from mastermind.discord import requests
from mastermind.discord.requests import GROUP, Edit, HandOver, Result
from mastermind.entrypoints import batches, events, resources
from mastermind.entrypoints.events import Messages
from mastermind.entrypoints.function import entry_point
from mastermind.entrypoints.resources import Lazy
from mastermind.errors import OutcomeUnknown, Unavailable
from mastermind.game.announcements.rules import RAIDS, AnnouncementKind
from mastermind.parsing import parse
from mastermind.records import as_dict
from mastermind.relay import kind
from mastermind.relay.actions import Relay
from mastermind.relay.kind import Scene

if TYPE_CHECKING:
    from collections.abc import Callable

    from mastermind.deadline import Deadline
    from mastermind.entrypoints.invocation import LambdaHandler
    from mastermind.gateways.sqs import Queue
    from mastermind.json_types import Json
    from mastermind.postgres.database import Database

log = logging.getLogger(__name__)

RESULT: TypeAdapter[Result] = TypeAdapter(Result)


@dataclass(frozen=True, slots=True)
class Queues:
    """The queues of what needs the bot token, of edits, and of what goes by webhook."""

    handovers: Callable[[], Queue]
    edits: Callable[[], Queue]
    notices: Callable[[], Queue]

    def hand_over(self, message: HandOver, once: str, deadline: Deadline) -> None:
        self.handovers().send_in_order(requests.write(message), GROUP, once, deadline)

    def edit(self, message: Edit, deadline: Deadline) -> None:
        self.edits().send(requests.write(message), deadline)

    def notice(self, message: str, deadline: Deadline) -> None:
        self.notices().send(message, deadline)


def handler(database: Callable[[], Database] | None = None, queues: Queues | None = None) -> LambdaHandler:
    """The handler: a batch of results to the messages that failed, everything else to a report."""
    database = database or Lazy(resources.database)
    queues = queues or Queues(
        Lazy(resources.handovers_queue), Lazy(resources.edits_queue), Lazy(resources.notices_queue)
    )
    relay = cache(partial(_relay, queues))

    def serve(event: Json, deadline: Deadline) -> Json:
        match events.of_relay(event):
            case Messages(batch):
                return _serve(relay(), database(), batch, deadline)
            case events.Relay():
                return _work(relay(), database(), deadline)

    return entry_point("relay", serve)


def announced(settings: AnnouncedSettings) -> frozenset[AnnouncementKind]:
    """The kinds of announcements that are on."""
    switches = {AnnouncementKind.MILESTONE: settings.milestones, AnnouncementKind.LEVEL_UP: settings.level_ups}
    switches[AnnouncementKind.WEEK] = settings.weeks
    switches |= dict.fromkeys(RAIDS, settings.raids)
    return frozenset(one for one, is_on in switches.items() if is_on)


def _relay(queues: Queues) -> Relay:
    settings = config.read(RelaySettings, os.environ)
    on = announced(config.read(AnnouncedSettings, os.environ))
    scene = Scene(
        settings.announcements_channel_id,
        on,
        resources.commands(),
        settings.time_zone,
        settings.gives_roles,
        settings.draws,
        reports=True,
    )
    return Relay(kind.find_all(), scene, queues, settings.tensey_application_id, settings.direct_channels, time.time)


def _serve(relay: Relay, database: Database, batch: Json, deadline: Deadline) -> Json:
    """Book results, if that is what they are; then hand over what is due: answers make room for more.

    A nudge is settled by the look that follows it; what that leaves undone the next minute does.
    """
    failed: Json = batches.staying(())
    if batches.source(batch) == config.read(RelaySettings, os.environ).results_queue_arn:
        failed = batches.settle(batch, partial(_book, relay, database, deadline), in_order=True)
    _try_to_work(relay, database, deadline)
    return failed


def _book(relay: Relay, database: Database, deadline: Deadline, body: str) -> None:
    """Record the outcome of a hand-over; on an error the queue delivers it again, and nothing is recorded twice."""
    result = parse(RESULT, body)
    database.run(lambda conn: relay.book(conn, result, deadline), deadline)
    log.info("answered", extra={"hand_over": result.id, "outcome": str(result.outcome), "status": result.status})


def _work(relay: Relay, database: Database, deadline: Deadline) -> Json:
    """Hand over due rows; returns the report. Raises Unavailable, or OutcomeUnknown: the next run continues."""
    report = as_dict(database.run(lambda conn: relay.work(conn, deadline), deadline))
    log.info("relayed", extra=report)
    return report


def _try_to_work(relay: Relay, database: Database, deadline: Deadline) -> None:
    """The same, where it must not harm what was done before."""
    try:
        _work(relay, database, deadline)
    except (Unavailable, OutcomeUnknown) as error:
        log.warning("the outbox is left to the next minute", extra={"reason": str(error)})
    except Exception:
        log.exception("the outbox could not be worked on")
        observability.count(observability.BUGS)
