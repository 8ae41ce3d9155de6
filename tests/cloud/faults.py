"""What can be wrong with a game: each fault is injected into a running cloud, and repaired again."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, LiteralString

import psycopg
from typer.testing import CliRunner

from local.cloud import STACK
from mastermind.operations.health import rules as health
from mastermind.operations.health import state as health_state
from ops import queries, throttle
from ops.checks.findings import Context
from ops.commands import app
from ops.target import Target, local_target
from ops.tokens import VARIABLES
from tests.cloud.running import PATIENCE, XP_DELAY, without_schedule
from tests.waiting import wait_for

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from contextlib import AbstractContextManager

    from typer.testing import Result

    from local.cloud import Cloud

type Faulty = Generator[Context]


class Game:
    """A running cloud, and the tool at hand."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud

    @property
    def target(self) -> Target:
        return local_target(self.cloud.endpoints)

    def ops(self, *arguments: str, answer: str = "", **variables: str) -> Result:
        unset = dict.fromkeys(("OPS_STACK", *VARIABLES.values()))
        environment = {**unset, "LOCAL_DIR": str(self.cloud.folder), "COLUMNS": "200", **variables}
        return CliRunner().invoke(app, arguments, input=answer, env=environment)

    def json(self, *arguments: str) -> Any:  # noqa: ANN401 (JSON)
        return json.loads(self.ops(*arguments, "--json").stdout)

    def rows(self, query: LiteralString, *values: object) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.cloud.postgres.owner_url, autocommit=True) as conn:
            found = conn.execute(query, values)
            return found.fetchall() if found.description else []


@contextmanager
def no_stack(_: Game, context: Context) -> Faulty:
    yield replace(context, target=replace(context.target, stack="nowhere", _clients={}))


@contextmanager
def one_key_for_both(_: Game, context: Context) -> Faulty:
    known = context.target.parameters
    context.target.__dict__["parameters"] = {**known, "TenseyPublicKey": known["MainPublicKey"]}
    yield context


@contextmanager
def no_such_zone(_: Game, context: Context) -> Faulty:
    context.target.__dict__["parameters"] = {**context.target.parameters, "TimeZone": "Mars/Olympus"}
    yield context


@contextmanager
def no_owner(_: Game, context: Context) -> Faulty:
    context.target.__dict__["parameters"] = {**context.target.parameters, "OwnerId": "0"}
    yield context


@contextmanager
def a_bad_setting(game: Game, context: Context) -> Faulty:
    with _changed(game, "interactions-tensey", XP_AWARDS_QUEUE_URL=""):
        yield context


@contextmanager
def another_key(game: Game, context: Context) -> Faulty:
    with _changed(game, "interactions-main", DISCORD_PUBLIC_KEY="00" * 32):
        yield context


@contextmanager
def _changed(game: Game, function: str, **variables: str) -> Generator[None]:
    """A function whose environment somebody changed by hand."""
    change, name = game.cloud.aws.functions, f"{STACK}-{function}"
    known = change.get_function_configuration(FunctionName=name).get("Environment", {}).get("Variables", {})
    change.update_function_configuration(FunctionName=name, Environment={"Variables": {**known, **variables}})
    try:
        yield
    finally:
        change.update_function_configuration(FunctionName=name, Environment={"Variables": known})


@contextmanager
def a_broken_function(game: Game, context: Context) -> Faulty:
    change, name = game.cloud.aws.functions, f"{STACK}-interactions-tensey"
    change.update_function_configuration(FunctionName=name, Handler="handler.none")
    try:
        yield context
    finally:
        change.update_function_configuration(FunctionName=name, Handler="handler.handler")


@contextmanager
def no_database(game: Game, context: Context) -> Faulty:
    with game.cloud.postgres.stopped():
        yield context


@contextmanager
def a_missing_migration(game: Game, context: Context) -> Faulty:
    hide: LiteralString = "UPDATE schema_migrations SET number = -number WHERE number = %s"
    show: LiteralString = "UPDATE schema_migrations SET number = -number WHERE number < 0"
    game.rows(hide, queries.newest_migration())
    try:
        yield context
    finally:
        game.rows(show)


@contextmanager
def a_late_award(game: Game, context: Context) -> Faulty:
    """Late by so much that the sweep must have been away; its member is held, so that it cannot come back meanwhile."""
    game.rows("INSERT INTO users (user_id, display_name, time_zone) VALUES (707, 'Lee', 'UTC')")
    book: LiteralString = """
        INSERT INTO pending_xp_awards (user_id, challenge_id, xp, status, day, due_at, created_at)
        VALUES (707, 'late', 100, 'pending', current_date, now() - interval '1 hour', now() - interval '2 hours')"""
    with psycopg.connect(game.cloud.postgres.owner_url) as holder:
        holder.execute("SELECT FROM users WHERE user_id = 707 FOR NO KEY UPDATE")
        game.rows(book)
        try:
            yield context
        finally:
            holder.execute("DELETE FROM pending_xp_awards WHERE user_id = 707")
            holder.execute("DELETE FROM users WHERE user_id = 707")


