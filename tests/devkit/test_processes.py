"""Child processes never outlive the local cloud, and no other process is ever ended."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from devkit.processes import ChildProcesses, Watchdog, identity, stop
from tests.waiting import wait_for

SLEEPER = "import time; time.sleep(600)"
PARENT = """
import sys, time
from pathlib import Path
from devkit.processes import ChildProcesses
children = ChildProcesses(Path(sys.argv[1]))
child = children.start([sys.executable, "-I", "-S"], Path(sys.argv[2]), environment={}, folder=Path("/"))
print(child.pid, flush=True)
time.sleep(600)
"""


@pytest.fixture
def program(tmp_path: Path) -> Path:
    program = tmp_path / "sleeper.py"
    program.write_text(SLEEPER)
    return program


def start(children: ChildProcesses, program: Path) -> subprocess.Popen[bytes]:
    return children.start(
        [sys.executable, "-I", "-S"], program, environment={}, folder=program.parent, output=subprocess.DEVNULL
    )


def test_a_child_dies_with_a_parent_that_was_killed(program: Path, tmp_path: Path):
    command = [sys.executable, "-c", PARENT, str(tmp_path / "processes.json"), str(program)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        wait_for(lambda: "sleeper" in (identity(child) or "") and is_sleeping(child))
        parent.kill()
    wait_for(lambda: identity(child) is None)


def is_sleeping(pid: int) -> bool:
    """Whether it sleeps: then it has set its parent signal."""
    return sys.platform != "linux" or Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "S"


def test_the_next_start_ends_what_an_earlier_one_left(program: Path, tmp_path: Path):
    first = ChildProcesses(tmp_path / "processes.json")
    child = start(first, program)
    second = ChildProcesses(tmp_path / "processes.json")
    assert second.kill_orphans() == 1
    child.wait(60)
    assert child.returncode == -signal.SIGKILL
    assert second.kill_orphans() == 0
    first.close()
    second.close()


def test_a_later_process_with_the_same_id_is_left_alone(program: Path, tmp_path: Path):
    record = tmp_path / "processes.json"
    children = ChildProcesses(record)
    child = start(children, program)
    record.write_text(json.dumps({str(child.pid): "12345 something else entirely"}))
    assert ChildProcesses(record).kill_orphans() == 0
    assert child.poll() is None
    stop(child, 60)
    children.close()


def test_a_truncated_record_ends_nothing(tmp_path: Path):
    record = tmp_path / "processes.json"
    record.write_text('{"1')
    assert ChildProcesses(record).kill_orphans() == 0


def test_a_child_that_ignores_the_signal_is_killed(tmp_path: Path):
    program = tmp_path / "stubborn.py"
    ready = tmp_path / "ready"
    program.write_text(
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        f"open({str(ready)!r}, 'w').close(); time.sleep(600)"
    )
    children = ChildProcesses(tmp_path / "processes.json")
    child = start(children, program)
    wait_for(ready.exists)
    stop(child, 0.2)
    assert child.returncode == -signal.SIGKILL
    children.close()


def test_a_child_has_the_given_environment_and_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("MINE", "secret")
    program = tmp_path / "environment.py"
    program.write_text("import os; print(sorted(os.environ.items()), flush=True)")
    children = ChildProcesses(tmp_path / "processes.json")
    child = children.start([sys.executable, "-I", "-S"], program, environment={"A": "1"}, folder=tmp_path)
    assert child.stdout is not None
    with child.stdout as said:
        assert "MINE" not in said.read().decode()
    child.wait()
    children.close()


def test_a_watchdog_ends_its_process_when_the_parent_is_gone_and_no_other(program: Path):
    with (
        subprocess.Popen([sys.executable, str(program)]) as watched,
        subprocess.Popen([sys.executable, str(program)]) as other,
    ):
        watchdog = Watchdog(watched.pid, signal.SIGTERM)
        time.sleep(0.2)
        assert watched.poll() is None
        watchdog.close()
        assert watched.wait(60) == -signal.SIGTERM
        Watchdog(watched.pid, signal.SIGTERM).close()
        assert other.poll() is None
        other.kill()


def test_a_process_has_its_identity_from_its_first_moment_on(program: Path):
    for _ in range(5):
        with subprocess.Popen([sys.executable, str(program)]) as child:
            at_first = identity(child.pid)
            wait_for(lambda child=child: is_sleeping(child.pid))
            later = identity(child.pid)
            child.kill()
        assert at_first == later


def test_a_dead_process_has_no_identity():
    with subprocess.Popen([sys.executable, "-c", ""]) as child:
        child.wait()
    assert identity(child.pid) is None
    assert str(os.getpid()) not in (identity(os.getpid()) or "").split()[0]
