"""Announcing the milestones that members have reached: each once in effect, whatever fails in between."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mastermind.db import milestones
from mastermind.domain.milestones import Milestone

if TYPE_CHECKING:
    from collections.abc import Callable

    from mastermind.db.connection import Connection
    from mastermind.db.milestones import DueMilestone
    from mastermind.deadline import Deadline

__all__ = ["Milestone", "announce"]


def announce(conn: Connection, send: Callable[[Milestone], None] | None, deadline: Deadline) -> int:
    """Hand every milestone that is due to `send`, until `deadline`; tells how many were sent.

    Each has a transaction of its own: when sending fails, that error is raised and the milestone stays due. One that
    its member does not want told, and every one when `send` is None, is passed over in silence, now and later.
    """
    sent = 0
    while milestones.is_any_due(conn) and not deadline.passed:
        with conn.transaction():
            due = milestones.next_due(conn).fetchone()
            if due is None:
                break
            sent += _tell(conn, due, send)
    return sent


def _tell(conn: Connection, due: DueMilestone, send: Callable[[Milestone], None] | None) -> bool:
    if send is None or not due.wanted:
        milestones.resolve(conn, due, sent=False)
        return False
    send(Milestone(due.user_id, due.display_name, due.challenges))
    milestones.resolve(conn, due, sent=True)
    return True
