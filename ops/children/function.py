"""Runs a Lambda function: one event a line on standard input, one answer a line on standard output.

`python function.py NAME` imports `functions.NAME.handler` from PYTHONPATH, so the code may be that of any release.
"""

import contextlib
import json
import sys
import traceback
from importlib import import_module


class Context:
    """What Lambda passes to a handler about the invocation."""

    aws_request_id = "ops"

    def get_remaining_time_in_millis(self) -> int:
        return 10_000


def main() -> None:
    out = sys.stdout
    with contextlib.redirect_stdout(sys.stderr):  # logs are not answers
        handler = import_module(f"functions.{sys.argv[1]}.handler").handler
        for line in sys.stdin:
            try:
                answer = handler(json.loads(line), Context())
            except Exception as error:  # noqa: BLE001 (as Lambda does: report it and take the next event)
                traceback.print_exc()
                answer = {"errorType": type(error).__name__, "errorMessage": str(error)}
            out.write(json.dumps(answer) + "\n")
            out.flush()


if __name__ == "__main__":
    main()
