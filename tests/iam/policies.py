"""What a deployed stack grants its functions, one action on one resource at a time, and IAM's answers to calls."""

from __future__ import annotations

import json
import re
from contextlib import closing
from dataclasses import dataclass, field, replace
from itertools import product
from typing import TYPE_CHECKING, Any

from local.aws import ACCOUNT, Aws, session
from tests.iam.simulator import Outcome, simulate

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from devkit.json_types import Json
    from local.emulator import Emulator

PREFIX = f"arn:aws:iam::{ACCOUNT}:role/"
SERVICES = {"sqs": "com.amazonaws.us-east-1.sqs", "s3": "com.amazonaws.us-east-1.s3"}
"""The services that functions inside the VPC reach, each through its endpoint."""


@dataclass(frozen=True, slots=True)
class Grant:
    """What `who` may do to what: one statement of a role, or of the endpoint of a service (`through`)."""

    who: str
    action: str
    resource: str
    through: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    """What a function asked of AWS."""

    function: str
    action: str
    resource: str
    context: Json = field(hash=False)
    linked: bool = False  # somebody else followed a link that the function signed

    @property
    def service(self) -> str:
        return self.action.partition(":")[0]


@dataclass(slots=True)
class Policies:
    """Every policy that decides about the calls of a stack's functions.

    `roles` are by function, their policies by role, the others by ARN and by service. `names` has the logical id of
    each physical name, `grants` has each grant by the Sid of its statement.
    """

    names: dict[str, str]
    roles: dict[str, str]
    of_roles: dict[str, list[Json]]
    of_resources: dict[str, Json]
    of_endpoints: dict[str, Json]
    inside: set[str]
    grants: dict[str, Grant]

    def outcomes(self, calls: Sequence[Call]) -> list[Outcome]:
        return simulate([self._simulation(call) for call in calls])

    def denied(self, calls: Sequence[Call]) -> list[tuple[Call, str]]:
        """Which calls are not allowed, each with IAM's result."""
        outcomes = zip(calls, self.outcomes(calls), strict=True)
        return [(call, outcome.result) for call, outcome in outcomes if outcome.result != "Allowed"]

    def unused(self, calls: Sequence[Call]) -> list[Grant]:
        """What is granted and allowed none of the calls; resources in the words of the template."""
        used = set[str]().union(*(outcome.used for outcome in self.outcomes(calls)))
        idle = [grant for sid, grant in self.grants.items() if sid not in used]
        return [replace(grant, resource=self._plain(grant.resource)) for grant in idle]

    def _plain(self, resource: str) -> str:
        """Without account and region, and with logical ids."""
        short = resource.split(":", 5)[5] if resource.startswith("arn:") else resource
        for name in sorted(self.names, key=len, reverse=True):
            short = short.replace(name, self.names[name])
        return short

    def _simulation(self, call: Call) -> Json:
        role = self.roles[call.function]
        owner = call.resource.partition("/")[0]
        own = {"aws:ResourceAccount": ACCOUNT, "aws:PrincipalArn": f"{PREFIX}{role}", "aws:SecureTransport": "true"}
        asked: Json = {
            "request": {
                "principal": f"arn:aws:sts::{ACCOUNT}:assumed-role/{role}/{call.function}",
                "action": call.action,
                "resource": {"resource": call.resource, "accountId": ACCOUNT},
                "contextVariables": {**own, **call.context},
            },
            "identityPolicies": [
                {"name": f"{role}-{number}", "policy": policy} for number, policy in enumerate(self.of_roles[role])
            ],
            "serviceControlPolicies": [],
            "resourceControlPolicies": [],
        }
        if owner in self.of_resources:
            asked["resourcePolicy"] = self.of_resources[owner]
        if call.function in self.inside and not call.linked:
            policy = self.of_endpoints.get(SERVICES.get(call.service, ""))
            asked["vpcEndpointPolicies"] = [{"name": call.service, "policy": policy or NO_WAY_OUT}]
        return asked


NO_WAY_OUT: Json = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*"}],
}
"""What becomes of a call inside the VPC to a service that has no endpoint there."""


def read(emulator: Emulator, stack: str, inside: Mapping[str, bool]) -> Policies:
    """The policies of a deployed stack; `inside` has each of its functions, and whether it is in the VPC."""
    with closing(_Reader(emulator, stack)) as reader:
        return reader.read(inside)


