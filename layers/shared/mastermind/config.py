"""The settings of a function: the only reader of the environment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mastermind.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class DiscordSettings:
    """Which Discord application a function answers for, and in which server.

    `public_key` is 32 bytes; ids are snowflakes. `admin_role_id` and `owner_id` are 0 when not configured.
    """

    application_id: int
    public_key: bytes
    guild_id: int
    admin_role_id: int
    owner_id: int


@dataclass(frozen=True, slots=True)
class DatabaseSettings:
    """Where PostgreSQL is and as whom to enter.

    Without a password the function signs an RDS IAM token (contracts, Reach); with one, and `sslmode` "disable", it
    is the local database.
    """

    host: str
    port: int
    name: str
    user: str
    password: str | None
    sslmode: str
    sslrootcert: str | None


@dataclass(frozen=True, slots=True)
class AwsSettings:
    """Region, the endpoint that stands in for AWS locally (None: the real one), and our queue."""

    region: str
    endpoint_url: str | None
    xp_awards_queue_url: str | None


@dataclass(frozen=True, slots=True)
class GameSettings:
    """What an operator may tune. `xp_delay` is in seconds (award: 60); `time_zone` is an IANA name."""

    xp_delay: int
    time_zone: str


def read_discord(environ: Mapping[str, str]) -> DiscordSettings:
    """Read the Discord application's settings; raises ConfigError naming the variable."""
    return DiscordSettings(
        application_id=_whole(environ, "DISCORD_APPLICATION_ID"),
        public_key=_hex(environ, "DISCORD_PUBLIC_KEY", 32),
        guild_id=_whole(environ, "DISCORD_GUILD_ID"),
        admin_role_id=_whole(environ, "ADMIN_ROLE_ID", "0"),
        owner_id=_whole(environ, "OWNER_ID", "0"),
    )


def read_database(environ: Mapping[str, str]) -> DatabaseSettings:
    """Read the database's settings; raises ConfigError naming the variable."""
    return DatabaseSettings(
        host=_text(environ, "DATABASE_HOST"),
        port=_whole(environ, "DATABASE_PORT", "5432"),
        name=_text(environ, "DATABASE_NAME", "mastermind"),
        user=_text(environ, "DATABASE_USER"),
        password=environ.get("DATABASE_PASSWORD") or None,
        sslmode=_text(environ, "DATABASE_SSLMODE", "verify-full"),
        sslrootcert=environ.get("DATABASE_SSLROOTCERT") or None,
    )


def read_aws(environ: Mapping[str, str]) -> AwsSettings:
    """Read the AWS settings that Lambda and the template provide; raises ConfigError naming the variable."""
    return AwsSettings(
        region=_text(environ, "AWS_REGION"),
        endpoint_url=environ.get("AWS_ENDPOINT_URL") or None,
        xp_awards_queue_url=environ.get("XP_AWARDS_QUEUE_URL") or None,
    )


def read_game(environ: Mapping[str, str]) -> GameSettings:
    """Read what operators tune; raises ConfigError naming the variable."""
    return GameSettings(
        xp_delay=_whole(environ, "XP_DELAY_SECONDS", "60"),
        time_zone=_text(environ, "DEFAULT_TIME_ZONE", "America/New_York"),
    )


def _text(environ: Mapping[str, str], name: str, default: str | None = None) -> str:
    value = environ.get(name) or default
    if value is None:
        raise ConfigError(name, "is not set")
    return value


def _whole(environ: Mapping[str, str], name: str, default: str | None = None) -> int:
    value = _text(environ, name, default)
    if not (value.isascii() and value.isdigit()):
        raise ConfigError(name, "must be a whole number")
    return int(value)


def _hex(environ: Mapping[str, str], name: str, size: int) -> bytes:
    try:
        value = bytes.fromhex(_text(environ, name))
    except ValueError:
        value = b""
    if len(value) != size:
        raise ConfigError(name, f"must be {size} bytes in hexadecimal")
    return value
