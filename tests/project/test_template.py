"""Reads the template against docs/rules/reach.md: who may reach what, nothing else, and nothing that fails unseen."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from devkit.template import Template
from mastermind import config, observability
from mastermind.game.privacy import rules as privacy
from mastermind.operations.alerts import rules as alerts
from mastermind.operations.backup import rules as snapshots
from mastermind.operations.health import rules as health
from tests.project.test_laws import anchors

ROOT = Path(__file__).parents[2]
TEMPLATE = Template.read(ROOT / "template.yaml")
RESOURCES: dict[str, Any] = TEMPLATE.body["Resources"]


@dataclass(frozen=True, slots=True)
class Reach:
    """One row of the table: security groups (none outside the VPC), database role, and AWS actions by resource."""

    groups: frozenset[str]
    role: str | None
    actions: frozenset[tuple[str, str]]


def reach(groups: set[str], role: str | None, *actions: tuple[str, str]) -> Reach:
    return Reach(frozenset(groups), role, frozenset(actions))


PARAMETERS = "arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}:parameter/${AWS::StackName}"
RDS = "arn:${AWS::Partition}:rds:${AWS::Region}:${AWS::AccountId}"

SNAPSHOT_WORK = ("CreateDBSnapshot", "AddTagsToResource", "DeleteDBSnapshot")
OUR_SNAPSHOTS = (f"{RDS}:snapshot:${{AWS::StackName}}-20*", f"{RDS}:snapshot:${{AWS::StackName}}-manual-20*")

POLLING = ("ReceiveMessage", "DeleteMessage", "GetQueueAttributes")

# docs/rules/reach.md. Sending is no receiving: the last three of xp_award, of notify and of backup are what Lambda's
# poller does in their name. Beyond the table notify reads what the health check has found, to say it, and remembers
# what it has told.
REACH = {
    "InteractionsMain": reach(
        {"DatabaseClients", "QueueClients", "StorageClients"},
        "app_main",
        ("sqs:SendMessage", "Jobs.Arn"),
        ("s3:PutObject", "${ExportBucket.Arn}/exports/*"),
        ("s3:PutObject", "${ExportBucket.Arn}/deletions/*"),
        ("s3:GetObject", "${ExportBucket.Arn}/exports/*"),
    ),
    "InteractionsTensey": reach(
        {"DatabaseClients", "QueueClients"},
        "app_tensey",
        ("sqs:SendMessage", "XpAwards.Arn"),
    ),
    "XpAward": reach(
        {"DatabaseClients", "QueueClients"},
        "app_award",
        ("sqs:SendMessage", "Notices.Arn"),
        *((f"sqs:{action}", "XpAwards.Arn") for action in POLLING),
    ),
    "Notify": reach(
        set(),
        None,
        ("ssm:GetParameter", f"{PARAMETERS}/${{AnnouncementsWebhook}}"),
        ("ssm:GetParameter", f"{PARAMETERS}/${{AlertsWebhook}}"),
        ("ssm:GetParameter", f"{PARAMETERS}/health/state"),
        ("ssm:GetParameter", f"{PARAMETERS}/alerts/*"),
        ("ssm:PutParameter", f"{PARAMETERS}/alerts/*"),
        ("ssm:GetParametersByPath", f"{PARAMETERS}/alerts"),
        ("sns:Publish", "MailTopic"),
        *((f"sqs:{action}", f"{queue}.Arn") for queue in ("Notices", "Alarms") for action in POLLING),
    ),
    "Healthcheck": reach(
        set(),
        None,
        ("lambda:InvokeFunction", "XpAward.Arn"),
        *(("sqs:GetQueueAttributes", f"{queue}.Arn") for queue in ("XpAwards", "Notices", "Jobs", "Alarms")),
        *(("sqs:GetQueueAttributes", f"{queue}Dlq.Arn") for queue in ("XpAwards", "Notices", "Jobs", "Alarms")),
        ("sqs:GetQueueAttributes", "SchedulesDlq.Arn"),
        ("rds:DescribeDBSnapshots", f"{RDS}:db:${{Database}}"),
        ("rds:DescribeDBSnapshots", f"{RDS}:snapshot:*"),
        ("cloudwatch:PutMetricData", "*"),
        ("ssm:GetParameter", f"{PARAMETERS}/health/state"),
        ("ssm:PutParameter", f"{PARAMETERS}/health/state"),
    ),
    "Backup": reach(
        set(),
        None,
        ("rds:DescribeDBSnapshots", f"{RDS}:db:${{Database}}"),
        ("rds:DescribeDBSnapshots", f"{RDS}:snapshot:*"),
        ("rds:CreateDBSnapshot", f"{RDS}:db:${{Database}}"),
        *((f"rds:{action}", name) for action in SNAPSHOT_WORK for name in OUR_SNAPSHOTS),
        *((f"sqs:{action}", "Jobs.Arn") for action in POLLING),
    ),
    "Migrate": reach({"DatabaseClients"}, "mastermind_owner"),
    "MigrateGate": reach(
        set(),
        None,
        ("secretsmanager:GetSecretValue", "DatabaseSecret"),
        ("lambda:InvokeFunction", "Migrate.Arn"),
    ),
}

# What may be alarmed upon: AWS's own names (a misspelt one is silent for ever) and ours, each with its dimensions.
METRICS = {
    ("AWS/SQS", "ApproximateNumberOfMessagesVisible"): {"QueueName"},
    ("AWS/SQS", "ApproximateAgeOfOldestMessage"): {"QueueName"},
    ("AWS/Lambda", "Errors"): {"FunctionName"},
    ("AWS/Lambda", "Throttles"): {"FunctionName"},
    ("AWS/Lambda", "Duration"): {"FunctionName"},
    ("AWS/ApiGateway", "5XXError"): {"ApiName", "Stage"},
    ("AWS/RDS", "CPUUtilization"): {"DBInstanceIdentifier"},
    ("AWS/RDS", "CPUSurplusCreditsCharged"): {"DBInstanceIdentifier"},
    ("AWS/RDS", "DatabaseConnections"): {"DBInstanceIdentifier"},
    ("AWS/RDS", "FreeStorageSpace"): {"DBInstanceIdentifier"},
    ("AWS/RDS", "FreeableMemory"): {"DBInstanceIdentifier"},
    ("AWS/Scheduler", "InvocationDroppedCount"): {"ScheduleGroup"},
    ("AWS::StackName", health.HEALTHY): {"service"},
    ("AWS::StackName", health.metric("ledger")): {"service"},
    ("AWS::StackName", observability.OVERDUE): {"service"},
    ("AWS::StackName", observability.BUGS): {"service"},
    ("AWS::StackName", observability.BACKUPS): {"service"},
}

# What the dashboard shows besides.
SHOWN = {
    ("AWS/ApiGateway", "Count"): {"ApiName", "Stage"},
    ("AWS/ApiGateway", "4XXError"): {"ApiName", "Stage"},
    ("AWS/ApiGateway", "Latency"): {"ApiName", "Stage"},
    ("AWS/Scheduler", "InvocationAttemptCount"): {"ScheduleGroup"},
    ("AWS/Scheduler", "TargetErrorCount"): {"ScheduleGroup"},
    ("AWS::StackName", observability.UNAVAILABLE): {"service"},
    **{("AWS::StackName", health.metric(probe)): {"service"} for probe in health.PROBES},
}

SET_BY_LAMBDA = {"AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"}
ONLY_LOCAL = {"DATABASE_PASSWORD", "DATABASE_SSLMODE", "AWS_ENDPOINT_URL"}


def of_type(kind: str) -> dict[str, dict[str, Any]]:
    return {name: resource["Properties"] for name, resource in TEMPLATE.resources(kind)}


FUNCTIONS = of_type("AWS::Serverless::Function")
QUEUES = of_type("AWS::SQS::Queue")
ALARMS = of_type("AWS::CloudWatch::Alarm")
DEFAULTS: dict[str, Any] = TEMPLATE.body["Globals"]["Function"]


def short(value: Any) -> str:  # noqa: ANN401 (any JSON)
    """A reference as one writes it: `XpAwards.Arn`, `Alarms`, `${ExportBucket.Arn}/*`."""
    match value:
        case {"Ref": name}:
            return str(name)
        case {"Fn::GetAtt": [name, attribute]}:
            return f"{name}.{attribute}"
        case {"Fn::Sub": [text, _]} | {"Fn::Sub": text}:
            return str(text)
        case _:
            return str(value)


def many(value: object) -> list[Any]:
    return list(value) if isinstance(value, list) else [value]  # pyright: ignore[reportUnknownArgumentType]


def role_of(function: str) -> dict[str, Any]:
    return RESOURCES[short(FUNCTIONS[function]["Role"]).removesuffix(".Arn")]["Properties"]


def statements(function: str) -> list[dict[str, Any]]:
    """What the function's own role says, without the policy that lets Lambda plug it into the VPC."""
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


