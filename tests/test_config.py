"""The settings of a function."""

from __future__ import annotations

import pytest

from devkit import function_settings
from mastermind import config
from mastermind.config import (
    AnnouncedSettings,
    AwsCredentials,
    AwsSettings,
    CommandSettings,
    CredentialsEndpoint,
    DatabaseSettings,
    DiscordSettings,
    GameSettings,
    LogSettings,
)
from mastermind.entrypoints import relay
from mastermind.errors import ConfigError
from mastermind.game.announcements.rules import AnnouncementKind
from mastermind.game.members.pace import LIMITS, Limit, Pace
from mastermind.operations.config import BackupSettings

DISCORD = {"DISCORD_APPLICATION_ID": "123", "DISCORD_PUBLIC_KEY": "ab" * 32, "DISCORD_GUILD_ID": "456"}


def test_discord_settings_are_read():
    settings = config.read(DiscordSettings, DISCORD)
    assert (settings.application_id, settings.guild_id, settings.owner_id) == (123, 456, 0)
    assert settings.public_key == bytes.fromhex("ab" * 32)


@pytest.mark.parametrize("name", list(DISCORD))
def test_a_missing_setting_is_named(name: str):
    with pytest.raises(ConfigError, match=name):
        config.read(DiscordSettings, {key: value for key, value in DISCORD.items() if key != name})


@pytest.mark.parametrize(
    ("name", "value"),
    [("DISCORD_GUILD_ID", "twelve"), ("DISCORD_GUILD_ID", "\u0664"), ("DISCORD_PUBLIC_KEY", "zz"), ("OWNER_ID", "-1")],
)
def test_a_malformed_setting_is_named(name: str, value: str):
    with pytest.raises(ConfigError, match=name):
        config.read(DiscordSettings, DISCORD | {name: value})


def test_the_ids_of_commands_are_those_of_both_applications():
    first, second = "help:1234567890123456789,raid-status:1234567890123456790", "tenseylist:1234567890123456791"
    ids = config.read(CommandSettings, {"COMMAND_IDS": f"{first},{second}"}).ids
    assert ids == {
        "help": 1234567890123456789,
        "raid-status": 1234567890123456790,
        "tenseylist": 1234567890123456791,
    }
    assert config.read(CommandSettings, {"COMMAND_IDS": ","}).ids == config.read(CommandSettings, {}).ids == {}


@pytest.mark.parametrize("value", ["help", "help:12", "help:x", "help 1234567890123456789", "1234567890123456789:help"])
def test_malformed_ids_of_commands_are_named(value: str):
    with pytest.raises(ConfigError, match="COMMAND_IDS"):
        config.read(CommandSettings, {"COMMAND_IDS": value})


def test_without_a_password_the_database_is_entered_with_a_token_over_verified_tls():
    settings = config.read(DatabaseSettings, {"DATABASE_HOST": "db", "DATABASE_USER": "app_main"})
    assert settings.password is None
    assert (settings.port, settings.name, settings.sslmode) == (5432, "mastermind", "verify-full")


def test_the_award_waits_sixty_seconds_unless_told_otherwise():
    assert config.read(GameSettings, {}).xp_delay == 60
    assert config.read(GameSettings, {"XP_DELAY_SECONDS": "2"}).xp_delay == 2


def test_the_bot_times_nobody_out_unless_told_otherwise():
    assert not config.read(GameSettings, {}).moderation
    assert config.read(GameSettings, {"MODERATION": "on"}).moderation


def announced(environ: dict[str, str]) -> frozenset[AnnouncementKind]:
    return relay.announced(config.read(AnnouncedSettings, environ))


def test_everything_but_weeks_is_announced_unless_told_otherwise():
    usual = set(AnnouncementKind) - {AnnouncementKind.WEEK}
    assert announced({}) == usual
    assert announced({"ANNOUNCE_RAIDS": "off"}) == {AnnouncementKind.MILESTONE, AnnouncementKind.LEVEL_UP}
    assert announced({"ANNOUNCE_MILESTONES": "off"}) == usual - {AnnouncementKind.MILESTONE}
    assert announced({"ANNOUNCE_LEVEL_UPS": "off"}) == usual - {AnnouncementKind.LEVEL_UP}
    assert announced({"ANNOUNCE_WEEKS": "on"}) == set(AnnouncementKind)


