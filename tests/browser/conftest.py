"""A running local cloud, and a real Chromium in front of its page."""

from __future__ import annotations

import re
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from local.cloud import ROOT, Cloud, Settings
from simulator.server import Simulator
from tests.browser import chromium
from tests.cloud.running import Silent

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Locator, ViewportSize

type Scheme = Literal["light", "dark"]

PATIENCE = 120_000  # milliseconds: what comes each minute, at the next one, on a busy machine
expect.set_options(timeout=PATIENCE)
WIDE: ViewportSize = {"width": 1400, "height": 900}
PHONE: ViewportSize = {"width": 360, "height": 740}
AXE = ROOT / "simulator" / "page" / "node_modules" / "axe-core" / "axe.min.js"
BANNER = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 600 120" width="600" height="120">
<rect width="600" height="120" fill="#1d5c63"/><circle cx="520" cy="150" r="90" fill="#e2b04a"/>
<path d="M0 120 150 40 260 120zM180 120 300 60 420 120z" fill="#123c41"/></svg>"""
EVIL = "evil.example"  # an attacker's name, which DNS rebinding points to this machine
XP = re.compile(r"XP: (-?[\d,]+)")


@contextmanager
def chromium_running() -> Generator[Browser]:
    """The Chromium that the set-up has brought."""
    found = chromium.read(ROOT / ".tools" / "browser")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=found.program,
            env=found.environment,
            timeout=PATIENCE,
            args=[f"--host-resolver-rules=MAP {EVIL} 127.0.0.1"],
        )
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with chromium_running() as browser:
        yield browser


@dataclass
class Seat:
    """Somebody in the server, as a person at the page would be."""

    page: Page
    number: int = 1
    said: list[str] = field(default_factory=list[str])

    @property
    def pane(self) -> Locator:
        return self.page.get_by_role("region", name=re.compile(f"^Seat {self.number}:"))

    @property
    def posts(self) -> Locator:
        """Everything that applications and webhooks posted in the place that is open."""
        return self.pane.locator(".posted.answer:not([aria-busy])")

    @property
    def messages(self) -> Locator:
        """The answers that somebody got there, to a command, a button or a form."""
        return self.posts.filter(has=self.page.locator(".spine"))

    @property
    def last(self) -> Locator:
        return self.messages.last

    @property
    def members(self) -> Locator:
        """Who is listed beside the messages, where there is room for that."""
        return self.pane.get_by_role("complementary", name="Members").get_by_role("listitem")

    @property
    def box(self) -> Locator:
        """Where one types."""
        return self.pane.get_by_role("combobox", name=re.compile("^Message "))

    def play(self, name: str) -> None:
        """Sit down as a persona."""
        self.people()
        self.persona(name).click()
        expect(self.pane).to_have_accessible_name(f"Seat {self.number}: {name}")
        self.back_to_chat()

    def people(self) -> None:
        """Open the list of all personas."""
        self.menu()
        me = self.pane.get_by_role("button", name="You are")
        if me.get_attribute("aria-expanded") != "true":
            me.click()

    def menu(self) -> None:
        """On a phone the channels are a screen of their own."""
        expect(self.pane).to_be_visible()
        if (way := self.pane.get_by_role("button", name="Channels", exact=True)).is_visible():
            way.click()

    def back_to_chat(self) -> None:
        if not self.box.is_visible():
            self.pane.locator(".channel-row.chosen").click()

    def go(self, place: str) -> None:
        """Open a channel, or the direct messages."""
        self.menu()
        if place == "Direct Messages":
            self.pane.get_by_role("button", name=re.compile("^Direct Messages")).click()
        else:
            self.pane.locator(".channel-row").filter(has_text=place).click()
        self.back_to_chat()

    def persona(self, name: str) -> Locator:
        """Where one sits down as somebody; of two who are called alike the newer one."""
        return self.pane.get_by_role("radio", name=re.compile(rf"^{name}(,|$)")).last

    def meet(self, name: str, kind: str = "member") -> None:
        """Be somebody whom the game has never met."""
        self.people()
        self.pane.get_by_role("button", name="Somebody new").click()
        self.pane.get_by_label("Name").fill(name)
        self.pane.get_by_label("Kind").select_option(kind)
        self.pane.get_by_role("button", name="Add").click()
        expect(self.pane).to_have_accessible_name(f"Seat {self.number}: {name}")
        self.back_to_chat()

    def choose(self, command: str) -> None:
        """Type a command and take it from the picker, which closes with that."""
        expect(self.page.get_by_role("dialog")).to_have_count(0)  # it would get what is typed
        self.box.fill(f"/{command}")
        picker = self.pane.get_by_role("listbox", name="Commands")
        picker.get_by_role("option").filter(has=self.page.get_by_text(f"/{command}", exact=True)).click()
        expect(picker).to_have_count(0)

    def command(self, command: str, **options: str) -> Locator:
        """Use a command with some of its options, when everything before is answered; its answer."""
        expect(self.pane.locator("[aria-busy=true]")).to_have_count(0)
        before = self.messages.count()
        self.choose(command)
        form = self.options(command)
        if form.count():
            for name, value in options.items():
                self.fill(form, name, value)
            form.get_by_role("button", name="Send").click()
        expect(self.messages).to_have_count(before + 1)
        return self.last

    def options(self, command: str) -> Locator:
        """The command in the box, with its options."""
        return self.pane.get_by_role("form", name=f"Options of /{command}")

    def fill(self, form: Locator, name: str, value: str) -> None:
        """Type into an option; one that may be left out is added first."""
        pill = form.get_by_role("combobox", name=name, exact=True)
        if not pill.count():
            form.get_by_role("combobox", name="Another option").focus()
            form.get_by_role("option").filter(has=self.page.get_by_text(name, exact=True)).click()
        pill.fill(value)

    def tab(self, name: str) -> Locator:
        """One of the tools, which are folded away at first."""
        if not (tools := self.page.get_by_role("complementary", name="Tools")).is_visible():
            self.pane.get_by_role("button", name="Tools").click()
        tools.get_by_role("tab", name=name).click()
        return self.page.get_by_role("tabpanel")

    def mischief(self, label: str) -> Locator:
        """Inject a fault; returns the panel that reports it."""
        panel = self.tab("Mischief")
        panel.get_by_role("button", name=label, exact=True).click()
        return panel


@contextmanager
def opened(
    browser: Browser, url: str, size: ViewportSize = WIDE, scheme: Scheme = "dark", *, first_visit: bool = False
) -> Generator[Seat]:
    """The page in a window of its own; whatever it complains of on its console fails the test.

    Nothing comes from outside: for a picture that a message shows from elsewhere there is BANNER. Nothing moves.
    """
    context = browser.new_context(
        viewport=size,
        color_scheme=scheme,
        reduced_motion="reduce",
        locale="en-GB",
        timezone_id="America/New_York",
    )
    context.set_default_timeout(PATIENCE)
    hints = "" if first_visit else "localStorage.setItem('hints', 'seen');"
    context.add_init_script(f"localStorage.setItem('theme', '{scheme}'); {hints}")
    context.route(re.compile("^https:"), lambda route: route.fulfill(body=BANNER, content_type="image/svg+xml"))
    page = context.new_page()
    seat = Seat(page)
    page.on("console", lambda message: seat.said.append(message.text) if message.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: seat.said.append(str(error)))
    page.goto(url)
    yield seat
    page.unroute_all(behavior="ignoreErrors")
    context.close()
    assert seat.said == []


@contextmanager
def gallery_served(folder: Path) -> Generator[str]:
    """Where the gallery is: the page shows it without a game behind it."""
    simulator = Simulator(Cloud(Settings(folder), Silent()))
    yield f"{simulator.url}gallery"
    simulator.stop()


@contextmanager
def gallery(browser: Browser, url: str, size: ViewportSize = WIDE, scheme: Scheme = "dark") -> Generator[Page]:
    """The gallery with its scenes, in the fonts of the page."""
    with opened(browser, url, size, scheme) as seat:
        seat.page.wait_for_selector("main.scenes article")
        await_fonts(seat.page)
        yield seat.page


def await_fonts(page: Page) -> None:
    """Text is as wide as it will be only when its fonts are there."""
    page.evaluate("document.fonts.ready.then(() => null)")


@pytest.fixture
def seat(browser: Browser, cloud: Cloud) -> Iterator[Seat]:
    """A page that has looked at the server: it knows its members and roles."""
    with opened(browser, cloud.endpoints["page_url"]) as seat:
        expect(seat.members.first).to_be_visible()
        yield seat


def xp(card: Locator) -> int:
    found = XP.search(card.inner_text())
    assert found is not None, card.inner_text()
    return int(found.group(1).replace(",", ""))


def await_xp(seat: Seat, wanted: int) -> None:
    until = time.monotonic() + PATIENCE / 1000
    while (seen := xp(seat.command("scorecard"))) != wanted:
        assert time.monotonic() < until, f"{seen} XP instead of {wanted}"
