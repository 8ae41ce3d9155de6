"""Sends a signal to a process once our standard input is closed: `watchdog.py PID SIGNAL IDENTITY`.

IDENTITY is what `devkit.processes.identity` returned for it, so that a later process with the same id is left alone.
"""

import contextlib
import importlib.util
import os
import sys
from pathlib import Path


def main(pid: int, number: int, name: str) -> None:
    sys.stdin.buffer.read()
    spec = importlib.util.spec_from_file_location("processes", Path(__file__).parent.parent / "processes.py")
    assert spec is not None
    assert spec.loader is not None
    processes = importlib.util.module_from_spec(spec)
    sys.modules["processes"] = processes
    spec.loader.exec_module(processes)
    if processes.identity(pid) == name:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
