"""How high each scene of the gallery is on a phone: `python -m tests.browser.heights [the beginning of its name]`."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from tests.browser.conftest import chromium_running, gallery, gallery_served

if TYPE_CHECKING:
    from collections.abc import Mapping

    from playwright.sync_api import Browser, ViewportSize

SCREEN: ViewportSize = {"width": 390, "height": 844}
CHANNEL = 612
"""Pixels of the screen in which messages stand: without the system's bar, the channel's name and the box."""

MEASURED = """() => Object.fromEntries([...document.querySelectorAll("main.scenes article.scene")].map(scene =>
  [scene.ariaLabel, Math.floor(scene.querySelector(".drawn").getBoundingClientRect().height)]))"""


def heights(browser: Browser, url: str) -> Mapping[str, int]:
    """The height of each scene in pixels, by its heading and state ("/help: a member's")."""
    with gallery(browser, url, SCREEN) as page:
        return page.evaluate(MEASURED)


def _print(beginning: str) -> None:
    with tempfile.TemporaryDirectory() as folder, gallery_served(Path(folder)) as url, chromium_running() as browser:
        found = heights(browser, url)
    for name, height in sorted(found.items(), key=lambda scene: -scene[1]):
        if name.startswith(beginning):
            sys.stdout.write(f"{height:5} {'too high ' if height > CHANNEL else ''}{name}\n")


if __name__ == "__main__":
    _print(" ".join(sys.argv[1:]))
