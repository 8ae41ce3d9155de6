"""Asks the database from inside the VPC, through the function migrate: the owner alone may sign in to a new one."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import batched
from typing import TYPE_CHECKING

from pydantic import TypeAdapter, ValidationError

from mastermind.game.privacy.rules import write
from mastermind.operations.restored.actions import Sums
from mastermind.operations.restored.table import Forgotten, Lost
from ops import deletions, migrate
from ops.target import TargetError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from devkit.json_types import Json
    from mastermind.game.privacy.rules import Deletion
    from ops.target import Target


@dataclass(frozen=True)
class Inside:
    """The database of a stack as its owner sees it. Every question raises TargetError if there is no answer."""

    target: Target

    def lost(self, since: datetime) -> Lost:
        """What was played since then, and would be gone."""
        return _read(Lost, self._ask(lost_since=since.isoformat()))

    def warm(self) -> Iterator[Mapping[str, int]]:
        """Read every table once; yields the number of rows by table, some at a time."""
        left = _read(list[str], self._ask().get("tables"))
        while left:
            found = _read(dict[str, int], self._ask(warm=left).get("rows"))
            yield found
            left = [name for name in left if name not in found]

    def add_up(self) -> Sums:
        """Compare every member with their ledger, and with the board."""
        found = _read(Sums, self._ask(add_up=0))
        while found.onward is not None:
            found = _read(Sums, self._ask(add_up=found.onward))
        return found

    def forgotten(self, log: Sequence[Deletion]) -> Forgotten:
        """Whether the deletions in the log are done."""
        parts = [self._forgotten(some) for some in batched(log, deletions.AT_ONCE, strict=False)]
        known, there = sum(one.known for one in parts), sum(one.still_there for one in parts)
        return Forgotten(there, known, (parts or [self._forgotten(())])[0].logged)

    def _forgotten(self, some: Sequence[Deletion]) -> Forgotten:
        return _read(Forgotten, self._ask(forgotten=[write(one).decode() for one in some]))

    def _ask(self, **question: object) -> Json:
        asked = {"connection": self._connection, "restored": question}
        return self.target.invoke("migrate", asked, within=self._patience)

    @cached_property
    def _connection(self) -> dict[str, object]:
        return deletions.connection_of(self.target)

    @cached_property
    def _patience(self) -> float:
        return migrate.longest_answer(self.target)


def _read[Answer](kind: type[Answer], said: object) -> Answer:
    try:
        return TypeAdapter(kind).validate_python(said)
    except ValidationError:
        raise TargetError("migrate answers something unexpected: it is of another version than this checkout") from None
