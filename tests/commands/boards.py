"""What the tests of the leaderboards share: a crowd, and what a board shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from devkit.discord_client import User

if TYPE_CHECKING:
    from devkit.discord_client import Answer
    from tests.conftest import Connection

CROWD = [User(2_000 + number, f"Member {number}") for number in range(1, 24)]


def hide(owner: Connection, user: User) -> None:
    owner.execute("UPDATE users SET hidden = true WHERE user_id = %s", [user.id])


def texts(answer: Answer) -> list[str]:
    """Heading, lines, own place where the line is not shown, how one gets there."""
    return [cast("str", part["content"]) for part in answer.parts() if part["type"] == 10]


def lines(answer: Answer) -> list[str]:
    """What stands on the board, line by line, without heading and own place."""
    return texts(answer)[1].split("\n")
