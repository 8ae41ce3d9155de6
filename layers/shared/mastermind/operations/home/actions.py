"""What admins and moderators look at first: who needs something, what waits, how the week is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mastermind.game.exchanges import looking
from mastermind.operations.health import report
from mastermind.operations.health import table as health
from mastermind.operations.home import table as home
from mastermind.operations.home.table import Waiting, Weeks
from mastermind.postgres.exchange import only

if TYPE_CHECKING:
    from mastermind.game.members.rules import Actor
    from mastermind.operations.health.report import Checked
    from mastermind.operations.health.table import Overdue
    from mastermind.postgres.connection import Connection

__all__ = ["Home", "Waiting", "Weeks", "read"]


@dataclass(frozen=True, slots=True)
class Home:
    """All of one moment; `checked` is the last health check, None before the first."""

    waiting: Waiting
    weeks: Weeks
    overdue: Overdue
    checked: Checked | None


def read(conn: Connection, actor: Actor) -> Home:
    with looking(conn, actor):
        waiting, weeks = home.waiting(conn), home.weeks(conn, actor.time_zone)
        overdue, checked = health.overdue(conn), report.ask_checked(conn)
    return Home(only(waiting), only(weeks), only(overdue), checked())
