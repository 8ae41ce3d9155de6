"""Eight weeks of a community, played by the actions of the game itself on a clock that is moved.

So whatever holds for a game holds for this one. What is played follows from SEED and the time at which it ends.
"""

from __future__ import annotations

from copy import replace
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from random import Random
from typing import TYPE_CHECKING, LiteralString

from devkit.discord_client import snowflake
from mastermind.deadline import Deadline
from mastermind.game.challenges import actions as challenges
from mastermind.game.course import actions as courses
from mastermind.game.days import actions as days
from mastermind.game.first_run import actions as first_runs
from mastermind.game.members.authority import Access
from mastermind.game.members.rules import Actor, Subject
from mastermind.game.moderation import actions as moderation
from mastermind.game.pauses import actions as pauses
from mastermind.game.questions import actions as questions
from mastermind.game.raids import actions as raids
from mastermind.game.raids.rules import RaidType, tick_points
from mastermind.game.settings import actions as settings
from mastermind.game.settings.actions import SettingsChange
from mastermind.game.settings.content import zone
from mastermind.postgres.exchange import exchange, transaction
from simulator.sample.connection import LONGEST, history
from simulator.sample.days import Played, played, zone_of
from simulator.sample.people import PEOPLE, RAIDERS, Person

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from uuid import UUID

    from devkit.clock import Clock
    from mastermind.game.catalogue.rules import Catalogue
    from mastermind.game.challenges.rules import Challenges
    from mastermind.postgres.connection import Connection

SEED = 303
DELAY = 60
"""Seconds from a tick to its XP."""

WAIT = timedelta(seconds=DELAY + 1)

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
RAID_MINUTES = 240
AFTERWARDS = (RAID_MINUTES + 1) * MINUTE

WORDS = (
    (
        "Robin",
        9,
        "How do I begin a talk when somebody wears headphones?",
        "You do not. Pick somebody without; there are plenty.",
    ),
    ("Quinn", 2, "Does a hello count if nobody answers?", ""),
    ("Priya", 1, "My voice shakes each time. Does that ever stop?", ""),
)
"""Questions to the admins: who asked, how many days ago, what, and the answer."""

# What was announced weeks ago is in no channel of the page; the last hours are announced as soon as the game runs.
SETTLE: tuple[LiteralString, ...] = (
    """
    UPDATE announcements SET status = 'sent', resolved_at = made_at
    WHERE status = 'due' AND (kind <> 'raid_started' OR made_at < pg_catalog.clock_timestamp() - interval '4 hours')
    """,
    "DELETE FROM for_you WHERE at < pg_catalog.clock_timestamp() - interval '1 day'",
)

type Step = tuple[datetime, Callable[[], object]]
"""What happens at a moment."""


@dataclass(frozen=True, slots=True)
class Content:
    """What the game is about, as it was built."""

    catalogue: Catalogue
    challenges: Challenges
    time_zone: str


