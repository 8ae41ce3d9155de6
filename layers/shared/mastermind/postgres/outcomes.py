"""The table interactions_done: the stored outcome of each state change, kept for a day."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, LiteralString

from mastermind.postgres.exchange import value

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from psycopg import Cursor

    from mastermind.postgres.connection import Connection

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
    so that a form that is submitted twice is stored once. Dates are kept as their ISO words.
    """
    conn.execute(
        STORE, {"user_id": user_id, "did": did, "ids": list(ids), "outcome": json.dumps(dict(outcome), default=str)}
    )
