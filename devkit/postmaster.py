"""The processes of a PostgreSQL server: their identity, and ending those that a killed parent left behind."""

from __future__ import annotations

import signal
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    from collections.abc import Iterable

STOP_LIMIT = 10.0  # seconds for each of: fast, immediate, killed


def end_orphan(data: Path) -> None:
    """End the server that a killed parent left in `data`, and remove a lock file that names another process.

    PostgreSQL refuses to start if the process id in its lock file is alive, even if it was reused.
    """
    lock = data / "postmaster.pid"
    if not lock.exists():
        return
    pid = _locked_by(lock)
    processes = process_tree(pid) if _is_postmaster(pid, data) else []
    send_signal(processes, signal.SIGCONT)
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
        send_signal(processes[:1], number)
        _, processes = psutil.wait_procs(processes, timeout=STOP_LIMIT)
        if not processes:
            break
    _end_stragglers(data)
    if not _is_postmaster(pid, data):
        lock.unlink(missing_ok=True)


def identity(process: psutil.Process) -> list[str]:
    """A process id with its start time, because ids are reused."""
    return [str(process.pid), str(process.create_time())]


def identity_of(pid: int) -> list[str]:
    """Empty for a dead process; a zombie counts as dead."""
    with suppress(psutil.Error):
        process = psutil.Process(pid)
        return [] if process.status() == psutil.STATUS_ZOMBIE else identity(process)
    return []


def _locked_by(lock: Path) -> int:
    first = lock.read_text().partition("\n")[0]
    return int(first) if first.isdigit() else 0


def _is_postmaster(pid: int, data: Path) -> bool:
    """Whether that process is a PostgreSQL on `data`, and not another one with the same id."""
    with suppress(psutil.Error):
        command = psutil.Process(pid).cmdline()
        return bool(command) and Path(command[0]).name == "postgres" and str(data) in command
    return False


def _end_stragglers(data: Path) -> None:
    """End the sessions of a postmaster that was killed; they notice by themselves unless they are frozen."""
    left = [process for process in psutil.process_iter(["cwd"]) if process.info["cwd"] == str(data)]
    send_signal(left, signal.SIGCONT)
    _, left = psutil.wait_procs(left, timeout=1)
    send_signal(left, signal.SIGKILL)
    psutil.wait_procs(left, timeout=STOP_LIMIT)


def process_tree(pid: int) -> list[psutil.Process]:
    """A postmaster and its child processes; empty if it has ended."""
    with suppress(psutil.Error):
        postmaster = psutil.Process(pid)
        return [postmaster, *postmaster.children(recursive=True)]
    return []


def send_signal(processes: Iterable[psutil.Process], number: signal.Signals) -> None:
    for process in processes:
        with suppress(psutil.Error):
            process.send_signal(number)