# --- reach ---


def test_the_table_of_reach_has_a_row_for_every_function():
    assert set(FUNCTIONS) == set(REACH)


@pytest.mark.parametrize("function", REACH)
def test_a_function_carries_the_security_groups_of_its_row_and_no_other(function: str):
    places = FUNCTIONS[function].get("VpcConfig", {"SecurityGroupIds": [], "SubnetIds": []})
    assert {short(group).removesuffix(".GroupId") for group in places["SecurityGroupIds"]} == REACH[function].groups
    assert {short(subnet) for subnet in places["SubnetIds"]} <= {"PrivateSubnetA", "PrivateSubnetB"}


@pytest.mark.parametrize("function", REACH)
def test_a_function_may_call_what_its_row_says_and_nothing_else(function: str):
    row = REACH[function]
    own_log = {(action, f"{function}Log.Arn") for action in ("logs:CreateLogStream", "logs:PutLogEvents")}
    assert {one["Effect"] for one in statements(function)} == {"Allow"}
    assert allowed(function) - connections(function) == set(row.actions) | own_log


@pytest.mark.parametrize("function", REACH)
def test_a_function_enters_the_database_under_its_own_role_only(function: str):
    row = REACH[function]
    assert environment(function).get("DATABASE_USER") == row.role
    by_token = {row.role} if row.role and row.role.startswith("app_") else set[str]()
    assert {resource.rpartition("/")[2] for _, resource in connections(function)} == by_token


