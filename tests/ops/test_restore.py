"""`ops restore`, as far as RDS alone is asked: what can be chosen, what an instance gets, and each failure's way on."""

from __future__ import annotations

import json
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import TYPE_CHECKING, Any, cast

import boto3
import pytest
from botocore.response import StreamingBody
from botocore.stub import Stubber

from devkit.template import Template
from ops import settings
from ops.asking import Refused
from ops.init.draft import Draft
from ops.restore import beginning, command, instances, opening, sources, steps
from ops.restore.instances import DONE, KEEPS, OF, SOURCE, STATE, UNDER_WAY, Instance
from ops.restore.sources import Source
from ops.restore.steps import Log, Restoring
from ops.restore.ways_on import explained
from ops.target import Target, TargetError, call_aws
from tests.moto_aws import moto_aws
from tests.project.test_laws import ROOT

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Mapping
    from pathlib import Path

STACK, REGION = "mastermind", "eu-central-1"
NAME = "mastermind-database-1x2y3z"
NIGHT = "mastermind-20261128"
OWN = {
    "Database": NAME,
    "DatabaseParameters": "mastermind-databaseparameters-1x2y3z",
    "DatabaseSubnets": "mastermind-databasesubnets-1x2y3z",
}
PASSWORD = "of-today"
TEMPLATE = Template.read(ROOT / "template.yaml")


class Account:
    """An account with a stack, its database and a snapshot of the night."""

    def __init__(self, target: Target) -> None:
        self.target, self.rds = target, target.client("rds")
        defaults = {name: str(one.get("Default", "")) for name, one in TEMPLATE.parameters.items()}
        owner = json.dumps({"username": "mastermind_owner", "password": PASSWORD})
        secret = target.client("secretsmanager").create_secret(Name="owner", SecretString=owner)["ARN"]
        outputs = {"DatabaseIdentifier": NAME, "DatabaseSecretArn": secret}
        target.__dict__.update(parameters=defaults, outputs=outputs)
        ec2: Any = target.client("ec2")
        vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        subnets = [
            ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{number}.0/24", AvailabilityZone=f"{REGION}{zone}")
            for number, zone in enumerate("ab")
        ]
        group = ec2.create_security_group(GroupName="database", Description="The database", VpcId=vpc)["GroupId"]
        self.own = {**OWN, "DatabaseGroup": group}
        self._make([one["Subnet"]["SubnetId"] for one in subnets])

    def _make(self, subnets: list[str]) -> None:
        group, family = {"DBParameterGroupName": OWN["DatabaseParameters"]}, "postgres18"
        self.rds.create_db_parameter_group(**group, DBParameterGroupFamily=family, Description="Ours")
        named = {"DBSubnetGroupName": OWN["DatabaseSubnets"]}
        self.rds.create_db_subnet_group(**named, DBSubnetGroupDescription="Private", SubnetIds=subnets)
        kind = {"Engine": "postgres", "EngineVersion": "18", "DBInstanceClass": "db.t4g.micro", "AllocatedStorage": 20}
        owner = {"MasterUsername": "mastermind_owner", "MasterUserPassword": "not-a-secret", "StorageEncrypted": True}
        tags = {"Tags": [{"Key": "Name", "Value": STACK}, {"Key": "Leader", "Value": "Ada"}]}
        self.rds.create_db_instance(DBInstanceIdentifier=NAME, BackupRetentionPeriod=14, **kind, **owner, **tags)
        self.rds.create_db_snapshot(DBSnapshotIdentifier=NIGHT, DBInstanceIdentifier=NAME)

    @property
    def known(self) -> sources.Known:
        return sources.look(self.target, NAME, instances.named(self.target, NAME))

    def loses_its_database(self) -> None:
        self.rds.delete_db_instance(DBInstanceIdentifier=NAME, SkipFinalSnapshot=True)

    def restores(self) -> Instance:
        fresh = beginning.make(self.target, Source(datetime.now(UTC), NIGHT), NAME)
        found = instances.named(self.target, fresh)
        assert found
        return found

    def restoring(self, folder: Path, keeps: str = f"{NAME}-old") -> Restoring:
        file = folder / "settings.toml"
        return Restoring(self.target, NAME, keeps, Draft(file, settings.read(file)), Log(), yes=True)


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[Account]:
    monkeypatch.setattr(instances, "POLL", 0.0)
    monkeypatch.setattr(steps, "PAUSE", 0.0)
    with moto_aws(monkeypatch), closing(Target(STACK, REGION, boto3.Session(region_name=REGION), None, None)) as target:
        found = Account(target)
        with Stubber(target.client("cloudformation")) as stub:
            listed = [
                {"LogicalResourceId": name, "PhysicalResourceId": one, "ResourceType": "any", **SINCE}
                for name, one in found.own.items()
            ]
            for _ in range(4):
                stub.add_response("list_stack_resources", {"StackResourceSummaries": listed})
            yield found


