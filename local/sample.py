"""The sample community of a first start: played into the empty game before anybody can play it."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import psycopg

from mastermind.game.catalogue import content as catalogues
from mastermind.game.challenges import content as challenges
from simulator.sample.people import NEWCOMER, PEOPLE
from simulator.sample.playing import Content, play

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

MARK = "sample-begun"
"""A file that stands in the folder while the community is played: what an interrupted start leaves is no game."""

NAMES = (*(person.name for person in PEOPLE), NEWCOMER)


class SampleError(Exception):
    """The community could not be played; the next start begins with an empty folder."""


def is_unfinished(folder: Path) -> bool:
    return (folder / MARK).exists()


def is_empty(owner_url: str) -> bool:
    """Whether the game has no member."""
    with closing(psycopg.connect(owner_url)) as conn:
        return conn.execute("SELECT FROM users LIMIT 1").fetchone() is None


def begin(folder: Path, owner_url: str, content: Content, ids: Mapping[str, int]) -> None:
    """Play it; `ids` are the people's by their names. Raises SampleError."""
    mark = folder / MARK
    mark.touch()
    try:
        play(owner_url, content, ids)
    except Exception as error:  # a community's own content may be anything
        raise SampleError(
            f"The sample community could not be played: {type(error).__name__}: {error}\n"
            "Nothing of yours is lost. make run EMPTY=1 starts without it."
        ) from error
    mark.unlink()


def content_of(layers: Iterable[Path], time_zone: str) -> Content:
    """What the functions of this build play by: a community may have brought its own files."""
    game = next(found for layer in layers if (found := layer / "python" / "mastermind" / "game").is_dir())
    return Content(
        catalogues.parse((game / "catalogue" / "stats.json").read_bytes()),
        challenges.parse((game / "challenges" / "challenges.json").read_bytes()),
        time_zone,
    )
