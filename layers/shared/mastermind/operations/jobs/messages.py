"""Jobs that admins request and another function does: their format in the queue Jobs."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Literal

from mastermind.records import as_dict


@dataclass(frozen=True, slots=True)
class BackupJob:
    """Somebody asked for a snapshot; the interaction's id says when, and makes a second delivery the same one."""

    interaction_id: int
    job: Literal["backup"] = "backup"


def write(job: BackupJob) -> str:
    """The message for the queue."""
    return json.dumps(as_dict(job))