def connections(function: str) -> set[tuple[str, str]]:
    prefix = "arn:${AWS::Partition}:rds-db:${AWS::Region}:${AWS::AccountId}:dbuser:${Id}/"
    found = {one for one in allowed(function) if one[0] == "rds-db:connect"}
    assert all(resource.startswith(prefix) for _, resource in found), "a role of this very instance"
    return found


@pytest.mark.parametrize("function", [name for name, row in REACH.items() if (row.role or "").startswith("app_")])
def test_after_a_restore_a_function_enters_the_instance_that_is_named_and_no_other(function: str):
    named = {"Fn::If": ["Restored", {"Ref": "DatabaseResourceId"}, {"Fn::GetAtt": ["Database", "DbiResourceId"]}]}
    (entry,) = (one for one in statements(function) if one["Action"] == "rds-db:connect")
    assert entry["Resource"]["Fn::Sub"][1] == {"Id": named}
    assert TEMPLATE.body["Conditions"]["Restored"] == {"Fn::Not": [{"Fn::Equals": [{"Ref": "DatabaseResourceId"}, ""]}]}
    assert TEMPLATE.parameters["DatabaseResourceId"]["Default"] == ""


def test_nothing_in_the_vpc_reads_a_secret():
    readers = {function for function in FUNCTIONS if "DatabaseSecret" in str(FUNCTIONS[function])}
    assert not {function for function in readers if in_vpc(function)}


def test_only_lambda_itself_may_plug_a_function_into_the_vpc():
    """The managed policy's second statement takes the first one's rights from the function's own code."""
    plug, refuse = RESOURCES["LiveInTheVpc"]["Properties"]["PolicyDocument"]["Statement"]
    assert all(action.startswith("ec2:") for action in plug["Action"])
    assert (refuse["Effect"], refuse["Action"], refuse["Resource"]) == ("Deny", "ec2:*", "*")
    assert "function:${AWS::StackName}-*" in short(refuse["Condition"]["ArnLike"]["lambda:SourceFunctionArn"])
    for function in FUNCTIONS:
        managed = [short(one) for one in role_of(function).get("ManagedPolicyArns", [])]
        assert managed == (["LiveInTheVpc"] if in_vpc(function) else []), function


def test_every_role_is_one_functions_alone():
    roles = [short(function["Role"]) for function in FUNCTIONS.values()]
    assert len(set(roles)) == len(roles)
    for name, role in of_type("AWS::IAM::Role").items():
        (trust,) = role["AssumeRolePolicyDocument"]["Statement"]
        assert set(trust["Principal"]) == {"Service"}, name


def test_the_endpoints_let_each_sender_do_what_its_role_may_and_no_more():
    for endpoint, group, service in (
        ("QueueEndpoint", "QueueClients", "sqs:SendMessage"),
        ("StorageEndpoint", "StorageClients", "s3:"),
    ):
        (statement,) = RESOURCES[endpoint]["Properties"]["PolicyDocument"]["Statement"]
        senders = {name for name, row in REACH.items() if group in row.groups}
        let_in = statement["Condition"]["ArnEquals"]["aws:PrincipalArn"]
        assert {short(one) for one in let_in} == {f"{name}Role.Arn" for name in senders}
        # A link is followed from outside: nobody in the VPC reads.
        may = {one for name in senders for one in REACH[name].actions if one[0].startswith(service)} - {
            ("s3:GetObject", "${ExportBucket.Arn}/exports/*")
        }
        assert {
            (action, short(resource))
            for action in many(statement["Action"])
            for resource in many(statement["Resource"])
        } == may


def test_the_database_and_the_endpoint_let_in_their_clients_only():
    for group, port, clients in (
        ("DatabaseGroup", 5432, "DatabaseClients"),
        ("QueueEndpointGroup", 443, "QueueClients"),
    ):
        (rule,) = RESOURCES[group]["Properties"]["SecurityGroupIngress"]
        assert (rule["FromPort"], rule["ToPort"]) == (port, port)
        assert short(rule["SourceSecurityGroupId"]) == f"{clients}.GroupId"
    for name, group in of_type("AWS::EC2::SecurityGroup").items():
        assert group["SecurityGroupEgress"], f"{name}: without a rule a group may reach everything"


def test_there_is_a_way_to_the_internet_only_with_a_nat_gateway():
    kinds = {"InternetGateway", "VPCGatewayAttachment", "EIP", "NatGateway", "Route"}
    ways = {name: one for name, one in RESOURCES.items() if one["Type"].removeprefix("AWS::EC2::") in kinds}
    assert len(ways) == 6
    assert {one["Condition"] for one in ways.values()} == {"ThroughNat"}
    assert RESOURCES["QueueEndpoint"]["Condition"] == "ThroughEndpoint"


def test_one_endpoint_in_one_zone_is_the_way_out_unless_more_is_asked_for():
    assert [TEMPLATE.parameters[one]["Default"] for one in ("EgressMode", "EndpointZones")] == ["endpoint", 1]
    first, second = RESOURCES["QueueEndpoint"]["Properties"]["SubnetIds"]
    assert short(first) == "PrivateSubnetA"
    assert second == {"Fn::If": ["EndpointInBothZones", {"Ref": "PrivateSubnetB"}, {"Ref": "AWS::NoValue"}]}


