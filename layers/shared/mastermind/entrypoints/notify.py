"""The function notify: announcements and people in need (queue Notices), and alarms (queue Alarms)."""

from __future__ import annotations

import logging
import os
import re
import time
from dataclasses import dataclass
from datetime import timedelta
from functools import cache, partial
from typing import TYPE_CHECKING

from pydantic import TypeAdapter

from mastermind import config
from mastermind.entrypoints import batches, resources
from mastermind.entrypoints.function import entry_point
from mastermind.errors import BadMessage
from mastermind.game.announcements.queued import Queued, postable
from mastermind.game.audit import notices as acts
from mastermind.game.audit.rules import Act
from mastermind.game.flags.needs import Need
from mastermind.game.outreach import lacking
from mastermind.game.outreach.lacking import Lacking
from mastermind.game.server_settings import unusable
from mastermind.game.server_settings.unusable import Unusable
from mastermind.operations.config import AlarmsSettings, AlertSettings, AnnouncerSettings, NeedSettings, ReportSettings
from mastermind.operations.report import notices as report
from mastermind.operations.report.notices import Told
from mastermind.parsing import parse

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from mastermind.deadline import Deadline
    from mastermind.entrypoints.invocation import LambdaHandler
    from mastermind.game.announcements.announcer import Announcer
    from mastermind.json_types import Json
    from mastermind.operations.admins import Admins
    from mastermind.operations.alerts.alerter import Alerter
    from mastermind.operations.needs.responder import Responder
    from mastermind.operations.outbox.pictures import Draw

log = logging.getLogger(__name__)

type Said = Queued | Need | Lacking | Told | Act | Unusable

NOTICE: TypeAdapter[Said] = TypeAdapter(Queued | Need | Lacking | Told | Act | Unusable)


INTERACTIONS = re.compile(r".+-interactions-(?:main|tensey)")
"""The names of the functions that answer members."""


def handler() -> LambdaHandler:
    """The handler: a batch of either queue to the messages that failed."""
    alerter = cache(_alerter)
    post = Notices(cache(partial(_announcer, alerter)), cache(_responder), cache(_admins)).post

    def serve(event: Json, deadline: Deadline) -> Json:
        queue = batches.source(event)
        is_of_alarms = bool(queue) and queue == config.read(AlarmsSettings, os.environ).queue_arn
        of_members = batches.sent_by(event, INTERACTIONS)
        receive = alerter().receive if is_of_alarms else partial(post, of_members)
        # An alarm waits in its queue until the next health check says whether the game is down.
        return batches.settle(event, partial(receive, deadline), are_held=is_of_alarms)

    return entry_point("notify", serve)


@dataclass(frozen=True, slots=True)
class Notices:
    """The handlers of messages of the queue Notices, each created on first use."""

    announcer: Callable[[], Announcer]
    responder: Callable[[], Responder]
    admins: Callable[[], Admins]

    def post(self, of_members: Collection[str], deadline: Deadline, body: str) -> None:
        """Post what a message says; an error has the queue deliver it again.

        Those `of_members` come from the functions that answer members. They say that somebody is in need and nothing
        else: who took one over cannot write to the admins in the game's name.
        """
        said = parse(NOTICE, body)
        if body in of_members and not isinstance(said, Need):
            raise BadMessage("a function that answers members may only say that somebody is in need")
        match said:
            case Need() as need:
                self.responder().receive(need, deadline)
            case Lacking() as lacks:
                said = lacking.message(lacks, resources.commands())
                self.admins().post(said, lacking.SUBJECT, lacking.mail(lacks), deadline)
            case Act() as act:
                said = acts.message(act, resources.commands())
                self.admins().post(said, acts.SUBJECT, acts.mail(act), deadline)
            case Told() as told:
                self._report(told, deadline)
            case Unusable() as setting:
                said = unusable.message(setting, resources.commands())
                self.admins().post(said, unusable.SUBJECT, unusable.mail(setting), deadline)
            case Queued() as queued:
                self._announce(queued, deadline)

    def _report(self, told: Told, deadline: Deadline) -> None:
        from mastermind.gateways.webhooks import ONE_TRY
        from mastermind.operations.outbox.pictures import ANSWER_WAITS, drawn, with_picture

        said = report.message(told, resources.commands())
        picture = drawn(told.picture, _draw(), deadline, ANSWER_WAITS, ONE_TRY)  # nobody has drawn for long
        shown = with_picture(said, picture) if picture else said
        files = (picture.file,) if picture else ()
        self.admins().post(shown, report.SUBJECT, report.mail(told), deadline, files)

    def _announce(self, queued: Queued, deadline: Deadline) -> None:
        announcement = postable(queued, time.time())
        if announcement:
            self.announcer().post(announcement, deadline)
        else:
            log.info("dropped: it is no longer true, or may not be")


def _announcer(alerter: Callable[[], Alerter]) -> Announcer:
    from mastermind.game.announcements.announcer import Announcer
    from mastermind.gateways.parameters import parameters
    from mastermind.gateways.webhooks import Channel, Webhooks

    channel = Channel(parameters(), config.read(AnnouncerSettings, os.environ).webhook, Webhooks())
    return Announcer(channel, lambda problem, deadline: alerter().note_webhook(problem, deadline), resources.commands())


def _alerter() -> Alerter:
    from mastermind.gateways.documents import document
    from mastermind.gateways.mail import mail
    from mastermind.gateways.parameters import parameters
    from mastermind.gateways.webhooks import Channel, Webhooks
    from mastermind.operations.alerts.alerter import Alerter
    from mastermind.operations.alerts.notes import KEY, notes

    settings = config.read(AlertSettings, os.environ)
    return Alerter(
        store=notes(document(settings.bucket, KEY)),
        channel=Channel(parameters(), settings.webhook, Webhooks()),
        mail=mail(settings.mail_topic_arn),
        link=settings.runbook,
        period=timedelta(seconds=settings.health_period),
    )


def _draw() -> Draw | None:
    """How pictures are drawn; None where there are none."""
    from mastermind.gateways.pictures import pictures

    drawing = config.read(ReportSettings, os.environ).pictures_function
    return pictures(drawing).draw if drawing else None


def _responder() -> Responder:
    from mastermind.gateways.documents import document
    from mastermind.gateways.functions import function
    from mastermind.operations.needs.mentions import KEY, mentions
    from mastermind.operations.needs.responder import Responder

    settings, alerts = config.read(NeedSettings, os.environ), config.read(AlertSettings, os.environ)
    stored = mentions(document(alerts.bucket, KEY))
    game, commands = function(settings.award_function), resources.commands()
    return Responder(stored, _admins(), game, settings.moderator_role_id, commands=commands)


def _admins() -> Admins:
    from mastermind.gateways.mail import mail
    from mastermind.gateways.parameters import parameters
    from mastermind.gateways.webhooks import Channel, Webhooks
    from mastermind.operations.admins import Admins

    settings, alerts = config.read(NeedSettings, os.environ), config.read(AlertSettings, os.environ)
    store, webhooks = parameters(), Webhooks()
    return Admins(
        [Channel(store, name, webhooks) for name in (settings.webhook, alerts.webhook)], mail(alerts.mail_topic_arn)
    )
