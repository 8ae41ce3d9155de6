"""The gate of the migrations: outside the VPC it reads the master secret and passes it to the runner inside."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Protocol

from pydantic import BaseModel, TypeAdapter

from mastermind.errors import MigrationError
from mastermind.gateways.functions import once_ready
from mastermind.parsing import parse

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mastermind.deadline import Deadline
    from mastermind.gateways.functions import Lambda
    from mastermind.operations.config import GateSettings


class RunnerConnection(BaseModel):
    """What RDS writes into the secret that is attached to an instance, as far as the runner needs it."""

    host: str | None = None
    port: int | None = None
    dbname: str | None = None
    username: str
    password: str


class RunnerAnswer(BaseModel):
    """What the runner returns: how far the migrations are, or why not."""

    migration: int | None = None
    failure: str | None = None


class Secrets(Protocol):
    """Secrets Manager, as far as it is needed."""

    def get_secret_value(self, *, SecretId: str) -> Mapping[str, Any]: ...  # noqa: N803 # AWS's own word


def work(settings: GateSettings, deadline: Deadline) -> dict[str, str]:
    """The work of the custom resource, with the real services."""
    secrets, functions = _clients(deadline)
    return migrate(secrets, functions, settings.master_secret_arn, settings.migrate_function, deadline)


def _clients(deadline: Deadline) -> tuple[Secrets, Lambda]:
    """The real ones; they give up before `deadline` and invoke nothing twice."""
    import boto3
    from botocore.config import Config

    short = Config(connect_timeout=5, read_timeout=5, retries={"total_max_attempts": 3})
    long = Config(connect_timeout=5, read_timeout=max(1.0, deadline.remaining()), retries={"total_max_attempts": 1})
    return boto3.client("secretsmanager", config=short), boto3.client("lambda", config=long)


def migrate(
    secrets: Secrets,
    functions: Lambda,
    master_secret_arn: str,
    runner: str,
    deadline: Deadline,
    by: str | None = None,
) -> dict[str, str]:
    """Have `runner` apply the migrations; the attributes of the custom resource. Raises MigrationError.

    `by` is the ARN of the operator as whose act it is booked; that of a deploy is CloudFormation's.

    Between two deploys the runner is idle, perhaps for weeks: this waits until it is ready, but not beyond `deadline`.
    The password is in nothing that this returns, raises or logs.
    """
    payload = json.dumps({"connection": connection(secrets, master_secret_arn), "by": by}).encode()

    def invoke() -> Mapping[str, Any]:
        return functions.invoke(FunctionName=runner, InvocationType="RequestResponse", Payload=payload)

    return {"Migration": str(_read(once_ready(invoke, deadline)).migration)}


def connection(secrets: Secrets, master_secret_arn: str) -> dict[str, object]:
    """The owner's entry to the database, as the runner takes it."""
    secret = secrets.get_secret_value(SecretId=master_secret_arn)["SecretString"]
    return parse(TypeAdapter(RunnerConnection), secret).model_dump(exclude_none=True)


def _read(answer: Mapping[str, Any]) -> RunnerAnswer:
    if answer.get("FunctionError"):
        raise MigrationError("The runner of the migrations broke: its log says how.")
    report = parse(TypeAdapter(RunnerAnswer), answer["Payload"].read())
    if report.failure is not None:
        raise MigrationError(report.failure)
    return report
