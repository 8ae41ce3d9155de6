"""The health check: probes everything at once from outside, and reports to CloudWatch, SSM, notify and the database.

And the check of a deploy, which asks the new version the few questions whose answers must be right at once.
"""

from __future__ import annotations

import json
import logging
import math
import time
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from copy import replace
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Protocol

from pydantic import ValidationError

from mastermind import __version__, observability
from mastermind.deadline import Deadline
from mastermind.errors import DeployRefused, Unavailable
from mastermind.operations.backup.rules import newest
from mastermind.operations.health import messages, probing
from mastermind.operations.health import rules as health
from mastermind.operations.health.rules import Found, Probe

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import tzinfo

    from mastermind.gateways.public_api import ApiAnswer
    from mastermind.gateways.queues import Depth
    from mastermind.gateways.snapshots import Snapshot
    from mastermind.operations.health.rules import Facts, Report, State

log = logging.getLogger(__name__)

TRIES = 3
PAUSE = 1.0  # seconds between two tries
ONE_TRY = 6.0  # seconds: xp_award and GET /health give up before
PROBING = 25.0  # seconds for all probes together, which ask at the same time
REPORTING = 5.0  # seconds for each report, to CloudWatch, SSM, notify and the database
APPS = ("main", "tensey")


class Api(Protocol):
    """Our API from outside."""

    def forge(self, app: str, deadline: Deadline) -> ApiAnswer: ...
    def health(self, deadline: Deadline) -> ApiAnswer: ...


class AwardFunction(Protocol):
    """The function that answers for the database."""

    def ask(self, question: Mapping[str, object], deadline: Deadline) -> Mapping[str, object]: ...


class QueueService(Protocol):
    def depths(self, urls: Sequence[str], deadline: Deadline) -> Mapping[str, Depth]: ...
    def send(self, url: str, body: str, deadline: Deadline) -> None: ...


class SnapshotList(Protocol):
    def all(self, deadline: Deadline) -> Sequence[Snapshot]: ...


class HealthMetrics(Protocol):
    def put(self, figures: Mapping[str, float], deadline: Deadline) -> None: ...


class StateStore(Protocol):
    """What one check leaves to the next."""

    def read(self, deadline: Deadline) -> State: ...
    def write(self, state: State, deadline: Deadline) -> None: ...


@dataclass(frozen=True, slots=True)
class World:
    """All that the check asks and reports to. Queues are URLs; notify consumes `alarms_queue`."""

    api: Api
    award: AwardFunction
    queues: QueueService
    snapshots: SnapshotList
    metrics: HealthMetrics
    state: StateStore
    queues_to_empty: Sequence[str]
    dead_letter_queues: Sequence[str]
    alarms_queue: str
    zone: tzinfo


@dataclass(frozen=True, slots=True)
class Asker:
    """One question, and the probe that fails when there is no answer to it."""

    probe: str
    ask: Callable[[Deadline], Found]


