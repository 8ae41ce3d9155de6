"""The only builder of real things: what a function's handler is made of.

Handlers are made when a function starts and do nothing until they are called; then the environment is read, once. The
database's driver and everything else that is slow to load waits until somebody needs it (a PING never does).
"""

from __future__ import annotations

import json
import logging
import os
import random
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from functools import cache, cached_property, partial
from typing import TYPE_CHECKING, Protocol, cast, override
from uuid import UUID

from mastermind import __version__, config, observability
from mastermind.bot import registry as catalogue
from mastermind.bot.call import Services
from mastermind.bot.dispatch import Dispatch
from mastermind.deadline import Deadline
from mastermind.entrypoints.endpoint import Endpoint, refuse
from mastermind.errors import BadRequest, BadSignature, ConfigError, ContentError, TryAgain, Unavailable
from mastermind.postgres import schema

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from mastermind.game.announcements.announcer import Announcer
    from mastermind.game.announcements.rules import Announcement, Kind
    from mastermind.gateways.s3 import Bucket
    from mastermind.gateways.sqs import Queue
    from mastermind.operations.alerts.alerter import Alerter
    from mastermind.operations.backup.actions import Backup
    from mastermind.operations.health.check import Healthcheck
    from mastermind.operations.jobs.messages import Job
    from mastermind.postgres.connection import Connection, Database

log = logging.getLogger(__name__)

type Json = dict[str, object]
type Handler = Callable[[Json, Context], Json]

ANSWER_WITHIN = 2.5
"""Seconds from the start of an invocation to its answer, whatever it waits for: Discord gives 3 to the whole chain."""

LAST_WORDS = 0.2
"""Seconds kept of an invocation's time for the answer itself, after the last wait for anything."""


PROBED_WITHIN = 4.0
"""Seconds for the database to say how it is; the health check waits for a little longer, three times."""

ANSWERING = 20.0
"""Seconds kept of a custom resource's time to answer CloudFormation, which may take more than one try."""


class Context(Protocol):
    """What Lambda tells a handler about the invocation."""

    @property
    def aws_request_id(self) -> str: ...

    def get_remaining_time_in_millis(self) -> int: ...


def interactions(app: str, database: LateDatabase | None = None) -> Handler:
    """The handler of an application's interactions: an API Gateway event to its response.

    Whoever may invoke the function itself may also ask {"operator": ...} (see `_operate`). Nobody can through the API:
    API Gateway puts what a stranger sends inside an event of its own.
    """
    late = database or LateDatabase()
    build = _once_set_up(f"interactions_{app}", partial(endpoint_of, app, late))

    def handle(event: Json, context: Context) -> Json:
        deadline = Deadline.after(ANSWER_WITHIN - LAST_WORDS)
        with observability.correlated(request_id=context.aws_request_id, api_request_id=_api_request_id(event)):
            try:
                endpoint = build()
            except ConfigError:
                log.exception("not configured")
                observability.count(observability.BUGS)
                return refuse(BadSignature.status)
            if (asked := _operators(event)) is not None:
                return _without_secrets(lambda: _operate(app, asked, endpoint, late, deadline))
            return endpoint.serve(event, deadline)

    return handle


def _operate(app: str, asked: Json, endpoint: Endpoint, database: LateDatabase, deadline: Deadline) -> Json:
    """An operator's question answered, or an interaction done in the name of whom it names.

    {"interaction": {...}} is done for good, with "rehearsal": true so that nothing of it stays. Anything else is a
    question of operations.operator.actions's; its answer is {"failure": why} when the database cannot be asked.
    """
    if "interaction" not in asked:
        from mastermind.operations.operator import actions as operator

        return _or_failure(lambda: database.run(lambda conn: operator.answer(conn, asked), deadline))
    body = json.dumps(asked["interaction"]).encode()
    if asked.get("rehearsal") is True:
        endpoint = endpoint_of(app, RehearsalDatabase(), rehearsal=True)
    return endpoint.serve_unsigned(body, deadline)


