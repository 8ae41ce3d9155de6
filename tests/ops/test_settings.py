"""Every command reads the settings file: which stack, in which region; what is typed or set wins over it."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, cast

import pytest
from typer.testing import CliRunner

from devkit.listener import Listener, Request
from ops.commands import app

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SCOPE = re.compile(r"Credential=\w+/\d+/([\w-]+)/lambda/")


class _Aws(Request):
    """A Lambda without entries in the audit log; `owner` gets what it was asked: region and function."""

    def do_POST(self) -> None:  # noqa: N802 (the base class's name)
        self.body()
        (region,) = SCOPE.findall(self.headers["Authorization"])
        cast("list[tuple[str, str]]", self.owner).append(
            (region, self.path.split("/functions/")[1].partition("-interactions")[0])
        )
        self.answer(200, json.dumps({"entries": []}).encode())


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[str, str]]]:
    """What is asked of an AWS that signs nobody out."""
    found: list[tuple[str, str]] = []
    listener = Listener(_Aws, found)
    keys = {"AWS_ACCESS_KEY_ID": "none", "AWS_SECRET_ACCESS_KEY": "none", "AWS_EC2_METADATA_DISABLED": "true"}
    for name, value in {"AWS_ENDPOINT_URL": listener.url, **keys}.items():
        monkeypatch.setenv(name, value)
    for name in ("OPS_STACK", "AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    yield found
    listener.stop()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "settings.toml"
    path.write_text('stack = "ours"\nregion = "eu-central-1"\n')
    return path


@pytest.mark.parametrize(
    ("typed", "variables", "place"),
    [
        ((), {}, ("eu-central-1", "ours")),
        ((), {"AWS_REGION": "us-east-1"}, ("eu-central-1", "ours")),
        (("--region", "us-west-2"), {}, ("us-west-2", "ours")),
        (("--stack", "trial"), {"AWS_REGION": "us-east-1"}, ("us-east-1", "trial")),
        ((), {"OPS_STACK": "trial", "AWS_REGION": "us-east-1"}, ("us-east-1", "trial")),
        ((), {"OPS_STACK": "trial"}, ("eu-central-1", "trial")),
    ],
)
def test_a_command_works_on_the_stack_of_the_settings_unless_another_is_named(
    asked: list[tuple[str, str]], file: Path, typed: tuple[str, ...], variables: dict[str, str], place: tuple[str, str]
):
    result = CliRunner().invoke(app, ["--settings", str(file), "audit", *typed], env=variables)
    assert (result.exit_code, asked) == (0, [place]), result.output


def test_the_local_cloud_can_be_meant_all_the_same(asked: list[tuple[str, str]], file: Path, tmp_path: Path):
    result = CliRunner().invoke(
        app, ["--settings", str(file), "audit", "--stack", "local"], env={"LOCAL_DIR": str(tmp_path)}
    )
    assert (result.exit_code, "No local cloud is running here" in result.output, asked) == (1, True, [])
