"""Child processes that never outlive the local cloud: tethered, written down, and swept away by the next start."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

TETHER = Path(__file__).parent / "children" / "tether.py"
GUARD = Path(__file__).parent / "children" / "guard.py"


def identity(pid: int) -> str | None:
    """What tells this process from a later one of the same number: when it started and what it runs; None if dead."""
    if sys.platform == "linux":
        return _identity_in_proc(pid)
    said = subprocess.run(
        ["/bin/ps", "-o", "lstart=,args=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return said.stdout.strip() or None


def _identity_in_proc(pid: int) -> str | None:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return None
    if fields[0] == "Z":
        return None
    return f"{fields[19]} {command.replace(b'\0', b' ').decode(errors='replace').strip()}"


class Nursery:
    """Starts children from one lasting thread and keeps their names in a file, for the start after a hard kill."""

    def __init__(self, record: Path) -> None:
        self._record = record
        self._lock = threading.Lock()
        self._children: dict[int, str] = {}
        # A tethered child dies with the *thread* that started it, so that thread must last.
        self._starter = ThreadPoolExecutor(1, thread_name_prefix="nursery")

    def start(
        self,
        python: Sequence[str],
        program: Path,
        arguments: Sequence[str] = (),
        *,
        environment: Mapping[str, str],
        folder: Path,
        output: int | IO[bytes] = subprocess.PIPE,
    ) -> subprocess.Popen[bytes]:
        """Start `program` under the interpreter `python` (command and flags), with that environment and nothing else.

        Both output streams go to `output`. It leads a process group of its own, so that Ctrl-C at the terminal
        reaches only us and the stop is ours to order.
        """
        command = [*python, str(TETHER), str(os.getpid()), str(program), *arguments]

        def popen() -> subprocess.Popen[bytes]:
            return subprocess.Popen(
                command,
                cwd=folder,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                process_group=0,
            )

        child = self._starter.submit(popen).result()
        self.remember(child.pid)
        return child

    def remember(self, pid: int) -> None:
        """Write a child down, so that a start after a hard kill of ours finds and ends it."""
        name = identity(pid)
        with self._lock:
            if name is not None:
                self._children[pid] = name
            self._write()

    def forget(self, pid: int) -> None:
        with self._lock:
            if self._children.pop(pid, None) is not None:
                self._write()

    def sweep(self) -> int:
        """End what an earlier local cloud left behind (same number *and* same identity); says how many there were."""
        with self._lock:
            orphans = [int(pid) for pid, name in self._read().items() if identity(int(pid)) == name]
            for pid in orphans:
                _kill(pid)
            self._children.clear()
            self._write()
        return len(orphans)

    def close(self) -> None:
        self._starter.shutdown()

    def _read(self) -> dict[str, str]:
        try:
            return json.loads(self._record.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}

    def _write(self) -> None:
        fresh = self._record.with_suffix(".new")
        fresh.write_text(json.dumps(self._children), encoding="utf-8")
        fresh.replace(self._record)


class Guard:
    """Ends a process when we are gone: for a child that changes its user, which no tether survives."""

    def __init__(self, pid: int, number: signal.Signals) -> None:
        command = [sys.executable, "-I", "-S", str(GUARD), str(pid), str(int(number)), identity(pid) or ""]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, process_group=0)

    def dismiss(self) -> None:
        """Let it go home; call this once the guarded process has ended, for it ends what it finds alive."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return
    deadline = time.monotonic() + 5
    while identity(pid) is not None and time.monotonic() < deadline:
        time.sleep(0.01)


def stop(child: subprocess.Popen[bytes], patience: float) -> None:
    """Ask a child to end, and end it after `patience` seconds."""
    child.terminate()
    try:
        child.wait(patience)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
