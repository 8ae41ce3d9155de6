"""`ops try-release`: plays the smoke set with the code of an earlier release on the database of this checkout.

While a deploy runs, and after a rollback, the old code serves on the new schema: this is where it shows whether it can.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import tarfile
import tempfile
import time
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import psycopg
import typer

from devkit import discord_client as discord
from devkit.discord_client import Answer, User, new_private_key, public_key, read_answer, signed_headers, snowflake
from devkit.postgres import OWNER, Postgres, temporary
from mastermind.bot.dispatch import UNKNOWN_COMMAND
from mastermind.deadline import Deadline
from mastermind.discord.permissions import ADMINISTRATOR
from mastermind.game.course import content as course
from mastermind.game.course import seeding
from mastermind.operations.migrations import runner as migrations
from ops import figures, smoke
from ops.discord import stop
from ops.smoke import SMOKE_SET, Step, Tried
from ops.world import AsJson  # noqa: TC001 # typer reads the annotations

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from subprocess import Popen

    from devkit.discord_client import Json

CHILD = Path(__file__).with_name("children") / "release.py"
MIGRATING = 60
"""Seconds for all migrations on an empty database."""

NOT_YET = "not yet in that release"


def try_release(
    ref: Annotated[
        str | None, typer.Argument(help="A tag or commit; left out: the newest tag before this commit.")
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Play the smoke set, a tick and its award with an earlier release's code on this checkout's schema.

    Needs nothing but git and the project: a database is made for it and thrown away.
    """
    chosen = ref or newest_release(figures.ROOT)
    if chosen is None:
        stop(
            "There is no tag before this commit. Name the commit that runs on AWS (`git log` lists them):"
            " `.venv/bin/ops try-release <commit>`."
        )
    tried = tuple(play(Checkout(figures.ROOT, figures.ROOT / "migrations"), chosen))
    if not as_json:
        typer.echo(f"{chosen} on migration {figures.newest_migration():03}:")
    smoke.show(tried, as_json=as_json)
    if any(one.trouble for one in tried):
        raise typer.Exit(1)


@dataclass(frozen=True, slots=True)
class Checkout:
    """The repository that has the release, and the folder of the migrations that it has to live with."""

    repository: Path
    migrations: Path


def newest_release(repository: Path) -> str | None:
    """The newest tag before this commit; None when the repository, or as much of it as was cloned, has none."""
    done = _git(repository, "describe", "--tags", "--abbrev=0", "HEAD^")
    return done.stdout.decode().strip() if done.returncode == 0 else None


