"""What the template must hold to (docs/rules/reach.md): least privilege, no unseen failure, nothing kept too long."""

from __future__ import annotations

import json
import re
import subprocess
import tomllib
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import grimp
import pytest
from botocore import xform_name

from devkit import command_ids, function_settings
from devkit.discord_client import new_private_key, signed_headers
from devkit.discord_server import community
from devkit.template import Template
from mastermind import config, observability
from mastermind.bot.registry import APPS, names
from mastermind.discord import requests, tokens
from mastermind.entrypoints import batches
from mastermind.game.exports.rules import EXPORTS
from mastermind.game.privacy import rules as privacy
from mastermind.game.reminders import counts
from mastermind.game.sealing.rules import HEADS
from mastermind.gateways import webhooks
from mastermind.operations import runbook
from mastermind.operations.alerts import alerter
from mastermind.operations.alerts import rules as alerts
from mastermind.operations.alerts.alarms import described
from mastermind.operations.backup import rules as snapshots
from mastermind.operations.config import LINK
from mastermind.operations.health import check
from mastermind.operations.health import rules as health
from mastermind.operations.outbox import rules as outbox
from ops import costs, deploy
from ops.checks import account, services
from tests.project.test_laws import anchors

if TYPE_CHECKING:
    from collections.abc import Iterator

    from devkit.json_types import Json

ROOT = Path(__file__).parents[2]
TEMPLATE = Template.read(ROOT / "template.yaml")
RESOURCES: dict[str, Any] = TEMPLATE.body["Resources"]


def of_type(kind: str) -> dict[str, dict[str, Any]]:
    """The properties of each resource of that type; there is at least one."""
    found = {name: resource["Properties"] for name, resource in TEMPLATE.resources(kind)}
    assert found, kind
    return found


FUNCTIONS = of_type("AWS::Serverless::Function")
QUEUES = of_type("AWS::SQS::Queue")
ALARMS = of_type("AWS::CloudWatch::Alarm")
DEFAULTS: dict[str, Any] = TEMPLATE.body["Globals"]["Function"]

INTERACTIONS = ("InteractionsMain", "InteractionsTensey")
SOURCES = {name for name in QUEUES if not name.endswith("Dlq")}
DEAD_LETTERS = set(QUEUES) - SOURCES

SET_BY_LAMBDA = {
    "AWS_REGION",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN",
}
ONLY_LOCAL = {"DATABASE_PASSWORD", "DATABASE_SSLMODE", "AWS_ENDPOINT_URL", "AWS_CA_BUNDLE"}

POLLING = {"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"}
"""What Lambda does with a function's role when a queue invokes the function."""

CALLS = {
    # gateways.parameters calls Powertools' SSMProvider.
    "ssm:GetParameter": "_provider.get,",
    "ssm:GetParametersByPath": "_provider.get_multiple,",
    "ssm:PutParameter": "_provider.set,",
    "sqs:SendMessage": "AmazonSQS.SendMessage",
    "s3:PutObject": 'service="s3"',
    "s3:GetObject": 'service="s3"',
    "rds:AddTagsToResource": "Tags=",
    "rds-db:connect": 'service="rds-db"',
    "lambda:InvokeFunction": ".invoke(",
}
"""How a module uses a right, other than by the method of boto3 that is called like the action."""

# The metrics that exist, with their dimensions: AWS's own (an alarm on a misspelt name never changes) and ours.
METRICS = {
    ("AWS/SQS", "ApproximateNumberOfMessagesVisible"): {"QueueName"},
    ("AWS/SQS", "ApproximateAgeOfOldestMessage"): {"QueueName"},
    ("AWS/Lambda", "Errors"): {"FunctionName"},
    ("AWS/Lambda", "Throttles"): {"FunctionName"},
    ("AWS/Lambda", "Duration"): {"FunctionName"},
    ("AWS/ApiGateway", "Count"): {"ApiName", "Stage"},
    ("AWS/ApiGateway", "4XXError"): {"ApiName", "Stage"},
    ("AWS/ApiGateway", "5XXError"): {"ApiName", "Stage"},
    ("AWS/ApiGateway", "Latency"): {"ApiName", "Stage"},
    ("AWS/RDS", "CPUUtilization"): {"DBInstanceIdentifier"},
    ("AWS/RDS", "CPUSurplusCreditsCharged"): {"DBInstanceIdentifier"},
    ("AWS/RDS", "DatabaseConnections"): {"DBInstanceIdentifier"},
    ("AWS/RDS", "FreeStorageSpace"): {"DBInstanceIdentifier"},
    ("AWS/RDS", "FreeableMemory"): {"DBInstanceIdentifier"},
    ("AWS/Scheduler", "InvocationDroppedCount"): {"ScheduleGroup"},
    ("AWS/Scheduler", "TargetErrorCount"): {"ScheduleGroup"},
    ("AWS::StackName", health.HEALTHY): {"service"},
    ("AWS::StackName", health.CHECKS): {"service"},
    ("AWS::StackName", "ApiErrors"): {"service"},
    ("AWS::StackName", observability.OVERDUE): {"service"},
    ("AWS::StackName", observability.BUGS): {"service"},
    ("AWS::StackName", observability.STUCK): {"service"},
    **{("AWS::StackName", metric): {"service"} for metric in (counts.DROPPED, counts.LATE, counts.LAPSED)},
    ("AWS::StackName", observability.UNDRAWN): {"service"},
    ("AWS::StackName", observability.BACKUPS): {"service"},
    ("AWS::StackName", observability.UNAVAILABLE): {"service"},
    **{("AWS::StackName", health.metric(probe)): {"service"} for probe in health.PROBES},
}


FREE_METRICS = 50
"""Of a dashboard (Amazon CloudWatch pricing, Free tier)."""

SLOWEST_PAGE = 3
"""Seconds that GET /health takes at most, while the database is away."""

LAYERS = ["SharedLayer", "ExtrasLayer"]

COUNTED_WITH = {"Edits": "HandOvers"}
"""One function takes both, and counts what is stuck in either."""


def short(value: Any) -> str:  # noqa: ANN401 (any JSON)
    """A reference as one writes it: `XpAwards.Arn`, `Alarms`, `${ExportBucket.Arn}/*`."""
    match value:
        case {"Ref": name}:
            return str(name)
        case {"Fn::GetAtt": [name, attribute]}:
            return f"{name}.{attribute}"
        case {"Fn::If": [_, first, _]}:
            return short(first)
        case {"Fn::Sub": [text, _]} | {"Fn::Sub": text}:
            return str(text)
        case _:
            return str(value)


def many(value: object) -> list[Any]:
    return list(value) if isinstance(value, list) else [value]  # pyright: ignore[reportUnknownArgumentType]


def role_of(function: str) -> dict[str, Any]:
    return RESOURCES[short(FUNCTIONS[function]["Role"]).removesuffix(".Arn")]["Properties"]


def statements(function: str) -> list[dict[str, Any]]:
    """What the function's own role allows, without the policy that lets Lambda attach it to the VPC."""
    return [one for policy in role_of(function)["Policies"] for one in policy["PolicyDocument"]["Statement"]]


def allowed(function: str) -> set[tuple[str, str]]:
    return {
        (action, short(resource))
        for statement in statements(function)
        for action in many(statement["Action"])
        for resource in many(statement["Resource"])
    }


def environment(function: str) -> dict[str, Any]:
    return DEFAULTS["Environment"]["Variables"] | FUNCTIONS[function].get("Environment", {}).get("Variables", {})


def in_vpc(function: str) -> bool:
    return "VpcConfig" in FUNCTIONS[function]


def events(function: str, kind: str) -> list[dict[str, Any]]:
    found = FUNCTIONS[function].get("Events", {}).values()
    return [event["Properties"] for event in found if event["Type"] == kind]


