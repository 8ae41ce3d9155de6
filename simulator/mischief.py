"""Faults injected on purpose, to see how the game handles them, and their repair."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, LiteralString

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from types_boto3_sqs.literals import QueueAttributeNameType

    from devkit.json_types import Json
    from local.cloud import Cloud
    from simulator.exchanges import Exchanges

TIMES = 3
KEPT_ATTRIBUTES: tuple[QueueAttributeNameType, ...] = ("DelaySeconds", "VisibilityTimeout", "RedrivePolicy")

DUE_NOW: LiteralString = """
UPDATE reminders SET hour_at = clock_timestamp(), next_at = clock_timestamp() WHERE off IS NULL
RETURNING user_id::text
"""


class MischiefError(ValueError):
    """The action is not possible now; says why."""


class Mischief:
    """Each action returns what was done, in words, and the exchange if there was one."""

    def __init__(self, cloud: Cloud, exchanges: Exchanges) -> None:
        self._cloud, self._exchanges = cloud, exchanges
        self._lock = threading.Lock()
        self._queue: Mapping[QueueAttributeNameType, str] | None = None  # its attributes, while it is gone
        self.known: Mapping[str, Callable[[], Json]] = {
            "repeat": self._repeat,
            "forge": self._forge,
            "stop-postgres": self._stop_postgres,
            "start-postgres": self._start_postgres,
            "stop-queue": self._stop_queue,
            "start-queue": self._start_queue,
            "cold": self._cold,
            "thrice": self._thrice,
            "remind": self._remind,
        }

    @property
    def postgres(self) -> str:
        return "running" if self._cloud.postgres.running else "stopped"

    @property
    def queue(self) -> str:
        return "running" if self._queue is None else "stopped"

    def do(self, name: str) -> Json:
        """Run an action; raises KeyError if it is unknown, MischiefError or ExchangeError if it is not possible."""
        mischief = self.known[name]
        with self._lock:
            return mischief()

    def _repeat(self) -> Json:
        exchange = self._exchanges.repeat()
        return {"told": "The last interaction was delivered again, as Discord may do.", "exchange": exchange}

    def _forge(self) -> Json:
        exchange = self._exchanges.forge()
        held = "It was refused with 401, as it must be." if exchange["status"] == 401 else "It was NOT refused!"
        return {"told": f"The last interaction was sent with a forged signature. {held}", "exchange": exchange}

    def _stop_postgres(self) -> Json:
        self._cloud.stop_postgres()
        return {"told": "PostgreSQL is stopped. Commands must answer politely, and nothing may be lost."}

    def _start_postgres(self) -> Json:
        self._cloud.start_postgres()
        return {"told": "PostgreSQL is running."}

    def _stop_queue(self) -> Json:
        """Delete the awards queue. Its messages are lost; the sweep applies those awards."""
        if self._queue is not None:
            raise MischiefError("the queue is stopped already")
        sqs, url = self._cloud.aws.sqs, self._url
        kept = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=KEPT_ATTRIBUTES)["Attributes"]
        sqs.delete_queue(QueueUrl=url)
        self._queue = kept
        return {"told": "The awards queue is deleted. A tick still succeeds; the sweep awards it."}

    def _start_queue(self) -> Json:
        if self._queue is None:
            return {"told": "The awards queue is running."}
        self._cloud.aws.sqs.create_queue(QueueName=self._url.rpartition("/")[2], Attributes=self._queue)
        self._queue = None
        return {"told": "The awards queue is back."}

    def _cold(self) -> Json:
        self._cloud.runner.refresh()
        return {"told": "Every function is cold: the next call of each starts a new process."}

    def _thrice(self) -> Json:
        """Send the message of the newest award three more times, without a delay."""
        if self._queue is not None:
            raise MischiefError("the queue is stopped: start it first")
        award_id = self._newest_award()
        for _ in range(TIMES):
            self._cloud.aws.sqs.send_message(QueueUrl=self._url, MessageBody=award_id, DelaySeconds=0)
        return {"told": "The message of the newest tick was delivered three more times. It must count once."}

    def _newest_award(self) -> str:
        found = self._rows("SELECT award_id::text FROM pending_xp_awards ORDER BY award_id DESC LIMIT 1")
        if not found:
            raise MischiefError("nothing was ticked yet: tick a challenge first")
        return found[0]

    def _remind(self) -> Json:
        """Make it everybody's hour. Who was reminded today, or has logged something, gets none all the same."""
        if not self._rows(DUE_NOW):
            raise MischiefError("nobody wants reminders: turn them on in /settings first")
        self._cloud.aws.functions.invoke(FunctionName=self._cloud.endpoints["functions"]["relay"], Payload=b"{}")
        return {"told": "It is everybody's hour for a reminder. Who has done nothing today gets theirs, once a day."}

    def _rows(self, query: LiteralString) -> list[str]:
        """The first column of what a query returns."""
        import psycopg

        if self.postgres != "running":
            raise MischiefError("PostgreSQL is stopped: start it first")
        with psycopg.connect(self._cloud.postgres.owner_url) as conn:
            return [value for (value,) in conn.execute(query).fetchall()]

    @property
    def _url(self) -> str:
        return self._cloud.endpoints["queues"]["xp_awards"]
