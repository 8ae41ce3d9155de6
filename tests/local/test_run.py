"""What `make run` promises to its user."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path

import httpx
import psutil
import psycopg
import pytest

from devkit.discord_client import User, snowflake
from devkit.json_types import Json
from local import endpoints
from local.aws import Aws
from local.cloud import ROOT
from local.run import read_settings
from local.sample import MARK
from simulator.sample.people import PEOPLE
from tests.cloud.playing import Patient
from tests.cloud.running import PATIENCE
from tests.waiting import wait_for

READY = 240  # seconds: a first start builds and plays eight weeks, beside whatever else this machine does
LOOPBACK = "0100007F"  # 127.0.0.1 as /proc/net/tcp writes it
LISTENING = "0A"


PROMISED = {
    "page_url",
    "database_url",
    "aws_endpoint_url",
    "guild_id",
    "apps",
    "queues",
    "functions",
    "webhooks_received_url",
    "discord_api_url",
}


class Run:
    """`python -m local` in a folder of its own."""

    def __init__(self, folder: Path, *program: str, cwd: Path = ROOT, **variables: str) -> None:
        self.folder = folder
        quiet = {"LOCAL_DIR": str(folder), "HEADLESS": "1", "XP_DELAY": "1", "FRESH": "", "COLUMNS": "200"}
        self._output = folder.parent / f"output-{time.monotonic_ns()}"
        with self._output.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "local", *program],
                cwd=cwd,
                env={**os.environ, **quiet, **variables},
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    @property
    def output(self) -> str:
        return self._output.read_text()

    def await_ready(self) -> Json:
        wait_for(lambda: "Ready" in self.output or self.process.poll() is not None, READY)
        found = endpoints.read(self.folder)
        assert found is not None, self.output
        return found

    def family(self) -> list[psutil.Process]:
        """It and all that it started, grandchildren too."""
        me = psutil.Process(self.process.pid)
        return [me, *me.children(recursive=True)]

    def end(self, number: signal.Signals = signal.SIGINT) -> int:
        self.process.send_signal(number)
        return self.process.wait(READY)

    def clean_up(self) -> None:
        if self.process.poll() is None:
            self.end()


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Callable[..., Run]]:
    """Starts one, which is ended after the test whatever happens."""
    runs: list[Run] = []

    def start(folder: str = "local", *program: str, cwd: Path = ROOT, **variables: str) -> Run:
        (tmp_path / folder).mkdir(exist_ok=True)
        runs.append(Run(tmp_path / folder, *program, cwd=cwd, **variables))
        return runs[-1]

    yield start
    for one in runs:
        with suppress(ProcessLookupError):
            one.clean_up()


def all_gone(family: list[psutil.Process]) -> bool:
    return not any(map(runs, family))


def runs(one: psutil.Process) -> bool:
    try:
        return one.is_running() and one.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:  # it ended between the two questions
        return False


def processes_of(folder: Path) -> list[psutil.Process]:
    """Everything that runs with something of `folder` in its command, whatever its parent is."""
    return [one for one in psutil.process_iter(["cmdline"]) if str(folder) in " ".join(one.info["cmdline"] or [])]


def tick(found: Json) -> User:
    """A newcomer opens the list where no day chooses its challenge from, and does the first challenge."""
    member = User(snowflake(), "Kim")
    with Patient.from_endpoints(found, "tensey") as tensey:
        page = tensey.command("tenseylist", {"level": "14"}, user=member)
        did_it = next(custom_id for label, custom_id in page.buttons if label == "Did it")
        assert tensey.component(did_it, user=member).kind == 7
    return member


def card(found: Json, member: User) -> str:
    with Patient.from_endpoints(found, "main") as main:
        return main.command("scorecard", user=member).text


def test_it_runs_twice_in_a_row_keeps_the_game_and_leaves_no_process(run: Callable[..., Run]):
    first = run()
    found = first.await_ready()
    assert found["page_url"] in first.output
    member = tick(found)
    wait_for(lambda: "**XP:** 100" in card(found, member), PATIENCE)
    family = first.family()
    assert first.end() == 0
    assert all_gone(family)
    assert not (first.folder / endpoints.FILE).exists()

    second = run()
    found = second.await_ready()
    assert "**XP:** 100" in card(found, member)
    family = second.family()
    assert second.end(signal.SIGTERM) == 0
    assert all_gone(family)

    fresh = run(FRESH="1", XP_DELAY="2")
    again = fresh.await_ready()
    assert again["apps"]["main"]["public_key"] != found["apps"]["main"]["public_key"]
    assert "100" not in card(again, member).splitlines()[2]


def test_its_endpoints_are_as_promised_and_a_second_start_is_refused(run: Callable[..., Run]):
    first = run()
    found = first.await_ready()
    assert found.keys() == PROMISED
    parts = {"interactions_url", "application_id", "public_key", "private_key", "command_ids"}
    assert {app: its.keys() for app, its in found["apps"].items()} == {"main": parts, "tensey": parts}
    assert found["queues"].keys() == set(endpoints.QUEUES)
    assert found["functions"].items() >= {"xp_award": "mastermind-xp-award", "migrate": "mastermind-migrate"}.items()
    assert (first.folder / endpoints.FILE).stat().st_mode & 0o077 == 0

    second = run()
    assert second.process.wait(READY) == 1
    assert "already runs" in second.output
    assert found["page_url"] in second.output
    assert "Traceback" not in second.output
    assert endpoints.read(first.folder) == found


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="reads the kernel's own list")
def test_nothing_listens_beyond_this_machine(run: Callable[..., Run]):
    it = run()
    tick(it.await_ready())
    ours = set[str]()
    for process in it.family():
        ours |= set(open_files(process.pid))
    addresses = [address for address, inode in listening() if f"socket:[{inode}]" in ours]
    # The page, the webhooks, the runner, PostgreSQL, the emulator, and a Runtime API for each function that ran.
    assert len(addresses) >= 6
    assert {address.partition(":")[0] for address in addresses} == {LOOPBACK}


def open_files(pid: int) -> Iterator[str]:
    with suppress(OSError):
        for fd in Path(f"/proc/{pid}/fd").iterdir():
            with suppress(OSError):  # it was closed between the two questions
                yield str(fd.readlink())


def listening() -> Iterator[tuple[str, str]]:
    """The address and the socket of everything on this machine that listens, IPv6 too."""
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == LISTENING:
                yield fields[1], fields[9]


def test_a_hard_kill_leaves_no_process_and_the_next_start_loses_nothing(run: Callable[..., Run]):
    first = run(XP_DELAY="3")
    member = tick(first.await_ready())
    family = first.family()
    first.process.kill()
    first.process.wait()
    if sys.platform == "linux":
        wait_for(lambda: all_gone(family))

    second = run(XP_DELAY="3")
    found = second.await_ready()
    wait_for(lambda: sweep(found) and "**XP:** 100" in card(found, member), PATIENCE)
    family = [*family, *second.family()]
    assert second.end(signal.SIGHUP) == 0
    assert all_gone(family)


def sweep(found: Json) -> bool:
    """What the schedule does each minute, now; whether it went well."""
    with closing(Aws(found["aws_endpoint_url"])) as aws:
        name = found["functions"]["xp_award"]
        return "FunctionError" not in aws.functions.invoke(FunctionName=name, Payload=json.dumps({"sweep": True}))


@pytest.mark.parametrize("delay", [0.0, 0.6])
@pytest.mark.parametrize("step", ["Building", "Starting PostgreSQL", "Deploying"])
def test_a_stop_in_the_middle_of_a_start_leaves_no_process(run: Callable[..., Run], step: str, delay: float):
    it = run()
    wait_for(lambda: step in it.output, READY)
    time.sleep(delay)
    family = it.family()
    assert it.end() == 0
    assert all_gone(family)
    assert not processes_of(it.folder)
    assert "Traceback" not in it.output


@pytest.mark.parametrize("numbers", [(signal.SIGINT, signal.SIGINT), (signal.SIGTERM, signal.SIGHUP)])
def test_a_stop_that_is_asked_for_twice_is_as_clean(run: Callable[..., Run], numbers: tuple[signal.Signals, ...]):
    it = run()
    wait_for(lambda: "Starting PostgreSQL" in it.output, READY)
    for number in numbers:
        time.sleep(0.1)
        it.process.send_signal(number)
    assert it.process.wait(READY) == 0
    assert not processes_of(it.folder)
    assert "Traceback" not in it.output


@pytest.mark.parametrize("library", ["rich", "psycopg"])
@pytest.mark.parametrize(("program", "status"), [((), 0), (("demo",), 130)])
def test_a_stop_while_libraries_are_still_being_loaded_is_quiet(
    run: Callable[..., Run], library: str, program: tuple[str, ...], status: int
):
    it = run("local", *program, PYTHONPROFILEIMPORTTIME="1")
    wait_for(lambda: re.search(rf"\| +{library}\.", it.output) is not None)
    assert it.end() == status
    assert "Traceback" not in it.output


def emulators(it: Run) -> list[psutil.Process]:
    with suppress(psutil.Error):
        return [one for one in it.family() if any("emulator.py" in word for word in one.cmdline())]
    return []


def test_an_emulator_that_is_killed_again_while_it_comes_back_comes_back_all_the_same(run: Callable[..., Run]):
    it = run()
    it.await_ready()
    killed = set[int]()
    for seconds in (0.0, 0.0, 0.3, 0.6, 0.9):
        wait_for(lambda: bool({one.pid for one in emulators(it)} - killed))
        time.sleep(seconds)
        for one in emulators(it):
            killed.add(one.pid)
            with suppress(psutil.NoSuchProcess):
                one.kill()
    wait_for(lambda: bool({one.pid for one in emulators(it)} - killed))
    wait_for(lambda: it.output.count("emulator is back") == it.output.count("emulator ended"), PATIENCE)
    assert "could not be restarted; the next try is in" in it.output
    found = endpoints.read(it.folder)
    assert found is not None, it.output
    member = tick(found)
    wait_for(lambda: "**XP:** 100" in card(found, member), PATIENCE)


def test_a_postgresql_that_cannot_start_is_tried_again_and_given_up_with_a_clear_word(run: Callable[..., Run]):
    it = run()
    found = it.await_ready()
    settings = it.folder / "postgres" / "data" / "postgresql.conf"
    good = settings.read_text()
    for fixed in (True, False):
        settings.write_text(f"{good}\nno_setting_of_this_name = 1\n")
        before = it.output.count("could not be restarted")
        lead = int((it.folder / "postgres" / "data" / "postmaster.pid").read_text().split()[0])
        psutil.Process(lead).kill()
        wait_for(lambda before=before: it.output.count("could not be restarted") > before + 1)
        if fixed:
            settings.write_text(good)
            wait_for(lambda: "PostgreSQL is back" in it.output)
            assert card(found, User(snowflake(), "Kim"))
    assert it.process.wait(READY) == 1
    assert "PostgreSQL could not be restarted, 6 times in a row" in it.output
    assert "no_setting_of_this_name" in it.output
    assert "Traceback" not in it.output
    assert not processes_of(it.folder)


def test_a_start_that_fails_says_why_and_leaves_no_process(run: Callable[..., Run], tmp_path: Path):
    """Here PostgreSQL cannot have its folder."""
    (tmp_path / "local").mkdir()
    (tmp_path / "local" / "postgres").write_text("a file where a folder belongs")
    it = run()
    assert it.process.wait(READY) == 1
    assert not processes_of(it.folder)


def test_without_a_word_the_wait_is_the_real_one_and_the_game_is_kept():
    for nothing in ({}, {"XP_DELAY": "", "FRESH": ""}, {"FRESH": "0"}):
        settings = read_settings(nothing)
        assert (settings.xp_delay, settings.fresh) == (60, False)


def test_scripts_begin_with_an_empty_game_and_people_with_a_sample_community():
    assert read_settings({}).sample
    for empty in ({"HEADLESS": "1"}, {"EMPTY": "1"}, {"HEADLESS": "1", "EMPTY": "0"}):
        assert not read_settings(empty).sample


def test_the_sample_community_is_played_once_and_what_a_stop_leaves_of_it_is_no_game(run: Callable[..., Run]):
    quiet = {"HEADLESS": "", "BROWSER": "true"}
    first = run(**quiet)
    found = first.await_ready()
    assert "sample community" in first.output
    assert members(found) == len(PEOPLE)
    tick(found)
    assert first.end() == 0

    again = run(**quiet)
    assert members(again.await_ready()) == len(PEOPLE) + 1
    assert "sample community" not in again.output
    assert again.end() == 0

    (again.folder / MARK).touch()
    third = run()
    assert members(third.await_ready()) == 0
    assert "Deleting the game of last time" in third.output


def members(found: Json) -> int:
    with closing(psycopg.connect(found["database_url"])) as conn:
        return conn.execute("SELECT FROM users").rowcount


PING = """
from mastermind.bot.commands import Command
from mastermind.discord.components import Text
from mastermind.discord.replies import Message

