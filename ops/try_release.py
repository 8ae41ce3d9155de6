"""`ops try-release`: plays the smoke set with the code of an earlier release on the schema of this checkout.

During a deploy, and after a rollback, the old code runs on the new schema. This proves beforehand that it can.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import tarfile
import tempfile
import time
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from devkit import discord_client as discord
from devkit.discord_client import Answer, User, new_private_key, public_key, snowflake
from devkit.postgres import OWNER, Postgres, temporary
from local.cloud import ROOT
from mastermind.bot.finding import UNKNOWN_COMMAND
from mastermind.bot.registry import APPS
from mastermind.deadline import Deadline
from mastermind.discord.permissions import ADMINISTRATOR
from mastermind.game.course import actions as courses
from mastermind.game.course import content as course
from mastermind.operations.migrations import runner as migrations
from ops import given, queries, smoke
from ops.command_line import AsJson  # noqa: TC001 # typer reads the annotations
from ops.databases import connect
from ops.discord import fail
from ops.function_process import FunctionEndedError, FunctionProcess, database_variables
from ops.smoke import SMOKE_SET, Step, StepResult

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from devkit.json_types import Json

MIGRATING = 60
"""Seconds for all migrations on an empty database."""

NOT_YET = "not yet in that release"


def try_release(
    ref: Annotated[
        str | None,
        typer.Argument(parser=given.ref, help="A tag or commit. Default: the newest tag before this commit."),
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Play the smoke set, a tick and its award with the code of an earlier release on the schema of this checkout.

    It needs only git and the project: it creates a temporary database.
    """
    chosen = ref or newest_release(ROOT)
    if chosen is None:
        fail(
            "There is no tag before this commit. Name the commit that runs on AWS (`git log` lists them):"
            " `.venv/bin/ops try-release <commit>`."
        )
    results = tuple(play(Checkout(ROOT, ROOT / "migrations"), chosen))
    if not as_json:
        typer.echo(f"{chosen} on migration {queries.newest_migration():03}:")
    smoke.show(results, as_json=as_json)
    if any(one.problem for one in results):
        raise typer.Exit(1)


@dataclass(frozen=True, slots=True)
class Checkout:
    """The repository that has the release, and the folder of the migrations to run it on."""

    repository: Path
    migrations: Path


def newest_release(repository: Path) -> str | None:
    """The newest tag before this commit; None if there is none, or if a shallow clone has none."""
    done = _git(repository, "describe", "--tags", "--abbrev=0", "HEAD^")
    return done.stdout.decode().strip() if done.returncode == 0 else None


