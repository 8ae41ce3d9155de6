"""The members: each ticks and undoes by signed interactions, insists until it is answered, and remembers the answer.

The answers they got are the model that the database is compared with in the end.
"""

from __future__ import annotations

import heapq
import json
import re
import time
from collections import Counter, deque
from concurrent.futures import Future
from contextlib import closing
from dataclasses import dataclass, field
from functools import cache
from itertools import count, starmap
from queue import Empty, SimpleQueue
from threading import Event, Lock
from typing import TYPE_CHECKING, cast
from uuid import UUID

from devkit import discord_client as discord
from devkit.discord_client import Answer, Place, User
from mastermind.bot import custom_ids, repeats
from mastermind.commands.parts.challenge_cards import ONE_LINE
from mastermind.discord.text import cut
from mastermind.entrypoints.endpoint import BUG, UNAVAILABLE
from mastermind.game.challenges import content as challenges
from mastermind.game.challenges import rules as domain
from mastermind.game.challenges.rules import CHALLENGE_XP, Challenge, Checklist, Show
from tests.chaos.processes import KillPlan, Process, Trouble
from tests.discord.signing import PUBLIC_KEY, signed_event

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from random import Random

    from devkit.json_types import Json
    from tests.chaos.processes import PlannedKill, Plant

PLACE = Place(application_id=1_100_000_000_000_000_001, guild_id=1_200_000_000_000_000_002)
FIRST_MEMBER = 1_300_000_000_000_000_001
DISCORD = {
    "DISCORD_APPLICATION_ID": str(PLACE.application_id),
    "DISCORD_PUBLIC_KEY": PUBLIC_KEY.hex(),
    "DISCORD_GUILD_ID": str(PLACE.guild_id),
}

TICKED_AGAIN = 0.5  # of those taken back are ticked once more
POPULAR = 0.5  # of the stories belong to a tenth of the members: they meet each other
WHEN_UNDONE = (0.0, 0.5), (0.9, 1.8), (2.0, 4.0)  # times the delay: at once, around the award, afterwards
AT_ONCE = 0.1  # of the interactions are delivered twice at the same time
DOUBLE_TAP = 0.1  # of them meet a second interaction of the member for the same thing
LATER = 0.1  # of them are delivered again a while later
PATIENCE = 180.0  # seconds a member insists
NAP = 0.01

BROKE = BUG.partition("`")[0]
TICKED_BEFORE = re.compile(r"^This one was ticked before", re.MULTILINE)
UNDONE_SINCE = re.compile(r"^That tick was undone since", re.MULTILINE)
UNDO_OUTCOMES = {
    "cancelled": re.compile(r"^Undone\. Nothing had been awarded yet", re.MULTILINE),
    "reversed": re.compile(r"^Undone\. Its \d+ XP was taken back", re.MULTILINE),
    "gone": re.compile(r"^That was undone before", re.MULTILINE),
}


# --- what is known ---


@dataclass(slots=True)
class Award:
    """A completion that was confirmed to a member; `status` is what the database must have in the end."""

    award_id: UUID
    user_id: int
    status: str = "awarded"  # a sweep past its time sees to that, unless it is undone


class Contradiction(Exception):
    """An answer that cannot be true after those before it: the run goes on to its verdict, the story ends here."""