@pytest.mark.parametrize("switch", ["ANNOUNCE_MILESTONES", "ANNOUNCE_LEVEL_UPS", "ANNOUNCE_RAIDS", "ANNOUNCE_WEEKS"])
def test_a_switch_is_on_or_off(switch: str):
    with pytest.raises(ConfigError, match=switch):
        announced({switch: "maybe"})


def test_the_limits_are_those_of_the_rules_unless_told_otherwise():
    assert config.read(GameSettings, {}).limits == LIMITS
    limits = config.read(GameSettings, {"LIMIT_STATS": "7/s:2", "LIMIT_ADMIN": "1/h:1"}).limits
    assert limits == {**LIMITS, Pace.STATS: Limit(7, 1, 2), Pace.ADMIN: Limit(1, 3600, 1)}


@pytest.mark.parametrize("value", ["fast", "0/min:1", "1/min:0", "1/d:1", "1/min", "1/min:1000000", " 1/min:1"])
def test_a_malformed_limit_is_named(value: str):
    with pytest.raises(ConfigError, match="LIMIT_TICKS: must look like 30/min:10"):
        config.read(GameSettings, {"LIMIT_TICKS": value})


def test_the_aws_endpoint_is_the_real_one_unless_told_otherwise():
    assert config.read(AwsSettings, {"AWS_REGION": "eu-central-1"}).endpoint_url is None


def test_a_setting_is_declared_once_even_when_several_functions_read_it():
    declared = {one for kinds in function_settings.FUNCTIONS.values() for one in config.settings(*kinds)}
    assert len(declared) == len({one.name for one in declared})
    assert all(one.help.endswith(".") for one in declared)


def test_a_stack_whose_name_rds_does_not_take_is_refused():
    environ = {"SNAPSHOT_PREFIX": "My_Stack", "RDS_INSTANCE": "db", "NIGHTS_KEPT": "14", "REQUESTS_KEPT": "10"}
    with pytest.raises(ConfigError, match="SNAPSHOT_PREFIX: RDS takes"):
        config.read(BackupSettings, environ)


def test_a_night_without_a_snapshot_that_is_kept_is_refused():
    environ = {"SNAPSHOT_PREFIX": "game", "RDS_INSTANCE": "db", "NIGHTS_KEPT": "0", "REQUESTS_KEPT": "10"}
    with pytest.raises(ConfigError, match="at least one snapshot"):
        config.read(BackupSettings, environ)


def test_credentials_are_read_where_there_are_any():
    environ = {"AWS_REGION": "eu-central-1", "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"}
    assert config.read(AwsSettings, environ).credentials == AwsCredentials("a", "b", None)
    assert config.read(AwsSettings, {"AWS_REGION": "eu-central-1"}).credentials is None


def test_under_snapstart_the_lender_of_credentials_is_read_instead():
    environ = {
        "AWS_REGION": "eu-central-1",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://127.0.0.1:9001/credentials",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN": "hush",
    }
    settings = config.read(AwsSettings, environ)
    assert settings.credentials is None
    assert settings.lender == CredentialsEndpoint("http://127.0.0.1:9001/credentials", "hush")
    assert "hush" not in repr(settings)


def test_an_unknown_log_level_is_info():
    assert config.read(LogSettings, {"POWERTOOLS_LOG_LEVEL": "chatty"}).level == "INFO"
    assert config.read(LogSettings, {"POWERTOOLS_LOG_LEVEL": "debug"}).level == "DEBUG"


def test_no_secret_is_shown():
    environ = {"DATABASE_HOST": "db", "DATABASE_USER": "me", "DATABASE_PASSWORD": "hush"}
    assert "hush" not in repr(config.read(DatabaseSettings, environ))
