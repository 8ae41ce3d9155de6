"""Runs PostgreSQL's programs as a user that it accepts: it refuses root."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

if TYPE_CHECKING:
    from pathlib import Path


class RunAs(TypedDict, total=False):
    user: int
    group: int
    extra_groups: list[int]


def nobody() -> tuple[int, int]:
    import pwd  # not on every system

    entry = pwd.getpwnam("nobody")
    return entry.pw_uid, entry.pw_gid


def is_traversable(folder: Path) -> bool:
    """Whether every user may traverse the path to `folder`."""
    return all(part.stat().st_mode & 0o001 for part in (folder, *folder.parents))
