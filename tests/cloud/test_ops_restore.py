"""`ops restore` on a deployed game with members, at a real terminal: against the emulator, and data in PostgreSQL."""

from __future__ import annotations

import os
import re
import sys
from typing import TYPE_CHECKING, Any, cast

import pytest

from devkit.discord_client import User, snowflake
from local.aws import ACCESS_KEY, REGION
from local.builder import architecture
from local.demo import button
from ops import settings
from ops.restore.instances import DONE, STATE
from tests.cloud.restoring import Rds
from tests.cloud.terminal import Terminal
from tests.cloud.test_sam_deploy import ROOT, STACK, Stack, emulated, sam
from tests.waiting import wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from devkit.json_types import Json

ROBIN, LEE, KIM = (User(snowflake(), name) for name in ("Robin", "Lee", "Kim"))
NIGHT = f"{STACK}-20261129"
STEPS = ("close", "restore", "switch", "handshake", "warm up", "deletions", "ledger", "point", "backup", "smoke")
"""At which a run is broken off."""

pytestmark = pytest.mark.timeout(900)


@pytest.fixture(scope="module")
def game(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Robin and Lee play until the night's snapshot; then Lee deletes themselves, and Kim joins."""
    folder = tmp_path_factory.mktemp("cloud")
    build = folder / "build"
    sam("build", "--build-dir", str(build), "--parameter-overrides", f"Architecture={architecture()}")
    with emulated(folder, build) as there:
        there.deploy(Protection="on")
        there.postgres.set_role_passwords()
        yield there


@pytest.fixture(scope="module")
def rds(game: Stack) -> Iterator[Rds]:
    following = Rds(game)
    yield following
    following.stop()


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("settings") / "settings.toml"
    settings.write(file, settings.Settings(STACK, REGION, {"Architecture": architecture()}))
    return file


def tick(game: Stack, user: User) -> None:
    """A tick of the list, whose XP comes through the queue."""
    with game.client("tensey") as discord:
        assert discord.component(button(discord.command("tenseylist", user=user), "tick"), user=user).kind == 7
    wait_for(lambda: members(game).get(user.id, 0) > 0, what="the award")


def members(game: Stack) -> dict[int, int]:
    """XP by id."""
    return {cast("int", one): cast("int", xp) for one, xp in game.ask("SELECT user_id, xp FROM users")}


def leave(game: Stack, user: User) -> None:
    with game.client("main") as main:
        form = main.component(button(main.command("privacy delete", user=user), "delete"), user=user)
        custom_id = cast("str", cast("Json", form.body["data"])["custom_id"])
        assert "Your data is deleted" in main.modal(custom_id, {"word": "DELETE"}, user=user).text


def start(game: Stack, file: Path, *more: str) -> Terminal:
    unset = ("AWS_", "DISCORD_", "ARCHITECTURE", "OPS_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(unset)}
    aws = {"AWS_ENDPOINT_URL": game.emulator.url, "AWS_EC2_METADATA_DISABLED": "true", "TERM": "dumb", "COLUMNS": "120"}
    keys = {"AWS_ACCESS_KEY_ID": ACCESS_KEY, "AWS_SECRET_ACCESS_KEY": game.emulator.secret, "OPS_SETTINGS": str(file)}
    return Terminal.start([sys.executable, "-m", "ops", "restore", *more], {**kept, **aws, **keys}, ROOT)


def ended(shown: Terminal, status: int = 0) -> str:
    try:
        assert shown.end() == status, shown.text
    finally:
        shown.kill()
    return shown.text


def instances(game: Stack) -> dict[str, Any]:
    return {one.get("DBInstanceIdentifier", ""): one for one in game.aws.rds.describe_db_instances()["DBInstances"]}


def tags(instance: Json) -> dict[str, str]:
    return {one["Key"]: one["Value"] for one in cast("list[dict[str, str]]", instance["TagList"])}


def operators_acts(game: Stack) -> list[str]:
    return [str(one) for (one,) in game.ask("SELECT action FROM audit_log WHERE operator IS NOT NULL ORDER BY id")]


def test_a_person_goes_back_to_a_snapshot_and_the_game_serves(game: Stack, rds: Rds, file: Path):
    for user in (ROBIN, LEE):
        tick(game, user)
    rds.snapshot(NIGHT)
    leave(game, LEE)
    tick(game, KIM)
    own = game.outputs["DatabaseIdentifier"]
    before = instances(game)[own]

    shown = start(game, file)
    offered = shown.wait_for(r"What is to be restored\?.*\n(.*\n)*.*> \[1\] ")
    assert re.search(rf"1  {NIGHT} ", offered)
    assert "another moment" in offered
    shown.type("")
    lost = " ".join(shown.wait_for(r"\[y/N\]: ").split())
    assert "everything that was played since then: 1 ticks and " in lost
    assert "1 members who have joined since then" in lost
    assert instances(game).keys() == {own}, "nothing is changed before"
    shown.type("y")
    said = ended(shown)

    assert "The game is restored" in said
    assert "1 members deleted again." in said
    assert "every member's xp is the sum" in said.lower()
    assert members(game).keys() == {ROBIN.id}
    assert members(game)[ROBIN.id] > 0
    found = instances(game)
    assert found.keys() == {own, f"{own}-old"}
    assert found[f"{own}-old"]["DbiResourceId"] == before["DbiResourceId"]
    assert found[f"{own}-old"]["DeletionProtection"]
    assert tags(found[own])[STATE] == DONE
    assert settings.read(file).parameters["DatabaseResourceId"] == found[own]["DbiResourceId"]
    (described,) = game.aws.cloudformation.describe_stacks(StackName=STACK)["Stacks"]
    pointed = {"ParameterKey": "DatabaseResourceId", "ParameterValue": found[own]["DbiResourceId"]}
    assert pointed in described.get("Parameters", [])
    assert operators_acts(game) == [
        *("database.migrate", "database.migrate", "privacy.repeat", "backup.start", "database.restore")
    ], "in the restored database"
    tick(game, KIM)


def test_a_restore_that_is_broken_off_at_any_step_goes_on(game: Stack, rds: Rds, file: Path):
    assert rds
    before, arguments = instances(game), ("--snapshot", NIGHT, "--yes")
    for step in STEPS:
        said = broken_off(start(game, file, *arguments), step)
        assert re.search(r"\nStopped.*goes on", said, re.DOTALL), said
        arguments = ("--yes",)
        if step == "warm up":
            assert refused(game), "nobody plays before the deletions are repeated"
    half_done = ended(start(game, file, "--snapshot", NIGHT), 1)
    assert "is under way" in half_done
    assert "--give-up" in half_done

    said = ended(start(game, file, "--yes"))
    assert "The game is restored" in said
    own = game.outputs["DatabaseIdentifier"]
    assert instances(game).keys() == {*before, f"{own}-old2"}
    assert members(game).keys() == {ROBIN.id}


def broken_off(shown: Terminal, step: str) -> str:
    try:
        shown.wait_for(rf"\n{step}\n")
        shown.interrupt()
    except BaseException:
        shown.kill()
        raise
    return ended(shown, 1)


def refused(game: Stack) -> bool:
    """Whether the closed functions answer nobody."""
    with game.client("main") as main:
        return main.command("help", user=ROBIN).status >= 400


def test_a_restore_that_is_given_up_leaves_the_game_as_it_was(game: Stack, rds: Rds, file: Path):
    assert rds
    before = instances(game)
    tick(game, LEE)
    latest = before[game.outputs["DatabaseIdentifier"]]["LatestRestorableTime"]
    broken_off(start(game, file, "--to", latest.isoformat(), "--yes"), "handshake")
    said = ended(start(game, file, "--give-up", "--yes"))
    assert "The restore is given up." in said
    after = instances(game)
    assert {name: one["DbiResourceId"] for name, one in after.items()} == {
        name: one["DbiResourceId"] for name, one in before.items()
    }
    assert not refused(game)
    assert operators_acts(game)[-1] == "database.give_up", "in the old database"
    assert LEE.id in members(game)
    assert "there is nothing to give up" in ended(start(game, file, "--give-up", "--yes"), 1)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (
            ("--snapshot", "proof-19990101"),
            rf"There is no snapshot proof-19990101 in {REGION}\. (The newest of t|T)his game",
        ),
        (("--snapshot", "theirs"), r"theirs is of the database theirs, and this game's is proof-"),
        (("--to", "2020-01-01 00:00"), r"2020-01-01 00:00:00 UTC cannot be restored: RDS has every moment from "),
        (("--to", "2099-01-01 00:00"), r"cannot be restored: RDS has every moment from "),
        (("--to", "2026-11-29 01:00", "--snapshot", "a"), "Name either a snapshot or a moment"),
        (("--bucket", "proof-log", "--folder", "."), "Name either the bucket or a folder"),
    ],
)
def test_what_cannot_be_restored_is_refused_with_the_way_on(
    game: Stack, file: Path, arguments: tuple[str, ...], words: str
):
    if "theirs" in arguments:
        kind: Any = {"Engine": "postgres", "DBInstanceClass": "db.t4g.micro", "DBInstanceIdentifier": "theirs"}
        game.aws.rds.create_db_instance(**kind)
        game.aws.rds.create_db_snapshot(DBSnapshotIdentifier="theirs", DBInstanceIdentifier="theirs")
    before = instances(game)
    said = " ".join(ended(start(game, file, *arguments), 1).split())
    assert re.search(words, said), said
    assert instances(game).keys() == before.keys()
