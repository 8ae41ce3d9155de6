"""The state behind the answers: pending awards, queues, the ledger, schedules, alarms, webhooks."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, LiteralString, cast

import psycopg
from psycopg.rows import dict_row

from local.metrics import queue_figures

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from devkit.json_types import Json
    from local.cloud import Cloud

PENDING: LiteralString = """
SELECT award_id::text, user_id::text, display_name, challenge_id, pending_xp_awards.xp, status, due_at
FROM pending_xp_awards JOIN users USING (user_id)
WHERE status = 'pending' OR resolved_at > now() - interval '2 minutes'
ORDER BY pending_xp_awards.created_at DESC
LIMIT 25
"""

LEDGER: LiteralString = """
SELECT id::text, xp, kind, source, source_id, day, details, at
FROM xp_ledger WHERE user_id = %(user_id)s
ORDER BY id DESC LIMIT 50
"""

FIGURES = {
    "visible": "ApproximateNumberOfMessagesVisible",
    "delayed": "ApproximateNumberOfMessagesDelayed",
    "in_flight": "ApproximateNumberOfMessagesNotVisible",
}
"""The page's names and those of SQS."""

PATIENCE = 2  # seconds for the database, which may be frozen on purpose


class Clockwork:
    """Reads everything at each request; what cannot be read is left empty, and the rest is shown."""

    def __init__(self, cloud: Cloud, postgres_state: Callable[[], str], queue_state: Callable[[], str]) -> None:
        self._cloud, self._postgres_state, self._queue_state = cloud, postgres_state, queue_state
        self._pool = ThreadPoolExecutor(2, thread_name_prefix="clockwork")

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)

    def look(self, user_id: int | None) -> Json:
        """The whole state, with the ledger of one member."""
        database = self._pool.submit(self._database, user_id)
        return {
            "now": datetime.now(UTC).isoformat(),
            "queues": _or_empty(self._queues),
            "schedules": _or_empty(self._schedules),
            "alarms": _or_empty(self._alarms),
            "code": asdict(self._cloud.code),
            "webhooks": list(self._cloud.webhooks.received),
            "postgres": self._postgres_state(),
            "queue": self._queue_state(),
            **database.result(),
        }

    def _database(self, user_id: int | None) -> Json:
        if self._postgres_state() != "running":
            return {"pending": [], "ledger": []}
        try:
            with psycopg.connect(self._cloud.postgres.owner_url, connect_timeout=PATIENCE) as conn:
                rows = conn.cursor(row_factory=dict_row)
                pending = rows.execute(PENDING).fetchall()
                ledger = rows.execute(LEDGER, {"user_id": user_id}).fetchall() if user_id else []
        except psycopg.Error:
            return {"pending": [], "ledger": []}
        return {"pending": [_plain(row) for row in pending], "ledger": [_plain(row) for row in ledger]}

    def _queues(self) -> list[Json]:
        """Each queue with its waiting, delayed and in-flight messages, and those in its dead-letter queue."""
        messages = self._cloud.emulator.messages()
        figures = queue_figures(messages, datetime.now(UTC))
        names = {_logical(url): url.rpartition("/")[2] for url in sorted(messages)}
        return [
            {
                "name": name,
                **{key: figures[queue, metric] for key, metric in FIGURES.items()},
                "dead_letters": figures[names[f"{name}Dlq"], FIGURES["visible"]],
            }
            for name, queue in names.items()
            if f"{name}Dlq" in names
        ]

    def _alarms(self) -> list[Json]:
        found = self._cloud.aws.cloudwatch.describe_alarms(MaxRecords=100)["MetricAlarms"]
        return [
            {
                "name": _logical(alarm.get("AlarmName", "")),
                "state": alarm.get("StateValue", ""),
                "reason": alarm.get("StateReason", ""),
                "since": _moment(alarm.get("StateUpdatedTimestamp")),
            }
            for alarm in found
        ]

    def _schedules(self) -> list[Json]:
        return [{"name": name, "what": what} for name, what in SCHEDULES.items() if name in self.known_schedules]

    @property
    def known_schedules(self) -> Mapping[str, Json]:
        """What can be run now: the deployed function and its event, by the name of the schedule."""
        functions = cast("Mapping[str, str]", self._cloud.endpoints["functions"])
        events: dict[str, tuple[str, Json]] = {
            "healthcheck": ("healthcheck", {}),
            "sweep": ("xp_award", {"sweep": True}),
            "relay": ("relay", {}),
            "backup": ("backup", {}),
        }
        return {
            name: {"function": functions[function], "event": event}
            for name, (function, event) in events.items()
            if function in functions
        }

    def run(self, name: str) -> Json:
        """Run a schedule now; raises KeyError if there is none of that name."""
        due = self.known_schedules[name]
        event = json.dumps(due["event"]).encode()
        answer = self._cloud.aws.functions.invoke(FunctionName=due["function"], Payload=event)
        return {"answer": json.loads(answer["Payload"].read() or b"null"), "failed": "FunctionError" in answer}


SCHEDULES = {
    "healthcheck": "the health check, every 5 minutes",
    "sweep": "the sweep of overdue awards, every minute",
    "relay": "what the game says by itself, every minute",
    "backup": "the nightly snapshot",
}


def _logical(made: str) -> str:
    """The logical name in a physical name that CloudFormation generated: stack-name-suffix."""
    parts = made.rpartition("/")[2].split("-")
    return parts[1] if len(parts) > 1 else parts[0]


def _or_empty(read: Callable[[], list[Json]]) -> list[Json]:
    """What the emulator answers, or nothing while it restarts."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        return read()
    except (BotoCoreError, ClientError, OSError):
        return []


def _plain(row: Mapping[str, Any]) -> Json:
    return {name: _moment(value) if isinstance(value, date) else value for name, value in row.items()}


def _moment(value: date | None) -> str:
    return value.isoformat() if value is not None else ""