SINCE: Mapping[str, Any] = {
    "LastUpdatedTimestamp": datetime(2026, 1, 1, tzinfo=UTC),
    "ResourceStatus": "CREATE_COMPLETE",
}


# --- the instance ---


@pytest.mark.parametrize("snapshot", [NIGHT, ""], ids=["a snapshot", "a moment"])
def test_a_restored_instance_has_what_the_stacks_own_has(account: Account, tmp_path: Path, snapshot: str):
    fresh = beginning.make(account.target, Source(datetime.now(UTC), snapshot), NAME)
    made = instances.under_way(account.target)
    assert made
    assert (made.name, fresh) == (f"{NAME}-restored",) * 2
    assert instances.lacking(account.target, made) == []
    assert made.tags["Leader"] == "Ada"
    assert (made.tags[OF], made.tags[STATE], made.tags[KEEPS]) == (STACK, UNDER_WAY, f"{NAME}-old")
    restoring = account.restoring(tmp_path)
    for step in ("settings", "switch"):
        dict(named(restoring))[step]()

    found = instances.every(account.target)
    assert found.keys() == {NAME, f"{NAME}-old"}
    database = TEMPLATE.body["Resources"]["Database"]["Properties"]
    described = found[NAME].described
    assert described["CACertificateIdentifier"] == database["CACertificateIdentifier"]
    assert described["BackupRetentionPeriod"] == database["BackupRetentionPeriod"]
    assert described["MaxAllocatedStorage"] == 100
    assert all(one.described["DeletionProtection"] for one in found.values())


def named(restoring: Restoring) -> dict[str, Any]:
    return dict(restoring.steps())


def test_an_instance_that_lacks_something_is_not_gone_on_with(account: Account, tmp_path: Path):
    account.restores()
    instances.modify(account.target, f"{NAME}-restored", EnableIAMDatabaseAuthentication=False)
    with pytest.raises(TargetError, match="has not what the stack's database has: log-in by IAM"):
        named(account.restoring(tmp_path))["restore"]()


def test_without_an_old_instance_nothing_is_kept(account: Account, tmp_path: Path):
    account.loses_its_database()
    made = account.restores()
    assert made.tags[KEEPS] == ""
    named(account.restoring(tmp_path, ""))["switch"]()
    assert instances.every(account.target).keys() == {NAME}


def test_a_name_that_another_instance_has_is_not_taken(account: Account):
    account.restores()
    assert instances.free_name(account.target, NAME, "restored") == f"{NAME}-restored2"
    assert len(instances.free_name(account.target, "m" * 63, "restored")) == 63


def test_a_restore_that_was_deleted_by_somebody_is_reported(account: Account, tmp_path: Path):
    with pytest.raises(TargetError, match="The restored instance is gone: somebody has deleted it"):
        named(account.restoring(tmp_path))


def test_a_try_is_booked_leaves_no_instance_behind_and_is_no_restore(account: Account):
    source = Source(datetime.now(UTC), NIGHT)
    with booking(account, "database.try", {"source": source.words}):
        beginning.try_out(account.target, source, NAME)
    assert instances.every(account.target).keys() == {NAME}
    beginning.make(account.target, Source(datetime.now(UTC), NIGHT), NAME, instances.TRIED)
    assert instances.under_way(account.target) is None


@contextmanager
def booking(account: Account, action: str, after: Mapping[str, str], failure: str = "") -> Generator[None]:
    """The audit log is asked for this entry, and for no other."""
    with Stubber(account.target.client("lambda")) as functions:
        asked = {"book": {"action": action, "after": after}, "by": account.target.caller}
        wanted = {"FunctionName": f"{STACK}-interactions-main", "Payload": json.dumps({"operator": asked}).encode()}
        body = json.dumps({"failure": failure} if failure else {"booked": action}).encode()
        opened = [{"FunctionName": f"{STACK}-{name}"} for name in opening.FUNCTIONS if action == "database.give_up"]
        for each in opened:
            functions.add_response("delete_function_concurrency", {}, each)
        functions.add_response("invoke", {"Payload": StreamingBody(BytesIO(body), len(body))}, wanted)
        yield
        functions.assert_no_pending_responses()