def _operators(event: object) -> Json | None:
    """What an operator asks, if it is one who asks; the event may be anything."""
    asked = cast("Json", event).get("operator") if isinstance(event, dict) else None
    return cast("Json", asked) if isinstance(asked, dict) else None


def award(database: LateDatabase | None = None, notices: LateQueue | None = None) -> Handler:
    """The handler of awards: a batch of the queue to the messages that shall come back, or a sweep to its report.

    It answers the health check as well: {"probe": true} with the database's facts ({"ledger_from": n} walks on through
    the whole ledger), {"outage": ...} and {"report": ...} by keeping them; with {"failure": why} if it cannot.
    """
    build = _once_set_up("xp_award", lambda: _awarding(database or LateDatabase(), notices))

    def handle(event: Json, context: Context) -> Json:
        deadline = Deadline.after(context.get_remaining_time_in_millis() / 1000 - LAST_WORDS)
        with observability.correlated(request_id=context.aws_request_id):
            work = _work_for(event)
            return _without_secrets(lambda: work(event, build(), deadline))

    return handle


@dataclass(frozen=True, slots=True)
class Awarding:
    """What awards are made of: the database, the queue of what is announced, and the kinds of what is."""

    database: LateDatabase
    notices: LateQueue
    announced: frozenset[Kind]


def _awarding(database: LateDatabase, notices: LateQueue | None) -> Awarding:
    queue = notices or LateQueue(config.NOTICES_QUEUE_URL)
    return Awarding(database, queue, config.read_announced(os.environ))


def _work_for(event: Json) -> Callable[[Json, Awarding, Deadline], Json]:
    if event.get("sweep") is True:
        return _sweep
    if event.get("probe") is True:
        return _probe
    if "outage" in event:
        return _record_outage
    return _store_report if "report" in event else _apply_batch


def _probe(event: Json, parts: Awarding, deadline: Deadline) -> Json:
    """What the database says of its health."""
    from mastermind.operations.health import actions as health
    from mastermind.operations.health.rules import facts_json

    passed = cast("int | None", event.get("ledger_from"))
    deadline = Deadline.after(min(PROBED_WITHIN, deadline.remaining()))

    def facts() -> Json:
        chance = random.random()  # noqa: S311 # it chooses a sample
        return facts_json(parts.database.run(lambda conn: health.probe(conn, chance, passed, deadline), deadline))

    return _or_failure(facts)


def _record_outage(event: Json, parts: Awarding, deadline: Deadline) -> Json:
    from mastermind.operations.health import actions as health
    from mastermind.operations.health.rules import read_outage

    outage = read_outage(cast("Json", event["outage"]))
    return _or_failure(lambda: {"recorded": parts.database.run(lambda conn: health.record(conn, outage), deadline)})


def _store_report(event: Json, parts: Awarding, deadline: Deadline) -> Json:
    from mastermind.operations.health import actions as health
    from mastermind.operations.health.rules import moment_of

    report = cast("Json", event["report"])
    at, healthy = moment_of(report), report["healthy"] is True

    def store(conn: Connection) -> bool:
        return health.store(conn, at, report, healthy=healthy)

    return _or_failure(lambda: {"stored": parts.database.run(store, deadline)})


def _or_failure(work: Callable[[], Json]) -> Json:
    """An answer in any case: that the database is away is what the health check wants to hear, and no error of ours."""
    try:
        return work()
    except Unavailable as error:
        return {"failure": str(error)}


def _apply_batch(event: Json, parts: Awarding, deadline: Deadline) -> Json:
    from mastermind.entrypoints import batches

    failed = batches.settle(event, partial(_apply, parts.database, deadline))
    _announce(parts, deadline)
    return failed


def _apply(database: LateDatabase, deadline: Deadline, body: str) -> None:
    """Apply the award a message names; raises BadRequest, Unavailable, or TryAgain when it is not due yet."""
    from mastermind.game.challenges import awards

    award_id = _award_id(body)
    outcome = database.run(lambda conn: awards.apply(conn, award_id), deadline)
    log.info("award applied", extra={"award_id": str(award_id), "outcome": str(outcome)})
    if outcome is awards.Outcome.NOT_DUE:
        raise TryAgain("the award is not due yet")