def test_no_concurrency_is_reserved_unless_asked_for():
    """A new account has ten in all, of which any reservation would take too many: the deploy would fail."""
    assert TEMPLATE.parameters["ReservedConcurrency"]["Default"] == -1
    kept = {name: one["ReservedConcurrentExecutions"] for name, one in FUNCTIONS.items() if "Reserved" in str([*one])}
    asked = {"Fn::If": ["ReserveConcurrency", {"Ref": "ReservedConcurrency"}, {"Ref": "AWS::NoValue"}]}
    assert kept == dict.fromkeys(("InteractionsMain", "InteractionsTensey"), asked)


def test_the_api_lets_through_as_much_as_the_parameters_say():
    (api,) = of_type("AWS::Serverless::Api").values()
    (every,) = api["MethodSettings"]
    assert (every["ResourcePath"], every["HttpMethod"]) == ("/*", "*")
    assert (short(every["ThrottlingRateLimit"]), short(every["ThrottlingBurstLimit"])) == (
        "ThrottleRate",
        "ThrottleBurst",
    )
    assert api["EndpointConfiguration"] == {"Type": "REGIONAL"}


@pytest.mark.parametrize(
    ("function", "schedule", "expression", "event"),
    [
        ("XpAward", "Sweep", "rate(1 minute)", '{"sweep": true}'),
        (
            "Healthcheck",
            "Check",
            {"Fn::If": ["CheckEachMinute", "rate(1 minute)", "rate(5 minutes)"]},
            '{"check": true}',
        ),
        ("Backup", "Night", "cron(0 3 * * ? *)", '{"night": true}'),
        ("Backup", "Again", "cron(0 4 * * ? *)", '{"night": true}'),
    ],
)
def test_a_schedule_is_tried_again_and_missed_when_it_cannot_start_its_function(
    function: str, schedule: str, expression: object, event: str
):
    found = FUNCTIONS[function]["Events"][schedule]["Properties"]
    assert (found["ScheduleExpression"], found["Input"]) == (expression, event)
    assert found["RetryPolicy"]
    assert short(found["DeadLetterConfig"]["Arn"]) == "SchedulesDlq.Arn"


def test_schedules_may_do_nothing_but_invoke():
    (policy,) = RESOURCES["ScheduleRole"]["Properties"]["Policies"]
    may = {
        (one["Action"], short(resource))
        for one in policy["PolicyDocument"]["Statement"]
        for resource in many(one["Resource"])
    }
    scheduled = {
        name
        for name, function in FUNCTIONS.items()
        if any(event["Type"] == "ScheduleV2" for event in function.get("Events", {}).values())
    }
    invoked = {("lambda:InvokeFunction", f"{name}.Arn") for name in scheduled}
    assert may == invoked | {("sqs:SendMessage", "SchedulesDlq.Arn")}


def test_the_health_check_asks_of_every_dead_letter_queue_and_tells_metrics_of_this_stack_only():
    asked = environment("Healthcheck")["DEAD_LETTER_QUEUES"]["Fn::Join"][1]
    assert {short(queue) for queue in asked} == {queue for queue in QUEUES if queue.endswith("Dlq")}
    (telling,) = [one for one in statements("Healthcheck") if one["Action"] == "cloudwatch:PutMetricData"]
    assert telling["Condition"] == {"StringEquals": {"cloudwatch:namespace": {"Ref": "AWS::StackName"}}}
    parameter = short(environment("Healthcheck")["HEALTH_STATE_PARAMETER"])
    assert ("ssm:PutParameter", PARAMETERS + parameter.removeprefix("/${AWS::StackName}")) in allowed("Healthcheck")


def test_the_backup_comes_in_the_operators_night_and_may_touch_no_snapshot_but_its_own():
    for schedule in ("Night", "Again"):
        assert short(FUNCTIONS["Backup"]["Events"][schedule]["Properties"]["ScheduleExpressionTimezone"]) == "TimeZone"
    conditions = {one["Action"]: one.get("Condition") for one in statements("Backup") if isinstance(one["Action"], str)}
    ours = {"Ref": "AWS::StackName"}
    assert conditions == {
        "rds:DescribeDBSnapshots": None,
        "rds:CreateDBSnapshot": None,
        "rds:AddTagsToResource": {"StringEquals": {f"aws:RequestTag/{snapshots.TAG}": ours}},
        "rds:DeleteDBSnapshot": {"StringEquals": {f"aws:ResourceTag/{snapshots.TAG}": ours}},
    }
    assert environment("Backup")["SNAPSHOT_PREFIX"] == ours
    assert short(environment("Backup")["RDS_INSTANCE"]) == "Database"


def test_a_job_comes_back_alone_and_has_the_functions_time_for_itself():
    event = FUNCTIONS["Backup"]["Events"]["Asked"]["Properties"]
    assert short(event["Queue"]) == "Jobs.Arn"
    assert (event["BatchSize"], event["FunctionResponseTypes"]) == (1, ["ReportBatchItemFailures"])
    assert QUEUES["Jobs"]["VisibilityTimeout"] >= 6 * FUNCTIONS["Backup"]["Timeout"]
    assert short(environment("InteractionsMain")["JOBS_QUEUE_URL"]) == "Jobs"


