"""Ctrl-C ends the tool with one line and the status of an interrupt, whenever it comes."""

from __future__ import annotations

import os
import select
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

OPS = Path(sys.executable).with_name("ops")
HERE = ("127.0.0.1", 0)
INTERRUPTED = 130


@pytest.mark.parametrize("library", ["typer", "rich", "psycopg", "pydantic"])
def test_while_libraries_load_nothing_has_begun(tmp_path: Path, library: str):
    (tmp_path / f"{library}.py").write_text("raise KeyboardInterrupt\n", encoding="utf-8")
    env = {**os.environ, "PYTHONPATH": str(tmp_path)}
    ended = subprocess.run([OPS, "--help"], env=env, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout, ended.stderr) == (INTERRUPTED, "", "Stopped before anything began.\n")


def test_while_a_command_waits_for_an_answer_it_is_one_line_as_well_however_often_it_comes(tmp_path: Path):
    with socket.create_server(HERE) as server:
        place = f"http://127.0.0.1:{server.getsockname()[1]}"
        keys = {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_DEFAULT_REGION": "eu-central-1"}
        env = {"HOME": str(tmp_path), "AWS_ENDPOINT_URL": place, **keys}
        command = [OPS, "health", "--stack", "game"]
        with (
            subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as tool,
            server.accept()[0] as asked,
        ):
            assert tool.stderr
            assert asked.recv(1)
            tool.send_signal(signal.SIGINT)
            # Python sees a signal late that comes just before a call that waits, and drops one that comes in a __del__.
            while not select.select([tool.stderr], [], [], 1)[0]:
                tool.send_signal(signal.SIGINT)
            assert tool.stderr.readline() == "Stopped.\n"
            tool.send_signal(signal.SIGINT)
            said = tool.communicate()
    assert (tool.returncode, *said) == (INTERRUPTED, "", "")
