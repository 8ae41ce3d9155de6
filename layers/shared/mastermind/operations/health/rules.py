"""Health: what each probe means, when the game counts as healthy, and what is remembered from one check to the next.

Rules (docs/rules/health.md): the first bad check breaks it; two good checks in a row mend it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import tzinfo

    from mastermind.operations.backup.rules import Snapshot

type Json = dict[str, object]

HEALTHY = "Healthy"
"""The metric that pages: 1 or 0."""

PROBES = (
    "database",
    "awards",
    "ledger",
    "main",
    "tensey",
    "health",
    "queues",
    "dead_letters",
    "snapshot",
    "clock",
)
"""Every probe by name, in the order of a report. One that cannot be judged stands in no report and has no metric."""

GOOD_CHECKS = 2
"""Good checks in a row that end an outage."""

OVERDUE = 300.0  # seconds an award may be overdue (the sweep comes each minute)
MOST_CONNECTIONS = 0.9  # of those that PostgreSQL gives to all roles but the superuser's
UNTAKEN = timedelta(seconds=270)  # messages nobody has taken since the check before: five minutes, less some jitter
SNAPSHOT_AGE = timedelta(hours=26)
CLOCK = timedelta(seconds=5)
CLOCK_FINENESS = timedelta(seconds=1)  # of HTTP's Date
NIGHT = time(3)  # by the operator's clock: then the whole ledger is walked through
LONGEST_WORDS = 120  # characters of a probe's words that are kept in the state
LARGEST_STATE = 4000  # characters; SSM keeps 4 096 bytes, and our own words are ASCII


@dataclass(frozen=True, slots=True)
class Probe:
    """What one probe found; `words` are for operators, and hold neither secrets nor anything about members."""

    name: str
    healthy: bool
    words: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What the database says of itself.

    `migration` is its own, `needed` the code's. `drift` counts members, of those looked at, whose figures are not what
    their ledger says; `ledger_next` is where the walk through the whole ledger goes on (None: it is over, or there is
    none). `connections` are open, of `connection_limit`; the errors are counted since the server's figures began.
    """

    migration: int
    needed: int
    overdue: int
    oldest_overdue_seconds: float
    drift: int
    connections: int
    connection_limit: int
    deadlocks: int
    rollbacks: int
    ledger_next: int | None = None


@dataclass(frozen=True, slots=True)
class Depth:
    """How many messages of a queue wait, and how many are being worked on; SQS calls both approximate."""

    visible: int
    in_flight: int


@dataclass(frozen=True, slots=True)
class Found:
    """What was found, by one probe or by all. `untaken` names queues with messages that nobody takes just now."""

    probes: tuple[Probe, ...] = ()
    facts: Facts | None = None
    untaken: tuple[str, ...] = ()

    @property
    def is_good(self) -> bool:
        return not self.untaken and all(probe.healthy for probe in self.probes)


@dataclass(frozen=True, slots=True)
class Outage:
    """A time in which the game was not healthy, from the first bad check to the second good one, and what failed."""

    began: datetime
    ended: datetime
    probes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """What a check of that version reported: whether the game is healthy, since when not, and each probe."""

    healthy: bool
    since: datetime | None
    version: str
    probes: tuple[Probe, ...]


@dataclass(frozen=True, slots=True)
class Walk:
    """The walk through the whole ledger: the night it belongs to, and the members it has passed (None: it is over)."""

    night: date | None = None
    passed: int | None = None


@dataclass(frozen=True, slots=True)
class State:
    """What one check leaves to the next.

    `at` is when the last one was (None: never), `since` when the outage began (None: there is none), `failing` what its
    last bad check found and `failed` the names of all that has failed in it. `untaken` says since when messages of a
    queue are taken by nobody. `unrecorded` are outages that are over, but not yet in the database.
    """

    at: datetime | None = None
    since: datetime | None = None
    failing: tuple[Probe, ...] = ()
    failed: tuple[str, ...] = ()
    good_in_a_row: int = 0
    untaken: Mapping[str, datetime] = field(default_factory=dict[str, datetime])
    walk: Walk = Walk()
    unrecorded: tuple[Outage, ...] = ()

    @property
    def is_healthy(self) -> bool:
        return self.since is None


