"""`ops settings`: a second operator, or a new laptop, gets the settings of a live game from its stack."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from ops import adopting, settings
from ops.target import TargetError
from tests.ops.scripted import Scripted, scripted

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CHANNELS = {"admins": "1" * 18, "posts": "2" * 18}


@pytest.fixture
def aws() -> Iterator[Scripted]:
    with scripted() as aws:
        yield aws


def has(aws: Scripted, status: str = "UPDATE_COMPLETE", **parameters: str) -> None:
    known = [{"ParameterKey": name, "ParameterValue": value} for name, value in parameters.items()]
    shown = {"StackName": "game", "CreationTime": datetime.now(UTC), "StackStatus": status, "Parameters": known}
    aws.answers("cloudformation", "describe_stacks", {"Stacks": [shown]}, StackName="game")


def keeps(aws: Scripted, channels: dict[str, str] | None) -> None:
    if channels is None:
        aws.refuses("ssm", "get_parameter", "ParameterNotFound")
    else:
        kept = {"Parameter": {"Name": "/game/channels", "Value": json.dumps(channels)}}
        aws.answers("ssm", "get_parameter", kept, Name="/game/channels")


def test_what_an_operator_has_chosen_is_read_and_written_as_it_was(aws: Scripted, tmp_path: Path):
    has(aws, GuildId="2" * 18, TimeZone="Europe/Berlin", Weeks="on", Protection="on", MainCommandIds="a=1", Gone="x")
    keeps(aws, CHANNELS)
    found = adopting.of_stack(aws.target)
    chosen = {"GuildId": "2" * 18, "TimeZone": "Europe/Berlin"}
    assert chosen.items() <= found.parameters.items()
    assert not {"Protection", "MainCommandIds", "Gone"} & found.parameters.keys()
    assert (found.stack, found.region, found.channels) == ("game", "eu-central-1", CHANNELS)
    settings.write(tmp_path / "settings.toml", found)
    assert settings.read(tmp_path / "settings.toml") == found


def test_of_a_game_without_channels_there_are_none(aws: Scripted):
    has(aws, GuildId="2" * 18)
    keeps(aws, None)
    assert adopting.of_stack(aws.target).channels == {}


def test_a_stack_that_does_not_serve_has_nothing_to_read(aws: Scripted):
    has(aws, "ROLLBACK_COMPLETE")
    with pytest.raises(TargetError, match=r"does not serve \(ROLLBACK_COMPLETE\)"):
        adopting.of_stack(aws.target)


def test_channels_are_kept_once(aws: Scripted):
    keeps(aws, None)
    text = json.dumps(CHANNELS, sort_keys=True)
    aws.answers("ssm", "put_parameter", Name="/game/channels", Value=text, Type="String", Overwrite=True)
    adopting.keep_channels(aws.target, CHANNELS)
    keeps(aws, CHANNELS)
    adopting.keep_channels(aws.target, CHANNELS)
