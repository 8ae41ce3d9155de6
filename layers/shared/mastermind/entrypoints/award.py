"""The function xp_award: messages of the queue XpAwards, a sweep each minute, and the health check's questions."""

from __future__ import annotations

import logging
import os
import random
from dataclasses import dataclass
from functools import cache, partial
from typing import TYPE_CHECKING

from mastermind import config, observability
from mastermind.config import ReleaseSettings
from mastermind.deadline import Deadline
from mastermind.entrypoints import batches, events, resources
from mastermind.entrypoints.events import (
    DatabaseProbe,
    FlagNeed,
    Messages,
    NameModerators,
    RecordOutage,
    StoreReport,
    Sweep,
)
from mastermind.entrypoints.function import entry_point
from mastermind.entrypoints.invocation import or_failure
from mastermind.entrypoints.resources import Lazy
from mastermind.errors import OutcomeUnknown, TryAgain, Unavailable
from mastermind.records import as_dict

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date
    from uuid import UUID

    from mastermind.entrypoints.events import AwardEvent
    from mastermind.entrypoints.invocation import LambdaHandler
    from mastermind.game.challenges.actions import Outcome
    from mastermind.game.privacy.rules import Ended
    from mastermind.game.sealing.rules import Head
    from mastermind.gateways.s3 import Bucket
    from mastermind.gateways.sqs import Queue
    from mastermind.json_types import Json
    from mastermind.postgres.connection import Connection
    from mastermind.postgres.database import Database

log = logging.getLogger(__name__)

NUDGE = "due"
"""A message of the queue OutboxDue; its content does not matter."""

PROBED_WITHIN = 4.0
"""Seconds for the database to report its health; the health check waits a little longer, three times."""


def handler(
    database: Callable[[], Database] | None = None,
    nudges: Callable[[], Queue] | None = None,
    storage: Callable[[], Bucket] | None = None,
) -> LambdaHandler:
    """The handler: a batch to the messages that failed, a sweep to its report, a question to its answer.

    What the health check asks is answered with {"failure": why} when the database cannot be asked.
    """
    database = database or Lazy(resources.database)
    nudges = nudges or Lazy(resources.nudges_queue)
    storage = storage or Lazy(resources.bucket)

    def build() -> Award:
        return Award(database, nudges, storage, config.read(ReleaseSettings, os.environ).release)

    award = cache(build)
    return entry_point("xp_award", lambda event, deadline: award().serve(events.of_award(event), deadline))