@pytest.mark.parametrize("failure", ["", "The database cannot be reached"])
def test_giving_up_is_booked_in_the_old_database_and_done_even_if_that_is_down(
    account: Account, capsys: pytest.CaptureFixture[str], failure: str
):
    made = account.restores()
    entry = {"source": made.tags[SOURCE], "instance": made.name}
    with booking(account, "database.give_up", entry, failure):
        beginning.give_up(account.target, NAME, made)
    assert instances.every(account.target).keys() == {NAME}
    said = capsys.readouterr().err
    assert said == (f"The audit log has no entry of this: {failure}\n{NAMED}\n" if failure else "")


NAMED = "It is done all the same, and CloudTrail names you."


def test_a_restore_that_is_done_is_booked_and_not_gone_on_with(account: Account, tmp_path: Path):
    source = account.restores().tags[SOURCE]
    with booking(account, "database.restore", {"source": source, "instance": f"{NAME}-restored"}):
        named(account.restoring(tmp_path))["finish"]()
    assert instances.under_way(account.target) is None
    assert instances.every(account.target)[f"{NAME}-restored"].tags[STATE] == DONE


def test_one_that_members_play_on_is_not_given_up(account: Account):
    made = account.restores()
    account.target.parameters["DatabaseResourceId"] = made.resource_id
    with pytest.raises(Refused, match="there is nothing to give up"):
        beginning.give_up(account.target, NAME, made)


# --- what is chosen ---


def test_what_was_typed_is_taken_if_it_can_be_restored(account: Account):
    assert sources.of_snapshot(account.target, account.known, NIGHT.upper()).snapshot == NIGHT
    moment = datetime.now(UTC)
    assert sources.of_moment(account.known, min(moment, account.known.window[1])).snapshot == ""  # type: ignore[index]


def test_a_snapshot_of_another_database_is_refused(account: Account):
    account.rds.create_db_instance(DBInstanceIdentifier="theirs", Engine="postgres", DBInstanceClass="db.t4g.micro")
    account.rds.create_db_snapshot(DBSnapshotIdentifier="their-night", DBInstanceIdentifier="theirs")
    with pytest.raises(Refused, match=f"is of the database theirs, and this game's is {NAME}. The newest of this game"):
        sources.of_snapshot(account.target, account.known, "their-night")


@pytest.mark.parametrize("days", [-400, 1])
def test_a_moment_outside_of_the_window_is_refused_with_the_window(account: Account, days: int):
    with pytest.raises(Refused, match=r"RDS has every moment from 20.* to 20.*For an older state choose a snapshot"):
        sources.of_moment(account.known, datetime.now(UTC) + timedelta(days=days))


def test_without_its_database_only_snapshots_are_left(account: Account):
    account.loses_its_database()
    with pytest.raises(Refused, match=f"it is away, or too new. Restore a snapshot: The newest of this game: {NIGHT}"):
        sources.of_moment(account.known, datetime.now(UTC))


# --- the certificate, and rights ---


def answers(*said: Mapping[str, object]) -> Iterator[dict[str, Any]]:
    for one in said:
        body = json.dumps(one).encode()
        yield {"StatusCode": 200, "Payload": StreamingBody(BytesIO(body), len(body))}


FINE = {"deleted": 0, "playing": 0, "since": "2026-01-01T00:00:00+00:00", "logged": 0}
OLD_NAME = {"failure": f"The deletions could not be done again: the certificate {steps.OTHER_NAME} x"}
NOT_YET = {"failure": "The deletions could not be done again: PostgreSQL did not answer in time"}


