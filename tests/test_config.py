"""The settings of a function."""

from __future__ import annotations

import pytest

from mastermind import config
from mastermind.errors import ConfigError
from mastermind.game.announcements.rules import Kind
from mastermind.game.members.pace import LIMITS, Limit, Pace

DISCORD = {"DISCORD_APPLICATION_ID": "123", "DISCORD_PUBLIC_KEY": "ab" * 32, "DISCORD_GUILD_ID": "456"}


def test_discord_settings_are_read():
    settings = config.read_discord(DISCORD)
    assert (settings.application_id, settings.guild_id, settings.owner_id) == (123, 456, 0)
    assert settings.public_key == bytes.fromhex("ab" * 32)


@pytest.mark.parametrize("name", list(DISCORD))
def test_a_missing_setting_is_named(name: str):
    with pytest.raises(ConfigError, match=name):
        config.read_discord({key: value for key, value in DISCORD.items() if key != name})


@pytest.mark.parametrize(
    ("name", "value"),
    [("DISCORD_GUILD_ID", "twelve"), ("DISCORD_GUILD_ID", "\u0664"), ("DISCORD_PUBLIC_KEY", "zz"), ("OWNER_ID", "-1")],
)
def test_a_malformed_setting_is_named(name: str, value: str):
    with pytest.raises(ConfigError, match=name):
        config.read_discord(DISCORD | {name: value})


def test_without_a_password_the_database_is_entered_with_a_token_over_verified_tls():
    settings = config.read_database({"DATABASE_HOST": "db", "DATABASE_USER": "app_main"})
    assert settings.password is None
    assert (settings.port, settings.name, settings.sslmode) == (5432, "mastermind", "verify-full")


def test_the_award_waits_sixty_seconds_unless_told_otherwise():
    assert config.read_game({}).xp_delay == 60
    assert config.read_game({"XP_DELAY_SECONDS": "2"}).xp_delay == 2


def test_everything_is_announced_unless_told_otherwise():
    assert config.read_announced({}) == set(Kind)
    assert config.read_announced({"ANNOUNCE_RAIDS": "off"}) == {Kind.MILESTONE, Kind.LEVEL_UP}
    assert config.read_announced({"ANNOUNCE_MILESTONES": "off"}) == set(Kind) - {Kind.MILESTONE}
    assert config.read_announced({"ANNOUNCE_LEVEL_UPS": "off"}) == set(Kind) - {Kind.LEVEL_UP}


@pytest.mark.parametrize("switch", ["ANNOUNCE_MILESTONES", "ANNOUNCE_LEVEL_UPS", "ANNOUNCE_RAIDS"])
def test_a_switch_is_on_or_off(switch: str):
    with pytest.raises(ConfigError, match=switch):
        config.read_announced({switch: "maybe"})


def test_the_limits_are_those_of_the_rules_unless_told_otherwise():
    assert config.read_game({}).limits == LIMITS
    limits = config.read_game({"LIMIT_STATS": "7/s:2", "LIMIT_ADMIN": "1/h:1"}).limits
    assert limits == {**LIMITS, Pace.STATS: Limit(7, 1, 2), Pace.ADMIN: Limit(1, 3600, 1)}


@pytest.mark.parametrize("value", ["fast", "0/min:1", "1/min:0", "1/d:1", "1/min", "1/min:1000000", " 1/min:1"])
def test_a_malformed_limit_is_named(value: str):
    with pytest.raises(ConfigError, match="LIMIT_TICKS: must look like 30/min:10"):
        config.read_game({"LIMIT_TICKS": value})


def test_the_aws_endpoint_is_the_real_one_unless_told_otherwise():
    assert config.read_aws({"AWS_REGION": "eu-central-1"}).endpoint_url is None


def test_every_variable_is_declared_once_and_told_in_a_sentence():
    names = [variable.name for variable in config.VARIABLES]
    assert len(names) == len(set(names))
    assert all(variable.meaning.endswith(".") for variable in config.VARIABLES)
