"""The page's address: the same port and the same secret after each start, so that an open tab keeps working."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol, cast

from mastermind import strict_json

if TYPE_CHECKING:
    from pathlib import Path

    from devkit.json_types import Json
    from devkit.listener import Listener

FILE = "page.json"


class Listen(Protocol):
    """Begins to listen there; raises OSError when the port is taken."""

    def __call__(self, *, port: int = 0, secret: str = "") -> Listener: ...


def listen(folder: Path, begin: Listen) -> tuple[Listener, int]:
    """Listen where the page of this folder was, or at another port while that one is taken; which one is, else 0."""
    port, secret = _read(folder / FILE)
    try:
        listener, taken = begin(port=port, secret=secret), 0
    except OSError:
        return begin(secret=secret), port
    _write(folder / FILE, {"port": listener.port, "secret": listener.secret})
    return listener, taken


def _read(file: Path) -> tuple[int, str]:
    with suppress(OSError, ValueError, KeyError, TypeError):
        known = cast("Json", strict_json.loads(file.read_bytes()))
        return int(known["port"]), str(known["secret"])
    return 0, ""


def _write(file: Path, address: dict[str, object]) -> None:
    file.touch(mode=0o600)
    file.write_text(json.dumps(address), encoding="utf-8")
