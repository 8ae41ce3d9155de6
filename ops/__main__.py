"""The operator's tool: `.venv/bin/ops --help`."""

from __future__ import annotations

import sys

INTERRUPTED = 130
"""The exit status of a program that Ctrl-C has ended."""


def main() -> None:
    """Ctrl-C ends in one line, while the commands are still loaded too, which takes most of a second.

    Help and errors name the tool as it is typed, whatever is on the PATH.
    """
    try:
        from ops.commands import app

        app(prog_name=".venv/bin/ops")
    except KeyboardInterrupt:
        sys.stderr.write("Stopped before anything began.\n")
        sys.exit(INTERRUPTED)
    except SystemExit as end:
        if end.code == INTERRUPTED:
            sys.stderr.write("Stopped.\n")
        raise


if __name__ == "__main__":
    main()
