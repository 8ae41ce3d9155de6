"""Our snapshots in RDS, through the SDK itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import ClientError

from mastermind.deadline import Deadline
from mastermind.errors import Unavailable
from mastermind.gateways.snapshots import Snapshot, Snapshots, snapshots
from mastermind.operations.backup.rules import TAG, newest
from tests.moto_aws import moto_aws

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

REGION = "eu-central-1"
AT = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


def soon() -> Deadline:
    return Deadline.after(10)


@pytest.fixture
def ours(monkeypatch: pytest.MonkeyPatch) -> Iterator[Snapshots]:
    """The snapshots of the instance `ours`, beside which there is another."""
    with moto_aws(monkeypatch, REGION):
        rds = boto3.client("rds", region_name=REGION)
        for name in ("ours", "theirs"):
            rds.create_db_instance(DBInstanceIdentifier=name, DBInstanceClass="db.t4g.micro", Engine="postgres")
        yield snapshots("ours")


def tag_instance(tags: Mapping[str, str]) -> None:
    rds = boto3.client("rds", region_name=REGION)
    (instance,) = rds.describe_db_instances(DBInstanceIdentifier="ours")["DBInstances"]
    written: list[Any] = [{"Key": key, "Value": value} for key, value in tags.items()]
    rds.add_tags_to_resource(ResourceName=instance.get("DBInstanceArn", ""), Tags=written)


def made_by_us(there: Snapshots) -> list[Snapshot]:
    """Without the one that RDS makes by itself with each instance."""
    return [one for one in there.all(soon()) if not one.name.startswith("rds:")]


def test_a_snapshot_is_made_with_its_tags_and_found_again(ours: Snapshots):
    assert ours.create("game-20261123", {TAG: "game"}, soon())
    (made,) = made_by_us(ours)
    assert (made.name, made.instance, made.status, made.tags) == ("game-20261123", "ours", "available", {TAG: "game"})
    assert made.made
    assert datetime.now(UTC) - made.made < timedelta(minutes=1)
    assert ours.find("game-20261123", soon()) == made


def test_a_snapshot_has_the_tags_of_the_instance_but_those_that_only_aws_may_set(ours: Snapshots):
    tags = {"Name": "game", "cost": "community", "aws:cloudformation:stack-name": "game", TAG: "another"}
    tag_instance(tags)
    assert ours.create("game-20261123", {TAG: "game"}, soon())
    assert made_by_us(ours)[0].tags == {TAG: "game", "Name": "game", "cost": "community"}


def test_a_snapshot_has_our_tag_however_many_the_instance_has(ours: Snapshots):
    tag_instance({f"tag {number}": "" for number in range(50)})
    assert ours.create("game-20261123", {TAG: "game"}, soon())
    tags = made_by_us(ours)[0].tags
    assert (len(tags), tags[TAG]) == (50, "game")


def test_a_name_that_stands_already_is_told_and_no_error(ours: Snapshots):
    assert ours.create("game-20261123", {}, soon())
    assert not ours.create("game-20261123", {}, soon())
    assert len(made_by_us(ours)) == 1


def test_only_those_of_the_instance_are_listed_and_one_of_another_is_found_by_its_name(ours: Snapshots):
    snapshots("theirs").create("game-20261123", {}, soon())
    assert made_by_us(ours) == []
    found = ours.find("game-20261123", soon())
    assert found
    assert found.instance == "theirs"


def test_what_is_not_there_is_not_found_and_may_be_deleted_twice(ours: Snapshots):
    assert ours.find("game-20261123", soon()) is None
    ours.create("game-20261123", {}, soon())
    for _ in range(2):
        ours.delete("game-20261123", soon())
    assert made_by_us(ours) == []


class Pages:
    """RDS with so many snapshots that they come in pages, and one that is still being made."""

    def describe_db_instances(self, **_: str) -> Mapping[str, Any]:
        return {"DBInstances": [{"DBInstanceIdentifier": "ours"}]}

    def describe_db_snapshots(self, **asked: str) -> Mapping[str, Any]:
        assert asked["DBInstanceIdentifier"] == "ours"
        if not asked["Marker"]:
            return {"DBSnapshots": [described("a", "available", AT)], "Marker": "more"}
        late = AT + timedelta(hours=1)
        rest = [described("b", "available", late), described("c", "creating", None)]
        return {"DBSnapshots": [*rest, described("d", "failed", late + timedelta(hours=1))]}

    def create_db_snapshot(self, **_: object) -> object:
        raise refusal("SnapshotQuotaExceeded")

    def delete_db_snapshot(self, **_: object) -> object:
        raise refusal("InvalidDBSnapshotState")


def described(name: str, status: str, made: datetime | None) -> Mapping[str, Any]:
    since = {} if made is None else {"SnapshotCreateTime": made}
    return {"DBSnapshotIdentifier": name, "DBInstanceIdentifier": "ours", "Status": status, **since}


def refusal(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "hush"}}, "operation")


def test_snapshots_that_are_not_available_do_not_count_and_every_page_is_read():
    found = newest(Snapshots("ours", Pages()).all(soon()))
    assert found
    assert (found.name, found.made) == ("b", AT + timedelta(hours=1))
    assert [one.name for one in Snapshots("ours", Pages()).all(soon())] == ["a", "b", "c", "d"]


def test_any_other_refusal_is_unavailable_in_our_words():
    with pytest.raises(Unavailable, match="RDS answers SnapshotQuotaExceeded"):
        Snapshots("ours", Pages()).create("e", {}, soon())
    with pytest.raises(Unavailable, match="RDS answers InvalidDBSnapshotState"):
        Snapshots("ours", Pages()).delete("d", soon())