def _git(repository: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(["git", *arguments], cwd=repository, capture_output=True, check=False)  # noqa: S607 (the operator's own git)


def play(checkout: Checkout, ref: str) -> Iterator[StepResult]:
    """The result of each step with the code of that release."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="release-")))
        tree = unpack(checkout.repository, ref, folder / "tree")
        if edited := edited_migrations(tree, checkout.migrations):
            fail(f"{', '.join(edited)}: these differ from {ref}. A released migration must never be edited.")
        postgres = stack.enter_context(_database(folder / "postgres", checkout.migrations))
        place = discord.Place(snowflake(), snowflake())
        yield from play_release(Release(tree, postgres, stack, new_private_key(), place))


def unpack(repository: Path, ref: str, folder: Path) -> Path:
    """The files of that commit; raises typer.Exit when git does not know it."""
    done = _git(repository, "archive", "--format=tar", ref)
    if done.returncode:
        fail(f"git knows no {ref} (a shallow clone? `git fetch --unshallow --tags`): {done.stderr.decode().strip()}")
    with tarfile.open(fileobj=io.BytesIO(done.stdout)) as archive:
        archive.extractall(folder, filter="data")
    return folder


def edited_migrations(tree: Path, ours: Path) -> list[str]:
    """Migrations of that release that this checkout lacks or has edited."""
    theirs = sorted((tree / "migrations").glob("*.sql"))
    return [
        one.name
        for one in theirs
        if not (ours / one.name).exists() or (ours / one.name).read_bytes() != one.read_bytes()
    ]


@contextmanager
def _database(folder: Path, scripts: Path) -> Generator[Postgres]:
    """A PostgreSQL with these migrations and the course, as a deploy leaves it."""
    with temporary(folder) as postgres:
        migrations.apply(postgres.settings(OWNER), scripts, Deadline.after(MIGRATING))
        with closing(connect(postgres.owner_url)) as conn:
            courses.seed(conn, course.load())
        postgres.set_role_passwords()
        yield postgres


# --- the functions of the release ---


@dataclass(frozen=True, slots=True)
class Release:
    """The functions of an unpacked release. Each is a process with its own database role, ended by `stack`."""

    tree: Path
    postgres: Postgres
    stack: ExitStack
    key: bytes
    place: discord.Place

    def start(self, function: str, role: str) -> FunctionProcess:
        log = self.tree.with_name(f"{function}.log")
        return self.stack.enter_context(FunctionProcess(self.tree, function, self._environment(role), log))

    def _environment(self, role: str) -> dict[str, str]:
        nowhere = "http://127.0.0.1:9"
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "DATABASE_"))}
        return {
            **inherited,
            **database_variables(self.postgres.settings(role)),
            "DISCORD_APPLICATION_ID": str(self.place.application_id),
            "DISCORD_PUBLIC_KEY": public_key(self.key).hex(),
            "DISCORD_GUILD_ID": str(self.place.guild_id),
            # There is no queue: in every release the sweep applies what the queue lost.
            "XP_AWARDS_QUEUE_URL": f"{nowhere}/awards",
            "NOTICES_QUEUE_URL": f"{nowhere}/notices",
            "OUTBOX_DUE_QUEUE_URL": f"{nowhere}/due",
            "JOBS_QUEUE_URL": f"{nowhere}/jobs",
            "EXPORT_BUCKET": "none",
            "XP_DELAY_SECONDS": "0",
            "AWS_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "none",
            "AWS_SECRET_ACCESS_KEY": "none",
            "AWS_ENDPOINT_URL": nowhere,
        }

    def answer(self, function: FunctionProcess, app: str, payload: Json) -> Answer:
        """The answer to an interaction; raises FunctionEndedError."""
        return function.interact(app, json.dumps(payload).encode(), self.key)


def play_release(release: Release) -> Iterator[StepResult]:
    """The smoke set, then a tick and its award."""
    admin = User(snowflake(), "Smoke Test", permissions=ADMINISTRATOR)
    functions = {app: release.start(f"interactions_{app}", f"app_{app}") for app in APPS}
    for step in SMOKE_SET:
        yield _play_step(release, functions[step.app], step, admin)
    yield _play_tick(release, functions["tensey"], admin)


def _play_step(release: Release, function: FunctionProcess, step: Step, user: User) -> StepResult:
    what = f"/{step.name}"

    def ask() -> Answer:
        return release.answer(function, step.app, discord.command(release.place, user, step.name, step.options))

    try:
        answer = smoke.in_time(ask, Step(step.app, step.name, ()))
    except FunctionEndedError as error:
        return StepResult(what, 0, str(error))
    if UNKNOWN_COMMAND in answer.text:
        return StepResult(f"{what} ({NOT_YET})", answer.seconds, "")
    return StepResult(what, answer.seconds, smoke.problem_with(answer, Step(step.app, step.name, ())), answer.text)


def _play_tick(release: Release, function: FunctionProcess, user: User) -> StepResult:
    """Tick a challenge, then have the sweep of that release award its XP."""
    began, what = time.perf_counter(), "a tick and its award"
    try:
        listed = release.answer(function, "tensey", discord.command(release.place, user, "tenseylist"))
        button = next(custom_id for _, custom_id in listed.buttons if ":tick:" in custom_id)
        ticked = release.answer(function, "tensey", discord.component(release.place, user, button))
        swept = release.start("xp_award", "app_award").invoke({"sweep": True})
    except (FunctionEndedError, StopIteration) as error:
        return StepResult(what, time.perf_counter() - began, str(error) or "the list has no button to tick")
    passed = ticked.kind == 7 and swept.get("applied") == 1
    problem = "" if passed else f"says: {ticked.text[:200]}; the sweep: {swept}"
    return StepResult(what, time.perf_counter() - began, problem)
