"""What our schedules, functions and operators send to a function, as one type each; no stranger can send any of it."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from mastermind.errors import BadMessage

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from mastermind.json_types import Json


@dataclass(frozen=True, slots=True)
class Messages:
    """A batch of a queue."""

    batch: Json


# --- interactions_main, interactions_tensey ---


@dataclass(frozen=True, slots=True)
class OperatorQuestion:
    """An operator's question; operations.operator.actions says which there are."""

    fields: Json


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """An interaction of a made-up member that an operator wants answered; nothing of it stays."""

    body: bytes


def of_operator(event: object) -> OperatorQuestion | Rehearsal | None:
    """{"operator": {"rehearsal": {an interaction}}}, or another query; None for anything else.

    No operator acts as the member that an interaction names: what is to stay is asked for in the operator's own name.
    API Gateway puts what a stranger sends inside an event of its own, so nobody can send this through the API.
    """
    asked = cast("Json", event).get("operator") if isinstance(event, dict) else None
    if not isinstance(asked, dict):
        return None
    fields = cast("Json", asked)
    if "rehearsal" not in fields:
        return OperatorQuestion(fields)
    return Rehearsal(json.dumps(fields["rehearsal"]).encode())


# --- xp_award ---


@dataclass(frozen=True, slots=True)
class Sweep:
    """The schedule's event of each minute."""


@dataclass(frozen=True, slots=True)
class DatabaseProbe:
    """The health check asks for the database's facts; with `ledger_from` it walks on through the whole ledger."""

    ledger_from: int | None


@dataclass(frozen=True, slots=True)
class RecordOutage:
    """The health check has an outage recorded that is over."""

    outage: Json


@dataclass(frozen=True, slots=True)
class StoreReport:
    """The health check has its report stored."""

    report: Json


@dataclass(frozen=True, slots=True)
class FlagNeed:
    """The function notify has the flag of somebody in need stored."""

    need: Json


@dataclass(frozen=True, slots=True)
class NameModerators:
    """notify asks which role the admins have chosen for the moderators."""


type AwardEvent = Messages | Sweep | DatabaseProbe | RecordOutage | StoreReport | FlagNeed | NameModerators


def of_award(event: Json) -> AwardEvent:  # noqa: PLR0911 # one for each event
    match event:
        case {"sweep": True}:
            return Sweep()
        case {"probe": True}:
            return DatabaseProbe(cast("int | None", event.get("ledger_from")))
        case {"outage": outage}:
            return RecordOutage(cast("Json", outage))
        case {"report": report}:
            return StoreReport(cast("Json", report))
        case {"flag": need}:
            return FlagNeed(cast("Json", need))
        case {"moderators": True}:
            return NameModerators()
        case _:
            return Messages(event)


def award_id(body: str) -> UUID:
    """The id in a message of the queue XpAwards, written as we write it; raises BadMessage."""
    from uuid import UUID  # no PING needs it

    try:
        found = UUID(body)
    except ValueError as error:
        raise BadMessage("the message does not name an award") from error
    if str(found) != body:
        raise BadMessage("the message does not name an award the way we write it")
    return found


def award_ids(bodies: Iterable[str]) -> set[UUID]:
    """The ids in those messages that name an award."""
    found: set[UUID] = set()
    for body in bodies:
        with suppress(BadMessage):
            found.add(award_id(body))
    return found


# --- relay ---


@dataclass(frozen=True, slots=True)
class Relay:
    """The schedule's event of each minute."""


def of_relay(event: Json) -> Relay | Messages:
    """Every event that is no batch is the schedule's."""
    return Messages(event) if "Records" in event else Relay()


# --- backup ---


@dataclass(frozen=True, slots=True)
class Night:
    """The schedule's event of each night."""


@dataclass(frozen=True, slots=True)
class Asked:
    """An operator wants a snapshot now; `by` is the ARN that their tool says, if AWS gave it one."""

    by: str


def of_backup(event: Json) -> Messages | Asked | Night:
    """Every event that is neither a batch nor {"asked": true, "by": ARN} is the night's."""
    match event:
        case {"Records": _}:
            return Messages(event)
        case {"asked": True}:
            return Asked(str(event.get("by") or ""))
        case _:
            return Night()