def _award_id(body: str) -> UUID:
    """The id in a message, written as we write it and not otherwise."""
    try:
        award_id = UUID(body)
    except ValueError as error:
        raise BadRequest("the message does not name an award") from error
    if str(award_id) != body:
        raise BadRequest("the message names an award as we never do")
    return award_id


def _sweep(_event: Json, parts: Awarding, deadline: Deadline) -> Json:
    """Apply what is overdue, end and reward raids, announce what is due; the answer is the sweep's report."""
    from mastermind.game.challenges import awards
    from mastermind.game.raids import actions as raids

    report = parts.database.run(lambda conn: awards.sweep(conn, deadline), deadline)
    raiding = parts.database.run(lambda conn: raids.sweep(conn, deadline), deadline)
    facts: Json = {
        **asdict(report),
        "refused": [str(award_id) for award_id in report.refused],
        "raids": asdict(raiding),
    }
    facts["announced"] = _announce(parts, deadline)
    log.info("swept", extra=facts)
    observability.count(observability.OVERDUE, report.busy + len(report.refused) + (not report.finished))
    if refused := len(report.refused) + raiding.refused:
        log.error("the database refused awards", extra=facts)
        observability.count(observability.BUGS, refused)
    return facts


def _announce(parts: Awarding, deadline: Deadline) -> int:
    """Send what is due; tells how much. Trouble here harms no award, and the next sweep tries again."""
    from mastermind.game.announcements import actions as announcements

    send = partial(_send_notice, parts.notices, deadline)
    try:
        return parts.database.run(lambda conn: announcements.announce(conn, send, parts.announced, deadline), deadline)
    except Unavailable as error:
        log.warning("announcements are left to the sweep", extra={"reason": str(error)})
    except Exception:
        log.exception("announcements could not be sent")
        observability.count(observability.BUGS)
    return 0


def _send_notice(queue: LateQueue, deadline: Deadline, announcement: Announcement) -> None:
    from mastermind.game.announcements import notices

    queue.send(notices.write(announcement), deadline)


def notify() -> Handler:
    """The handler of announcements and alerts: a batch of either's queue to the messages that shall come back."""
    build = _once_set_up("notify", Telling)

    def handle(event: Json, context: Context) -> Json:
        from mastermind.entrypoints import batches

        deadline = Deadline.after(context.get_remaining_time_in_millis() / 1000 - LAST_WORDS)
        with observability.correlated(request_id=context.aws_request_id):
            queue = batches.source(event)
            return _without_secrets(lambda: batches.settle(event, partial(build().for_queue(queue), deadline)))

    return handle


class Telling:
    """What announcements and alerts are told with, each made when its queue first brings something."""

    def for_queue(self, arn: str) -> Callable[[Deadline, str], None]:
        """Who tells what comes from that queue."""
        is_of_alarms = arn and arn == config.read_alarms_queue(os.environ)
        return self._alerter.hear if is_of_alarms else self._announcer.announce

    @cached_property
    def _announcer(self) -> Announcer:
        from mastermind.game.announcements.announcer import Announcer
        from mastermind.gateways.parameters import secret_parameter
        from mastermind.gateways.webhooks import Webhooks

        return Announcer(secret_parameter(config.read_announcements_parameter(os.environ)), Webhooks())

    @cached_property
    def _alerter(self) -> Alerter:
        from mastermind.gateways.health_state import health_state
        from mastermind.gateways.mail import mail
        from mastermind.gateways.notes import notes
        from mastermind.gateways.parameters import secret_parameter
        from mastermind.gateways.webhooks import Webhooks
        from mastermind.operations.alerts.alerter import Alerter

        settings = config.read_alerts(os.environ)
        return Alerter(
            notes(settings.path),
            health_state(settings.health_state).read,
            secret_parameter(settings.webhook),
            Webhooks(),
            mail(settings.mail_topic_arn),
            settings.runbook,
            timedelta(seconds=settings.health_period),
        )


