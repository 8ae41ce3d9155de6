"""The report about a week: made once the week is over, sent to the admins once, read by them at any time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mastermind.game.catalogue import content as catalogue
from mastermind.game.challenges import content as challenges
from mastermind.game.exchanges import looking
from mastermind.game.raids import table as raids
from mastermind.game.weeks import actions as weeks
from mastermind.game.weeks import table as week_table
from mastermind.game.weeks.rules import MOST_RAIDS
from mastermind.game.weeks.table import Asked
from mastermind.operations.health import report as health
from mastermind.operations.home import table as home
from mastermind.operations.report import rules
from mastermind.operations.report import table as reports
from mastermind.operations.report.rules import Report
from mastermind.postgres.exchange import exchange, only, snapshot, transaction

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date

    from mastermind.deadline import Deadline
    from mastermind.game.members.rules import Actor
    from mastermind.operations.health.report import Checked
    from mastermind.operations.home.table import Weeks
    from mastermind.operations.report.rules import Pick
    from mastermind.postgres.connection import Connection

__all__ = ["Leaders", "Report", "make", "read", "read_for_operator", "send"]


@dataclass(frozen=True, slots=True)
class Leaders:
    """What leaders ask: the last report (None: there was none yet), and how the game is at this moment."""

    report: Report | None
    weeks: Weeks
    checked: Checked | None


def read(conn: Connection, actor: Actor) -> Leaders:
    with looking(conn, actor):
        ask = _ask(conn, actor.time_zone)
    return ask()


def read_for_operator(conn: Connection, time_zone: str) -> Leaders:
    """The same for somebody who is no member."""
    with exchange(conn), snapshot(conn):
        ask = _ask(conn, time_zone)
    return ask()


def _ask(conn: Connection, time_zone: str) -> Callable[[], Leaders]:
    """Send the queries; what is returned reads their rows."""
    newest, current, checked = reports.newest(conn), home.weeks(conn, time_zone), health.ask_checked(conn)

    def told() -> Leaders:
        stored = newest.fetchone()
        return Leaders(stored and stored.report, only(current), checked())

    return told


# --- once a week ---


def send(conn: Connection, zone: str, post: Callable[[Leaders], None], deadline: Deadline) -> bool:
    """Make the report of the week that is over in that zone, and hand it to `post` once; whether it was.

    No transaction is open meanwhile. When `post` fails its error is raised, and the report is sent the next time.
    """
    with exchange(conn):
        due = reports.due(conn, zone)
    if week := due.fetchone():
        _keep(conn, make(conn, week, zone))
    with exchange(conn), transaction(conn):
        claimed = reports.claim(conn, zone, deadline.remaining())
    stored = claimed.fetchone()
    report = stored and stored.report
    if report is None:
        return False
    _post(conn, report, zone, post)
    return True


def _keep(conn: Connection, report: Report) -> None:
    if not report.is_silent:
        with exchange(conn), transaction(conn):
            reports.keep(conn, report)


def _post(conn: Connection, report: Report, zone: str, post: Callable[[Leaders], None]) -> None:
    try:
        post(read_for_operator(conn, zone))
    except Exception:
        with exchange(conn), transaction(conn):
            reports.release(conn, report.monday)
        raise
    with exchange(conn), transaction(conn):
        reports.sent(conn, report.monday)


def _by_chance(keys: Sequence[str], listed: int) -> Sequence[str]:
    from random import SystemRandom  # no interaction loads it

    return SystemRandom().sample(keys, listed)


def make(conn: Connection, week: date, zone: str, pick: Pick = _by_chance) -> Report:
    """The figures of the week that began on that Monday, as they are now."""
    asked = Asked(week, zone, 0)
    stats = _public_stats()
    with exchange(conn), snapshot(conn):
        people, logged = reports.people(conn, week, zone), reports.logged(conn, week, stats)
        ticked, ended = reports.ticked(conn, week), week_table.raids(conn, asked)
        down = reports.outages(conn, week, zone)
    counted, ticks, raid_ids = only(people), tuple(ticked), tuple(ended)
    members_by_stat = {each.key: each.members for each in logged}
    open_still = rules.never(challenges.load().by_id, {each.key: each.members for each in ticks})
    in_week = {each.key: each.in_week for each in ticks if each.key in challenges.load().by_id}
    outages = only(down)
    return Report(
        first_day=str(week),
        members=counted.members,
        newcomers=counted.newcomers,
        active=counted.active,
        active_before=counted.active_before,
        kept=counted.kept,
        logged=rules.most(members_by_stat, rules.MOST_LOGGED),
        unlogged=rules.named(rules.never(stats, members_by_stat), rules.MOST_NEVER, pick),
        ticked=rules.most(in_week, rules.MOST_TICKED),
        unticked=len(open_still),
        unticked_one=next(iter(rules.named(open_still, 1, pick)), ""),
        raids=tuple(weeks.result(only(raids.find(conn, each))) for each in raid_ids[:MOST_RAIDS]),
        more_raids=len(raid_ids[MOST_RAIDS:]),
        outages=outages.outages,
        outage_seconds=outages.seconds,
    )


def _public_stats() -> list[str]:
    """What everybody sees of a member who does not hide, and what is typed in."""
    categories = catalogue.load().categories
    return [stat.key for category in categories if not category.private for stat in category.stats]
