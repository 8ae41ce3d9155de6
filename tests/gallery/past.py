"""What lies behind an act: members, XP, days and challenges, written as the game itself would have left them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from devkit.discord_client import User
from mastermind.game.challenges import content as challenges
from tests.commands import diary
from tests.commands.playing import ALEX

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from tests.conftest import Connection

NAMES = (
    *("Robin", "Noor", "Kim", "Jo", "Charlie", "Yuki", "Ana", "Bo", "Dana", "Eli", "Fee", "Gil"),
    *("Hana", "Ida", "Jin", "Kai", "Lou", "Maya", "Nico", "Oda", "Pia", "Quinn", "Ravi"),
)
CROWD = tuple(User(1_300_000_000_000_000_100 + place, name) for place, name in enumerate(NAMES))


def meet(owner: Connection, *users: User, zone: str = "America/New_York") -> None:
    """They have played before."""
    for user in users:
        owner.execute(
            "INSERT INTO users (user_id, display_name, time_zone) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
            [user.id, user.name, zone],
        )


def give(owner: Connection, xp: Mapping[User, int], back: int = 0) -> None:
    """XP from an admin, booked so many days ago."""
    meet(owner, *xp)
    for user, amount in xp.items():
        owner.execute(
            "INSERT INTO xp_ledger (user_id, xp, kind, source, source_id, day, details)"
            " VALUES (%s, %s, 'adjustment', 'admin', gen_random_uuid()::text, %s - %s::int, %s)",
            [user.id, amount, diary.today(owner), back, '{"reason": "Brought along from before"}'],
        )


def tick(owner: Connection, challenges_: Collection[str], user: User = ALEX) -> None:
    """Challenges that were ticked an hour ago, one after the other; the next sweep awards them."""
    meet(owner, user)
    for challenge in challenges_:
        owner.execute(
            "INSERT INTO pending_xp_awards (user_id, challenge_id, xp, day, created_at, due_at)"
            " SELECT %s, %s, 100, %s, at - interval '60 min', at - interval '59 min' FROM clock_timestamp() AS at",
            [user.id, challenge, diary.today(owner)],
        )


def of_chapter(number: int) -> list[str]:
    """The ids of a chapter's challenges."""
    return [challenge.id for challenge in challenges.load().chapter(number).challenges]


def every() -> list[str]:
    return [challenge.id for chapter in challenges.load().chapters for challenge in chapter.challenges]


def hide(owner: Connection, user: User) -> None:
    owner.execute("UPDATE users SET hidden = true WHERE user_id = %s", [user.id])
