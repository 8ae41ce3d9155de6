"""Takes notices from the queue and posts each to the webhook of the announcements."""

from __future__ import annotations

import logging
from collections import deque
from typing import TYPE_CHECKING

from mastermind.game.announcements import notices

if TYPE_CHECKING:
    from mastermind.deadline import Deadline
    from mastermind.gateways.parameters import SecretParameter
    from mastermind.gateways.webhooks import Webhooks

log = logging.getLogger(__name__)

REMEMBERED = 1000
"""Notices that a process knows it has posted. A queue delivers at least once; this makes a second post improbable."""


class Announcer:
    """Posts notices. Without a webhook they are dropped: a server need not want announcements."""

    def __init__(self, parameter: SecretParameter, webhooks: Webhooks) -> None:
        self._parameter, self._webhooks = parameter, webhooks
        self._posted: deque[tuple[object, ...]] = deque(maxlen=REMEMBERED)

    def receive(self, deadline: Deadline, body: str) -> None:
        """Post the notice in a message of the queue; raises what shall bring the message back."""
        notice = notices.read(body)
        if notices.identity(notice) in self._posted:
            log.info("announced before")
            return
        url = self._parameter.read()
        if url is None:
            log.warning("dropped: there is no webhook", extra={"do": _how_to_configure(self._parameter.name)})
            return
        self._webhooks.post(url, notices.message(notice), deadline)
        self._posted.append(notices.identity(notice))
        log.info("announced")


def _how_to_configure(name: str) -> str:
    return f"To have announcements, store the URL of a webhook as the SecureString parameter {name} in SSM."
