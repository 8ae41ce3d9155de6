"""One process of a function: `worker.py FUNCTION DIES_AFTER BREAK`. It runs the shipped handler and nothing else.

Events come in by standard input, a line each. What happened goes out by standard output: `ready`; for each event
`returned` as soon as the handler has returned, with how many awards it committed, and then the `answer`, which
acknowledges. With DIES_AFTER it kills itself between the two, in the nth batch that made it commit awards.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import sys
import time
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, TextIO, cast, override
from uuid import uuid4

if TYPE_CHECKING:
    from collections.abc import Callable

TIMEOUT = 10.0  # seconds an invocation may take (template.yaml)

type Json = dict[str, object]


@dataclass(frozen=True, slots=True)
class Context:
    """What Lambda passes to a handler."""

    aws_request_id: str = field(default_factory=lambda: str(uuid4()))
    ends_at: float = field(default_factory=lambda: time.monotonic() + TIMEOUT)

    def get_remaining_time_in_millis(self) -> int:
        return int((self.ends_at - time.monotonic()) * 1000)


class Commits(logging.Handler):
    """Counts the awards that the handler says it has applied: it says so after the commit."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    @override
    def emit(self, record: logging.LogRecord) -> None:
        self.count += record.__dict__.get("outcome") == "awarded"


@dataclass
class Worker:
    """The process: calls one after the other, as Lambda gives them."""

    handler: Callable[[Json, Context], Json]
    output: TextIO
    dies_after: int
    commits: Commits = field(default_factory=Commits)

    def call(self, event: Json) -> None:
        before = self.commits.count
        outcome = self._invoke(event)
        committed = self.commits.count - before + cast("int", outcome.get("applied", 0))
        self.write({"returned": committed})
        if committed and self.dies_after and "Records" in event:  # a sweep has nothing to acknowledge
            self._live_once_less()
        self.write({"answer": outcome})

    def _invoke(self, event: Json) -> Json:
        try:
            return self.handler(event, Context())
        except Exception as error:  # noqa: BLE001 # Lambda's runtime reports it too, and goes on
            return {"errorType": type(error).__name__}

    def _live_once_less(self) -> None:
        self.dies_after -= 1
        if not self.dies_after:
            os.kill(os.getpid(), signal.SIGKILL)

    def write(self, what: Json) -> None:
        self.output.write(json.dumps(what) + "\n")
        self.output.flush()


def main(function: str, dies_after: str) -> None:
    output = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # the handler's log is not the conversation
    worker = Worker(import_module(f"functions.{function}.handler").handler, output, int(dies_after))
    logging.getLogger("mastermind").addHandler(worker.commits)
    worker.write({"ready": True})
    for line in sys.stdin:
        worker.call(json.loads(line))


if __name__ == "__main__":
    main(*sys.argv[1:])