# --- from one check to the next ---


def after(before: State, found: Found, at: datetime) -> State:
    """The state after a check at `at` that found this; `found.probes` have the queues judged already."""
    bad = tuple(probe for probe in found.probes if not probe.healthy)
    known = replace(before, at=at, untaken=untaken(before, found, at))
    return _broken(known, bad, at) if bad else _good(known, at)


def _broken(state: State, bad: tuple[Probe, ...], at: datetime) -> State:
    failed = tuple(dict.fromkeys([*state.failed, *(probe.name for probe in bad)]))
    return replace(state, since=state.since or at, failing=bad, failed=failed, good_in_a_row=0)


def _good(state: State, at: datetime) -> State:
    state = replace(state, good_in_a_row=state.good_in_a_row + 1)
    if state.since is None or state.good_in_a_row < GOOD_CHECKS:
        return state
    outage = Outage(state.since, at, state.failed)
    return replace(state, since=None, failing=(), failed=(), unrecorded=(*state.unrecorded, outage))


def untaken(before: State, found: Found, at: datetime) -> dict[str, datetime]:
    """Since when messages of which queues are taken by nobody, as far as the checks have seen."""
    return {queue: before.untaken.get(queue, at) for queue in found.untaken}


def due_walk(walk: Walk, at: datetime, zone: tzinfo) -> Walk:
    """The walk as it stands for a check at `at`: a new one begins with the first check after three in the morning."""
    local = at.astimezone(zone)
    return Walk(local.date(), 0) if local.time() >= NIGHT and walk.night != local.date() else walk


def after_walking(walk: Walk, facts: Facts | None) -> Walk:
    """The walk after a check: it stays where something is wrong, and a wrong sample begins one at once."""
    if facts is None:
        return walk
    if facts.drift:
        return replace(walk, passed=facts.ledger_next or 0)
    return replace(walk, passed=facts.ledger_next)


# --- what each probe means ---


def judged_facts(facts: Facts) -> tuple[Probe, ...]:
    """The three probes that the database answers."""
    return _database(facts), _awards(facts), _ledger(facts)


def _database(facts: Facts) -> Probe:
    if facts.migration < facts.needed:
        words = f"it has migration {facts.migration}, the code needs {facts.needed}"
        return Probe("database", healthy=False, words=words)
    used = f"{facts.connections} of {facts.connection_limit} connections are in use"
    enough = facts.connections <= MOST_CONNECTIONS * facts.connection_limit
    return Probe("database", healthy=enough, words=f"migration {facts.migration}; {used}")


def _awards(facts: Facts) -> Probe:
    if not facts.overdue:
        return Probe("awards", healthy=True, words="none is overdue")
    words = f"{facts.overdue} overdue, the oldest for {facts.oldest_overdue_seconds:.0f} s"
    return Probe("awards", healthy=facts.oldest_overdue_seconds <= OVERDUE, words=words)


def _ledger(facts: Facts) -> Probe:
    if facts.drift:
        whose = "1 member has" if facts.drift == 1 else f"{facts.drift} members have"
        return Probe("ledger", healthy=False, words=f"{whose} other XP than their ledger says")
    return Probe("ledger", healthy=True, words="everybody looked at has the XP of their ledger")


def judged_endpoint(app: str, status: int) -> Probe:
    """`status` is the answer to a forged signature."""
    if status == 401:
        return Probe(app, healthy=True, words="refuses a forged signature")
    if 200 <= status < 300:
        return Probe(app, healthy=False, words=f"takes a forged signature: it answers {status}")
    return Probe(app, healthy=False, words=f"answers {status} to a forged signature instead of 401")


def judged_health(status: int) -> Probe:
    """`status` is what GET /health answers."""
    return Probe("health", healthy=status == 200, words=f"GET /health answers {status}")


def is_untaken(depth: Depth) -> bool:
    """Whether messages wait and none is worked on: who consumes the queue is not there."""
    return depth.visible > 0 and depth.in_flight == 0


