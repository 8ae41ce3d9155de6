"""Logs as JSON facts with correlation keys, and metrics in EMF, with no secret in either.

Every module logs by `logging.getLogger(__name__)` with facts in `extra`, and counts by `count`; what is set up decides
how that is written. Off the interaction path that is Powertools (entrypoints.function). On it, it is the formatter
and the writer here: importing Powertools' formatter takes 60 million instructions, an eighth of a cold PING. A test
holds that both write the same lines.
"""

from __future__ import annotations

import json
import logging
import sys
import time
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol, override

from mastermind.redaction import clean_entries

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Mapping
    from typing import TextIO

    from mastermind.config import LogSettings

log = logging.getLogger(__name__)

BUGS = "Bugs"
"""Counted whenever something unforeseen happened; there is an alarm on it."""

UNAVAILABLE = "Unavailable"
"""Counted whenever a member was asked to try again because something we depend on was down or slow."""

TOO_FAST = "TooFast"
"""Counted whenever a member was refused because they were faster than the limits allow."""

OVERDUE = "OverdueAwards"
"""What a sweep leaves overdue, zero too: each sweep counts it, and the alarm goes off when none does."""

STUCK = "Stuck"
"""Counted for each message that fails although it was delivered often before; there is an alarm on it."""

UNDRAWN = "Undrawn"
"""Counted for each picture that could not be drawn, so that words went alone; there is an alarm on it."""

BACKUPS = "Backups"
"""1 when a backup was begun and the one of the night before is there, 0 when that is not; none at all is an alarm."""

_keys: ContextVar[Mapping[str, object]] = ContextVar("keys", default=MappingProxyType({}))

# What every record has; the rest of its attributes are the facts in `extra`, and the keys of `correlated`.
_OF_EVERY_RECORD = {*logging.makeLogRecord({}).__dict__, "message", "asctime"}


class Counter(Protocol):
    """Writes one metric of this function."""

    def __call__(self, metric: str, amount: int) -> None: ...


def set_up(service: str, settings: LogSettings, *, secrets: Iterable[str] = (), stream: TextIO | None = None) -> None:
    """Write every log of this process as one line of JSON; nothing of `secrets` ever stands in one.

    `service` is the function's folder: a key of every line and the dimension of every metric.
    """
    handler = logging.StreamHandler(stream or sys.stdout)
    handler.setFormatter(JsonFormatter(service, tuple(filter(None, secrets))))
    use(handler, settings.level, EmfCounter(service, settings.namespace))


def use(handler: logging.Handler, level: str, counter: Counter) -> None:
    """Log by this handler and count by this counter.

    The handler sits on the root logger in place of Lambda's own, so that libraries' words are redacted too.
    """
    handler.addFilter(_add_keys)
    # No line says which thread or process wrote it, so nobody asks.
    logging.logThreads = logging.logMultiprocessing = logging.logProcesses = False
    logging.root.handlers = [handler]
    logging.getLogger("mastermind").setLevel(level)
    _counters[:] = [counter]


@contextmanager
def correlated(**keys: object) -> Generator[None]:
    """Add keys to every line that is logged within; those that are None are left out."""
    before = _keys.set(_with(keys))
    try:
        yield
    finally:
        _keys.reset(before)


def correlate(**keys: object) -> None:
    """Add keys to every line until the surrounding `correlated` ends."""
    _keys.set(_with(keys))


def count(metric: str, amount: int = 1) -> None:
    """Count something in CloudWatch."""
    _counters[-1](metric, amount)


class Tally:
    """Counts what a stranger can cause, with one line a minute at most: a flood of them is no flood of lines.

    What came since the last line is lost with the process; API Gateway's metric 4XXError counts every request.
    """

    EVERY = 60.0
    """Seconds between two lines."""

    MOST_REASONS = 20

    def __init__(self, message: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._message, self._clock = message, clock
        self._reasons: dict[str, int] = {}
        self._due = clock()

    def add(self, reason: str) -> None:
        known = reason in self._reasons or len(self._reasons) < self.MOST_REASONS
        kept = reason if known else "others"
        self._reasons[kept] = self._reasons.get(kept, 0) + 1
        if (now := self._clock()) >= self._due:
            log.info(self._message, extra=self._facts())
            self._reasons, self._due = {}, now + self.EVERY

    def _facts(self) -> dict[str, object]:
        said = ", ".join(f"{reason} ({times})" for reason, times in self._reasons.items())
        return {"requests": sum(self._reasons.values()), "reasons": said}


refusals = Tally("requests refused")
"""Requests that were refused before anything proved that Discord sends them."""


class JsonFormatter(logging.Formatter):
    """The lines that Powertools' formatter would write."""

    def __init__(self, service: str, secrets: tuple[str, ...]) -> None:
        super().__init__()
        self._service, self._secrets = service, secrets

    @override
    def format(self, record: logging.LogRecord) -> str:
        facts = {key: value for key, value in record.__dict__.items() if key not in _OF_EVERY_RECORD}
        line = {
            "level": record.levelname,
            "location": f"{record.funcName}:{record.lineno}",
            "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "service": self._service,
            **_known({"message": record.getMessage(), **facts, **self._error(record)}, self._secrets),
        }
        return _JSON.encode(line)

    def _error(self, record: logging.LogRecord) -> Mapping[str, object]:
        if not record.exc_info or record.exc_info[1] is None:
            return {}
        error = record.exc_info[1]
        said = {"exception": self.formatException(record.exc_info), "exception_name": type(error).__name__}
        return {**said, "exception_notes": getattr(error, "__notes__", None)}


class EmfCounter:
    """Counts by a line in CloudWatch's embedded metric format.

    Source: "Specification: Embedded metric format" in the CloudWatch user guide.
    """

    def __init__(self, service: str, namespace: str) -> None:
        self._service, self._namespace = service, namespace

    def __call__(self, metric: str, amount: int) -> None:
        described = {
            "Namespace": self._namespace,
            "Dimensions": [["service"]],
            "Metrics": [{"Name": metric, "Unit": "Count"}],
        }
        about = {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": [described]}
        line = {"_aws": about, "service": self._service, metric: [float(amount)]}
        sys.stdout.write(_JSON.encode(line) + "\n")


_counters: list[Counter] = [EmfCounter("mastermind", "Mastermind")]
"""The one that is used, until another one is set up."""


def serialize(line: Mapping[str, object], secrets: tuple[str, ...]) -> str:
    """A line as JSON without secrets; keys without a value are left out."""
    return _JSON.encode(_known(line, secrets))


_JSON = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False)


def _known(facts: Mapping[str, object], secrets: tuple[str, ...]) -> dict[str, object]:
    return clean_entries({key: value for key, value in facts.items() if value is not None}, secrets)


def _with(keys: Mapping[str, object]) -> Mapping[str, object]:
    return {**_keys.get(), **{key: value for key, value in keys.items() if value is not None}}


def _add_keys(record: logging.LogRecord) -> bool:
    record.__dict__.update(_keys.get())
    return True
