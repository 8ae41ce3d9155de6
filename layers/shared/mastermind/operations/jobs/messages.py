"""What admins ask for and another function does: how it travels in the queue Jobs."""

from __future__ import annotations

import json
from dataclasses import dataclass

from mastermind.discord import wire
from mastermind.errors import BadRequest

BACKUP = "backup"


@dataclass(frozen=True, slots=True)
class BackupJob:
    """Somebody asked for a snapshot; the interaction's id tells when, and makes a second delivery the same one."""

    interaction_id: int


type Job = BackupJob
"""Whatever may be asked for."""


def write(job: Job) -> str:
    """The message for the queue."""
    return json.dumps({"job": BACKUP, "interaction_id": str(job.interaction_id)})


def read(body: str) -> Job:
    """The job in a message of the queue; raises BadRequest for what we never write."""
    fields = wire.load(body.encode(errors="surrogatepass"))
    if fields.get("job") != BACKUP:
        raise BadRequest("the job is none we know")
    return BackupJob(wire.snowflake(fields, "interaction_id"))
