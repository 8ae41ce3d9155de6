"""`ops check-content`: reports everything that is wrong with a community's own content, before it is built."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 (typer reads the annotations)
from typing import Annotated

import typer

from devkit.content.files import OWN, ChallengesFile, CourseFile, FlagsFile, QuestionsFile, StatsFile
from devkit.content.look import LookFile
from devkit.content.reading import ContentError, read
from devkit.terminal import printable
from ops import given
from ops.discord import fail


def check_content(
    file: Annotated[
        Path,
        typer.Argument(
            parser=given.file,
            envvar="CHALLENGES_FILE",
            help="The community's own challenges.",
            show_default=False,
        ),
    ] = ChallengesFile.SHIPPED,
    own_stats: Annotated[
        Path,
        typer.Option(
            "--stats",
            parser=given.file,
            envvar="STATS_FILE",
            help="The community's own stats.",
            show_default=False,
        ),
    ] = StatsFile.SHIPPED,
    own_flags: Annotated[
        Path,
        typer.Option(
            "--flags",
            parser=given.file,
            envvar="FLAGS_FILE",
            help="The community's own flags.",
            show_default=False,
        ),
    ] = FlagsFile.SHIPPED,
    own_course: Annotated[
        Path,
        typer.Option(
            "--course",
            parser=given.file,
            envvar="COURSE_FILE",
            help="The community's own course.",
            show_default=False,
        ),
    ] = CourseFile.SHIPPED,
    own_questions: Annotated[
        Path,
        typer.Option(
            "--questions",
            parser=given.file,
            envvar="QUESTIONS_FILE",
            help="The community's own questions for the week.",
            show_default=False,
        ),
    ] = QuestionsFile.SHIPPED,
    own_look: Annotated[
        Path,
        typer.Option(
            "--look",
            parser=given.file,
            envvar="LOOK_FILE",
            help="The community's own look of pictures.",
            show_default=False,
        ),
    ] = LookFile.SHIPPED,
) -> None:
    """Check all content as the build does; what is not given is what ships."""
    valid: list[str] = []
    problems: list[str] = []
    for kind, path in zip(
        (*OWN, LookFile), (file, own_stats, own_flags, own_course, own_questions, own_look), strict=True
    ):
        try:
            valid.append(printable(f"{path.name} is valid; {read(kind, path).size}"))
        except ContentError as error:
            problems.append(str(error))
    if problems:
        fail("\n".join(problems))
    typer.echo("\n".join(valid))
