"""Our own API from outside, as Discord and strangers see it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from mastermind.errors import Unavailable
from mastermind.gateways import http

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mastermind.deadline import Deadline

PING = json.dumps({"id": "1", "application_id": "1", "type": 1, "token": "forged", "version": 1}).encode()
"""What anybody may send; without Discord's key it must not be answered."""


@dataclass(frozen=True, slots=True)
class ApiAnswer:
    """What came back: the status, what its Date says (None: nothing), and when we asked and were answered.

    `release` is the version that answered, or empty: it was API Gateway, or a version that knows of none.
    """

    status: int
    date: datetime | None
    asked: datetime
    answered: datetime
    release: str = ""


class PublicApi:
    """The API at a URL that ends with its stage."""

    def __init__(self, url: str) -> None:
        self._url = url

    def forge(self, app: str, deadline: Deadline) -> ApiAnswer:
        """Send an interaction to an application, well signed by a key that is not Discord's; raises Unavailable."""
        return self._exchange("POST", f"/interactions/{app}", PING, _forged(PING), deadline)

    def health(self, deadline: Deadline) -> ApiAnswer:
        """GET /health; raises Unavailable."""
        return self._exchange("GET", "/health", None, {}, deadline)

    def _exchange(
        self, method: str, path: str, body: bytes | None, headers: Mapping[str, str], deadline: Deadline
    ) -> ApiAnswer:
        asked = datetime.now(UTC)
        try:
            response = http.send(method, self._url + path, body, headers, deadline)
        except Unavailable as error:
            raise Unavailable(f"the API cannot be reached: {error}") from None
        said = response.headers
        return ApiAnswer(
            response.status, _moment(said.get("date")), asked, datetime.now(UTC), said.get("x-release", "")
        )


def _forged(body: bytes) -> dict[str, str]:
    """Headers as Discord sends them, with a signature that is right in every way but for whose it is."""
    from nacl.signing import SigningKey

    timestamp = str(int(datetime.now(UTC).timestamp()))
    signature = SigningKey.generate().sign(timestamp.encode() + body).signature
    return {
        "Content-Type": "application/json",
        "X-Signature-Ed25519": signature.hex(),
        "X-Signature-Timestamp": timestamp,
    }


def _moment(date: str | None) -> datetime | None:
    try:
        return parsedate_to_datetime(date).astimezone(UTC) if date else None
    except ValueError:
        return None
