"""The records of alerting: what an alert says, and what is known between two invocations."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime  # noqa: TC003 # pydantic reads the annotations
from enum import StrEnum
from typing import Literal

from mastermind.operations import runbook  # noqa: TC001 # the same

# --- what is notified ---


@dataclass(frozen=True, slots=True)
class Down:
    """The game is down, or `further` probes that members feel fail while it is; `failed` is what each found."""

    since: datetime
    failed: dict[str, str]
    further: bool
    kind: Literal["down"] = "down"


@dataclass(frozen=True, slots=True)
class Past:
    """What happened meanwhile: from its first beginning to its last end, if that has come, so many `times`."""

    what: str
    began: datetime
    ended: datetime | None
    times: int = 1


@dataclass(frozen=True, slots=True)
class Recovered:
    """The game is well again: everything that failed."""

    since: datetime
    ended: datetime
    failed: dict[str, str]
    kind: Literal["recovered"] = "recovered"


@dataclass(frozen=True, slots=True)
class Meanwhile:
    """What else began or ended in an outage, without an alert of its own."""

    since: datetime
    ended: datetime
    past: tuple[Past, ...]
    kind: Literal["meanwhile"] = "meanwhile"


@dataclass(frozen=True, slots=True)
class Starts:
    """Something that somebody should look at; at once if it is `urgent`."""

    what: str
    guide: runbook.Guide
    at: datetime
    urgent: bool
    kind: Literal["starts"] = "starts"


@dataclass(frozen=True, slots=True)
class Ends:
    """Something is over."""

    what: str
    began: datetime
    ended: datetime
    kind: Literal["ends"] = "ends"


type Alert = Down | Recovered | Meanwhile | Starts | Ends


# --- what is known ---


class Notified(StrEnum):
    """How much of a span was notified."""

    NOTHING = "nothing"
    BEGINNING = "beginning"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Span:
    """From a beginning to its end, whichever of the two was delivered first; one of them is always known."""

    began: datetime | None
    ended: datetime | None = None
    notified: Notified = Notified.NOTHING

    @property
    def place(self) -> datetime:
        found = self.began or self.ended
        assert found
        return found


@dataclass(frozen=True, slots=True)
class Trouble:
    """An alarm, or a probe that is to do: what it means, and when it lasted."""

    what: str
    guide: runbook.Guide
    urgent: bool = False
    spans: tuple[Span, ...] = ()

    @property
    def is_on(self) -> bool:
        return bool(self.spans) and self.spans[-1].ended is None


@dataclass(frozen=True, slots=True)
class OpenOutage:
    """An outage that lasts: what failed in it, and the troubles whose beginning was notified in it."""

    since: datetime
    failed: dict[str, str]
    notified: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Waiting:
    """An alert that is not sent yet: which message of the queue led to it, and since when it waits."""

    number: int
    source: str
    since: datetime
    alert: Alert


@dataclass(frozen=True, slots=True)
class Notes:
    """All that is known between two invocations.

    `at` is the time of the last status of the health check. `waiting` are the alerts to be sent, in order, by one
    invocation at a time: `sender`, until `sending_until`.
    """

    at: datetime | None = None
    outage: OpenOutage | None = None
    troubles: dict[str, Trouble] = field(default_factory=dict[str, Trouble])
    waiting: tuple[Waiting, ...] = ()
    number: int = 0
    sender: str = ""
    sending_until: datetime | None = None

    def is_on(self, key: str) -> bool:
        return key in self.troubles and self.troubles[key].is_on


@dataclass(frozen=True, slots=True)
class Change:
    """One change of an alarm's state.

    `what` is the alarm in one sentence. `is_alarm` is its state now, `was_alarm` the one before. `drill` says that
    somebody set the state by hand. `about` is set for the two alarms of which the health check knows more.
    """

    alarm: str
    what: str
    guide: runbook.Guide
    is_alarm: bool
    was_alarm: bool
    at: datetime
    drill: bool = False
    about: Literal["health", "silence"] | None = None
