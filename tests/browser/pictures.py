"""The pictures of README and docs, taken from the page itself in a real Chromium: `make pictures`.

One for each heading of the gallery with the scenes that say most, and a few of the whole page while it is played.
"""

from __future__ import annotations

import json
import re
import sys
import tempfile
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playwright.sync_api import expect

from local.cloud import ROOT
from mastermind.bot import registry
from simulator.served import GALLERY
from tests.browser.conftest import (
    PHONE,
    WIDE,
    chromium_running,
    gallery,
    gallery_served,
    opened,
)
from tests.cloud.running import cloud_running, settings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from playwright.sync_api import Browser, FloatRect, Page, ViewportSize

    from tests.browser.conftest import Scheme, Seat

FOLDER = ROOT / "docs" / "pictures"
TAKEN = FOLDER / "taken.json"
"""For each picture of scenes the digest of what they were when it was taken."""

GUIDE = ROOT / "docs" / "BIG_BEAUTIFUL_EMBED_GUIDE.md"
BEHIND = "## Any command\n"
"""The part of the guide before which a new command is put."""

COLUMN: ViewportSize = {"width": 1080, "height": 900}
MARGIN = 12
SHOWN: Mapping[str, tuple[str, ...]] = {
    "/start": ("a newcomer: a deed that can be done now", "the third step: their rhythm"),
    "/today": ("a newcomer", "one more, and its part in the raid"),
    "/tenseylist": ("one awarded, one on its way",),
    "/tenseyleaderboard": ("full",),
    "/submit-stats": ("the form “Core social”", "a Templar day with every bonus"),
    "/submit-past-stats": ("stored: XP, but no streak",),
    "/stats-days": ("some days",),
    "/stats-edit": ("a form, filled with what is logged", "fewer than before"),
    "/stats-delete": ("asking first",),
    "/pause": ("begun",),
    "/rest-day": ("taken",),
    "/history": ("some rows of every kind that a member makes",),
    "/scorecard": ("some weeks into the game", "two members side by side"),
    "/progress": ("XP of 30 days",),
    "/leaderboard": ("XP of all time, around oneself",),
    "/faction-stats": ("full",),
    "/raid-status": ("some have contributed",),
    "/start-raid": ("a warrior raid", "cancelling: asked once more"),
    "/course overview": ("a module complete",),
    "/course progress": ("a module complete",),
    "/course module": ("a lesson watched",),
    "/course watch": ("the last of a module: it is complete",),
    "/course ask": ("the form", "a new answer"),
    "/admin home": ("everything at once",),
    "/admin course-questions": ("many", "the form of an answer"),
    "/admin course-answer": ("another answer in its place",),
    "/help": ("a member's",),
    "/settings": ("hidden",),
    "/privacy export": ("a file",),
    "/privacy delete": ("asking", "asking again"),
    "/security warn": ("the second strike",),
    "/security warnings": ("proposals, as an admin sees them",),
    "/security flags": ("one",),
    "/security health": ("all is well", "the game is down"),
    "/security audit": ("some of everything",),
    "/security export-data": ("a file",),
    "/security backup": ("started",),
    "/admin adjust-xp": ("XP given",),
    "/admin reset-stats": ("asking", "reset"),
    "/admin outages": ("one does not count",),
    "/admin report": ("a full week",),
    "/admin settings": ("all settings", "who the moderators are: asked once more"),
    "/admin roles add": ("for a level, with the lower ones",),
    "/admin roles list": ("two roles, one of them refused",),
    "/admin roles remove": ("removed",),
    "/admin roles sync": ("begun",),
    "Any command": ("too fast", "the database is away", "nobody knows whether it was stored", "a mistake of ours"),
    "Somebody in need": ("words of despair in a question", "the moderators are mentioned"),
    "For you": ("XP of ticks, and a level reached with it",),
    "Announcements": ("10 challenges", "level 5", "a raid has begun", "a raid is won", "a full week"),
    "Announcements by a webhook": ("level 5", "several members"),
    "Cheers": ("several",),
    "Direct messages": ("a first warning", "before a timeout"),
    "A member's week": ("a good week",),
    "Reminders": ("in the first days", "with a streak"),
    "The admins' channel": ("it may not post there",),
    "Alerts": ("the game is down", "something is to do", "the game is well again"),
    "Posted buttons": ("the list of challenges, with a banner", "the leaderboard"),
}
PAGE = ("page-light.png", "page-dark.png", "page-phone.png")
"""The page of `make run`, played."""

LEAVE = """([heading, states]) => {
  document.getElementById("pictures").hidden = true;
  document.querySelectorAll("main.scenes article.scene").forEach(scene => {
    scene.hidden = !states.includes(scene.ariaLabel.slice(heading.length + 2));
  });
}"""
"""Hides what the game draws, and every scene but those of one picture."""


def file_of(heading: str) -> str:
    """`/course overview` is pictured in `course-overview.png`."""
    return f"{re.sub(r'\W+', '-', heading).strip('-').lower()}.png"


