from __future__ import annotations

import io
import json
import logging
import threading
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any, Literal, cast

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from devkit.postgres import OWNER, Postgres
from functions.migrate import handler
from mastermind.deadline import Deadline
from mastermind.entrypoints import custom_resource, migrate
from mastermind.errors import BadEvent, MigrationError
from mastermind.game.course import actions as courses
from mastermind.game.course import content as course
from mastermind.game.privacy import rules as privacy
from mastermind.game.privacy.rules import Deletion
from mastermind.game.sealing import actions as sealing
from mastermind.game.sealing.rules import START, Head
from mastermind.gateways import cloudformation as addresses
from mastermind.gateways import functions as lambda_functions
from mastermind.gateways import migrate_gate
from mastermind.postgres import schema
from tests.conftest import MIGRATIONS
from tests.moto_aws import moto_aws
from tests.serving import LocalServer, Quiet, serving

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Mapping

    from tests.conftest import Connection, Enter

REGION = "eu-central-1"
ASK = {"StackId": "arn:aws:cloudformation:stack", "RequestId": "unique", "LogicalResourceId": "Migrations"}
BAD_OMENS = pytest.mark.parametrize("failures", [1, 2])


class CloudFormation(LocalServer):
    """The address at which CloudFormation waits: keeps what is sent to it, after refusing `failures` times."""

    def __init__(self) -> None:
        super().__init__(Listening)
        self.responses: list[dict[str, Any]] = []
        self.types: list[str | None] = []
        self.sizes: list[int] = []
        self.failures, self.refusal = 0, 503

    def asks(self, kind: str) -> dict[str, object]:
        return {**ASK, "RequestType": kind, "ResponseURL": f"{self.url}/answer?signed=1"}


class Listening(Quiet, BaseHTTPRequestHandler):
    def do_PUT(self) -> None:
        server = cast("CloudFormation", self.server)
        body = self.rfile.read(int(self.headers["Content-Length"]))
        server.types.append(self.headers["Content-Type"])
        server.sizes.append(len(body))
        server.failures -= 1
        if server.failures < 0:
            server.responses.append(json.loads(body))
        self.send_response(200 if server.failures < 0 else server.refusal)
        self.send_header("Location", self.path)
        self.end_headers()


class Context:
    """What Lambda says about an invocation that has `seconds` left."""

    aws_request_id = "request"

    def __init__(self, seconds: float = 60) -> None:
        self._seconds = seconds

    def get_remaining_time_in_millis(self) -> int:
        return int(self._seconds * 1000)


class Runner:
    """Lambda, where one function lives: ours, in this process."""

    def __init__(self, run: Callable[[dict[str, object]], dict[str, object]]) -> None:
        self._run = run

    def invoke(
        self,
        *,
        FunctionName: str,  # noqa: N803
        InvocationType: Literal["RequestResponse"],  # noqa: N803
        Payload: bytes,  # noqa: N803
    ) -> Mapping[str, Any]:
        assert (FunctionName, InvocationType) == ("stack-migrate", "RequestResponse")
        try:
            return {"Payload": io.BytesIO(json.dumps(self._run(json.loads(Payload))).encode())}
        except RuntimeError as error:
            return {"FunctionError": "Unhandled", "Payload": io.BytesIO(str(error).encode())}


@contextmanager
def waiting(monkeypatch: pytest.MonkeyPatch) -> Generator[CloudFormation]:
    """CloudFormation, known to this process as a local cloud's is."""
    monkeypatch.setenv("AWS_REGION", REGION)
    with serving(CloudFormation()) as server:
        monkeypatch.setattr(addresses, "stand_ins", [server.url])
        yield server


@pytest.fixture
def cloudformation(monkeypatch: pytest.MonkeyPatch) -> Iterator[CloudFormation]:
    with waiting(monkeypatch) as server:
        yield server


@pytest.fixture
def secrets(monkeypatch: pytest.MonkeyPatch, postgres: Postgres) -> Iterator[migrate_gate.Secrets]:
    """Secrets Manager with the master secret, as RDS fills it."""
    with moto_aws(monkeypatch):
        client = boto3.client("secretsmanager", region_name=REGION)
        secret = {"engine": "postgres", "host": "127.0.0.1", "port": postgres.port, "dbname": "mastermind"}
        secret |= {"username": OWNER, "password": postgres.password(OWNER), "dbInstanceIdentifier": "db"}
        client.create_secret(Name="master", SecretString=json.dumps(secret))
        yield client


