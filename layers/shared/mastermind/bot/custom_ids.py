"""The custom_ids of buttons, selects and modals: they contain all the state that an answer needs.

    version:path:action:owner:revision:key:arguments...

At most 100 characters (Discord's limit). A custom_id comes back from the client, so it is untrusted input: the code
that uses an argument checks it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from mastermind.discord.wire import BIGGEST_ID
from mastermind.patterns import late

if TYPE_CHECKING:
    from collections.abc import Sequence

VERSION = "1"
"""Incremented when the meaning of custom_ids changes; older messages are then refused politely."""

LONGEST = 100

PATH, ACTION, OWNER, REVISION, KEY = 24, 12, 11, 4, 11
"""Maximum characters of each part. A snowflake in base 62 has 11; at least 32 are left for the arguments."""

DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

_VALUES = {digit: value for value, digit in enumerate(DIGITS)}
_NUMBER = "0|[1-9A-Za-z][0-9A-Za-z]{0,10}"
_SHAPE = late(
    rf"(?P<path>[-a-z0-9]+(\.[-a-z0-9]+){{0,2}}):(?P<action>[-a-z]{{1,{ACTION}}}):(?P<owner>{_NUMBER}):"
    rf"(?P<revision>([0-9A-Za-z]{{{REVISION}}})?):(?P<key>({_NUMBER})?)(?P<rest>(:[^:]*)*)",
)


@dataclass(frozen=True, slots=True)
class CustomId:
    """A parsed custom_id.

    `path` names the command and, after dots, its group and subcommand. `owner` is the member it belongs to, 0 when
    anybody may use it. `revision` is that of the answer it is part of, "" for a posted message. `key` is the
    idempotency key of the action, an interaction's id; 0 when each use counts on its own.
    """

    path: str
    action: str
    owner: int = 0
    revision: str = ""
    key: int = 0
    arguments: tuple[str, ...] = ()

    def __str__(self) -> str:
        return _joined(self.path, self.action, self.owner, self.revision, self.key, self.arguments)


def path(command: str, subcommand: str) -> str:
    """The path of a subcommand, whose name is one word, or two in a group."""
    return ".".join((command, *subcommand.split()))


def make(path: str, action: str, owner: int, *arguments: str | int, revision: str = "", key: int = 0) -> str:
    """Write a custom_id; whole numbers in base 62. Raises ValueError for anything that would not parse back."""
    written = [to_base62(each) if isinstance(each, int) else each for each in arguments]
    custom_id = _joined(path, action, owner, revision, key, written)
    is_read_back = custom_id.count(":") == 5 + len(written) and _SHAPE.fullmatch(custom_id, len(VERSION) + 1)
    if not is_read_back or len(custom_id) > LONGEST or len(path) > PATH:
        raise ValueError(f"not a usable custom_id: {custom_id!r}")
    return custom_id


def _joined(path: str, action: str, owner: int, revision: str, key: int, arguments: Sequence[str]) -> str:
    parts = (VERSION, path, action, to_base62(owner), revision, to_base62(key) if key else "")
    return ":".join((*parts, *arguments))


@lru_cache(8)  # that of one tap is read in several places
def read(custom_id: str) -> CustomId | None:
    """Parse a custom_id; None when it has another version, or is not ours."""
    version, _, rest = custom_id.partition(":")
    match = _SHAPE.fullmatch(rest)
    if version != VERSION or match is None:
        return None
    owner, key = from_base62(match["owner"]) or 0, from_base62(match["key"] or "0") or 0
    if max(owner, key) > BIGGEST_ID:
        return None
    arguments = tuple(match["rest"].split(":")[1:])
    return CustomId(match["path"], match["action"], owner, match["revision"], key, arguments)


def revision_of(interaction_id: int) -> str:
    """The last four digits of an interaction's id in base 62: they distinguish two answers of one message."""
    return to_base62(interaction_id)[-REVISION:].rjust(REVISION, "0")


@lru_cache(64)  # a message names its owner in each of its buttons
def to_base62(number: int) -> str:
    """Write a whole number, 0 or more."""
    digits = ""
    while number >= len(DIGITS):
        number, value = divmod(number, len(DIGITS))
        digits = DIGITS[value] + digits
    return DIGITS[number] + digits


def from_base62(digits: str) -> int | None:
    """Parse a whole number; None for anything that `to_base62` does not write."""
    number = 0
    for digit in digits:
        if digit not in _VALUES:
            return None
        number = number * len(DIGITS) + _VALUES[digit]
    return number if digits and to_base62(number) == digits else None
