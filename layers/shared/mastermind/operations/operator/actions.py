"""Operators' queries from outside Discord: pending awards, the audit log, a member's data."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, cast

from mastermind import __version__
from mastermind.errors import BadEvent
from mastermind.game.audit import table as audit
from mastermind.game.audit.rules import ACTIONS
from mastermind.game.challenges import table as awards
from mastermind.game.outreach import rights
from mastermind.game.sealing import actions as chain
from mastermind.game.sealing.rules import Head
from mastermind.game.server_settings import table as server_settings
from mastermind.game.settings import content as zones
from mastermind.operations.health import report as health_report
from mastermind.operations.health import table as health
from mastermind.operations.operator import acts, ledger, table
from mastermind.operations.operator.callers import operator_of
from mastermind.operations.operator.fields import whole
from mastermind.operations.report import actions as reports
from mastermind.postgres import schema
from mastermind.postgres.exchange import exchange, only, snapshot
from mastermind.records import as_dict

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from mastermind.json_types import Json
    from mastermind.postgres.connection import Connection


MOST = 500
"""Awards or entries that one answer may have."""

NEWEST = 20
"""Announcements that one answer has."""

LINK = re.compile("[0-9a-f]{64}")


def answer(  # one for each question
    conn: Connection, question: Mapping[str, object], invocation: str
) -> Json:
    """{"awards": true}, {"outbox": true}, {"settings": true} or {"audit": {"user_id", "action", "older", "most"}}.

    The answer is {"pending", "overdue", "oldest_overdue_seconds", "migration", "awards": [...]}, {"entries": [...]},
    newest first, of what the game says by itself {"lacks": [{"lacks", "since"}], "trouble": [...], "waiting": [...],
    "announcements": [...]}, or what admins have chosen {"settings": [{"name", "value", "asked", "refused"}]}. All of
    "audit" are optional. {"large_objects": true} gives {"owners": [{"role", "amount"}]}.

    {"report": {"zone"}} gives {"report": the last one, if there is one, "this_week": {...}, "version"}.

    {"chain": {"position", "link", "entry_id"}}, the link of the audit log that was read last, gives the next ones as
    {"links": [{"position", "link", "entry_id"}], "differs": how the one after these differs, or ""}.
    {"ledger": {"user_id", "most"}} gives what ledger.show does, {"ledger": {"passed"}} what ledger.search does.

    What acts.act does is booked as the operator's, who is in "by", with `invocation`, Lambda's id of the request.
    Raises BadEvent for another question.
    """
    if question.keys() & acts.ACTS:
        return acts.act(conn, operator_of(question, invocation), question)
    return _read(conn, question)


def _read(conn: Connection, question: Mapping[str, object]) -> Json:
    for name, read in WHOLE.items():
        if question.get(name) is True:
            return read(conn)
    match question:
        case {"audit": filters} if isinstance(filters, dict):
            return _entries(conn, cast("Json", filters))
        case {"report": {"zone": str(zone)}} if zone in zones.names():
            return _report(conn, zone)
        case {"chain": last} if isinstance(last, dict):
            return _chain(conn, cast("Json", last))
        case {"ledger": whose} if isinstance(whose, dict):
            return _ledger(conn, cast("Json", whose))
        case _:
            raise BadEvent("no such question")


def _awards(conn: Connection) -> Json:
    with exchange(conn), snapshot(conn):
        pending, overdue = health.pending(conn), health.overdue(conn)
        migration, waiting = schema.reached(conn), awards.waiting(conn, MOST)
    late = only(overdue)
    return {
        "pending": only(pending),
        "overdue": late.awards,
        "oldest_overdue_seconds": late.oldest_seconds,
        "migration": only(migration),
        "awards": [
            {**as_dict(one), "award_id": str(one.award_id), "user_id": str(one.user_id), "due_at": _written(one.due_at)}
            for one in waiting
        ],
    }


def _report(conn: Connection, zone: str) -> Json:
    found = reports.read_for_operator(conn, zone)
    report = as_dict(found.report) if found.report else None
    return {"report": report, "this_week": as_dict(found.weeks), "version": __version__}


def _outbox(conn: Connection) -> Json:
    with exchange(conn), snapshot(conn):
        ask = health_report.ask_spoken(conn)
        waiting, announced = table.waiting(conn), table.announced(conn, NEWEST)
    spoken = ask()
    return {
        "lacks": [
            {"lacks": rights.lacks(one.needed, one.code, is_in_discord=False), "since": _written(one.since)}
            for one in spoken.missing
        ],
        "trouble": [{**as_dict(one), "last_at": _written(one.last_at)} for one in spoken.trouble],
        "waiting": [{**as_dict(one), "oldest": _written(one.oldest)} for one in waiting],
        "announcements": [{**as_dict(one), "made_at": _written(one.made_at)} for one in announced],
    }


def _settings(conn: Connection) -> Json:
    found = sorted(server_settings.choices(conn), key=lambda choice: choice.name)
    return {"settings": [as_dict(choice) for choice in found]}


def _large_objects(conn: Connection) -> Json:
    return {"owners": [as_dict(one) for one in table.owners(conn)]}


WHOLE: Mapping[str, Callable[[Connection], Json]] = {
    "awards": _awards,
    "outbox": _outbox,
    "settings": _settings,
    "large_objects": _large_objects,
}
"""What is asked for without anything else, by its name."""


def _entries(conn: Connection, filters: Json) -> Json:
    found = audit.older(
        conn,
        whole(filters, "older"),
        user_id=whole(filters, "user_id"),
        action=_action(filters),
        most=min(whole(filters, "most") or MOST, MOST),
    )
    return {
        "entries": [
            {**as_dict(one), "at": _written(one.at), "actor_id": _id(one.actor_id), "subject_id": _id(one.subject_id)}
            for one in found
        ]
    }


def _chain(conn: Connection, last: Json) -> Json:
    position, entry_id, link = whole(last, "position", 0), whole(last, "entry_id", 0), last.get("link")
    if position is None or entry_id is None or not (isinstance(link, str) and LINK.fullmatch(link)):
        raise BadEvent("the last link has a position, a link and an entry_id")
    links, differs = chain.verify(conn, Head(position, link), entry_id)
    known = [{"position": one.position, "link": one.link, "entry_id": str(one.entry_id)} for one in links]
    return {"links": known, "differs": differs}


def _ledger(conn: Connection, whose: Json) -> Json:
    user_id = whole(whose, "user_id")
    if user_id is None:
        return ledger.search(conn, whole(whose, "passed") or 0)
    return ledger.show(conn, user_id, min(whole(whose, "most") or MOST, MOST))


def _action(filters: Json) -> str | None:
    action = filters.get("action")
    if action is not None and not (isinstance(action, str) and action in ACTIONS):
        raise BadEvent("the audit log has no such action")
    return action


def _id(user_id: int | None) -> str | None:
    """As JSON keeps it whole for every reader."""
    return None if user_id is None else str(user_id)


def _written(moment: datetime) -> str:
    return moment.isoformat()
