"""The function backup: nightly snapshots, those that admins request (queue Jobs), and those of operators."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from functools import cache, partial
from typing import TYPE_CHECKING

from pydantic import TypeAdapter

from mastermind import config, observability
from mastermind.discord.wire import BIGGEST_ID
from mastermind.entrypoints import batches, events, resources
from mastermind.entrypoints.events import Asked, Messages, Night
from mastermind.entrypoints.function import entry_point
from mastermind.errors import BadMessage
from mastermind.operations.config import BackupSettings
from mastermind.operations.jobs.messages import BackupJob
from mastermind.parsing import parse

if TYPE_CHECKING:
    from mastermind.deadline import Deadline
    from mastermind.entrypoints.invocation import LambdaHandler
    from mastermind.json_types import Json
    from mastermind.operations.backup.actions import Backup


JOB = TypeAdapter(BackupJob)


def handler() -> LambdaHandler:
    """The handler: a batch to the messages that failed, the other events to a report."""
    build = cache(_backup)

    def serve(event: Json, deadline: Deadline) -> Json:
        match events.of_backup(event):
            case Messages(batch):
                return batches.settle(batch, partial(_do_job, build(), deadline))
            case Asked(by):
                with observability.correlated(operator=by or None):  # the audit log may be out of reach
                    return build().asked_for(datetime.now(UTC), deadline)
            case Night():
                return build().run_nightly(deadline)

    return entry_point("backup", serve)


def _do_job(backup: Backup, deadline: Deadline, body: str) -> None:
    """Do the job in a message; raises BadMessage, or Unavailable when the queue must deliver it again."""
    from mastermind.discord.snowflakes import made_at

    interaction_id = parse(JOB, body).interaction_id
    if not 0 < interaction_id <= BIGGEST_ID:
        raise BadMessage("no interaction has such an id")
    backup.asked_for(made_at(interaction_id), deadline)


def _backup() -> Backup:
    from mastermind.gateways.snapshots import snapshots
    from mastermind.operations.backup.actions import Backup
    from mastermind.operations.backup.rules import Kept, Owner

    settings = config.read(BackupSettings, os.environ)
    owner = Owner(settings.snapshot_prefix, settings.rds_instance)
    kept = Kept(settings.nights_kept, settings.requests_kept)
    return Backup(owner, snapshots(owner.instance), kept, resources.zone(settings.time_zone))
