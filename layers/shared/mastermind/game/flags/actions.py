"""Flags on what members write: made with the words, looked at by moderators."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mastermind.errors import MemberMistake
from mastermind.game.exchanges import changing, looking
from mastermind.game.flags import content as rules
from mastermind.game.flags import table as flags
from mastermind.game.flags.rules import LONGEST_EXCERPT, FlagStatus
from mastermind.game.flags.table import Flag, Found
from mastermind.game.members import table as members
from mastermind.game.members.rules import Subject
from mastermind.game.paging import Window
from mastermind.postgres.exchange import exchange, only, transaction

if TYPE_CHECKING:
    from collections.abc import Callable

    from mastermind.game.flags.needs import Need
    from mastermind.game.members.rules import Actor
    from mastermind.game.paging import Page
    from mastermind.postgres.connection import Connection

__all__ = ["Decided", "Flag", "decide", "flag_need", "look_at", "read"]

DECISIONS = {FlagStatus.RESOLVED: "flag.resolve", FlagStatus.DISMISSED: "flag.dismiss"}
"""What moderators make of a flag, with its name in the audit log."""

LINES = 2
"""Flags of a page: so many are one screen of a phone."""

LONGEST_SOURCE = 40
"""Characters of the place that is kept with a flag."""

MOST_NEEDS = 10
"""Open flags of one person in need; the moderators are notified of each, and more of them say nothing new."""

GONE = "This flag is gone: its author has had all of their data deleted. Nothing is left to do."


@dataclass(frozen=True, slots=True)
class Decided:
    """How a flag stands after a tap, and the page of open flags as it is then.

    `fresh` when this tap led to it, however often it is delivered; else somebody had decided before.
    """

    status: FlagStatus
    fresh: bool
    flags: Page[Flag]


def look_at(conn: Connection, actor: Actor, source: str, source_id: str, text: str) -> None:
    """Flag a member's words when a rule finds something in them; part of the transaction that stores the words.

    `source` is a kind of place like "course.question", `source_id` names the place itself; at most one flag for each.
    """
    if categories := rules.load().check(text):
        in_need = bool(rules.load().needs(text))
        excerpt = text[:LONGEST_EXCERPT]
        flags.write(conn, Found(actor.user_id, actor.interaction_id, source, source_id, categories, excerpt, in_need))


def flag_need(conn: Connection, need: Need) -> bool:
    """Store that somebody is in need, once for each interaction; always True. They need not be a member.

    For the award's role: it comes by the queue, when the database could not be asked as well.
    """
    source, source_id = need.place[:LONGEST_SOURCE], str(need.interaction_id)
    found = Found(need.user_id, need.interaction_id, source, source_id, need.categories, need.excerpt, in_need=True)
    with exchange(conn), transaction(conn):
        members.lock(conn, need.user_id)
        flags.write_need(conn, found, need.written, MOST_NEEDS)
    return True


def read(conn: Connection, actor: Actor, page: int) -> Page[Flag]:
    """A page of the flags that nobody has decided on: people in need first, then the oldest first."""
    with looking(conn, actor):
        found = _ask(conn, page)
    return found()


def decide(conn: Connection, actor: Actor, flag_id: int, status: FlagStatus, page: int) -> Decided:
    """Record what a moderator made of a flag: resolved or dismissed. A second tap finds it decided."""
    with changing(conn, actor, DECISIONS[status]) as change:
        locked = flags.lock(conn, flag_id)
        flag = locked.fetchone()
        if flag is None:
            raise MemberMistake(GONE)
        if flag.status is FlagStatus.OPEN:
            flags.resolve(conn, flag_id, status, actor.user_id)
            reason = ", ".join(flag.categories)
            change.audit(subject=Subject(flag.user_id), before={"flag": "open"}, after={"flag": status}, reason=reason)
            change.keep({})
        found = _ask(conn, page)
    return Decided(status if change.is_made else flag.status, change.is_made, found())


def _ask(conn: Connection, page: int) -> Callable[[], Page[Flag]]:
    """Send the queries for a page; what is returned reads their rows."""
    window = Window(page, LINES)
    count, found = flags.count_open(conn), flags.open_flags(conn, window)
    return lambda: window.page(found, only(count))
