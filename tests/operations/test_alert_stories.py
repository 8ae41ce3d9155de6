"""Random stories of outages, alarms and deliveries: whatever happens to them, the operators read what happened.

Two invocations may run at the same time, in any order: here the second runs while the first reads, writes or posts.
"""

from __future__ import annotations

import heapq
import json
import random
import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mastermind.deadline import Deadline
from mastermind.errors import TryAgain, Unavailable
from mastermind.gateways.documents import Kept
from mastermind.operations.alerts.alerter import Alerter
from mastermind.operations.alerts.notes import NOTES, notes
from mastermind.operations.health import messages
from mastermind.operations.health import rules as health
from mastermind.operations.health.rules import Found, Probe, State

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mastermind.operations.alerts.records import Notes
    from mastermind.operations.health.rules import Outage

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
MINUTE, PERIOD = timedelta(minutes=1), timedelta(minutes=5)
LASTS = 5 * PERIOD
"""What is longer must have been notified of before it is over."""

RECEIVES, VISIBILITY, SOON = 30, MINUTE, timedelta(seconds=9)
FELT, TO_DO, ALARMS = ("database", "main", "awards"), ("snapshot", "clock"), ("Errors", "Slow", "Dropped")
TITLES = {"down": "🔴 The game is down", "more": "🔴 More of the game is down", "well": "🟢 The game is well again"}


class Died(BaseException):
    """The invocation ends here, and nothing after it is done."""


@dataclass(order=True)
class Delivery:
    at: datetime
    number: int
    body: str = field(compare=False)
    tries: int = field(compare=False, default=1)


@dataclass(frozen=True, slots=True)
class Said:
    at: datetime
    title: str
    text: str


class Text:
    """The notes as S3 keeps them: as text, and written over a version only."""

    def __init__(self, story: Story) -> None:
        self._story, self._text, self._version = story, "", 0

    def read(self, deadline: Deadline) -> Kept:
        assert not deadline.passed
        self._story.meanwhile()
        return Kept(self._text, str(self._version)) if self._version else Kept(None, None)

    def write(self, text: str, over: str | None, deadline: Deadline) -> str | None:
        assert not deadline.passed
        self._story.meanwhile()
        if over != (str(self._version) if self._version else None):
            return None
        self._text, self._version = text, self._version + 1
        return str(self._version)

    @property
    def notes(self) -> Notes:
        return NOTES.validate_json(self._text)


