"""The state of the game: the last health check's report, and the database's present facts, in one exchange."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from mastermind.game.outbox import table as outbox
from mastermind.game.outreach import table as outreach
from mastermind.game.server_settings import rules as settings
from mastermind.game.server_settings import table as server_settings
from mastermind.operations.health import table as health
from mastermind.operations.health.rules import Outage, Probe, Report
from mastermind.operations.health.table import Overdue, Server, StoredReport
from mastermind.postgres import schema
from mastermind.postgres.exchange import exchange, only, snapshot

if TYPE_CHECKING:
    from collections.abc import Callable

    from mastermind.game.outbox.table import Trouble
    from mastermind.game.outreach.table import Missing
    from mastermind.game.server_settings.rules import Choices
    from mastermind.postgres.connection import Connection

__all__ = [
    "Checked",
    "Health",
    "Outage",
    "Overdue",
    "Probe",
    "Report",
    "Server",
    "Spoken",
    "ask_checked",
    "ask_spoken",
    "read",
]


@dataclass(frozen=True, slots=True)
class Checked:
    """The last report, and how many seconds ago its check was by the database's clock (never below 0)."""

    report: Report
    age: float


@dataclass(frozen=True, slots=True)
class Spoken:
    """What the game says by itself: whether there is a bot, the rights that it lacks, what went wrong."""

    is_on: bool
    missing: tuple[Missing, ...]
    trouble: tuple[Trouble, ...]


MOST = 5
"""Rights, and kinds of trouble, that are shown."""


@dataclass(frozen=True, slots=True)
class Health:
    """The last check (None: there was none yet) and the last outage that is over, beside what holds at this moment.

    `migration` is the database's own, `needed` this code's; `pending` counts awards, the overdue ones among them.
    `choices` are what admins have chosen instead of what the deploy sets.
    """

    checked: Checked | None
    outage: Outage | None
    migration: int
    needed: int
    pending: int
    overdue: Overdue
    server: Server
    spoken: Spoken
    choices: Choices


def read(conn: Connection) -> Health:
    """All of one moment. It meets no member and writes nothing, so that it works when little else does."""
    with exchange(conn), snapshot(conn):
        checked, outage = ask_checked(conn), health.last_outage(conn)
        migration, pending = schema.reached(conn), health.pending(conn)
        overdue, server = health.overdue(conn), health.server(conn)
        spoken, choices = ask_spoken(conn), server_settings.choices(conn)
    return Health(
        checked=checked(),
        outage=outage.fetchone(),
        migration=only(migration),
        needed=schema.NEEDED,
        pending=only(pending),
        overdue=only(overdue),
        server=only(server),
        spoken=spoken(),
        choices=settings.choices(choices),
    )


def ask_checked(conn: Connection) -> Callable[[], Checked | None]:
    """Send the query; what is returned reads its row."""
    report = health.last_report(conn)
    return lambda: _checked(report.fetchone())


def ask_spoken(conn: Connection) -> Callable[[], Spoken]:
    """Send the queries; what is returned reads their rows."""
    is_on, missing, trouble = outreach.is_on(conn), outreach.missing(conn, MOST), outbox.trouble(conn, MOST)
    return lambda: Spoken(only(is_on), tuple(missing), tuple(trouble))


def _checked(stored: StoredReport | None) -> Checked | None:
    return stored and Checked(_report(stored.report), max(0.0, stored.age_seconds))


def _report(fields: dict[str, Any]) -> Report:
    """The report in a stored row, which was validated before it was stored."""
    return Report(
        healthy=fields["healthy"],
        since=fields["since"] and datetime.fromisoformat(fields["since"]),
        version=fields["version"],
        probes=tuple(Probe(it["name"], it["healthy"], it["words"]) for it in fields["probes"]),
        at=datetime.fromisoformat(fields["at"]),
        good_in_a_row=fields["good_in_a_row"],
    )
