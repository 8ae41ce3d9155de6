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


def _own(name: str, words: str = "") -> object:
    """The option of a community's own content."""
    return typer.Option(
        f"--{name}",
        parser=given.file,
        envvar=f"{name.upper()}_FILE",
        help=f"The community's own {words or name}.",
        show_default=False,
    )


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
    own_stats: Annotated[Path, _own("stats")] = StatsFile.SHIPPED,
    own_flags: Annotated[Path, _own("flags")] = FlagsFile.SHIPPED,
    own_course: Annotated[Path, _own("course")] = CourseFile.SHIPPED,
    own_questions: Annotated[Path, _own("questions", "questions for the week")] = QuestionsFile.SHIPPED,
    own_look: Annotated[Path, _own("look", "look of pictures")] = LookFile.SHIPPED,
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
