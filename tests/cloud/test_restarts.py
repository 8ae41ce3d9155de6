"""What is killed and started again has lost nothing."""

from __future__ import annotations

import os
import signal
import time
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

import pytest

from devkit.processes import identity
from local.cloud import Cloud
from tests.cloud import playing
from tests.cloud.running import PATIENCE, XP_DELAY, Silent, settings, watched
from tests.waiting import wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from devkit.discord_client import User


class Game(playing.Game):
    """One that is stopped and started again."""

    def __init__(self, folder: Path) -> None:
        self.settings = settings(folder)
        self.start()

    def start(self) -> None:
        self.progress = Silent()
        cloud = Cloud(self.settings, self.progress)
        try:
            cloud.start()
        except BaseException:
            cloud.stop()
            raise
        super().__init__(cloud)

    def stop(self) -> None:
        self.close()
        self.cloud.stop()


@pytest.fixture(scope="module")
def game(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Game]:
    game = Game(tmp_path_factory.mktemp("restarts"))
    yield game
    game.stop()


@pytest.fixture
def member(game: Game) -> User:
    return game.newcomer()


def test_killed_functions_lose_nothing(game: Game, member: User):
    game.tick(member)
    for _ in range(3):
        killed = [pid for pids in game.cloud.runner.processes().values() for pid in pids]
        for pid in killed:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        wait_for(lambda killed=killed: not any(map(identity, killed)))
        time.sleep(0.6)
    game.await_xp(member, 100)
    assert game.consistent()


def test_a_crashed_database_comes_back_with_everything_acknowledged(game: Game, member: User):
    with watched(game.cloud):
        game.tick(member)
        os.kill(game.cloud.postgres.pid, signal.SIGKILL)
        wait_for(lambda: game.main.command("scorecard", user=member).text.startswith("## "), PATIENCE)
        game.await_xp(member, 100)
    assert game.consistent()


def test_a_killed_emulator_comes_back_and_the_sweep_finds_what_its_queue_lost(game: Game, member: User):
    with watched(game.cloud):
        game.tick(member)
        os.kill(game.cloud.emulator.pid, signal.SIGKILL)
        wait_for(lambda: any(said.startswith("The AWS emulator is back") for said in game.progress.said), PATIENCE)
        assert game.main.ping().body == {"type": 1}
        time.sleep(XP_DELAY)
        wait_for(partial(game.has_swept_to, member, 100), PATIENCE)
        # The stack is whole again: the next tick goes through the queue.
        game.tick(member)
        game.await_xp(member, 200)
    assert game.consistent()


def test_everything_killed_at_once_and_started_again_loses_nothing(game: Game, member: User):
    game.tick(member)
    os.kill(game.cloud.postgres.pid, signal.SIGKILL)
    os.kill(game.cloud.emulator.pid, signal.SIGKILL)
    game.stop()
    game.start()
    assert game.newest(member)[1] in {"pending", "awarded"}
    wait_for(lambda: bool(game.sweep()) and game.xp(member) == 100, PATIENCE)
    assert game.consistent()


def test_a_second_start_deploys_nothing_and_the_game_is_kept(game: Game, member: User):
    game.tick(member)
    game.await_xp(member, 100)
    game.stop()
    game.start()
    assert game.progress.said == ["Building the functions and their layer", "Starting PostgreSQL and the AWS emulator"]
    assert game.xp(member) == 100
