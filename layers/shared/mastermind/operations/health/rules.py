"""Health: what is probed, when the game counts as healthy, and what one check leaves to the next.

Rules (docs/rules/health.md): the game is down while a probe that members feel fails; what fails otherwise is to do. The
first bad check begins either, two good checks in a row end it.
"""

from __future__ import annotations

from copy import replace
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import tzinfo

HEALTHY, CHECKS = "Healthy", "Checks"
"""The metric that pages, 1 or 0, and the one that counts the checks."""

PROBES = (
    "database",
    "awards",
    "ledger",
    "large_objects",
    "outbox",
    "main",
    "tensey",
    "health",
    "queues",
    "dead_letters",
    "snapshot",
    "clock",
)
"""Every probe by name, in the order of a report. One without a result is in no report and has no metric."""

FELT = frozenset({"database", "awards", "main", "tensey", "health"})
"""The probes that members feel: when one of them fails, the game is down. What fails of the others is to do."""

GOOD_CHECKS = 2
"""Good checks in a row that end an outage, and good results in a row that end what is to do."""

OVERDUE = 300.0  # seconds an award may be overdue (the sweep comes each minute)
SAID = 300.0  # seconds something that is due may wait while nothing at all is handed over
ANSWERED = 600.0  # seconds a hand-over may be without an answer: its deadline, a question, and some patience
MOST_CONNECTIONS = 0.9  # of those that PostgreSQL gives to all roles but the superuser's
KEPT = timedelta(days=1)  # that long a check counts for the next: an older one may be of an earlier stack of that name
UNTAKEN = timedelta(seconds=270)  # messages nobody has taken since the check before: five minutes, less some jitter
SNAPSHOT_AGE = timedelta(hours=26)
CLOCK = timedelta(seconds=5)
CLOCK_FINENESS = timedelta(seconds=1)  # of HTTP's Date
MOST_LARGE_OBJECTS = 1000  # are counted
NIGHT = time(3)  # by the operator's clock: then the whole ledger is walked through


@dataclass(frozen=True, slots=True)
class Probe:
    """What one probe found; `words` are for operators, and hold neither secrets nor anything about members."""

    name: str
    healthy: bool
    words: str

    @property
    def is_felt(self) -> bool:
        return self.name in FELT


@dataclass(frozen=True, slots=True)
class Facts:
    """What the database says of itself.

    `migration` is its own, `needed` the code's. `drift` counts members, of those looked at, whose figures are not what
    their ledger says; `ledger_next` is where the walk through the whole ledger goes on (None: it is over, or there is
    none). `connections` are open, of `connection_limit`; the errors are counted since the server's figures began.
    `large_objects` are counted up to MOST_LARGE_OBJECTS. What is due in the outbox waits for so long while nothing is
    handed over; the oldest hand-over has no answer for so long.
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
    large_objects: int = 0
    outbox_waiting_seconds: float = 0.0
    outbox_unanswered_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Found:
    """What was found, by one probe or by all. `untaken` names queues with messages that no consumer is reading."""

    probes: tuple[Probe, ...] = ()
    facts: Facts | None = None
    untaken: tuple[str, ...] = ()

    @property
    def is_good(self) -> bool:
        return not self.untaken and all(probe.healthy for probe in self.probes)


@dataclass(frozen=True, slots=True)
class Outage:
    """A time in which the game was down, from the first bad check to the second good one, and which probes failed."""

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
    at: datetime
    good_in_a_row: int


@dataclass(frozen=True, slots=True)
class ToDo:
    """A failing probe that members do not feel: since when, what it found last, and its good results in a row."""

    since: datetime
    words: str
    good_in_a_row: int = 0


@dataclass(frozen=True, slots=True)
class Status:
    """What the operators are notified from after each check: `State` says what its parts mean."""

    at: datetime
    since: datetime | None
    failed: dict[str, str]
    good_in_a_row: int
    to_do: dict[str, ToDo]
    last: Outage | None


@dataclass(frozen=True, slots=True)
class Walk:
    """The walk through the whole ledger: the night it belongs to, and the members it has passed (None: it is over)."""

    night: date | None = None
    passed: int | None = None


@dataclass(frozen=True, slots=True)
class State:
    """What one check leaves to the next.

    `at` is when the last one was (None: never), `since` when the outage began (None: there is none), `failed` what each
    probe that members feel had found when it first failed in it. `failing` is what the last check found, of both ranks;
    `to_do` what somebody should look at. `untaken` says since when messages of a queue are taken by nobody. `last` is
    the outage that ended last; `unrecorded` are outages that are over, but not yet in the database.
    """

    at: datetime | None = None
    since: datetime | None = None
    failing: tuple[Probe, ...] = ()
    failed: dict[str, str] = field(default_factory=dict[str, str])
    good_in_a_row: int = 0
    to_do: dict[str, ToDo] = field(default_factory=dict[str, ToDo])
    untaken: dict[str, datetime] = field(default_factory=dict[str, datetime])
    walk: Walk = Walk()
    last: Outage | None = None
    unrecorded: tuple[Outage, ...] = ()

    @property
    def is_healthy(self) -> bool:
        return self.since is None


# --- from one check to the next ---


def left_for(at: datetime, state: State) -> State:
    """What a check at `at` takes over from that state: nothing if it is too old."""
    return state if state.at and at - state.at <= KEPT else State()


def after(before: State, found: Found, at: datetime) -> State:
    """The state after a check at `at` that found this; `found.probes` include the queues' already."""
    bad = tuple(probe for probe in found.probes if not probe.healthy)
    known = replace(before, at=at, failing=bad, to_do=_to_do(before, found, at), untaken=untaken(before, found, at))
    felt = {probe.name: probe.words for probe in bad if probe.is_felt}
    return _down(known, felt, at) if felt else _up(known, at)


