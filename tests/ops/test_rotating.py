"""`ops rotate-token`: only a new token of the same application is stored, and the old one is tried."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest
import typer

from ops.asking import Refused
from ops.rotating import rotate
from tests.ops.scripted import Scripted, scripted
from tests.ops.test_bot import STORED_AS, has
from tests.ops.test_init import MAIN_TOKEN, TENSEY_TOKEN, Scene, a_scene

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NEW = f"MTA.{'n' * 6}.{'c' * 27}"


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    yield from a_scene(tmp_path)


@pytest.fixture
def aws(scene: Scene) -> Iterator[Scripted]:
    """A stack of the scene's main application, whose token is stored."""
    with scripted() as aws:
        has(aws, MainApplicationId=str(scene.main.id))
        stored = {"Parameter": {"Name": STORED_AS, "Type": "SecureString", "Value": MAIN_TOKEN}}
        aws.answers("ssm", "get_parameter", stored, Name=STORED_AS, WithDecryption=True)
        yield aws


def reset(scene: Scene) -> None:
    """Somebody presses Reset Token."""
    scene.discord.applications[NEW] = scene.discord.applications.pop(MAIN_TOKEN)


def put(aws: Scripted) -> None:
    aws.answers("ssm", "put_parameter", Name=STORED_AS, Value=NEW, Type="SecureString", Overwrite=True)


def test_the_new_token_is_asked_for_until_it_is_one_and_then_the_old_one_is_refused(scene: Scene, aws: Scripted):
    put(aws)
    asking = scene.asking(MAIN_TOKEN, lambda: reset(scene), TENSEY_TOKEN, "12345", NEW)
    rotate(asking, aws.target, "main", scene.discord.url, given_token="", yes=True)
    said = scene.said
    assert f"applications/{scene.main.id}/bot" in said
    assert "This is the token that is stored. Press Reset Token first" in said
    assert "This is the token of Tensey" in said
    assert "This is an id, and no token" in said
    assert said.rstrip().endswith("Discord refuses the old one.")
    assert not any(token in said for token in (MAIN_TOKEN, TENSEY_TOKEN, NEW))


def test_an_old_token_that_still_works_is_no_rotation(scene: Scene, aws: Scripted, capsys: pytest.CaptureFixture[str]):
    put(aws)
    scene.discord.applications[NEW] = scene.main
    with pytest.raises(typer.Exit):
        rotate(scene.asking(), aws.target, "main", scene.discord.url, given_token=NEW, yes=True)
    assert "Discord still accepts the old token" in capsys.readouterr().err


def test_the_stored_token_in_the_variable_is_refused_and_nothing_is_stored(scene: Scene, aws: Scripted):
    with pytest.raises(Refused, match="Press Reset Token first"):
        rotate(scene.asking(), aws.target, "main", scene.discord.url, given_token=MAIN_TOKEN, yes=True)


def test_nothing_is_stored_when_nobody_answers(scene: Scene, aws: Scripted, monkeypatch: pytest.MonkeyPatch):
    reset(scene)
    monkeypatch.setattr("sys.stdin", io.StringIO())
    with pytest.raises(typer.Abort):
        rotate(scene.asking(), aws.target, "main", scene.discord.url, given_token=NEW, yes=False)
