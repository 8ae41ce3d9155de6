"""`ops reapply-deletions` deletes again the members in the log, and nobody else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from typer.testing import CliRunner

from devkit.postgres import OWNER
from mastermind.config import AwsSettings
from mastermind.deadline import Deadline
from mastermind.game.privacy import rules as privacy
from mastermind.game.privacy.rules import Deletion
from mastermind.gateways.s3 import Bucket
from ops.__main__ import app
from tests.gateways.test_sqs import CREDENTIALS, emulator

if TYPE_CHECKING:
    from pathlib import Path

    from typer.testing import Result

    from devkit.postgres import Postgres
    from tests.conftest import Connection

GONE, CAME_BACK, STAYS = 101, 102, 103
NOW = datetime.now(UTC)
LOG = {
    1: Deletion(GONE, NOW + timedelta(days=1)),
    2: Deletion(CAME_BACK, NOW - timedelta(days=3)),
}


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
    for interaction_id, asked in LOG.items():
        path = folder / privacy.key(asked, interaction_id)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(privacy.write(asked))
    return folder


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
        for interaction_id, asked in LOG.items():
            bucket.put(privacy.key(asked, interaction_id), privacy.write(asked), Deadline.after(5))
        bucket.put(f"{privacy.EXPORTS}x/mastermind.json", b"not of the log", Deadline.after(5))
        bucket.close()
        result = run(restored, "--bucket", "exported", "--yes")
        nowhere = run(restored, "--bucket", "nowhere", "--yes")
    assert "NoSuchBucket" in nowhere.output
    assert result.output == "2 deletions in the log\n1 members deleted again\n"
    assert left(owner) == [CAME_BACK, STAYS]


@pytest.mark.parametrize(
    "entry", ["", "{}", "[]", '{"user_id": "x", "at": "2026-01-01"}', '{"user_id": "1", "at": "2026-01-01T00:00:00"}']
)
def test_an_invalid_entry_stops_before_anything_is_deleted(
    restored: Postgres, owner: Connection, tmp_path: Path, entry: str
):
    (copy_of_the_log(tmp_path) / "z.json").write_text(entry)
    result = run(restored, "--folder", str(tmp_path), "--yes")
    assert result.exit_code == 1
    assert "Nothing was deleted" in result.output
    assert left(owner) == [GONE, CAME_BACK, STAYS]


def test_a_missing_log_is_not_an_empty_log(restored: Postgres, tmp_path: Path):
    result = run(restored, "--folder", str(tmp_path / "nowhere"), "--yes")
    assert result.exit_code == 1
    assert "There is no deletion log" in result.output


def test_a_stopped_database_is_reported(restored: Postgres, tmp_path: Path):
    options = ["reapply-deletions", "--folder", str(copy_of_the_log(tmp_path)), "--yes"]
    url = restored.url(OWNER).replace(f":{restored.port}/", ":1/")
    result = CliRunner().invoke(app, [*options, "--database-url", url], env={"EXPORT_BUCKET": None})
    assert result.exit_code == 1
    assert "Fix that and run it again" in result.output


def test_an_invalid_url_is_not_shown(tmp_path: Path):
    options = ["reapply-deletions", "--folder", str(copy_of_the_log(tmp_path)), "--yes"]
    result = CliRunner().invoke(app, options, env={"EXPORT_BUCKET": None, "DATABASE_URL": "postgres//o:a-secret@h/db"})
    assert (result.exit_code, "not the URL of a database" in result.output) == (1, True)
    assert "a-secret" not in result.output + repr(result.exception)


def test_one_log_is_named(restored: Postgres, tmp_path: Path):
    assert "Name the bucket, or a folder" in run(restored).output
    assert "not both" in run(restored, "--bucket", "b", "--folder", str(tmp_path)).output
