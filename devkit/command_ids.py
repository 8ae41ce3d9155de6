"""The ids of an application's commands: as a parameter of the stack holds them, and made up where Discord is not."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zlib import crc32

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def written(ids: Mapping[str, int]) -> str:
    """`help:123,history:456`, in alphabetical order, as `mastermind.config.CommandSettings` reads it."""
    return ",".join(f"{name}:{command_id}" for name, command_id in sorted(ids.items()))


def made_up(application_id: int, names: Iterable[str]) -> dict[str, int]:
    """An id for each command of an application, the same one each time."""
    return {name: application_id + crc32(name.encode()) for name in names}
