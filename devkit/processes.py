"""Child processes that never outlive the local cloud: each dies with its parent, or is killed by the next start."""

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

DIE_WITH_PARENT = Path(__file__).parent / "children" / "die_with_parent.py"
WATCHDOG = Path(__file__).parent / "children" / "watchdog.py"

OF_KERNEL = 0x00200000  # PF_KTHREAD (linux/sched.h): a thread of the kernel's own, which has no command
STARTS_WITHIN = 30.0  # seconds from a program's start until it has its command


def identity(pid: int) -> str | None:
    """What distinguishes this process from a later one with the same id: start time and command; None if it is dead."""
    if sys.platform == "linux":
        return _identity_in_proc(pid)
    said = subprocess.run(
        ["/bin/ps", "-o", "lstart=,args=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return said.stdout.strip() or None


def _identity_in_proc(pid: int) -> str | None:
    """A process that was just started, or is about to end, has no command: neither is what it will be called."""
    deadline = time.monotonic() + STARTS_WITHIN
    while True:
        try:
            fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
            command = Path(f"/proc/{pid}/cmdline").read_bytes()
        except OSError:
            return None
        if fields[0] == "Z":
            return None
        if command or int(fields[6]) & OF_KERNEL or time.monotonic() > deadline:
            return f"{fields[19]} {command.replace(b'\0', b' ').decode(errors='replace').strip()}"
        time.sleep(0.001)


class ChildProcesses:
    """Starts child processes and records them in a file, so that the start after a hard kill can end them."""

    def __init__(self, record: Path) -> None:
        self._record = record
        self._lock = threading.Lock()
        self._children: dict[int, str] = {}
        # On Linux a child dies with the *thread* that started it, so one thread starts them all and lives on.
        self._starter = ThreadPoolExecutor(1, thread_name_prefix="children")

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
        """Start `program` with the interpreter `python` (command and flags) and only the given environment.

        Both output streams go to `output`. The child leads its own process group: Ctrl-C at the terminal reaches only
        the parent, which then stops its children in order.
        """
        command = [*python, str(DIE_WITH_PARENT), str(os.getpid()), str(program), *arguments]

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
        self.record(child.pid)
        return child

    def record(self, pid: int) -> None:
        """Record a child, so that a start after a hard kill of the parent can end it."""
        name = identity(pid)
        with self._lock:
            if name is not None:
                self._children[pid] = name
            self._write()

    def forget(self, pid: int) -> None:
        with self._lock:
            if self._children.pop(pid, None) is not None:
                self._write()

    def kill_orphans(self) -> int:
        """Kill the children that an earlier parent left behind (same id *and* identity); returns their number."""
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


class Watchdog:
    """Ends a process when its parent ends. For a child that changes its user, which clears its parent signal."""

    def __init__(self, pid: int, number: signal.Signals) -> None:
        command = [sys.executable, "-I", "-S", str(WATCHDOG), str(pid), str(int(number)), identity(pid) or ""]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, process_group=0)

    def close(self) -> None:
        """End the watchdog. Call this after the watched process has ended: if it is alive, it gets the signal."""
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
    """Ask a child to terminate, and kill it after `patience` seconds."""
    child.terminate()
    try:
        child.wait(patience)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
