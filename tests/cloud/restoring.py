"""RDS with data: each instance that the emulator knows is a database of PostgreSQL, and snapshots are copies."""

from __future__ import annotations

import threading
import time
from contextlib import closing, suppress
from typing import TYPE_CHECKING

from psycopg import errors, sql

from ops.restore.instances import SOURCE

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from tests.cloud.test_sam_deploy import Stack

LIVE = "mastermind"
"""The database that the functions reach, by the address of the stack's instance."""

LOOK = 0.1  # seconds between two looks at the emulator


class Rds:
    """Has PostgreSQL follow what the emulator says of instances, until it is stopped."""

    def __init__(self, stack: Stack) -> None:
        self._stack, self._own = stack, stack.outputs["DatabaseIdentifier"]
        self._live, self._lock = self._instances()[self._own]["DbiResourceId"], threading.Lock()
        self._made, self._enough = {self._live}, threading.Event()
        self._thread = threading.Thread(target=self._follow)
        self._thread.start()

    def stop(self) -> None:
        self._enough.set()
        self._thread.join()

    def snapshot(self, name: str) -> None:
        """As it is now."""
        self._stack.aws.rds.create_db_snapshot(DBSnapshotIdentifier=name, DBInstanceIdentifier=self._own)
        with self._lock:
            self._copy(LIVE, name)

    def _instances(self) -> dict[str, Mapping[str, Any]]:
        found: list[Any] = list(self._stack.aws.rds.describe_db_instances()["DBInstances"])
        return {one["DBInstanceIdentifier"]: one for one in found}

    def _follow(self) -> None:
        while not self._enough.wait(LOOK):
            found = self._instances()
            with self._lock:
                for one in found.values():
                    self._make(one)
                self._address(found[self._own]["DbiResourceId"] if self._own in found else "")
            for name, one in found.items():
                if one["DBInstanceStatus"] == "renaming":
                    self._stack.emulator.at_address(name)
            for instance in self._stack.emulator.passwords():  # PostgreSQL is one here, and its owner's stays
                self._stack.emulator.password_in_force(instance)

    def _make(self, one: Mapping[str, Any]) -> None:
        """The database of an instance that was restored; others have none here."""
        tags = {tag["Key"]: tag["Value"] for tag in one["TagList"]}
        if one["DbiResourceId"] in self._made or SOURCE not in tags:
            return
        snapshot, of, _ = tags[SOURCE].partition(" of ")
        self._copy(snapshot if of else LIVE, one["DbiResourceId"])
        self._made.add(one["DbiResourceId"])

    def _address(self, resource_id: str) -> None:
        """Somebody else is at the address now, or nobody; connections end, as an instance restarts at a rename."""
        if resource_id == self._live:
            return
        if self._live:
            self._run("ALTER DATABASE {} RENAME TO {}", LIVE, self._live)
        if resource_id:
            self._run("ALTER DATABASE {} RENAME TO {}", resource_id, LIVE)
        self._live = resource_id

    def _copy(self, source: str, to: str) -> None:
        self._run("CREATE DATABASE {1} TEMPLATE {0} OWNER mastermind_owner", source, to)

    def _run(self, statement: str, source: str, to: str) -> None:
        """A statement that nobody may be connected for."""
        query = sql.SQL(statement).format(sql.Identifier(source), sql.Identifier(to))  # pyright: ignore[reportArgumentType] # our own words
        for _ in range(50):
            with closing(self._stack.postgres.as_superuser("postgres")) as conn, suppress(errors.ObjectInUse):
                conn.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [source])
                conn.execute(query)
                return
            time.sleep(LOOK)
        raise AssertionError(f"somebody stays connected to {source}")