@pytest.fixture
def settled(monkeypatch: pytest.MonkeyPatch) -> None:
    """The runner's own environment on this machine."""
    monkeypatch.setenv("DATABASE_SSLMODE", "disable")


SETTINGS = ("master", "stack-migrate")


def soon() -> Deadline:
    return Deadline.after(60)


def runner() -> Runner:
    run = migrate.runner(beside=str(MIGRATIONS))
    return Runner(lambda event: run(event, Context()))


def ask(cloudformation: CloudFormation, kind: str, work: Callable[[], Mapping[str, str]]) -> dict[str, Any]:
    custom_resource.serve(cloudformation.asks(kind), "migrations", work, Deadline.after(60))
    [response] = cloudformation.responses
    return response


@pytest.mark.usefixtures("settled")
@pytest.mark.parametrize("kind", ["Create", "Update"])
def test_a_deploy_has_the_migrations_applied_and_learns_how_far_they_are(
    cloudformation: CloudFormation, secrets: migrate_gate.Secrets, kind: str
) -> None:
    response = ask(cloudformation, kind, partial(migrate_gate.migrate, secrets, runner(), *SETTINGS, soon()))

    assert response == {
        **ASK,
        "PhysicalResourceId": "migrations",
        "Status": "SUCCESS",
        "Data": {"Migration": str(schema.NEEDED)},
    }
    assert cloudformation.types == [""]


def test_a_delete_succeeds_and_asks_nobody(cloudformation: CloudFormation) -> None:
    response = ask(cloudformation, "Delete", unreachable)

    assert (response["Status"], response["PhysicalResourceId"]) == ("SUCCESS", "migrations")


def unreachable() -> dict[str, str]:
    raise AssertionError("a delete does nothing")


