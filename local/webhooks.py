"""A stand-in for Discord's webhooks: takes what is posted, answers 204 as Discord does, and lists it as JSON."""

from __future__ import annotations

import json
from collections import deque
from datetime import UTC, datetime
from typing import Any

from local.listener import Listener, Request

KEPT = 500  # messages; older ones are forgotten
LARGEST = 10 * 1024 * 1024  # bytes: Discord's own limit for a request with files


class Webhooks:
    """Post to `url(name)`; GET `received_url` lists what came, the newest last; DELETE it to forget."""

    def __init__(self) -> None:
        self.received: deque[dict[str, Any]] = deque(maxlen=KEPT)
        self._listener = Listener(_Request, self)

    @property
    def received_url(self) -> str:
        return f"{self._listener.url}/received"

    def url(self, name: str) -> str:
        """The address of one webhook, shaped like Discord's."""
        return f"{self._listener.url}/api/webhooks/{name}/local"

    def stop(self) -> None:
        self._listener.stop()


class _Request(Request):
    @property
    def owner(self) -> Webhooks:
        owner = super().owner
        assert isinstance(owner, Webhooks)
        return owner

    def do_POST(self) -> None:  # noqa: N802 (the same)
        size = int(self.headers.get("Content-Length") or 0)
        match self.path.partition("?")[0].split("/"):
            case ["", "api", "webhooks", name, _] if size <= LARGEST:
                self._take(name, self.body())
            case _:
                self.close_connection = True
                self.answer(404, b'{"message": "Unknown Webhook", "code": 10015}')

    def _take(self, name: str, body: bytes) -> None:
        try:
            message = json.loads(body)
        except ValueError:
            return self.answer(400, b'{"message": "Cannot send an empty message", "code": 50006}')
        at, agent = datetime.now(UTC).isoformat(), self.headers.get("User-Agent", "")
        self.owner.received.append({"webhook": name, "at": at, "user_agent": agent, "message": message})
        return self.answer(204)

    def do_GET(self) -> None:  # noqa: N802 (the base class's name)
        if self.path == "/received":
            self.answer(200, json.dumps(list(self.owner.received)).encode())
        else:
            self.answer(404)

    def do_DELETE(self) -> None:  # noqa: N802 (the same)
        self.owner.received.clear()
        self.answer(204)
