"""Queries about a deployed game that several commands share."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime  # noqa: TC003 # pydantic reads the annotations
from typing import TYPE_CHECKING

from pydantic import TypeAdapter, ValidationError

from local.cloud import ROOT
from mastermind.deadline import Deadline
from mastermind.errors import Unavailable
from mastermind.game.outbox.table import Trouble  # noqa: TC001 # the same
from mastermind.game.server_settings.rules import Choice  # noqa: TC001 # the same
from mastermind.gateways.snapshots import Snapshots
from mastermind.operations.backup.rules import newest
from mastermind.operations.health import messages
from mastermind.operations.health import state as states
from mastermind.operations.health.rules import State
from ops.dlqs import DLQS
from ops.target import Target, TargetError, call_aws

if TYPE_CHECKING:
    from mastermind.gateways.snapshots import Snapshot
    from mastermind.operations.health.rules import Facts


def facts(target: Target) -> Facts:
    """The health facts that the database reports; raises TargetError if it does not answer."""
    try:
        return messages.FACTS.validate_python(target.invoke("xp-award", {"probe": True}))
    except ValidationError:
        raise TargetError("xp-award returns something unexpected") from None


@dataclass(frozen=True, slots=True)
class Lacked:
    """A right that the bot's role lacks, in words."""

    lacks: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Said:
    """Failures of the game's own messages."""

    lacks: tuple[Lacked, ...]
    trouble: tuple[Trouble, ...]


def said(target: Target) -> Said:
    """As interactions-main reads it in the database; raises TargetError if it does not answer."""
    try:
        return TypeAdapter(Said).validate_python(target.invoke("interactions-main", {"operator": {"outbox": True}}))
    except ValidationError:
        raise TargetError("interactions-main returns something unexpected") from None


@dataclass(frozen=True, slots=True)
class Chosen:
    """What admins have chosen in Discord instead of what the deploy sets."""

    settings: tuple[Choice, ...]


def chosen(target: Target) -> tuple[Choice, ...]:
    """As interactions-main reads it in the database; raises TargetError if it does not answer."""
    try:
        answer = target.invoke("interactions-main", {"operator": {"settings": True}})
        return TypeAdapter(Chosen).validate_python(answer).settings
    except ValidationError:
        raise TargetError("interactions-main returns something unexpected") from None


def newest_migration() -> int:
    return max(int(path.name[:3]) for path in (ROOT / "migrations").glob("*.sql"))


def dead_letter_queues(target: Target) -> dict[str, str]:
    """The URL of each dead-letter queue by its name in the template, from the settings of the health check."""
    name = target.function("healthcheck")
    found = call_aws(lambda: target.client("lambda").get_function_configuration(FunctionName=name))
    urls = found.get("Environment", {}).get("Variables", {}).get("DEAD_LETTER_QUEUES", "").split(",")
    return {next((one for one in DLQS if one.lower() in url.lower()), url): url for url in urls if url}


def depth(target: Target, url: str) -> int:
    """The number of messages in a queue, those that somebody is working on among them."""
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    sqs = target.client("sqs")
    found = call_aws(lambda: sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names))["Attributes"]
    return sum(int(found[name]) for name in names)


def dead_letters(target: Target) -> dict[str, int]:
    """The number of messages in each dead-letter queue."""
    return {name: depth(target, url) for name, url in dead_letter_queues(target).items()}


def health_state(target: Target) -> State:
    """The state that the last health check stored in SSM; an empty one if there was none."""
    try:
        name = f"/{target.stack}/health/state"
        kept = call_aws(lambda: target.client("ssm").get_parameter(Name=name))["Parameter"]["Value"]
    except TargetError as error:
        if "ParameterNotFound" in str(error):
            return State()
        raise
    return states.read(kept)


def alarms(target: Target, state: str) -> dict[str, str]:
    """The stack's alarms in that state by their names, and the description of each.

    The names of another stack's may begin like ours: mastermind, mastermind-staging.
    """
    pages = target.client("cloudwatch").get_paginator("describe_alarms").paginate(StateValue=state)
    found = call_aws(lambda: [one for page in pages for one in page.get("MetricAlarms", [])])
    names = target.resources("AWS::CloudWatch::Alarm") if found else frozenset[str]()
    ours = {one["AlarmName"]: one.get("AlarmDescription", "") for one in found if one["AlarmName"] in names}
    return dict(sorted(ours.items()))


def snapshots(target: Target) -> list[str]:
    """The names of all snapshots of the database, those that are being made among them; the newest last."""
    name, rds = target.output("DatabaseIdentifier"), target.client("rds")
    found = call_aws(lambda: rds.describe_db_snapshots(DBInstanceIdentifier=name, SnapshotType="manual"))["DBSnapshots"]
    return sorted(one["DBSnapshotIdentifier"] for one in found)


def newest_snapshot(target: Target) -> Snapshot | None:
    """The newest snapshot of the database that can be restored."""
    try:
        return newest(Snapshots(target.output("DatabaseIdentifier"), target.client("rds")).all(Deadline.after(60)))
    except Unavailable as error:
        raise TargetError(str(error)) from None
