"""`ops restore-drill`: proves on this machine that a dump restores the whole game, and measures how long that takes.

It starts a fresh PostgreSQL, restores the dump into a second database of it and compares the two. As in a new stack
that is made of a snapshot, the owner then has another password, and an empty deletion log must be refused. It deletes
again every member in the deletion log, reads every table once, and plays the smoke set with the functions of this
checkout: what is slow is told from what is wrong. The running game is only read, and everything is removed at the end.
"""

from __future__ import annotations

import tempfile
from contextlib import ExitStack, closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING, Annotated

import psycopg
import typer
from psycopg import sql
from psycopg.conninfo import make_conninfo

from devkit.postgres import OWNER, Postgres, temporary
from local import endpoints
from local.cloud import ROOT, folder
from mastermind.deadline import Deadline
from mastermind.operations.migrations import runner as migrations
from mastermind.postgres import schema
from ops import backup, deletions, dumps, given
from ops.command_line import AsJson, print_json
from ops.databases import connect
from ops.discord import fail
from ops.restore import checks, smoke_set
from ops.restore.checks import WITHIN
from ops.restore.report import Drill, DrillAbortedError, progress_display, report, show
from ops.target import TargetError, local_target

if TYPE_CHECKING:
    from collections.abc import Callable

    from mastermind.operations.deletion_log import DeletionLog
    from ops.dumps import Inventory
    from ops.target import Target

RESTORED = "restored"
MIGRATIONS = ROOT / "migrations"


def restore_drill(
    *,
    dump: Annotated[
        Path | None,
        typer.Option(
            parser=given.file,
            help="The dump to restore. Default: the newest in the folder.",
            show_default=False,
        ),
    ] = None,
    backups: Annotated[
        Path,
        typer.Option(
            "--folder",
            parser=given.new_folder,
            help="Where dumps are. If it has none, the local game is dumped for the drill.",
        ),
    ] = backup.FOLDER,
    log: Annotated[
        Path | None,
        typer.Option(
            "--deletions",
            parser=given.folder,
            help="A copy of the deletion log. Default: that of the local game.",
            show_default=False,
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Restore a dump into a temporary database: check rows, ledger and deletions, play the smoke set, measure the time.

    On AWS `.venv/bin/ops restore` restores for members, and its option --try for nobody.
    """
    known = endpoints.read(folder())
    target = local_target(known) if known else None
    dump = dump or dumps.newest(backups)
    if dump is None and target is None:
        fail(f"There is no dump in {backups} and no local cloud (`make run` starts one): name a dump (--dump).")
    with progress_display() as progress, tempfile.TemporaryDirectory(prefix="drill-") as place:
        drill = Drill(progress)
        run(drill, Path(place), dump, log, target)
    if target:
        target.close()
    print_json(report(drill)) if as_json else show(drill)
    if not drill.passed:
        raise typer.Exit(1)


def run(drill: Drill, place: Path, dump: Path | None, log: Path | None, target: Target | None) -> None:
    """The whole drill. It leaves nothing running, whatever happens."""
    try:
        file = dump or place / "drill.dump"
        with drill.step("dump", f"Reading {dump}" if dump else "Dumping the local game"):
            dumped = dumps.inventory_of(file) if dump else dumps.dump(_url(target), file)
            drill.check("dump", _description(file, dumped), passed=True)
        with ExitStack() as stack:
            with drill.step("server", "Starting a fresh PostgreSQL"):
                server = stack.enter_context(temporary(place / "postgres"))
            _restore(drill, server, file, dumped)
            _check(drill, server, dumped, lambda: _deletions(log, target))
    except DrillAbortedError:
        return


def _url(target: Target | None) -> str:
    assert target
    assert target.endpoints
    return target.endpoints["database_url"]


def _restore(drill: Drill, server: Postgres, file: Path, dumped: Inventory) -> None:
    with drill.step("roles", "Creating the roles and an empty database"):
        migrations.apply(server.settings(OWNER), MIGRATIONS, Deadline.after(WITHIN))
        _create_database(server)
    url = server.url(OWNER, RESTORED)
    with drill.step("restore", "Restoring the dump"):
        dumps.restore(file, url)
    with drill.step("rows", "Comparing the rows"), closing(psycopg.connect(url)) as conn:
        checks.check_rows(drill, dumped, dumps.take(conn))


def _check(drill: Drill, server: Postgres, dumped: Inventory, read_log: Callable[[], DeletionLog]) -> None:
    url, began = server.url(OWNER, RESTORED), datetime.now(UTC)
    with drill.step("owner", "Giving the owner another password"):
        server.set_role_passwords()  # while the owner has the one that the server knows
        settings = replace(server.settings(OWNER), name=RESTORED, password=_new_password(server))
        url = make_conninfo(url, password=settings.password)
    with drill.step("migrations", "Applying later migrations"):
        done = migrations.apply(settings, MIGRATIONS, Deadline.after(WITHIN))
        words = f"{dumped.migration} in the dump, {done.migration} now; this version needs {schema.NEEDED}"
        drill.check("migrations", words, passed=done.migration >= schema.NEEDED)
    with drill.step("ledger", "Adding up every ledger"), closing(connect(url)) as conn:
        checks.check_ledger(drill, conn)
    with drill.step("deletions", "Repeating the deletions"), closing(connect(url)) as conn:
        log = read_log()
        checks.check_empty_log(drill, conn, began)
        checks.check_deletions(drill, conn, log, deletions.reapply(url, log.done).deleted)
    with drill.step("warm up", "Reading every table once"), closing(connect(url)) as conn:
        drill.check("warm up", checks.warm(conn), passed=True)
    with drill.step("smoke", "Playing the smoke set"):
        smoke_set.play(drill, server, RESTORED)


def _new_password(server: Postgres) -> str:
    """RDS sets another one for the owner of a database that is made of a snapshot."""
    password = token_hex(20)
    with closing(server.as_superuser("postgres")) as conn:
        verifier = conn.pgconn.encrypt_password(password.encode(), OWNER.encode(), b"scram-sha-256").decode()
        names = sql.Identifier(OWNER), sql.Literal(verifier)
        conn.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(*names))
    return password


def _create_database(server: Postgres) -> None:
    """The second database. Roles belong to the whole server, as in a snapshot of RDS."""
    names = {"database": sql.Identifier(RESTORED), "owner": sql.Identifier(OWNER)}
    with closing(server.as_superuser("postgres")) as conn:
        conn.execute(sql.SQL("CREATE DATABASE {database} OWNER {owner} TEMPLATE template0").format(**names))
        conn.execute(sql.SQL("REVOKE ALL ON DATABASE {database} FROM PUBLIC").format(**names))
        for role in ("app_main", "app_tensey", "app_award", "app_outbox"):
            grant = sql.SQL("GRANT CONNECT ON DATABASE {database} TO {role}")
            conn.execute(grant.format(role=sql.Identifier(role), **names))


def _deletions(log: Path | None, target: Target | None) -> DeletionLog:
    if log is not None:
        return deletions.read_folder(log)
    if target is None:
        raise TargetError("No local cloud is running that has the deletion log: name a copy of it (--deletions)")
    return deletions.read_bucket(target.output("ExportBucketName"), target.client("s3"))


def _description(file: Path, dumped: Inventory) -> str:
    at = datetime.fromtimestamp(file.stat().st_mtime, UTC)
    return f"{file.name} of {at:%Y-%m-%d %H:%M} UTC, {file.stat().st_size:,} bytes, {dumped.total:,} rows"