def judged_queues(since: Mapping[str, datetime], at: datetime) -> Probe:
    """`since` says from when on messages of which queues have been taken by nobody."""
    stuck = sorted(queue for queue, begin in since.items() if at - begin >= UNTAKEN)
    words = f"nobody takes the messages of {', '.join(stuck)}" if stuck else "messages are taken"
    return Probe("queues", healthy=not stuck, words=words)


def judged_dead_letters(depths: Mapping[str, Depth]) -> Probe:
    """The dead letter queues must be empty."""
    full = {queue: depth.visible + depth.in_flight for queue, depth in depths.items()}
    words = ", ".join(f"{count} in {queue}" for queue, count in sorted(full.items()) if count)
    return Probe("dead_letters", healthy=not words, words=words or "none")


def judged_snapshot(newest: Snapshot | None, at: datetime) -> Probe:
    """`newest` is the newest available snapshot of the database."""
    if newest is None or newest.made is None:
        return Probe("snapshot", healthy=False, words="there is no available snapshot")
    hours = (at - newest.made) / timedelta(hours=1)
    words = f"the newest is {max(0.0, hours):.0f} h old: {newest.name}"
    return Probe("snapshot", healthy=at - newest.made <= SNAPSHOT_AGE, words=words)


def judged_clock(theirs: datetime, asked: datetime, answered: datetime) -> Probe:
    """`theirs` is the Date of an HTTP answer, in whole seconds; we asked and were answered at these moments of ours."""
    off = max(timedelta(), asked - theirs - CLOCK_FINENESS, theirs - answered)
    return Probe("clock", healthy=off <= CLOCK, words=f"within {CLOCK.seconds} s" if off <= CLOCK else f"{off} off")


# --- what is told ---


def in_order(probes: Iterable[Probe]) -> tuple[Probe, ...]:
    return tuple(sorted(probes, key=lambda probe: PROBES.index(probe.name)))


def metric(probe: str) -> str:
    """The name of a probe's metric: "dead_letters" is ProbeDeadLetters."""
    return "Probe" + "".join(word.capitalize() for word in probe.split("_"))


def figures(state: State, probes: Sequence[Probe]) -> dict[str, int]:
    """The metrics after a check, each 1 or 0."""
    return {HEALTHY: int(state.is_healthy), **{metric(probe.name): int(probe.healthy) for probe in probes}}


def report(state: State, probes: Sequence[Probe], version: str) -> Json:
    """The report of the check that led to `state`."""
    return {
        "at": _written(state.at),
        "healthy": state.is_healthy,
        "since": _written(state.since),
        "good_in_a_row": state.good_in_a_row,
        "version": version,
        "probes": [_probe_json(probe) for probe in probes],
    }


def facts_json(facts: Facts) -> Json:
    """The facts as xp_award answers them."""
    return {
        "migration": facts.migration,
        "needed": facts.needed,
        "overdue": facts.overdue,
        "oldest_overdue_seconds": facts.oldest_overdue_seconds,
        "drift": facts.drift,
        "ledger_next": facts.ledger_next,
        "connections": facts.connections,
        "connection_limit": facts.connection_limit,
        "errors": {"deadlocks": facts.deadlocks, "rollbacks": facts.rollbacks},
    }


def read_facts(answer: Json) -> Facts:
    """The facts in an answer of xp_award; raises KeyError, TypeError or ValueError for anything else."""
    errors = cast("Json", answer["errors"])
    onward = answer["ledger_next"]
    return Facts(
        migration=_whole(answer["migration"]),
        needed=_whole(answer["needed"]),
        overdue=_whole(answer["overdue"]),
        oldest_overdue_seconds=float(cast("float", answer["oldest_overdue_seconds"])),
        drift=_whole(answer["drift"]),
        connections=_whole(answer["connections"]),
        connection_limit=_whole(answer["connection_limit"]),
        deadlocks=_whole(errors["deadlocks"]),
        rollbacks=_whole(errors["rollbacks"]),
        ledger_next=None if onward is None else _whole(onward),
    )


