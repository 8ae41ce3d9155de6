"""Members who play in a running local cloud, more and more at once: how late their answers are, and how many fail.

Each of them looks at the list of challenges, ticks one, looks at the card, and logs a day by a form: six interactions,
signed as Discord does. Nobody waits between two: so few stand for many.
"""

from __future__ import annotations

import itertools
import threading
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, cast

import httpx

from bench.saturation import Machine
from devkit.discord_client import DiscordClient, User
from local.demo import button

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from bench.saturation import Busy
    from devkit.discord_client import Answer
    from devkit.json_types import Json

CONCURRENCIES = (1, 2, 4, 8, 16, 32, 64)

WARM = 2.0
"""Seconds of each step that are not counted: processes start that then go on."""

MOST_FAILED = 0.5
"""The share of failures with which it ends: more players would measure nothing."""

MEMBERS = 5000
"""Who plays, in turn: so many that nobody meets a limit of their own."""

FIRST_MEMBER = 7 << 40
TEXT_INPUT = 4  # Discord's type of a component
UNAVAILABLE = "can't reach its database"
BROKEN = "Something went wrong on our side"
TOO_FAST = "Too fast!"


@dataclass(frozen=True, slots=True)
class Step:
    """So many players for a while. Latencies are in seconds, of answers that were as they should be; in order."""

    players: int
    seconds: float
    latencies: Sequence[float]
    failures: Mapping[str, int]
    busy: Busy

    @property
    def asked(self) -> int:
        return len(self.latencies) + sum(self.failures.values())

    @property
    def rate(self) -> float:
        """Good answers a second."""
        return len(self.latencies) / self.seconds

    @property
    def failed(self) -> float:
        """The share of answers that were not as they should be."""
        return sum(self.failures.values()) / max(1, self.asked)

    def percentile(self, share: float) -> float:
        """So many of the good answers took at most so long; 0 if there are none."""
        return self.latencies[min(len(self.latencies) - 1, int(share * len(self.latencies)))] if self.latencies else 0.0


def run(known: Json, most: int, seconds: float, begin: Callable[[int], None]) -> Iterator[Step]:
    """A step for each number of players, one after the other; ends early where more than half of the answers fail."""
    members, machine = itertools.count(), Machine.of(known)
    for players in CONCURRENCIES:
        if players > most:
            return
        begin(players)
        step = _step(known, players, seconds, members, machine)
        yield step
        if step.failed > MOST_FAILED:
            return


@dataclass
class Player:
    """One who plays without a pause, as one member after the other, until `over`."""

    main: DiscordClient
    tensey: DiscordClient
    counted: threading.Event
    over: threading.Event
    latencies: list[float] = field(default_factory=list[float])
    failures: Counter[str] = field(default_factory=Counter[str])

    def play(self, members: Iterator[int]) -> None:
        while not self.over.is_set():
            self._as_member(User(FIRST_MEMBER + next(members) % MEMBERS, "Alex"))

    def _as_member(self, member: User) -> None:
        shown = self._asked(lambda: self.tensey.command("tenseylist", {"show": "open"}, user=member))
        self._tap(self.tensey, shown, "tick", member)
        self._asked(lambda: self.main.command("scorecard", user=member))
        card = self._asked(lambda: self.main.command("submit-stats", user=member))
        if form := self._tap(self.main, card, "", member):
            custom_id, fields = filled(form)
            self._asked(lambda: self.main.modal(custom_id, fields, user=member))

    def _tap(self, client: DiscordClient, shown: Answer | None, action: str, member: User) -> Answer | None:
        """Tap the first button that does `action`, or the first of all; None if there was none, or no good answer."""
        taps = [custom_id for _, custom_id in shown.buttons] if shown else []
        chosen = button(shown, action) if shown and action else next(iter(taps), "")
        return self._asked(lambda: client.component(chosen, user=member)) if chosen else None

    def _asked(self, ask: Callable[[], Answer]) -> Answer | None:
        """The answer if it is as it should be; counted either way."""
        if self.over.is_set():
            return None
        try:
            answer = ask()
        except httpx.HTTPError as error:
            return self._failed(type(error).__name__)
        if words := wrong(answer):
            return self._failed(words)
        if self.counted.is_set():
            self.latencies.append(answer.seconds)
        return answer

    def _failed(self, words: str) -> None:
        if self.counted.is_set():
            self.failures[words] += 1


def wrong(answer: Answer) -> str:
    """Why an answer is none that a member wants; empty if it is."""
    if answer.status != HTTPStatus.OK:
        return f"HTTP {answer.status}"
    found = [words for words in (UNAVAILABLE, BROKEN, TOO_FAST) if words in answer.text]
    return found[0] if found else ""


def filled(form: Answer) -> tuple[str, dict[str, str]]:
    """The id of a form, and its fields with a 1 in the first."""
    boxes = [part for part in form.parts() if part["type"] == TEXT_INPUT]
    names = [cast("str", box["custom_id"]) for box in boxes]
    data = cast("dict[str, Any]", form.body["data"])
    return str(data["custom_id"]), {name: "1" if name == names[0] else "" for name in names}


def _step(known: Json, players: int, seconds: float, members: Iterator[int], machine: Machine) -> Step:
    counted, over = threading.Event(), threading.Event()
    with ExitStack() as stack:
        clients = [
            [stack.enter_context(DiscordClient.from_endpoints(known, app)) for app in ("main", "tensey")]
            for _ in range(players)
        ]
        playing = [Player(main, tensey, counted, over) for main, tensey in clients]
        threads = [threading.Thread(target=each.play, args=(members,), daemon=True) for each in playing]
        for thread in threads:
            thread.start()
        over.wait(WARM)
        before, began = machine.look(), time.monotonic()
        counted.set()
        over.wait(seconds)
        counted.clear()
        over.set()
        lasted, busy = time.monotonic() - began, machine.since(before)
        for thread in threads:
            thread.join()
    latencies = sorted(itertools.chain.from_iterable(each.latencies for each in playing))
    failures = sum((each.failures for each in playing), Counter[str]())
    return Step(players, lasted, latencies, dict(failures), busy)
