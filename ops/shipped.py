"""A shipped function in a process of its own: its handler as it is deployed, its environment, and nothing else.

    python -m ops.shipped functions/interactions_main/handler.py answers.json < events.json

Each event is brought as Lambda would; the answers and how long each took go to a file, for the logs have the output.
"""

from __future__ import annotations

import importlib.util
import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

type Json = dict[str, Any]


class Invocation:
    """What Lambda says of an invocation."""

    aws_request_id = "restored"

    def get_remaining_time_in_millis(self) -> int:
        return 10_000


def main() -> None:
    handler, answers = Path(sys.argv[1]), Path(sys.argv[2])
    answers.write_text(json.dumps(brought(load(handler), json.load(sys.stdin))), encoding="utf-8")


def load(handler: Path) -> Callable[[Json, Invocation], Json]:
    """What Lambda finds in the file."""
    spec = importlib.util.spec_from_file_location("handler", handler)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.handler


def brought(handle: Callable[[Json, Invocation], Json], events: Iterable[Json]) -> list[Json]:
    """Each event's answer with its seconds; for one that broke the handler, why."""
    return [_answer(handle, event) for event in events]


def _answer(handle: Callable[[Json, Invocation], Json], event: Json) -> Json:
    began = time.perf_counter()
    try:
        answer = {"answer": handle(event, Invocation())}
    except Exception as error:  # noqa: BLE001 (whatever it is, the next event is brought all the same)
        answer = {"failure": f"{type(error).__name__}: {error}"}
    return {**answer, "seconds": time.perf_counter() - began}


if __name__ == "__main__":
    main()
