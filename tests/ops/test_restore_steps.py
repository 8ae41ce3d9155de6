"""The steps of a restore on AWS, as docs/Deployment.md has them, are done in an account, and bring the game back."""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import dataclass, field
from datetime import datetime
from string import Template as Words
from typing import TYPE_CHECKING, Any, cast

import boto3
import botocore.session
import jmespath
import pytest
from botocore import xform_name
from botocore.validate import ParamValidator
from moto import mock_aws

from devkit.template import Template
from tests.project.test_laws import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from botocore.model import Shape

STACK, REGION = "mastermind", "eu-central-1"
SESSION = botocore.session.get_session()
DEPLOYMENT = (ROOT / "docs" / "Deployment.md").read_text()
BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
ASSIGNED = re.compile(r"([A-Z]+)=(?:\$\((.*)\)|(.*))")
FUNCTIONS = [f"{STACK}-{name}" for name in ("interactions-main", "interactions-tensey", "xp-award")]
SNAPSHOT, MOMENT = "restore-db-instance-from-db-snapshot", "restore-db-instance-to-point-in-time"


def section(title: str) -> list[str]:
    """The scripts of a section."""
    begin = DEPLOYMENT.index(f"### {title}\n")
    end = re.compile(r"^###? ", re.MULTILINE).search(DEPLOYMENT, begin + 4)
    return BLOCK.findall(DEPLOYMENT[begin : end.start() if end else None])


# --- an account ---


class Account:
    """An account with a stack and a snapshot of last night: its RDS, and what is reserved for its functions."""

    def __init__(self) -> None:
        self.rds: Any = client("rds")
        ec2: Any = client("ec2")
        vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        subnets = [
            ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{number}.0/24", AvailabilityZone=f"{REGION}{zone}")
            for number, zone in enumerate("ab")
        ]
        group = ec2.create_security_group(GroupName="database", Description="The database", VpcId=vpc)["GroupId"]
        self.resources = {
            "Database": "mastermind-database-1x2y3z",
            "DatabaseGroup": group,
            "DatabaseParameters": "mastermind-databaseparameters-1x2y3z",
            "DatabaseSubnets": "mastermind-databasesubnets-1x2y3z",
        }
        self.reserved: dict[str, int] = {}
        self.asked: dict[str, Mapping[str, Any]] = {}
        self._make([one["Subnet"]["SubnetId"] for one in subnets])

    def _make(self, subnets: list[str]) -> None:
        names = self.resources
        self.rds.create_db_subnet_group(
            DBSubnetGroupName=names["DatabaseSubnets"], DBSubnetGroupDescription="Private", SubnetIds=subnets
        )
        self.rds.create_db_parameter_group(
            DBParameterGroupName=names["DatabaseParameters"], DBParameterGroupFamily="postgres18", Description="Ours"
        )
        self.rds.create_db_instance(
            DBInstanceIdentifier=names["Database"],
            DBInstanceClass="db.t4g.micro",
            Engine="postgres",
            AllocatedStorage=20,
            DBSubnetGroupName=names["DatabaseSubnets"],
            DBParameterGroupName=names["DatabaseParameters"],
            VpcSecurityGroupIds=[names["DatabaseGroup"]],
        )
        self.rds.create_db_snapshot(DBSnapshotIdentifier=f"{STACK}-20261123", DBInstanceIdentifier=names["Database"])

    @property
    def instances(self) -> dict[str, dict[str, Any]]:
        return {one["DBInstanceIdentifier"]: one for one in self.rds.describe_db_instances()["DBInstances"]}

    def ask(self, service: str, operation: str, given: Mapping[str, Any]) -> Any:  # noqa: ANN401 # what a service says
        self.asked[re.split("From|To", operation)[0]] = given
        match service, operation:
            case "rds", _:
                return getattr(self.rds, xform_name(operation))(**given)
            case "cloudformation", "DescribeStackResource":
                assert given["StackName"] == STACK
                return {"StackResourceDetail": {"PhysicalResourceId": self.resources[given["LogicalResourceId"]]}}
            case "lambda", "PutFunctionConcurrency":
                self.reserved[given["FunctionName"]] = given["ReservedConcurrentExecutions"]
            case "lambda", "DeleteFunctionConcurrency":
                del self.reserved[given["FunctionName"]]
            case _:
                raise AssertionError(operation)
        return {}


def client(service: str) -> Any:  # noqa: ANN401 # a class that boto3 makes up
    make = cast("Any", boto3.client)
    return make(service, region_name=REGION)


@dataclass
class Shell:
    """A shell with the AWS CLI, as far as the section needs one; `done` has what is typed, the tool's lines as well."""

    account: Account
    variables: dict[str, str] = field(default_factory=lambda: {"OPS_STACK": STACK})
    done: list[str] = field(default_factory=list[str])

    def run(self, script: str) -> None:
        for line in script.replace("\\\n", " ").splitlines():
            assigned = ASSIGNED.fullmatch(line)
            if assigned:
                name, command, value = assigned.groups()
                self.variables[name] = self.aws(command) if command else value
            elif line.startswith("aws "):
                self.aws(line)
            else:
                self.done.append(line)

    def aws(self, line: str) -> str:
        """What the CLI does with it, and prints."""
        _, service, command, *rest = shlex.split(Words(line).substitute(self.variables))
        if command == "wait":
            waiter = self.account.rds.get_waiter(rest[0].replace("-", "_"))
            waiter.wait(**read(service, "DescribeDBInstances", rest[1:]))
            return ""
        self.done.append(f"{service} {command}")
        given = dict(options(rest))
        operation = named(service, command)
        answer = self.account.ask(service, operation, read(service, operation, rest))
        output = json.loads(json.dumps(answer, default=datetime.isoformat))  # times are texts there
        shown = jmespath.search(given["query"], output) if "query" in given else output
        return shown if isinstance(shown, str) else json.dumps(shown)


