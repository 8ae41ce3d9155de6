"""A stop that is asked for is heeded, whatever was going on."""

import signal
import socket
import subprocess
import sys

import pytest

# In the middle of a call of boto3 that gets no answer: what is no error of its own must come out, and come out again.
CALL = """
import os, signal, sys, threading
from local import signals
signals.heed()
from local.aws import Aws
sqs = Aws(sys.argv[1]).sqs
for number in (signal.SIGINT, signal.SIGTERM):
    threading.Timer(0.3, os.kill, (os.getpid(), number)).start()
    try:
        sqs.list_queues()
    except signals.Enough:
        print("enough", flush=True)
signals.over = True
os.kill(os.getpid(), signal.SIGINT)
print("tidied up", flush=True)
"""

# Again and again, at no moment in particular, while the line that spins is exchanged for the next.
STEPS = """
import os, random, signal, threading, time
from local import signals
from local.run import Terminal
signals.heed()
main = threading.main_thread().ident
for _ in range(1000):
    terminal = Terminal()
    stop = threading.Timer(random.uniform(0, 0.0015), signal.pthread_kill, (main, signal.SIGINT))
    try:
        stop.start()
        while True:
            terminal.step("Trying")
    except signals.Enough:
        signals.over = True
        terminal.broke()
        signals.asked = signals.over = False
print("in order")
"""

# While an object is destroyed, where Python drops whatever is raised.
DYING = """
import os, signal, time
from local import signals
signals.heed()
class Dying:
    def __del__(self):
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(0.1)
try:
    Dying()
    time.sleep(20)
except signals.Enough:
    print("enough", flush=True)
"""


@pytest.fixture
def silence():
    """The address of a server that takes every connection and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


def test_a_call_that_hangs_is_left_each_time_it_is_asked_for_and_the_tidying_up_is_not(silence: str):
    command = [sys.executable, "-c", CALL, silence]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)
    assert (ended.stdout.split("\n"), ended.stderr) == (["enough", "enough", "tidied up", ""], "")


def test_what_is_shown_stays_in_order_whenever_it_is_stopped():
    ended = subprocess.run([sys.executable, "-c", STEPS], capture_output=True, text=True, check=False, timeout=60)
    assert (ended.stdout.splitlines()[-1:], ended.stderr) == (["in order"], "")


def test_a_stop_that_is_asked_for_while_an_object_is_destroyed_is_heeded_after_it():
    ended = subprocess.run([sys.executable, "-c", DYING], capture_output=True, text=True, check=False, timeout=10)
    assert (ended.stdout, ended.stderr) == ("enough\n", "")


def test_enough_is_no_error_that_anybody_might_handle():
    from local.signals import SIGNALS, Enough

    assert not issubclass(Enough, Exception)
    assert {*SIGNALS} == {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}
