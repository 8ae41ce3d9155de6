"""What a button, a select or a modal carries: `version:command:action:owner:arguments...`, at most 100 characters.

A custom_id comes back from the client, so it is untrusted input: whoever uses an argument checks it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

VERSION = "1"
"""Raised when the meaning of old custom_ids changes; messages of before then answer with a kind refusal."""

LONGEST = 100

_SHAPE = re.compile(
    r"(?P<command>[-a-z0-9]{1,32}):(?P<action>[-a-z]{1,32}):(?P<owner>0|[1-9][0-9]{0,18})(?P<rest>(:[^:]*)*)",
)


@dataclass(frozen=True, slots=True)
class CustomId:
    """A custom_id of ours, read. `owner` is the member it belongs to, 0 when anybody may use it."""

    command: str
    action: str
    owner: int
    arguments: tuple[str, ...]


def make(command: str, action: str, owner: int, *arguments: str | int) -> str:
    """Write a custom_id; raises ValueError for what would not be read back as it was written."""
    written = tuple(map(str, arguments))
    custom_id = ":".join((VERSION, command, action, str(owner), *written))
    if len(custom_id) > LONGEST or read(custom_id) != CustomId(command, action, owner, written):
        raise ValueError(f"not a usable custom_id: {custom_id!r}")
    return custom_id


def read(custom_id: str) -> CustomId | None:
    """Read a custom_id; None when it is of another version, or none of ours."""
    version, _, rest = custom_id.partition(":")
    match = _SHAPE.fullmatch(rest)
    if version != VERSION or match is None:
        return None
    return CustomId(match["command"], match["action"], int(match["owner"]), tuple(match["rest"].split(":")[1:]))
