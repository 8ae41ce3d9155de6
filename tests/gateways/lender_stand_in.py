"""A real server in place of Lambda's endpoint for credentials: lends what it is told to, and counts."""

from __future__ import annotations

import json
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, cast

from mastermind.config import AwsCredentials, CredentialsEndpoint
from tests.serving import LocalServer, Quiet, serving

if TYPE_CHECKING:
    from collections.abc import Generator

TOKEN = "let me borrow"
LONG = timedelta(hours=6)


class Lender(LocalServer):
    """Lends credentials whose key ends with the number of the loan, unless `always` says which."""

    def __init__(self) -> None:
        super().__init__(_Request)
        self.asked = 0
        self.lifetime = LONG
        self.always: AwsCredentials | None = None
        self.status = 200
        self.body: bytes | None = None  # instead of credentials

    @property
    def endpoint(self) -> CredentialsEndpoint:
        return CredentialsEndpoint(f"{self.url}/2021-04-23/credentials", TOKEN)

    @property
    def environment(self) -> dict[str, str]:
        """As Lambda sets it under SnapStart."""
        return {
            "AWS_CONTAINER_CREDENTIALS_FULL_URI": self.endpoint.url,
            "AWS_CONTAINER_AUTHORIZATION_TOKEN": self.endpoint.token,
        }

    def lend(self) -> bytes:
        self.asked += 1
        lent = self.always or AwsCredentials(f"ASIA{self.asked}", f"secret {self.asked}", f"session {self.asked}")
        return json.dumps(
            {
                "AccessKeyId": lent.access_key_id,
                "SecretAccessKey": lent.secret_access_key,
                "Token": lent.session_token,
                "Expiration": f"{datetime.now(UTC) + self.lifetime:%Y-%m-%dT%H:%M:%SZ}",
            }
        ).encode()


class _Request(Quiet, BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        lender = cast("Lender", self.server)
        is_known = self.headers["Authorization"] == TOKEN
        body = lender.lend() if lender.body is None else lender.body
        self.send_response(lender.status if is_known else 403)
        self.end_headers()
        self.wfile.write(body if is_known else b"{}")


@contextmanager
def lender() -> Generator[Lender]:
    """The stand-in, listening on this machine alone."""
    with serving(Lender()) as server:
        yield server
