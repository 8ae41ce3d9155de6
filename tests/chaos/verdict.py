"""The database in the end, compared with what was confirmed to members, by the invariants of docs/rules/awards.md."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, LiteralString

from tests.award.game import BROKEN
from tests.chaos.members import balances, xp

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from tests.award.game import Connection
    from tests.chaos.members import Award, Model

INVARIANTS = {
    "I1": "users.xp is the sum of the member's ledger",
    "I2": "awarded or reversed: exactly one award row",
    "I3": "reversed: exactly one reversal of equal size",
    "I4": "cancelled: no ledger row",
    "I5": "at most one live award per member and challenge",
    "I6": "no award before its time",
    "I7": "XP below 0 only through an admin's row",
    "I8": "the ledger only grows",
    "I9": "after the sweep nothing overdue is pending",
    "I10": "balances are the model's",
    "I11": "/tenseylist shows what is live",
    "I12": "every acknowledged tick and undo is in the database, after each crash too",
    "I13": "the counter is the number of awarded rows",
    "I14": "what members were told is not stored is not stored",
    "I15": "the challenge of the day: one live row a date, and its rows of the ledger",
}
DERIVED = "totals, boards and factions follow from it"

# What acknowledged actions call for: one award row unless it was cancelled, one reversal if it was reversed.
_CALLED_FOR: LiteralString = """
WITH called_for AS (
    SELECT award_id::text AS source_id, kind,
        CASE kind WHEN 'award' THEN status <> 'cancelled' ELSE status = 'reversed' END::int AS times
    FROM unnest(%(awards)s::uuid[], %(statuses)s::text[]) AS model (award_id, status),
        (VALUES ('award'), ('reversal')) AS kinds (kind)
), booked AS (
    SELECT source_id, kind, count(*) AS times FROM xp_ledger WHERE source = 'tensey' GROUP BY source_id, kind
)
"""
LOST: LiteralString = (
    _CALLED_FOR
    + """
SELECT coalesce(sum(called_for.times - coalesce(booked.times, 0)), 0)::int
FROM called_for LEFT JOIN booked USING (source_id, kind)
WHERE called_for.times > coalesce(booked.times, 0)
"""
)
DOUBLED: LiteralString = (
    _CALLED_FOR
    + """
SELECT coalesce(sum(booked.times - coalesce(called_for.times, 0)), 0)::int
FROM booked LEFT JOIN called_for USING (source_id, kind)
WHERE booked.times > coalesce(called_for.times, 0)
"""
)
# Which challenges of the day came of it is no part of the model; I15 says whether each was booked right.
_BALANCES: LiteralString = """
WITH balances AS (
    SELECT user_id, social_freedom_exercises_tenseys, xp - (
        SELECT coalesce(sum(own.xp), 0) FROM day_awards AS own WHERE own.user_id = me.user_id AND reversed_at IS NULL
    ) AS xp
    FROM users AS me
)
"""
DRIFT: LiteralString = (
    _BALANCES
    + """
SELECT coalesce(sum(abs(coalesce(users.xp, 0) - coalesce(model.xp, 0))), 0)::int
FROM balances AS users
FULL JOIN unnest(%(members)s::bigint[], %(xp)s::bigint[]) AS model (user_id, xp) USING (user_id)
"""
)
PENDING: LiteralString = "SELECT award_id FROM pending_xp_awards WHERE status = 'pending'"
OTHER_BALANCES: LiteralString = (
    _BALANCES
    + """
