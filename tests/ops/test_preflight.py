"""What `ops preflight` makes of an account; the whole of it is run in tests/cloud/test_ops_deploy.py."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial
from io import StringIO
from typing import TYPE_CHECKING, Any

import pytest
import typer
from typer.testing import CliRunner

from devkit.listener import Listener, Request
from ops import preflight, template
from ops.checks import account as account_checks
from ops.checks import authorities, choices, leftovers, zones
from ops.checks import snapshot as snapshot_checks
from ops.checks.findings import State
from ops.checks.planned import Planned, read
from ops.commands import app
from ops.parameters import effective
from tests.ops.scripted import Scripted, scripted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from ops.checks.findings import Finding

    type Check = Callable[[Planned], Iterator[Finding]]

FINE, WRONG, NOTED, SKIPPED = State.FINE, State.WRONG, State.NOTED, State.SKIPPED
DEPLOYED = effective({}, [])


@pytest.fixture
def aws() -> Iterator[Scripted]:
    with scripted() as aws:
        yield aws


def found(aws: Scripted, check: Check, *overrides: str, deployed: dict[str, str] | None = None) -> list[Finding]:
    """What a check finds about a deploy with these parameters; the stack is new unless it is deployed."""
    here = deployed or {}
    return list(preflight.run_check("the check", check, Planned(aws.target, effective(here, overrides), here)))


def only(findings: list[Finding]) -> tuple[State, str]:
    (one,) = findings
    assert (one.fix != "") is (one.state in {WRONG, NOTED})
    return one.state, one.words + one.fix


# --- the account ---


@pytest.mark.parametrize(("kind", "state"), [("FREE", WRONG), ("PAID", FINE)])
def test_the_free_plan_is_refused_before_aws_refuses_the_database(aws: Scripted, kind: str, state: State):
    answer = {"accountId": "123456789012", "accountPlanType": kind, "accountPlanStatus": "ACTIVE"}
    aws.answers("freetier", "get_account_plan_state", answer)
    said = only(found(aws, account_checks.plan))
    assert said[0] is state
    assert ("FreeTierRestrictionError" in said[1] and "upgrade-account-plan" in said[1]) is (state is WRONG)


def test_an_account_from_before_the_plans_has_none(aws: Scripted):
    aws.refuses("freetier", "get_account_plan_state", "ResourceNotFoundException")
    assert only(found(aws, account_checks.plan))[0] is FINE


def test_what_may_not_be_looked_at_does_not_block(aws: Scripted):
    aws.refuses("freetier", "get_account_plan_state", "AccessDeniedException")
    state, words = only(found(aws, account_checks.plan))
    assert state is SKIPPED
    assert "could not be looked at" in words
    assert "AccessDeniedException" in words


class TrustStore(Request):
    """Answers with the owner's bundle, in the place of AWS."""

    def do_GET(self) -> None:  # noqa: N802 (the base class's name)
        assert isinstance(self.owner, str)
        self.answer(200, self.owner.encode())


def compared(bundle: str) -> tuple[State, str]:
    """What is found about eu-west-1 when AWS publishes this bundle for it."""
    server = Listener(TrustStore, bundle)
    try:
        with scripted(region="eu-west-1") as aws:
            return only(found(aws, partial(authorities.authorities, source=f"{server.url}/{{region}}")))
    finally:
        server.stop()


