"""What operators see: logs as JSON facts with correlation keys, metrics in EMF, and no secret in either.

Whoever logs uses `logging.getLogger(__name__)` with facts in `extra`; `set_up` decides how that is written.
"""

from __future__ import annotations

import json
import logging
import re
import sys
from contextlib import contextmanager
from contextvars import ContextVar
from types import MappingProxyType, ModuleType
from typing import TYPE_CHECKING, TextIO, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Mapping

    from mastermind.config import LogSettings

BUGS = "Bugs"
"""Counted whenever something happened that nobody foresaw; alarmed upon."""

UNAVAILABLE = "Unavailable"
"""Counted whenever a member got the kind answer because something we depend on was down or slow."""

TOO_FAST = "TooFast"
"""Counted whenever a member was refused because they were faster than the limits allow."""

OVERDUE = "OverdueAwards"
"""What a sweep leaves overdue, zero too: each sweep counts it, and a sweep that does not run is missed by the alarm."""

BACKUPS = "Backups"
"""1 when a backup was begun and the one of the night before is there, 0 when that one is not; silence is missed."""

REDACTED = "[redacted]"

_keys: ContextVar[Mapping[str, object]] = ContextVar("keys", default=MappingProxyType({}))
_service: ContextVar[str] = ContextVar("service", default="mastermind")
_namespace: ContextVar[str] = ContextVar("namespace", default="Mastermind")

_SECRET_KEYS = re.compile(r"(?i)token|signature|password|secret|authorization|private_?key|^body$|^event$|webhook")

# The parts in parentheses stay. The first pattern is for what no other foresees (no word and no id is that long), and
# leaves the others no long runs to search; with LONGEST_TEXT it keeps the time for any text short.
_SECRET_TEXTS = (
    re.compile(r"[\w+=-]{60,}"),
    re.compile(r"https?://[^\s\"'<>]*/webhooks/[^\s\"'<>]*"),
    re.compile(r"(://[^\s:/@]*:)[^\s@]{1,300}(?=@)"),
    re.compile(
        r"(?i)((?:password|passwd|secret|token|signature|credential)[\w-]*[\"']?\s*[=:>]\s*)[\"']?[^\s\"'&,;})]+"
    ),
    re.compile(r"(?i)((?:authorization[\"']?\s*[=:]\s*[\"']?)?\b(?:bot|bearer)\s+)[\w.~+/=-]{20,}"),
    re.compile(r"[\w-]{20,}\.[\w-]{5,}\.[\w-]{25,}"),
    re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"),
    # What a member wrote, in PostgreSQL's words about a row that it refuses; it may hold anything, line ends too.
    re.compile(r"(?s)(Failing row contains )\((?:.*\)\.|.*)"),
)
_OF_A_BODY = re.compile(r"[\"'](?:token|application_id)[\"']")

LONGEST_TEXT = 10_000
"""Characters of one text in a log line; of a longer one the beginning and the end are kept."""


def set_up(service: str, settings: LogSettings, *, secrets: Iterable[str] = (), stream: TextIO | None = None) -> None:
    """Write every log of this process as one line of JSON; nothing of `secrets` ever stands in one.

    `service` is the function's folder: a key of every line and the dimension of every metric. The handler sits on the
    root logger in place of Lambda's own, so that libraries' words are redacted too.
    """
    _service.set(service)
    _namespace.set(settings.namespace)
    handler = logging.StreamHandler(stream or sys.stdout)
    handler.addFilter(_add_keys)
    handler.setFormatter(_formatter(tuple(filter(None, secrets))))
    logging.root.handlers = [handler]
    logging.getLogger("mastermind").setLevel(settings.level)


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
    """Count something in CloudWatch, by a line in its embedded metric format."""
    from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit

    metrics = EphemeralMetrics(namespace=_namespace.get(), service=_service.get())
    metrics.add_metric(metric, MetricUnit.Count, amount)
    metrics.flush_metrics()


def redact(text: str, secrets: Iterable[str] = ()) -> str:
    """The text without anything that is or looks like a secret."""
    for secret in secrets:
        text = text.replace(secret, REDACTED)
    text = _without_body(_shortened(text))
    for pattern in _SECRET_TEXTS:
        text = pattern.sub(_keep_the_name, text)
    return text


def _shortened(text: str) -> str:
    half = LONGEST_TEXT // 2
    return text if len(text) <= LONGEST_TEXT else f"{text[:half]} [...] {text[-half:]}"


def _without_body(text: str) -> str:
    """The text without the JSON of an interaction, from its first brace to its last."""
    begin, end = text.find("{"), text.rfind("}") + 1
    found = _OF_A_BODY.search(text, begin) if begin >= 0 else None
    if not found:
        return text
    return text[:begin] + REDACTED + (text[end:] if end > found.end() else "")


def _keep_the_name(match: re.Match[str]) -> str:
    return (match[1] if match.re.groups else "") + REDACTED


def _clean(value: object, secrets: tuple[str, ...]) -> object:
    """Any value of a log line as JSON can hold it, redacted in depth."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, dict):
        return {str(key): _clean_entry(str(key), part, secrets) for key, part in cast("_Anything", value).items()}
    if isinstance(value, list | tuple):
        return [_clean(part, secrets) for part in cast("Iterable[object]", value)]
    return redact(str(value), secrets)


type _Anything = dict[object, object]


def _clean_entry(key: str, value: object, secrets: tuple[str, ...]) -> object:
    return REDACTED if _SECRET_KEYS.search(key) else _clean(value, secrets)


def _with(keys: Mapping[str, object]) -> Mapping[str, object]:
    return {**_keys.get(), **{key: value for key, value in keys.items() if value is not None}}


def _add_keys(record: logging.LogRecord) -> bool:
    record.__dict__.update(_keys.get(), service=_service.get())
    return True


def _formatter(secrets: tuple[str, ...]) -> logging.Formatter:
    def serialize(line: Mapping[str, object]) -> str:
        return json.dumps(_clean(line, secrets), separators=(",", ":"), ensure_ascii=False)

    return _powertools_formatter()(json_serializer=serialize, utc=True, use_rfc3339=True, serialize_stacktrace=False)


def _powertools_formatter() -> Callable[..., logging.Formatter]:
    """Powertools' formatter, without the AWS SDK.

    Powertools loads botocore merely to add to its user agent, and does without when that fails. In the functions that
    never use the SDK it must not be paid for.
    """
    absent = "botocore" not in sys.modules
    if absent:
        sys.modules["botocore"] = cast("ModuleType", None)  # makes `import botocore` raise ImportError
    try:
        from aws_lambda_powertools.logging.formatter import LambdaPowertoolsFormatter
    finally:
        if absent:
            del sys.modules["botocore"]
    return LambdaPowertoolsFormatter
