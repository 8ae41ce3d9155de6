"""Operators' acts from outside Discord; each is recorded in the audit log as theirs, in its own transaction."""

from __future__ import annotations

import gzip
from base64 import b64encode
from typing import TYPE_CHECKING, cast

from mastermind.errors import BadEvent, MemberMistake
from mastermind.game.audit import table as audit
from mastermind.game.exports import actions as exports
from mastermind.operations.operator import ledger, table
from mastermind.operations.operator.fields import image, reason, whole
from mastermind.postgres.exchange import decision, exchange, only, transaction

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mastermind.game.audit.rules import Operator
    from mastermind.json_types import Json
    from mastermind.postgres.connection import Connection

ACTS = frozenset({"repair", "export", "book", "remove_large_objects"})
"""What `act` does, by the key of its question."""

DONE_BY_THE_TOOL = frozenset({
    "awards.sweep", "backup.start", "database.give_up", "database.restore", "database.try", "queue.drop",
    "queue.redrive",
})  # fmt: skip
"""What `ops` does itself, with the rights of who types it, and has booked before."""

AT_ONCE = 500
"""Large objects that one call deletes: it has two seconds."""


def act(conn: Connection, operator: Operator, deed: Mapping[str, object]) -> Json:
    """{"repair": {"user_id", "reason"}}, or {"book": {"action", "after"}} for what the tool is about to do itself.

    {"remove_large_objects": true} gives {"removed": how many, AT_ONCE at most}, {"export": {"user_id"}} gives
    {"document": JSON, gzipped, in base64}: Lambda returns 6 MB at most. Raises BadEvent for anything else.
    """
    match deed:
        case {"repair": whose} if isinstance(whose, dict):
            return _repair(conn, operator, cast("Json", whose))
        case {"export": whose} if isinstance(whose, dict):
            return _export(conn, operator, cast("Json", whose))
        case {"remove_large_objects": True}:
            return _remove_large_objects(conn, operator)
        case {"book": entry} if isinstance(entry, dict):
            return _book(conn, operator, cast("Json", entry))
        case _:
            raise BadEvent("no such act")


def _repair(conn: Connection, operator: Operator, whose: Json) -> Json:
    user_id = whole(whose, "user_id")
    if user_id is None:
        raise BadEvent("user_id is missing")
    return ledger.repair(conn, operator, user_id, reason(whose))


def _export(conn: Connection, operator: Operator, whose: Json) -> Json:
    user_id = whole(whose, "user_id")
    if user_id is None:
        raise BadEvent("user_id is missing")
    try:
        document = exports.export_for_operator(conn, operator, user_id)
    except MemberMistake as error:
        raise BadEvent(str(error)) from None
    return {"document": b64encode(gzip.compress(document.encode())).decode()}


def _remove_large_objects(conn: Connection, operator: Operator) -> Json:
    with decision(conn) as change:
        change.begin()
        owners, removed = table.owners(conn), table.remove_large_objects(conn, AT_ONCE)
        before, amount = {one.role: one.amount for one in owners}, only(removed)
        if amount:
            after = {"removed": amount}
            audit.write(conn, operator, action="database.large_objects", before=before, after=after)
        change.commit()
    return {"removed": amount}


def _book(conn: Connection, operator: Operator, entry: Json) -> Json:
    action = str(entry.get("action"))
    if action not in DONE_BY_THE_TOOL:
        raise BadEvent("the tool does no such thing")
    book(conn, operator, action, image(entry, "after"))
    return {"booked": action}


def book(conn: Connection, operator: Operator, action: str, after: Json) -> None:
    """Add the entry of an act that is done elsewhere, or in many transactions."""
    with exchange(conn), transaction(conn):
        audit.write(conn, operator, action=action, after=after)