@dataclass
class Playing:
    """The people while they play."""

    conn: Connection
    clock: Clock
    content: Content
    ids: Mapping[str, int]
    now: datetime
    logged: dict[tuple[str, str, str], int] = field(default_factory=dict[tuple[str, str, str], int])
    ticked: dict[str, int] = field(default_factory=dict[str, int])
    alone: list[Played] = field(default_factory=list[Played])
    """What everybody does alone, as far as their steps are known."""

    def play(self) -> None:
        """Everything in the order of the clock."""
        for at, do in sorted(self._steps(), key=lambda step: step[0]):
            self.clock.set(at)
            do()
        self.clock.set(self.now)
        with exchange(self.conn), transaction(self.conn):
            for statement in SETTLE:
                self.conn.execute(statement)

    def _steps(self) -> Iterator[Step]:
        for person in PEOPLE:
            yield from self._life(person)
        yield from self._raid(self.now - 40 * DAY, RaidType.MAGE, 900, 0.4)
        yield from self._raid(self.now - 19 * DAY, RaidType.WARRIOR, 600, 1.3)
        yield from self._raid(self.now - 50 * MINUTE, RaidType.WARRIOR, 1000, 0.7)
        yield from self._staff()

    def _life(self, person: Person) -> Iterator[Step]:
        """All that one of them did alone."""
        chance = Random(f"{SEED} {person.name}")  # noqa: S311 (a game is played with it, nothing guarded)
        own = list(played(person, self.content.time_zone, self.now, chance, self.content.catalogue))
        self.alone += own
        came = min(each.at for each in own) - MINUTE
        yield came, partial(self._arrive, person, came)
        for each in own:
            yield each.at, partial(self._log, person, each.at, each.counts)
            if each.ticks:
                yield each.at + MINUTE / 2, partial(self._tick, person, each.at + MINUTE / 2, each.ticks, chance)
        for nth in range(person.lessons):
            yield own[nth * len(own) // person.lessons].at + 5 * MINUTE, partial(self._watch, person)
        if person.paused >= 0:
            at = self.now - person.paused * DAY - 2 * MINUTE
            yield at, partial(pauses.begin, self.conn, self._actor(person, at), 14, late=False)

    def _arrive(self, person: Person, at: datetime) -> None:
        first_runs.choose(self.conn, self._actor(person, at), person.rhythm)
        changes = [SettingsChange(hidden=True)] if person.hidden else []
        for change in [*changes, *([SettingsChange(reveals=person.shows)] if person.shows else [])]:
            settings.change(self.conn, self._actor(person, at), change)

    def _log(self, person: Person, at: datetime, counts: Mapping[str, int]) -> None:
        actor = self._actor(person, at)
        day = str(at.astimezone(zone(zone_of(person, self.content.time_zone))).date())
        added = {stat: self._room(person, day, stat, count) for stat, count in counts.items()}
        if added := {stat: count for stat, count in added.items() if count}:
            days.submit(self.conn, actor, "today", added, catalogue=self.content.catalogue)

    def _room(self, person: Person, day: str, stat: str, count: int) -> int:
        """As much of it as the day still holds."""
        key, known = (person.name, day, stat), self.content.catalogue.stat(stat)
        before = self.logged.get(key, 0)
        added = count if known.cap is None else max(0, min(count, known.cap - before))
        if known.once_a_day and before:
            return 0
        self.logged[key] = before + added
        return added

    def _tick(self, person: Person, at: datetime, often: int, chance: Random) -> None:
        """Tick the next ones of the list, leaving some out, and wait for their XP."""
        made = [self._tick_next(person, at, chance) for _ in range(often)]
        self.clock.set(min(at + WAIT, self.now))
        challenges.apply_all(self.conn, made)

    def _tick_next(self, person: Person, at: datetime, chance: Random) -> UUID:
        listed = tuple(self.content.challenges.by_id)
        place = self.ticked.get(person.name, -1) + chance.choice((1, 1, 1, 2))
        self.ticked[person.name] = place
        actor = self._actor(person, at)
        return challenges.tick(self.conn, actor, listed[place % len(listed)], delay=DELAY).award_id

    def _watch(self, person: Person) -> None:
        at = self.clock.now()
        lesson = courses.read(self.conn, self._actor(person, at)).progress.next_lesson
        if lesson:
            courses.watch(self.conn, self._actor(person, at), lesson.id)

    def _raid(self, at: datetime, kind: RaidType, target: int, reached: float) -> Iterator[Step]:
        """A raid that begins, and what the raiders give it, one after the other: `reached` of its target in all."""
        catalogue = self.content.catalogue
        yield (
            at,
            lambda: raids.start(
                self.conn,
                self._staff_of("Kim", at),
                kind,
                minutes=RAID_MINUTES,
                target=target,
                tick_points=tick_points(catalogue, kind),
            ),
        )
        stats = [stat for stat in catalogue.by_key.values() if stat.raid.get(kind) and stat not in catalogue.automatic]
        left = reached * target - self._points_alone(at, kind)
        for nth, name in enumerate(RAIDERS if stats else ()):
            stat = stats[nth % len(stats)]
            count = max(1, round(left * (len(RAIDERS) - nth) / 36 / stat.raid[kind]))
            moment = at + (4 + 5 * nth) * MINUTE
            yield moment, partial(self._log, self._person(name), moment, {stat.key: count})
        if at + AFTERWARDS < self.now:
            yield at + AFTERWARDS, partial(raids.sweep, self.conn, Deadline.after(LONGEST))

    def _points_alone(self, at: datetime, kind: RaidType) -> int:
        """What a raid gets of all that is logged and ticked beside it: after midnight the whole day of everybody."""
        catalogue = self.content.catalogue
        during = [each for each in self.alone if at <= each.at < at + RAID_MINUTES * MINUTE]
        logged = sum(
            count * catalogue.stat(stat).raid.get(kind, 0) for each in during for stat, count in each.counts.items()
        )
        return logged + sum(each.ticks for each in during) * tick_points(catalogue, kind)

    def _staff(self) -> Iterator[Step]:
        """What members ask, what the staff answers, and one warning."""
        for name, ago, question, answer in WORDS:
            at = self.now - ago * DAY + MINUTE
            yield at, partial(self._ask, self._person(name), at, question, answer)
        at = self.now - 6 * DAY
        subject = Subject(self.ids["Finn"], "Finn")
        yield (
            at,
            partial(moderation.warn, self.conn, self._staff_of("Jo", at), subject, "Filmed somebody without asking."),
        )

    def _ask(self, person: Person, at: datetime, question: str, answer: str) -> None:
        asked = questions.ask(self.conn, self._actor(person, at), question)
        if answer:
            questions.answer(self.conn, self._staff_of("Kim", at), asked.question_id, answer, instead=False)

    def _person(self, name: str) -> Person:
        return next(one for one in PEOPLE if one.name == name)

    def _staff_of(self, name: str, at: datetime) -> Actor:
        access = {"Kim": Access.ADMIN, "Jo": Access.MODERATOR}[name]
        return replace(self._actor(self._person(name), at), access=access)

    def _actor(self, person: Person, at: datetime) -> Actor:
        name, usual = person.name, self.content.time_zone
        return Actor(self.ids[name], name, snowflake(at.timestamp()), zone_of(person, usual))


def play(owner_url: str, content: Content, ids: Mapping[str, int], now: datetime | None = None) -> None:
    """Play it into an empty game, in one transaction; `ids` are the people's by their names.

    Raises MemberMistake or DatabaseError, with nothing stored.
    """
    with history(owner_url) as (conn, clock):
        Playing(conn, clock, content, ids, now or datetime.now(UTC)).play()