COMMAND = Command("ping", "Whether the game is there.", lambda _: Message((Text("Pong."),)))
"""
READ = ("layers", "functions", "local", "simulator", "devkit", "migrations", "docs/drawn", "requirements")


def test_a_new_command_is_served_while_the_game_runs(run: Callable[..., Run], tmp_path: Path):
    tree = tmp_path / "tree"
    for folder in READ:
        shutil.copytree(ROOT / folder, tree / folder, ignore=shutil.ignore_patterns("node_modules", "__pycache__"))
    for file in ("template.yaml", "pyproject.toml", "Makefile"):
        shutil.copy(ROOT / file, tree / file)
    (tree / ".local").mkdir()
    (ROOT / ".local" / "build").mkdir(mode=0o700, parents=True, exist_ok=True)
    for link in (".tools", ".venv", ".local/build"):
        (tree / link).symlink_to(ROOT / link)
    it = run(cwd=tree, PYTHONPATH=f"{tree}:{tree / 'layers' / 'shared'}")
    found = it.await_ready()
    ping = tree / "layers" / "shared" / "mastermind" / "commands" / "main" / "ping.py"
    ping.write_text("COMMAND = (\n")
    wait_for(lambda: "main/ping.py, line 1: '(' was never closed" in it.output)
    ping.write_text(PING)
    wait_for(lambda: "Served with the change of" in it.output, READY)
    with Patient.from_endpoints(found, "main") as main:
        assert "Pong." in main.command("ping", user=User(snowflake(), "Kim")).text
    setup = httpx.get(f"{found['page_url']}api/setup", trust_env=False, timeout=60).json()
    assert "ping" in [command["name"] for command in setup["apps"][0]["commands"]]


def test_a_delay_that_is_not_a_number_is_refused(run: Callable[..., Run]):
    it = run(XP_DELAY="soon")
    assert it.process.wait(READY) == 1
    assert "XP_DELAY=2" in it.output


def test_the_demo_starts_a_cloud_for_itself_where_none_runs_and_leaves_no_process(run: Callable[..., Run]):
    demo = run("local", "demo")
    assert demo.process.wait(READY) == 0, demo.output
    assert "No local cloud is running: starting one" in demo.output
    assert "Every check passed" in demo.output
    assert not processes_of(demo.folder)
    assert not (demo.folder / endpoints.FILE).exists()


def test_the_demo_says_that_the_delay_of_the_cloud_that_runs_counts(run: Callable[..., Run]):
    run(XP_DELAY="2").await_ready()
    demo = run("local", "demo", XP_DELAY="1")
    assert demo.process.wait(READY) == 0, demo.output
    assert "has no effect: this cloud was started with 2 seconds" in demo.output
    for same in ("2", ""):
        demo = run("local", "demo", XP_DELAY=same)
        wait_for(lambda demo=demo: "asks for help" in demo.output)
        assert "XP_DELAY" not in demo.output
        assert demo.end() in {130, 0}  # it may have come to its end
    demo = run("local", "demo", XP_DELAY="soon")
    assert demo.process.wait(READY) == 1
    assert "XP_DELAY=2" in demo.output
    assert "asks for help" not in demo.output


def test_a_browser_is_opened_unless_headless(run: Callable[..., Run], tmp_path: Path):
    opened = tmp_path / "opened"
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" > "{opened}"\n')
    browser.chmod(0o755)
    quiet = run(HEADLESS="1", BROWSER=f"{browser} %s")
    quiet.await_ready()
    assert quiet.end() == 0
    assert not opened.exists()

    it = run(HEADLESS="", EMPTY="1", BROWSER=f"{browser} %s")
    found = it.await_ready()
    wait_for(opened.exists)
    wait_for(lambda: opened.read_text().strip() == found["page_url"])
