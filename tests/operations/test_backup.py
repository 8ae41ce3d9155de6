"""Backups against an account with snapshots of all kinds: what is made, what is replaced, and what is left alone."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from moto.backends import get_backend

from mastermind import observability
from mastermind.deadline import Deadline
from mastermind.errors import Unavailable
from mastermind.game.settings import content as time_zones
from mastermind.gateways.snapshots import Snapshots, snapshots
from mastermind.operations.backup import actions
from mastermind.operations.backup.actions import Backup
from mastermind.operations.backup.rules import TAG, Kept, Owner
from tests.moto_aws import moto_aws

if TYPE_CHECKING:
    from collections.abc import Iterator

REGION, ACCOUNT = "eu-central-1", "123456789012"
OURS = Owner("game", "game-database")
KEPT = Kept(nights=30, asked=20)
NEW_YORK = time_zones.zone("America/New_York")
TONIGHT = datetime(2026, 11, 23, 3, 0, tzinfo=NEW_YORK)
OF_LAST_NIGHT, OF_TONIGHT, ASKED_FOR = "game-20261122", "game-20261123", "game-manual-202611230800"


class Account:
    """RDS with our instance and another, and our backup at hand."""

    def __init__(self) -> None:
        self.rds = boto3.client("rds", region_name=REGION)
        for name in (OURS.instance, "another-database"):
            self.rds.create_db_instance(DBInstanceIdentifier=name, DBInstanceClass="db.t4g.micro", Engine="postgres")
        for made_by_itself in self.names():
            self._kept().pop(made_by_itself)
        self.now = TONIGHT
        self.backup = Backup(OURS, snapshots(OURS.instance), KEPT, NEW_YORK, lambda: self.now)

    def _kept(self) -> dict[str, Any]:
        backend: Any = get_backend("rds")
        return backend[ACCOUNT][REGION].database_snapshots

    def add(
        self,
        name: str,
        at: datetime = TONIGHT,
        *,
        status: str = "available",
        instance: str = OURS.instance,
        tag: str | None = OURS.stack,
    ) -> None:
        tags: Any = [] if tag is None else [{"Key": TAG, "Value": tag}]
        self.rds.create_db_snapshot(DBSnapshotIdentifier=name, DBInstanceIdentifier=instance, Tags=tags)
        made = self._kept()[name]
        made.status, made.created = status, at

    def add_nights(self, many: int) -> None:
        """The nights before tonight."""
        for ago in range(many, 0, -1):
            at = TONIGHT - timedelta(days=ago)
            self.add(OURS.of_night(at, NEW_YORK), at)

    def names(self) -> set[str]:
        return set(self._kept())

    def set_status(self, name: str, status: str) -> None:
        self._kept()[name].status = status

    def night(self) -> dict[str, object]:
        return self.backup.run_nightly(soon())

    def asked(self, at: datetime = TONIGHT) -> dict[str, object]:
        return self.backup.asked_for(at, soon())


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[Account]:
    monkeypatch.setenv("MOTO_RDS_SNAPSHOT_QUOTA", "500")
    with moto_aws(monkeypatch, REGION):
        yield Account()


def soon() -> Deadline:
    return Deadline.after(600)


def counted(capsys: pytest.CaptureFixture[str]) -> list[float]:
    """What was counted of backups since this was last asked."""
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if line.startswith("{")]
    return [line[observability.BACKUPS][0] for line in lines if observability.BACKUPS in line]


# --- what is made ---


def test_the_first_night_makes_one_with_our_tag_and_misses_nothing(
    account: Account, capsys: pytest.CaptureFixture[str]
):
    report = account.night()
    assert report == {"snapshot": OF_TONIGHT, "outcome": "begun", "night_before": "none yet", "pruned": []}
    (made,) = account.rds.describe_db_snapshots(DBInstanceIdentifier=OURS.instance)["DBSnapshots"]
    assert (made.get("DBSnapshotIdentifier"), made.get("TagList")) == (OF_TONIGHT, [{"Key": TAG, "Value": "game"}])
    assert counted(capsys) == [1]


def test_two_nightly_backups_on_one_day_make_one_snapshot(account: Account, capsys: pytest.CaptureFixture[str]):
    account.night()
    account.now += timedelta(hours=1)
    assert account.night()["outcome"] == "already exists"
    assert account.names() == {OF_TONIGHT}
    assert counted(capsys) == [1, 1]


def test_a_requested_snapshot_is_a_separate_one_and_the_same_within_a_minute(account: Account):
    account.night()
    assert account.asked() == {"snapshot": ASKED_FOR, "outcome": "begun", "pruned": []}
    assert account.asked(TONIGHT + timedelta(seconds=59))["outcome"] == "already exists"
    assert account.names() == {OF_TONIGHT, ASKED_FOR}
    account.asked(TONIGHT + timedelta(seconds=60))
    assert len(account.names()) == 3


def test_one_that_is_being_created_is_good_enough(account: Account):
    account.add(OF_TONIGHT, status="creating")
    assert account.night()["outcome"] == "already exists"


@pytest.mark.parametrize("name", [OF_TONIGHT, ASKED_FOR])
def test_one_that_failed_is_replaced(account: Account, name: str):
    account.add(name, status="failed")
    report = account.night() if name == OF_TONIGHT else account.asked()
    assert report["outcome"] == "replaced"
    (made,) = account.rds.describe_db_snapshots(DBInstanceIdentifier=OURS.instance)["DBSnapshots"]
    assert (made.get("DBSnapshotIdentifier"), made.get("Status")) == (name, "available")


# --- what cannot be made ---


@pytest.mark.parametrize("status", ["deleting", "copying"])
def test_a_snapshot_that_is_neither_available_nor_failed_is_retried_later(account: Account, status: str):
    account.add(OF_TONIGHT, status=status)
    with pytest.raises(Unavailable, match=f"{OF_TONIGHT} is {status}"):
        account.night()


def test_one_that_somebody_else_made_and_that_failed_is_not_touched(account: Account):
    account.add(OF_TONIGHT, status="failed", tag=None)
    with pytest.raises(Unavailable, match="cannot be replaced"):
        account.night()
    assert account.names() == {OF_TONIGHT}


def test_a_name_that_another_instance_has_is_no_backup_of_ours(account: Account, capsys: pytest.CaptureFixture[str]):
    account.add(OF_TONIGHT, instance="another-database")
    with pytest.raises(Unavailable, match=f"the name {OF_TONIGHT} is taken"):
        account.night()
    assert counted(capsys) == []


def test_a_database_that_is_gone_has_no_backup(account: Account):
    account.rds.delete_db_instance(DBInstanceIdentifier=OURS.instance, SkipFinalSnapshot=True)
    with pytest.raises(Unavailable, match="RDS answers DBInstanceNotFound"):
        account.night()


class Raced(Snapshots):
    """Between our look and our try another process makes it; or it fails, and cannot be deleted at once."""

    def __init__(self, account: Account, status: str) -> None:
        super().__init__(OURS.instance, boto3.client("rds", region_name=REGION))
        self._account, self._status = account, status

    def create(self, name: str, tags: Any, deadline: Deadline) -> bool:  # noqa: ANN401 # what it is does not matter
        if name not in self._account.names():
            self._account.add(name, status=self._status)
        return super().create(name, tags, deadline)


@pytest.mark.parametrize("status", ["creating", "available"])
def test_another_process_that_is_faster_makes_the_same_one(account: Account, status: str):
    racing = Backup(OURS, Raced(account, status), KEPT, NEW_YORK, lambda: TONIGHT)
    assert racing.run_nightly(soon())["outcome"] == "already exists"
    assert account.names() == {OF_TONIGHT}


def test_one_that_fails_while_we_look_is_no_success(account: Account):
    racing = Backup(OURS, Raced(account, "failed"), KEPT, NEW_YORK, lambda: TONIGHT)
    with pytest.raises(Unavailable, match="is taken"):
        racing.run_nightly(soon())


def test_one_that_failed_and_does_not_go_is_tried_again_later(account: Account):
    account.add(OF_TONIGHT, status="failed")
    racing = Backup(OURS, Raced(account, "deleting"), KEPT, NEW_YORK, lambda: TONIGHT)
    with pytest.raises(Unavailable, match="could not be deleted"):
        racing.run_nightly(soon())


# --- the night before ---


def test_the_night_before_became_available(account: Account, capsys: pytest.CaptureFixture[str]):
    account.add_nights(2)
    assert account.night()["night_before"] == "available"
    assert counted(capsys) == [1]


@pytest.mark.parametrize("status", ["failed", "creating"])
def test_a_night_before_that_never_became_available_is_no_good_backup(
    account: Account, capsys: pytest.CaptureFixture[str], status: str
):
    account.add_nights(2)
    account.set_status(OF_LAST_NIGHT, status)
    report = account.night()
    assert (report["outcome"], report["night_before"]) == ("begun", status)
    assert counted(capsys) == [0]


def test_a_requested_backup_does_not_silence_the_alarm_on_the_nightly_one(
    account: Account, capsys: pytest.CaptureFixture[str]
):
    account.night()
    counted(capsys)
    account.asked()
    account.asked()
    assert counted(capsys) == []


def test_before_the_first_night_a_requested_backup_counts(account: Account, capsys: pytest.CaptureFixture[str]):
    account.asked()
    assert counted(capsys) == [1]


def test_a_night_that_was_left_out_is_missed(account: Account, capsys: pytest.CaptureFixture[str]):
    account.add("game-20261120", TONIGHT - timedelta(days=3))
    assert account.night()["night_before"] == "missing"
    assert counted(capsys) == [0]


# --- what goes ---


def test_of_150_mixed_snapshots_only_ours_beyond_30_nights_and_20_requests_go(account: Account):
    account.add_nights(45)
    for ago in range(40):
        at = TONIGHT - timedelta(days=ago, hours=5)
        account.add(OURS.asked_for(at), at)
    stays: dict[str, dict[str, Any]] = {
        **{f"game-202601{day:02}": {"status": "failed"} for day in range(1, 11)},
        **{f"game-202602{day:02}": {"status": "creating"} for day in range(1, 6)},
        **{f"game-202603{day:02}": {"tag": None} for day in range(1, 11)},
        **{f"game-202604{day:02}": {"tag": "another"} for day in range(1, 6)},
        **{f"game-202605{day:02}": {"instance": "another-database"} for day in range(1, 16)},
        **{f"another-202601{day:02}": {"tag": "another"} for day in range(1, 11)},
        **{f"game-before-release-{day}": {} for day in range(10)},
    }
    for name, other in stays.items():
        account.add(name, TONIGHT - timedelta(days=200), **other)
    before = account.names()
    assert len(before) == 150

    report = account.night()

    gone = {OURS.of_night(TONIGHT - timedelta(days=ago), NEW_YORK) for ago in range(KEPT.nights + 1, 46)}
    gone |= {OURS.asked_for(TONIGHT - timedelta(days=ago, hours=5)) for ago in range(KEPT.asked, 40)}
    assert before - account.names() == gone
    assert len(gone) == 35
    assert set(report["pruned"]) == gone  # pyright: ignore[reportArgumentType]
    assert account.names() - before == {OF_TONIGHT}
    account.now += timedelta(days=1)
    assert account.night()["pruned"] == [OURS.of_night(TONIGHT - timedelta(days=KEPT.nights), NEW_YORK)]


@pytest.mark.parametrize("status", ["failed", "deleting"])
def test_nothing_goes_while_tonights_cannot_be_made(account: Account, status: str):
    account.add_nights(40)
    account.add(OF_TONIGHT, status=status, tag=None)
    before = account.names()
    with pytest.raises(Unavailable):
        account.night()
    assert account.names() == before


class Stuck(Snapshots):
    """One of the nights cannot be deleted, such as while it is being copied."""

    def delete(self, name: str, deadline: Deadline) -> None:
        if name == OURS.of_night(TONIGHT - timedelta(days=39), NEW_YORK):
            raise Unavailable("RDS answers InvalidDBSnapshotState")
        super().delete(name, deadline)


def test_one_that_cannot_be_deleted_does_not_keep_the_others(account: Account, caplog: pytest.LogCaptureFixture):
    account.add_nights(40)
    stuck = Stuck(OURS.instance, boto3.client("rds", region_name=REGION))
    report = Backup(OURS, stuck, KEPT, NEW_YORK, lambda: TONIGHT).run_nightly(soon())
    assert len(report["pruned"]) == 9  # pyright: ignore[reportArgumentType]
    assert [record.message for record in caplog.records if record.levelname == "ERROR"] == [
        "an old snapshot cannot be pruned"
    ]
    assert len(account.night()["pruned"]) == 2  # pyright: ignore[reportArgumentType]


def test_what_does_not_fit_into_the_time_goes_the_next_night(account: Account, monkeypatch: pytest.MonkeyPatch):
    account.add_nights(40)
    deadline = soon()
    with monkeypatch.context() as patch:
        patch.setattr(actions, "SPARE", deadline.remaining())
        assert account.backup.run_nightly(deadline)["pruned"] == []
    assert len(account.names()) == 41
    assert len(account.night()["pruned"]) == 11  # pyright: ignore[reportArgumentType]