@contextmanager
def xp_from_nowhere(game: Game, context: Context) -> Faulty:
    """A member whose XP no ledger explains."""
    game.rows("INSERT INTO users (user_id, display_name, time_zone, xp) VALUES (808, 'Kit', 'UTC', 77)")
    try:
        yield context
    finally:
        game.rows("DELETE FROM users WHERE user_id = 808")


@contextmanager
def a_large_object(game: Game, context: Context) -> Faulty:
    game.rows("SELECT lo_create(4242)")
    try:
        yield context
    finally:
        game.rows("SELECT lo_unlink(4242)")


@contextmanager
def a_forgotten_throttle(game: Game, context: Context) -> Faulty:
    throttle.set_to(game.target, throttle.read(game.target), throttle.Level.LOW)
    try:
        yield context
    finally:
        throttle.set_to(game.target, throttle.read(game.target), throttle.Level.NORMAL)


@contextmanager
def nobody_at_the_queue(game: Game, context: Context) -> Faulty:
    change = game.cloud.aws.functions
    (mapping,) = change.list_event_source_mappings(FunctionName=f"{STACK}-xp-award")["EventSourceMappings"]
    uuid = mapping.get("UUID", "")
    change.update_event_source_mapping(UUID=uuid, Enabled=False)
    try:
        yield context
    finally:
        change.update_event_source_mapping(UUID=uuid, Enabled=True)


@contextmanager
def a_hurried_queue(game: Game, context: Context) -> Faulty:
    url, sqs = game.cloud.endpoints["queues"]["xp_awards"], game.cloud.aws.sqs
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"DelaySeconds": "0"})
    try:
        yield context
    finally:
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"DelaySeconds": str(XP_DELAY)})


@contextmanager
def a_dead_letter(game: Game, context: Context) -> Faulty:
    url = game.cloud.endpoints["queues"]["xp_awards_dlq"]
    game.cloud.aws.sqs.send_message(QueueUrl=url, MessageBody="nothing of ours")
    try:
        yield context
    finally:
        game.cloud.aws.sqs.purge_queue(QueueUrl=url)


@contextmanager
def no_schedule(game: Game, context: Context) -> Faulty:
    with without_schedule(game.cloud, "xp-award-sweep"):
        yield context


@contextmanager
def no_webhook(game: Game, context: Context) -> Faulty:
    with _webhook(game, None):
        yield context


@contextmanager
def a_deleted_webhook(game: Game, context: Context) -> Faulty:
    with _webhook(game, game.cloud.webhooks.url("announcements").replace("announcements", "gone")):
        yield context


@contextmanager
def a_webhook_elsewhere(game: Game, context: Context) -> Faulty:
    with _webhook(game, "https://example.org/api/webhooks/1/secret-of-theirs"):
        yield context


@contextmanager
def _webhook(game: Game, url: str | None) -> Generator[None]:
    ssm, name = game.cloud.aws.ssm, f"/{STACK}/webhooks/announcements"
    kept = ssm.get_parameter(Name=name, WithDecryption=True)["Parameter"].get("Value", "")
    if url is None:
        ssm.delete_parameter(Name=name)
    else:
        ssm.put_parameter(Name=name, Value=url, Type="SecureString", Overwrite=True)
    try:
        yield
    finally:
        ssm.put_parameter(Name=name, Value=kept, Type="SecureString", Overwrite=True)


@contextmanager
def an_outage(game: Game, context: Context) -> Faulty:
    """What the health check leaves when it has found the database away."""
    now = datetime.now(UTC)
    failing = health.Probe("database", healthy=False, words="it does not answer")
    with _state(
        game,
        health.State(at=now, since=now - timedelta(minutes=9), failing=(failing,), failed={"database": failing.words}),
    ):
        yield context


@contextmanager
def a_silent_health_check(game: Game, context: Context) -> Faulty:
    with _state(game, health.State(at=datetime.now(UTC) - timedelta(hours=2))):
        yield context


@contextmanager
def _state(game: Game, state: health.State) -> Generator[None]:
    """No health check comes in between, which would leave another."""
    ssm, name = game.cloud.aws.ssm, f"/{STACK}/health/state"
    with without_schedule(game.cloud, "healthcheck"):
        ssm.put_parameter(Name=name, Value=health_state.write(state), Type="String", Overwrite=True)
        try:
            yield
        finally:
            good = health.State(at=datetime.now(UTC), good_in_a_row=2)
            ssm.put_parameter(Name=name, Value=health_state.write(good), Type="String", Overwrite=True)


@contextmanager
def no_snapshot(_: Game, context: Context) -> Faulty:
    yield replace(context, now=lambda: datetime.now(UTC) + timedelta(hours=27))


@contextmanager
def a_wrong_clock(_: Game, context: Context) -> Faulty:
    yield replace(context, now=lambda: datetime.now(UTC) + timedelta(minutes=3))