SELECT concat_ws(' ', user_id, 'has', users.xp, 'and not', model.xp)
FROM balances AS users
FULL JOIN unnest(%(members)s::bigint[], %(xp)s::bigint[], %(completions)s::int[]) AS model (user_id, xp, completions)
USING (user_id)
WHERE (users.xp, users.social_freedom_exercises_tenseys) IS DISTINCT FROM (model.xp, model.completions)
"""
)
OTHER_AWARDS: LiteralString = """
SELECT concat_ws(' ', award_id, 'is', coalesce(kept.status, 'missing'), 'and not', coalesce(model.status, 'known'))
FROM pending_xp_awards AS kept
FULL JOIN unnest(%(awards)s::uuid[], %(statuses)s::text[]) AS model (award_id, status) USING (award_id)
WHERE kept.status IS DISTINCT FROM model.status
"""
# Before the end: what was confirmed to members must be there, but more may be, and what will be awarded may be pending.
FORGOTTEN: LiteralString = """
SELECT concat_ws(' ', award_id, 'was confirmed, and is', coalesce(kept.status, 'missing'))
FROM unnest(%(awards)s::uuid[], %(statuses)s::text[]) AS model (award_id, status)
LEFT JOIN pending_xp_awards AS kept USING (award_id)
WHERE kept.status IS NULL OR model.status IN ('cancelled', 'reversed') AND kept.status <> model.status
"""
STORED_ALL_THE_SAME: LiteralString = """
SELECT interaction_id FROM interactions_done WHERE interaction_id = ANY(%(denied)s)
"""
LEDGER: LiteralString = "SELECT * FROM xp_ledger"
LIVE: LiteralString = "SELECT user_id, array_agg(award_id) FROM tensey_completions GROUP BY user_id"


@dataclass
class Verdict:
    """What is wrong: lost and doubled bookings, XP of drift, and for each invariant what breaks it."""

    lost: int = 0
    doubled: int = 0
    drift: int = 0
    broken: dict[str, list[str]] = field(default_factory=dict[str, list[str]])

    @property
    def holds(self) -> bool:
        return not (self.lost or self.doubled or self.drift or any(self.broken.values()))

    def add(self, invariant: str, what: Sequence[str]) -> None:
        self.broken.setdefault(invariant, []).extend(what)


class Memory:
    """What was seen during the run and must not be otherwise later: I8 and I12."""

    def __init__(self) -> None:
        self._ledger: dict[int, tuple[Any, ...]] = {}
        self.forgotten: list[str] = []
        self.rewritten: list[str] = []

    def look(self, conn: Connection, confirmed: Sequence[Award]) -> None:
        """Compare the database with what was seen and `confirmed` before."""
        self.forgotten += _texts(conn, FORGOTTEN, _model(confirmed))
        ledger = {row[0]: row for row in conn.execute(LEDGER)}
        self.rewritten += [
            f"row {key} is {ledger.get(key)}" for key, row in self._ledger.items() if ledger.get(key) != row
        ]
        self._ledger = ledger


def compare(conn: Connection, told: Model, memory: Memory, shown: Mapping[int, set[UUID]]) -> Verdict:
    """The verdict on a run that has ended. `told` is what members read, `shown` what each one's list shows."""
    model = _model(told.acknowledged())
    lost, doubled, drift = (_number(conn, query, model) for query in (LOST, DOUBLED, DRIFT))
    verdict = Verdict(lost, doubled, drift)
    memory.look(conn, ())
    verdict.add("I8", memory.rewritten)
    verdict.add("I9", _texts(conn, PENDING, {}))
    verdict.add("I10", _texts(conn, OTHER_BALANCES, model))
    verdict.add("I11", _shown_otherwise(conn, shown))
    verdict.add("I12", memory.forgotten + _texts(conn, OTHER_AWARDS, model))
    verdict.add("I14", _texts(conn, STORED_ALL_THE_SAME, {"denied": told.denied}))
    for what, where in conn.execute(BROKEN):
        name, _, how = what.partition(": ")
        verdict.add(*((name, [f"{how}: {where}"]) if name in INVARIANTS else (DERIVED, [f"{what}: {where}"])))
    return verdict


def _shown_otherwise(conn: Connection, shown: Mapping[int, set[UUID]]) -> list[str]:
    live: dict[int, set[UUID]] = {user_id: set(awards) for user_id, awards in conn.execute(LIVE)}
    return [
        f"the list of {user_id}"
        for user_id in live.keys() | shown.keys()
        if shown.get(user_id, set()) != live.get(user_id, set())
    ]


def _model(confirmed: Sequence[Award]) -> dict[str, list[Any]]:
    counted = balances(confirmed)
    return {
        "awards": [each.award_id for each in confirmed],
        "statuses": [each.status for each in confirmed],
        "members": list(counted),
        "xp": [xp(completions) for completions in counted.values()],
        "completions": list(counted.values()),
    }


def _number(conn: Connection, query: LiteralString, model: Mapping[str, object]) -> int:
    row = conn.execute(query, model).fetchone()
    assert row is not None
    return row[0]


def _texts(conn: Connection, query: LiteralString, model: Mapping[str, object]) -> list[str]:
    return [str(text) for (text,) in conn.execute(query, model)]
