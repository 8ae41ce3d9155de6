"""External services that functions use, each loaded on first use: a PING needs neither driver nor queue."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Protocol

from mastermind import config
from mastermind.config import (
    AwsSettings,
    CommandSettings,
    DatabaseSettings,
    DeployedSettings,
    MainSettings,
    NoticesSettings,
    NudgeSettings,
    PictureQueueSettings,
    RelaySettings,
    StorageSettings,
    TenseySettings,
)
from mastermind.discord.commands import Commands
from mastermind.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import tzinfo

    from mastermind.gateways.credentials import Credentials
    from mastermind.gateways.s3 import Bucket
    from mastermind.gateways.sqs import Queue
    from mastermind.postgres.database import Database


class Closable(Protocol):
    def close(self) -> None: ...


class Lazy[T: Closable]:
    """Something that is made by the first call and returned by every call, for the life of the process."""

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._made: T | None = None

    def __call__(self) -> T:
        if self._made is None:
            self._made = self._make()
        return self._made

    def close(self) -> None:
        if self._made is not None:
            self._made.close()


def database() -> Database:
    """The database under this function's role; raises ConfigError."""
    from mastermind.postgres.database import Database

    return Database(_database(), _aws().region, _credentials())


def rehearsed_database() -> Database:
    """The same, with every transaction rolled back."""
    from mastermind.postgres.rehearsal import RehearsedDatabase

    return RehearsedDatabase(_database(), _aws().region, _credentials())


def awards_queue() -> Queue:
    """The queue XpAwards; raises ConfigError, as all below."""
    return _queue(config.read(TenseySettings, os.environ).xp_awards_queue_url)


def jobs_queue() -> Queue:
    return _queue(config.read(MainSettings, os.environ).jobs_queue_url)


def notices_queue() -> Queue:
    return _queue(config.read(NoticesSettings, os.environ).notices_queue_url)


def nudges_queue() -> Queue:
    return _queue(config.read(NudgeSettings, os.environ).outbox_due_queue_url)


def handovers_queue() -> Queue:
    return _queue(config.read(RelaySettings, os.environ).handovers_queue_url)


def edits_queue() -> Queue:
    return _queue(config.read(RelaySettings, os.environ).edits_queue_url)


def picture_queue() -> Queue:
    """The same queue, for the pictures of answers."""
    return _queue(config.read(PictureQueueSettings, os.environ).queue_url)


def bucket() -> Bucket:
    """The bucket of large exports and of the log of deletions."""
    from mastermind.gateways.s3 import Bucket

    return Bucket(config.read(StorageSettings, os.environ).export_bucket, _aws())


def commands() -> Commands:
    """The commands that messages can link to."""
    return Commands(config.read(CommandSettings, os.environ).ids)


def deployed() -> DeployedSettings:
    """The defaults of what admins may choose themselves."""
    return config.read(DeployedSettings, os.environ)


def zone(name: str) -> tzinfo:
    """The deployment's time zone; raises ConfigError for an unknown name."""
    from mastermind.game.settings import content as time_zones

    try:
        return time_zones.zone(name)
    except KeyError:
        raise ConfigError(config.TIME_ZONE.name, f"{name} is not an IANA time zone") from None


def _queue(url: str) -> Queue:
    from mastermind.gateways.sqs import Queue

    return Queue(url, _aws())


def _database() -> DatabaseSettings:
    return config.read(DatabaseSettings, os.environ)


def _credentials() -> Credentials | None:
    from mastermind.gateways import credentials

    return credentials.of(_aws())


def _aws() -> AwsSettings:
    return config.read(AwsSettings, os.environ)
