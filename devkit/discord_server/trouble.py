"""Discord's failures: each kind of 429, errors, time-outs, and lost answers."""

from __future__ import annotations

import json
from collections import deque
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

CLOUDFLARE = b"<!doctype html><title>Access denied | discord.com used Cloudflare</title><h1>Error 1015</h1>"


@dataclass(frozen=True, slots=True)
class Trouble:
    """`status` 0 sends nothing for `silence` seconds and hangs up. `done` means that the request takes effect first."""

    status: int = 0
    body: bytes = b"{}"
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    done: bool = False
    silence: float = 0.0


def error(status: int, code: int = 0, words: str = "refused as scripted") -> Trouble:
    """An error with Discord's own code, such as 50013."""
    return Trouble(status, json.dumps({"message": words, "code": code}).encode())


def limited(seconds: float, scope: str = "user") -> Trouble:
    """A 429 of Discord: `scope` is user (one route), global or shared."""
    is_global = scope == "global"
    said = {"message": "You are being rate limited.", "retry_after": seconds, "global": is_global}
    headers = {"Retry-After": str(max(1, round(seconds))), "X-RateLimit-Scope": scope}
    return Trouble(429, json.dumps(said).encode(), headers | ({"X-RateLimit-Global": "true"} if is_global else {}))


def blocked(seconds: int | None = None) -> Trouble:
    """A 429 of Cloudflare, which blocks an address: HTML, and not always with a time."""
    headers = {"Content-Type": "text/html", **({"Retry-After": str(seconds)} if seconds is not None else {})}
    return Trouble(429, CLOUDFLARE, headers)


def lost(silence: float = 0.0, *, done: bool = True) -> Trouble:
    """No answer, and whether what was asked took effect all the same."""
    return Trouble(done=done, silence=silence)


class Script:
    """The troubles of the next requests; `chance`, if there is one, is asked when none is scripted."""

    def __init__(self) -> None:
        self._next: deque[tuple[str, Trouble]] = deque()
        self._lock = Lock()
        self.chance: Callable[[str, str], Trouble | None] = _none

    def add(self, *troubles: Trouble, of: str = "") -> None:
        """Answer the next requests so; with `of`, only those whose path contains it."""
        with self._lock:
            self._next.extend((of, trouble) for trouble in troubles)

    def take(self, method: str, path: str) -> Trouble | None:
        """The trouble of this request; None for none."""
        with self._lock:
            for place, (of, trouble) in enumerate(self._next):
                if of in path:
                    del self._next[place]
                    return trouble
        return self.chance(method, path)


def _none(_method: str, _path: str) -> None:
    """No trouble."""
