"""`ops check-content`: says everything that is wrong with a file of challenges, before it is built."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mastermind.content import challenges
from mastermind.errors import ContentError
from ops.discord import stop

OURS = Path(challenges.__file__).with_name(challenges.FILE)


def check_content(
    file: Annotated[
        Path, typer.Argument(envvar="CHALLENGES_FILE", help="The community's own challenges.", show_default=False)
    ] = OURS,
) -> None:
    """Check a file of challenges as the build does; without a file, the one that ships."""
    try:
        read = challenges.read_file(file)
    except ContentError as error:
        stop(str(error))
    typer.echo(f"{file.name} is sound; levels: {len(read.levels)}, challenges: {read.count}")