@dataclass
class Model:
    """The answers that members got, and how often. `contradictions` are answers that cannot both be true."""

    awards: dict[UUID, Award] = field(default_factory=dict[UUID, Award])
    contradictions: list[str] = field(default_factory=list[str])
    seen: Counter[str] = field(default_factory=Counter[str])
    denied: list[int] = field(default_factory=list[int])  # interactions of which nothing was stored, as members read
    _lock: Lock = field(default_factory=Lock)

    def ticked(self, award_id: UUID, user_id: int) -> None:
        with self._lock:
            if award_id in self.awards:
                self.contradictions.append(f"award {award_id} was confirmed as new twice")
            self.awards[award_id] = Award(award_id, user_id)

    def undone(self, award_id: UUID, outcome: str) -> None:
        with self._lock:
            self.awards[award_id].status = outcome

    def contradict(self, what: str) -> None:
        with self._lock:
            self.contradictions.append(what)

    def deny(self, interaction_id: int) -> None:
        with self._lock:
            self.denied.append(interaction_id)

    def note(self, what: str) -> None:
        with self._lock:
            self.seen[what] += 1

    def acknowledged(self) -> tuple[Award, ...]:
        """Everything confirmed until now."""
        with self._lock:
            return tuple(Award(each.award_id, each.user_id, each.status) for each in self.awards.values())

    def undos(self) -> Counter[str]:
        return Counter(each.status for each in self.acknowledged())


# --- what members do ---


@dataclass(frozen=True, slots=True)
class Story:
    """A member and a challenge: for each time it is ticked the seconds until it is undone, None when it stays."""

    user: User
    challenge: Challenge
    undone_after: tuple[float | None, ...]