@pytest.mark.usefixtures("settled")
def test_the_reason_of_a_failure_reaches_the_deployer_without_the_password(
    cloudformation: CloudFormation,
    secrets: migrate_gate.Secrets,
    postgres: Postgres,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("DATABASE_PORT", "1")
    with caplog.at_level(logging.DEBUG, logger="mastermind"):
        response = ask(cloudformation, "Create", partial(migrate_gate.migrate, secrets, runner(), *SETTINGS, soon()))

    assert response["Status"] == "FAILED"
    assert response["Reason"].startswith("The database could not be migrated: connection to server")
    printed = capsys.readouterr()
    assert postgres.password(OWNER) not in f"{response} {caplog.text} {printed.out} {printed.err}"


def test_a_broken_runner_fails_the_deploy_in_words(
    cloudformation: CloudFormation, secrets: migrate_gate.Secrets
) -> None:
    def broken(_: object) -> dict[str, object]:
        raise RuntimeError("hush")

    response = ask(cloudformation, "Update", partial(migrate_gate.migrate, secrets, Runner(broken), *SETTINGS, soon()))

    assert (response["Status"], response["Reason"]) == (
        "FAILED",
        "The runner of the migrations broke: its log says how.",
    )


@pytest.mark.usefixtures("settled")
def test_a_runner_that_was_idle_for_weeks_is_waited_for_and_no_longer_than_there_is_time(
    secrets: migrate_gate.Secrets, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Through boto3 itself: Lambda's refusals as it words them, then the runner's answer."""
    monkeypatch.setattr(lambda_functions, "PAUSE", 0.01)
    answer = {"Payload": io.BytesIO(b'{"migration": 17}')}
    lambdas = boto3.client("lambda", region_name=REGION)
    with Stubber(lambdas) as stub:
        for code, status in (("CodeArtifactUserPendingException", 409), ("ResourceConflictException", 409)):
            stub.add_client_error("invoke", code, http_status_code=status)
        stub.add_client_error("invoke", "ResourceNotReadyException", http_status_code=502)
        stub.add_response("invoke", answer)
        assert migrate_gate.migrate(secrets, lambdas, *SETTINGS, soon()) == {"Migration": "17"}
        stub.add_client_error("invoke", "ResourceNotReadyException", http_status_code=502)
        with pytest.raises(ClientError, match="ResourceNotReadyException"):
            migrate_gate.migrate(secrets, lambdas, *SETTINGS, Deadline.after(0))


def test_a_deploy_of_anything_else_is_another_release(cloudformation: CloudFormation) -> None:
    """The functions that answer over HTTP carry it, and the deploy's check looks for it."""

    def release(**properties: object) -> str:
        return custom_resource.fingerprint({**cloudformation.asks("Update"), "ResourceProperties": properties})

    one = release(Code="migrate:1", Layers=["shared:1"])
    assert one == release(Layers=["shared:1"], Code="migrate:1")
    assert len({one, release(Code="migrate:2", Layers=["shared:1"]), release(Code="migrate:1", Layers=[])}) == 3


def test_a_missing_secret_fails_the_deploy(cloudformation: CloudFormation, secrets: migrate_gate.Secrets) -> None:
    response = ask(
        cloudformation, "Create", partial(migrate_gate.migrate, secrets, runner(), "nowhere", "stack-migrate", soon())
    )

    assert response["Reason"] == "ResourceNotFoundException: the function's log says more."


def test_a_work_that_never_ends_is_answered_before_the_function_is_cut_off(cloudformation: CloudFormation) -> None:
    event, started = cloudformation.asks("Create"), time.monotonic()
    released = threading.Event()
    custom_resource.serve(event, "migrations", lambda: {"x": str(released.wait(60))}, Deadline.after(0.3))
    released.set()

    assert time.monotonic() - started < 30
    assert cloudformation.responses[0]["Reason"] == "It was not done before the function's own time-out."


@pytest.mark.parametrize("reason", ["x" * 9000, "😀" * 900, '"\x01\n' * 900])
def test_a_long_reason_is_cut_to_what_cloudformation_takes(cloudformation: CloudFormation, reason: str) -> None:
    def fails() -> dict[str, str]:
        raise MigrationError(reason)

    assert ask(cloudformation, "Create", fails)["Reason"].endswith("…")
    assert cloudformation.sizes[0] < 4096 - 1024  # a stack's name and its identifiers may be far longer than here


@pytest.mark.parametrize("kind", ["Create", "Update", "Delete"])
def test_an_address_that_is_not_cloudformations_gets_no_answer_and_nothing_is_done(
    cloudformation: CloudFormation, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr(addresses, "stand_ins", [])
    for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "LOCAL_DIR", "AWS_SAM_LOCAL"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{cloudformation.server_address[1]}")
    done = list[str]()

    def work() -> dict[str, str]:
        done.append("it")
        return {}

    with pytest.raises(BadEvent, match="not an address of CloudFormation's"):
        custom_resource.serve(cloudformation.asks(kind), "migrations", work, Deadline.after(5))
    assert (done, cloudformation.types) == ([], [])


def test_an_answer_that_is_sent_elsewhere_was_not_taken(cloudformation: CloudFormation) -> None:
    cloudformation.refusal, cloudformation.failures = 307, 3
    with pytest.raises(ConnectionError):
        ask(cloudformation, "Delete", unreachable)
    assert len(cloudformation.types) == 3, "no redirect is followed"


@BAD_OMENS
def test_an_answer_that_was_not_taken_is_given_again(cloudformation: CloudFormation, failures: int) -> None:
    cloudformation.failures = failures
    assert ask(cloudformation, "Delete", unreachable)["Status"] == "SUCCESS"


def test_an_answer_that_is_never_taken_is_an_error(cloudformation: CloudFormation) -> None:
    cloudformation.failures = 3
    with pytest.raises(ConnectionError):
        ask(cloudformation, "Delete", unreachable)


def test_the_gate_answers_even_when_it_is_not_configured(
    cloudformation: CloudFormation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MASTER_SECRET_ARN", raising=False)
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    handler.gate(cloudformation.asks("Create"), Context())

    assert cloudformation.responses[0]["Reason"] == "MASTER_SECRET_ARN: is not set"


@pytest.mark.usefixtures("settled")
def test_the_environment_goes_before_what_the_gate_hands_over(
    postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_HOST", "127.0.0.1")
    monkeypatch.setenv("DATABASE_PORT", str(postgres.port))
    monkeypatch.setenv("DATABASE_PASSWORD", postgres.password(OWNER))
    handed = {"host": "database.example", "port": 5432, "username": OWNER, "password": "of another place"}

    answer = migrate.runner(beside=str(MIGRATIONS))({"connection": handed}, Context())

    assert answer == {"migration": schema.NEEDED, "applied": []}


@pytest.mark.usefixtures("settled")
def test_a_function_built_without_its_migrations_says_so(postgres: Postgres) -> None:
    connection = {"host": "127.0.0.1", "port": postgres.port, "username": OWNER, "password": postgres.password(OWNER)}

    answer = handler.run({"connection": connection}, Context())

    assert "there are no migrations" in str(answer["failure"])


def deploy(postgres: Postgres, seconds: float = 60) -> dict[str, object]:
    """What the runner answers a deploy."""
    connection = {"host": "127.0.0.1", "port": postgres.port, "username": OWNER, "password": postgres.password(OWNER)}
    return migrate.runner(beside=str(MIGRATIONS))({"connection": connection}, Context(seconds))


@pytest.mark.usefixtures("settled")
def test_a_deploy_brings_the_course_up_to_its_file(database: Postgres, owner: Connection) -> None:
    owner.run_script("UPDATE course_lessons SET title = 'Old'; DELETE FROM course_lessons WHERE lesson_id = 'mend-it'")
    assert deploy(database) == {"migration": schema.NEEDED, "applied": []}
    assert courses.compare(owner, course.load()) == ()


@pytest.mark.usefixtures("settled")
def test_code_that_went_back_leaves_the_course_of_a_newer_database_alone(
    database: Postgres, owner: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner.execute("UPDATE course_lessons SET title = 'Newer'")
    monkeypatch.setattr(schema, "NEEDED", schema.NEEDED - 1)
    deploy(database)
    assert owner.execute("SELECT DISTINCT title FROM course_lessons").fetchall() == [("Newer",)]


@pytest.mark.usefixtures("settled")
def test_a_course_that_cannot_be_seeded_fails_the_deploy_and_says_why(database: Postgres, owner: Connection) -> None:
    owner.run_script("BEGIN; UPDATE course_lessons SET title = 'Held'")
    try:
        answer = deploy(database, 1.5)
    finally:
        owner.execute("ROLLBACK")
    assert str(answer["failure"]).startswith("The course could not be seeded: PostgreSQL did not answer in time")


# --- after a restore ---


def entry_of(postgres: Postgres) -> dict[str, object]:
    return {"host": "127.0.0.1", "port": postgres.port, "username": OWNER, "password": postgres.password(OWNER)}


KIM = "arn:aws:sts::123456789012:assumed-role/Operators/kim@example.org"


def again(postgres: Postgres, *entries: str, seconds: float = 60, by: str | None = KIM) -> dict[str, object]:
    """What the runner answers an operator who has the log of deletions."""
    event: dict[str, object] = {"connection": entry_of(postgres), "deletions": list(entries), "by": by}
    return migrate.runner(beside=str(MIGRATIONS))(event, Context(seconds))


def counted(answer: dict[str, object]) -> dict[str, object]:
    return {name: answer[name] for name in ("deleted", "playing")}


@pytest.mark.usefixtures("settled")
def test_asked_for_no_deletion_it_says_how_old_the_database_is_and_what_it_knows_of_the_log(
    database: Postgres, owner: Connection
) -> None:
    owner.execute("UPDATE schema_migrations SET applied_at = '2026-01-02 03:04+00' WHERE number = 1")
    owner.execute("INSERT INTO deletions (interaction_id, logged_at) VALUES (1, now()), (2, NULL)")
    owner.execute("INSERT INTO deletions (interaction_id, logged_at) VALUES (3, now() - interval '401 days')")
    answer = again(database)
    assert counted(answer) == {"deleted": 0, "playing": 0}
    assert datetime.fromisoformat(str(answer["since"])) == datetime(2026, 1, 2, 3, 4, tzinfo=UTC)
    assert answer["logged"] == 1


@pytest.mark.usefixtures("settled")
def test_whom_a_restore_brought_back_is_deleted_again(database: Postgres, owner: Connection) -> None:
    for user_id in (101, 102):
        owner.execute("INSERT INTO users (user_id, display_name, time_zone) VALUES (%s, 'x', 'UTC')", [user_id])
    entry = privacy.write(Deletion(9, 101, datetime.now(UTC) + timedelta(minutes=1))).decode()
    assert counted(again(database, entry)) == {"deleted": 1, "playing": 0}
    assert counted(again(database, entry)) == {"deleted": 0, "playing": 0}
    assert owner.execute("SELECT user_id FROM users").fetchall() == [(102,)]


def booked(owner: Connection) -> list[tuple[object, ...]]:
    query = "SELECT actor_id, operator, invocation, action, after FROM audit_log ORDER BY id"
    return list(owner.execute(query).fetchall())


@pytest.mark.usefixtures("settled")
def test_repeated_deletions_are_booked_in_the_restored_database_and_sealed_in_its_chain(
    database: Postgres, owner: Connection, as_role: Enter
) -> None:
    entry = privacy.write(Deletion(9, 101, datetime.now(UTC) + timedelta(minutes=1))).decode()
    again(database, entry)
    assert booked(owner) == [(None, KIM, Context.aws_request_id, "privacy.repeat", {"deletions": 1})]
    owner.execute("UPDATE audit_log SET at = at - interval '2 minutes'")
    assert sealing.seal(as_role("app_award"), lambda _day, _head: None) == 1
    links, differs = sealing.verify(as_role("app_main"), Head(0, START), 0)
    assert (len(links), differs) == (1, "")


@pytest.mark.usefixtures("settled")
def test_looking_at_a_restored_database_books_nothing(database: Postgres, owner: Connection) -> None:
    again(database)
    assert booked(owner) == []


@pytest.mark.usefixtures("settled")
@pytest.mark.parametrize("by", [None, "", "kim", f"{KIM}\x1b[31m"], ids=repr)
def test_nothing_is_repeated_for_an_operator_without_an_arn(
    database: Postgres, owner: Connection, by: str | None
) -> None:
    owner.execute("INSERT INTO users (user_id, display_name, time_zone) VALUES (101, 'x', 'UTC')")
    entry = privacy.write(Deletion(9, 101, datetime.now(UTC) + timedelta(minutes=1))).decode()
    assert "needs its operator" in str(again(database, entry, by=by)["failure"])
    assert owner.execute("SELECT user_id FROM users").fetchall() == [(101,)]
    assert booked(owner) == []


@pytest.mark.usefixtures("settled")
def test_migrations_that_an_operator_has_applied_are_booked_and_those_of_a_deploy_are_not(
    database: Postgres, owner: Connection
) -> None:
    run = migrate.runner(beside=str(MIGRATIONS))
    asked: dict[str, object] = {"connection": entry_of(database)}
    done = run(asked, Context())
    assert booked(owner) == []
    assert run({**asked, "by": KIM, "invocation": "forged"}, Context()) == done
    assert booked(owner) == [(None, KIM, Context.aws_request_id, "database.migrate", done)]


@pytest.mark.usefixtures("settled")
def test_no_migration_is_applied_for_an_operator_without_an_arn(database: Postgres) -> None:
    answer = migrate.runner(beside=str(MIGRATIONS))({"connection": entry_of(database), "by": "kim"}, Context())
    assert str(answer["failure"]).startswith("The migrations were not applied: an act needs its operator")


@pytest.mark.usefixtures("settled")
def test_invalid_entries_of_the_deletion_log_delete_nobody(database: Postgres, owner: Connection) -> None:
    owner.execute("INSERT INTO users (user_id, display_name, time_zone) VALUES (101, 'x', 'UTC')")
    good = privacy.write(Deletion(9, 101, datetime.now(UTC) + timedelta(minutes=1))).decode()
    failure = str(again(database, good, "{}")["failure"])
    assert failure.startswith("The event is not valid: deletions.1.interaction_id: Field required")
    assert owner.execute("SELECT user_id FROM users").fetchall() == [(101,)]


@pytest.mark.usefixtures("settled")
def test_a_database_that_is_away_deletes_nobody_and_says_so(
    postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_PORT", "1")
    assert "The deletions could not be done again" in str(again(postgres)["failure"])


@pytest.mark.usefixtures("settled")
def test_a_locked_member_is_not_waited_for_forever(database: Postgres, owner: Connection) -> None:
    owner.execute("INSERT INTO users (user_id, display_name, time_zone) VALUES (101, 'x', 'UTC')")
    entry = privacy.write(Deletion(9, 101, datetime.now(UTC) + timedelta(minutes=1))).decode()
    owner.run_script("BEGIN; UPDATE users SET display_name = 'held'")
    try:
        answer = again(database, entry, seconds=3)
    finally:
        owner.execute("ROLLBACK")
    assert str(answer["failure"]).startswith("The deletions could not be done again: PostgreSQL did not answer in time")


# --- questions about a restore ---


def look(postgres: Postgres, **question: object) -> dict[str, object]:
    """What the runner answers an operator who restores."""
    return handler.run({"connection": entry_of(postgres), "restored": question}, Context(600))


def tick(owner: Connection, user_id: int, xp: int) -> None:
    """Somebody joins and has one tick in the ledger, both in 2026."""
    owner.execute(
        "INSERT INTO users (user_id, display_name, time_zone, created_at) VALUES (%s, 'x', 'UTC', '2026-03-01')",
        [user_id],
    )
    owner.execute(
        "INSERT INTO xp_ledger (user_id, xp, kind, source, source_id, day, at)"
        " VALUES (%s, %s, 'award', 'tensey', %s, '2026-03-02', '2026-03-02')",
        [user_id, xp, str(user_id)],
    )


@pytest.mark.usefixtures("settled")
def test_what_was_played_since_a_moment_is_counted(database: Postgres, owner: Connection) -> None:
    for user_id in (101, 102):
        tick(owner, user_id, 30)
    since = {"members": 2, "players": 2, "ticks": 2, "xp": 60, "last_at": None}
    assert look(database, lost_since="2026-02-01T00:00:00Z") == since
    assert look(database, lost_since="2026-03-01T12:00:00Z") == {**since, "members": 0}
    assert look(database, lost_since="2026-04-01T00:00:00Z") == dict.fromkeys(since, 0) | {"last_at": None}


@pytest.mark.usefixtures("settled")
def test_every_table_can_be_read_once_and_nothing_else(database: Postgres) -> None:
    tables = cast("list[str]", look(database)["tables"])
    assert {"public.users", "public.xp_ledger"} <= set(tables)
    rows = cast("dict[str, int]", look(database, warm=tables)["rows"])
    assert rows.keys() == set(tables)
    assert rows["public.time_zones"] > 0
    assert "no such table" in str(look(database, warm=["pg_authid"])["failure"])


@pytest.mark.usefixtures("settled")
def test_with_little_time_only_some_tables_are_read(database: Postgres) -> None:
    tables = cast("list[str]", look(database)["tables"])
    event: dict[str, object] = {"connection": entry_of(database), "restored": {"warm": tables}}
    rows = handler.run(event, Context(30))["rows"]
    assert list(cast("dict[str, int]", rows)) == tables[:1]


@pytest.mark.usefixtures("settled")
def test_members_who_differ_from_their_ledger_or_from_the_board_are_counted(
    database: Postgres, owner: Connection
) -> None:
    assert look(database, add_up=0) == {"drifted": 0, "off_the_board": 0, "onward": None}
    tick(owner, 101, 30)
    owner.execute("DELETE FROM xp_totals")
    found = look(database, add_up=0)
    assert (found["off_the_board"], found["onward"]) == (1, None)


@pytest.mark.usefixtures("settled")
def test_a_deletion_that_was_not_repeated_is_seen(database: Postgres, owner: Connection) -> None:
    owner.execute("INSERT INTO users (user_id, display_name, time_zone) VALUES (101, 'x', 'UTC')")
    owner.execute("INSERT INTO deletions (interaction_id, logged_at) VALUES (7, now()), (9, now())")
    entry = privacy.write(Deletion(9, 101, datetime.now(UTC) + timedelta(minutes=1))).decode()
    assert look(database, forgotten=[entry]) == {"still_there": 1, "known": 1, "logged": 2}


@pytest.mark.usefixtures("settled")
def test_a_question_to_a_database_that_is_away_is_answered_in_words(
    postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_PORT", "1")
    assert str(look(postgres)["failure"]).startswith("The database gives no answer: ")
