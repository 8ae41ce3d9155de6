"""Queues a job for another function, once for each interaction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mastermind.game.exchanges import changing

if TYPE_CHECKING:
    from collections.abc import Callable

    from mastermind.game.members.rules import Actor
    from mastermind.postgres.connection import Connection

BACKUP = "backup.start"


def start_backup(conn: Connection, actor: Actor, send: Callable[[], None]) -> None:
    """Put the job on its queue by `send`, unless this interaction did before, and record who asked.

    It is sent before that is committed, so that the answer "it was started" is always true. When the commit fails the
    job stays on the queue, and a repeat asks for the same snapshot. Raises what `send` raises; nothing is stored then.
    """
    with changing(conn, actor, BACKUP) as change:
        if change.stored is None:
            send()
            change.audit()
            change.keep({})