def healthcheck() -> Handler:
    """The handler of the health check: whatever comes to a report, a request of CloudFormation to its answer."""
    build = _once_set_up("healthcheck", _checking)

    def handle(event: Json, context: Context) -> Json:
        from mastermind.entrypoints import custom_resource

        seconds = context.get_remaining_time_in_millis() / 1000
        with observability.correlated(request_id=context.aws_request_id):
            if "RequestType" not in event:
                return _without_secrets(lambda: build().check(Deadline.after(seconds - LAST_WORDS)))
            deadline = Deadline.after(seconds - ANSWERING)
            work = partial(_check_deploy, build, Deadline.after(deadline.remaining() - LAST_WORDS))
            return _without_secrets(lambda: custom_resource.serve(event, "deploy-check", work, deadline))

    return handle


def _checking() -> Healthcheck:
    from zoneinfo import ZoneInfo

    from mastermind.gateways.functions import function
    from mastermind.gateways.health_state import health_state
    from mastermind.gateways.metrics import metrics
    from mastermind.gateways.public_api import PublicApi
    from mastermind.gateways.queues import queues
    from mastermind.gateways.snapshots import snapshots
    from mastermind.operations.health.check import Healthcheck, World

    settings = config.read_health(os.environ)
    return Healthcheck(
        World(
            api=PublicApi(settings.api_url),
            award=function(settings.award_function),
            queues=queues(),
            snapshots=snapshots(settings.rds_instance),
            metrics=metrics(config.read_log(os.environ).namespace, "healthcheck"),
            memory=health_state(settings.state_parameter),
            queues_to_empty=settings.queues_to_empty,
            dead_letter_queues=settings.dead_letter_queues,
            zone=ZoneInfo(settings.time_zone),
        )
    )


def _check_deploy(build: Callable[[], Healthcheck], deadline: Deadline) -> Mapping[str, str]:
    return build().check_deploy(deadline)


def backup() -> Handler:
    """The handler of backups: a batch of the queue Jobs to the messages that shall come back, or a report.

    {"asked": true} has a snapshot made now; whatever else comes is the night's.
    """
    build = _once_set_up("backup", _backing_up)

    def handle(event: Json, context: Context) -> Json:
        from mastermind.entrypoints import batches

        deadline = Deadline.after(context.get_remaining_time_in_millis() / 1000 - LAST_WORDS)
        with observability.correlated(request_id=context.aws_request_id):
            if "Records" in event:
                return _without_secrets(lambda: batches.settle(event, partial(_do_job, build(), deadline)))
            if event.get("asked") is True:
                return _without_secrets(lambda: build().asked_for(datetime.now(UTC), deadline))
            return _without_secrets(lambda: build().of_the_night(deadline))

    return handle


def _backing_up() -> Backup:
    from zoneinfo import ZoneInfo

    from mastermind.gateways.snapshots import snapshots
    from mastermind.operations.backup.actions import Backup

    settings = config.read_backup(os.environ)
    return Backup(settings.owner, snapshots(settings.owner.instance), ZoneInfo(settings.time_zone))


def _do_job(backup: Backup, deadline: Deadline, body: str) -> None:
    """Do the job in a message; raises BadRequest, or Unavailable when it shall come back."""
    from mastermind.operations.backup.rules import asked_at
    from mastermind.operations.jobs import messages as jobs

    backup.asked_for(asked_at(jobs.read(body).interaction_id), deadline)


def migrate_gate() -> Handler:
    """The handler of the custom resource that has the migrations applied: a request of CloudFormation to its answer."""
    read = _once_set_up("migrate_gate", lambda: config.read_gate(os.environ))

    def handle(event: Json, context: Context) -> Json:
        from mastermind.entrypoints import custom_resource
        from mastermind.gateways import migrate_gate

        deadline = Deadline.after(context.get_remaining_time_in_millis() / 1000 - ANSWERING)
        with observability.correlated(request_id=context.aws_request_id):
            work = partial(migrate_gate.work, read, deadline)
            return _without_secrets(lambda: custom_resource.serve(event, "migrations", work, deadline))

    return handle


