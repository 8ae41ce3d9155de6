"""`ops reapply-deletions` deletes again the members in the log, and nobody else."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.response import StreamingBody
from typer.testing import CliRunner

from devkit.postgres import OWNER
from mastermind.config import AwsSettings
from mastermind.deadline import Deadline
from mastermind.game.exports.rules import EXPORTS
from mastermind.game.privacy import rules as privacy
from mastermind.game.privacy.rules import Deletion
from mastermind.gateways.s3 import Bucket
from ops.commands import app
from ops.deletions import LogError, read_bucket, refuse_foreign
from tests.deletion_logs import entries, log_of
from tests.gateways.test_sqs import CREDENTIALS, emulator
from tests.ops.scripted import Scripted, scripted
from tests.ops.words import words

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from typer.testing import Result

    from devkit.postgres import Postgres
    from mastermind.operations.deletion_log import DeletionLog
    from tests.conftest import Connection

GONE, CAME_BACK, STAYS = 101, 102, 103
NOW = datetime.now(UTC)
LOG = Deletion(1, GONE, NOW + timedelta(days=1)), Deletion(2, CAME_BACK, NOW - timedelta(days=3))
FAILED = privacy.begin(STAYS, 3)


@pytest.fixture
def restored(database: Postgres, owner: Connection) -> Postgres:
    for user_id in (GONE, CAME_BACK, STAYS):
        owner.execute("INSERT INTO users (user_id, display_name, time_zone) VALUES (%s, 'x', 'UTC')", [user_id])
    return database


def run(database: Postgres, *arguments: str, said: str = "") -> Result:
    options = ["reapply-deletions", "--database-url", database.url(OWNER), *arguments]
    return CliRunner().invoke(app, options, env={"EXPORT_BUCKET": None}, input=said)


def left(owner: Connection) -> list[int]:
    return [user_id for (user_id,) in owner.execute("SELECT user_id FROM users ORDER BY 1").fetchall()]


def copy_of_the_log(folder: Path) -> Path:
    return log_of(folder, *LOG)


def test_a_copy_of_the_log_is_applied_and_may_be_applied_again(restored: Postgres, owner: Connection, tmp_path: Path):
    folder = str(copy_of_the_log(tmp_path))
    assert run(restored, "--folder", folder, "--dry-run").output == "2 deletions in the log\n"
    assert left(owner) == [GONE, CAME_BACK, STAYS]
    assert run(restored, "--folder", folder, "--yes").output == "2 deletions in the log\n1 members deleted again\n"
    assert left(owner) == [CAME_BACK, STAYS]
    assert run(restored, "--folder", folder, "--yes").output == "2 deletions in the log\n0 members deleted again\n"


def test_it_asks_first(restored: Postgres, owner: Connection, tmp_path: Path):
    folder = str(copy_of_the_log(tmp_path))
    refused = run(restored, "--folder", folder, said="n\n")
    assert (refused.exit_code, left(owner)) == (1, [GONE, CAME_BACK, STAYS])
    assert run(restored, "--folder", folder, said="y\n").output.endswith("1 members deleted again\n")


def test_the_log_is_read_from_its_bucket(
    restored: Postgres, owner: Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    with emulator(tmp_path) as url:
        for name, value in (
            ("AWS_ENDPOINT_URL", url),
            ("AWS_DEFAULT_REGION", "us-east-1"),
            ("AWS_ACCESS_KEY_ID", CREDENTIALS.access_key_id),
            ("AWS_SECRET_ACCESS_KEY", CREDENTIALS.secret_access_key),
        ):
            monkeypatch.setenv(name, value)
        client: Any = boto3.client("s3")
        client.create_bucket(Bucket="exported")
        client.close()
        bucket = Bucket("exported", AwsSettings("us-east-1", url, CREDENTIALS))
        for entry in (entry for done in LOG for entry in entries(done)):
            bucket.put_once(privacy.key(entry), privacy.write(entry), Deadline.after(120))
        bucket.put(f"{EXPORTS}x/mastermind.json", b"not of the log", Deadline.after(120))
        bucket.close()
        result = run(restored, "--bucket", "exported", "--yes")
        nowhere = run(restored, "--bucket", "nowhere", "--yes")
    assert "NoSuchBucket" in nowhere.output
    assert result.output == "2 deletions in the log\n1 members deleted again\n"
    assert left(owner) == [CAME_BACK, STAYS]


def test_a_deletion_that_failed_is_not_repeated_and_the_operator_reads_whose_it_was(
    restored: Postgres, owner: Connection, tmp_path: Path
):
    """The member was told that it failed, and may have played on."""
    folder = str(log_of(tmp_path, *LOG, FAILED))
    output = run(restored, "--folder", folder, "--yes").output
    assert "1 deletions began and never ended" in output
    assert f"ask them: {STAYS}" in output
    assert left(owner) == [CAME_BACK, STAYS]


def test_a_member_who_plays_already_is_left_and_counted(restored: Postgres, owner: Connection, tmp_path: Path):
    later = "INSERT INTO interactions_done (interaction_id, user_id, outcome, at) VALUES (5, %s, '{}', %s)"
    owner.execute(later, [GONE, NOW + timedelta(days=2)])
    output = run(restored, "--folder", str(copy_of_the_log(tmp_path)), "--yes").output
    assert "0 members deleted again\n1 members have played since the restore" in output
    assert left(owner) == [GONE, CAME_BACK, STAYS]


def test_an_end_without_its_beginning_stops_before_anything_is_deleted(
    restored: Postgres, owner: Connection, tmp_path: Path
):
    folder = copy_of_the_log(tmp_path)
    (folder / privacy.key(entries(LOG[1])[0])).unlink()
    result = run(restored, "--folder", str(folder), "--yes")
    assert (result.exit_code, left(owner)) == (1, [GONE, CAME_BACK, STAYS])
    assert "the beginning of deletion 2 is missing" in result.output


@pytest.mark.parametrize(
    "entry",
    [
        "",
        "{}",
        "[]",
        '{"interaction_id": "1", "user_id": "x", "began": "2026-01-01T00:00:00Z"}',
        '{"interaction_id": "1", "ended": "2026-01-01T00:00:00"}',
    ],
)
def test_an_invalid_entry_stops_before_anything_is_deleted(
    restored: Postgres, owner: Connection, tmp_path: Path, entry: str
):
    (copy_of_the_log(tmp_path) / "z.json").write_text(entry)
    result = run(restored, "--folder", str(tmp_path), "--yes")
    assert result.exit_code == 1
    assert "Nothing was deleted" in result.output
    assert left(owner) == [GONE, CAME_BACK, STAYS]


def test_an_empty_log_is_not_that_of_a_database_which_knows_of_deletions(
    restored: Postgres, owner: Connection, tmp_path: Path
):
    owner.execute("INSERT INTO deletions (interaction_id, logged_at) VALUES (1, now())")
    result = run(restored, "--folder", str(log_of(tmp_path / "empty")), "--yes")
    assert result.exit_code == 1
    assert "the database knows of 1 deletions in its log" in result.output
    assert "Nothing was deleted" in result.output


# --- a stack that was made of a snapshot ---

BEGAN = datetime(2026, 6, 1, tzinfo=UTC)
SECRET_ARN = "arn:aws:secretsmanager:eu-central-1:1:secret:rds!db-1"
OLD_SECRET_ARN = "arn:aws:secretsmanager:eu-central-1:1:secret:rds!db-0"


class NewStack(Scripted):
    """A stack whose function migrate can enter the database."""

    def has_bucket(self, name: str, *deletions: Deletion) -> None:
        found = [entry for one in deletions for entry in entries(one)]
        keys = [{"Key": privacy.key(entry)} for entry in found]
        asked = {"Bucket": name, "Prefix": privacy.DELETIONS}
        self.answers("s3", "list_objects_v2", {"Contents": keys, "IsTruncated": False}, **asked)
        for entry in found:
            body = StreamingBody(BytesIO(written := privacy.write(entry)), len(written))
            self.answers("s3", "get_object", {"Body": body}, Bucket=name, Key=privacy.key(entry))

    def has_database(self, since: datetime, logged: int = 0) -> None:
        outputs = {
            "DatabaseSecretArn": OLD_SECRET_ARN,
            "ExportBucketName": "new-bucket",
            "DatabaseIdentifier": "game-1",
        }
        shown = {
            "StackName": "game",
            "CreationTime": BEGAN,
            "StackStatus": "CREATE_COMPLETE",
            "Outputs": [{"OutputKey": name, "OutputValue": value} for name, value in outputs.items()],
        }
        self.answers("cloudformation", "describe_stacks", {"Stacks": [shown]}, StackName="game")
        self.asked_again()
        self.runner_answers({"deleted": 0, "playing": 0, "since": since.isoformat(), "logged": logged})

    def asked_again(self) -> None:
        """RDS's own secret has no more than this: the rest is in the environment of the function.

        The instance was restored since the deploy, so that its secret is another than the stack's output says.
        """
        instance = {"DBInstanceIdentifier": "game-1", "MasterUserSecret": {"SecretArn": SECRET_ARN}}
        self.answers("rds", "describe_db_instances", {"DBInstances": [instance]}, DBInstanceIdentifier="game-1")
        secret = {"SecretString": '{"username": "mastermind_owner", "password": "of-rds"}'}
        self.answers("secretsmanager", "get_secret_value", secret, SecretId=SECRET_ARN)

    def runner_answers(self, answer: dict[str, Any], deletions: tuple[Deletion, ...] = ()) -> None:
        connection = {"username": "mastermind_owner", "password": "of-rds"}
        asked = {"connection": connection, "deletions": [privacy.write(one).decode() for one in deletions]}
        body = json.dumps(answer).encode()
        payload = {"Payload": StreamingBody(BytesIO(body), len(body))}
        self.answers("lambda", "invoke", payload, FunctionName="game-migrate", Payload=json.dumps(asked).encode())


@pytest.fixture
def new_stack() -> Iterator[NewStack]:
    with scripted(NewStack) as new_stack:
        yield new_stack


def log_in(stack: NewStack, bucket: str) -> DeletionLog:
    return read_bucket(bucket, stack.target.client("s3"))


@pytest.mark.parametrize(
    ("since", "logged", "why"),
    [
        (BEGAN - timedelta(days=90), 0, "the database is of 2026-03-03, older than the stack"),
        (BEGAN + timedelta(minutes=9), 2, "the database knows of 2 deletions in its log"),
    ],
)
def test_the_empty_log_of_a_new_stack_is_not_that_of_an_older_database(
    new_stack: NewStack, since: datetime, logged: int, why: str
):
    """With it every member who deleted themselves since the snapshot would be back."""
    new_stack.has_bucket("new-bucket")
    new_stack.has_database(since, logged)
    with pytest.raises(LogError) as refusal:
        refuse_foreign(log_in(new_stack, "new-bucket"), new_stack.target)
    assert f"The deletion log is empty, and {why}" in str(refusal.value)
    assert "name the bucket of the earlier stack (--bucket)" in str(refusal.value)


def test_the_empty_log_of_a_stack_that_made_its_database_is_its_own(
    new_stack: NewStack, capsys: pytest.CaptureFixture[str]
):
    new_stack.has_bucket("new-bucket")
    new_stack.has_database(BEGAN + timedelta(minutes=9))
    refuse_foreign(log_in(new_stack, "new-bucket"), new_stack.target)
    assert capsys.readouterr().out == "The database answers, and TLS verifies its name. It began on 2026-06-01.\n"


def test_the_log_of_the_earlier_stacks_bucket_is_that_of_its_database(new_stack: NewStack):
    new_stack.has_bucket("old-bucket", *LOG)
    new_stack.has_database(BEGAN - timedelta(days=90))
    refuse_foreign(log_in(new_stack, "old-bucket"), new_stack.target)


def test_a_missing_log_is_not_an_empty_log(restored: Postgres, tmp_path: Path):
    result = run(restored, "--folder", str(tmp_path / "nowhere"), "--yes")
    assert (result.exit_code, "is no f" in words(result)) == (2, True)


def test_a_stopped_database_is_reported(restored: Postgres, tmp_path: Path):
    options = ["reapply-deletions", "--folder", str(copy_of_the_log(tmp_path)), "--yes"]
    url = restored.url(OWNER).replace(f":{restored.port}/", ":1/")
    result = CliRunner().invoke(app, [*options, "--database-url", url], env={"EXPORT_BUCKET": None})
    assert result.exit_code == 1
    assert "Fix that and run it again" in result.output


def test_an_invalid_url_is_not_shown(tmp_path: Path):
    options = ["reapply-deletions", "--folder", str(copy_of_the_log(tmp_path)), "--yes"]
    result = CliRunner().invoke(app, options, env={"EXPORT_BUCKET": None, "DATABASE_URL": "postgres//o:a-secret@h/db"})
    assert (result.exit_code, "not the URL of a database" in words(result)) == (2, True)
    assert "a-secret" not in result.output + repr(result.exception)


def test_one_log_is_named(restored: Postgres, tmp_path: Path):
    assert "Name the bucket, or a folder" in run(restored).output
    assert "not both" in run(restored, "--bucket", "exports", "--folder", str(tmp_path)).output
