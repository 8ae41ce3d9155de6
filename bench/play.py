"""Plays signed events through a function's handler as Lambda would, in a process whose instructions are counted.

Run by `bench` with only the built layer and function on the path: `python play.py EVENTS.json HOW_MANY`.
"""

import importlib
import json
import os
import sys
from pathlib import Path
from types import SimpleNamespace


def main() -> None:
    events = json.loads(Path(sys.argv[1]).read_text())[: int(sys.argv[2])]
    handler = importlib.import_module("handler").handler  # the function's own, from its package
    from mastermind.entrypoints import interactions
    from mastermind.entrypoints.endpoint import UNAVAILABLE

    # Under the counter everything takes fifty times as long; the deadline must not be what is measured.
    interactions.ANSWER_WITHIN = 600.0
    for event in events:
        answer = handler(event, SimpleNamespace(aws_request_id="bench", get_remaining_time_in_millis=lambda: 600_000))
        if answer["statusCode"] != 200 or UNAVAILABLE in answer["body"] or "our side" in answer["body"]:
            sys.exit(f"not the answer to be measured: {answer}")
    sys.stdout.flush()
    os._exit(0)  # Lambda freezes its processes; what Python does at its end is nobody's cost


main()