def migrate_runner(folder: Path) -> Handler:
    """The handler that applies the migrations in `folder` and then seeds the course.

    It answers a connection with how far the migrations are, or with why it failed. With {"deletions": [entry of the
    log]} as well it migrates nothing, and deletes again whom a restore has brought back: {"deleted": how many}.
    """
    set_up = _once_set_up("migrate", lambda: None)

    def handle(event: Json, context: Context) -> Json:
        set_up()
        deadline = Deadline.after(context.get_remaining_time_in_millis() / 1000 - LAST_WORDS)
        connection = cast("Mapping[str, object]", event.get("connection", {}))
        with observability.correlated(request_id=context.aws_request_id):
            settings = config.read_owner_database(os.environ, connection)
            if "deletions" in event:
                entries = cast("Sequence[str]", event["deletions"])
                return _without_secrets(lambda: _forget_again(settings, entries, deadline))
            return _without_secrets(lambda: _bring_up_to_date(settings, folder, deadline))

    return handle


def _forget_again(settings: config.DatabaseSettings, entries: Sequence[str], deadline: Deadline) -> Json:
    """Only when every entry can be read is anybody deleted."""
    from mastermind.game.privacy import actions as privacy
    from mastermind.game.privacy.rules import read
    from mastermind.postgres.connection import Database

    database = Database(settings, application_name="reapply-deletions")
    try:
        deletions = [read(entry.encode()) for entry in entries]
        again = database.run(lambda conn: privacy.forget_again(conn, deletions), deadline)
    except (ValueError, Unavailable) as error:
        log.exception("the deletions were not done again")
        return {"failure": f"The deletions could not be done again: {error}"}
    finally:
        database.close()
    log.info("deletions were done again", extra={"deleted": again})
    return {"deleted": again}


def _bring_up_to_date(settings: config.DatabaseSettings, folder: Path, deadline: Deadline) -> Json:
    """Apply the migrations, then seed the course; a database that is newer than this code keeps the course it has."""
    from mastermind.operations.migrations import runner as migrations

    answer = migrations.report(settings, folder, deadline)
    if answer.get("migration") != schema.NEEDED:
        return answer
    try:
        _seed_course(settings, deadline)
    except (ContentError, Unavailable) as error:
        log.exception("the course was not seeded")
        return {"failure": f"The course could not be seeded: {error}"}
    return answer


def _seed_course(settings: config.DatabaseSettings, deadline: Deadline) -> None:
    from mastermind.game.course import content as course
    from mastermind.game.course import seeding
    from mastermind.postgres.connection import Database

    database = Database(settings, application_name="migrate")
    try:
        lines = database.run(lambda conn: seeding.seed(conn, course.load()), deadline)
    finally:
        database.close()
    log.info("the course is seeded", extra={"changes": lines})


class LateDatabase:
    """The database of this function's role, one for the life of a process; loaded by whoever uses it first."""

    @cached_property
    def _database(self) -> Database:
        from mastermind.postgres.connection import Database

        aws = config.read_aws(os.environ)
        return Database(config.read_database(os.environ), aws.region, aws.credentials)

    def run[T](self, work: Callable[[Connection], T], deadline: Deadline) -> T:
        return self._database.run(work, deadline)

    def close(self) -> None:
        if "_database" in self.__dict__:
            self._database.close()


class RehearsalDatabase(LateDatabase):
    """The same database, where nothing stays of what is done."""

    @cached_property
    def _database(self) -> Database:
        from mastermind.postgres.rehearsal import RehearsedDatabase

        aws = config.read_aws(os.environ)
        return RehearsedDatabase(config.read_database(os.environ), aws.region, aws.credentials)


class LateQueue:
    """The queue that a variable names; its client is loaded by whoever sends first."""

    def __init__(self, variable: config.Variable) -> None:
        self._variable = variable

    @cached_property
    def _queue(self) -> Queue:
        from mastermind.gateways.sqs import Queue

        return Queue(config.read_queue_url(os.environ, self._variable), config.read_aws(os.environ))

    def send(self, message: str, deadline: Deadline) -> None:
        self._queue.send(message, deadline)

    def close(self) -> None:
        if "_queue" in self.__dict__:
            self._queue.close()