def _down(state: State, felt: Mapping[str, str], at: datetime) -> State:
    return replace(state, since=state.since or at, failed={**felt, **state.failed}, good_in_a_row=0)


def _up(state: State, at: datetime) -> State:
    state = replace(state, good_in_a_row=state.good_in_a_row + 1)
    if state.since is None or state.good_in_a_row < GOOD_CHECKS:
        return state
    outage = Outage(state.since, at, tuple(state.failed))
    return replace(state, since=None, failed={}, last=outage, unrecorded=(*state.unrecorded, outage))


def _to_do(before: State, found: Found, at: datetime) -> dict[str, ToDo]:
    """What is to do after a check; a probe that could not be decided changes nothing."""
    results = {probe.name: probe for probe in found.probes if not probe.is_felt}
    known = {name: _again(one, results.get(name)) for name, one in before.to_do.items()}
    new = {name: ToDo(at, probe.words) for name, probe in results.items() if not probe.healthy and name not in known}
    return {name: one for name, one in {**known, **new}.items() if one.good_in_a_row < GOOD_CHECKS}


def _again(one: ToDo, probe: Probe | None) -> ToDo:
    if probe is None:
        return one
    if probe.healthy:
        return replace(one, good_in_a_row=one.good_in_a_row + 1)
    return ToDo(one.since, probe.words)


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


# --- what is reported ---


def in_order(probes: Iterable[Probe]) -> tuple[Probe, ...]:
    return tuple(sorted(probes, key=lambda probe: PROBES.index(probe.name)))


def metric(probe: str) -> str:
    """The name of a probe's metric: "dead_letters" is ProbeDeadLetters."""
    return "Probe" + "".join(word.capitalize() for word in probe.split("_"))


def figures(state: State, probes: Sequence[Probe]) -> dict[str, int]:
    """The metrics after a check, each 1 or 0."""
    return {HEALTHY: int(state.is_healthy), CHECKS: 1, **{metric(probe.name): int(probe.healthy) for probe in probes}}


def status(state: State) -> Status:
    """What the operators are notified from after the check that led to `state`; there must have been one."""
    if state.at is None:
        raise ValueError("no check has led to this state")
    return Status(state.at, state.since, state.failed, state.good_in_a_row, state.to_do, state.last)


def report(state: State, probes: Sequence[Probe], version: str) -> Report:
    """The report of the check that led to `state`; there must have been one."""
    if state.at is None:
        raise ValueError("no check has led to this state")
    return Report(state.is_healthy, state.since, version, tuple(probes), state.at, state.good_in_a_row)
