"""What functions use of the outside world, each loaded when it is first used: a PING needs neither driver nor queue."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Protocol

from mastermind import config

if TYPE_CHECKING:
    from collections.abc import Callable

    from mastermind.gateways.s3 import Bucket
    from mastermind.gateways.sqs import Queue
    from mastermind.postgres.connection import Database


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
    from mastermind.postgres.connection import Database

    aws = config.read_aws(os.environ)
    return Database(config.read_database(os.environ), aws.region, aws.credentials)


def rehearsed_database() -> Database:
    """The same, where nothing that is done stays."""
    from mastermind.postgres.rehearsal import RehearsedDatabase

    aws = config.read_aws(os.environ)
    return RehearsedDatabase(config.read_database(os.environ), aws.region, aws.credentials)


def queue(variable: config.Variable) -> Queue:
    """The queue whose URL stands in that variable; raises ConfigError."""
    from mastermind.gateways.sqs import Queue

    return Queue(config.read_queue_url(os.environ, variable), config.read_aws(os.environ))


def bucket() -> Bucket:
    """The bucket of large exports and of the log of deletions; raises ConfigError."""
    from mastermind.gateways.s3 import Bucket

    return Bucket(config.read_export_bucket(os.environ), config.read_aws(os.environ))