@pytest.mark.parametrize(
    ("said", "is_renewed"),
    [([FINE], False), ([NOT_YET, FINE], False), ([NOT_YET, OLD_NAME, FINE], True)],
    ids=["at once", "after a while", "with another certificate"],
)
def test_the_handshake_is_tried_until_tls_verifies_the_name(
    account: Account,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    said: list[Mapping[str, object]],
    is_renewed: bool,
):
    account.restores()
    handshake = named(account.restoring(tmp_path))["handshake"]
    with (
        Stubber(account.target.client("lambda")) as functions,
        Stubber(account.target.client("secretsmanager")) as kept,
    ):
        for one in answers(*said):
            functions.add_response("invoke", one)
            kept.add_response("get_secret_value", {"SecretString": json.dumps({"username": "a", "password": "b"})})
        handshake()
        functions.assert_no_pending_responses()
    shown = capsys.readouterr().out
    assert ("another authority and back" in shown) is is_renewed
    assert "TLS verifies its name" in shown
    last = instances.every(account.target)[f"{NAME}-restored"].described["CACertificateIdentifier"]
    assert last == TEMPLATE.body["Resources"]["Database"]["Properties"]["CACertificateIdentifier"]


def test_a_right_that_is_missing_is_named_with_the_way_on(account: Account):
    rds = account.target.client("rds")
    with Stubber(rds) as refusing:
        refusing.add_client_error(
            "restore_db_instance_from_db_snapshot", "AccessDenied", "not authorized to perform: rds:X"
        )

        def ask() -> None:
            asked = {"DBInstanceIdentifier": "a", "DBSnapshotIdentifier": "b"}
            call_aws(lambda: rds.restore_db_instance_from_db_snapshot(**asked))

        with pytest.raises(TargetError, match=r"(?s)rds:X.*The credentials lack that right: have it granted"):
            explained(ask)


# --- the game ---


def test_the_functions_get_back_what_is_reserved_for_them(account: Account):
    account.target.parameters["ReservedConcurrency"] = "7"
    with Stubber(account.target.client("lambda")) as functions:
        for name in opening.INTERACTIONS:
            asked = {"FunctionName": f"{STACK}-{name}", "ReservedConcurrentExecutions": 7}
            functions.add_response("put_function_concurrency", {"ReservedConcurrentExecutions": 7}, asked)
        functions.add_response("delete_function_concurrency", {}, {"FunctionName": f"{STACK}-xp-award"})
        opening.open_again(account.target)
        functions.assert_no_pending_responses()


def test_the_functions_that_are_closed_are_deployed():
    deployed = {str(one["Properties"]["FunctionName"]) for _, one in TEMPLATE.resources("AWS::Serverless::Function")}
    for name in opening.FUNCTIONS:
        assert str({"Fn::Sub": f"${{AWS::StackName}}-{name}"}) in deployed


def test_the_settings_of_another_stack_are_left_alone(
    account: Account, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    file = tmp_path / "settings.toml"
    settings.write(file, settings.Settings("staging", REGION))
    before, wanted = file.read_text(), {"DatabaseResourceId": "db-1", "OwnerSecretArn": ""}
    steps.keep(Draft(file, settings.read(file)), account.target, wanted)
    assert file.read_text() == before
    assert 'DatabaseResourceId = "db-1"' in capsys.readouterr().out


def test_whatever_step_it_ends_at_it_says_what_exists_and_how_to_go_on(account: Account, tmp_path: Path):
    account.restores()
    every = [*named(account.restoring(tmp_path))]
    assert {"close", "restore", "deletions", "point", "smoke", "finish"} <= set(every)
    for step in every:
        assert steps.so_far(".venv/bin/ops restore", step).endswith(
            "`.venv/bin/ops restore` goes on here, from any machine."
        )


def test_what_the_document_says_of_each_step_is_of_these_steps(account: Account, tmp_path: Path):
    account.restores()
    page = (ROOT / "docs" / "Deployment.md").read_text()
    for step in named(account.restoring(tmp_path)):
        assert step == "finish" or f"| {step} |" in page or f"{step}, logs |" in page or f", {step} |" in page, step


def test_a_database_that_gives_no_answer_is_no_reason_not_to_restore(account: Account):
    account.loses_its_database()
    (words,) = command.losses(account.target, datetime.now(UTC))
    assert "nobody can count it, for the database gives no answer" in words


def test_a_state_that_is_older_than_the_deletion_log_is_refused(account: Account):
    with pytest.raises(Refused, match="for which the deletion log is kept"):
        command.say_losses(cast("Any", None), account.target, Source(datetime(2020, 1, 1, tzinfo=UTC), NIGHT), None)