@dataclass(frozen=True, slots=True)
class Award:
    """The database, the queue that has relay look into the outbox, the bucket with the deletion log.

    `release` is in the answer to a probe: the deploy's check knows by it which version it has reached.
    """

    database: Callable[[], Database]
    nudges: Callable[[], Queue]
    storage: Callable[[], Bucket]
    release: str = ""

    def serve(self, event: AwardEvent, deadline: Deadline) -> Json:  # noqa: PLR0911 # one for each event
        match event:
            case Messages(batch):
                outcomes = self._apply_together(batch, deadline)
                failed = batches.settle(batch, partial(self._apply, outcomes, deadline))
                self._nudge(deadline)
                return failed
            case Sweep():
                return self._sweep(deadline)
            case DatabaseProbe(ledger_from):
                return or_failure(lambda: self._probe(ledger_from, deadline))
            case RecordOutage(outage):
                return or_failure(lambda: self._record(outage, deadline))
            case StoreReport(report):
                return or_failure(lambda: {"stored": self._run(partial(_store, report), deadline)})
            case FlagNeed(need):
                return or_failure(lambda: {"flagged": self._run(partial(_flag, need), deadline)})
            case NameModerators():
                return or_failure(lambda: {"role": self._run(_moderator_role, deadline)})

    def _apply_together(self, batch: Json, deadline: Deadline) -> Mapping[UUID, Outcome]:
        """Apply the awards of a batch in one exchange; returns no outcome when that fails: then each is tried alone.

        Those that were applied before the failure are found applied.
        """
        from mastermind.game.challenges import actions as challenges

        award_ids = sorted(events.award_ids(batches.bodies(batch)))
        if len(award_ids) < 2:  # there is nothing to do together
            return {}
        try:
            outcomes = self._run(lambda conn: challenges.apply_all(conn, award_ids), deadline)
        except Exception as error:  # noqa: BLE001 # each message meets it again, alone, and says so
            log.warning("a batch is applied one by one", extra={"reason": str(error)})
            return {}
        return dict(zip(award_ids, outcomes, strict=True))

    def _apply(self, outcomes: Mapping[UUID, Outcome], deadline: Deadline, body: str) -> None:
        """Apply the award a message names; raises TryAgain when it is not due yet, BadMessage, Unavailable.

        And OutcomeUnknown: delivered again, the message finds the award applied or applies it.
        """
        from mastermind.game.challenges import actions as challenges

        award_id = events.award_id(body)
        outcome = outcomes.get(award_id) or self._run(lambda conn: challenges.apply(conn, award_id), deadline)
        log.info("award applied", extra={"award_id": str(award_id), "outcome": str(outcome)})
        if outcome is challenges.Outcome.NOT_DUE:
            raise TryAgain("the award is not due yet")

    def _sweep(self, deadline: Deadline) -> Json:
        """Apply what is overdue, end and reward raids, nudge relay, log deletions, seal, prune; returns the report."""
        from mastermind.game.challenges import actions as challenges
        from mastermind.game.raids import actions as raids

        applied = self._run(lambda conn: challenges.sweep(conn, deadline), deadline)
        raiding = self._run(lambda conn: raids.sweep(conn, deadline), deadline)
        refused = [str(award_id) for award_id in applied.refused]
        facts: Json = {**as_dict(applied), "refused": refused, "raids": as_dict(raiding)}
        facts["nudged"] = self._nudge(deadline)
        facts["deletions_logged"] = self._log_deletions(deadline)
        facts["sealed"] = self._seal(deadline)
        facts["pruned"] = self._prune(deadline)
        log.info("swept", extra=facts)
        observability.count(observability.OVERDUE, applied.busy + len(refused) + (not applied.finished))
        if of_all := len(refused) + raiding.refused:
            log.error("the database refused awards", extra=facts)
            observability.count(observability.BUGS, of_all)
        return facts

    def _nudge(self, deadline: Deadline) -> bool:
        """Have relay run at once, if there is anything for it; a lost nudge costs a minute."""
        from mastermind.game.outbox import actions as outbox

        try:
            is_due = self._run(outbox.is_due, deadline)
            if is_due:
                self.nudges().send(NUDGE, deadline)
        except (Unavailable, OutcomeUnknown) as error:
            log.warning("the outbox is left to the next minute", extra={"reason": str(error)})
            return False
        except Exception:
            log.exception("relay could not be nudged")
            observability.count(observability.BUGS)
            return False
        return is_due

    def _log_deletions(self, deadline: Deadline) -> int:
        """Write the ends of deletions that the log lacks; returns how many. The next sweep tries again."""
        from mastermind.game.privacy import actions as privacy
        from mastermind.game.privacy import rules

        def write(ended: Ended) -> None:
            self.storage().put_once(rules.key(ended), rules.write(ended), deadline, rules.AS_JSON)

        try:
            return self._run(lambda conn: privacy.log_ends(conn, write, deadline), deadline)
        except (Unavailable, OutcomeUnknown) as error:
            log.warning("ends of deletions are left to the next sweep", extra={"reason": str(error)})
        except Exception:
            log.exception("ends of deletions could not be written")
            observability.count(observability.BUGS)
        return 0

    def _seal(self, deadline: Deadline) -> int:
        """Seal entries of the audit log, and once a day store the end of the chain in the bucket; returns how many."""
        from mastermind.game.sealing import actions as sealing
        from mastermind.game.sealing import rules

        def write(day: date, head: Head) -> None:
            self.storage().put_once(rules.key(day), rules.write(head), deadline, rules.AS_JSON)

        try:
            return self._run(lambda conn: sealing.seal(conn, write), deadline)
        except (Unavailable, OutcomeUnknown) as error:
            log.warning("sealing is left to the next sweep", extra={"reason": str(error)})
        except Exception:
            log.exception("the audit log could not be sealed")
            observability.count(observability.BUGS)
        return 0

    def _prune(self, deadline: Deadline) -> Json:
        """Delete rows that nothing needs any more; returns how many, by table. The next sweep continues."""
        from mastermind.postgres.pruning import prune

        try:
            return dict(self._run(prune, deadline))
        except (Unavailable, OutcomeUnknown) as error:
            log.warning("pruning is left to the next sweep", extra={"reason": str(error)})
        except Exception:
            log.exception("pruning failed")
            observability.count(observability.BUGS)
        return {}

    def _probe(self, ledger_from: int | None, deadline: Deadline) -> Json:
        """The database's report on its health."""
        from mastermind.operations.health import actions as health
        from mastermind.operations.health import messages

        chance = random.random()  # noqa: S311 # it chooses a sample
        soon = Deadline.after(min(PROBED_WITHIN, deadline.remaining()))
        facts = self._run(lambda conn: health.probe(conn, chance, ledger_from, soon), soon)
        return {**messages.write(messages.FACTS, facts), "release": self.release}

    def _record(self, fields: Json, deadline: Deadline) -> Json:
        """Record an outage, and give days that were booked before it was known the share that they would have had.

        When that fails the health check sends the outage again, until all of it is done.
        """
        from mastermind.game.days import outages
        from mastermind.operations.health import actions as health
        from mastermind.operations.health import messages

        outage = messages.OUTAGE.validate_python(fields)
        recorded = self._run(lambda conn: health.record(conn, outage), deadline)
        raised = self._run(lambda conn: outages.raise_shares(conn, outage.began, outage.ended), deadline)
        return {"recorded": recorded, "raised": raised}

    def _run[T](self, work: Callable[[Connection], T], deadline: Deadline) -> T:
        return self.database().run(work, deadline)


def _store(report: Json, conn: Connection) -> bool:
    from mastermind.operations.health import actions as health
    from mastermind.operations.health import messages

    return health.store(conn, messages.REPORT.validate_python(report))


def _flag(need: Json, conn: Connection) -> bool:
    from pydantic import TypeAdapter

    from mastermind.game.flags import actions as flags
    from mastermind.game.flags.needs import Need

    return flags.flag_need(conn, TypeAdapter(Need).validate_python(need))


def _moderator_role(conn: Connection) -> str:
    from mastermind.game.server_settings import table as server_settings

    return server_settings.read_moderator_role(conn)
