"""Operators' queries to the function migrate during a restore, when nobody else may sign in to the database."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from pydantic import AwareDatetime, BaseModel
from pydantic import Json as JsonText

from mastermind.operations.deletion_log import DoneDeletion
from mastermind.operations.restored import actions as restored
from mastermind.postgres.database import Database
from mastermind.records import as_dict

if TYPE_CHECKING:
    from mastermind.config import DatabaseSettings
    from mastermind.deadline import Deadline
    from mastermind.json_types import Json
    from mastermind.postgres.connection import Connection


class RestoreQuestion(BaseModel):
    """One question about the whole database; without any, which tables it has (mastermind.operations.restored)."""

    lost_since: AwareDatetime | None = None
    warm: list[str] | None = None
    add_up: int | None = None
    forgotten: list[JsonText[DoneDeletion]] | None = None


def answer(settings: DatabaseSettings, question: RestoreQuestion, deadline: Deadline) -> Json:
    """The fields of Lost, Sums or Forgotten; {"rows": {table: number}} of those that were read; else {"tables": [...]}.

    Raises Unavailable, OutcomeUnknown, BadEvent.
    """
    with closing(Database(settings, application_name="restore")) as database:
        return database.run(lambda conn: _answer(conn, question, deadline), deadline)


def _answer(conn: Connection, question: RestoreQuestion, deadline: Deadline) -> Json:
    if question.lost_since is not None:
        found = restored.lost(conn, question.lost_since)
        return {**as_dict(found), "last_at": found.last_at and found.last_at.isoformat()}
    if question.warm is not None:
        return {"rows": restored.warm(conn, question.warm, deadline)}
    if question.add_up is not None:
        return as_dict(restored.add_up(conn, question.add_up, deadline))
    if question.forgotten is not None:
        return as_dict(restored.forgotten(conn, question.forgotten))
    return {"tables": restored.tables(conn)}