def test_the_health_check_comes_every_five_minutes_unless_a_test_is_in_a_hurry():
    assert TEMPLATE.parameters["HealthPeriod"]["Default"] == 300
    assert TEMPLATE.body["Conditions"]["CheckEachMinute"] == {"Fn::Equals": [{"Ref": "HealthPeriod"}, 60]}


def test_a_deploy_is_checked_after_everything_that_answers():
    check = RESOURCES["DeployCheck"]
    assert short(check["Properties"]["ServiceToken"]) == "Healthcheck.Arn"
    answering = {name for name in FUNCTIONS if not name.startswith("Migrate")} - {"Healthcheck"}
    assert answering | {"Migrations"} <= set(check["DependsOn"])


def test_every_deploy_changes_a_property_of_its_check():
    """The code through the runner's version and the layer's, and every parameter by itself."""
    properties = RESOURCES["DeployCheck"]["Properties"]
    assert (short(properties["Code"]), short(properties["Layer"])) == ("Migrate.Version", "SharedLayer")
    assert {short(one) for one in properties["Settings"]} == set(TEMPLATE.parameters)


# --- functions ---


def test_every_function_has_its_folder_and_every_folder_its_function():
    makefile = (ROOT / "functions" / "Makefile").read_text()
    targets = re.findall(r"^((?:build-\w+ ?)+): from = (\w+)$", makefile, re.MULTILINE)
    built = {target.removeprefix("build-"): folder for names, folder in targets for target in names.split()}
    assert set(built) == set(FUNCTIONS)
    assert set(built.values()) == {
        path.name for path in (ROOT / "functions").iterdir() if (path / "__init__.py").exists()
    }


@pytest.mark.parametrize("function", REACH)
def test_a_function_is_named_after_its_folder_and_writes_to_its_own_log(function: str):
    name = folder_of(function).replace("_", "-")
    assert short(FUNCTIONS[function]["FunctionName"]) == f"${{AWS::StackName}}-{name}"
    assert short(FUNCTIONS[function]["LoggingConfig"]["LogGroup"]) == f"{function}Log"
    assert short(RESOURCES[f"{function}Log"]["Properties"]["LogGroupName"]) == f"/aws/lambda/${{AWS::StackName}}-{name}"


def test_logs_are_kept_for_30_days():
    assert {group["RetentionInDays"] for group in of_type("AWS::Logs::LogGroup").values()} == {30}


