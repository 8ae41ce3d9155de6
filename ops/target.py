"""The game that a command of the tool works on: the running local cloud, or a stack on AWS.

Everything goes through AWS's own API, so that a command need not know which of the two it is.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

import typer

from local import endpoints
from local.aws import REGION, session
from local.cloud import STACK
from mastermind.deadline import Deadline
from mastermind.gateways.functions import once_ready

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import boto3

    from devkit.json_types import Json

SIGN_IN = "Sign in: `aws sso login`, AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY."

SERVING_STATUSES = {
    "CREATE_COMPLETE",
    "UPDATE_COMPLETE",
    "UPDATE_ROLLBACK_COMPLETE",
    "IMPORT_COMPLETE",
    "IMPORT_ROLLBACK_COMPLETE",
}
"""The statuses of a stack that is running."""


CAPABILITIES = ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"]
"""What the template needs: roles, some of them named, and transforms."""

READY_WITHIN = 180.0
"""Seconds in which AWS has to get a function ready that was idle for weeks; it takes one or two minutes at most."""


class TargetError(Exception):
    """Something that a command needs is missing or does not answer; the message is for the operator."""


class NoStackError(TargetError):
    """There is no stack of that name in the region: `words` say so, `fix` is the way on."""

    def __init__(self, stack: str, region: str) -> None:
        self.words = f"there is no stack {stack} in {region}"
        self.fix = (
            f"Are name and region right? `aws cloudformation list-stacks --region {region}` lists what is there."
            " `.venv/bin/ops init` makes a new game."
        )
        super().__init__(f"T{self.words[1:]}. {self.fix}")


type _ClientKey = tuple[str, float, str | None]
"""A service, a time-out, and a region."""


@dataclass(frozen=True)
class Target:
    """One deployed game. `endpoints` are those of a local cloud, and None on AWS."""

    stack: str
    region: str
    session: boto3.Session = field(repr=False)
    endpoint_url: str | None
    endpoints: Mapping[str, Any] | None = field(repr=False)
    _clients: dict[_ClientKey, Any] = field(default_factory=dict["_ClientKey", Any], repr=False)

    def refresh(self) -> None:
        """Forget the description of the stack: it has changed."""
        for name in ("description", "parameters", "outputs"):
            self.__dict__.pop(name, None)

    @property
    def is_local(self) -> bool:
        return self.endpoints is not None

    def __str__(self) -> str:
        return "the local cloud" if self.is_local else f"the stack {self.stack} in {self.region}"

    def client(self, service: str, *, within: float = 0, region: str | None = None) -> Any:  # noqa: ANN401 # boto3 makes up a class for each
        """A client of that service, created once, in the stack's region unless another is named.

        With `within` it has that time-out in seconds and no retries.
        """
        from botocore.config import Config

        key = (service, within, region)
        if key not in self._clients:
            attempts = 1 if within else 3
            patience = Config(connect_timeout=5, read_timeout=within or 70, retries={"total_max_attempts": attempts})
            make = cast("Any", self.session.client)
            place = region or self.session.region_name
            self._clients[key] = make(service, region_name=place, endpoint_url=self.endpoint_url, config=patience)
        return self._clients[key]

    def all_of(self, service: str, operation: str, answer: str, **asked: object) -> list[Any]:
        """Every entry of `answer` on all pages of AWS's answers; raises TargetError if it refuses."""
        pages = self.client(service).get_paginator(operation).paginate(**asked)
        return [one for page in call_aws(lambda: list(pages)) for one in page[answer]]

    def close(self) -> None:
        for client in self._clients.values():
            client.close()
        self._clients.clear()

    # --- the stack ---

    @cached_property
    def description(self) -> Json:
        """The stack as CloudFormation describes it; raises NoStackError, or TargetError if it may not be looked at."""
        return self.described(self.stack)

    def described(self, name: str) -> Json:
        """The same of the stack with that name or ARN."""
        try:
            return call_aws(lambda: self.client("cloudformation").describe_stacks(StackName=name)["Stacks"][0])
        except TargetError as error:
            if "does not exist" in str(error):
                raise NoStackError(name, self.region) from None
            raise

    @cached_property
    def parameters(self) -> dict[str, str]:
        return {one["ParameterKey"]: one.get("ParameterValue", "") for one in self.description.get("Parameters", [])}

    @cached_property
    def outputs(self) -> dict[str, str]:
        return {one["OutputKey"]: one.get("OutputValue", "") for one in self.description.get("Outputs", [])}

    def set_parameters(self, values: Mapping[str, str]) -> None:
        """Update the stack with these parameters, and nothing else, and wait for it; raises TargetError."""
        client = self.client("cloudformation")
        kept = [{"ParameterKey": name, "UsePreviousValue": True} for name in self.parameters if name not in values]
        changed = [{"ParameterKey": name, "ParameterValue": value} for name, value in values.items()]
        update = {"StackName": self.stack, "UsePreviousTemplate": True, "Capabilities": CAPABILITIES}
        call_aws(lambda: client.update_stack(**update, Parameters=[*kept, *changed]))
        call_aws(lambda: client.get_waiter("stack_update_complete").wait(StackName=self.stack))
        self.refresh()

    def resources(self, kind: str) -> frozenset[str]:
        """The names of the stack's resources of that type, as the service knows them; raises TargetError."""
        return frozenset(one.get("PhysicalResourceId", "") for one in self._summaries() if one["ResourceType"] == kind)

    def physical_ids(self) -> dict[str, str]:
        """The name of each resource, as its service knows it, by its name in the template; raises TargetError."""
        return {one["LogicalResourceId"]: one.get("PhysicalResourceId", "") for one in self._summaries()}

    def _summaries(self) -> list[Any]:
        listed = "list_stack_resources", "StackResourceSummaries"
        return self.all_of("cloudformation", *listed, StackName=self.stack)

    def output(self, name: str) -> str:
        """An output; raises TargetError if the stack does not have it."""
        if name not in self.outputs:
            raise TargetError(f"{self} has no output {name}: it was deployed by another version, or not completely")
        return self.outputs[name]

    def owner_secret(self) -> str:
        """The ARN of the secret with the database owner's password: RDS's where RDS keeps it, else the stack's.

        The instance may have been restored since the stack was deployed.
        """
        named = {"DBInstanceIdentifier": self.output("DatabaseIdentifier")}
        (instance,) = call_aws(lambda: self.client("rds").describe_db_instances(**named))["DBInstances"]
        return instance.get("MasterUserSecret", {}).get("SecretArn") or self.output("DatabaseSecretArn")

    def url(self, output: str) -> str:
        """The URL in an output, as it can be reached from here."""
        url = self.output(output)
        return endpoints.emulated(url, self.endpoint_url) if self.endpoint_url else url

    # --- its functions ---

    def function(self, name: str) -> str:
        """The deployed name of a function, "xp-award" for example."""
        return f"{self.stack}-{name}"

    def invoke(self, function: str, payload: Mapping[str, object], *, within: float = 0) -> Json:
        """A function's answer; raises TargetError if it fails or returns {"failure": why}.

        A function that was idle for weeks is waited for. With `within`, an answer is waited for so many seconds, and
        nothing is asked twice.
        """
        name, asked = self.function(function), json.dumps(payload).encode()
        functions, ready_by = self.client("lambda", within=within), Deadline.after(READY_WITHIN)
        answer = call_aws(
            lambda: once_ready(lambda: functions.invoke(FunctionName=name, Payload=asked), ready_by, _wait)
        )
        said = json.loads(answer["Payload"].read() or "null")
        if answer.get("FunctionError"):
            raise TargetError(f"{function} fails ({_why(said)}); `.venv/bin/ops logs {function}` says how")
        if not isinstance(said, dict) or "failure" in said:
            raise TargetError(str(cast("Json", said)["failure"]) if said else f"{function} gives no answer")
        return cast("Json", said)

    @cached_property
    def caller(self) -> str:
        """Whose credentials these are, an ARN, as AWS says; raises TargetError."""
        try:
            return str(call_aws(lambda: self.client("sts").get_caller_identity()["Arn"]))
        except TargetError as error:
            raise TargetError(f"AWS does not accept the credentials in {self.region}: {error}\n{SIGN_IN}") from None

    def act(self, function: str, deed: Mapping[str, object], *, within: float = 0) -> Json:
        """The same for what stays: the audit log names the caller of this tool as the operator who did it."""
        return self.invoke(function, {"operator": {**deed, "by": self.caller}}, within=within)

    def book(self, action: str, after: Mapping[str, object]) -> None:
        """Book in the audit log what this tool is about to do. Raises TargetError: what is not booked is not done."""
        self.act("interactions-main", {"book": {"action": action, "after": dict(after)}})

    def book_if_possible(self, action: str, after: Mapping[str, object], elsewhere: str) -> str:
        """The same for what a database that is down must not prevent: it is said then, and who else knows of it.

        Returns the ARN of the caller, "" if AWS does not say it.
        """
        by = ""
        try:
            by = self.caller
            self.book(action, after)
        except TargetError as error:
            typer.echo(f"The audit log has no entry of this: {error}", err=True)
            if by:
                typer.echo(f"It is done all the same, and {elsewhere} names you.", err=True)
        return by


def _wait(seconds: float) -> None:
    typer.echo("The function was idle for long, and AWS is preparing it: this can take a minute or two.", err=True)
    time.sleep(seconds)


def _why(said: object) -> str:
    return str(cast("Json", said).get("errorMessage", "")) if isinstance(said, dict) else "no reason given"


def call_aws[T](question: Callable[[], T]) -> T:
    """AWS's answer; raises TargetError with AWS's message if it refuses or cannot be reached."""
    from botocore.exceptions import BotoCoreError, ClientError
    from botocore.parsers import ResponseParserError

    try:
        return question()
    except ClientError as error:
        raise TargetError(str(error)) from None
    except (BotoCoreError, ResponseParserError) as error:  # a log-in page of a network, for one
        raise TargetError(f"AWS cannot be called: {error}") from None


def local_target(known: Mapping[str, Any]) -> Target:
    """The local cloud at these endpoints."""
    return Target(STACK, REGION, session(known["aws_endpoint_url"]), known["aws_endpoint_url"], known)
