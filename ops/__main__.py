"""The operator's tool: `.venv/bin/ops --help`."""

from __future__ import annotations

import signal
import sys

INTERRUPTED = 130
"""The exit status of a program that Ctrl-C has ended."""


def main() -> None:
    """Ctrl-C ends in one line, while the commands are still loaded too, which takes most of a second.

    Help and errors name the tool as it is typed, whatever is on the PATH.
    """
    has_begun = False
    try:
        from ops.commands import app

        has_begun = True
        app(prog_name=".venv/bin/ops")
    except KeyboardInterrupt:  # typer handles the first one of a command, and another may come meanwhile
        _say("Stopped." if has_begun else "Stopped before anything began.")
        sys.exit(INTERRUPTED)
    except SystemExit as end:
        if end.code == INTERRUPTED:
            _say("Stopped.")
        raise


def _say(words: str) -> None:
    """The last words; Python takes a while to end, and another Ctrl-C changes nothing any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sys.stderr.write(f"{words}\n")


if __name__ == "__main__":
    main()