def read_report(kept: Json) -> Report:
    """What `report` has told, as far as people are shown it; of one that says something else, whether it is healthy."""
    try:
        probes = tuple(_probe(one) for one in cast("list[Json]", kept["probes"]))
        return Report(kept["healthy"] is True, _moment(kept["since"]), str(kept["version"]), probes)
    except (ValueError, KeyError, TypeError, AttributeError):
        return Report(kept.get("healthy") is True, since=None, version="", probes=())


def outage_json(outage: Outage) -> Json:
    return {"from": _written(outage.began), "to": _written(outage.ended), "probes": list(outage.probes)}


# --- how the state is kept ---


def write(state: State) -> str:
    """The state as JSON.

    {"at": iso | null, "since": iso | null, "failing": [{"name", "healthy", "words"}], "failed": [name],
    "good_in_a_row": int, "untaken": {queue: iso}, "walk": {"night": iso | null, "passed": int | null},
    "unrecorded": [{"from": iso, "to": iso, "probes": [name]}]}. It always fits its place: the oldest outages that the
    database could not be told are given up for that.
    """
    text = _write(state)
    return text if len(text) <= LARGEST_STATE or not state.unrecorded else write(_with_less(state))


def _with_less(state: State) -> State:
    return replace(state, unrecorded=state.unrecorded[1:])


def _write(state: State) -> str:
    night = state.walk.night
    return json.dumps(
        {
            "at": _written(state.at),
            "since": _written(state.since),
            "failing": [_probe_json(replace(probe, words=probe.words[:LONGEST_WORDS])) for probe in state.failing],
            "failed": list(state.failed),
            "good_in_a_row": state.good_in_a_row,
            "untaken": {queue: _written(begin) for queue, begin in state.untaken.items()},
            "walk": {"night": night.isoformat() if night else None, "passed": state.walk.passed},
            "unrecorded": [outage_json(outage) for outage in state.unrecorded],
        }
    )


def read(text: str) -> State:
    """The state in a text that `write` has written; one that never was, or says something else, is begun anew."""
    try:
        return _read(json.loads(text))
    except (ValueError, KeyError, TypeError, AttributeError):
        return State()


def _read(kept: Json) -> State:
    walk = cast("Json", kept["walk"])
    return State(
        at=_moment(kept["at"]),
        since=_moment(kept["since"]),
        failing=tuple(_probe(one) for one in cast("list[Json]", kept["failing"])),
        failed=tuple(str(name) for name in cast("list[object]", kept["failed"])),
        good_in_a_row=int(cast("int", kept["good_in_a_row"])),
        untaken={queue: _certain(begin) for queue, begin in cast("Json", kept["untaken"]).items()},
        walk=Walk(
            date.fromisoformat(cast("str", walk["night"])) if walk["night"] else None,
            cast("int | None", walk["passed"]),
        ),
        unrecorded=tuple(read_outage(one) for one in cast("list[Json]", kept["unrecorded"])),
    )


def _probe_json(probe: Probe) -> Json:
    return {"name": probe.name, "healthy": probe.healthy, "words": probe.words}


def _probe(kept: Json) -> Probe:
    return Probe(str(kept["name"]), bool(kept["healthy"]), str(kept["words"]))


def read_outage(told: Json) -> Outage:
    """The outage in {"from": iso, "to": iso, "probes": [name]}; raises KeyError, TypeError or ValueError otherwise."""
    names = tuple(str(name) for name in cast("list[object]", told["probes"]))
    return Outage(_certain(told["from"]), _certain(told["to"]), names)


def moment_of(report: Json) -> datetime:
    """When a report's check was; raises KeyError, TypeError or ValueError when it does not say."""
    return _certain(report["at"])


def _whole(value: object) -> int:
    if not isinstance(value, int):
        raise TypeError("not a whole number")
    return value


def _written(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).isoformat()


def _moment(text: object) -> datetime | None:
    return None if text is None else _certain(text)


def _certain(text: object) -> datetime:
    """A moment; raises ValueError for one that does not say its zone."""
    moment = datetime.fromisoformat(cast("str", text))
    if moment.tzinfo is None:
        raise ValueError("a moment without a zone")
    return moment
