"""A stand-in for Discord's webhooks: takes what is posted, answers as Discord does, and lists it as JSON.

Failures can be scripted: PUT `/answers/<webhook>` with a list of `{"status": 429, "retry_after": 2}`, one for each of
the next requests. The status 0 sends no answer. A message that gets such an answer is not stored.
"""

from __future__ import annotations

import json
import time
from collections import defaultdict, deque
from datetime import UTC, datetime
from typing import Any

from devkit.discord_client import snowflake
from devkit.discord_server.server import read_body
from devkit.listener import Listener, Request

KEPT = 500  # messages; older ones are forgotten
SILENCE = 15.0  # seconds without an answer, longer than any caller waits
LARGEST = 10 * 1024 * 1024  # bytes: Discord's own limit for a request with files


class Webhooks:
    """Post to `url(name)`; GET `received_url` lists the messages, newest last; DELETE removes them."""

    def __init__(self) -> None:
        self.received: deque[dict[str, Any]] = deque(maxlen=KEPT)
        self.answers: defaultdict[str, deque[dict[str, Any]]] = defaultdict(deque)
        self._listener = Listener(_Request, self)

    @property
    def received_url(self) -> str:
        return f"{self._listener.url}/received"

    def url(self, name: str) -> str:
        """The address of one webhook, shaped like Discord's."""
        return f"{self._listener.url}/api/webhooks/{name}/local"

    def answer_next(self, name: str, *statuses: int, retry_after: float = 1.0) -> None:
        """Script the answers to the next requests to a webhook; their messages are not stored."""
        self.answers[name].extend({"status": status, "retry_after": retry_after} for status in statuses)

    def stop(self) -> None:
        self._listener.stop()


class _Request(Request):
    @property
    def owner(self) -> Webhooks:
        owner = super().owner
        assert isinstance(owner, Webhooks)
        return owner

    def do_POST(self) -> None:  # noqa: N802 (the same)
        if int(self.headers.get("Content-Length") or 0) > LARGEST:
            self.close_connection = True
            return self._unknown()
        body = self.body()
        match self.path.partition("?")[0].split("/"):
            case ["", "api", "webhooks", name, _]:
                scripted = self.owner.answers[name]
                return self._refuse(scripted.popleft()) if scripted else self._take(name, body)
            case _:
                return self._unknown()

    def _unknown(self) -> None:
        self.answer(404, b'{"message": "Unknown Webhook", "code": 10015}')

    def _refuse(self, scripted: dict[str, Any]) -> None:
        status, wait = int(scripted["status"]), float(scripted.get("retry_after", 1.0))
        if status == 0:
            time.sleep(SILENCE)
            self.close_connection = True
            return
        said = {
            "message": "refused as scripted",
            "code": 0,
            **({"retry_after": wait, "global": False} if status == 429 else {}),
        }
        self.answer(status, json.dumps(said).encode(), {"Retry-After": f"{wait:g}"} if status == 429 else {})

    def do_PUT(self) -> None:  # noqa: N802 (the base class's name)
        match self.path.split("/"):
            case ["", "answers", name]:
                self.owner.answers[name] = deque(json.loads(self.body()))
                self.answer(204)
            case _:
                self.answer(404)

    def _take(self, name: str, body: bytes) -> None:
        try:
            message, files = read_body(self.headers.get("Content-Type", ""), body)
        except ValueError:
            return self.answer(400, b'{"message": "Cannot send an empty message", "code": 50006}')
        at, agent = datetime.now(UTC).isoformat(), self.headers.get("User-Agent", "")
        identity = str(snowflake())
        received = {"id": identity, "webhook": name, "at": at, "user_agent": agent, "message": message}
        received |= {"files": [{"name": one.name, "size": len(one.content)} for one in files]} if files else {}
        self.owner.received.append(received)
        if "wait=true" in self.path:
            return self.answer(200, json.dumps({"id": identity}).encode())
        return self.answer(204)

    def do_PATCH(self) -> None:  # noqa: N802 (the base class's name)
        """A message that the webhook has posted is replaced where it stands."""
        message, identity = json.loads(self.body()), self.path.partition("?")[0].rpartition("/messages/")[2]
        for received in list(self.owner.received):  # others may be posted meanwhile
            if received["id"] == identity:
                received["message"] = message
                return self.answer(200, json.dumps({"id": identity}).encode())
        return self.answer(404, b'{"message": "Unknown Message", "code": 10008}')

    def do_GET(self) -> None:  # noqa: N802 (the base class's name)
        if self.path == "/received":
            return self.answer(200, json.dumps(list(self.owner.received)).encode())
        match self.path.split("/"):
            case [
                "",
                "api",
                "webhooks",
                ("announcements" | "admins" | "alerts") as name,
                _,
            ]:  # a check whether it exists
                return self.answer(200, json.dumps({"type": 1, "name": name}).encode())
            case _:
                return self._unknown()

    def do_DELETE(self) -> None:  # noqa: N802 (the same)
        self.owner.received.clear()
        self.answer(204)