def _git(repository: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(["git", *arguments], cwd=repository, capture_output=True, check=False)  # noqa: S607 (the operator's own git)


def play(checkout: Checkout, ref: str) -> Iterator[Tried]:
    """The steps as that release played them."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="release-")))
        tree = unpacked(checkout.repository, ref, folder / "tree")
        if edited := contradictions(tree, checkout.migrations):
            stop(f"{', '.join(edited)}: {ref} has another text. A released migration is never edited.")
        postgres = stack.enter_context(_database(folder / "postgres", checkout.migrations))
        place = discord.Place(snowflake(), snowflake())
        yield from played(Release(tree, postgres, stack, new_private_key(), place))


def unpacked(repository: Path, ref: str, folder: Path) -> Path:
    """The files of that commit; raises typer.Exit when git does not know it."""
    done = _git(repository, "archive", "--format=tar", ref)
    if done.returncode:
        stop(f"git knows no {ref} (a shallow clone? `git fetch --unshallow --tags`): {done.stderr.decode().strip()}")
    with tarfile.open(fileobj=io.BytesIO(done.stdout)) as archive:
        archive.extractall(folder, filter="data")
    return folder


def contradictions(tree: Path, ours: Path) -> list[str]:
    """Migrations of that release that are not among ours, or have another text there."""
    theirs = sorted((tree / "migrations").glob("*.sql"))
    return [
        one.name
        for one in theirs
        if not (ours / one.name).exists() or (ours / one.name).read_bytes() != one.read_bytes()
    ]


@contextmanager
def _database(folder: Path, scripts: Path) -> Generator[Postgres]:
    """PostgreSQL as a deploy of these migrations leaves it."""
    with temporary(folder) as postgres:
        migrations.apply(postgres.settings(OWNER), scripts, Deadline.after(MIGRATING))
        with closing(psycopg.connect(postgres.owner_url, autocommit=True)) as conn:
            seeding.seed(conn, course.load())
        postgres.set_role_passwords()
        yield postgres


# --- the release at work ---


@dataclass(frozen=True, slots=True)
class Release:
    """Functions of an unpacked release, each a process of its own that enters the database under its own role."""

    tree: Path
    postgres: Postgres
    stack: ExitStack
    key: bytes
    place: discord.Place

    def start(self, function: str, role: str) -> Popen[str]:
        command = [sys.executable, str(CHILD), function]
        environment = {**self._environment(role), "PYTHONPATH": f"{self.tree / 'layers' / 'shared'}:{self.tree}"}
        words = self.stack.enter_context(_words(self.tree, function).open("w"))  # what it logs, in full
        child = subprocess.Popen(
            command,
            cwd=self.tree,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=words,
            text=True,
        )
        self.stack.callback(_ended, child)
        return child

    def _environment(self, role: str) -> dict[str, str]:
        database = self.postgres.settings(role)
        nowhere = "http://127.0.0.1:9"
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "DATABASE_"))}
        return {
            **kept,
            "DISCORD_APPLICATION_ID": str(self.place.application_id),
            "DISCORD_PUBLIC_KEY": public_key(self.key).hex(),
            "DISCORD_GUILD_ID": str(self.place.guild_id),
            "DATABASE_HOST": database.host,
            "DATABASE_PORT": str(database.port),
            "DATABASE_USER": role,
            "DATABASE_PASSWORD": database.password or "",
            "DATABASE_SSLMODE": "disable",
            # No queue is there: the sweep heals what the queue lost, in any release.
            "XP_AWARDS_QUEUE_URL": f"{nowhere}/awards",
            "NOTICES_QUEUE_URL": f"{nowhere}/notices",
            "JOBS_QUEUE_URL": f"{nowhere}/jobs",
            "EXPORT_BUCKET": "none",
            "XP_DELAY_SECONDS": "0",
            "AWS_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "none",
            "AWS_SECRET_ACCESS_KEY": "none",
            "AWS_ENDPOINT_URL": nowhere,
        }

    def answer(self, child: Popen[str], app: str, payload: Json) -> Answer:
        body = json.dumps(payload).encode()
        headers = signed_headers(self.key, body, time.time())
        event = {"httpMethod": "POST", "path": f"/interactions/{app}", "headers": headers, "body": body.decode()}
        began = time.perf_counter()
        response = asked(child, event)
        kind = cast("dict[str, str]", response.get("headers", {})).get("content-type", "")
        shown, files = read_answer(kind, str(response.get("body", "")).encode())
        return Answer(cast("int", response.get("statusCode", 0)), shown, time.perf_counter() - began, files)


def _words(tree: Path, function: str) -> Path:
    return tree.with_name(f"{function}.log")


def asked(child: Popen[str], event: object) -> Json:
    """The answer of a function to an event; raises ValueError when it has died."""
    assert child.stdin is not None
    assert child.stdout is not None
    try:
        child.stdin.write(json.dumps(event) + "\n")
        child.stdin.flush()
        line = child.stdout.readline()
    except BrokenPipeError:
        line = ""
    if not line:
        raise ValueError(f"the function broke and ended with {child.wait(5)}")
    return json.loads(line)


def _ended(child: Popen[str]) -> None:
    with suppress(BrokenPipeError), child:  # what it has not read any more
        child.kill()


def played(release: Release) -> Iterator[Tried]:
    """The smoke set, a tick and its award."""
    admin = User(snowflake(), "Smoke Test", permissions=ADMINISTRATOR)
    children = {app: release.start(f"interactions_{app}", f"app_{app}") for app in smoke.APPS}
    for step in SMOKE_SET:
        yield _tried(release, children[step.app], step, admin)
    yield _ticked(release, children["tensey"], admin)


def _tried(release: Release, child: Popen[str], step: Step, user: User) -> Tried:
    what = f"/{step.name}"
    try:
        answer = release.answer(child, step.app, discord.command(release.place, user, step.name, step.options))
    except ValueError as error:
        last = _words(release.tree, f"interactions_{step.app}").read_text().splitlines()[-1:]
        return Tried(what, 0, f"{error}: {''.join(last)[:300]}")
    if UNKNOWN_COMMAND in answer.text:
        return Tried(f"{what} ({NOT_YET})", answer.seconds, "")
    return Tried(what, answer.seconds, smoke.trouble(answer, Step(step.app, step.name, ())), answer.text)


def _ticked(release: Release, child: Popen[str], user: User) -> Tried:
    """A challenge is ticked, and the sweep of that release makes XP of it."""
    began, what = time.perf_counter(), "a tick and its award"
    try:
        listed = release.answer(child, "tensey", discord.command(release.place, user, "tenseylist"))
        button = next(custom_id for _, custom_id in listed.buttons if ":tick:" in custom_id)
        ticked = release.answer(child, "tensey", discord.component(release.place, user, button))
        swept = asked(release.start("xp_award", "app_award"), {"sweep": True})
    except (ValueError, StopIteration) as error:
        return Tried(what, time.perf_counter() - began, str(error) or "the list has no button to tick")
    held = ticked.kind == 7 and swept.get("applied") == 1
    trouble = "" if held else f"says: {ticked.text[:200]}; the sweep: {swept}"
    return Tried(what, time.perf_counter() - began, trouble)