class _Reader:
    """Reads policies out of the emulator, which keeps all of them but not where a function runs."""

    def __init__(self, emulator: Emulator, stack: str) -> None:
        self._emulator, self._stack, self._aws = emulator, stack, Aws(emulator.url)
        self._iam: Any = session(emulator.url).client("iam", endpoint_url=emulator.url)  # without stubs
        pages = self._aws.cloudformation.get_paginator("list_stack_resources").paginate(StackName=stack)
        self._resources = [one for page in pages for one in page["StackResourceSummaries"]]
        self._grants: dict[str, Grant] = {}

    def close(self) -> None:
        self._aws.close()
        self._iam.close()

    def read(self, inside: Mapping[str, bool]) -> Policies:
        roles = {name: self._role(name) for name in inside}
        named = {f"{PREFIX}{role}": name for name, role in roles.items()}
        endpoints = self._emulator.endpoint_policies()
        return Policies(
            self._names(),
            roles,
            {role: [self._split(policy, name) for policy in self._of_role(role)] for name, role in roles.items()},
            dict(self._of_resources()),
            {service: self._split(policy, service, named) for service, policy in endpoints.items()},
            {name for name, is_inside in inside.items() if is_inside},
            self._grants,
        )

    def _names(self) -> dict[str, str]:
        """The logical id of each resource that CloudFormation named, by that name."""
        made = {re.split("[/:]", one.get("PhysicalResourceId", ""))[-1]: one for one in self._resources}
        return {name: one["LogicalResourceId"] for name, one in made.items() if name.startswith(f"{self._stack}-")}

    def _role(self, function: str) -> str:
        return self._aws.functions.get_function_configuration(FunctionName=function)["Role"].removeprefix(PREFIX)

    def _of_role(self, role: str) -> Iterator[Json]:
        for name in self._iam.list_role_policies(RoleName=role)["PolicyNames"]:
            yield self._iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
        for one in self._iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]:
            arn = one["PolicyArn"]
            version = self._iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
            yield self._iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]

    def _of_resources(self) -> Iterator[tuple[str, Json]]:
        """The policies of queues, topics and buckets by ARN."""
        for one in self._resources:
            place = one.get("PhysicalResourceId", "")
            match one["ResourceType"]:
                case "AWS::SQS::Queue":
                    queue = self._aws.sqs.get_queue_attributes(QueueUrl=place, AttributeNames=["Policy", "QueueArn"])
                    yield queue["Attributes"]["QueueArn"], json.loads(queue["Attributes"]["Policy"])
                case "AWS::SNS::Topic":
                    topic = self._aws.sns.get_topic_attributes(TopicArn=place)
                    yield place, json.loads(topic["Attributes"]["Policy"])
                case "AWS::S3::Bucket":
                    bucket = self._aws.s3.get_bucket_policy(Bucket=place)
                    yield f"arn:aws:s3:::{place}", json.loads(bucket["Policy"])
                case _:
                    pass

    def _split(self, policy: Json, who: str, named: Mapping[str, str] | None = None) -> Json:
        """The same policy with a statement and a Sid for each single grant, which is noted."""
        statements: list[Json] = []
        for statement in policy["Statement"]:
            if statement["Effect"] == "Deny":
                statements.append(statement)
                continue
            for action, resource in product(_listed(statement["Action"]), _listed(statement["Resource"])):
                for principal, condition in _conditions(statement):
                    sid = f"Grant{len(self._grants)}"
                    single = {"Sid": sid, "Action": action, "Resource": resource, "Condition": condition}
                    statements.append({**statement, **single})
                    self._grants[sid] = Grant(
                        named[principal] if named else who, action, resource, who if named else ""
                    )
        return {"Version": policy["Version"], "Statement": statements}


def _conditions(statement: Json) -> Iterator[tuple[str, Json]]:
    """The statement's condition for each role that an endpoint's is about, with the role's ARN; else as it is."""
    condition = statement.get("Condition", {})
    given = condition.get("ArnEquals", {})
    for principal in _listed(given.get("aws:PrincipalArn", "")):
        only = {"ArnEquals": {**given, "aws:PrincipalArn": principal}} if principal else {}
        yield principal, {**condition, **only}


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def calls_of(emulator: Emulator) -> list[Call]:
    return [Call(**one) for one in emulator.calls()]
