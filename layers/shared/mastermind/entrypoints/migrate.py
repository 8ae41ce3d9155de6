"""The function migrate: its gate outside the VPC reads a secret, its runner inside applies the migrations."""

from __future__ import annotations

import logging
import os
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel, ValidationError
from pydantic import Json as JsonText

from mastermind import config
from mastermind.entrypoints import restored
from mastermind.entrypoints.function import entry_point
from mastermind.entrypoints.restored import RestoreQuestion
from mastermind.errors import BadEvent, OutcomeUnknown, Unavailable
from mastermind.operations.config import GateSettings
from mastermind.operations.deletion_log import DoneDeletion
from mastermind.operations.operator.callers import operator_of
from mastermind.parsing import mistakes
from mastermind.postgres import schema

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mastermind.config import DatabaseSettings
    from mastermind.deadline import Deadline
    from mastermind.entrypoints.invocation import LambdaHandler
    from mastermind.game.audit.rules import Operator
    from mastermind.game.privacy.rules import Deletion
    from mastermind.json_types import Json

log = logging.getLogger(__name__)


class MigrateEvent(BaseModel):
    """What the gate or an operator sends: the connection from the master secret, and perhaps deletions or a question.

    With `deletions`, those of the log that were done, these are repeated, and no migration is applied. Neither is one
    with a question about a restore. `by` is the ARN of an operator, of whom the gate is none; `invocation` is Lambda's
    id of the request.
    """

    connection: dict[str, str | int] = {}
    deletions: list[JsonText[DoneDeletion]] | None = None
    restored: RestoreQuestion | None = None
    by: str | None = None
    invocation: str

    def operator(self) -> Operator:
        """Who does it; raises BadEvent if it does not say so."""
        return operator_of({"by": self.by}, self.invocation)


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
    knows to be in the log}. The answers to questions about a restore are in `restored`. What an operator has done is
    booked as theirs, in this database: the one that they restore has no other way in.
    """
    folder = Path(beside).with_name("migrations")

    def serve(event: Json, deadline: Deadline) -> Json:
        try:
            asked = MigrateEvent.model_validate(event)
        except ValidationError as error:
            log.error("the event is not valid", extra={"mistakes": mistakes(error)})  # noqa: TRY400 # it holds a password
            return {"failure": f"The event is not valid: {mistakes(error)}"}
        settings = config.read_owner_database(os.environ, asked.connection)
        return _explained(_answer(settings, folder, asked, deadline))

    handle = entry_point("migrate", serve)
    return lambda event, context: handle({**event, "invocation": context.aws_request_id}, context)


def _answer(settings: DatabaseSettings, folder: Path, asked: MigrateEvent, deadline: Deadline) -> Json:
    question, deletions = asked.restored, asked.deletions
    if question is not None:
        return _or_failure("The database gives no answer", lambda: restored.answer(settings, question, deadline))
    if deletions is not None:
        work = partial(_reapply, settings, deletions, asked, deadline)
        return _or_failure("The deletions could not be done again", work)
    work = partial(_bring_up_to_date, settings, folder, asked, deadline)
    return _or_failure("The migrations were not applied", work)


OTHER_NAME = "does not match host name"
"""How libpq says that the server's certificate is for another name, as it may be after the instance was renamed."""

RENAMED = (
    "RDS has no certificate for the name that this instance has now, so nobody is let in."
    " `.venv/bin/ops restore` has one made."
)


def _explained(answer: Json) -> Json:
    failure = str(answer.get("failure", ""))
    return {**answer, "failure": f"{failure.strip()}. {RENAMED}"} if OTHER_NAME in failure else answer


def _bring_up_to_date(settings: DatabaseSettings, folder: Path, asked: MigrateEvent, deadline: Deadline) -> Json:
    """Apply the migrations, then seed the course; a database that is newer than this code keeps the course it has."""
    from mastermind.operations.migrations import runner as migrations

    operator = None if asked.by is None else asked.operator()
    answer = migrations.report(settings, folder, deadline)
    if "failure" not in answer and operator:
        answer |= _or_failure(
            "The migrations are applied, and the audit log could not be written",
            lambda: _book(settings, operator, answer, deadline),
        )
    if answer.get("migration") == schema.NEEDED:
        answer |= _or_failure("The course could not be seeded", lambda: _seed_course(settings, deadline))
    return answer


def _book(settings: DatabaseSettings, operator: Operator, answer: Json, deadline: Deadline) -> Json:
    from mastermind.operations.operator import acts
    from mastermind.postgres.database import Database

    with closing(Database(settings, application_name="migrate")) as database:
        database.run(lambda conn: acts.book(conn, operator, "database.migrate", answer), deadline)
    return {}


def _seed_course(settings: DatabaseSettings, deadline: Deadline) -> Json:
    from mastermind.game.course import actions as courses
    from mastermind.game.course import content as course
    from mastermind.postgres.database import Database

    with closing(Database(settings, application_name="migrate")) as database:
        lines = database.run(lambda conn: courses.seed(conn, course.load()), deadline)
    log.info("the course is seeded", extra={"changes": lines})
    return {}


def _reapply(
    settings: DatabaseSettings, deletions: Sequence[Deletion], asked: MigrateEvent, deadline: Deadline
) -> Json:
    """Book that, then repeat them; without any it only looks."""
    from mastermind.game.privacy import actions as privacy
    from mastermind.game.privacy.table import Repeated
    from mastermind.operations.operator import acts
    from mastermind.postgres.database import Database

    operator = asked.operator() if deletions else None
    with closing(Database(settings, application_name="reapply-deletions")) as database:
        origin = database.run(privacy.origin, deadline)
        if operator:
            booked: Json = {"deletions": len(deletions)}
            database.run(lambda conn: acts.book(conn, operator, "privacy.repeat", booked), deadline)
        repeated = database.run(lambda conn: privacy.forget_again(conn, deletions), deadline)
    answer: Json = {"deleted": repeated[Repeated.DELETED], "playing": repeated[Repeated.PLAYS]}
    log.info("deletions were applied again", extra=answer)
    return {**answer, "since": origin.since.isoformat(), "logged": origin.logged}


def _or_failure(words: str, work: Callable[[], Json]) -> Json:
    """What `work` returns, or {"failure": why}: these words, and what the database or the event lacks."""
    try:
        return work()
    except (Unavailable, OutcomeUnknown, BadEvent) as error:
        log.exception("it was not done", extra={"failure": words})
        return {"failure": f"{words}: {_cause(error)}"}


def _cause(error: Exception) -> BaseException | None:
    """What the operator reads: of a certificate for another name, libpq's own words."""
    return error.__cause__ if OTHER_NAME in str(error.__cause__) else error
