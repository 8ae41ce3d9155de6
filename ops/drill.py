"""`ops restore-drill`: proves on this machine that a dump brings the whole game back, and tells how long that takes.

A fresh PostgreSQL is made, the dump restored into a second database of it and compared with what it was made of. Then
whoever had asked to be forgotten goes again, and the shipped functions play the smoke set against it. Nothing of it
stays, and the running game is only read.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, closing, contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, LiteralString

import psycopg
import typer
from psycopg import sql
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from devkit.discord_client import (
    Answer,
    Place,
    User,
    command,
    new_private_key,
    ping,
    public_key,
    read_answer,
    signed_headers,
    snowflake,
)
from devkit.postgres import OWNER, Postgres, PostgresError, temporary
from local import endpoints
from local.cloud import folder
from mastermind.deadline import Deadline
from mastermind.discord.permissions import ADMINISTRATOR
from mastermind.errors import MastermindError
from mastermind.operations.backup.rules import asked_at
from mastermind.operations.health import actions as health
from mastermind.operations.migrations import runner as migrations
from mastermind.postgres import schema
from ops import backup, deletions, dumps
from ops.deletions import LogError
from ops.discord import stop
from ops.dumps import DumpError, Inventory
from ops.smoke import APPS, SMOKE_SET, trouble
from ops.world import AsJson, Missing, local_world, say_json

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence

    from mastermind.config import DatabaseSettings
    from mastermind.game.privacy.rules import Deletion
    from ops.world import World

type Json = dict[str, Any]

ROOT = Path(__file__).parents[1]
RESTORED = "restored"
WITHIN = 600.0  # seconds for one part of the work
PLACE = Place(application_id=1_100_000_000_000_000_001, guild_id=1_200_000_000_000_000_002)

# Members whose points on the board of all time are not their XP.
OFF_THE_BOARD: LiteralString = """
SELECT count(*)
FROM users
LEFT JOIN xp_totals ON xp_totals.user_id = users.user_id AND period = 'all' AND board = 'xp'
WHERE coalesce(total, 0) <> xp
"""

# Who was there at a deletion of theirs, and still is.
STILL_THERE: LiteralString = """
SELECT count(DISTINCT users.user_id)
FROM users
JOIN unnest(%(users)s::bigint[], %(times)s::timestamptz[]) AS log (user_id, at)
    ON log.user_id = users.user_id AND users.created_at <= log.at
"""

# The interactions by which members were forgotten in the day before the dump. Their entry in the log came first.
FORGOTTEN: LiteralString = """
SELECT interaction_id FROM interactions_done WHERE user_id = 0 AND outcome @> '{"forgotten": true}'
"""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that must hold after a restore, and what was found."""

    name: str
    passed: bool
    words: str


@dataclass
class Drill:
    """What a drill has found so far, and how long its parts took."""

    progress: Progress
    checks: list[Check] = field(default_factory=list[Check])
    seconds: dict[str, float] = field(default_factory=dict[str, float])

    @property
    def passed(self) -> bool:
        return all(check.passed for check in self.checks)

    @property
    def recovery(self) -> float:
        """Seconds from a dump in the hand to a game that is played: without the making of the dump."""
        return sum(seconds for part, seconds in self.seconds.items() if part != "dump")

    def check(self, name: str, words: str, *, passed: bool) -> None:
        self.checks.append(Check(name, passed, words))

    @contextmanager
    def part(self, name: str, what: str) -> Generator[None]:
        """Take the time of a part; what breaks it is a check that failed, and ends the drill."""
        shown = self.progress.add_task(what, total=1)
        began = time.perf_counter()
        try:
            yield
        except (DumpError, LogError, MastermindError, Missing, OSError, PostgresError, psycopg.Error) as error:
            self.check(name, f"{what} failed. {str(error).strip() or type(error).__name__}", passed=False)
            raise BrokenOffError from error
        else:
            self.progress.update(shown, completed=1)
        finally:
            self.progress.stop_task(shown)
            self.seconds[name] = time.perf_counter() - began