class Story:
    """One night: what is true, what is sent about it, and what the operators read."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)  # noqa: S311 # a story, no secret
        self.is_calm = self.chance.random() < 0.4
        self.now = BEGIN
        self.said: list[Said] = []
        self.mails: list[str] = []
        self.dead_letters: list[str] = []
        self.outages: list[tuple[Outage, dict[str, datetime]]] = []
        self.spans: list[tuple[str, datetime, datetime | None]] = []
        self._queue: list[Delivery] = []
        self._number, self._depth = 0, 0
        self.text = Text(self)

    # --- Discord and the mailbox ---

    def post(self, message: Mapping[str, Any], deadline: Deadline) -> None:
        assert not deadline.passed
        self.meanwhile()
        if self.troubled(0.15):
            raise Unavailable("Discord does not answer")
        [embed] = message["embeds"]
        self.said.append(Said(self.now, embed["title"], embed["description"]))
        if self.troubled(0.05):
            raise Died

    def send(self, subject: str, text: str, deadline: Deadline) -> None:
        assert not deadline.passed
        self.mails.append(f"{subject}\n\n{text}")

    def troubled(self, chance: float) -> bool:
        return not self.is_calm and self.chance.random() < chance

    # --- the queue ---

    def enqueue(self, at: datetime, body: str) -> None:
        for _ in range(1 + (self.chance.random() < 0.15)):
            late = timedelta(seconds=self.chance.choice([0, 1, 2, 5, 40, 130]))
            self._push(at + late, body, 1)

    def _push(self, at: datetime, body: str, tries: int) -> None:
        self._number += 1
        heapq.heappush(self._queue, Delivery(at, self._number, body, tries))

    def meanwhile(self) -> None:
        """A second invocation, which begins and ends while the first waits for an answer."""
        if self._depth == 1 and self._queue and self._queue[0].at <= self.now + SOON and self.chance.random() < 0.3:
            self._invoke(heapq.heappop(self._queue))

    def run(self) -> None:
        while self._queue:
            delivery = heapq.heappop(self._queue)
            self.now = max(self.now, delivery.at)
            self._invoke(delivery)

    def _invoke(self, delivery: Delivery) -> None:
        self._depth += 1
        try:
            Alerter(notes(self.text), self, self, None, PERIOD, now=lambda: self.now).receive(
                Deadline.after(600), delivery.body
            )
        except (TryAgain, Unavailable, Died) as error:
            if delivery.tries >= RECEIVES:
                self.dead_letters.append(str(error))
            else:
                self._push(self.now + VISIBILITY, delivery.body, delivery.tries + 1)
        finally:
            self._depth -= 1

    # --- what happens ---

    def play(self) -> None:
        end = self._check_all_night()
        for alarm in ALARMS:
            self._fire_all_night(alarm, end)
        self.run()

    def _check_all_night(self) -> datetime:
        state, at, until = State(), BEGIN, BEGIN
        failing, is_silent, alarming = set[str](), False, {"Healthy": False, "Checks": False}
        while at < BEGIN + timedelta(hours=5):
            if at >= until:
                until = at + self.chance.choice([5, 10, 20, 45]) * MINUTE
                failing = {name for name in (*FELT, *TO_DO) if self.chance.random() < self.chance.choice([0, 0.2, 0.5])}
                is_silent = self.chance.random() < 0.1
            if not is_silent:
                seen = {name for name in failing if self.chance.random() < 0.9}  # some of it comes and goes
                state = self._checked(state, seen, at)
            self._alarm("Healthy", alarming, state.since is not None or is_silent, at)
            self._alarm("Checks", alarming, is_silent, at + PERIOD)
            at += PERIOD
        for _ in range(4):
            state = self._checked(state, set(), at)
            self._alarm("Healthy", alarming, state.since is not None, at)
            self._alarm("Checks", alarming, False, at)
            at += PERIOD
        return at

    def _checked(self, before: State, failing: set[str], at: datetime) -> State:
        found = Found(tuple(Probe(name, name not in failing, f"{name} is wrong") for name in (*FELT, *TO_DO)))
        state = health.after(before, found, at)
        for name in TO_DO:
            was, now = before.to_do.get(name), state.to_do.get(name)
            if now and not was:
                self.spans.append((name.capitalize(), at, None))
            if was and not now:
                self._over(name.capitalize(), at)
        if state.last != before.last and state.last:
            self.outages.append((state.last, self._first))
        if state.since and not before.since:
            self._first: dict[str, datetime] = {}
        for name in state.failed:
            self._first.setdefault(name, at)
        body = json.dumps({"health": messages.write(messages.STATUS, health.status(state))})
        self.enqueue(at, body)
        return state

    def _over(self, what: str, at: datetime) -> None:
        self.spans = [
            (name, began, at if name == what and ended is None else ended) for name, began, ended in self.spans
        ]

    def _alarm(self, metric: str, alarming: dict[str, bool], is_alarm: bool, at: datetime) -> None:
        if alarming[metric] != is_alarm:
            alarming[metric] = is_alarm
            late = timedelta(seconds=self.chance.choice([5, 30, 55, 130]))
            self.enqueue(at + late, changed(metric, metric, at + late, is_alarm=is_alarm))

    def _fire_all_night(self, alarm: str, end: datetime) -> None:
        is_alarm, at = False, BEGIN + self.chance.randint(1, 30) * MINUTE
        while at < end:
            is_alarm = not is_alarm
            self.enqueue(at, changed(alarm, "Any", at, is_alarm=is_alarm))
            if is_alarm:
                self.spans.append((f"{alarm} is wrong", at, None))
            else:
                self._over(f"{alarm} is wrong", at)
            at += timedelta(minutes=self.chance.choice([1, 3, 8, 30, 60]), seconds=self.chance.randint(0, 59))


def changed(alarm: str, metric: str, at: datetime, *, is_alarm: bool) -> str:
    now, was = ("ALARM", "OK") if is_alarm else ("OK", "ALARM")
    return json.dumps(
        {
            "AlarmName": alarm,
            "AlarmDescription": f"{alarm} is wrong. First: look. Section: #a-section",
            "NewStateValue": now,
            "NewStateReason": "Threshold Crossed: 1 datapoint",
            "OldStateValue": was,
            "StateChangeTime": at.isoformat(),
            "Trigger": {"MetricName": metric},
        }
    )


# --- what must be true ---


def untold(story: Story) -> Iterator[str]:
    """Everything that lasted, but was nowhere notified."""
    for what, began, ended in story.spans:
        lasted = (ended or story.now) - began
        if lasted > LASTS and not any(mentions(said, what, began) for said in story.said):
            yield f"{what} at {began}"
    for outage, _ in story.outages:
        if not any(said.title == TITLES["well"] and stamp(outage.ended) in said.text for said in story.said):
            yield f"the end of the outage at {outage.ended}"


def late(story: Story) -> Iterator[str]:
    """Every probe that members feel and that newly failed, but was not notified at once."""
    for outage, first in story.outages:
        for name, at in first.items():
            begins = [s for s in story.said if s.title in {TITLES["down"], TITLES["more"]} and f"{name}\\:" in s.text]
            in_time = [said for said in begins if at - SOON <= said.at <= at + PERIOD]
            ends = [s for s in story.said if s.title == TITLES["well"] and stamp(outage.ended) in s.text]
            if not in_time:
                yield f"{name} at {at} in the outage of {outage.began}"
            if not all(f"{name}\\:" in said.text for said in ends):
                yield f"{name}, in the recovery of {outage.ended}"


def out_of_order(story: Story) -> Iterator[str]:
    """Recoveries and beginnings do not alternate."""
    titles = [said.title for said in story.said if said.title in {TITLES["down"], TITLES["well"]}]
    for number, title in enumerate(titles):
        if title != (TITLES["down"], TITLES["well"])[number % 2]:
            yield f"{number}: {title}"
    if len(titles) % 2:
        yield "the last outage has no end"


def repeated(story: Story) -> Iterator[str]:
    counts = Counter((said.title, said.text) for said in story.said)
    yield from (title for (title, _), count in counts.items() if count > 1)


def stamp(at: datetime) -> str:
    return f"<t:{int(at.timestamp())}:f>"


def mentions(said: Said, what: str, began: datetime) -> bool:
    lines = [f"{said.title} {said.text}"] if said.title.startswith(("🟠", "🟢 Over")) else said.text.splitlines()
    mentioned = (line for line in lines if what in line.replace("\\", ""))
    return any(stamp(began) in line or is_counted(line, began) for line in mentioned)


def is_counted(line: str, began: datetime) -> bool:
    """Whether a line about several times includes that one."""
    first, last = ([int(at) for at in re.findall(r"<t:(\d+):f>", line)] + [2**40])[:2]
    return " times," in line and first <= began.timestamp() <= last


def told(seed: int) -> Story:
    story = Story(seed)
    story.play()
    return story


def check(seed: int) -> None:
    story = told(seed)
    assert story.dead_letters == []
    assert story.text.notes.waiting == ()
    assert list(untold(story)) == []
    if story.is_calm:
        assert list(late(story)) == []
        assert list(out_of_order(story)) == []
        assert list(repeated(story)) == []


SEEDS = st.integers(0, 2**32)


@settings(max_examples=25)
@given(SEEDS)
def test_whatever_happens_the_operators_read_it_once_and_in_order(seed: int):
    check(seed)


@pytest.mark.prove
@settings(max_examples=300)
@given(SEEDS)
def test_many_more_nights(seed: int):
    check(seed)
