"""Members' pictures from Discord's CDN: by id and hash, small, soon or not at all."""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING

from mastermind import __version__
from mastermind.deadline import Deadline, within
from mastermind.discord import avatars
from mastermind.errors import Unavailable
from mastermind.gateways import tls
from mastermind.gateways.http import Client

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mastermind.pictures.figures import Person

log = logging.getLogger(__name__)

PATIENCE = 1.0
"""Seconds for all the avatars of a picture; a missing one is replaced by the initial."""

LARGEST = 1_000_000
"""Bytes of an avatar."""

SIZE = 256
"""Pixels that are asked for; what comes may not be larger than twice that."""

HASH = re.compile(r"(a_)?[0-9a-f]{32}")

HEADERS = {
    "User-Agent": f"DiscordBot (https://discord.com/developers/docs, {__version__})",
    "Accept": "image/png",
}

SIGNATURE = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"


class Avatars:
    """Fetches avatars, one after the other on one connection; keeps the last ones, since a hash never changes."""

    KEPT = 64

    def __init__(self, url: str) -> None:
        self._url = url
        self._known: dict[str, bytes] = {}

    def of(self, people: Iterable[Person], deadline: Deadline) -> dict[int, bytes]:
        """PNG by user, of those who have one that can be had now."""
        soon = Deadline.after(min(PATIENCE, deadline.remaining()))
        wanted = {
            person.user_id: avatars.path(person.user_id, person.avatar, SIZE)
            for person in people
            if HASH.fullmatch(person.avatar)
        }
        client = Client(self._url, tls.of_system(), LARGEST)
        try:
            found = {user_id: self._picture(client, path, soon) for user_id, path in wanted.items()}
        finally:
            client.close()
        return {user_id: picture for user_id, picture in found.items() if picture}

    def _picture(self, client: Client, path: str, deadline: Deadline) -> bytes:
        if path not in self._known and not deadline.passed and (picture := _fetched(client, path, deadline)):
            self._known[path] = picture
            while len(self._known) > self.KEPT:
                del self._known[next(iter(self._known))]
        return self._known.get(path, b"")


def _fetched(client: Client, path: str, deadline: Deadline) -> bytes:
    try:
        response = within(deadline, lambda: client.send("GET", path, None, HEADERS, deadline))
    except (Unavailable, TimeoutError) as error:
        log.info("an avatar did not come", extra={"reason": str(error)})
        client.abandon()
        return b""
    return response.body if response.status == 200 and _is_small(response.body) else b""


def _is_small(body: bytes) -> bool:
    """Whether it is a PNG of at most twice the size that was asked for, by what its header says."""
    if len(body) > LARGEST or not body.startswith(SIGNATURE):
        return False
    width, height = (int.from_bytes(body[place : place + 4]) for place in (16, 20))
    return 0 < width <= 2 * SIZE and 0 < height <= 2 * SIZE
