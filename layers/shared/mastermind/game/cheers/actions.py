"""Cheering for a member, and taking that back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mastermind.game.announcements import actions as announcements
from mastermind.game.announcements import table as announced
from mastermind.game.announcements.rules import Digest, LevelUp, Milestone
from mastermind.game.cheers import table as cheers
from mastermind.game.cheers.rules import Became, Cheers, Post
from mastermind.game.exchanges import changing
from mastermind.postgres.exchange import only

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mastermind.game.announcements.rules import Celebration
    from mastermind.game.announcements.table import DueAnnouncement
    from mastermind.game.members.rules import Actor
    from mastermind.postgres.connection import Connection, Cursor

__all__ = ["Became", "Cheers", "Post", "Tapped", "tap"]

CHEER = "cheer"


@dataclass(frozen=True, slots=True)
class Tapped:
    """The result of a tap; the post's present text, and who has cheered, where that may be shown."""

    became: Became
    announcement: Celebration | Digest | None = None
    cheers: Cheers | None = None


def tap(conn: Connection, actor: Actor, post: Post) -> Tapped:
    """Cheer for everybody whom the post celebrates but oneself, or take that back."""
    with changing(conn, actor, CHEER) as change:
        opened = cheers.find_open(conn, post, actor.user_id)
        found = _find(conn, post)
        cheered = {each.key: each.is_cheered for each in opened.fetchall()}
        shown = [due for due in found.fetchall() if due.is_wanted and due.key in cheered]
        keys = [due.key for due in shown if due.user_id != actor.user_id]
        if not keys:
            return Tapped(Became.OWN if shown else Became.GONE)
        became = Became(change.stored["became"]) if change.stored else Became.GIVEN
        if change.stored is None:
            if any(cheered[key] for key in keys):
                became = Became.TAKEN_BACK
                cheers.take_back(conn, keys, actor.user_id)
            else:
                cheers.give(conn, keys, actor.user_id)
            change.keep({"became": became})
        counted = cheers.count(conn, [due.key for due in shown])
    return Tapped(became, _announcement(conn, post, shown), only(counted))


def _find(conn: Connection, post: Post) -> Cursor[DueAnnouncement]:
    return announced.find(conn, post.key) if post.digest_id is None else announced.gathered(conn, post.digest_id)


def _announcement(conn: Connection, post: Post, shown: Sequence[DueAnnouncement]) -> Celebration | Digest | None:
    """What the post says, as it was composed: of what is there of it now."""
    told = tuple(each for due in shown if isinstance(each := announcements.compose(conn, due), Milestone | LevelUp))
    return Digest(post.digest_id, told) if post.digest_id is not None else next(iter(told), None)
