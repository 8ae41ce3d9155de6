"""A function's process that is copied while it stands still, as SnapStart copies it: what each copy then does.

    python -m tests.entrypoints.copies FUNCTION SECONDS   with a line of JSON on stdin for each copy: its events

A copy is made by the system's `clone` itself. `os.fork` would run the hooks with which Python and its libraries make a
child differ from its parent; a snapshot that is restored runs none.
"""

from __future__ import annotations

import ctypes
import gc
import importlib.util
import json
import os
import platform
import random
import secrets
import signal
import ssl
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mastermind.entrypoints.invocation import LambdaHandler

ROOT = Path(__file__).parents[2]
CLONE = {"x86_64": 56, "aarch64": 220}  # numbers of the system call (<asm/unistd.h>)


class Invocation:
    """What Lambda passes to a handler."""

    aws_request_id = "request"

    def get_remaining_time_in_millis(self) -> int:
        return 10_000


def main(function: str, seconds: float) -> None:
    """Start, stand still for a time that is longer than an interaction has, and go on as several."""
    handler = started(function)
    say(at_rest())
    asked = [json.loads(line) for line in sys.stdin]
    copies = [copy(handler, events) for events in asked]
    time.sleep(seconds)
    for copied in copies:
        os.kill(copied, signal.SIGCONT)
    for copied in copies:
        os.waitpid(copied, 0)


def say(facts: Mapping[str, object]) -> None:
    os.write(1, json.dumps(facts).encode() + b"\n")


def started(function: str) -> LambdaHandler:
    spec = importlib.util.spec_from_file_location("handler", ROOT / "functions" / function / "handler.py")
    assert spec is not None
    assert spec.loader is not None
    module: Any = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.handler


def at_rest() -> Mapping[str, object]:
    """What is there before the copies are made that no two processes may have in common."""
    return {
        "sockets": sum(1 for file in Path("/proc/self/fd").iterdir() if is_socket(file)),
        "threads": threading.active_count(),
        "contexts": sum(1 for made in gc.get_objects() if isinstance(made, ssl.SSLContext)),
        "loaded": sorted(name for name in sys.modules if name.startswith("mastermind.")),
    }


def is_socket(file: Path) -> bool:
    with suppress(OSError):  # the folder itself was open
        return str(file.readlink()).startswith("socket:")
    return False


def copy(handler: LambdaHandler, events: list[dict[str, object]]) -> int:
    """The id of a process that is like this one, and has been stopped."""
    copied = int(ctypes.PyDLL(None).syscall(CLONE[platform.machine()], int(signal.SIGCHLD), 0, 0, 0, 0))
    if copied == 0:
        os.kill(os.getpid(), signal.SIGSTOP)
        say(lived(handler, events))
        os._exit(0)
    os.waitpid(copied, os.WUNTRACED)
    return copied


def lived(handler: LambdaHandler, events: list[dict[str, object]]) -> Mapping[str, object]:
    """What a copy answers and makes."""
    return {
        "answers": [handler(event, Invocation()) for event in events],
        "random": random.random(),  # noqa: S311
        "uuid": str(uuid4()),
        "secret": secrets.token_hex(),
        "process": os.getpid(),
    }


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]))