def named(service: str, command: str) -> str:
    model = SESSION.get_service_model(service)
    return next(name for name in model.operation_names if xform_name(name, "-") == command)


def options(words: list[str]) -> Iterator[tuple[str, str]]:
    for part in " ".join(words).split("--")[1:]:
        option, _, value = part.strip().partition(" ")
        yield option, value


def read(service: str, operation: str, words: list[str]) -> dict[str, Any]:
    """The options of a command as the API takes them; an AssertionError when it does not."""
    takes = SESSION.get_service_model(service).operation_model(operation).input_shape
    assert takes
    members: dict[str, Shape] = dict(takes.members)
    shapes = {xform_name(name, "-"): (name, shape) for name, shape in members.items()}
    found: dict[str, Any] = {}
    for option, value in options(words):
        if option not in {"query", "output"}:
            member, shape = shapes.get(option) or shapes[option.removeprefix("no-")]
            found[member] = valued(shape, value, yes=option in shapes)
    report = ParamValidator().validate(found, takes)
    assert not report.has_errors(), report.generate_report()
    return found


def valued(shape: Shape, value: str, *, yes: bool) -> object:
    match shape.type_name:
        case "boolean":
            assert not value
            return yes
        case "integer":
            return int(value)
        case "list":
            return value.split()
        case _:
            return value


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[Account]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        yield Account()


# --- the steps ---


def test_the_stack_has_what_is_asked_for(account: Account):
    template = Template.read(ROOT / "template.yaml").body["Resources"]
    assert set(account.resources) <= set(template)
    deployed = {str(one.get("Properties", {}).get("FunctionName")) for one in template.values()}
    for name in FUNCTIONS:
        assert str({"Fn::Sub": f"${{AWS::StackName}}{name.removeprefix(STACK)}"}) in deployed


@pytest.mark.parametrize("other", [MOMENT, SNAPSHOT], ids=["from a snapshot", "to a moment"])
def test_the_steps_bring_another_instance_to_the_name_of_the_old_one(account: Account, other: str):
    ((name, old),) = account.instances.items()
    shell = Shell(account)
    for script in section("Restore the database"):
        if "reapply-deletions" in script:
            assert account.reserved == dict.fromkeys(FUNCTIONS, 0), "nobody plays before"
            assert set(account.instances) == {name, f"{name}-old"}
        if other not in script:
            shell.run(script)

    (restored,) = account.instances.values()
    database = Template.read(ROOT / "template.yaml").body["Resources"]["Database"]["Properties"]
    assert restored["DBInstanceIdentifier"] == name
    assert restored["InstanceCreateTime"] > old["InstanceCreateTime"]
    assert restored["DBSubnetGroup"]["DBSubnetGroupName"] == account.resources["DatabaseSubnets"]
    assert [one["VpcSecurityGroupId"] for one in restored["VpcSecurityGroups"]] == [account.resources["DatabaseGroup"]]
    assert [one["DBParameterGroupName"] for one in restored["DBParameterGroups"]] == [
        account.resources["DatabaseParameters"]
    ]
    assert restored["IAMDatabaseAuthenticationEnabled"] is True
    assert restored["DeletionProtection"] is True
    assert account.asked["RestoreDBInstance"]["PubliclyAccessible"] is False, "moto does not return it"
    assert restored["CACertificateIdentifier"] == database["CACertificateIdentifier"]
    assert (restored["BackupRetentionPeriod"], restored["MaxAllocatedStorage"]) == (14, 100)
    assert account.reserved == {}
    kept = {one["DBSnapshotIdentifier"] for one in account.rds.describe_db_snapshots()["DBSnapshots"]}
    assert {f"{name}-old-last", f"{STACK}-20261123"} <= kept


def test_deletions_are_repeated_before_the_functions_may_connect(account: Account):
    shell = Shell(account)
    for script in section("Restore the database"):
        if MOMENT not in script:
            shell.run(script)
    steps = [
        ".venv/bin/ops reapply-deletions --dry-run",
        "rds modify-db-instance",
        ".venv/bin/ops reapply-deletions",
        "lambda delete-function-concurrency",
        ".venv/bin/ops deploy",
    ]
    tested = shell.done.index(steps[0])  # the handshake, and what is done where the certificate has the old name
    at = [shell.done.index(line, tested) for line in steps]
    assert at == sorted(at)


def test_a_try_leaves_no_instance_behind(account: Account):
    before = set(account.instances)
    shell = Shell(account, {"SNAPSHOT": f"{STACK}-20261123"})
    _, names, *_ = section("Restore the database")
    shell.variables["OPS_STACK"] = STACK
    shell.run(names)
    for script in section("Try a restore"):
        if script.startswith("aws "):
            shell.run(script)
    assert shell.done[-2:] == [f"rds {SNAPSHOT}", "rds delete-db-instance"]
    assert set(account.instances) == before
