"""`ops seed-course`: updates the course in a database from a file between two deploys; shows the changes first."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path  # noqa: TC003 (typer reads the annotations)
from typing import TYPE_CHECKING, Annotated

import typer

from devkit.content.files import CourseFile
from devkit.content.reading import ContentError, read
from mastermind.game.course import actions as courses
from mastermind.game.course import content as course
from mastermind.postgres import sqlstates
from mastermind.postgres.errors import DatabaseError
from ops import given
from ops.command_line import DryRun, Yes  # noqa: TC001 # typer reads the annotations
from ops.databases import connect
from ops.discord import fail

if TYPE_CHECKING:
    from mastermind.postgres.connection import Connection

NOWHERE = (
    "Name the database: --database-url, or DATABASE_URL. A game that runs on this machine (make run) needs neither."
)


def seed_course(
    file: Annotated[
        Path,
        typer.Argument(
            parser=given.file,
            envvar="COURSE_FILE",
            help="The community's own course.",
            show_default=False,
        ),
    ] = CourseFile.SHIPPED,
    *,
    database_url: Annotated[
        str | None,
        typer.Option(
            parser=given.database_url,
            envvar="DATABASE_URL",
            help="The database, as its owner. Default: that of the local game.",
            show_default=False,
        ),
    ] = None,
    dry_run: DryRun = False,
    yes: Yes = False,
) -> None:
    """Update the course in the database from a file; without one, from the course that ships.

    What the file no longer has is retired; members keep what they have watched. The next deploy seeds the course that
    was built into it, so build a community's own course in as well (COURSE_FILE).
    """
    wanted = _read(file)
    try:
        with closing(connect(database_url or _local_url())) as conn:
            _bring_up_to_date(conn, wanted, dry_run=dry_run, yes=yes)
    except DatabaseError as error:
        if error.sqlstate == sqlstates.NO_TABLE:
            fail("The database has no course tables yet: deploy first.")
        fail(f"The database cannot be reached: {error}")


def _read(file: Path) -> CourseFile:
    try:
        return read(CourseFile, file)
    except ContentError as error:
        fail(str(error))


def _local_url() -> str:
    """The database of the game on this machine."""
    from local import cloud, endpoints

    known = endpoints.read(cloud.folder())
    return str(known["database_url"]) if known else fail(NOWHERE)


def _bring_up_to_date(conn: Connection, file: CourseFile, *, dry_run: bool, yes: bool) -> None:
    wanted = course.parse(file.canonical())
    lines = courses.compare(conn, wanted)
    if not lines:
        typer.echo(f"The course is as the file has it; {file.size}")
        return
    typer.echo("\n".join(lines))
    if dry_run:
        typer.echo("Nothing was written.")
        return
    if not yes:
        typer.confirm("Write this to the database?", abort=True)
    courses.seed(conn, wanted)
    typer.echo(f"Done; {file.size}")