class BrokenOffError(Exception):
    """The drill could not go on; its last check says why."""


def restore_drill(
    *,
    dump: Annotated[
        Path | None, typer.Option(help="The dump to restore. Left out: the newest in the folder.", show_default=False)
    ] = None,
    backups: Annotated[
        Path, typer.Option("--folder", help="Where dumps lie. With none in it one of the local game is made for now.")
    ] = backup.FOLDER,
    log: Annotated[
        Path | None,
        typer.Option(
            "--deletions", help="A copy of the log of deletions. Left out: that of the local game.", show_default=False
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Restore a dump for a try: rows, ledger, deletions, smoke set, and how long it takes. Nothing of it stays.

    How it is done on AWS stands in docs/Deployment.md, Restore the database.
    """
    known = endpoints.read(folder())
    world = local_world(known) if known else None
    dump = dump or dumps.newest(backups)
    if dump is None and world is None:
        stop(f"There is no dump in {backups} and no local cloud (`make run` starts one): name a dump (--dump).")
    with _progress() as progress, tempfile.TemporaryDirectory(prefix="drill-") as place:
        drill = Drill(progress)
        run(drill, Path(place), dump, log, world)
    if world:
        world.close()
    say_json(told(drill)) if as_json else _show(drill)
    if not drill.passed:
        raise typer.Exit(1)


def run(drill: Drill, place: Path, dump: Path | None, log: Path | None, world: World | None) -> None:
    """The whole drill; whatever happens nothing is left running."""
    try:
        file = dump or place / "drill.dump"
        with drill.part("dump", f"Reading {dump}" if dump else "Dumping the local game"):
            held = dumps.held_by(file) if dump else dumps.dump(_url(world), file)
            drill.check("dump", _of(file, held), passed=True)
        with ExitStack() as stack:
            with drill.part("server", "Making a fresh PostgreSQL"):
                server = stack.enter_context(temporary(place / "postgres"))
            _try(drill, server, file, held, lambda: _deletions(log, world))
    except BrokenOffError:
        return


def _url(world: World | None) -> str:
    assert world
    assert world.known
    return world.known["database_url"]


def _try(drill: Drill, server: Postgres, file: Path, held: Inventory, read_log: Callable[[], list[Deletion]]) -> None:
    settings = replace(server.settings(OWNER), name=RESTORED)
    url = server.url(OWNER, RESTORED)
    with drill.part("roles", "Making the roles and an empty database"):
        migrations.apply(server.settings(OWNER), ROOT / "migrations", Deadline.after(WITHIN))
        _make_empty(server)
    with drill.part("restore", "Restoring the dump"):
        dumps.restore(file, url)
    with drill.part("rows", "Comparing the rows"), closing(psycopg.connect(url)) as conn:
        compare(drill, held, dumps.take(conn))
    with drill.part("migrations", "Applying later migrations"):
        done = migrations.apply(settings, ROOT / "migrations", Deadline.after(WITHIN))
        words = f"{held.migration} in the dump, {done.migration} now; this version needs {schema.NEEDED}"
        drill.check("migrations", words, passed=done.migration >= schema.NEEDED)
    with drill.part("ledger", "Adding up every ledger"), closing(psycopg.connect(url, autocommit=True)) as conn:
        add_up(drill, conn)
    with (
        drill.part("deletions", "Deleting again who had asked for it"),
        closing(psycopg.connect(url, autocommit=True)) as conn,
    ):
        log = read_log()
        again = deletions.reapply(url, log)
        forget(drill, conn, log, again)
    with drill.part("smoke", "Playing the smoke set"):
        server.set_role_passwords()
        play(drill, server)


def _make_empty(server: Postgres) -> None:
    """The second database: roles are the whole server's, as in a snapshot of RDS."""
    names = {"database": sql.Identifier(RESTORED), "owner": sql.Identifier(OWNER)}
    with closing(server.as_superuser("postgres")) as conn:
        conn.execute(sql.SQL("CREATE DATABASE {database} OWNER {owner} TEMPLATE template0").format(**names))
        conn.execute(sql.SQL("REVOKE ALL ON DATABASE {database} FROM PUBLIC").format(**names))
        for role in ("app_main", "app_tensey", "app_award"):
            grant = sql.SQL("GRANT CONNECT ON DATABASE {database} TO {role}")
            conn.execute(grant.format(role=sql.Identifier(role), **names))


# --- what must hold ---


def compare(drill: Drill, held: Inventory, restored: Inventory) -> None:
    """Every table of then with every row of then, and none besides."""
    tables = sorted({*held.rows, *restored.rows})
    wrong = [
        f"{table}: {held.rows.get(table, 'no table')} dumped, {restored.rows.get(table, 'no table')} restored"
        for table in tables
        if held.rows.get(table) != restored.rows.get(table)
    ]
    words = "; ".join(wrong) or f"{restored.total:,} rows in {len(restored.rows)} tables, as dumped"
    drill.check("rows", words, passed=not wrong)


def add_up(drill: Drill, conn: dumps.Connection) -> None:
    """Everybody's XP and challenges are what their ledger says, and so is the board of all time."""
    passed: int | None = 0
    drifted = 0
    while passed is not None and not drifted:
        facts = health.probe(conn, 0.0, passed, Deadline.after(WITHIN))
        drifted, passed = facts.drift, facts.ledger_next
    ((off,),) = conn.execute(OFF_THE_BOARD).fetchall()
    words = f"{drifted} members have other figures than their ledger says, {off} other points on the board"
    wrong = bool(drifted or off)
    drill.check("ledger", words if wrong else "everybody's XP is the sum of their ledger", passed=not wrong)


def forget(drill: Drill, conn: dumps.Connection, log: Sequence[Deletion], again: int) -> None:
    """Nobody of the log is left, and the log knows every deletion that the dump knows."""
    asked_for: dict[str, object] = {"users": [one.user_id for one in log], "times": [one.at for one in log]}
    ((left,),) = conn.execute(STILL_THERE, asked_for).fetchall()
    logged = {one.at for one in log}
    forgotten = [asked_at(interaction_id) for (interaction_id,) in conn.execute(FORGOTTEN).fetchall()]
    lacking = sum(at not in logged for at in forgotten)
    words = [f"{len(log)} in the log, {again} members deleted again"]
    words += [f"{left} members of the log are still there"] if left else []
    words += [f"{lacking} deletions of the day before the dump are not in it: it is not whole"] if lacking else []
    drill.check("deletions", "; ".join(words), passed=not (left or lacking))


def _deletions(log: Path | None, world: World | None) -> list[Deletion]:
    if log is not None:
        return deletions.read_folder(log)
    if world is None:
        raise Missing("No local cloud runs that has the log of deletions: name a copy of it (--deletions)")
    return deletions.read_bucket(world.output("ExportBucketName"), world.client("s3"))


# --- the smoke set ---


def play(drill: Drill, server: Postgres) -> None:
    """What the shipped functions answer, each in a process and under a role of its own, to well signed interactions."""
    key, admin = new_private_key(), User(snowflake(), "Restore Drill", permissions=ADMINISTRATOR)
    for app in APPS:
        steps = [step for step in SMOKE_SET if step.app == app]
        bodies = [json.dumps(command(PLACE, admin, step.name, step.options)).encode() for step in steps]
        forged = _event(app, json.dumps(ping(PLACE)).encode(), new_private_key())
        events = [forged, *(_event(app, body, key) for body in bodies)]
        variables = {
            "DISCORD_APPLICATION_ID": str(PLACE.application_id),
            "DISCORD_PUBLIC_KEY": public_key(key).hex(),
            "DISCORD_GUILD_ID": str(PLACE.guild_id),
        }
        entrance = replace(server.settings(f"app_{app}"), name=RESTORED)
        refused, *answers = _called(f"interactions_{app}", variables, entrance, events, server.folder)
        words = f"answers {refused.status} to a forged signature"
        drill.check(f"a forged signature, {app}", words, passed=refused.status == 401)
        for step, answer in zip(steps, answers, strict=True):
            wrong = trouble(answer, step)
            drill.check(f"/{step.name}", wrong or f"answered in {answer.seconds:.2f} s", passed=not wrong)


def _event(app: str, body: bytes, key: bytes) -> Json:
    """As API Gateway brings it."""
    headers = signed_headers(key, body, time.time())
    return {"httpMethod": "POST", "path": f"/interactions/{app}", "headers": headers, "body": body.decode()}


def _called(
    name: str, variables: Mapping[str, str], entrance: DatabaseSettings, events: Sequence[Json], place: Path
) -> Iterator[Answer]:
    """What a function answers to these events; raises Missing when it cannot even be started."""
    environment = {
        **variables,
        "DATABASE_HOST": entrance.host,
        "DATABASE_PORT": str(entrance.port),
        "DATABASE_NAME": entrance.name,
        "DATABASE_USER": entrance.user,
        "DATABASE_PASSWORD": entrance.password or "",
        "DATABASE_SSLMODE": entrance.sslmode,
        "AWS_REGION": "us-east-1",
    }
    answers = place / f"{name}.json"
    done = subprocess.run(
        [sys.executable, "-m", "ops.shipped", str(ROOT / "functions" / name / "handler.py"), str(answers)],
        cwd=ROOT,
        env=environment,
        input=json.dumps(events),
        capture_output=True,
        text=True,
        timeout=WITHIN,
        check=False,
    )
    if done.returncode:
        raise Missing(f"{name} does not run: {done.stderr.strip()[-500:]}")
    return _answers(json.loads(answers.read_text(encoding="utf-8")))


def _answers(brought: Iterable[Json]) -> Iterator[Answer]:
    for one in brought:
        said: Json = one.get("answer") or {"statusCode": 500, "headers": {}, "body": ""}
        shown, files = read_answer(said["headers"].get("content-type", ""), said["body"].encode())
        yield Answer(said["statusCode"], shown, one["seconds"], files)


# --- what is told ---


def told(drill: Drill) -> Json:
    """{"passed", "recovery_seconds", "seconds": {part: s}, "checks": [{"name", "passed", "words"}]}."""
    return {
        "passed": drill.passed,
        "recovery_seconds": round(drill.recovery, 2),
        "seconds": {part: round(seconds, 2) for part, seconds in drill.seconds.items()},
        "checks": [asdict(check) for check in drill.checks],
    }


def _progress() -> Progress:
    """The parts one below the other, for people, beside the output that may be kept."""
    columns = (SpinnerColumn(finished_text="·"), TextColumn("{task.description}"), TimeElapsedColumn())
    return Progress(*columns, console=Console(stderr=True))


def _of(file: Path, held: Inventory) -> str:
    """Which dump it is."""
    at = datetime.fromtimestamp(file.stat().st_mtime, UTC)
    return f"{file.name} of {at:%Y-%m-%d %H:%M} UTC, {file.stat().st_size:,} bytes, {held.total:,} rows"


def _show(drill: Drill) -> None:
    console = Console(highlight=False)
    table = Table("", "check", "", box=None)
    for check in drill.checks:
        table.add_row("[green]✓[/]" if check.passed else "[red]✗[/]", check.name, check.words)
    console.print(table)
    parts = ", ".join(f"{part} {seconds:.1f}" for part, seconds in drill.seconds.items())
    console.print(f"\nSeconds: {parts}")
    if drill.passed:
        return console.print(f"[bold green]Restored.[/] Recovery time: [bold]{drill.recovery:.1f} s[/]")
    console.print("[bold red]This restore cannot be relied on:[/] what is marked with ✗ did not hold.")
    return console.print("docs/Troubleshooting.md, A restore drill fails, says what to do.")
