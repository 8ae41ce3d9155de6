"""What the chain of the audit log proves: whether each entry is the one that was sealed (docs/decisions/038)."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

HEADS = "audit/"
"""Below it the bucket has the end of the chain of each day, which nobody overwrites."""

AS_JSON = {"Content-Type": "application/json"}
"""The headers of such an end."""

START = hashlib.sha256(b"").hexdigest()
"""The link before the first."""


@dataclass(frozen=True, slots=True)
class Head:
    """The end of the chain: its position, 0 for an empty one, and its link in hexadecimal."""

    position: int
    link: str


@dataclass(frozen=True, slots=True)
class Link:
    """An entry as the chain has it, beside the entry as it is now. Digests and links are in hexadecimal.

    `stray` is an entry between this one and the one before it, which the chain does not have. `actor`, `about` and
    `rest` are what of the entry is sealed, as text. `actor_gone` and `about_gone`: the salt was forgotten; then
    `is_anonymous` and `is_bare` say whether the fields are empty, as they must be.
    """

    position: int
    entry_id: int
    stray: int | None
    is_there: bool
    actor_gone: bool
    about_gone: bool
    is_anonymous: bool
    is_bare: bool
    actor: str
    about: str
    rest: str
    actor_digest: str
    about_digest: str
    link: str


def difference(one: Link, before: Head) -> str:
    """What of an entry is not as it was sealed after `before`, in words; "" when all is."""
    if one.position != before.position + 1:
        return f"link {before.position + 1} of the chain is gone"
    if one.stray is not None:
        return f"entry {one.stray} is not in the chain: it was added later, with an id from before"
    return _of_entry(one, before)


def _of_entry(one: Link, before: Head) -> str:
    if not one.is_there:
        return f"entry {one.entry_id} is gone"
    if not _holds(one.actor, one.actor_digest, is_gone=one.actor_gone, is_empty=one.is_anonymous):
        return f"entry {one.entry_id} names another actor than when it was sealed"
    if not _holds(one.about, one.about_digest, is_gone=one.about_gone, is_empty=one.is_bare):
        return f"entry {one.entry_id} has another subject, before, after or reason than when it was sealed"
    if one.link != _link(one, before):
        return f"entry {one.entry_id} is not the one that was sealed here: its time, action, operator or place differs"
    return ""


def _holds(text: str, digest: str, *, is_gone: bool, is_empty: bool) -> bool:
    return is_empty if is_gone else digest == hashlib.sha256(text.encode()).hexdigest()


def _link(one: Link, before: Head) -> str:
    sealed = bytes.fromhex(before.link + one.actor_digest + one.about_digest)
    return hashlib.sha256(sealed + one.rest.encode()).hexdigest()


def key(day: date) -> str:
    """Where the end of the chain of that day stands."""
    return f"{HEADS}{day:%Y-%m-%d}.json"


def write(head: Head) -> bytes:
    """The end of the chain as JSON: no field of it is a person's."""
    return json.dumps({"position": head.position, "link": head.link}).encode()
