"""The copies of RDS's backups in a second region: what is refused before a deploy, and what the doctor says of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from botocore.stub import Stubber

from ops import doctor
from ops.checks import second_region
from ops.checks.findings import Context, State
from tests.ops.scripted import Scripted, scripted
from tests.ops.test_preflight import found, only

if TYPE_CHECKING:
    from collections.abc import Iterator

FINE, WRONG = State.FINE, State.WRONG
THERE = "eu-west-1"
KEY = f"arn:aws:kms:{THERE}:123456789012:key/one"
COPY = f"arn:aws:rds:{THERE}:123456789012:auto-backup:ab-one"
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture
def aws() -> Iterator[Scripted]:
    with scripted() as aws:
        yield aws


# --- before a deploy ---


def planned(aws: Scripted, key: str = KEY, *, takes_copies: bool = True) -> tuple[State, str]:
    with Stubber(aws.target.client("rds", region=THERE)) as rds:
        known = [{"RegionName": "eu-central-1", "SupportsDBInstanceAutomatedBackupsReplication": takes_copies}]
        rds.add_response("describe_source_regions", {"SourceRegions": known}, {"RegionName": "eu-central-1"})
        given = (f"SecondRegion={THERE}", f"SecondRegionKey={key}")
        return only(found(aws, second_region.planned_copies, *given))


def test_without_a_second_region_nothing_is_looked_at(aws: Scripted):
    assert found(aws, second_region.planned_copies) == []


@pytest.mark.parametrize(("status", "state"), [("Enabled", FINE), ("Disabled", WRONG), ("PendingDeletion", WRONG)])
def test_the_copies_of_another_region_need_a_key_there(aws: Scripted, status: str, state: State):
    with Stubber(aws.target.client("kms", region=THERE)) as kms:
        kms.add_response("describe_key", {"KeyMetadata": {"KeyId": "one", "KeyState": status}}, {"KeyId": KEY})
        assert planned(aws)[0] is state


def test_a_region_that_takes_no_copies_of_this_one_is_refused(aws: Scripted):
    with Stubber(aws.target.client("kms", region=THERE)) as kms:
        kms.add_response("describe_key", {"KeyMetadata": {"KeyId": "one", "KeyState": "Enabled"}}, {"KeyId": KEY})
        state, said = planned(aws, takes_copies=False)
    assert (state, "RDS copies no backups from eu-central-1 to eu-west-1" in said) == (WRONG, True)


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("", "SecondRegionKey is empty"),
        (KEY.replace(THERE, "eu-west-2"), "SecondRegionKey is of eu-west-2, and the copies go to eu-west-1"),
    ],
)
def test_a_key_that_cannot_be_is_found_before_a_deploy(aws: Scripted, key: str, words: str):
    state, said = planned(aws, key)
    assert (state, words in said) == (WRONG, True)


def test_a_key_that_is_not_there_is_found_before_a_deploy(aws: Scripted):
    with Stubber(aws.target.client("kms", region=THERE)) as kms:
        kms.add_client_error("describe_key", "NotFoundException", "there is none")
        state, said = planned(aws)
    assert (state, f"there is no key {KEY}" in said) == (WRONG, True)


# --- after it ---


def examined(aws: Scripted, copies: list[str]) -> tuple[State, str]:
    outputs = [{"OutputKey": "DatabaseIdentifier", "OutputValue": "game-db"}]
    stack = {
        "StackName": "game",
        "CreationTime": NOW,
        "StackStatus": "UPDATE_COMPLETE",
        "Parameters": [{"ParameterKey": "SecondRegion", "ParameterValue": THERE}],
        "Outputs": outputs,
    }
    aws.answers("cloudformation", "describe_stacks", {"Stacks": [stack]}, StackName="game")
    shown = {"DBInstanceAutomatedBackupsReplications": [{"DBInstanceAutomatedBackupsArn": arn} for arn in copies]}
    aws.answers("rds", "describe_db_instances", {"DBInstances": [shown]}, DBInstanceIdentifier="game-db")
    return only(doctor.run_check("copies", second_region.copies, Context(aws.target, {}, now=lambda: NOW)))


@pytest.mark.parametrize("copies", [[], [COPY.replace(THERE, "eu-west-2")]])
def test_a_database_without_a_copy_in_that_region_is_named(aws: Scripted, copies: list[str]):
    state, said = examined(aws, copies)
    assert (state, "RDS copies no backup of game-db to eu-west-1" in said) == (WRONG, True)


@pytest.mark.parametrize(
    ("window", "state", "words"),
    [
        ({"LatestTime": NOW - timedelta(minutes=20)}, FINE, "until 2026-11-23 11:40 UTC can be restored in eu-west-1"),
        ({"LatestTime": NOW - timedelta(days=1)}, WRONG, "until 2026-11-22 12:00 UTC can be restored in eu-west-1"),
        (None, WRONG, "nothing can be restored in eu-west-1 yet"),
    ],
)
def test_a_copy_says_until_when_it_goes_and_one_that_stands_still_is_wrong(
    aws: Scripted, window: dict[str, datetime] | None, state: State, words: str
):
    with Stubber(aws.target.client("rds", region=THERE)) as rds:
        backup = {"RestoreWindow": window} if window else {}
        answer = {"DBInstanceAutomatedBackups": [backup]}
        rds.add_response("describe_db_instance_automated_backups", answer, {"DBInstanceAutomatedBackupsArn": COPY})
        how, said = examined(aws, [COPY])
    assert (how, words in said) == (state, True)
