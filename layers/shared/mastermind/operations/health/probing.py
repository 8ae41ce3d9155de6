"""Turns each finding into the result of its probe, with words for operators."""

from __future__ import annotations

from copy import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from mastermind.operations.health.rules import (
    ANSWERED,
    CLOCK,
    CLOCK_FINENESS,
    MOST_CONNECTIONS,
    MOST_LARGE_OBJECTS,
    OVERDUE,
    SAID,
    SNAPSHOT_AGE,
    UNTAKEN,
    Probe,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from mastermind.gateways.queues import Depth
    from mastermind.gateways.snapshots import Snapshot
    from mastermind.operations.health.rules import Facts


def of_facts(facts: Facts) -> tuple[Probe, ...]:
    """The probes that the database answers."""
    return _database(facts), _awards(facts), _ledger(facts), _large_objects(facts), _outbox(facts)


def _database(facts: Facts) -> Probe:
    if facts.migration < facts.needed:
        words = f"it has migration {facts.migration}, the code needs {facts.needed}"
        return Probe("database", healthy=False, words=words)
    used = f"{facts.connections} of {facts.connection_limit} connections are in use"
    enough = facts.connections <= MOST_CONNECTIONS * facts.connection_limit
    return Probe("database", healthy=enough, words=f"migration {facts.migration}; {used}")


def _awards(facts: Facts) -> Probe:
    if not facts.overdue:
        return Probe("awards", healthy=True, words="nothing is overdue")
    words = f"{facts.overdue} overdue, the oldest for {facts.oldest_overdue_seconds:.0f} s"
    return Probe("awards", healthy=facts.oldest_overdue_seconds <= OVERDUE, words=words)


def _ledger(facts: Facts) -> Probe:
    if facts.drift:
        whose = "1 member's" if facts.drift == 1 else f"{facts.drift} members'"
        return Probe("ledger", healthy=False, words=f"{whose} XP differs from the ledger")
    return Probe("ledger", healthy=True, words="everybody looked at has the XP of their ledger")


def _large_objects(facts: Facts) -> Probe:
    """The game makes none, so somebody else uses one of its roles."""
    if not facts.large_objects:
        return Probe("large_objects", healthy=True, words="there are no such")
    more = " or more" if facts.large_objects >= MOST_LARGE_OBJECTS else ""
    return Probe("large_objects", healthy=False, words=f"{facts.large_objects:,}{more}, and the game makes none")


def _outbox(facts: Facts) -> Probe:
    """What the game says by itself."""
    waiting, unanswered = facts.outbox_waiting_seconds, facts.outbox_unanswered_seconds
    late = [
        *([f"something is due for {waiting:.0f} s, and nothing is handed over"] if waiting > SAID else []),
        *([f"a hand-over has no answer for {unanswered:.0f} s"] if unanswered > ANSWERED else []),
    ]
    return Probe("outbox", healthy=not late, words="; ".join(late) or "what is due is handed over and answered")


def of_endpoint(app: str, status: int) -> Probe:
    """`status` is the answer to a forged signature."""
    if status == 401:
        return Probe(app, healthy=True, words="refuses a forged signature")
    if 200 <= status < 300:
        return Probe(app, healthy=False, words=f"takes a forged signature: it answers {status}")
    return Probe(app, healthy=False, words=f"answers {status} to a forged signature instead of 401")


def of_health(status: int) -> Probe:
    """`status` is what GET /health answers."""
    return Probe("health", healthy=status == 200, words=f"GET /health answers {status}")


def of_release(probe: Probe, answered: str, expected: str) -> Probe:
    """The probe, which fails as well when the answer came of another release than the expected one (empty: any)."""
    if not probe.healthy or expected in {"", answered}:
        return probe
    return replace(probe, healthy=False, words=f"{answered or 'an unknown version'} answers instead of {expected}")


def is_untaken(depth: Depth) -> bool:
    """Whether messages wait and none is worked on: who consumes the queue is not there."""
    return depth.visible > 0 and depth.in_flight == 0


def of_queues(since: Mapping[str, datetime], at: datetime) -> Probe:
    """`since` says from when on messages of which queues have been taken by nobody."""
    stuck = sorted(queue for queue, begin in since.items() if at - begin >= UNTAKEN)
    words = f"no consumer is reading {', '.join(stuck)}" if stuck else "every queue is being read"
    return Probe("queues", healthy=not stuck, words=words)


def of_dead_letters(depths: Mapping[str, Depth]) -> Probe:
    """The dead letter queues must be empty."""
    full = {queue: depth.visible + depth.in_flight for queue, depth in depths.items()}
    words = ", ".join(f"{count} in {queue}" for queue, count in sorted(full.items()) if count)
    return Probe("dead_letters", healthy=not words, words=words or "every queue is empty")


def of_snapshot(newest: Snapshot | None, at: datetime) -> Probe:
    """`newest` is the newest available snapshot of the database."""
    if newest is None or newest.made is None:
        return Probe("snapshot", healthy=False, words="there is no available snapshot")
    hours = (at - newest.made) / timedelta(hours=1)
    words = f"the newest is {max(0.0, hours):.0f} h old: {newest.name}"
    return Probe("snapshot", healthy=at - newest.made <= SNAPSHOT_AGE, words=words)


def of_clock(theirs: datetime, asked: datetime, answered: datetime) -> Probe:
    """`theirs` is the Date of an HTTP answer, in whole seconds; we asked and were answered at these moments of ours."""
    off = max(timedelta(), asked - theirs - CLOCK_FINENESS, theirs - answered)
    return Probe("clock", healthy=off <= CLOCK, words=f"within {CLOCK.seconds} s" if off <= CLOCK else f"{off} off")
