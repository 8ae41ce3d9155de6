"""Plays signed events through a handler as Lambda would, in a process whose instructions or memory are measured.

`python play.py EVENTS.json HOW_MANY [bootstrap] [memory]` imports `handler` and gives it the events, over again if
there are fewer than HOW_MANY. Only what is measured is on the path: the built layer and function, or a peer.

* `bootstrap`: after the modules of Lambda's own bootstrap.
* `memory`: the last line is JSON, the process's memory in kB after the first answer, the thousandth and the last.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import time

OTHER_ANSWERS = ("our side", "can't reach its database", "Too fast!")
"""The words of answers that stand in the place of the one that is measured."""


class Context:
    aws_request_id = "5a1e3e3c-4d6b-5d6c-8f9c-9f9f9f9f9f9f"
    function_name = "bench"

    def get_remaining_time_in_millis(self) -> int:
        return 600_000


def main(path: str, how_many: str, *asked: str) -> None:
    with open(path, encoding="utf-8") as file:
        events = json.load(file)
    if "bootstrap" in asked:
        importlib.import_module("awslambdaric.bootstrap")
    mark()
    handler = importlib.import_module("handler").handler
    do_not_hurry()
    mark()
    memory: dict[int, dict[str, int]] = {}
    for number in range(int(how_many)):
        answer = handler(events[number % len(events)], Context())
        mark()
        if answer["statusCode"] != 200 or any(words in answer["body"] for words in OTHER_ANSWERS):
            sys.exit(f"not the answer to be measured: {answer}")
        if "memory" in asked and number + 1 in {1, 1000, int(how_many)}:
            memory[number + 1] = measured()
    print(json.dumps(memory), flush=True)
    os._exit(0)  # Lambda freezes its processes; what Python does at its end is nobody's cost


def mark() -> None:
    """A call of the C library that nothing else makes: callgrind counts what is between two of them (counter.py)."""
    os.getpgrp()


def do_not_hurry() -> None:
    """Under the counter everything takes fifty times as long: no deadline passes, and no signature becomes too old."""
    if module := sys.modules.get("mastermind.discord.signature"):
        vars(module)["FRESHNESS"] = 86_400
    if module := sys.modules.get("mastermind.deadline"):
        deadline = vars(module)["Deadline"]

        def after(seconds: float) -> object:
            return deadline(time.monotonic() + 300 * seconds)

        deadline.after = after


def measured() -> dict[str, int]:
    with open("/proc/self/status", encoding="ascii") as file:
        found = dict(line.split(":", 1) for line in file)
    return {"peak": int(found["VmHWM"].split()[0]), "now": int(found["VmRSS"].split()[0])}


main(*sys.argv[1:])
