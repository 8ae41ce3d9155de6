"""Deciding whether an outage counts: the health check may have been wrong, or misled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mastermind.errors import MemberMistake
from mastermind.game.exchanges import changing, looking
from mastermind.game.outages import table as outages
from mastermind.game.outages.table import Outage
from mastermind.game.paging import Window
from mastermind.postgres.exchange import only

if TYPE_CHECKING:
    from collections.abc import Callable

    from mastermind.game.members.rules import Actor
    from mastermind.game.paging import Page
    from mastermind.postgres.connection import Connection

__all__ = ["Decided", "Outage", "decide", "read"]

LINES = 5
"""Outages of a page: one screen of a phone."""

GONE = "There is no such outage. Look at the list again."


@dataclass(frozen=True, slots=True)
class Decided:
    """The outage as it is now, and the page with it. `fresh` when this tap changed it, however often it comes."""

    outage: Outage
    fresh: bool
    found: Page[Outage]


def read(conn: Connection, actor: Actor, page: int) -> Page[Outage]:
    """A page of the outages, the newest first."""
    with looking(conn, actor):
        found = _ask(conn, page)
    return found()


def decide(conn: Connection, actor: Actor, outage_id: int, page: int, *, counts: bool) -> Decided:
    """Decide whether an outage bridges streaks. XP that was booked for it stays, as all that was logged."""
    with changing(conn, actor, "outage.decide") as change:
        locked = outages.lock(conn, outage_id)
        outage = locked.fetchone()
        if outage is None:
            raise MemberMistake(GONE)
        differs = outage.counts is not counts
        if differs and change.stored is None:
            outages.decide(conn, outage_id, counts=counts)
            span = {"began": outage.began.isoformat(), "ended": outage.ended.isoformat()}
            change.audit(before={**span, "counts": outage.counts}, after={**span, "counts": counts})
            change.keep({})
        found = _ask(conn, page)
    is_new = differs or change.stored is not None
    return Decided(Outage(outage.outage_id, outage.began, outage.ended, counts), is_new, found())


def _ask(conn: Connection, page: int) -> Callable[[], Page[Outage]]:
    """Send the queries for a page; what is returned reads their rows."""
    window = Window(page, LINES)
    count, found = outages.count(conn), outages.page(conn, window)
    return lambda: window.page(found, only(count))
