"""`ops check-content`: says everything that is wrong with a community's own content, before it is built."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mastermind.errors import ContentError
from mastermind.game.catalogue import content as stats
from mastermind.game.challenges import content as challenges
from mastermind.game.course import content as course
from mastermind.game.flags import content as flags
from ops.discord import stop

OURS = Path(challenges.__file__).with_name(challenges.FILE)
OUR_STATS = Path(stats.__file__).with_name(stats.FILE)
OUR_FLAGS = Path(flags.__file__).with_name(flags.FILE)
OUR_COURSE = Path(course.__file__).with_name(course.FILE)


def check_content(
    file: Annotated[
        Path, typer.Argument(envvar="CHALLENGES_FILE", help="The community's own challenges.", show_default=False)
    ] = OURS,
    own_stats: Annotated[
        Path, typer.Option("--stats", envvar="STATS_FILE", help="The community's own stats.", show_default=False)
    ] = OUR_STATS,
    own_flags: Annotated[
        Path, typer.Option("--flags", envvar="FLAGS_FILE", help="The community's own flags.", show_default=False)
    ] = OUR_FLAGS,
    own_course: Annotated[
        Path, typer.Option("--course", envvar="COURSE_FILE", help="The community's own course.", show_default=False)
    ] = OUR_COURSE,
) -> None:
    """Check all content as the build does; what is not given is what ships."""
    told: list[str] = []
    problems: list[str] = []
    for content, path in ((challenges, file), (stats, own_stats), (flags, own_flags), (course, own_course)):
        try:
            told.append(f"{path.name} is sound; {content.read_file(path).told}")
        except ContentError as error:
            problems.append(str(error))
    if problems:
        stop("\n".join(problems))
    typer.echo("\n".join(told))