class LateBucket:
    """The bucket of this function; its client is loaded by whoever uses it first."""

    @cached_property
    def _bucket(self) -> Bucket:
        from mastermind.gateways.s3 import Bucket

        return Bucket(config.read_export_bucket(os.environ), config.read_aws(os.environ))

    def put(self, key: str, body: bytes, deadline: Deadline, headers: Mapping[str, str] | None = None) -> None:
        self._bucket.put(key, body, deadline, headers)

    def link(self, key: str, expires: int) -> str:
        return self._bucket.link(key, expires)

    def close(self) -> None:
        if "_bucket" in self.__dict__:
            self._bucket.close()


@dataclass(frozen=True, slots=True)
class Storage:
    """The bucket within one invocation."""

    bucket: LateBucket
    deadline: Deadline

    def put(self, key: str, body: bytes, headers: Mapping[str, str] | None = None) -> None:
        self.bucket.put(key, body, self.deadline, headers)

    def link(self, key: str, expires: int) -> str:
        return self.bucket.link(key, expires)


@dataclass(frozen=True, slots=True)
class AwardQueue:
    """The queue of awards within one invocation."""

    queue: LateQueue
    deadline: Deadline

    def send(self, award_id: UUID) -> None:
        self.queue.send(str(award_id), self.deadline)


@dataclass(frozen=True, slots=True)
class JobQueue:
    """The queue of jobs within one invocation."""

    queue: LateQueue
    deadline: Deadline

    def send(self, job: Job) -> None:
        from mastermind.operations.jobs import messages as jobs

        self.queue.send(jobs.write(job), self.deadline)


def _once_set_up[T](service: str, build: Callable[[], T]) -> Callable[[], T]:
    """`build`, called once, after the logs of this process were set up."""

    @cache
    def build_once() -> T:
        return build()

    @cache
    def set_up_once() -> None:
        observability.set_up(service, config.read_log(os.environ), secrets=config.read_secrets(os.environ))

    def built() -> T:
        set_up_once()
        return build_once()

    return built


def _without_secrets(work: Callable[[], Json]) -> Json:
    """Lambda prints an error that leaves a handler as it is: ours are logged before, redacted, and leave bare."""
    try:
        return work()
    except Unavailable as error:
        raise Unavailable(str(error)) from None
    except Exception:
        log.exception("the invocation broke")
        observability.count(observability.BUGS)
        raise RuntimeError("the invocation broke: its log says how") from None


class NoQueue(LateQueue):
    """The queue of a rehearsal: what is sent goes nowhere."""

    def __init__(self) -> None:
        super().__init__(config.XP_AWARDS_QUEUE_URL)

    @override
    def send(self, message: str, deadline: Deadline) -> None:
        pass


def endpoint_of(app: str, database: LateDatabase, *, rehearsal: bool = False) -> Endpoint:
    """An application's endpoint; one for rehearsals sends nothing and has no storage."""
    settings, game = config.read_discord(os.environ), config.read_game(os.environ)
    queue, bucket = NoQueue() if rehearsal else LateQueue(config.XP_AWARDS_QUEUE_URL), LateBucket()
    jobs = NoQueue() if rehearsal else LateQueue(config.JOBS_QUEUE_URL)

    def services(deadline: Deadline) -> Services:
        storage = Storage(bucket, deadline) if app == "main" and not rehearsal else None
        job_queue = JobQueue(jobs, deadline) if app == "main" else None
        return Services(database, AwardQueue(queue, deadline), game, deadline, storage, job_queue)

    is_healthy = partial(_is_healthy, database) if app == "main" else None
    return Endpoint(Dispatch(app, settings, partial(catalogue.find, app)), services, __version__, is_healthy)


def _is_healthy(database: LateDatabase, deadline: Deadline) -> bool:
    return database.run(schema.number, deadline) >= schema.NEEDED


def _api_request_id(event: object) -> str | None:
    """API Gateway's own id of the request, if there is one; the event is not believed yet."""
    try:
        return str(cast("Mapping[str, Mapping[str, object]]", event)["requestContext"]["requestId"])
    except (KeyError, TypeError, IndexError):
        return None
