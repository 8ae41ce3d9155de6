"""AWS without the SDK, for what an interaction waits for: requests that we sign ourselves, each tried twice."""

from __future__ import annotations

from datetime import UTC, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING

from mastermind.deadline import Deadline
from mastermind.errors import ConfigError, Unavailable
from mastermind.gateways import credentials, sigv4, tls
from mastermind.gateways.http import Client

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from mastermind.config import AwsSettings
    from mastermind.gateways.credentials import Credentials

TRIES = 2


class SignedClient:
    """One service at one URL; not for several threads at once."""

    def __init__(self, service: str, url: str, settings: AwsSettings) -> None:
        """Raises ConfigError when the credentials are not configured."""
        found = credentials.of(settings)
        if found is None:
            raise ConfigError("AWS_ACCESS_KEY_ID", "is not set")
        self.service, self.region = service, settings.region
        self.credentials: Credentials = found
        self._client = Client(url, tls.of_aws(settings.ca_bundle))

    @property
    def host(self) -> str:
        return self._client.host

    def send(
        self,
        method: str,
        path: str,
        body: bytes,
        headers: Mapping[str, str],
        deadline: Deadline,
        accepted: Collection[int] = (HTTPStatus.OK,),
    ) -> None:
        """Send it until one of the statuses `accepted` comes back.

        Raises Unavailable when two tries that share `deadline` did not do it.
        """
        failure = "there was no time to ask"
        for tries_left in range(TRIES, 0, -1):
            if deadline.passed:
                break
            share = Deadline.after(deadline.remaining() / tries_left)
            failure = self._try(method, path, body, headers, share, accepted)
            if not failure:
                return
        raise Unavailable(f"{self.service.upper()} did not accept the request: {failure}")

    def close(self) -> None:
        """Close the connection; the next `send` connects again."""
        self._client.close()

    def _try(
        self,
        method: str,
        path: str,
        body: bytes,
        headers: Mapping[str, str],
        deadline: Deadline,
        accepted: Collection[int],
    ) -> str:
        """What went wrong, or an empty text."""
        try:
            signed = sigv4.signed_headers(
                method,
                path,
                {**headers, "Host": self.host},
                body,
                service=self.service,
                region=self.region,
                credentials=self.credentials(deadline),
                now=datetime.now(UTC),
            )
            response = self._client.send(method, path, body, signed, deadline)
        except Unavailable as error:
            return str(error)
        return "" if response.status in accepted else response.words
