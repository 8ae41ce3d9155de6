"""A process of the function outbox: the sender as it ships, its queues and its S3 behind a pipe to the run."""

from __future__ import annotations

import json
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mastermind.deadline import Deadline
from mastermind.errors import Unavailable
from mastermind.gateways.discord_api import DiscordApi, Limits
from mastermind.gateways.documents import Kept
from mastermind.operations.outbox import asking, sender
from mastermind.operations.outbox.asking import Bot
from mastermind.operations.outbox.rules import Delivery
from mastermind.operations.outbox.sender import Sender
from mastermind.operations.outbox.session import Session
from mastermind.operations.outbox.state import state
from tests.chaos.outbox.clock import Reader

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mastermind.discord.requests import Result

TIME = 20.0
"""Seconds of an invocation (template.yaml)."""


class Pipe:
    """What AWS does for the function, asked of the run line by line; metrics, printed too, go to stderr."""

    def __init__(self) -> None:
        self._out, sys.stdout = sys.stdout, sys.stderr

    def say(self, value: object) -> None:
        self._out.write(json.dumps(value) + "\n")
        self._out.flush()

    def ask(self, what: str, **said: object) -> Any:  # noqa: ANN401 # any JSON
        self.say({"ask": what, **said})
        answer = json.loads(sys.stdin.readline())
        if answer.get("fails"):
            raise Unavailable(f"{what} fails, as planned")
        return answer

    def hide(self, receipts: Sequence[str], seconds: int, deadline: Deadline) -> None:
        del deadline
        self.ask("hide", receipts=list(receipts), seconds=seconds)

    def report(self, result: Result, deadline: Deadline) -> None:
        del deadline
        self.ask("report", result=asdict(result))

    def read(self, deadline: Deadline) -> Kept:
        del deadline
        kept = self.ask("read")
        return Kept(kept["text"], kept["version"])

    def write(self, text: str, over: str | None, deadline: Deadline) -> str | None:
        del deadline
        version: str | None = self.ask("write", text=text, over=over)["version"]
        return version


def main() -> None:
    """Serve batches, one a line, until the run ends or kills this process."""
    given = json.loads(sys.argv[1])
    if given["broken"] == "window":
        asking.WAITS_FOR_ANSWER = sender.WAITS_FOR_ANSWER = 3600
        asking.AGAIN_IN = 30  # so long that the tries that it has go on until nonces are forgotten
    clock, speed = Reader(Path(given["clock"])), given["speed"]

    def sleep(seconds: float) -> None:
        time.sleep(seconds / speed)

    def token(deadline: Deadline, *, fresh: bool = False) -> str:
        del deadline, fresh
        return given["token"]

    pipe, api, limits = Pipe(), DiscordApi(given["url"]), Limits(clock)
    outbox = Sender(
        Bot(given["bot_id"], given["guild_id"]),
        lambda known, deadline: Session(api, limits, token, known, deadline, clock, sleep),
        state(pipe),
        pipe.hide,
        pipe.report,
        clock,
        sleep,
    )
    pipe.say({"ready": True})
    while line := sys.stdin.readline():
        batch = [Delivery(**one) for one in json.loads(line)["batch"]]
        try:
            stay = outbox.serve(batch, Deadline.after(TIME))
        except Unavailable:
            stay = [one.message_id for one in batch]
        pipe.say({"stay": stay})


if __name__ == "__main__":
    main()