def queues_of(function: str) -> set[str]:
    """The queues that invoke the function."""
    return {short(event["Queue"]).removesuffix(".Arn") for event in events(function, "SQS")}


def folder_of(function: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", function).lower()


# --- the loops ---


@pytest.mark.prove
def test_checkov_reads_every_resource_of_the_expanded_template():
    """It skips what stands in a loop, so it is given the template without loops."""
    subprocess.run(["make", "-s", ".aws-sam/checkov.json"], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    summary = json.loads((ROOT / ".aws-sam" / "checkov.json").read_text())["summary"]
    assert (summary["resource_count"], summary["failed"], summary["parsing_errors"]) == (len(RESOURCES), 0, 0)


def test_no_loop_is_left_in_what_these_tests_read():
    assert "Fn::ForEach" not in TEMPLATE.text()
    assert "Fn::ForEach" in (ROOT / "template.yaml").read_text()


# --- who may do what ---


def own_rights(function: str) -> set[tuple[str, str]]:
    """What the role allows beyond what Lambda itself needs: to write the log and to poll the function's queues."""
    log = {(action, f"{function}Log.Arn") for action in ("logs:CreateLogStream", "logs:PutLogEvents")}
    polled = {(action, f"{queue}.Arn") for queue in queues_of(function) for action in POLLING}
    assert log | polled <= allowed(function)
    return allowed(function) - log - polled


def concerns(resource: str) -> str:
    """What an ARN is about, as a variable names it: `Jobs`, `ExportBucket`, `/${AWS::StackName}/alerts`."""
    if parameter := re.search(r":parameter(/.+?)(?:/\*)?$", resource):
        return parameter[1]
    if ":snapshot:" in resource or ":db:" in resource or ":dbuser:" in resource:
        return "Database"
    return "AWS::StackName" if resource == "*" else re.findall(r"\w+", resource)[0]


def named(value: Json | str) -> Iterator[str]:
    """Everything that the value of a variable names."""
    parts: list[Any] = value["Fn::Join"][1] if not isinstance(value, str) and "Fn::Join" in value else [value]
    yield from (short(part).partition(".")[0] for part in parts)


def given(function: str) -> set[str]:
    return {name for value in environment(function).values() for name in named(value)}


@pytest.mark.parametrize("function", FUNCTIONS)
def test_each_right_of_a_function_concerns_something_that_it_is_given(function: str):
    assert {right for right in own_rights(function) if concerns(right[1]) not in given(function)} == set()


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_has_a_right_to_everything_that_it_is_given(function: str):
    kinds = ("AWS::SQS::", "AWS::S3::", "AWS::SNS::", "AWS::Serverless::Function", "AWS::SecretsManager::")
    things = {name for name, one in RESOURCES.items() if one["Type"].startswith(kinds)}
    wanted = {name for name in given(function) if name in things or name.startswith("/${AWS::StackName}/")}
    assert wanted <= {concerns(resource) for _, resource in allowed(function)}


@pytest.fixture(scope="module")
def imports() -> grimp.ImportGraph:
    return grimp.build_graph("mastermind", "functions", cache_dir=None, exclude_type_checking_imports=True)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_each_right_of_a_function_is_used_by_code_that_it_imports(function: str, imports: grimp.ImportGraph):
    modules = imports.find_upstream_modules(f"functions.{handler_folder(function)}.handler")
    files = (ROOT / "layers" / "shared" / module.replace(".", "/") for module in modules)
    code = "\n".join(file.with_suffix(".py").read_text() for file in files if file.with_suffix(".py").exists())
    assert {action for action, _ in own_rights(function) if not any(call in code for call in how_used(action))} == set()


def how_used(action: str) -> set[str]:
    return {CALLS.get(action, ""), f".{xform_name(action.partition(':')[2])}"} - {""}


def handler_folder(function: str) -> str:
    return "migrate" if function == "MigrateGate" else folder_of(function)


def test_the_rules_list_what_each_function_may_reach():
    """docs/rules/reach.md, Functions: whether it is in the VPC, its role in the database, its rights and its queues."""
    assert dict(listed_reach()) == {folder_of(function): reach(function) for function in FUNCTIONS}


type Reach = tuple[str, str, set[str], set[str]]


def listed_reach() -> Iterator[tuple[str, Reach]]:
    text = (ROOT / "docs" / "rules" / "reach.md").read_text(encoding="utf-8")
    for line in text.partition("\n## Functions")[2].partition("\n## ")[0].splitlines():
        if line.startswith("| `"):
            function, vpc, role, aws = (cell.strip() for cell in line.strip("|").split("|"))
            spans = set(re.findall(r"`([^`]+)`", aws))
            name = function.removesuffix(" (runner)").replace(" (gate)", "_gate").replace("`", "")
            yield name, (vpc, role.strip("`"), {span for span in spans if ":" in span}, spans & SOURCES)


def reach(function: str) -> Reach:
    rights = own_rights(function) - {right for right in own_rights(function) if right[0] == "rds-db:connect"}
    sent_to = {resource.removesuffix(".Arn") for action, resource in rights if action == "sqs:SendMessage"}
    place, role = "in" if in_vpc(function) else "out", environment(function).get("DATABASE_USER", "none")
    return place, role, {action for action, _ in rights}, sent_to | queues_of(function)


def test_no_function_may_overwrite_a_webhook_or_read_the_log_of_deletions():
    everything = {right for function in FUNCTIONS for right in allowed(function)}
    assert {action for action, resource in everything if "Webhook}" in resource} == {"ssm:GetParameter"}
    assert {action for action, resource in everything if privacy.DELETIONS in resource} == {"s3:PutObject"}


def test_only_the_sweep_writes_the_ends_of_the_audit_logs_chain_and_no_function_reads_them():
    writers = {(f, action) for f in FUNCTIONS for action, resource in allowed(f) if HEADS in resource}
    assert writers == {("XpAward", "s3:PutObject")}


def test_entries_of_the_logs_of_deletions_and_audits_cannot_be_overwritten():
    policy = RESOURCES["ExportBucketRequiresTls"]["Properties"]["PolicyDocument"]["Statement"]
    (rule,) = [one for one in policy if one["Action"] == "s3:PutObject"]
    once = [f"${{ExportBucket.Arn}}/{prefix}*" for prefix in (privacy.DELETIONS, HEADS)]
    assert (rule["Effect"], [short(one) for one in rule["Resource"]]) == ("Deny", once)
    assert rule["Condition"] == {"Null": {"s3:if-none-match": True}}


def test_only_metrics_of_this_stack_may_be_written_without_naming_a_resource():
    for function in FUNCTIONS:
        for statement in statements(function):
            assert statement["Effect"] == "Allow"
            assert "*" not in str(statement["Action"]), function
            if short(statement["Resource"]) == "*":
                assert statement["Action"] == "cloudwatch:PutMetricData"
                assert statement["Condition"] == {"StringEquals": {"cloudwatch:namespace": {"Ref": "AWS::StackName"}}}


def security_groups(function: str) -> set[str]:
    places = FUNCTIONS[function].get("VpcConfig", {"SecurityGroupIds": []})
    return {short(group).removesuffix(".GroupId") for group in places["SecurityGroupIds"]}


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_in_the_vpc_has_the_security_groups_of_what_it_uses(function: str):
    actions = {action for action, _ in own_rights(function)}
    needed = {
        "DatabaseClients": "DATABASE_USER" in environment(function),
        "QueueClients": in_vpc(function) and "sqs:SendMessage" in actions,
        "StorageClients": in_vpc(function) and "s3:PutObject" in actions,
    }
    assert security_groups(function) == {group for group, is_needed in needed.items() if is_needed}


def connections(function: str) -> list[dict[str, Any]]:
    return [one for one in statements(function) if one["Action"] == "rds-db:connect"]


def test_each_function_connects_to_the_database_as_a_role_of_its_own():
    roles = {name: environment(name)["DATABASE_USER"] for name in FUNCTIONS if "DATABASE_USER" in environment(name)}
    assert roles
    assert len({*roles.values()}) == len(roles)
    for function in FUNCTIONS:
        by_token = {short(entry["Resource"]).rpartition("/")[2] for entry in connections(function)}
        assert by_token == {role for name, role in roles.items() if name == function and role.startswith("app_")}


def test_after_a_restore_functions_may_connect_to_the_named_instance_only():
    own = {"Fn::GetAtt": ["Database", "DbiResourceId"]}
    named_or_own = {"Fn::If": ["Restored", {"Ref": "DatabaseResourceId"}, own]}
    entries = [entry for function in FUNCTIONS for entry in connections(function)]
    assert entries
    for entry in entries:
        arn, values = entry["Resource"]["Fn::Sub"]
        assert arn.rpartition("/")[0].endswith(":dbuser:${Id}")
        assert values == {"Id": named_or_own}


def test_only_the_migration_gate_reads_the_database_secret_and_it_is_outside_the_vpc():
    readers = {function for function in FUNCTIONS if "DatabaseSecret" in str((FUNCTIONS[function], role_of(function)))}
    assert readers == {"MigrateGate"}
    assert not in_vpc("MigrateGate")


def test_only_lambda_itself_may_attach_a_function_to_the_vpc():
    """The managed policy's second statement denies the first one's rights to the function's own code."""
    attach, deny = RESOURCES["VpcAttachment"]["Properties"]["PolicyDocument"]["Statement"]
    assert all(action.startswith("ec2:") for action in attach["Action"])
    assert (deny["Effect"], deny["Action"], deny["Resource"]) == ("Deny", "ec2:*", "*")
    assert "function:${AWS::StackName}-*" in short(deny["Condition"]["ArnLike"]["lambda:SourceFunctionArn"])
    for function in FUNCTIONS:
        managed = [short(one) for one in role_of(function).get("ManagedPolicyArns", [])]
        assert managed == (["VpcAttachment"] if in_vpc(function) else []), function


def test_each_function_has_a_role_of_its_own_and_only_services_assume_roles():
    roles = [short(function["Role"]) for function in FUNCTIONS.values()]
    assert len(set(roles)) == len(roles)
    for name, role in of_type("AWS::IAM::Role").items():
        (trust,) = role["AssumeRolePolicyDocument"]["Statement"]
        assert set(trust["Principal"]) == {"Service"}, name


@pytest.mark.parametrize(
    ("endpoint", "group", "right"),
    [("QueueEndpoint", "QueueClients", "sqs:SendMessage"), ("StorageEndpoint", "StorageClients", "s3:PutObject")],
)
def test_an_endpoint_admits_what_the_roles_of_its_clients_allow_and_no_more(endpoint: str, group: str, right: str):
    """Links to exports are followed from outside, so nothing in the VPC reads them."""
    clients = {f"{function}Role.Arn": function for function in FUNCTIONS if group in security_groups(function)}
    everyone: set[str] = set()
    for statement in RESOURCES[endpoint]["Properties"]["PolicyDocument"]["Statement"]:
        (role,) = (short(one) for one in statement["Condition"]["ArnEquals"]["aws:PrincipalArn"])
        theirs = {held for action, held in own_rights(clients[role]) if action == right}
        assert statement["Action"] == right
        assert {short(one) for one in many(statement["Resource"])} == theirs
        everyone.add(role)
    assert everyone == clients.keys()


def test_the_database_and_the_queue_endpoint_accept_their_clients_only():
    for group, port, clients in (
        ("DatabaseGroup", 5432, "DatabaseClients"),
        ("QueueEndpointGroup", 443, "QueueClients"),
    ):
        (rule,) = RESOURCES[group]["Properties"]["SecurityGroupIngress"]
        assert (rule["FromPort"], rule["ToPort"]) == (port, port)
        assert short(rule["SourceSecurityGroupId"]) == f"{clients}.GroupId"
    for name, group in of_type("AWS::EC2::SecurityGroup").items():
        assert group["SecurityGroupEgress"], f"{name}: without a rule a group may reach everything"


def test_nothing_is_in_the_default_security_group():
    """CloudFormation cannot close it, so nothing may be in it, as is whatever names no group of its own."""
    assert all(security_groups(function) for function in FUNCTIONS if in_vpc(function))
    assert RESOURCES["Database"]["Properties"]["VPCSecurityGroups"]
    assert RESOURCES["QueueEndpoint"]["Properties"]["SecurityGroupIds"]
    interfaces = {
        name for name, one in of_type("AWS::EC2::VPCEndpoint").items() if one["VpcEndpointType"] == "Interface"
    }
    assert interfaces == {"QueueEndpoint"}


def test_only_a_nat_gateway_opens_a_way_to_the_internet():
    kinds = {"InternetGateway", "VPCGatewayAttachment", "EIP", "NatGateway", "Route"}
    ways = {name: one for name, one in RESOURCES.items() if one["Type"].removeprefix("AWS::EC2::") in kinds}
    assert {one["Condition"] for one in ways.values()} == {"ThroughNat"}


def test_the_backup_may_change_no_snapshot_but_its_own():
    conditions = {str(one["Action"]): one.get("Condition") for one in statements("Backup")}
    ours = {"Ref": "AWS::StackName"}
    assert conditions["rds:AddTagsToResource"] == {"StringEquals": {f"aws:RequestTag/{snapshots.TAG}": ours}}
    assert conditions["rds:DeleteDBSnapshot"] == {"StringEquals": {f"aws:ResourceTag/{snapshots.TAG}": ours}}
    assert environment("Backup")["SNAPSHOT_PREFIX"] == ours


# --- schedules ---


def test_a_schedule_that_cannot_start_its_function_is_retried_and_then_kept():
    schedules = [event for function in FUNCTIONS for event in events(function, "ScheduleV2")]
    assert schedules
    for schedule in schedules:
        assert schedule["RetryPolicy"]["MaximumRetryAttempts"] > 0
        assert short(schedule["DeadLetterConfig"]["Arn"]) == "SchedulesDlq.Arn"
        assert short(schedule["GroupName"]) == "Schedules", "the group whose dropped invocations raise an alarm"
    assert short(ALARMS["SchedulesDroppedAlarm"]["Dimensions"][0]["Value"]) == "Schedules"


def test_the_doctor_looks_for_every_schedule():
    names = {short(event["Name"]) for function in FUNCTIONS for event in events(function, "ScheduleV2")}
    assert {name.removeprefix("${AWS::StackName}-") for name in names} == services.SCHEDULES


def test_schedules_may_only_invoke_the_functions_that_have_one():
    (policy,) = RESOURCES["ScheduleRole"]["Properties"]["Policies"]
    may = {
        (one["Action"], short(resource))
        for one in policy["PolicyDocument"]["Statement"]
        for resource in many(one["Resource"])
    }
    invoked = {("lambda:InvokeFunction", f"{name}.Arn") for name in FUNCTIONS if events(name, "ScheduleV2")}
    assert may == invoked | {("sqs:SendMessage", "SchedulesDlq.Arn")}


# --- an account that is new to everything ---


def test_api_gateway_is_used_before_its_account_is_changed_and_writes_logs_after_that():
    """AWS refuses the settings of an account that never had an API, and logs of a stage without those settings."""
    account, api = RESOURCES["ApiLogsAccount"], RESOURCES["Api"]
    assert (account["DependsOn"], "DependsOn" in api) == ("Api", False)
    assert "ApiLogsAccount" in json.dumps(api["Properties"]["Variables"])  # a property of the stage, not of the API


def test_the_two_zones_can_be_chosen():
    chosen = re.compile(TEMPLATE.parameters["Zones"]["AllowedPattern"])
    assert all(chosen.fullmatch(zones) for zones in ("", "eu-central-1a,eu-central-1c", "us-east-1b,us-east-1f"))
    assert not any(chosen.fullmatch(zones) for zones in ("eu-central-1a", "a,b", "eu-central-1a, eu-central-1b"))
    zones = {name: json.dumps(one["AvailabilityZone"]) for name, one in of_type("AWS::EC2::Subnet").items()}
    assert zones["PrivateSubnetA"] == zones["PublicSubnet"] != zones["PrivateSubnetB"]
    assert all('"Ref": "Zones"' in zone and "Fn::GetAZs" in zone for zone in zones.values())


# --- deploys ---


def test_a_deploy_is_checked_after_everything_that_answers():
    check = RESOURCES["DeployCheck"]
    assert short(check["Properties"]["ServiceToken"]) == "Healthcheck.Arn"
    answering = {name for name in FUNCTIONS if not name.startswith("Migrate")} - {"Healthcheck"}
    assert answering <= set(check["DependsOn"])


def test_only_the_version_that_a_deploy_brought_can_pass_its_check():
    named = [environment(name)["RELEASE"] for name in (*INTERACTIONS, "XpAward")]
    assert {short(one) for one in (*named, RESOURCES["DeployCheck"]["Properties"]["Release"])} == {"Migrations.Release"}


def test_every_deploy_has_a_release_of_its_own():
    """The code through the runner's version and the layers', and every parameter by itself."""
    properties = RESOURCES["Migrations"]["Properties"]
    assert short(properties["Code"]) == "Migrate.Version"
    assert [short(one) for one in properties["Layers"]] == LAYERS
    # Protection changes after a deploy that was checked, and nothing that answers.
    assert {short(one) for one in properties["Settings"]} == set(TEMPLATE.parameters) - {"Protection"}


def test_a_process_is_restored_or_waits_and_never_both():
    rule = TEMPLATE.body["Rules"]["OneWayToStart"]
    assert rule["RuleCondition"] == {"Fn::Equals": [{"Ref": "SnapStart"}, "on"]}
    [assertion] = rule["Assertions"]
    assert assertion["Assert"] == {"Fn::Equals": [{"Ref": "ProvisionedConcurrency"}, "0"]}
    defaults = {name: TEMPLATE.parameters[name]["Default"] for name in ("SnapStart", "ProvisionedConcurrency")}
    assert defaults == {"SnapStart": "off", "ProvisionedConcurrency": 0}


def test_the_api_calls_the_alias_where_there_are_versions_and_may_call_nothing_else():
    api = RESOURCES["Api"]["Properties"]
    assert api["AlwaysDeploy"], "a deployment of the API keeps what it called when it was made"
    called: dict[str, str] = {}
    for path, methods in api["DefinitionBody"]["paths"].items():
        for method, operation in methods.items():
            _, names = operation["x-amazon-apigateway-integration"]["uri"]["Fn::Sub"]
            condition, alias, function = names["Function"]["Fn::If"]
            assert (condition, short(function)) == ("Published", f"{short(alias).removesuffix('Alias')}.Arn")
            called[f"{method.upper()}{path}"] = short(alias)
    assert called == {
        "POST/interactions/main": "InteractionsMainAlias",
        "POST/interactions/tensey": "InteractionsTenseyAlias",
        "GET/health": "InteractionsMainAlias",
    }
    permitted: dict[str, str] = {}
    for permission in of_type("AWS::Lambda::Permission").values():
        condition, alias, function = permission["FunctionName"]["Fn::If"]
        assert (condition, f"{short(function)}Alias") == ("Published", short(alias))
        what = short(permission["SourceArn"]).rpartition("/live/")[2]
        path = TEMPLATE.body["Mappings"]["Functions"][short(function)].get("Path", "")
        permitted[what.replace("${Name}", path)] = short(alias)
    assert permitted == called


@pytest.mark.parametrize("function", INTERACTIONS)
def test_with_each_release_comes_a_version_from_which_processes_start(function: str):
    assert FUNCTIONS[function]["SnapStart"] == {"ApplyOn": {"Fn::If": ["FromSnapshots", "PublishedVersions", "None"]}}
    version, alias = RESOURCES[f"{function}Version"], RESOURCES[f"{function}Alias"]
    assert (version["Condition"], alias["Condition"]) == ("Published", "Published")
    assert short(version["Properties"]["Description"]) == "Migrations.Release", "a change of it makes another version"
    assert short(alias["Properties"]["FunctionVersion"]) == f"{function}Version.Version"
    condition, provisioned, nothing = alias["Properties"]["ProvisionedConcurrencyConfig"]["Fn::If"]
    assert (condition, short(nothing)) == ("Provisioned", "AWS::NoValue")
    assert provisioned == {"ProvisionedConcurrentExecutions": {"Ref": "ProvisionedConcurrency"}}


def test_the_functions_that_use_the_database_wait_for_the_migrations():
    users = [name for name in FUNCTIONS if str(environment(name).get("DATABASE_USER")).startswith("app_")]
    waiting = [environment(name).get("RELEASE", RESOURCES[name].get("DependsOn")) for name in users]
    assert {short(one) for one in waiting} == {"Migrations.Release", "Migrations"}
    migrations = RESOURCES["Migrations"]["Properties"]
    assert short(migrations["ServiceToken"]) == "MigrateGate.Arn"
    assert short(migrations["Code"]) == "Migrate.Version"
    assert [short(one) for one in migrations["Layers"]] == LAYERS


def test_only_the_functions_that_no_interaction_waits_for_have_the_extras():
    without = {name for name in FUNCTIONS if TEMPLATE.layers_of(name) == ["SharedLayer"]}
    assert without == {"InteractionsMain", "InteractionsTensey"}
    assert all(TEMPLATE.layers_of(name) == LAYERS for name in set(FUNCTIONS) - without)


def test_a_function_that_waits_for_another_waits_longer_than_that_one_may_take():
    migrations, check = (int(RESOURCES[one]["Properties"]["ServiceTimeout"]) for one in ("Migrations", "DeployCheck"))
    assert timeout("Migrate") < timeout("MigrateGate")
    assert longest_wait("MigrateGate") + timeout("MigrateGate") < migrations
    assert longest_wait("Healthcheck") + timeout("Healthcheck") < check


@pytest.mark.parametrize("function", ["MigrateGate", "Healthcheck"])
def test_a_request_of_cloudformation_waits_while_an_account_of_ten_executions_is_busy(function: str):
    assert longest_wait(function) >= 300


def longest_wait(function: str) -> int:
    """Seconds in which Lambda starts a function that it could not start at once."""
    return FUNCTIONS[function]["EventInvokeConfig"]["MaximumEventAgeInSeconds"]


def test_every_method_of_the_api_has_a_limit_of_its_own():
    api = RESOURCES["Api"]["Properties"]
    every, *own = api["MethodSettings"]
    assert (every["ResourcePath"], every["HttpMethod"]) == ("/*", "*")
    limited = {(one["ResourcePath"], one["HttpMethod"]) for one in own if one["ThrottlingRateLimit"]}
    methods = {(path, method) for path, methods in api["DefinitionBody"]["paths"].items() for method in methods}
    assert limited == {(f"/{path.replace('/', '~1')}", method.upper()) for path, method in methods}


def test_the_health_page_cannot_take_every_execution_of_a_new_account():
    (page,) = [one for one in RESOURCES["Api"]["Properties"]["MethodSettings"] if one["HttpMethod"] == "GET"]
    assert page["ThrottlingRateLimit"] * SLOWEST_PAGE < account.NEW_ACCOUNT
    assert page["ThrottlingBurstLimit"] <= account.NEW_ACCOUNT


def timeout(function: str) -> int:
    return FUNCTIONS[function].get("Timeout", DEFAULTS["Timeout"])


# --- functions ---


def test_every_function_has_its_folder_and_every_folder_its_function():
    makefile = (ROOT / "functions" / "Makefile").read_text()
    targets = re.findall(r"^((?:build-\w+ ?)+): from = (\w+)$", makefile, re.MULTILINE)
    built = {target.removeprefix("build-"): folder for names, folder in targets for target in names.split()}
    assert set(built) == set(FUNCTIONS)
    assert set(built.values()) == {path.parent.name for path in (ROOT / "functions").glob("*/handler.py")}


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_is_named_after_its_folder_and_writes_to_its_own_log(function: str):
    name = folder_of(function).replace("_", "-")
    assert short(FUNCTIONS[function]["FunctionName"]) == f"${{AWS::StackName}}-{name}"
    assert short(FUNCTIONS[function]["LoggingConfig"]["LogGroup"]) == f"{function}Log"
    assert short(RESOURCES[f"{function}Log"]["Properties"]["LogGroupName"]) == f"/aws/lambda/${{AWS::StackName}}-{name}"


def test_the_page_on_migrations_says_how_long_they_may_take():
    words = " ".join((ROOT / "docs" / "Migrations.md").read_text().split())
    assert f"must finish within {FUNCTIONS['Migrate']['Timeout']} s" in words


def test_logs_are_kept_for_30_days():
    assert deploy.LOGS_KEPT == 30
    assert {group["RetentionInDays"] for group in of_type("AWS::Logs::LogGroup").values()} == {30}


def test_the_access_log_holds_neither_bodies_nor_addresses_of_people():
    (api,) = of_type("AWS::Serverless::Api").values()
    condition, access_log, none = api["AccessLogSetting"]["Fn::If"]
    assert (condition, short(none)) == ("LogAccess", "AWS::NoValue")
    assert set(re.findall(r"\$context\.([\w.]+)", access_log["Format"])) == {
        "httpMethod",
        "integrationLatency",
        "integrationStatus",
        "requestId",
        "requestTime",
        "resourcePath",
        "responseLatency",
        "status",
    }
    assert {(one["LoggingLevel"], one["DataTraceEnabled"]) for one in api["MethodSettings"]} == {("OFF", False)}


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_is_given_the_variables_that_its_settings_need_and_no_others(function: str):
    folder = re.sub(r"(?<!^)([A-Z])", r"_\1", function).lower()
    declared = list(config.settings(*function_settings.FUNCTIONS[folder]))
    from_the_gate = {"DATABASE_HOST", "DATABASE_USER"} if folder == "migrate" else set[str]()
    needed = {one.name for one in declared if one.default is None} - SET_BY_LAMBDA - from_the_gate
    allowed = {one.name for one in declared} - SET_BY_LAMBDA - ONLY_LOCAL
    assert needed <= set(environment(function)) <= allowed


@pytest.mark.parametrize("function", [name for name in FUNCTIONS if "COMMAND_IDS" in environment(name)])
def test_the_ids_of_all_commands_fit_into_the_environment_of_a_function(function: str):
    """Lambda takes 4 kB in all: ids as many as there may be, addresses and names that are longer than they get."""
    known = {name: longest(one) for name, one in TEMPLATE.parameters.items()}
    sizes = {
        name: len(value) if isinstance(value, str) else sum(known.get(each, 110) for each in named(value))
        for name, value in environment(function).items()
    }
    assert sum(len(name) + size for name, size in sizes.items()) < 4096


def longest(parameter: Json) -> int:
    """Characters of its longest value; 64 where the template does not say."""
    values = parameter.get("AllowedValues") or [parameter[key] for key in ("MaxValue",) if key in parameter]
    return max(len(str(value)) for value in values) if values else parameter.get("MaxLength", 64)


@pytest.mark.parametrize("app", APPS)
def test_the_ids_of_all_commands_of_an_application_are_a_value_of_its_parameter(app: str):
    parameter = TEMPLATE.parameters[f"{app.title()}CommandIds"]
    ids = command_ids.written(dict.fromkeys(names(app), 2**63 - 1))
    for value in ("", ids, ids.partition(",")[0]):
        assert re.fullmatch(parameter["AllowedPattern"], value)
        assert len(value) <= parameter["MaxLength"]
    for value in (",", f"{ids},", "help", "help:12", "Help:1234567890123456", "help:1234567890123456 "):
        assert not re.fullmatch(parameter["AllowedPattern"], value)


def test_the_health_check_is_given_every_queue():
    asked = {name: set(named(environment("Healthcheck")[name])) for name in ("QUEUES_TO_EMPTY", "DEAD_LETTER_QUEUES")}
    assert asked == {"QUEUES_TO_EMPTY": SOURCES, "DEAD_LETTER_QUEUES": DEAD_LETTERS}


def test_no_parameter_is_a_secret():
    assert not {name for name, one in TEMPLATE.parameters.items() if one.get("NoEcho")}


def test_the_template_knows_the_regions_whose_authorities_the_layer_contains():
    [assertion] = TEMPLATE.body["Rules"]["RegionHasCertificateAuthorities"]["Assertions"]
    regions, _ = assertion["Assert"]["Fn::Contains"]
    assert regions == sorted(path.stem for path in (ROOT / "layers" / "shared" / "rds-ca").iterdir())


def test_every_concurrency_that_may_be_chosen_can_be_looked_up_as_a_number():
    bounds = TEMPLATE.parameters["AwardConcurrency"]
    chosen = range(bounds["MinValue"], bounds["MaxValue"] + 1)
    assert TEMPLATE.body["Mappings"]["Whole"] == {str(number): {"Number": number} for number in chosen}


# --- queues ---


def test_every_queue_has_a_dead_letter_queue_of_its_own():
    targets = {name: short(QUEUES[name]["RedrivePolicy"]["deadLetterTargetArn"]) for name in SOURCES}
    assert targets == {name: f"{name}Dlq.Arn" for name in SOURCES}
    assert {f"{name}Dlq" for name in SOURCES} <= DEAD_LETTERS


@pytest.mark.parametrize("queue", sorted(SOURCES))
def test_a_message_comes_back_alone_and_only_when_its_function_has_surely_stopped(queue: str):
    (function,) = (name for name in FUNCTIONS if queue in queues_of(name))
    (event,) = (one for one in events(function, "SQS") if short(one["Queue"]) == f"{queue}.Arn")
    assert event["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    if queue != "HandOvers":
        assert QUEUES[queue]["VisibilityTimeout"] >= 6 * timeout(function), "what AWS advises"


def test_a_request_that_a_dead_process_sent_is_asked_again_while_discord_knows_its_nonce():
    hidden = QUEUES["HandOvers"]["VisibilityTimeout"]
    assert timeout("Outbox") < hidden <= requests.WAITS_FOR_ANSWER / 2
    assert requests.WAITS_FOR_ANSWER < community.NONCES_KEPT


def test_requests_to_discord_wait_without_becoming_dead_letters():
    assert QUEUES["HandOvers"]["RedrivePolicy"]["maxReceiveCount"] == outbox.RECEIVES > outbox.HELD_AT_MOST


def test_tokens_of_interactions_rest_in_no_queue_for_longer_than_they_last():
    assert {QUEUES[queue]["MessageRetentionPeriod"] for queue in ("Edits", "EditsDlq")} == {tokens.LASTS}


def test_what_names_a_member_is_kept_in_no_queue_for_longer_than_a_day():
    """A notice and a request to Discord name a member, who may have been deleted since."""
    names = ("Notices", "HandOvers", "OutboxResults")
    kept = {QUEUES[queue]["MessageRetentionPeriod"] for name in names for queue in (name, f"{name}Dlq")}
    assert kept == {24 * 3600}


def test_every_queue_is_encrypted_and_accepts_tls_only():
    assert all(queue["SqsManagedSseEnabled"] for queue in QUEUES.values())
    guarded = [
        short(queue)
        for policy in of_type("AWS::SQS::QueuePolicy").values()
        for statement in policy["PolicyDocument"]["Statement"]
        if statement["Effect"] == "Deny" and statement["Condition"] == {"Bool": {"aws:SecureTransport": False}}
        for queue in policy["Queues"]
    ]
    assert sorted(guarded) == sorted(QUEUES)


# --- the database and the exports ---


def test_the_database_cannot_be_deleted_by_mistake_once_a_deploy_has_succeeded():
    database = RESOURCES["Database"]
    assert (database["DeletionPolicy"], database["UpdateReplacePolicy"]) == ("Snapshot", "Snapshot")
    assert database["Properties"]["DeletionProtection"] == {"Fn::If": ["Protected", True, False]}
    assert TEMPLATE.parameters["Protection"]["Default"] == "off"
    assert database["Properties"]["BackupRetentionPeriod"] == 14


OF_A_SNAPSHOT = {"DBName", "MasterUsername", "MasterUserPassword", "StorageEncrypted"}
"""What a snapshot brings with it, and is not given beside one (CloudFormation reference, AWS::RDS::DBInstance)."""


def test_a_database_is_made_of_a_snapshot_or_has_a_name_an_owner_and_encryption_of_its_own():
    properties = RESOURCES["Database"]["Properties"]
    choices = {name: value["Fn::If"] for name, value in properties.items() if "NewDatabase" in str(value)}
    absent = {"Ref": "AWS::NoValue"}
    assert {name for name, (_, _, old) in choices.items() if old == absent} == OF_A_SNAPSHOT
    assert {name: old for name, (_, new, old) in choices.items() if new == absent} == {
        "DBSnapshotIdentifier": {"Ref": "DatabaseSnapshot"},
        "ManageMasterUserPassword": True,
    }
    assert TEMPLATE.body["Conditions"]["NewDatabase"] == {"Fn::Equals": [{"Ref": "DatabaseSnapshot"}, ""]}


def test_the_migrations_get_the_owners_password_from_the_service_that_sets_it():
    own, of_rds = {"Ref": "DatabaseSecret"}, {"Fn::GetAtt": ["Database", "MasterUserSecret.SecretArn"]}
    chosen = {"Fn::If": ["OwnerSecretGiven", {"Ref": "OwnerSecretArn"}, {"Fn::If": ["NewDatabase", own, of_rds]}]}
    [readable] = [
        one["Resource"] for one in statements("MigrateGate") if one["Action"] == "secretsmanager:GetSecretValue"
    ]
    written = environment("MigrateGate")["MASTER_SECRET_ARN"], TEMPLATE.body["Outputs"]["DatabaseSecretArn"]["Value"]
    assert [readable, *written] == [chosen] * 3
    assert [RESOURCES[name]["Condition"] for name in ("DatabaseSecret", "DatabaseSecretAttachment")] == [
        "NewDatabase"
    ] * 2


MIB = 2**20


def test_logins_with_tokens_have_their_memory_and_an_alarm_says_when_it_runs_short():
    """AWS asks for 300 to 1000 MiB (RDS user guide, IAM database authentication); a micro class has not got that."""
    assert TEMPLATE.parameters["DatabaseClass"]["Default"] == "db.t4g.small"
    small = TEMPLATE.body["Conditions"]["MicroDatabase"]["Fn::Or"]
    assert {one["Fn::Equals"][1] for one in small} == {"db.t4g.micro", "db.t3.micro"}
    settings = RESOURCES["DatabaseParameters"]["Properties"]["Parameters"]
    cache, connections = (settings[name]["Fn::If"] for name in ("shared_buffers", "max_connections"))
    assert (int(cache[1]) * 8192, int(connections[1])) == (64 * MIB, 40)
    assert [cache[2], connections[2]] == [{"Ref": "AWS::NoValue"}] * 2
    alarm = ALARMS["DatabaseMemoryAlarm"]
    assert (alarm["MetricName"], alarm["ComparisonOperator"]) == ("FreeableMemory", "LessThanThreshold")
    assert alarm["Threshold"] == {"Fn::If": ["MicroDatabase", 120 * MIB, 300 * MIB]}


def test_two_games_with_the_default_number_of_snapshots_fit_into_the_quota_of_a_region():
    kept = sum(TEMPLATE.parameters[name]["Default"] for name in ("NightlySnapshots", "RequestedSnapshots"))
    one_more, last = 1, 1  # a snapshot is made before an old one goes; a deleted database leaves one
    assert 2 * (kept + one_more + last) <= 100


def test_the_database_accepts_tls_only_and_its_log_contains_nothing_that_members_wrote():
    parameters = RESOURCES["DatabaseParameters"]["Properties"]["Parameters"]
    assert parameters["rds.force_ssl"] == "1"
    assert (parameters["log_parameter_max_length"], parameters["log_error_verbosity"]) == ("0", "terse")
    assert not {"log_statement", "log_parameter_max_length_on_error"} & parameters.keys()


def test_what_the_runbook_reads_of_the_database_is_switched_on():
    database = RESOURCES["Database"]["Properties"]
    assert database["EnableCloudwatchLogsExports"] == ["postgresql"]
    assert (database["DatabaseInsightsMode"], database["EnablePerformanceInsights"]) == ("standard", True)
    assert database["PerformanceInsightsRetentionPeriod"] == 7, "more is not free"
    runbook = (ROOT / "docs" / "Troubleshooting.md").read_text()
    assert "Performance Insights" not in runbook
    parameters = RESOURCES["DatabaseParameters"]["Properties"]["Parameters"]
    assert parameters["log_error_verbosity"] == "terse"
    assert "`CONTEXT`" not in runbook, "PostgreSQL leaves it out of a terse log"


def test_exports_and_deletions_are_kept_as_long_as_the_rules_say():
    bucket = RESOURCES["ExportBucket"]["Properties"]
    assert "VersioningConfiguration" not in bucket, "a deleted export would be kept as an old version"
    rules = {rule["Prefix"]: rule for rule in bucket["LifecycleConfiguration"]["Rules"]}
    assert {rule["Status"] for rule in rules.values()} == {"Enabled"}
    assert {prefix: rule["ExpirationInDays"] for prefix, rule in rules.items()} == {
        EXPORTS: 1,
        privacy.DELETIONS: privacy.DELETIONS_KEPT.days,
    }


def test_a_first_deploy_that_fails_leaves_nothing_but_the_snapshot_of_its_empty_database():
    policies = {name: resource.get("DeletionPolicy") for name, resource in RESOURCES.items()}
    assert "Retain" not in policies.values()
    assert [name for name, policy in policies.items() if policy == "Snapshot"] == ["Database"]


def test_the_log_of_deletions_outlives_the_stack_and_whatever_could_be_restored():
    bucket, database = RESOURCES["ExportBucket"], RESOURCES["Database"]["Properties"]
    assert (bucket["DeletionPolicy"], bucket["UpdateReplacePolicy"]) == ("RetainExceptOnCreate", "Retain")
    assert privacy.DELETIONS_KEPT.days > 10 * database["BackupRetentionPeriod"]


# --- alarms ---


@pytest.mark.parametrize("alarm", ALARMS)
def test_an_alarm_watches_a_metric_that_exists_and_names_a_section_of_the_runbook(alarm: str):
    properties = ALARMS[alarm]
    dimensions = {one["Name"] for one in properties["Dimensions"]}
    assert METRICS[short(properties["Namespace"]), properties["MetricName"]] == dimensions
    written = short(properties["AlarmDescription"])
    assert written.endswith(guide_of(alarm).section), "the description ends with the section to read"
    assert guide_of(alarm).section in anchors(ROOT / runbook.FILE)
    assert "${RunbookUrl}#" in written, "a link that opens"


def guide_of(alarm: str) -> runbook.Guide:
    """What an alarm says to do, as notify reads it."""
    what, guide = described(short(ALARMS[alarm]["AlarmDescription"]))
    assert what
    assert guide.first, "the first steps, for when there is no link"
    return guide


def test_every_probe_has_its_section_and_its_first_steps():
    assert runbook.PROBES.keys() == set(health.PROBES)
    for guide in (*runbook.PROBES.values(), runbook.SILENT, runbook.WEBHOOK):
        assert guide.section in anchors(ROOT / runbook.FILE)
        assert guide.first


@pytest.mark.parametrize("alarm", ALARMS)
def test_an_alarm_is_sent_at_both_ends_and_never_to_the_function_it_is_about(alarm: str):
    properties = ALARMS[alarm]
    assert properties["TreatMissingData"] in {"breaching", "notBreaching", "ignore"}
    assert properties["AlarmActions"] == properties["OKActions"]
    about_notify = alarm.startswith(("Notify", "AlarmsDlq", "AlarmsAge"))
    topics = ["MailTopic"] if about_notify else ["AlarmTopic", "MailTopic"]
    assert [short(one) for one in properties["AlarmActions"]] == topics


def test_a_game_that_is_down_and_a_health_check_that_is_silent_have_an_alarm_each():
    silent = ALARMS["HealthSilentAlarm"]
    assert (silent["MetricName"], silent["Dimensions"]) == (
        health.CHECKS,
        [{"Name": "service", "Value": "healthcheck"}],
    )
    assert (silent["ComparisonOperator"], silent["TreatMissingData"]) == ("LessThanThreshold", "breaching")
    assert silent["Period"] == TEMPLATE.parameters["HealthPeriod"]["Default"]
    alarm = ALARMS["HealthyAlarm"]
    assert (alarm["MetricName"], alarm["Dimensions"]) == (health.HEALTHY, [{"Name": "service", "Value": "healthcheck"}])
    assert (alarm["ComparisonOperator"], alarm["TreatMissingData"]) == ("LessThanThreshold", "ignore")
    assert short(alarm["Period"]) == "HealthAlarmPeriod"
    assert TEMPLATE.parameters["HealthAlarmPeriod"]["Default"] == TEMPLATE.parameters["HealthPeriod"]["Default"]


@pytest.mark.parametrize("queue", sorted(DEAD_LETTERS))
def test_a_dead_letter_raises_an_alarm_at_once(queue: str):
    alarm = ALARMS[f"{queue}Alarm"]
    assert short(alarm["Dimensions"][0]["Value"]) == f"{queue}.QueueName"
    assert (alarm["Threshold"], alarm["EvaluationPeriods"]) == (1, 1)


@pytest.mark.parametrize("queue", sorted(SOURCES - {"XpAwards", "OutboxDue"}))
def test_messages_that_wait_longer_than_they_should_raise_an_alarm(queue: str):
    """Awards wait as long as XpDelaySeconds says; the sweep counts those that are overdue after that.

    A nudge that waits or fails is replaced by the look of the next minute.
    """
    alarm = ALARMS[f"{queue}AgeAlarm"]
    assert short(alarm["Dimensions"][0]["Value"]) == f"{queue}.QueueName"
    # Silence waits in the queue until the next health check must have reported.
    held = alerts.LATE * TEMPLATE.parameters["HealthAlarmPeriod"]["Default"] if queue == "Alarms" else 0
    assert alarm["Threshold"] > held


@pytest.mark.parametrize("queue", sorted(SOURCES - {"Alarms", "OutboxDue"}))
def test_messages_that_fail_again_and_again_raise_an_alarm_within_a_quarter_of_an_hour(queue: str):
    alarm = ALARMS[f"{COUNTED_WITH.get(queue, queue)}StuckAlarm"]
    assert (alarm["MetricName"], alarm["Threshold"], alarm["Statistic"]) == (observability.STUCK, 1, "Sum")
    takers = [name for name in FUNCTIONS if queue in queues_of(name)]
    assert [folder_of(name) for name in takers] == [alarm["Dimensions"][0]["Value"]]
    counted = batches.DELIVERIES * QUEUES[queue]["VisibilityTimeout"]
    assert counted + (alarm["EvaluationPeriods"] + 1) * alarm["Period"] < 900
    assert QUEUES[queue]["RedrivePolicy"]["maxReceiveCount"] > batches.DELIVERIES


def test_a_missing_backup_raises_an_alarm_and_so_does_a_backup_that_never_runs():
    alarm = ALARMS["BackupMissingAlarm"]
    # Not one of the hours that count has seen a backup succeed.
    hours = timedelta(seconds=alarm["Period"] * alarm["EvaluationPeriods"])
    assert hours == health.SNAPSHOT_AGE
    assert alarm.get("DatapointsToAlarm", alarm["EvaluationPeriods"]) == alarm["EvaluationPeriods"]
    assert (alarm["Statistic"], alarm["ComparisonOperator"]) == ("Maximum", "LessThanThreshold")
    assert alarm["TreatMissingData"] == "breaching"


@pytest.mark.parametrize("function", [name for name in FUNCTIONS if not name.startswith("Migrate")])
def test_errors_throttles_and_bugs_of_a_function_raise_alarms_on_that_function(function: str):
    for metric in ("Errors", "Throttles"):
        alarm = ALARMS[f"{function}{metric}Alarm"]
        assert (alarm["MetricName"], short(alarm["Dimensions"][0]["Value"])) == (metric, function)
    assert ALARMS[f"{function}BugsAlarm"]["Dimensions"] == [{"Name": "service", "Value": folder_of(function)}]


def test_slow_answers_raise_an_alarm_before_discord_stops_waiting():
    for function in INTERACTIONS:
        alarm = ALARMS[f"{function}SlowAlarm"]
        assert short(alarm["Dimensions"][0]["Value"]) == function
        assert alarm["Threshold"] < 3000


def test_the_dashboard_shows_every_alarm_and_only_metrics_that_exist():
    alarms, *charts = json.loads(short(RESOURCES["Dashboard"]["Properties"]["DashboardBody"]))["widgets"]
    always = [name for name in ALARMS if "Condition" not in RESOURCES[name]]
    assert sorted(alarms["properties"]["alarms"]) == sorted(f"${{{name}.Arn}}" for name in always)
    assert sum(len(chart["properties"]["metrics"]) for chart in charts) <= FREE_METRICS
    for chart in charts:
        before: list[str] = []
        for row in chart["properties"]["metrics"]:
            cells = [cell for cell in row if isinstance(cell, str)]
            before = [before[place] if cell == "." else cell for place, cell in enumerate(cells)]
            namespace, metric, *dimensions = before
            assert METRICS[namespace.replace("${AWS::StackName}", "AWS::StackName"), metric] == {*dimensions[::2]}


def test_our_metrics_are_written_where_the_alarms_look():
    assert short(DEFAULTS["Environment"]["Variables"]["POWERTOOLS_METRICS_NAMESPACE"]) == "AWS::StackName"
    own = {alarm["MetricName"]: alarm for alarm in ALARMS.values() if short(alarm["Namespace"]) == "AWS::StackName"}
    assert own[observability.OVERDUE]["Dimensions"] == [{"Name": "service", "Value": "xp_award"}]


def test_alarms_reach_their_queue():
    """Not under the key alias/aws/sns: CloudWatch could not publish, and would not say so."""
    assert "KmsMasterKeyId" not in RESOURCES["AlarmTopic"]["Properties"] | RESOURCES["MailTopic"]["Properties"]
    subscription = RESOURCES["AlarmSubscription"]["Properties"]
    assert (subscription["Protocol"], short(subscription["Endpoint"])) == ("sqs", "Alarms.Arn")
    assert subscription["RawMessageDelivery"] is True
    policy = RESOURCES["AlarmsQueuePolicy"]["Properties"]["PolicyDocument"]
    (allow,) = [one for one in policy["Statement"] if one["Effect"] == "Allow"]
    assert allow["Principal"] == {"Service": "sns.amazonaws.com"}
    assert short(allow["Condition"]["ArnEquals"]["aws:SourceArn"]) == "AlarmTopic"


def test_an_alert_goes_by_e_mail_before_its_message_becomes_a_dead_letter():
    queue = QUEUES["Alarms"]
    tries = queue["VisibilityTimeout"] * queue["RedrivePolicy"]["maxReceiveCount"]
    assert tries > alerts.PATIENCE.total_seconds() + 2 * queue["VisibilityTimeout"]
    assert alerter.LEASE.total_seconds() > DEFAULTS["Timeout"], "one that sends is not overtaken"
    longest = max(TEMPLATE.parameters["HealthAlarmPeriod"]["AllowedValues"])
    assert tries > alerts.LATE * longest, "silence is decided before"


def test_a_notice_outlasts_the_longest_rest_that_discord_may_ask_for():
    queue = QUEUES["Notices"]
    tries = queue["VisibilityTimeout"] * queue["RedrivePolicy"]["maxReceiveCount"]
    assert tries > webhooks.LONGEST_WAIT + 2 * queue["VisibilityTimeout"]
    assert tries < queue["MessageRetentionPeriod"], "an alarm says it before it is gone"


@pytest.mark.parametrize("url", ["", "https://example.org/our/fork/docs/Troubleshooting.md"])
def test_the_runbooks_link_is_none_or_https(url: str):
    parameter = TEMPLATE.parameters["RunbookUrl"]
    assert parameter["Default"] == ""
    assert re.fullmatch(parameter["AllowedPattern"], url)
    assert url == "" or LINK.fullmatch(url)


@pytest.mark.parametrize(
    "url", ["docs/Troubleshooting.md", "http://example.org/x", "https://example.org/x#y", "https://"]
)
def test_anything_else_is_no_link_to_the_runbook(url: str):
    assert not re.fullmatch(TEMPLATE.parameters["RunbookUrl"]["AllowedPattern"], url)
    assert not LINK.fullmatch(url)


def test_the_access_log_is_off_and_with_it_goes_all_that_needs_it():
    assert TEMPLATE.parameters["AccessLog"]["Default"] == "off"
    needs = {name for name, one in RESOURCES.items() if one.get("Condition") in {"LogAccess", "SetApiLogsRole"}}
    assert needs == {"ApiLog", "ApiErrorsFilter", "ApiErrorsAlarm", "ApiLogsAccountRole", "ApiLogsAccount"}


def test_a_flood_of_refused_requests_raises_an_alarm_and_our_own_forgeries_do_not():
    alarm = ALARMS["RefusalsAlarm"]
    assert (alarm["MetricName"], alarm["Statistic"], alarm["Period"]) == ("4XXError", "Sum", 900)
    forged = len(APPS) * check.TRIES  # the probes main and tensey, when each try fails
    assert alarm["Threshold"] > 5 * forged * alarm["Period"] / min(TEMPLATE.parameters["HealthPeriod"]["AllowedValues"])
    assert alarm["Threshold"] <= alarm["Period"] * TEMPLATE.parameters["ThrottleRate"]["Default"] / 10


def test_the_firewall_counts_the_health_page_and_what_has_no_signature_and_lets_everything_else_through():
    assert TEMPLATE.parameters["FirewallRate"]["Default"] == 0
    firewall = RESOURCES["Firewall"]["Properties"]
    assert (firewall["Scope"], firewall["DefaultAction"]) == ("REGIONAL", {"Allow": {}})
    ((rule,), limit) = firewall["Rules"], firewall["Rules"][0]["Statement"]["RateBasedStatement"]
    assert (rule["Action"], short(limit["Limit"]), limit["AggregateKeyType"]) == ({"Block": {}}, "FirewallRate", "IP")
    health_page, unsigned = limit["ScopeDownStatement"]["OrStatement"]["Statements"]
    assert health_page["ByteMatchStatement"]["SearchString"] == "/health"
    signed = unsigned["NotStatement"]["Statement"]["AndStatement"]["Statements"]
    headers = [one["SizeConstraintStatement"]["FieldToMatch"]["SingleHeader"]["Name"] for one in signed]
    assert headers == [name.lower() for name in signed_headers(new_private_key(), b"", 0) if name.startswith("X-")]
    association = RESOURCES["FirewallOfTheApi"]["Properties"]["ResourceArn"]
    assert short(association).endswith("/restapis/${Api}/stages/${Api.Stage}")


def test_the_503_of_our_own_health_page_is_no_error_of_the_api():
    pattern = RESOURCES["ApiErrorsFilter"]["Properties"]["FilterPattern"]
    assert pattern == '{ ($.status = "5*") && ($.path != "/health") }'


def test_the_rules_say_of_every_parameter_whether_it_is_a_setting_or_takes_a_deploy():
    """Once each, and those of settings name no other (docs/rules/settings.md)."""
    page = (ROOT / "docs/rules/settings.md").read_text().split("## Every parameter of the template")[1]
    rows = [re.findall(r"`(\w+)`", line.split("|")[1]) for line in page.splitlines() if line.startswith("| `")]
    assert sorted(name for row in rows for name in row) == sorted(TEMPLATE.body["Parameters"])


# --- tags ---

UNTAGGABLE = {
    "AWS::ApiGateway::Account", "AWS::EC2::Route", "AWS::EC2::SubnetRouteTableAssociation",
    "AWS::EC2::VPCGatewayAttachment", "AWS::IAM::ManagedPolicy", "AWS::Lambda::Alias", "AWS::Lambda::Permission",
    "AWS::Lambda::Version", "AWS::Logs::MetricFilter", "AWS::S3::BucketPolicy", "AWS::SNS::Subscription",
    "AWS::SNS::TopicPolicy", "AWS::SQS::QueuePolicy", "AWS::SecretsManager::SecretTargetAttachment",
    "AWS::Serverless::LayerVersion", "AWS::WAFv2::WebACLAssociation", "Custom::DeployCheck", "Custom::Migrations",
}  # fmt: skip
"""Types that can have no tag, as CloudFormation's own schemas say; they cost nothing, or only SnapStart's versions."""

TAGGABLE = {
    "AWS::CloudWatch::Alarm", "AWS::CloudWatch::Dashboard", "AWS::EC2::EIP", "AWS::EC2::InternetGateway",
    "AWS::EC2::NatGateway", "AWS::EC2::RouteTable", "AWS::EC2::SecurityGroup", "AWS::EC2::Subnet", "AWS::EC2::VPC",
    "AWS::EC2::VPCEndpoint", "AWS::IAM::Role", "AWS::Logs::LogGroup", "AWS::RDS::DBInstance",
    "AWS::RDS::DBParameterGroup", "AWS::RDS::DBSubnetGroup", "AWS::S3::Bucket", "AWS::SNS::Topic", "AWS::SQS::Queue",
    "AWS::Scheduler::ScheduleGroup", "AWS::SecretsManager::Secret", "AWS::Serverless::Api",
    "AWS::Serverless::Function", "AWS::WAFv2::WebACL",
}  # fmt: skip
"""Types to which CloudFormation hands the tags of the stack on."""


def test_every_resource_has_the_tag_of_the_stack_but_for_types_that_can_have_none():
    assert {one["Type"] for one in RESOURCES.values()} <= TAGGABLE | UNTAGGABLE


def test_a_snapshot_of_the_database_has_its_tags():
    for one in RESOURCES.values():
        if one["Type"] == "AWS::RDS::DBInstance" and "SourceDBInstanceIdentifier" not in one["Properties"]:
            assert one["Properties"]["CopyTagsToSnapshot"] is True


def test_whoever_deploys_tags_the_stack_with_its_name():
    settings = tomllib.loads((ROOT / "samconfig.toml").read_text())["default"]["deploy"]["parameters"]
    assert settings["tags"] == f"{costs.TAG}={settings['stack_name']}"
