"""Local clouds for tests; most tests share the one of their session (`cloud` in tests/conftest.py)."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from local.aws import session
from local.cloud import STACK, Cloud, Settings

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

XP_DELAY = 2  # seconds
PATIENCE = 180  # seconds: for what comes by itself on a busy machine, also if a queue delivers it again after 60
SETTINGS_OF_SCHEDULES = {
    "GroupName",
    "Name",
    "ScheduleExpression",
    "ScheduleExpressionTimezone",
    "Target",
    "FlexibleTimeWindow",
}
UNLIMITED = {"LimitOther": "1000/s:1000"}  # a test that waits for XP looks at its card many times a second


class Silent:
    """Keeps what the cloud says while it starts and runs."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def step(self, what: str) -> None:
        self.said.append(what)

    def note(self, what: str) -> None:
        self.said.append(what)


def settings(folder: Path) -> Settings:
    return Settings(folder, xp_delay=XP_DELAY, limits=UNLIMITED)


@contextmanager
def cloud_running(settings: Settings) -> Generator[Cloud]:
    cloud = Cloud(settings, Silent())
    try:
        cloud.start()
        yield cloud
    finally:
        cloud.stop()


@contextmanager
def watched(cloud: Cloud) -> Generator[None]:
    """What dies is started again, as `make run` does while it waits."""
    enough = threading.Event()
    watch = threading.Thread(target=cloud.watch, args=(enough.wait,))
    watch.start()
    try:
        yield
    finally:
        enough.set()
        watch.join()


@contextmanager
def without_schedule(cloud: Cloud, name: str) -> Generator[None]:
    """The emulator runs it at moments of its own; in this block only the test runs its function."""
    url = cloud.emulator.url
    scheduler: Any = session(url).client("scheduler", endpoint_url=url)
    known = scheduler.get_schedule(GroupName=STACK, Name=f"{STACK}-{name}")
    kept = {key: known[key] for key in SETTINGS_OF_SCHEDULES & known.keys()}
    scheduler.update_schedule(**kept, State="DISABLED")
    try:
        yield
    finally:
        scheduler.update_schedule(**kept, State="ENABLED")
        scheduler.close()