@contextmanager
def a_firing_alarm(game: Game, context: Context) -> Faulty:
    """One that looks back for 26 hours: the local cloud does not evaluate it before, and leaves it as it is."""
    client = game.cloud.aws.cloudwatch
    names = [one.get("AlarmName", "") for one in client.describe_alarms()["MetricAlarms"]]
    (name,) = (one for one in names if "BackupMissingAlarm" in one)
    client.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="a test")
    try:
        yield context
    finally:
        client.set_alarm_state(AlarmName=name, StateValue="OK", StateReason="the test is over")


@contextmanager
def no_course(game: Game, context: Context) -> Faulty:
    game.rows("UPDATE course_modules SET retired_at = 'epoch' WHERE retired_at IS NULL")
    try:
        yield context
    finally:
        game.rows("UPDATE course_modules SET retired_at = NULL WHERE retired_at = 'epoch'")


@contextmanager
def a_changed_entry(game: Game, context: Context) -> Faulty:
    """The owner of the database rewrites what was sealed."""
    book: LiteralString = """
        INSERT INTO audit_log (actor_id, action, at) VALUES (7, 'raid.start', now() - interval '2 minutes')
        RETURNING id"""
    [(entry,)] = game.rows(book)
    game.ops("awards", "--sweep", "--yes")
    wait_for(lambda: game.rows("SELECT 1 FROM audit_chain WHERE entry_id = %s", entry), PATIENCE)
    change: LiteralString = "UPDATE audit_log SET actor_id = %s WHERE id = %s"
    game.rows(change, 8, entry)
    try:
        yield context
    finally:
        game.rows(change, 7, entry)


@contextmanager
def an_unprotected_database(game: Game, context: Context) -> Faulty:
    rds, name = game.target.client("rds"), game.target.output("DatabaseIdentifier")
    rds.modify_db_instance(DBInstanceIdentifier=name, DeletionProtection=False)
    try:
        yield context
    finally:
        rds.modify_db_instance(DBInstanceIdentifier=name, DeletionProtection=True)


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault: how to inject it, the name of the finding, and parts of its message and of its fix."""

    inject: Callable[[Game, Context], AbstractContextManager[Context]]
    what: str
    words: str
    fix: str


FAULTS = (
    Fault(no_stack, "stack", "there is no stack nowhere in", "aws cloudformation list-stacks"),
    Fault(one_key_for_both, "parameters", "main and tensey have the same PublicKey", "Developer Portal"),
    Fault(no_owner, "owner", "OwnerId is 0", "Deploy with OwnerId"),
    Fault(no_such_zone, "parameters", "TimeZone is Mars/Olympus, which is not an IANA time zone", "Europe/Berlin"),
    Fault(a_bad_setting, "settings", "interactions-tensey: XP_AWARDS_QUEUE_URL", "deploy again"),
    Fault(another_key, "settings", "DISCORD_PUBLIC_KEY is not the stack's MainPublicKey", "deploy again"),
    Fault(a_broken_function, "endpoint of tensey", "to a forged signature instead of 401",
          "ops logs interactions-tensey"),
    Fault(a_forgotten_throttle, "throttle", "POST /interactions/tensey (2 a second, 5 at once)",
          "`.venv/bin/ops throttle normal`"),
    Fault(no_database, "database", "PostgreSQL", "Is the instance available"),
    Fault(a_missing_migration, "migrations", "the code that runs needs", "`.venv/bin/ops migrate`"),
    Fault(a_late_award, "awards", "1 overdue, the oldest for 36", "ops awards --sweep"),
    Fault(xp_from_nowhere, "ledger", "1 member's XP differs from the ledger", "The ledger is the truth"),
    Fault(a_large_object, "large objects", "1, and the game makes none", "ops large-objects"),
    Fault(nobody_at_the_queue, "queues", "XpAwards has no consumer: its event source mapping is Disabled",
          "aws lambda update-event-source-mapping --enabled"),
    Fault(a_hurried_queue, "queues", f"XpAwards delays by 0 s, but XpDelaySeconds is {XP_DELAY}", "Deploy again"),
    Fault(a_dead_letter, "dead letters", "1 in XpAwardsDlq", "ops queue-redrive"),
    Fault(no_schedule, "schedules", "the schedule of xp-award-sweep is disabled", "Enable it"),
    Fault(no_webhook, "webhook of announcements", "is not stored: announcements are dropped", "aws ssm put-parameter"),
    Fault(a_deleted_webhook, "webhook of announcements", "Discord does not know the webhook (it answers 404)",
          "Make a new webhook"),
    Fault(a_webhook_elsewhere, "webhook of announcements", "is not the URL of a Discord webhook",
          "Make a new webhook"),
    Fault(an_outage, "health check", "database: it does not answer", "ops doctor` says what is wrong"),
    Fault(a_silent_health_check, "health check", "it last ran at", "ops health --check"),
    Fault(a_firing_alarm, "alarms", "BackupMissingAlarm", "`.venv/bin/ops backup` makes one now"),
    Fault(no_snapshot, "snapshot", "the newest is 27 h old", "Make one now"),
    Fault(a_changed_entry, "audit log", "names another actor than when it was sealed", "ops audit-verify --since"),
    Fault(a_wrong_clock, "clock", "off", "Set it (NTP)"),
)  # fmt: skip
