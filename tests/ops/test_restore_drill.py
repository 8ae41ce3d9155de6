"""`ops restore-drill` restores for real, says what holds and what does not, and leaves nothing behind."""

from __future__ import annotations

import json
import os
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import psutil
import psycopg
import pytest
from psycopg import errors
from typer.testing import CliRunner

from devkit.discord_client import Answer, snowflake
from devkit.postgres import OWNER, Postgres, temporary
from mastermind.deadline import Deadline
from mastermind.game.challenges import actions as challenges
from mastermind.game.members.rules import Member
from mastermind.game.privacy import actions
from mastermind.game.privacy.rules import Deletion
from mastermind.operations.migrations import runner as migrations
from mastermind.postgres import schema
from ops import backup, dumps, smoke
from ops.commands import app
from ops.dumps import DumpError
from ops.function_process import FunctionProcess
from ops.restore import patience
from ops.smoke import SMOKE_SET
from tests.actors import by
from tests.conftest import MIGRATIONS
from tests.connections import enter
from tests.deletion_logs import log_of
from tests.ops.words import words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from typer.testing import Result

    from devkit.json_types import Json
    from tests.conftest import Connection

ALEX, SAM = Member(101, "Alex"), Member(102, "Sam")


@pytest.fixture(autouse=True)
def _no_local_cloud(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LOCAL_DIR", str(tmp_path / "no-cloud"))


@pytest.fixture(scope="module")
def game(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    """A game of its own in which two members have done a challenge each."""
    with temporary(tmp_path_factory.mktemp("game")) as server:
        migrations.apply(server.settings(OWNER), MIGRATIONS, Deadline.after(60))
        server.set_role_passwords()
        for number, member in enumerate((ALEX, SAM)):
            do_a_challenge(server, member, 1000 + number)
        yield server


def do_a_challenge(server: Postgres, member: Member, interaction_id: int) -> None:
    with entered(server, "app_tensey") as conn:
        ticked = challenges.tick(conn, by(member, interaction_id), "c001", delay=0)
    with entered(server, "app_award") as conn:
        challenges.apply(conn, ticked.award_id)


def entered(server: Postgres, role: str) -> closing[Connection]:
    return closing(enter(server.url(role)))


def held(server: Postgres) -> dumps.Inventory:
    with closing(psycopg.connect(server.url(OWNER), autocommit=True)) as conn:
        return dumps.take(conn)


@pytest.fixture
def dumped(game: Postgres, tmp_path: Path) -> Path:
    file = tmp_path / "game.dump"
    dumps.dump(game.url(OWNER), file)
    return file


def drilled(*arguments: object) -> tuple[Result, dict[str, Any], dict[str, tuple[bool, str]]]:
    """The result, the report that it printed, and each check by name."""
    result = CliRunner().invoke(app, ["restore-drill", "--json", *map(str, arguments)])
    report = json.loads(result.stdout)
    return result, report, {check["name"]: (check["passed"], check["words"]) for check in report["checks"]}


def servers() -> list[psutil.Process]:
    """The PostgreSQL servers of drills that this process has started; other tests may hold drills of their own."""
    found = psutil.Process().children(recursive=True)
    return [one for one in found if any("drill-" in word for word in command_of(one))]


def command_of(process: psutil.Process) -> list[str]:
    """Empty once it has ended."""
    with suppress(psutil.NoSuchProcess):
        return process.cmdline()
    return []


# --- dumps ---


def test_a_dump_knows_what_it_holds_and_its_own_rows_say_the_same(dumped: Path, game: Postgres):
    noted = dumps.inventory_of(dumped)
    assert (noted.migration, noted.rows["users"], noted.rows["xp_ledger"]) == (schema.NEEDED, 2, 2)
    assert noted.rows.keys() == held(game).rows.keys()
    dumps.inventory_file(dumped).unlink()
    assert dumps.inventory_of(dumped) == noted


def test_a_dump_is_for_its_owner_alone(dumped: Path):
    assert [path.stat().st_mode & 0o077 for path in (dumped, dumps.inventory_file(dumped))] == [0, 0]


def test_a_dump_that_cannot_be_made_leaves_none(game: Postgres, tmp_path: Path):
    file = tmp_path / "none.dump"
    with pytest.raises(errors.InsufficientPrivilege):
        dumps.dump(game.url("app_award"), file)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("words", [b"", b"no dump at all"])
def test_a_file_that_is_not_a_dump_is_reported(tmp_path: Path, words: bytes):
    (tmp_path / "none.dump").write_bytes(words)
    with pytest.raises(DumpError, match="Is the dump whole"):
        dumps.inventory_of(tmp_path / "none.dump")


# --- the drill ---


def test_a_dump_is_restored_and_playable_and_later_deletions_are_repeated(dumped: Path, tmp_path: Path, game: Postgres):
    log = log_of(tmp_path / "log", Deletion(1, SAM.user_id, datetime.now(UTC) + timedelta(minutes=1)))
    before = held(game)
    result, report, checks = drilled("--dump", dumped, "--deletions", log)
    assert [name for name, (passed, _) in checks.items() if not passed] == []
    assert (result.exit_code, report["passed"]) == (0, True)
    assert {f"/{step.name}" for step in SMOKE_SET} <= set(checks)
    assert checks["rows"][1] == f"{before.total:,} rows in {len(before.rows)} tables, as dumped"
    assert checks["deletions"][1] == "1 in the log, 1 members deleted again"
    assert checks["dump"][1].startswith("game.dump of 20")
    assert checks["empty log"][1].endswith("older than the stack"), "as in a new stack that is made of a snapshot"
    assert checks["dump"][1].endswith(f"{before.total:,} rows")
    assert checks["migrations"][1].startswith(f"{schema.NEEDED} in the dump, {schema.NEEDED} now")
    assert report["recovery_seconds"] > report["seconds"]["restore"] > 0
    assert held(game) == before, "the game itself was only read"
    assert servers() == []


def test_for_people_it_is_a_table_with_the_time_it_took(dumped: Path, tmp_path: Path):
    log = log_of(tmp_path / "log")
    result = CliRunner().invoke(app, ["restore-drill", "--dump", str(dumped), "--deletions", str(log)])
    assert result.exit_code == 0
    assert "✓  ledger" in result.stdout
    assert "Recovery time:" in result.stdout
    assert "Restoring the dump" in result.stderr, "each part is shown as it goes"


def test_a_drill_on_a_slow_machine_says_so_and_passes(dumped: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(patience, "WITHIN", 0.0)
    log = log_of(tmp_path / "log")
    result = CliRunner().invoke(app, ["restore-drill", "--dump", str(dumped), "--deletions", str(log)])
    assert result.exit_code == 0, result.output
    assert "~  /scorecard" in result.stdout
    assert "The data is right, and this machine is slow" in result.stdout


def test_a_row_that_does_not_come_back_fails_the_drill(dumped: Path, tmp_path: Path):
    held = dumps.inventory_of(dumped)
    rows = {**held.rows, "users": held.rows["users"] + 1, "gone": 3}
    dumps.inventory_file(dumped).write_text(json.dumps({"migration": held.migration, "rows": rows}))
    result, report, checks = drilled("--dump", dumped, "--deletions", log_of(tmp_path / "log"))
    assert (result.exit_code, report["passed"]) == (1, False)
    assert checks["rows"] == (False, "gone: 3 dumped, no table restored; users: 3 dumped, 2 restored")


def test_xp_without_a_ledger_row_fails_the_drill(game: Postgres, tmp_path: Path):
    file = tmp_path / "game.dump"
    falsify(game, 1)
    try:
        dumps.dump(game.url(OWNER), file)
    finally:
        falsify(game, -1)
    result, _, checks = drilled("--dump", file, "--deletions", log_of(tmp_path / "log"))
    assert result.exit_code == 1
    words = "1 members differ from their ledger, 1 differ from the board"
    assert checks["ledger"] == (False, words)


def falsify(game: Postgres, xp: int) -> None:
    """Change somebody's XP as nobody can: past the ledger, with no trigger looking."""
    with closing(game.as_superuser()) as conn:
        conn.execute("SET session_replication_role = replica")
        conn.execute("UPDATE users SET xp = xp + %s WHERE user_id = %s", [xp, ALEX.user_id])


def test_a_damaged_dump_is_reported_and_nothing_is_left_running(dumped: Path, tmp_path: Path):
    dumped.write_bytes(dumped.read_bytes()[:-20_000])
    result, report, checks = drilled("--dump", dumped, "--deletions", log_of(tmp_path / "log"))
    assert (result.exit_code, report["passed"]) == (1, False)
    assert list(checks) == ["dump", "restore"]
    passed, words = checks["restore"]
    assert not passed
    assert words.startswith("Restoring the dump failed. pg_restore: error: ")
    assert words.endswith("Is the dump whole? Take another one, or make one (`.venv/bin/ops backup`).")
    assert servers() == []


def test_without_a_log_of_deletions_a_restore_is_not_done(dumped: Path):
    result, _, checks = drilled("--dump", dumped)
    assert result.exit_code == 1
    passed, words = checks["deletions"]
    assert not passed
    assert "name a copy of it (--deletions)" in words
    assert "/scorecard" not in checks, "nobody plays before"


def test_a_log_that_holds_something_else_fails_the_drill(dumped: Path, tmp_path: Path):
    log = log_of(tmp_path / "log")
    (log / "notes.json").write_text("[]")
    result, _, checks = drilled("--dump", dumped, "--deletions", log)
    assert result.exit_code == 1
    passed, words = checks["deletions"]
    assert not passed
    assert f"{log / 'notes.json'} is not an entry of the deletion log" in words


def test_a_log_that_lacks_a_deletion_which_the_dump_knows_of_fails_the_drill(game: Postgres, tmp_path: Path):
    left, interaction_id = Member(103, "Lee"), snowflake()
    do_a_challenge(game, left, 2000)
    with entered(game, "app_main") as conn:
        ended = actions.delete(conn, by(left, interaction_id))
        actions.note_logged(conn, interaction_id)
    dumped = tmp_path / "game.dump"
    dumps.dump(game.url(OWNER), dumped)

    result, _, checks = drilled("--dump", dumped, "--deletions", log_of(tmp_path / "empty"))
    lacking = "1 deletions that the dump knows are not in it: it is incomplete"
    assert checks["deletions"] == (False, f"0 in the log, 0 members deleted again; {lacking}")
    assert result.exit_code == 1

    log = log_of(tmp_path / "log", Deletion(interaction_id, left.user_id, ended.ended))
    result, _, checks = drilled("--dump", dumped, "--deletions", log)
    assert checks["deletions"] == (True, "1 in the log, 0 members deleted again")
    assert result.exit_code == 0


# --- which dump ---


def test_left_to_itself_it_takes_the_newest_dump_of_the_folder(dumped: Path, tmp_path: Path):
    old, new = tmp_path / "b-old.dump", tmp_path / "a-new.dump"
    for number, file in enumerate((old, new)):
        file.write_bytes(dumped.read_bytes())
        os.utime(file, (1_790_000_000 + number, 1_790_000_000 + number))
    dumped.unlink()
    _, _, checks = drilled("--folder", tmp_path)
    assert checks["dump"][1].startswith("a-new.dump of 2026-09-21")


def test_dumps_lie_where_git_does_not_look():
    assert backup.FOLDER.relative_to(MIGRATIONS.parent).parts == ("backups",)
    assert "backups/" in (MIGRATIONS.parent / ".gitignore").read_text().splitlines()


@pytest.mark.parametrize("option", ["--dump", "--deletions"])
def test_no_drill_begins_without_the_files_that_are_named(tmp_path: Path, option: str):
    result = CliRunner().invoke(app, ["restore-drill", option, str(tmp_path / "nowhere")])
    assert (result.exit_code, "is no f" in words(result)) == (2, True)


def test_an_invalid_inventory_is_reported(dumped: Path):
    dumps.inventory_file(dumped).write_text('{"rows": ')
    _, _, checks = drilled("--dump", dumped)
    assert "is not a valid inventory" in checks["dump"][1]


def test_without_a_dump_and_a_local_cloud_it_says_what_to_do(tmp_path: Path):
    result = CliRunner().invoke(app, ["restore-drill", "--folder", str(tmp_path)])
    assert result.exit_code == 1
    assert "make run" in result.output
    assert "--dump" in result.output


# --- the shipped functions ---


def test_after_an_event_that_broke_the_handler_the_next_one_is_answered(tmp_path: Path):
    folder = tmp_path / "functions" / "halves"
    folder.mkdir(parents=True)
    (folder.parent / "__init__.py").touch()
    (folder / "handler.py").write_text(
        "def handler(event, context):\n    return {'left': context.get_remaining_time_in_millis() // event['by']}\n"
    )
    with FunctionProcess(tmp_path, "halves", {}, tmp_path / "log") as function:
        assert function.invoke({"by": 0})["errorType"] == "ZeroDivisionError"
        assert function.invoke({"by": 10}) == {"left": 1000}


def test_a_restored_database_lets_each_role_do_what_it_may_and_no_more(dumped: Path, game: Postgres):
    """Grants, row security and who owns what travel with the dump."""
    with closing(game.as_superuser("postgres")) as conn:
        conn.execute(f"CREATE DATABASE again OWNER {OWNER}")
    try:
        dumps.restore(dumped, game.url(OWNER, "again"))
        for role in ("app_main", "app_tensey", "app_award", "app_outbox"):
            assert rights(replaced(game.url(role), "again")) == rights(game.url(role))
    finally:
        with closing(game.as_superuser("postgres")) as conn:
            conn.execute("DROP DATABASE again WITH (FORCE)")


def replaced(url: str, database: str) -> str:
    return url.replace("/mastermind?", f"/{database}?")


def rights(url: str) -> list[Any]:
    with closing(psycopg.connect(url)) as conn:
        columns = conn.execute(
            "SELECT table_name, column_name, privilege_type FROM information_schema.column_privileges"
            " WHERE grantee = current_user ORDER BY 1, 2, 3"
        ).fetchall()
        policies = conn.execute(
            "SELECT tablename, policyname, roles, cmd, qual, with_check FROM pg_policies ORDER BY 1, 2"
        ).fetchall()
        functions = conn.execute(
            "SELECT routine_name FROM information_schema.routine_privileges"
            " WHERE grantee = current_user AND routine_schema = 'public' ORDER BY 1"
        ).fetchall()
    assert columns
    return [columns, policies, functions]


# --- slow, or wrong ---

HELP = next(step for step in SMOKE_SET if step.name == "help")


def answers(*found: tuple[float, str]) -> Callable[[], Answer]:
    """Answers of so many seconds with such a text, one after the other."""
    left = iter(Answer(200, said(words), seconds) for seconds, words in found)
    return lambda: next(left)


def said(words: str) -> Json:
    message: Json = {"flags": 1 << 15, "allowed_mentions": {"parse": []}}
    return {"type": 4, "data": {**message, "components": [{"type": 10, "content": words}]}}


def test_a_command_that_is_slow_only_at_first_is_fine_and_says_so():
    found = patience.played(answers((8.0, "/submit-stats"), (0.2, "/submit-stats")), HELP)
    assert (found.wrong, found.is_slow) == ("", False)
    assert found.words.startswith("answered in 0.20 s; 8.0 s at first")


def test_a_command_that_stays_slow_is_slow_and_not_wrong():
    found = patience.played(answers(*[(4.0, "/submit-stats")] * smoke.TRIES), HELP)
    assert (found.wrong, found.is_slow) == ("", True)
    assert found.words == "slow, not wrong: the right answer took 4.0 s at best, and Discord waits 3"


@pytest.mark.parametrize("seconds", [0.2, 9.0])
def test_a_wrong_answer_is_wrong_however_fast_it_came(seconds: float):
    assert patience.played(answers((seconds, "nothing of it")), HELP).wrong == "does not say /submit-stats"


@pytest.mark.parametrize(
    ("found", "problem"),
    [
        ([(8.0, "/submit-stats"), (0.2, "/submit-stats")], ""),
        ([(4.0, "/submit-stats")] * smoke.TRIES, "took 4.0 s; Discord waits 3"),
        ([(4.0, "nothing of it")], "does not say /submit-stats"),
    ],
)
def test_a_release_passes_with_an_answer_that_is_late_once_and_not_with_one_that_always_is(
    found: list[tuple[float, str]], problem: str
):
    assert smoke.problem_with(smoke.in_time(answers(*found), HELP), HELP) == problem
