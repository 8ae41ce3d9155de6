"""Plays a function of another release: one event a line comes in, one answer a line goes out.

Its `mastermind` is that release's (PYTHONPATH), so it knows nothing of it but how a handler is called.
"""

import contextlib
import json
import sys
from importlib import import_module


class Context:
    """What Lambda tells a handler about an invocation."""

    aws_request_id = "release"

    def get_remaining_time_in_millis(self) -> int:
        return 10_000


def main() -> None:
    out = sys.stdout
    with contextlib.redirect_stdout(sys.stderr):  # logs are not answers
        handler = import_module(f"functions.{sys.argv[1]}.handler").handler
        for line in sys.stdin:
            out.write(json.dumps(handler(json.loads(line), Context())) + "\n")
            out.flush()


if __name__ == "__main__":
    main()