def digests() -> dict[str, str]:
    """What each picture of scenes must show, by its file."""
    scenes = {(scene["name"], scene["state"]): scene for scene in _gallery()}
    return {file_of(name): _digest([scenes[name, state] for state in states]) for name, states in shown().items()}


def shown() -> dict[str, tuple[str, ...]]:
    """What each picture of scenes shows: of a heading that SHOWN does not name, its first scene."""
    first = {scene["name"]: (scene["state"],) for scene in reversed(_gallery())}
    return {**SHOWN, **{name: states for name, states in first.items() if name not in SHOWN}}


def _gallery() -> list[dict[str, Any]]:
    return json.loads(GALLERY.read_text(encoding="utf-8"))


def _digest(scenes: list[dict[str, Any]]) -> str:
    return sha256(json.dumps(scenes, sort_keys=True).encode()).hexdigest()[:16]


def take() -> Iterator[str]:
    """Take every picture again; each one's file when it is there."""
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.iterdir():
        old.unlink()
    with chromium_running() as browser, tempfile.TemporaryDirectory() as folder:
        with gallery_served(Path(folder)) as url, gallery(browser, url, COLUMN) as page:
            yield from (_scenes(page, *each) for each in shown().items())
        with cloud_running(settings(Path(folder))) as cloud:
            yield from _played(browser, cloud.endpoints["page_url"])
    _write_taken(digests())


def take_one(heading: str) -> Iterator[str]:
    """Take the picture of one heading, and see that the guide shows it; its files."""
    states = shown()[heading]
    with (
        chromium_running() as browser,
        tempfile.TemporaryDirectory() as folder,
        gallery_served(Path(folder)) as url,
        gallery(browser, url, COLUMN) as page,
    ):
        yield _scenes(page, heading, states)
    now, taken = digests(), json.loads(TAKEN.read_text(encoding="utf-8"))
    taken[file_of(heading)] = now[file_of(heading)]
    _write_taken({file: taken[file] for file in now if file in taken})
    if f"({FOLDER.name}/{file_of(heading)})" not in GUIDE.read_text(encoding="utf-8"):
        _add_to_guide(heading, states)
        yield GUIDE.name


def _write_taken(taken: Mapping[str, str]) -> None:
    TAKEN.write_text(json.dumps(taken, indent=2) + "\n", encoding="utf-8")


def _add_to_guide(heading: str, states: tuple[str, ...]) -> None:
    """A new command stands behind the others, until somebody finds a better place for it."""
    text = GUIDE.read_text(encoding="utf-8")
    described = next(
        command.description
        for app in registry.APPS
        for command in registry.commands(app)
        if f"/{command.name}" == heading.partition(" ")[0]
    )
    picture = f"![{heading}: {'; '.join(states)}]({FOLDER.name}/{file_of(heading)})"
    before, found, after = text.partition(BEHIND)
    assert found
    GUIDE.write_text(f"{before}## {heading}\n{described}\n\n{picture}\n\n{found}{after}", encoding="utf-8")


def _scenes(page: Page, heading: str, states: tuple[str, ...]) -> str:
    page.evaluate(LEAVE, [heading, states])
    section = page.get_by_role("region", name=heading, exact=True)
    for image in section.locator("article.scene:not([hidden]) img").all():
        image.scroll_into_view_if_needed()
        image.evaluate("it => it.decode()")
    page.evaluate("document.fonts.ready.then(() => scrollTo(0, 0))")
    found = section.bounding_box()
    assert found is not None
    clip: FloatRect = {
        "x": found["x"],
        "y": found["y"],
        "width": found["width"],
        "height": found["height"] + MARGIN,
    }
    page.screenshot(path=FOLDER / file_of(heading), clip=clip, full_page=True)
    return file_of(heading)


def _played(browser: Browser, url: str) -> Iterator[str]:
    ways: tuple[tuple[str, ViewportSize, Scheme], ...] = (
        ("Noor", WIDE, "light"),
        ("Mika", WIDE, "dark"),
        ("Ana", PHONE, "dark"),
    )
    for name, (who, size, scheme) in zip(PAGE, ways, strict=True):
        with opened(browser, url, size, scheme) as seat:
            _play(seat, who)
            if who == "Mika":
                seat.tab("Inspector")
            seat.page.evaluate("document.fonts.ready.then(() => null)")
            seat.page.mouse.move(size["width"] / 2, size["height"] - 1)
            seat.page.screenshot(path=FOLDER / name)
        yield name


def _play(seat: Seat, who: str) -> None:
    """A few moments that show what the page is for."""
    seat.meet(who)
    seat.command("scorecard")
    seat.command("tenseylist").get_by_role("button", name="Did it").first.click()
    expect(seat.messages.nth(1)).to_contain_text("Ticked: +100 XP")
    seat.messages.nth(1).scroll_into_view_if_needed()


if __name__ == "__main__":
    for taken in take_one(f"/{sys.argv[1].removeprefix('/')}") if sys.argv[1:] else take():
        sys.stdout.write(f"{taken}\n")
