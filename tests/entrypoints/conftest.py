"""What every entry point's tests share."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest

from mastermind import observability
from mastermind.observability import EmfCounter

if TYPE_CHECKING:
    from collections.abc import Iterator

SERVICES = ("backup", "healthcheck", "migrate", "migrate_gate", "notify", "pictures", "relay", "xp_award")


@pytest.fixture(autouse=True)
def _own_logs() -> Iterator[None]:
    """Handlers set up the logs of a whole process; the next test begins without."""
    handlers = list(logging.root.handlers)
    yield
    observability.use(logging.NullHandler(), "NOTSET", EmfCounter("mastermind", "Mastermind"))
    logging.root.handlers = handlers
    for service in SERVICES:  # Powertools sets up each name once in a process
        logging.root.manager.loggerDict.pop(service, None)
