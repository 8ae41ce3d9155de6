"""People who look after a server, and what they leave behind, for tests of several commands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from devkit.discord_client import User
from mastermind.discord.permissions import ADMINISTRATOR, MANAGE_GUILD, MODERATE_MEMBERS
from tests.commands.playing import MODERATOR_ROLE

if TYPE_CHECKING:
    from tests.conftest import Connection

ADA = User(1_300_000_000_000_000_010, "Ada", ADMINISTRATOR)
BEN = User(1_300_000_000_000_000_011, "Ben", MANAGE_GUILD)
MIA = User(1_300_000_000_000_000_012, "Mia", MODERATE_MEMBERS)
MAX = User(1_300_000_000_000_000_013, "Max", roles=(MODERATOR_ROLE,))

MESSAGE, UPDATE, MODAL = 4, 7, 9


def meet(owner: Connection, *users: User) -> None:
    """They have played before."""
    for user in users:
        owner.execute(
            "INSERT INTO users (user_id, display_name, time_zone) VALUES (%s, %s, 'UTC')", [user.id, user.name]
        )


def log(owner: Connection) -> list[tuple[Any, ...]]:
    """What the audit log says: who, what, to whom, before, after, why."""
    return owner.execute(
        "SELECT actor_id, action, subject_id, before, after, reason FROM audit_log ORDER BY id"
    ).fetchall()
