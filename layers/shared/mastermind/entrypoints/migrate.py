"""The function migrate: its gate outside the VPC reads a secret, its runner inside applies the migrations."""

from __future__ import annotations

import logging
import os
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel, ValidationError
from pydantic import Json as JsonText

from mastermind import config
from mastermind.config import GateSettings
from mastermind.entrypoints import restored
from mastermind.entrypoints.function import entry_point
from mastermind.entrypoints.restored import RestoreQuestion
from mastermind.errors import BadEvent, OutcomeUnknown, Unavailable
from mastermind.operations.deletion_log import DoneDeletion
from mastermind.parsing import mistakes
from mastermind.postgres import schema

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mastermind.config import DatabaseSettings
    from mastermind.deadline import Deadline
    from mastermind.entrypoints.invocation import LambdaHandler
    from mastermind.game.privacy.rules import Deletion
    from mastermind.json_types import Json

log = logging.getLogger(__name__)


class MigrateEvent(BaseModel):
    """What the gate or an operator sends: the connection from the master secret, and perhaps deletions or a question.

    With `deletions`, those of the log that were done, these are repeated, and no migration is applied. Neither is one
    with a question about a restore.
    """

    connection: dict[str, str | int] = {}
    deletions: list[JsonText[DoneDeletion]] | None = None
    restored: RestoreQuestion | None = None


def gate() -> LambdaHandler:
    """The handler of the custom resource that has the migrations applied: a request of CloudFormation to its answer.

    Its attribute `Release` goes to the functions that answer over HTTP, and to the deploy's check; `TokenKey`, the
    public one, to those that seal interaction tokens.
    """

    def serve(event: Json, deadline: Deadline) -> Json:
        from mastermind.entrypoints import custom_resource
        from mastermind.gateways import migrate_gate, token_keys
        from mastermind.gateways.parameters import parameters

        until = custom_resource.deadline_of_work(deadline)

        def work() -> dict[str, str]:
            settings = config.read(GateSettings, os.environ)
            done = migrate_gate.work(settings, until)
            public = token_keys.public_key(parameters(), settings, until)
            return {**done, "TokenKey": public, "Release": custom_resource.fingerprint(event)}

        return custom_resource.serve(event, "migrations", work, until)

    return entry_point("migrate_gate", serve)


def runner(*, beside: str) -> LambdaHandler:
    """The handler that applies the migrations in the folder `migrations` beside that file, and then seeds the course.

    It returns how far the migrations are, or {"failure": why}. After repeated deletions, of which there may be none:
    {"deleted": how many members, "playing": how many, "since": when the database began, "logged": how many deletions it
    knows to be in the log}. The answers to questions about a restore are in `restored`.
    """
    folder = Path(beside).with_name("migrations")

    def serve(event: Json, deadline: Deadline) -> Json:
        try:
            asked = MigrateEvent.model_validate(event)
        except ValidationError as error:
            log.error("the event is not valid", extra={"mistakes": mistakes(error)})  # noqa: TRY400 # it holds a password
            return {"failure": f"The event is not valid: {mistakes(error)}"}
        settings = config.read_owner_database(os.environ, asked.connection)
        if asked.restored is not None:
            return _explained(_look(settings, asked.restored, deadline))
        if asked.deletions is None:
            return _explained(_bring_up_to_date(settings, folder, deadline))
        return _explained(_reapply(settings, asked.deletions, deadline))

    return entry_point("migrate", serve)


OTHER_NAME = "does not match host name"
"""How libpq says that the server's certificate is for another name, as it may be after the instance was renamed."""

RENAMED = (
    "RDS has no certificate for the name that this instance has now, so nobody is let in."
    " `.venv/bin/ops restore` has one made."
)


def _explained(answer: Json) -> Json:
    failure = str(answer.get("failure", ""))
    return {**answer, "failure": f"{failure.strip()}. {RENAMED}"} if OTHER_NAME in failure else answer


def _bring_up_to_date(settings: DatabaseSettings, folder: Path, deadline: Deadline) -> Json:
    """Apply the migrations, then seed the course; a database that is newer than this code keeps the course it has."""
    from mastermind.operations.migrations import runner as migrations

    answer = migrations.report(settings, folder, deadline)
    if answer.get("migration") != schema.NEEDED:
        return answer
    try:
        _seed_course(settings, deadline)
    except (Unavailable, OutcomeUnknown) as error:
        log.exception("the course was not seeded")
        return {"failure": f"The course could not be seeded: {error}"}
    return answer


def _seed_course(settings: DatabaseSettings, deadline: Deadline) -> None:
    from mastermind.game.course import actions as courses
    from mastermind.game.course import content as course
    from mastermind.postgres.database import Database

    with closing(Database(settings, application_name="migrate")) as database:
        lines = database.run(lambda conn: courses.seed(conn, course.load()), deadline)
    log.info("the course is seeded", extra={"changes": lines})


def _look(settings: DatabaseSettings, question: RestoreQuestion, deadline: Deadline) -> Json:
    try:
        return restored.answer(settings, question, deadline)
    except (Unavailable, OutcomeUnknown, BadEvent) as error:
        log.exception("a question about a restore was not answered")
        return {"failure": f"The database gives no answer: {_cause(error)}"}


def _cause(error: Exception) -> BaseException | None:
    """What the operator reads: of a certificate for another name, libpq's own words."""
    return error.__cause__ if OTHER_NAME in str(error.__cause__) else error


def _reapply(settings: DatabaseSettings, deletions: Sequence[Deletion], deadline: Deadline) -> Json:
    from mastermind.game.privacy import actions as privacy
    from mastermind.game.privacy.table import Repeated
    from mastermind.postgres.database import Database

    try:
        with closing(Database(settings, application_name="reapply-deletions")) as database:
            origin = database.run(privacy.origin, deadline)
            repeated = database.run(lambda conn: privacy.forget_again(conn, deletions), deadline)
    except (Unavailable, OutcomeUnknown) as error:
        log.exception("the deletions were not applied again")
        return {"failure": f"The deletions could not be done again: {_cause(error)}"}
    answer: Json = {"deleted": repeated[Repeated.DELETED], "playing": repeated[Repeated.PLAYS]}
    log.info("deletions were applied again", extra=answer)
    return {**answer, "since": origin.since.isoformat(), "logged": origin.logged}
