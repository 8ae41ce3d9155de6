"""A requested stop takes effect, whatever is running."""

import signal
import socket
import subprocess
import sys

import pytest

# In the middle of a boto3 call that gets no answer: the exception must get out, and so must the next one.
CALL = """
import os, signal, sys, threading
from local import signals
signals.install_handlers()
from local.aws import Aws
sqs = Aws(sys.argv[1]).sqs
for number in (signal.SIGINT, signal.SIGTERM):
    signals.stop_requested = False
    try:
        threading.Timer(0.3, os.kill, (os.getpid(), number)).start()
        sqs.list_queues()
    except signals.StopRequested:
        print("enough", flush=True)
signals.stopping = True
os.kill(os.getpid(), signal.SIGINT)
print("tidied up", flush=True)
"""

# Many times, at a random moment, while the spinning line is replaced by the next.
STEPS = """
import os, random, signal, threading, time
from local import signals
from local.run import Terminal
signals.install_handlers()
main = threading.main_thread().ident
for _ in range(1000):
    terminal = Terminal()
    stop = threading.Timer(random.uniform(0, 0.0015), signal.pthread_kill, (main, signal.SIGINT))
    try:
        stop.start()
        while True:
            terminal.step("Trying")
    except signals.StopRequested:
        signals.stopping = True
        terminal.broke()
        signals.stop_requested = signals.stopping = False
print("in order")
"""

# Twice at once: the second must not break into the way out of the first, on which a library would fail.
TWICE = """
import os, signal
from local import signals
signals.install_handlers()
def both():
    signal.pthread_sigmask(signal.SIG_BLOCK, signals.SIGNALS)
    for number in (signal.SIGTERM, signal.SIGHUP):
        os.kill(os.getpid(), number)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, signals.SIGNALS)
try:
    with signals.interruptible():
        try:
            both()
        finally:
            print("closed", flush=True)
            raise ValueError("it is open still")
except signals.StopRequested:
    print("enough", flush=True)
"""

# While an object is destroyed, where Python drops every exception.
DYING = """
import os, signal, time
from local import signals
signals.install_handlers()
class Dying:
    def __del__(self):
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(0.1)
try:
    Dying()
    time.sleep(60)
except signals.StopRequested:
    print("enough", flush=True)
"""

# While Python ends, when it has put its own handlers away.
ENDING = """
import os, signal
from local import signals
signals.install_handlers()
class Late:
    def __del__(self, kill=os.kill, pid=os.getpid(), number=signal.SIGHUP):
        kill(pid, number)
late = Late()
signals.ignore()
"""


@pytest.fixture
def silence():
    """The address of a server that takes every connection and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


def test_each_signal_interrupts_a_hanging_call_but_not_the_clean_up(silence: str):
    command = [sys.executable, "-c", CALL, silence]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert (ended.stdout.split("\n"), ended.stderr) == (["enough", "enough", "tidied up", ""], "")


def test_two_signals_at_once_are_one_stop_and_what_a_library_makes_of_it_is_the_stop_too():
    ended = subprocess.run([sys.executable, "-c", TWICE], capture_output=True, text=True, check=False, timeout=120)
    assert (ended.stdout, ended.stderr) == ("closed\nenough\n", "")


def test_the_terminal_is_left_in_order_whenever_it_is_stopped():
    ended = subprocess.run([sys.executable, "-c", STEPS], capture_output=True, text=True, check=False, timeout=240)
    assert (ended.stdout.splitlines()[-1:], ended.stderr) == (["in order"], "")


def test_a_stop_requested_while_an_object_is_destroyed_takes_effect_after_it():
    ended = subprocess.run([sys.executable, "-c", DYING], capture_output=True, text=True, check=False, timeout=120)
    assert (ended.stdout, ended.stderr) == ("enough\n", "")


def test_a_signal_at_the_very_end_changes_no_exit_status():
    assert subprocess.run([sys.executable, "-c", ENDING], check=False, timeout=120).returncode == 0


def test_a_stop_request_is_not_an_exception_that_a_library_handles():
    from local.signals import SIGNALS, StopRequested

    assert not issubclass(StopRequested, Exception)
    assert {*SIGNALS} == {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}
