"""Children never outlive the local cloud, and nobody else's process is ever ended."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from devkit.processes import Guard, Nursery, identity, stop

SLEEPER = "import time; time.sleep(60)"
PARENT = """
import sys, time
from pathlib import Path
from devkit.processes import Nursery
nursery = Nursery(Path(sys.argv[1]))
child = nursery.start([sys.executable, "-I", "-S"], Path(sys.argv[2]), environment={}, folder=Path("/"))
print(child.pid, flush=True)
time.sleep(60)
"""


@pytest.fixture
def program(tmp_path: Path) -> Path:
    program = tmp_path / "sleeper.py"
    program.write_text(SLEEPER)
    return program


def start(nursery: Nursery, program: Path) -> subprocess.Popen[bytes]:
    return nursery.start(
        [sys.executable, "-I", "-S"], program, environment={}, folder=program.parent, output=subprocess.DEVNULL
    )


def wait_for(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 5
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_child_dies_with_a_parent_that_was_killed(program: Path, tmp_path: Path):
    command = [sys.executable, "-c", PARENT, str(tmp_path / "processes.json"), str(program)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        wait_for(lambda: "sleeper" in (identity(child) or "") and is_tethered(child))
        parent.kill()
    wait_for(lambda: identity(child) is None)


def is_tethered(pid: int) -> bool:
    """It sleeps: then it has done what comes before."""
    return sys.platform != "linux" or Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "S"


def test_the_next_start_ends_what_an_earlier_one_left(program: Path, tmp_path: Path):
    first = Nursery(tmp_path / "processes.json")
    child = start(first, program)
    second = Nursery(tmp_path / "processes.json")
    assert second.sweep() == 1
    child.wait(5)
    assert child.returncode == -signal.SIGKILL
    assert second.sweep() == 0
    first.close()
    second.close()


def test_a_later_process_of_the_same_number_is_left_alone(program: Path, tmp_path: Path):
    record = tmp_path / "processes.json"
    nursery = Nursery(record)
    child = start(nursery, program)
    record.write_text(json.dumps({str(child.pid): "12345 something else entirely"}))
    assert Nursery(record).sweep() == 0
    assert child.poll() is None
    stop(child, 5)
    nursery.close()


def test_a_torn_record_stops_nobody(tmp_path: Path):
    record = tmp_path / "processes.json"
    record.write_text('{"1')
    assert Nursery(record).sweep() == 0


def test_a_child_that_does_not_heed_is_killed(tmp_path: Path):
    program = tmp_path / "stubborn.py"
    program.write_text("import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)")
    nursery = Nursery(tmp_path / "processes.json")
    child = start(nursery, program)
    time.sleep(0.3)
    stop(child, 0.2)
    assert child.returncode == -signal.SIGKILL
    nursery.close()


def test_a_child_has_the_given_environment_and_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("MINE", "secret")
    program = tmp_path / "told.py"
    program.write_text("import os; print(sorted(os.environ.items()), flush=True)")
    nursery = Nursery(tmp_path / "processes.json")
    child = nursery.start([sys.executable, "-I", "-S"], program, environment={"A": "1"}, folder=tmp_path)
    assert child.stdout is not None
    with child.stdout as said:
        assert "MINE" not in said.read().decode()
    child.wait()
    nursery.close()


def test_a_guard_ends_a_process_when_we_are_gone_and_nobody_else(program: Path):
    with (
        subprocess.Popen([sys.executable, str(program)]) as guarded,
        subprocess.Popen([sys.executable, str(program)]) as other,
    ):
        guard = Guard(guarded.pid, signal.SIGTERM)
        time.sleep(0.2)
        assert guarded.poll() is None
        guard.dismiss()
        assert guarded.wait(5) == -signal.SIGTERM
        Guard(guarded.pid, signal.SIGTERM).dismiss()
        assert other.poll() is None
        other.kill()


def test_the_dead_have_no_identity():
    with subprocess.Popen([sys.executable, "-c", ""]) as child:
        child.wait()
    assert identity(child.pid) is None
    assert str(os.getpid()) not in (identity(os.getpid()) or "").split()[0]