def plan(chance: Random, ticks: int, delay: float, undone: float) -> list[Story]:
    """Stories with so many ticks in all, of which the share `undone` is taken back."""
    users = [User(FIRST_MEMBER + n, f"Member {n}") for n in range(max(4, ticks // 40))]
    stories: list[Story] = []
    for user, challenge in _pairs(chance, users):
        if not ticks:
            break
        generations = _generations(chance, delay, undone)[:ticks]
        ticks -= len(generations)
        stories.append(Story(user, challenge, generations))
    return stories


def _pairs(chance: Random, users: Sequence[User]) -> Iterator[tuple[User, Challenge]]:
    """Members with challenges, no pair twice; some members are much busier than others."""
    every = list(challenges.load().by_id.values())
    left = {user.id: chance.sample(every, len(every)) for user in users}
    popular = users[: max(1, len(users) // 10)]
    while left:
        user = chance.choice(popular if chance.random() < POPULAR else users)
        if left.get(user.id):
            yield user, left[user.id].pop()
        else:
            left.pop(user.id, None)


def _generations(chance: Random, delay: float, undone: float) -> tuple[float | None, ...]:
    if chance.random() >= undone:
        return (None,)
    undone_after = delay * chance.uniform(*chance.choice(WHEN_UNDONE))
    again = _generations(chance, delay, undone) if chance.random() < TICKED_AGAIN else ()
    return (undone_after, *again)


@dataclass(frozen=True, slots=True)
class Reply:
    """What an answer says: of a tick "fresh", "before" or "gone"; of an undo "cancelled", "reversed" or "gone".

    A tick's answer names its award by the button that undoes it.
    """

    outcome: str
    award_id: UUID | None = None
    undo_button: str = ""


def read_tick(answer: Answer, challenge: Challenge) -> Reply:
    if UNDONE_SINCE.search(answer.text):  # a repeat: the page may show the next one
        return Reply("gone")
    outcome = "before" if TICKED_BEFORE.search(answer.text) else "fresh"
    button = _undo_button(answer, challenge)
    if button is None:
        raise Contradiction(f"the answer to a tick of {challenge.id} does not show it as done:\n{answer.text}")
    return Reply(outcome, award_named(button), button)


def read_undo(answer: Answer) -> Reply:
    found = [outcome for outcome, words in UNDO_OUTCOMES.items() if words.search(answer.text)]
    if len(found) != 1:
        raise Contradiction(f"the answer to an undo does not say what was done:\n{answer.text}")
    return Reply(found[0])


def award_named(button: str) -> UUID | None:
    """The award that a button undoes by name, None for any other button."""
    read = custom_ids.read(button)
    return (
        UUID(int=custom_ids.from_base62(read.arguments[0]) or 0)
        if read is not None and read.action == "untick"
        else None
    )


def _undo_button(answer: Answer, challenge: Challenge) -> str | None:
    """The button beside the challenge's text, which may be cut, when it undoes."""
    for part in answer.parts():
        texts = cast("list[Json]", part.get("components", [])) if "accessory" in part else []
        if any(cut(challenge.text, ONE_LINE)[:-1] in cast("str", text.get("content", "")) for text in texts):
            button = cast("str", cast("Json", part["accessory"]).get("custom_id", ""))
            return button if award_named(button) else None
    return None


# --- their connection to the application ---


@dataclass
class Client:
    """The tensey application as one thread calls it: a process of the shipped handler, replaced when it is killed."""

    plant: Plant
    kill_plan: KillPlan
    chance: Random
    model: Model
    stop: Event
    typical: float = 0.02
    _process: Process | None = None
    _planned_kill: PlannedKill | None = None
    _calls: int = 0

    def retry_until_answered(self, payload: Json, *, only_one: bool = False) -> Answer:
        """Deliver an interaction, with the same id again until it is answered.

        Told that nothing was stored, a member taps again: another interaction, if this was the `only_one` and
        no earlier delivery of it may be stored.
        """
        limit = time.monotonic() + PATIENCE
        while time.monotonic() < limit and not self.stop.is_set():
            answer = self.deliver(payload)
            if answer is None:
                self.model.note("unanswered")
                only_one = False
            elif UNAVAILABLE in answer.text:
                self._read_that_nothing_was_stored(payload, only_one=only_one)
            elif repeats.UNKNOWN in answer.text:
                self.model.note("told: unknown")
                only_one = False
            elif BROKE not in answer.text:
                return answer
            self.stop.wait(self.chance.uniform(0.05, 0.3))
        raise Trouble(f"a member was not answered within {PATIENCE:.0f} s")

    def _read_that_nothing_was_stored(self, payload: Json, *, only_one: bool) -> None:
        self.model.note("told: nothing")
        if only_one:
            self.model.deny(int(cast("str", payload["id"])))
            payload["id"] = str(discord.snowflake())

    def deliver(self, payload: Json) -> Answer | None:
        """Deliver it once; None when the answer was lost."""
        response = self._call(signed_event(payload, path="/interactions/tensey"))
        if response is None:
            return None
        return Answer(cast("int", response["statusCode"]), json.loads(cast("str", response["body"])), 0.0)

    def close(self) -> None:
        if self._process is not None:
            self._process.close()
            self._process = None

    def _call(self, event: Json) -> Json | None:
        if self._process is None:
            self._planned_kill, self._calls = self.kill_plan.draw(), 0
            self._process = self.plant.start()
        self._calls += 1
        is_to_be_killed = self._planned_kill is not None and self._calls >= self._planned_kill.call
        began = time.monotonic()
        called = self._process.call(event, self.chance.uniform(0, self.typical) if is_to_be_killed else None)
        self.typical += 0.1 * (min(time.monotonic() - began, 1.0) - self.typical)
        if called.exit_code is not None:
            self._check_killed(called.exit_code, killed=called.killed)
            self.close()
        return called.answer

    def _check_killed(self, exit_code: int, *, killed: bool) -> None:
        if not killed:
            raise Trouble(f"a process of interactions_tensey ended with exit status {exit_code}")
        self.model.note("kills of interactions_tensey")


class SecondClient:
    """A client with its own thread, for interactions that are delivered at the same time as another one."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._asked: SimpleQueue[tuple[Json, Future[Answer]]] = SimpleQueue()

    def retry_until_answered(self, payload: Json) -> Future[Answer]:
        future: Future[Answer] = Future()
        self._asked.put((payload, future))
        return future

    def serve(self) -> None:
        """The work of its thread, until the run stops."""
        with closing(self._client):
            while not self._client.stop.is_set():
                try:
                    payload, future = self._asked.get(timeout=NAP)
                except Empty:
                    continue
                try:
                    future.set_result(self._client.retry_until_answered(payload))
                except Exception as error:
                    future.set_exception(error)
                    raise


type Action = Callable[[Client], None]


class Agenda:
    """What is to be done, by time; new stories begin when nothing else is due and `may_begin` says so."""

    def __init__(self, stories: Sequence[Story], may_begin: Callable[[], bool]) -> None:
        self._stories, self._may_begin = deque(stories), may_begin
        self._later: list[tuple[float, int, Action]] = []
        self._numbers, self._under_way, self._lock = count(), 0, Lock()

    def push(self, seconds: float, action: Action) -> None:
        with self._lock:
            heapq.heappush(self._later, (time.monotonic() + seconds, next(self._numbers), action))

    def take(self, begin: Callable[[Story], Action]) -> Action | None:
        """Something to do now; say `done` afterwards."""
        may_begin = self._may_begin()
        with self._lock:
            action: Action | None = None
            if self._later and self._later[0][0] <= time.monotonic():
                action = heapq.heappop(self._later)[2]
            elif self._stories and may_begin:
                action = begin(self._stories.popleft())
            self._under_way += action is not None
            return action

    def done(self) -> None:
        with self._lock:
            self._under_way -= 1

    @property
    def has_begun(self) -> bool:
        """Whether every story has."""
        return not self._stories

    @property
    def is_empty(self) -> bool:
        with self._lock:
            return not (self._stories or self._later or self._under_way)


@dataclass
class Members:
    """What the members' threads share."""

    agenda: Agenda
    model: Model
    second: SecondClient
    chance: Random
    delay: float

    def act(self, client: Client) -> None:
        """The work of one thread: action after action, until the run stops."""
        with closing(client):
            while not client.stop.is_set():
                action = self.agenda.take(lambda story: lambda client: self.tick(client, story, 0))
                if action is None:
                    client.stop.wait(NAP)
                    continue
                try:
                    action(client)
                except Contradiction as contradiction:
                    self.model.contradict(str(contradiction))
                self.agenda.done()

    def tick(self, client: Client, story: Story, generation: int) -> None:
        payload = _tick(story)
        first, second, how = self._answers(client, payload, lambda: _tick(story))
        replies = [read_tick(answer, story.challenge) for answer in (first, second) if answer is not None]
        fresh = next((each for each in replies if each.outcome == "fresh"), None)
        if fresh is None or fresh.award_id is None:
            raise Contradiction(f"no answer says that {story.challenge.id} is ticked, but {replies}")
        self._expect([each.outcome for each in replies], _ONE_TICK[how], f"tick of {story.challenge.id}")
        if {each.award_id for each in replies} != {fresh.award_id}:
            self.model.contradict(f"one tick of {story.challenge.id} has two awards: {replies}")
        self.model.ticked(fresh.award_id, story.user.id)
        self._deliver_later(payload, lambda answer: self._recheck_tick(story, generation, replies[0], answer))
        undone_after = story.undone_after[generation]
        if undone_after is not None:
            self.agenda.push(undone_after, lambda client: self.undo(client, story, generation, fresh))

    def undo(self, client: Client, story: Story, generation: int, ticked: Reply) -> None:
        assert ticked.award_id is not None
        payload = _undo(story, ticked)
        first, second, how = self._answers(client, payload, lambda: _undo(story, ticked))
        replies = [read_undo(answer) for answer in (first, second) if answer is not None]
        outcome = next((each.outcome for each in replies if each.outcome != "gone"), "gone")
        self._expect([each.outcome for each in replies], _ONE_UNDO[how], f"undo of {ticked.award_id}")
        self.model.undone(ticked.award_id, outcome)
        self._deliver_later(payload, lambda answer: self._recheck_undo(ticked, replies[0], answer))
        if generation + 1 < len(story.undone_after):
            self.agenda.push(0.0, lambda client: self.tick(client, story, generation + 1))

    def _answers(self, client: Client, payload: Json, another: Callable[[], Json]) -> tuple[Answer, Answer | None, str]:
        """The answer to an interaction, and to one that came at the same time: the same one again, or its double."""
        drawn = self.chance.random()
        how = "twice" if drawn < AT_ONCE else "double" if drawn < AT_ONCE + DOUBLE_TAP else "once"
        if how == "once":
            return client.retry_until_answered(payload, only_one=True), None, how
        self.model.note("interactions delivered twice" if how == "twice" else "double taps")
        second = self.second.retry_until_answered(payload if how == "twice" else another())
        return client.retry_until_answered(payload), second.result(2 * PATIENCE), how

    def _deliver_later(self, payload: Json, recheck: Callable[[Answer], None]) -> None:
        """Perhaps deliver the same interaction once more, a while later, to any process."""
        if self.chance.random() >= LATER:
            return
        self.model.note("interactions delivered twice")
        self.agenda.push(
            self.delay * self.chance.uniform(0, 3), lambda client: recheck(client.retry_until_answered(payload))
        )

    def _expect(self, outcomes: list[str], expected: set[str], what: str) -> None:
        if " ".join(sorted(outcomes)) not in expected:
            self.model.contradict(f"{what} was answered {outcomes}")

    def _recheck_tick(self, story: Story, generation: int, ticked: Reply, answer: Answer) -> None:
        again = read_tick(answer, story.challenge)
        may_be_gone = story.undone_after[generation] is not None
        if again != ticked and not (again.outcome == "gone" and may_be_gone):
            self.model.contradict(f"a repeated tick was answered {again}, first {ticked}")

    def _recheck_undo(self, ticked: Reply, first: Reply, answer: Answer) -> None:
        again = read_undo(answer)
        if again != first:
            self.model.contradict(
                f"a repeated undo of {ticked.award_id} was answered {again.outcome}, not {first.outcome}"
            )


_ONE_TICK = {"once": {"fresh"}, "twice": {"fresh fresh"}, "double": {"before fresh"}}
_ONE_UNDO = {
    "once": {"cancelled", "reversed"},
    "twice": {"cancelled cancelled", "reversed reversed"},
    "double": {"cancelled gone", "gone reversed"},
}


def _tick(story: Story) -> Json:
    return discord.component(PLACE, story.user, _button(story, "tick", story.challenge.id))


def _undo(story: Story, ticked: Reply) -> Json:
    return discord.component(PLACE, story.user, ticked.undo_button)


def _button(story: Story, action: str, subject: str) -> str:
    place = _places()[story.challenge]
    return custom_ids.make("tenseylist", action, story.user.id, subject, place.chapter, place.page, Show.ALL)


@cache
def _places() -> dict[Challenge, domain.Place]:
    """On which page of the list each challenge stands."""
    checklist = Checklist(challenges.load(), {})
    chapters = checklist.catalogue.chapters
    pages = ((each.number, page) for each in chapters for page in range(1, checklist.pages(each, Show.ALL) + 1))
    places = list(starmap(domain.Place, pages))
    return {challenge: place for place in places for challenge in checklist.page(place, Show.ALL)}


def shown(client: Client, user: User) -> set[UUID]:
    """Every award that the member's list shows as done, paged from its first page to its last."""
    answer = client.retry_until_answered(discord.command(PLACE, user, "tenseylist", {"show": "done"}))
    found: set[UUID] = set()
    while True:
        found |= {award for _, button in answer.buttons if (award := award_named(button)) is not None}
        onward = [button for _, button in answer.buttons if _action(button) == "next"]
        if not onward:
            return found
        answer = client.retry_until_answered(discord.component(PLACE, user, onward[0]))


def _action(button: str) -> str:
    read = custom_ids.read(button)
    return read.action if read is not None else ""


def balances(awards: Sequence[Award]) -> dict[int, int]:
    """How many completions each member must have been awarded."""
    counted = Counter(each.user_id for each in awards if each.status == "awarded")
    return {each.user_id: counted[each.user_id] for each in awards}


def xp(completions: int) -> int:
    return CHALLENGE_XP * completions