def test_authorities_that_aws_does_not_publish_are_refused_and_those_that_we_lack_noted(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    own, other = ((authorities.COMMITTED / f"{region}.pem").read_text() for region in ("eu-west-1", "eu-west-2"))
    assert compared(own)[0] is FINE
    assert compared(other)[0] is WRONG
    assert compared("no certificate")[0] is SKIPPED
    (tmp_path / "eu-west-1.pem").write_text(own[: own.rindex("# Amazon RDS")])
    monkeypatch.setattr(authorities, "COMMITTED", tmp_path)
    state, words = compared(own)
    assert state is NOTED
    assert "Amazon RDS eu-west-1 Root CA RSA4096 G1" in words


def test_a_region_whose_certificates_are_missing_is_refused():
    for region, state in (("eu-central-1", FINE), ("il-central-1", WRONG)):
        with scripted(region=region) as aws:
            assert only(found(aws, account_checks.region))[0] is state


@pytest.mark.parametrize(
    ("quota", "free", "reserved", "before", "state"),
    [
        (1000, 1000, -1, -1, FINE),
        (10, 10, -1, -1, NOTED),  # a new account
        (1000, 1000, 450, -1, FINE),  # leaves 100
        (1000, 1000, 451, -1, WRONG),
        (10, 10, 1, -1, WRONG),
        (1000, 100, 450, 450, FINE),  # its own are counted as free
        (1000, 1000, 0, -1, NOTED),
    ],
)
def test_reserved_concurrency_leaves_what_lambda_keeps(
    aws: Scripted, quota: int, free: int, reserved: int, before: int, state: State
):
    limits = {"ConcurrentExecutions": quota, "UnreservedConcurrentExecutions": free}
    aws.answers("lambda", "get_account_settings", {"AccountLimit": limits})
    deployed = DEPLOYED | {"ReservedConcurrency": str(before)}
    said = found(aws, account_checks.concurrency, f"ReservedConcurrency={reserved}", deployed=deployed)
    assert only(said)[0] is state


@pytest.mark.parametrize(("used", "state"), [(4, FINE), (5, WRONG)])
def test_a_new_stack_needs_room_for_a_network(aws: Scripted, used: int, state: State):
    aws.answers("ec2", "describe_vpcs", {"Vpcs": [{"VpcId": str(n)} for n in range(used)]})
    room(aws, "vpc", account_checks.VPCS)
    assert only(found(aws, account_checks.networks))[0] is state


@pytest.mark.parametrize(("used", "state"), [(4, FINE), (5, WRONG)])
def test_a_nat_gateway_needs_room_for_an_address(aws: Scripted, used: int, state: State):
    aws.answers("ec2", "describe_addresses", {"Addresses": [{"AllocationId": str(n)} for n in range(used)]})
    room(aws, "ec2", account_checks.ADDRESSES)
    assert only(found(aws, account_checks.addresses, "EgressMode=nat", deployed=DEPLOYED))[0] is state


def room(aws: Scripted, service: str, code: str) -> None:
    aws.answers("service-quotas", "get_service_quota", {"Quota": {"Value": 5.0}}, ServiceCode=service, QuotaCode=code)


def test_an_update_needs_no_other_network(aws: Scripted):
    assert found(aws, account_checks.networks, deployed=DEPLOYED) == []
    assert found(aws, account_checks.addresses, "EgressMode=nat", deployed=DEPLOYED | {"EgressMode": "nat"}) == []


@pytest.mark.parametrize(
    ("name", "used", "most", "states"),
    [
        ("ManualSnapshots", 75, 100, [FINE]),
        ("ManualSnapshots", 76, 100, [NOTED]),
        ("DBInstances", 40, 40, [WRONG, FINE]),
        ("DBSubnetGroups", 49, 50, [FINE]),
        ("DBParameterGroups", 50, 50, [WRONG, FINE]),
    ],
)
def test_rds_has_room_for_the_stack_and_its_snapshots(
    aws: Scripted, name: str, used: int, most: int, states: list[State]
):
    quota = {"AccountQuotaName": name, "Used": used, "Max": most}
    aws.answers("rds", "describe_account_attributes", {"AccountQuotas": [quota]})
    assert [one.state for one in found(aws, account_checks.databases)] == states


@pytest.mark.parametrize(("used", "state"), [(99, FINE), (100, NOTED)])
def test_a_games_own_snapshots_are_no_reason_to_worry(aws: Scripted, used: int, state: State):
    quota = {"AccountQuotaName": "ManualSnapshots", "Used": used, "Max": 100}
    aws.answers("rds", "describe_account_attributes", {"AccountQuotas": [quota]})
    assert only(found(aws, account_checks.databases, deployed=DEPLOYED))[0] is state


@pytest.mark.parametrize(
    ("mode", "role", "state"),
    [
        ("keep", "", WRONG),
        ("keep", "game-ApiLogsAccountRole-1", FINE),
        ("create", "", FINE),
        ("create", "game-ApiLogsAccountRole-1", FINE),
        ("create", "game-staging-ApiLogsAccountRole-1", NOTED),
    ],
)
def test_the_accounts_role_for_logs_is_neither_missed_nor_taken_away(aws: Scripted, mode: str, role: str, state: State):
    answer = {"cloudwatchRoleArn": f"arn:aws:iam::1:role/{role}"} if role else {}
    aws.answers("apigateway", "get_account", answer)
    assert only(found(aws, account_checks.logs_role, "AccessLog=on", f"ApiLogsRole={mode}"))[0] is state


def test_without_an_access_log_no_role_is_looked_at(aws: Scripted):
    assert found(aws, account_checks.logs_role) == []


# --- the zones ---


def has_zones(aws: Scripted, *zones: str, default: tuple[str, ...] | None = ()) -> None:
    """Zones of a region, each as its letter and id, and the letters of those with a default subnet; None: not asked."""
    shown = [{"ZoneName": zone[0], "ZoneId": zone[2:]} for zone in zones]
    kinds = [{"Name": "zone-type", "Values": ["availability-zone"]}, {"Name": "state", "Values": ["available"]}]
    aws.answers("ec2", "describe_availability_zones", {"AvailabilityZones": shown}, Filters=kinds)
    if default is not None:
        subnets = [{"SubnetId": name, "AvailabilityZone": name} for name in default]
        asked = [{"Name": "default-for-az", "Values": ["true"]}]
        aws.answers("ec2", "describe_subnets", {"Subnets": subnets}, Filters=asked)


def has_queue_endpoint(aws: Scripted, *zones: str) -> None:
    answer = {"ServiceDetails": [{"AvailabilityZones": list(zones)}]}
    aws.answers("ec2", "describe_vpc_endpoint_services", answer, ServiceNames=["com.amazonaws.eu-central-1.sqs"])


@pytest.mark.parametrize(
    ("there", "default", "state", "words"),
    [
        (("b use1-az2", "a use1-az1", "c use1-az3"), (), FINE, "a and b"),
        (("b use1-az3", "a use1-az1", "c use1-az2"), (), WRONG, "Lambda runs nothing in b"),
        (("b use1-az3", "a use1-az1", "c use1-az2"), ("a", "c"), FINE, "a and c"),
        (("a use1-az1",), (), WRONG, "needs 2 zones"),
    ],
)
def test_the_two_zones_that_cloudformation_takes_are_looked_at(
    aws: Scripted, there: tuple[str, ...], default: tuple[str, ...], state: State, words: str
):
    has_zones(aws, *there, default=default)
    said = only(found(aws, zones.zones, "EgressMode=nat"))
    assert (said[0], words in said[1]) == (state, True)


@pytest.mark.parametrize(
    ("named", "state", "words"),
    [
        ("c,d", FINE, "c and d"),
        ("c,b", WRONG, "Lambda runs nothing in b. Deploy with Zones=a,c."),
        ("c,c", WRONG, "needs 2 zones"),
        ("c,x", WRONG, "cannot use x"),
    ],
)
def test_zones_that_were_chosen_are_looked_at(aws: Scripted, named: str, state: State, words: str):
    has_zones(aws, "a use1-az1", "b use1-az3", "c use1-az2", "d use1-az4", default=None)
    (one,) = found(aws, zones.zones, "EgressMode=nat", f"Zones={named}")
    assert (one.state, words in f"{one.words}. {one.fix}") == (state, True)


@pytest.mark.parametrize(
    ("where", "needed", "state"), [("ab", 2, FINE), ("a", 1, FINE), ("a", 2, WRONG), ("b", 1, WRONG)]
)
def test_the_queues_endpoint_can_be_where_the_functions_are(aws: Scripted, where: str, needed: int, state: State):
    has_zones(aws, "a euc1-az1", "b euc1-az2")
    has_queue_endpoint(aws, *where)
    _, endpoint = found(aws, zones.zones, f"EndpointZones={needed}")
    assert endpoint.state is state


def option(version: str = "18.1", zones: str = "ab", **other: object) -> dict[str, Any]:
    where = [{"Name": zone} for zone in zones]
    return {"EngineVersion": version, "StorageType": "gp3", "AvailabilityZones": where, **other}


@pytest.mark.parametrize(
    ("options", "multi", "state"),
    [
        ([option()], "true", FINE),
        ([option(zones="a"), option("18.2", zones="b")], "true", FINE),
        ([option(zones="a")], "false", NOTED),
        ([option(zones="a")], "true", WRONG),
        ([option("17.6")], "false", WRONG),
        ([option(StorageType="gp2")], "false", WRONG),
        ([option(SupportsIAMDatabaseAuthentication=False)], "false", WRONG),
        ([], "false", WRONG),
    ],
)
def test_the_class_and_version_are_on_offer_where_the_database_will_be(
    aws: Scripted, options: list[dict[str, Any]], multi: str, state: State
):
    has_zones(aws, "a euc1-az1", "b euc1-az2")
    asked = {"Engine": "postgres", "DBInstanceClass": "db.t4g.small", "Vpc": True}
    answer = {"OrderableDBInstanceOptions": options}
    aws.answers("rds", "describe_orderable_db_instance_options", answer, **asked)
    assert only(found(aws, zones.database, f"DatabaseMultiAz={multi}"))[0] is state


def test_the_class_that_is_deployed_is_not_looked_up(aws: Scripted):
    assert found(aws, zones.database, deployed=DEPLOYED) == []


# --- the name ---


@pytest.mark.parametrize(
    ("stack", "state"), [("game", FINE), ("Game", WRONG), ("game-", WRONG), ("a" * 44, FINE), ("a" * 45, WRONG)]
)
def test_the_name_fits_what_is_named_after_it(aws: Scripted, stack: str, state: State):
    object.__setattr__(aws.target, "stack", stack)
    assert only(found(aws, leftovers.name))[0] is state


def test_what_has_a_name_that_a_new_stack_needs_is_found(aws: Scripted):
    functions = [{"FunctionName": name} for name in ("game-backup", "game-staging-backup", "game-other")]
    aws.answers("lambda", "list_functions", {"Functions": functions})
    logs = [{"logGroupName": f"/aws/lambda/{name}"} for name in ("game-notify", "game-staging-notify")]
    aws.answers("logs", "describe_log_groups", {"logGroups": logs}, logGroupNamePrefix="/aws/lambda/game-")
    api = [{"logGroupName": f"/aws/apigateway/{name}"} for name in ("game", "game-staging")]
    aws.answers("logs", "describe_log_groups", {"logGroups": api}, logGroupNamePrefix="/aws/apigateway/game")
    groups = [{"Name": "game"}, {"Name": "game-staging"}]
    aws.answers("scheduler", "list_schedule_groups", {"ScheduleGroups": groups}, NamePrefix="game")
    boards = [{"DashboardName": "game-staging"}]
    aws.answers("cloudwatch", "list_dashboards", {"DashboardEntries": boards}, DashboardNamePrefix="game")
    said = found(aws, leftovers.taken)
    assert {one.state for one in said} == {WRONG}
    assert [one.words.removesuffix(" exists already") for one in said] == [
        "the function game-backup",
        "the log group /aws/lambda/game-notify",
        "the log group /aws/apigateway/game",
        "the schedule group game",
    ]


def test_what_a_new_stack_would_inherit_is_named(aws: Scripted):
    names = ("game-20260101", "game-staging-20260101", "game-snapshot-database-1", "other")
    shown = [{"DBSnapshotIdentifier": name} for name in names]
    aws.answers("rds", "describe_db_snapshots", {"DBSnapshots": shown}, SnapshotType="manual")
    buckets = [{"Name": "game-exportbucket-1"}, {"Name": "game-staging-exportbucket-1"}]
    aws.answers("s3", "list_buckets", {"Buckets": buckets}, BucketRegion="eu-central-1")
    kept = [{"Name": "/game/webhooks/alerts", "Value": "secret"}]
    aws.answers("ssm", "get_parameters_by_path", {"Parameters": kept}, Path="/game/", Recursive=True)
    secrets = [
        {"Name": name, "Description": f"Credentials of the database owner of {stack}. Only", **more}
        for name, stack, more in (
            ("one", "game", {}),
            ("two", "game-staging", {}),
            ("three", "game", {"DeletedDate": 1}),
        )
    ]
    aws.answers("secretsmanager", "list_secrets", {"SecretList": secrets}, IncludePlannedDeletion=True)
    said = found(aws, leftovers.inherited)
    assert {one.state for one in said} == {NOTED}
    snapshots, bucket, parameters, secret = (one.words for one in said)
    assert "2 snapshots" in snapshots
    assert "game-exportbucket-1" in bucket
    assert "/game/webhooks/alerts" in parameters
    assert "secret one" in secret


def test_an_updates_own_resources_are_not_in_its_way(aws: Scripted):
    assert found(aws, leftovers.taken, deployed=DEPLOYED) == []
    assert found(aws, leftovers.inherited, deployed=DEPLOYED) == []


def test_every_resource_whose_name_the_template_fixes_is_looked_for():
    """A name that is not made of the stack's in a way that leftovers.py knows would be found by CloudFormation only."""
    fixed = {
        kind
        for kind, named in (
            ("AWS::S3::Bucket", "BucketName"),
            ("AWS::SQS::Queue", "QueueName"),
            ("AWS::SNS::Topic", "TopicName"),
            ("AWS::IAM::Role", "RoleName"),
            ("AWS::CloudWatch::Alarm", "AlarmName"),
            ("AWS::RDS::DBInstance", "DBInstanceIdentifier"),
            ("AWS::SecretsManager::Secret", "Name"),
        )
        for _, resource in template.own().resources(kind)
        if named in resource["Properties"]
    }
    assert fixed == set()


def test_what_cannot_be_listed_does_not_hide_the_rest(aws: Scripted):
    aws.refuses("rds", "describe_db_snapshots", "AccessDenied")
    buckets = [{"Name": "game-exportbucket-1"}]
    aws.answers("s3", "list_buckets", {"Buckets": buckets}, BucketRegion="eu-central-1")
    aws.refuses("ssm", "get_parameters_by_path", "AccessDeniedException")
    aws.answers("secretsmanager", "list_secrets", {"SecretList": []}, IncludePlannedDeletion=True)
    assert [one.state for one in found(aws, leftovers.inherited)] == [SKIPPED, NOTED, SKIPPED]


@pytest.mark.parametrize(
    ("status", "state", "words"),
    [
        ("", FINE, "new"),
        ("REVIEW_IN_PROGRESS", FINE, "new"),
        ("ROLLBACK_COMPLETE", NOTED, "an earlier deploy failed"),
        ("UPDATE_ROLLBACK_FAILED", NOTED, "an earlier deploy failed"),
        ("UPDATE_IN_PROGRESS", WRONG, "still at work"),
        ("DELETE_FAILED", WRONG, "could not be removed completely"),
    ],
)
def test_the_state_that_an_earlier_deploy_left_is_named(aws: Scripted, status: str, state: State, words: str):
    (one,) = leftovers.stack(Planned(aws.target, DEPLOYED, {}, status))
    assert (one.state, words in one.words) == (state, True)


def test_what_a_failed_deploy_left_goes_with_its_stack(aws: Scripted):
    assert list(leftovers.taken(Planned(aws.target, DEPLOYED, {}, "ROLLBACK_FAILED"))) == []


# --- the parameters ---


@pytest.mark.parametrize(
    ("overrides", "state", "words"),
    [
        (["MainPublicKey=aa", "TenseyPublicKey=aa"], WRONG, "the same PublicKey"),
        (["TimeZone=Europe/Atlantis"], WRONG, "not an IANA time zone"),
        (["DatabaseStorage=200"], WRONG, "not a tenth above"),
        (["VpcCidr=10.80.0.1/16"], WRONG, "has host bits set"),
        (["VpcCidr=300.80.0.0/16"], WRONG, "VpcCidr"),
        (["EgressMode=nat", "EndpointZones=2"], NOTED, "there is no endpoint"),
        (["DatabaseSnapshot=a-1", "DatabaseResourceId=db-A"], WRONG, "OwnerSecretArn does not name"),
        (["SnapStart=on", "ProvisionedConcurrency=1"], WRONG, "exclude each other"),
        (["ProvisionedConcurrency=3", "ReservedConcurrency=2"], WRONG, "allows 2 processes"),
        (["DatabaseClass=db.t4g.micro"], NOTED, "has 40 connections"),
        (["HealthAlarmPeriod=60"], NOTED, "shorter than HealthPeriod"),
        (["MaintenanceWindow=tue:09:45-tue:10:15"], WRONG, "overlap"),
        (["MaintenanceWindow=tue:08:45-tue:09:31"], WRONG, "overlap"),
        (["BackupWindow=09:30-09:45"], WRONG, "has 15 minutes"),
        (["BackupWindow=17:00-17:30"], NOTED, "begins at 13:00 in America/New_York"),
    ],
)
def test_parameters_that_contradict_each_other_are_named(aws: Scripted, overrides: list[str], state: State, words: str):
    said = [(one.state, one.words) for one in found(aws, choices.parameters, *overrides) if one.state is not SKIPPED]
    assert [(one, words in text) for one, text in said] == [(state, True)]


def test_parameters_without_a_value_are_named(aws: Scripted):
    state, words = only(found(aws, choices.parameters))
    assert (state, "GuildId" in words, "TimeZone" in words) == (SKIPPED, True, False)


@pytest.mark.parametrize("change", ["VpcCidr=10.81.0.0/16", "Zones=a,b", "DatabaseStorage=20"])
def test_what_cannot_be_changed_is_refused(aws: Scripted, change: str):
    deployed = DEPLOYED | {"DatabaseStorage": "30", "VpcCidr": "10.80.0.0/16"}
    states = [one.state for one in found(aws, choices.parameters, change, deployed=deployed)]
    assert states == [WRONG, SKIPPED]


def test_a_deploy_keeps_what_the_stack_has_and_takes_what_is_given():
    known = effective({"XpDelaySeconds": "5", "Raids": "off", "OfAnotherVersion": "1"}, ["Raids=on"])
    assert (known["XpDelaySeconds"], known["Raids"], known["LevelUps"]) == ("5", "on", "on")
    assert "OfAnotherVersion" not in known


# --- the snapshot that the database is made of ---

SNAPSHOT = "earlier-20261123"


def has_snapshot(aws: Scripted, **other: object) -> None:
    shown: dict[str, object] = {
        "DBSnapshotIdentifier": SNAPSHOT,
        "Status": "available",
        "Engine": "postgres",
        "EngineVersion": "18.3",
        "MasterUsername": "mastermind_owner",
        "Encrypted": True,
        "AllocatedStorage": 20,
        "SnapshotCreateTime": datetime.now(UTC) - timedelta(days=399),
    }
    answer = {"DBSnapshots": [shown | other]}
    aws.answers("rds", "describe_db_snapshots", answer, DBSnapshotIdentifier=SNAPSHOT)


@pytest.mark.parametrize(
    ("here", "named", "would_be"),
    [
        (SNAPSHOT, "", "an empty one"),
        (SNAPSHOT, "earlier-20261124", "one that is made of earlier-20261124"),
        ("", SNAPSHOT, f"one that is made of {SNAPSHOT}"),
    ],
)
def test_the_snapshot_is_never_left_out_nor_changed_nor_given_later(
    aws: Scripted, here: str, named: str, would_be: str
):
    deployed = DEPLOYED | {"DatabaseSnapshot": here}
    state, words = only(found(aws, snapshot_checks.snapshot, f"DatabaseSnapshot={named}", deployed=deployed))
    assert (state, f"would be replaced by {would_be}Deploy with DatabaseSnapshot={here}." in words) == (WRONG, True)


def test_the_snapshot_stays_with_the_stack_without_being_given_again(aws: Scripted):
    """As the SAM CLI does it: a parameter that is not given keeps its value."""
    deployed = DEPLOYED | {"DatabaseSnapshot": SNAPSHOT}
    assert only(found(aws, snapshot_checks.snapshot, "Raids=off", deployed=deployed))[0] is FINE
    assert found(aws, snapshot_checks.snapshot, deployed=DEPLOYED) == []
    assert found(aws, snapshot_checks.snapshot) == []


@pytest.mark.parametrize("status", ["UPDATE_ROLLBACK_FAILED", "UPDATE_FAILED", "UPDATE_IN_PROGRESS", "IMPORT_COMPLETE"])
def test_a_stack_that_is_not_well_has_its_snapshot_still(aws: Scripted, status: str):
    kept = [{"ParameterKey": "DatabaseSnapshot", "ParameterValue": SNAPSHOT}]
    shown = {"StackName": "game", "CreationTime": 1, "StackStatus": status, "Parameters": kept}
    aws.answers("cloudformation", "describe_stacks", {"Stacks": [shown]}, StackName="game")
    assert read(aws.target, []).was("DatabaseSnapshot") == SNAPSHOT


def test_with_a_snapshot_the_operator_is_reminded_of_the_deletions_since_then(aws: Scripted):
    has_snapshot(aws)
    state, words = only(found(aws, snapshot_checks.snapshot, f"DatabaseSnapshot={SNAPSHOT}"))
    assert (state, "before anybody plays: repeat the deletions" in words) == (NOTED, True)


@pytest.mark.parametrize(
    ("other", "words"),
    [
        ({"Status": "creating"}, "is creating"),
        ({"Engine": "mysql"}, "is of mysql 18.3"),
        ({"EngineVersion": "17.9"}, "is of postgres 17.9"),
        ({"MasterUsername": "admin"}, "belongs to admin"),
        ({"Encrypted": False}, "is not encrypted"),
        ({"AllocatedStorage": 21}, "Deploy with DatabaseStorage=21."),
        ({"SnapshotCreateTime": datetime.now(UTC) - timedelta(days=401)}, "older than the 400 days"),
    ],
)
def test_a_snapshot_of_which_no_database_can_be_made_is_refused(aws: Scripted, other: dict[str, object], words: str):
    has_snapshot(aws, **other)
    state, said = only(found(aws, snapshot_checks.snapshot, f"DatabaseSnapshot={SNAPSHOT}"))
    assert (state, words in said) == (WRONG, True)


def test_a_snapshot_that_is_not_there_is_named(aws: Scripted):
    aws.refuses("rds", "describe_db_snapshots", "DBSnapshotNotFound")
    state, words = only(found(aws, snapshot_checks.snapshot, f"DatabaseSnapshot={SNAPSHOT}"))
    assert (state, f"there is no snapshot {SNAPSHOT}" in words) == (WRONG, True)


# --- the command ---


def test_a_stack_that_never_served_is_a_new_one(aws: Scripted):
    shown = {"StackName": "game", "CreationTime": 1, "StackStatus": "REVIEW_IN_PROGRESS"}
    aws.answers("cloudformation", "describe_stacks", {"Stacks": [shown]}, StackName="game")
    assert read(aws.target, []).is_new


def test_without_credentials_nothing_else_is_asked(aws: Scripted):
    aws.refuses("sts", "get_caller_identity", "InvalidClientTokenId")
    state, words = only(preflight.look(aws.target, []))
    assert (state, "enable-region --region-name eu-central-1" in words) == (WRONG, True)


@pytest.mark.parametrize(("yes", "end"), [(True, typer.Exit), (False, typer.Abort)])
def test_a_deploy_that_would_fail_is_not_begun(
    aws: Scripted, yes: bool, end: type[Exception], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("sys.stdin", StringIO("n\n"))
    aws.refuses("sts", "get_caller_identity", "InvalidClientTokenId")
    with pytest.raises(end):
        preflight.before_deploy(aws.target, [], yes=yes)


def test_without_a_stack_it_says_how_to_name_one():
    done = CliRunner().invoke(app, ["preflight"], env={"OPS_STACK": ""})
    assert (done.exit_code, "Name the stack" in done.output) == (1, True)
