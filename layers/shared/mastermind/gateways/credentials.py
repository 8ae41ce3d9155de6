"""The credentials of a function's calls to AWS: its own keys, or under SnapStart those that Lambda provides.

Source: "Container credential provider" in the AWS SDKs and tools reference guide.
"""

from __future__ import annotations

import json
import time
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, cast

from mastermind.deadline import Deadline
from mastermind.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mastermind.config import AwsCredentials, AwsSettings, CredentialsEndpoint

type Credentials = Callable[[Deadline], AwsCredentials]
"""Returns them, before the deadline; raises Unavailable."""

EARLY = 1200.0
"""Seconds before they expire from which others are asked for: a link that they sign lives for 15 minutes."""

OK = 200

PATIENCE = 0.5  # seconds for the lender, which is on the same machine


def of(settings: AwsSettings) -> Credentials | None:
    """Those of this process; None if it has none."""
    if settings.lender is not None:
        return _borrowed(settings.lender)
    own = settings.credentials
    return None if own is None else lambda _: own


@cache
def _borrowed(lender: CredentialsEndpoint) -> Borrowed:
    """One for everything that the process signs."""
    return Borrowed(lender)


class Borrowed:
    """Credentials that Lambda lends, asked for when they are first needed and again before they expire."""

    def __init__(self, lender: CredentialsEndpoint) -> None:
        self._lender = lender
        self._expires = 0.0  # by the wall clock: the monotonic one may stand still while a process is frozen
        self._credentials: AwsCredentials | None = None

    def __call__(self, deadline: Deadline) -> AwsCredentials:
        kept, left = self._credentials, self._expires - time.time()
        if kept is not None and left > EARLY:
            return kept
        try:
            self._credentials, self._expires = _ask(self._lender, deadline)
        except Unavailable:
            if kept is None or left <= 0:
                raise
            return kept
        return self._credentials


def _ask(lender: CredentialsEndpoint, deadline: Deadline) -> tuple[AwsCredentials, float]:
    """The credentials, and when they expire. No error shows what was answered."""
    from mastermind.gateways import http

    soon = Deadline.after(min(PATIENCE, deadline.remaining() / 2))
    response = http.send("GET", lender.url, None, {"Authorization": lender.token}, soon)
    if response.status != OK:
        raise Unavailable(f"Lambda lends no credentials: {response.status}")
    try:
        answer = cast("Mapping[str, str]", json.loads(response.body))
        return lender.credentials(answer), datetime.fromisoformat(answer["Expiration"]).timestamp()
    except (ValueError, KeyError, TypeError):
        raise Unavailable("Lambda lends no credentials: its answer is not as documented") from None