class Healthcheck:
    """One process's health check; it keeps the last state in case that SSM cannot be read."""

    def __init__(
        self,
        world: World,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._world, self._now, self._sleep = world, now, sleep
        self._last: State | None = None

    def check(self, deadline: Deadline) -> Report:
        """Probe, decide and report; returns the report.

        Raises Unavailable when CloudWatch takes no metrics, or the queue no status: then nobody may be notified.
        """
        at = self._now()
        before = health.left_for(at, self._read_state(deadline))
        before = replace(before, walk=health.due_walk(before.walk, at, self._world.zone))
        found = self._probe(before, at, deadline)
        state = replace(health.after(before, found, at), walk=health.after_walking(before.walk, found.facts))
        report = health.report(state, found.probes, __version__)
        log.info("checked", extra={"report": messages.write(messages.REPORT, report)})
        self._keep(state, deadline)
        try:
            self._notify(state, found.probes, deadline)
        finally:
            if found.facts:
                self._report_to_database(state, report, deadline)
        return report

    def check_deploy(self, release: str, deadline: Deadline) -> dict[str, str]:
        """Ask the version that was deployed: how far its database is migrated. Raises DeployRefused with what is wrong.

        It must refuse forged signatures, be healthy, and have the migrations that its code needs. A new API, a new
        permission and a new version of a function take effect only after a while, so this tries until the deadline,
        and the answers of another `release` do not count (empty: all of them do).
        """
        world = self._world
        askers = (Asker("database", partial(_ask_migration, world.award, release)), *_endpoints(world.api, release))
        found = together(askers, deadline, self._sleep, tries=math.inf)
        bad = [probe for probe in found.probes if not probe.healthy and probe.name != "clock"]  # which is AWS's own
        if wrong := [f"{probe.name}: {probe.words}" for probe in bad]:
            raise DeployRefused(f"The version that was deployed is not fit to stay: {'; '.join(wrong)}.")
        return {"Migration": str(found.facts.migration if found.facts else 0)}

    def _probe(self, before: State, at: datetime, deadline: Deadline) -> Found:
        budget = Deadline.after(min(PROBING, deadline.remaining() - 4 * REPORTING))
        found = together(self._askers(before, at), budget, self._sleep)
        if not any(probe.name == "queues" for probe in found.probes):
            probe = probing.of_queues(health.untaken(before, found, at), at)
            found = replace(found, probes=(*found.probes, probe))
        return replace(found, probes=health.in_order(found.probes))

    def _askers(self, before: State, at: datetime) -> tuple[Asker, ...]:
        world = self._world
        question = _question(before.walk.passed)
        return (
            Asker("database", partial(_ask_facts, world.award, question)),
            *_endpoints(world.api),
            Asker("queues", partial(_ask_queues, world.queues, world.queues_to_empty)),
            Asker("dead_letters", partial(_ask_dead_letters, world.queues, world.dead_letter_queues)),
            Asker("snapshot", partial(_ask_snapshot, world.snapshots, at)),
        )

    def _read_state(self, deadline: Deadline) -> State:
        try:
            return self._world.state.read(_share(deadline))
        except Unavailable as error:
            log.warning("what the last check left cannot be read", extra={"reason": str(error)})
            return self._last or health.State()

    def _keep(self, state: State, deadline: Deadline) -> None:
        self._last = state
        try:
            self._world.state.write(state, _share(deadline))
        except Unavailable as error:
            log.warning("the next check will not know of this one", extra={"reason": str(error)})

    def _notify(self, state: State, probes: Sequence[Probe], deadline: Deadline) -> None:
        """Send the status to notify and the figures to CloudWatch, each even if the other cannot be sent."""
        status = json.dumps({"health": messages.write(messages.STATUS, health.status(state))})
        try:
            self._world.queues.send(self._world.alarms_queue, status, _share(deadline))
        finally:
            self._world.metrics.put(health.figures(state, probes), _share(deadline))

    def _report_to_database(self, state: State, report: Report, deadline: Deadline) -> None:
        """Record the outages that are over, and store the report; what fails is tried again by the next check."""
        recorded = 0
        try:
            for outage in state.unrecorded:
                self._world.award.ask({"outage": messages.write(messages.OUTAGE, outage)}, _share(deadline))
                recorded += 1
            self._world.award.ask({"report": messages.write(messages.REPORT, report)}, _share(deadline))
        except Unavailable as error:
            log.warning("the database did not take the report", extra={"reason": str(error)})
        if recorded:
            self._keep(replace(state, unrecorded=state.unrecorded[recorded:]), deadline)


# --- asking ---


def _endpoints(api: Api, release: str | None = None) -> tuple[Asker, ...]:
    """Of a deploy only answers of that `release` count, of the empty one all of them do. None: it is no deploy."""
    forged = (Asker(app, partial(_ask_endpoint, api, app, release or "")) for app in APPS)
    return (*forged, Asker("health", partial(_ask_health, api, release)))


def together(
    askers: Sequence[Asker], deadline: Deadline, sleep: Callable[[float], None], *, tries: float = TRIES
) -> Found:
    """What all askers find, who ask at the same time and end before `deadline`."""
    with ThreadPoolExecutor(len(askers)) as pool:
        # Each in a copy of this context, so that the logs keep their keys.
        asking = [pool.submit(copy_context().run, tried, asker, deadline, sleep, tries) for asker in askers]
        found = [one.result() for one in asking]
    return Found(
        probes=tuple(probe for one in found for probe in one.probes),
        facts=next((one.facts for one in found if one.facts), None),
        untaken=tuple(queue for one in found for queue in one.untaken),
    )


def tried(asker: Asker, deadline: Deadline, sleep: Callable[[float], None], tries: float) -> Found:
    """What is found at the first good try, or at the last one. None is begun that `deadline` could cut short."""
    found, done = _once(asker, deadline), 1
    while not found.is_good and done < tries and deadline.remaining() > PAUSE + ONE_TRY:
        sleep(PAUSE)
        found, done = _once(asker, deadline), done + 1
    return found


def _once(asker: Asker, deadline: Deadline) -> Found:
    try:
        return asker.ask(Deadline.after(min(ONE_TRY, deadline.remaining())))
    except Unavailable as error:
        return _failed(asker.probe, str(error))
    except Exception as error:
        log.exception("a probe broke", extra={"probe": asker.probe})
        observability.count(observability.BUGS)
        return _failed(asker.probe, f"the probe itself broke: {type(error).__name__}")


def _failed(probe: str, words: str) -> Found:
    return Found((Probe(probe, healthy=False, words=words),))


def _share(deadline: Deadline) -> Deadline:
    return Deadline.after(min(REPORTING, deadline.remaining()))


def _question(passed: int | None) -> dict[str, object]:
    return {"probe": True} if passed is None else {"probe": True, "ledger_from": passed}


def _ask_facts(award: AwardFunction, question: Mapping[str, object], deadline: Deadline) -> Found:
    facts = _facts(award.ask(question, deadline))
    return Found(probing.of_facts(facts), facts)


def _facts(answer: Mapping[str, object]) -> Facts:
    try:
        return messages.FACTS.validate_python(answer)
    except ValidationError:
        raise Unavailable("xp_award answers something else") from None


def _ask_migration(award: AwardFunction, release: str, deadline: Deadline) -> Found:
    answer = award.ask({"probe": True}, deadline)
    facts = _facts(answer)
    words = f"it has migration {facts.migration}, the code needs {facts.needed}"
    probe = Probe("database", healthy=facts.migration >= facts.needed, words=words)
    return Found((probing.of_release(probe, str(answer.get("release", "")), release),), facts)


def _ask_endpoint(api: Api, app: str, release: str, deadline: Deadline) -> Found:
    answer = api.forge(app, deadline)
    return Found((probing.of_release(probing.of_endpoint(app, answer.status), answer.release, release),))


def _ask_health(api: Api, release: str | None, deadline: Deadline) -> Found:
    """Every answer brings the time as well. That others ask too often says nothing about the game."""
    answer = api.health(deadline)
    probe = probing.of_release(probing.of_health(answer.status), answer.release, release or "")
    probes = () if release is None and answer.status == HTTPStatus.TOO_MANY_REQUESTS else (probe,)
    if answer.date is None:
        return Found(probes)
    return Found((*probes, probing.of_clock(answer.date, answer.asked, answer.answered)))


def _ask_queues(queues: QueueService, urls: Sequence[str], deadline: Deadline) -> Found:
    depths = queues.depths(urls, deadline)
    return Found(untaken=tuple(queue for queue, depth in depths.items() if probing.is_untaken(depth)))


def _ask_dead_letters(queues: QueueService, urls: Sequence[str], deadline: Deadline) -> Found:
    return Found((probing.of_dead_letters(queues.depths(urls, deadline)),))


def _ask_snapshot(snapshots: SnapshotList, at: datetime, deadline: Deadline) -> Found:
    return Found((probing.of_snapshot(newest(snapshots.all(deadline)), at),))