def test_the_access_log_holds_neither_bodies_nor_addresses_of_people():
    (api,) = of_type("AWS::Serverless::Api").values()
    assert set(re.findall(r"\$context\.([\w.]+)", api["AccessLogSetting"]["Format"])) == {
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


@pytest.mark.parametrize("function", REACH)
def test_a_function_is_given_variables_that_config_declares_and_lacks_none(function: str):
    declared = {variable.name for variable in config.VARIABLES}
    given = set(environment(function))
    assert given <= declared - SET_BY_LAMBDA - ONLY_LOCAL
    if "DATABASE_USER" in given:
        needed = {one.name for one in config.VARIABLES if one.default is None and one.name.startswith("DATABASE_")}
        assert needed | {"DATABASE_SSLROOTCERT"} <= given


def test_everything_that_config_requires_is_given_to_both_interaction_functions():
    required = {one.name for one in config.VARIABLES if one.default is None}
    for function in ("InteractionsMain", "InteractionsTensey"):
        assert required - SET_BY_LAMBDA - set(environment(function)) <= gate_only(), function


def gate_only() -> set[str]:
    return set(environment("MigrateGate")) - set(environment("InteractionsMain"))


def test_the_functions_that_use_the_database_wait_for_the_migrations():
    for function, row in REACH.items():
        if row.role and row.role.startswith("app_"):
            assert RESOURCES[function]["DependsOn"] == "Migrations"
    migrations = RESOURCES["Migrations"]
    assert short(migrations["Properties"]["ServiceToken"]) == "MigrateGate.Arn"
    assert (short(migrations["Properties"]["Code"]), short(migrations["Properties"]["Layer"])) == (
        "Migrate.Version",
        "SharedLayer",
    )


def test_functions_stop_at_10_seconds_except_those_that_wait_for_others():
    limits = {name: function.get("Timeout", DEFAULTS["Timeout"]) for name, function in FUNCTIONS.items()}
    assert (
        limits.pop("Migrate") < limits.pop("MigrateGate") < int(RESOURCES["Migrations"]["Properties"]["ServiceTimeout"])
    )
    assert limits.pop("Healthcheck") == 60 < int(RESOURCES["DeployCheck"]["Properties"]["ServiceTimeout"])
    assert 6 * limits.pop("Backup") <= QUEUES["Jobs"]["VisibilityTimeout"]
    assert set(limits.values()) == {10}


def test_no_parameter_is_a_secret():
    assert not {name for name, one in TEMPLATE.parameters.items() if one.get("NoEcho")}


def test_the_template_knows_the_regions_whose_authorities_the_layer_carries():
    ((regions, _),) = [
        assertion["Assert"]["Fn::Contains"]
        for rule in TEMPLATE.body["Rules"].values()
        for assertion in rule["Assertions"]
    ]
    assert regions == sorted(path.stem for path in (ROOT / "layers" / "shared" / "rds-ca").iterdir())


def test_no_type_is_used_that_the_emulator_refuses():
    """The emulator would refuse the whole template; what only a NAT gateway needs is left out there."""
    used = {one["Type"] for one in RESOURCES.values()}
    assert not {kind for kind in used if kind.startswith("AWS::CodeDeploy::")}
    assert not used & {"AWS::CloudWatch::CompositeAlarm", "AWS::Budgets::Budget"}
    assert not any("MasterUserSecret" in str(one) for one in RESOURCES.values())


# --- queues ---


@pytest.mark.parametrize("queue", [name for name in QUEUES if not name.endswith("Dlq")])
def test_a_queue_has_a_dead_letter_queue_of_its_own(queue: str):
    assert short(QUEUES[queue]["RedrivePolicy"]["deadLetterTargetArn"]) == f"{queue}Dlq.Arn"
    assert f"{queue}Dlq" in QUEUES


OF_MEMBERS = {"Notices", "NoticesDlq"}
"""Whose messages name a member, who may have had themselves deleted since."""


def test_what_names_a_member_lies_in_no_queue_for_longer_than_a_day():
    assert {QUEUES[queue]["MessageRetentionPeriod"] for queue in OF_MEMBERS} == {24 * 3600}


@pytest.mark.parametrize("queue", [name for name in QUEUES if name.endswith("Dlq")])
def test_a_dead_letter_queue_keeps_for_14_days_and_is_alarmed(queue: str):
    assert QUEUES[queue]["MessageRetentionPeriod"] == (1 if queue in OF_MEMBERS else 14) * 24 * 3600
    alarm = ALARMS[f"{queue}Alarm"]
    assert short(alarm["Dimensions"][0]["Value"]) == f"{queue}.QueueName"
    assert (alarm["Threshold"], alarm["EvaluationPeriods"]) == (1, 1)


def test_every_queue_is_encrypted_and_speaks_tls_only():
    assert all(queue["SqsManagedSseEnabled"] for queue in QUEUES.values())
    guarded = [
        short(queue)
        for policy in of_type("AWS::SQS::QueuePolicy").values()
        for statement in policy["PolicyDocument"]["Statement"]
        if statement["Effect"] == "Deny" and statement["Condition"] == {"Bool": {"aws:SecureTransport": False}}
        for queue in policy["Queues"]
    ]
    assert sorted(guarded) == sorted(QUEUES)


def test_the_award_queue_is_the_one_of_the_design():
    """docs/rules/awards.md, Queue: delay, time-outs and how often a message comes back."""
    queue, due = QUEUES["XpAwards"], FUNCTIONS["XpAward"]["Events"]["Due"]["Properties"]
    assert short(queue["DelaySeconds"]) == "XpDelaySeconds"
    assert TEMPLATE.parameters["XpDelaySeconds"]["Default"] == 60
    assert (queue["VisibilityTimeout"], queue["RedrivePolicy"]["maxReceiveCount"]) == (60, 10)
    assert due["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    bounds = TEMPLATE.parameters["AwardConcurrency"]
    assert (bounds["MinValue"], bounds["MaxValue"]) == (2, 5)
    assert TEMPLATE.body["Mappings"]["Whole"] == {str(number): {"Number": number} for number in range(2, 6)}


def test_announcements_come_back_one_by_one_and_their_webhook_is_read_where_the_role_may():
    event = FUNCTIONS["Notify"]["Events"]["Announcement"]["Properties"]
    assert short(event["Queue"]) == "Notices.Arn"
    assert event["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert QUEUES["Notices"]["VisibilityTimeout"] >= 6 * DEFAULTS["Timeout"]
    parameter = short(environment("Notify")["ANNOUNCEMENTS_PARAMETER"])
    assert ("ssm:GetParameter", PARAMETERS + parameter.removeprefix("/${AWS::StackName}")) in allowed("Notify")
    assert short(environment("XpAward")["NOTICES_QUEUE_URL"]) == "Notices"


# --- the database and the exports ---


def test_the_database_is_private_encrypted_and_survives():
    database = RESOURCES["Database"]
    properties = database["Properties"]
    assert (database["DeletionPolicy"], database["UpdateReplacePolicy"]) == ("Snapshot", "Snapshot")
    assert properties["DeletionProtection"] is properties["StorageEncrypted"] is True
    assert properties["EnableIAMDatabaseAuthentication"] is True
    assert properties["PubliclyAccessible"] is False
    assert properties["BackupRetentionPeriod"] == 14
    assert properties["EngineVersion"].partition(".")[0] == "18"
    assert RESOURCES["DatabaseParameters"]["Properties"]["Parameters"]["rds.force_ssl"] == "1"


def test_the_databases_own_log_has_no_words_of_members():
    parameters = RESOURCES["DatabaseParameters"]["Properties"]["Parameters"]
    assert (parameters["log_parameter_max_length"], parameters["log_error_verbosity"]) == ("0", "terse")
    assert not {"log_statement", "log_parameter_max_length_on_error"} & parameters.keys()


def test_exports_are_private_encrypted_and_gone_after_a_day():
    bucket = RESOURCES["ExportBucket"]["Properties"]
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    assert "AES256" in str(bucket["BucketEncryption"])
    assert "VersioningConfiguration" not in bucket
    rules = {rule["Prefix"]: rule for rule in bucket["LifecycleConfiguration"]["Rules"]}
    assert {rule["Status"] for rule in rules.values()} == {"Enabled"}
    assert {prefix: rule["ExpirationInDays"] for prefix, rule in rules.items()} == {
        privacy.EXPORTS: 1,
        privacy.DELETIONS: privacy.DELETIONS_KEPT.days,
    }
    assert short(environment("InteractionsMain")["EXPORT_BUCKET"]) == "ExportBucket"


def test_the_log_of_deletions_outlives_the_stack_and_whatever_could_be_restored():
    bucket, database = RESOURCES["ExportBucket"], RESOURCES["Database"]["Properties"]
    assert (bucket["DeletionPolicy"], bucket["UpdateReplacePolicy"]) == ("Retain", "Retain")
    assert privacy.DELETIONS_KEPT.days > 10 * database["BackupRetentionPeriod"]


# --- alarms ---


@pytest.mark.parametrize("alarm", ALARMS)
def test_an_alarm_watches_a_metric_that_exists(alarm: str):
    properties = ALARMS[alarm]
    dimensions = {one["Name"] for one in properties["Dimensions"]}
    assert METRICS[short(properties["Namespace"]), properties["MetricName"]] == dimensions


@pytest.mark.parametrize("alarm", ALARMS)
def test_an_alarm_says_what_missing_data_means_and_tells_both_ways(alarm: str):
    properties = ALARMS[alarm]
    assert properties["TreatMissingData"] in {"breaching", "notBreaching"}
    assert properties["AlarmActions"] == properties["OKActions"]
    about_notify = alarm.startswith(("Notify", "AlarmsDlq", "AlarmsAge"))
    topics = ["MailTopic"] if about_notify else ["AlarmTopic", "MailTopic"]  # notify must never trigger itself
    assert [short(one) for one in properties["AlarmActions"]] == topics


def test_the_one_alarm_that_pages_takes_silence_for_bad_news():
    alarm = ALARMS["HealthyAlarm"]
    assert (alarm["MetricName"], alarm["Dimensions"]) == (health.HEALTHY, [{"Name": "service", "Value": "healthcheck"}])
    assert (alarm["ComparisonOperator"], alarm["Threshold"], alarm["EvaluationPeriods"]) == ("LessThanThreshold", 1, 1)
    assert alarm["TreatMissingData"] == "breaching"
    assert short(alarm["Period"]) == "HealthAlarmPeriod"
    assert TEMPLATE.parameters["HealthAlarmPeriod"]["Default"] == TEMPLATE.parameters["HealthPeriod"]["Default"] == 300


@pytest.mark.parametrize("queue", [name for name in QUEUES if not name.endswith("Dlq")])
def test_a_queue_in_which_messages_wait_for_five_minutes_raises_an_alarm(queue: str):
    alarm = ALARMS[f"{queue}AgeAlarm"]
    # Alarms are held there until the next health check must have spoken.
    held = alerts.HELD * TEMPLATE.parameters["HealthAlarmPeriod"]["Default"] if queue == "Alarms" else 0
    assert alarm["MetricName"] == "ApproximateAgeOfOldestMessage"
    assert alarm["Threshold"] == (900 if held else 300) > held
    assert short(alarm["Dimensions"][0]["Value"]) == f"{queue}.QueueName"


def test_a_backup_that_is_missing_raises_an_alarm_and_so_does_silence():
    alarm = ALARMS["BackupMissingAlarm"]
    assert (alarm["MetricName"], alarm["Dimensions"]) == (
        observability.BACKUPS,
        [{"Name": "service", "Value": "backup"}],
    )
    # Of the hours that count not one has seen a backup that went well.
    hours = timedelta(seconds=alarm["Period"] * alarm["EvaluationPeriods"])
    assert hours == health.SNAPSHOT_AGE
    assert alarm["DatapointsToAlarm"] == alarm["EvaluationPeriods"]
    assert (alarm["Statistic"], alarm["ComparisonOperator"]) == ("Maximum", "LessThanThreshold")
    assert (alarm["Threshold"], alarm["TreatMissingData"]) == (1, "breaching")


@pytest.mark.parametrize("function", ["InteractionsMain", "InteractionsTensey"])
def test_slow_answers_to_members_raise_an_alarm(function: str):
    alarm = ALARMS[f"{function}SlowAlarm"]
    assert (alarm["MetricName"], alarm["ExtendedStatistic"], alarm["Threshold"]) == ("Duration", "p99", 2000)
    assert short(alarm["Dimensions"][0]["Value"]) == function


def test_schedules_stand_in_the_group_whose_dropped_calls_raise_an_alarm():
    schedules = [
        event["Properties"]
        for function in FUNCTIONS.values()
        for event in function.get("Events", {}).values()
        if event["Type"] == "ScheduleV2"
    ]
    assert {short(one["GroupName"]) for one in schedules} == {"Schedules"}
    assert short(ALARMS["SchedulesDroppedAlarm"]["Dimensions"][0]["Value"]) == "Schedules"


def test_every_figure_of_the_database_that_can_run_short_raises_an_alarm():
    watched = {alarm["MetricName"] for alarm in ALARMS.values() if alarm["Namespace"] == "AWS/RDS"}
    assert watched == {metric for namespace, metric in METRICS if namespace == "AWS/RDS"}


def test_the_dashboard_shows_every_alarm_and_only_metrics_that_exist():
    text = short(RESOURCES["Dashboard"]["Properties"]["DashboardBody"])
    alarms, *charts = json.loads(text)["widgets"]
    assert sorted(alarms["properties"]["alarms"]) == sorted(f"${{{name}.Arn}}" for name in ALARMS)
    for chart in charts:
        for namespace, metric, *rest in chart["properties"]["metrics"]:
            names = [one for one in rest if isinstance(one, str)]
            known = METRICS | SHOWN
            assert known[namespace.replace("${AWS::StackName}", "AWS::StackName"), metric] == set(names[::2])


@pytest.mark.parametrize("alarm", ALARMS)
def test_an_alarm_names_a_section_of_the_runbook(alarm: str):
    named = re.search(r"Runbook: docs/(Troubleshooting\.md)#([\w-]+)$", ALARMS[alarm]["AlarmDescription"])
    assert named, "the description ends with the section to read"
    assert named[2] in anchors(ROOT / "docs" / named[1])


@pytest.mark.parametrize("function", [name for name in REACH if not name.startswith("Migrate")])
def test_a_function_that_fails_raises_an_alarm_and_so_does_a_bug_it_survived(function: str):
    (failing,) = ALARMS[f"{function}ErrorsAlarm"]["Dimensions"]
    assert short(failing["Value"]) == function
    (service,) = ALARMS[f"{function}BugsAlarm"]["Dimensions"]
    assert service == {"Name": "service", "Value": folder_of(function)}
    (throttled,) = ALARMS[f"{function}ThrottlesAlarm"]["Dimensions"]
    assert short(throttled["Value"]) == function


def folder_of(function: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", function).lower()


def test_our_own_metrics_stand_where_the_alarms_look():
    """`observability.set_up` is told the folder's name, and what is counted has that one dimension."""
    assert short(DEFAULTS["Environment"]["Variables"]["POWERTOOLS_METRICS_NAMESPACE"]) == "AWS::StackName"
    assert ALARMS["OverdueAwardsAlarm"]["Dimensions"] == [{"Name": "service", "Value": "xp_award"}]


def test_alarms_reach_their_queue():
    """Not under the key alias/aws/sns: CloudWatch could not publish, and would not say so."""
    assert "KmsMasterKeyId" not in RESOURCES["AlarmTopic"]["Properties"] | RESOURCES["MailTopic"]["Properties"]
    subscription = RESOURCES["AlarmSubscription"]["Properties"]
    assert (subscription["Protocol"], short(subscription["Endpoint"])) == ("sqs", "Alarms.Arn")
    assert subscription["RawMessageDelivery"] is True
    (open_door,) = [
        one
        for one in RESOURCES["AlarmsHearTheTopic"]["Properties"]["PolicyDocument"]["Statement"]
        if one["Effect"] == "Allow"
    ]
    assert open_door["Principal"] == {"Service": "sns.amazonaws.com"}
    assert short(open_door["Condition"]["ArnEquals"]["aws:SourceArn"]) == "AlarmTopic"


def test_alerts_come_back_one_by_one_and_find_what_they_need_where_the_role_may():
    event = FUNCTIONS["Notify"]["Events"]["Alarm"]["Properties"]
    assert short(event["Queue"]) == "Alarms.Arn"
    assert (event["BatchSize"], event["FunctionResponseTypes"]) == (1, ["ReportBatchItemFailures"])
    queue = QUEUES["Alarms"]
    assert queue["VisibilityTimeout"] >= 6 * DEFAULTS["Timeout"]
    tries = queue["VisibilityTimeout"] * queue["RedrivePolicy"]["maxReceiveCount"]
    assert tries == alerts.PATIENCE.total_seconds(), "as long an end waits for its beginning"
    given = {name: short(value) for name, value in environment("Notify").items()}
    assert (given["ALARMS_QUEUE_ARN"], given["MAIL_TOPIC_ARN"]) == ("Alarms.Arn", "MailTopic")
    assert (given["RUNBOOK_URL"], given["HEALTH_ALARM_PERIOD"]) == ("RunbookUrl", "HealthAlarmPeriod")
    assert TEMPLATE.parameters["RunbookUrl"]["Default"] == config.RUNBOOK
    for variable in ("ALERTS_PARAMETER", "HEALTH_STATE_PARAMETER"):
        assert ("ssm:GetParameter", PARAMETERS + given[variable].removeprefix("/${AWS::StackName}")) in allowed(
            "Notify"
        )
    remembered = PARAMETERS + given["ALERTS_PATH"].removeprefix("/${AWS::StackName}")
    assert {("ssm:GetParametersByPath", remembered), ("ssm:PutParameter", f"{remembered}/*")} <= allowed("Notify")


def test_an_e_mail_address_is_optional():
    assert TEMPLATE.parameters["AlertAddress"]["Default"] == ""
    subscription = RESOURCES["MailSubscription"]
    assert subscription["Condition"] == "AlertByMail"
    assert short(subscription["Properties"]["TopicArn"]) == "MailTopic"
