"""The table interactions_done: the stored outcome of each state change, kept for a day."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, LiteralString

from mastermind.postgres.exchange import value
from mastermind.records import names

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from _typeshed import DataclassInstance

    from mastermind.postgres.connection import Connection, Cursor

FIND: LiteralString = """
SELECT outcome
FROM interactions_done
WHERE interaction_id = ANY(%(ids)s) AND user_id = %(user_id)s AND outcome ->> 'did' = %(did)s
LIMIT 1
"""


def find(conn: Connection, user_id: int, did: str, ids: Sequence[int]) -> Cursor[Mapping[str, object]]:
    """What `did` (a name for that kind of change) of this member led to, under any of these ids; no row when new."""
    return value(conn, dict[str, object], FIND, {"user_id": user_id, "did": did, "ids": list(ids)})


STORE: LiteralString = """
INSERT INTO interactions_done (interaction_id, user_id, outcome)
SELECT interaction_id, %(user_id)s, %(outcome)s::jsonb || jsonb_build_object('did', %(did)s::text)
FROM unnest(%(ids)s::bigint[]) AS named (interaction_id)
ON CONFLICT (interaction_id) DO NOTHING
"""


def store(conn: Connection, user_id: int, did: str, ids: Sequence[int], outcome: Mapping[str, object]) -> None:
    """Keep the outcome under each of these ids, in the transaction of the change.

    One is the interaction's own. Another may be that of the interaction which opened the form: it is the form's nonce,
    so that a form that is submitted twice is stored once.
    """
    conn.execute(STORE, {"user_id": user_id, "did": did, "ids": list(ids), "outcome": written(outcome)})


def written(outcome: Mapping[str, object]) -> str:
    """An outcome as JSON; dates as their ISO words."""
    return json.dumps(dict(outcome), default=str)


def restored[Kind: DataclassInstance](kind: type[Kind], known: Mapping[str, Any]) -> Kind:
    """An outcome in its type; what another version has stored, and this one has no field for, is left out."""
    return kind(**{name: known[name] for name in names(kind) if name in known})
