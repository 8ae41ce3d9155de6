"""Flags on what members write: made with the words, looked at by moderators."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mastermind.errors import MemberMistake
from mastermind.game import paging
from mastermind.game.audit import table as audit
from mastermind.game.flags import content as rules
from mastermind.game.flags import table as flags
from mastermind.game.flags.rules import LONGEST_EXCERPT
from mastermind.game.flags.table import Flag
from mastermind.game.members import table as users
from mastermind.game.members.rules import Member
from mastermind.postgres import outcomes as interactions
from mastermind.postgres.exchange import begin, commit, decision, exchange, only, snapshot

if TYPE_CHECKING:
    from psycopg import Cursor

    from mastermind.postgres.connection import Connection

__all__ = ["Decided", "Flag", "Member", "OpenFlags", "decide", "look_at", "read"]

DECISIONS = {"resolved": "flag.resolve", "dismissed": "flag.dismiss"}
"""What moderators make of a flag, with its name in the audit log."""

LINES = 4
"""Flags of a page: their words stay below the 4 000 characters of a message."""

FARTHEST = 10**9

GONE = "This flag is gone: its author has had all of their data deleted."


@dataclass(frozen=True, slots=True)
class OpenFlags:
    """A page of the flags that nobody has decided on, oldest first."""

    lines: tuple[Flag, ...]
    page: int
    pages: int
    count: int


@dataclass(frozen=True, slots=True)
class Decided:
    """How a flag stands after a tap, and the page as it is then.

    `fresh` when this tap led to it, however often it is delivered; else somebody had decided before.
    """

    status: str
    fresh: bool
    flags: OpenFlags


def look_at(conn: Connection, user_id: int, source: str, source_id: str, text: str) -> None:
    """Flag a member's words when a rule finds something in them; part of the transaction that stores the words.

    `source` is a kind of place like "course.question", `source_id` names the place itself; at most one flag for each.
    """
    if categories := rules.load().check(text):
        flags.write(conn, user_id, source, source_id, categories, text[:LONGEST_EXCERPT])


def read(conn: Connection, actor: Member, page: int, time_zone: str) -> OpenFlags:
    """A page, counted from 1; beyond the end: the last one."""
    with exchange(conn):
        users.enter(conn, actor, time_zone)
        with snapshot(conn):
            asked = _ask(conn, page)
    return asked.answer()


def decide(
    conn: Connection, actor: Member, interaction_id: int, flag_id: int, status: str, page: int, time_zone: str
) -> Decided:
    """Write down what a moderator made of a flag: "resolved" or "dismissed". A second tap finds it decided."""
    with decision(conn):
        with exchange(conn):
            users.enter(conn, actor, time_zone)
            begin(conn)
            users.lock_own(conn, actor.user_id)
            found = flags.lock(conn, flag_id)
            done = interactions.find(conn, actor.user_id, DECISIONS[status], [interaction_id])
        flag = found.fetchone()
        if flag is None:
            raise MemberMistake(GONE)
        is_open = flag.status == "open"
        with exchange(conn):
            if is_open:
                flags.resolve(conn, flag_id, status, actor.user_id)
                audit.write(
                    conn,
                    actor_id=actor.user_id,
                    action=DECISIONS[status],
                    subject_id=flag.user_id,
                    before={"flag": "open"},
                    after={"flag": status},
                    reason=", ".join(flag.categories),
                )
                interactions.store(conn, actor.user_id, DECISIONS[status], [interaction_id], {})
            asked = _ask(conn, page)
            commit(conn)
    fresh = is_open or done.fetchone() is not None
    return Decided(status if fresh else flag.status, fresh, asked.answer())


@dataclass(frozen=True, slots=True)
class _Asked:
    """The questions that make a page, on their way."""

    page: int
    count: Cursor[int]
    lines: Cursor[Flag]

    def answer(self) -> OpenFlags:
        count = only(self.count)
        pages = paging.page_count(count, LINES)
        return OpenFlags(tuple(self.lines), paging.held(self.page, pages), pages, count)


def _ask(conn: Connection, page: int) -> _Asked:
    before = (paging.held(page, FARTHEST) - 1) * LINES
    return _Asked(page, flags.count_open(conn), flags.open_flags(conn, before, LINES))
