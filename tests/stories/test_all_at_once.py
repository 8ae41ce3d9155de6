"""Every pair of writes at once, and a crowd that makes all of them: no deadlock, no error, and the invariants hold.

Few members, short raids and few challenges, so that everybody is in everybody's way.
"""

from __future__ import annotations

import os
import random
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import combinations_with_replacement, count
from threading import Barrier
from typing import TYPE_CHECKING, Any, LiteralString

import pytest

from devkit.postgres import OWNER
from mastermind.deadline import Deadline
from mastermind.errors import MemberMistake
from mastermind.game.announcements import actions as announcements
from mastermind.game.announcements.rules import AnnouncementKind
from mastermind.game.catalogue import content as catalogues
from mastermind.game.challenges import actions as challenges
from mastermind.game.cheers import actions as cheers
from mastermind.game.cheers.rules import Became, Post
from mastermind.game.course import actions as course
from mastermind.game.course import actions as course_actions
from mastermind.game.course import content as courses
from mastermind.game.days import actions as stats
from mastermind.game.days.rules import digest
from mastermind.game.exports import actions as exports
from mastermind.game.first_run import actions as first_run
from mastermind.game.first_run.rules import Step
from mastermind.game.flags import actions as flags
from mastermind.game.flags.rules import FlagStatus
from mastermind.game.ledger import actions as ledger
from mastermind.game.members.pace import Charge, Limit, Pace
from mastermind.game.members.rhythm import Rhythm
from mastermind.game.members.rules import Actor, Member, Subject
from mastermind.game.moderation import actions as moderation
from mastermind.game.outages import actions as outages
from mastermind.game.pauses import actions as pauses
from mastermind.game.privacy import actions as privacy
from mastermind.game.questions import actions as questions
from mastermind.game.raids import actions as raids
from mastermind.game.raids.rules import RaidType
from mastermind.game.rest_days import actions as rest_days
from mastermind.game.roles import actions as roles
from mastermind.game.roles.rules import GameRole, RoleKind
from mastermind.game.sanctions.rules import Proposal
from mastermind.game.settings import actions as settings
from mastermind.game.settings.actions import SettingsChange
from mastermind.game.today import actions as today
from mastermind.game.today import table as day_challenges
from mastermind.game.today.rules import Pools
from mastermind.operations.health import actions as health
from mastermind.operations.health.rules import Outage, Report
from mastermind.operations.jobs import actions as jobs
from mastermind.postgres.errors import DatabaseError
from mastermind.postgres.sqlstates import FORGOTTEN, TOO_FAST
from mastermind.relay.actions import Relay
from mastermind.relay.kind import Scene, find_all
from tests.actors import by
from tests.award.game import ZONE, Game, connect
from tests.relay.post import Discord
from tests.relay.post import Post as Outbox
from tests.stories.play import BROKEN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date
    from uuid import UUID

    from devkit.postgres import Postgres
    from mastermind.game.days.actions import When

SEED = int(os.environ.get("MASTERMIND_SEED", "20260802"))
SECONDS = float(os.environ.get("MASTERMIND_SECONDS", "8"))
HANDS, LEAST = 6, 20  # of a crowd, and what each of them writes on a machine that is slow
CATALOGUE, COURSE = catalogues.load(), courses.load()
LESSONS = [lesson.id for lesson in COURSE.modules[0].lessons]
MEMBERS = (1, 2, 3)
CHALLENGES = "ab"
KINDS = find_all()
LOOSE = Limit(1000, 1, 1000)
STRICT = Limit(50, 1, 5)
EXPECTED = {FORGOTTEN, TOO_FAST}

RAIDS: LiteralString = """
SELECT 'a raid is not the sum of its contributions', raid_id::text FROM raid_events AS raids
WHERE total <> (SELECT coalesce(sum(points), 0) FROM raid_contributions AS given WHERE given.raid_id = raids.raid_id)
UNION ALL
SELECT 'a completed raid has less than its target', raid_id::text FROM raid_events
WHERE status = 'completed' AND total < target
UNION ALL
SELECT 'a reward twice', source_id FROM xp_ledger WHERE source = 'raid' GROUP BY source_id, kind HAVING count(*) > 1
"""


@dataclass
class World:
    """What all hands share: what there is to be undone, edited, answered."""

    postgres: Postgres
    made: list[UUID] = field(default_factory=list["UUID"])
    numbers: Iterator[int] = field(default_factory=lambda: count(10_000))


class Hand:
    """One of those who act: with connections of its own, and chance of its own."""

    def __init__(self, world: World, number: int, stack: ExitStack) -> None:
        self.world = world
        self.chance = random.Random(SEED + number)  # noqa: S311 # repeatable, not secret
        self.main, self.tensey, self.award, self.relay, self.owner = (
            stack.enter_context(closing(connect(world.postgres, role)))
            for role in ("app_main", "app_tensey", "app_award", "app_outbox", OWNER)
        )
        self.discord = Discord(Outbox(), time.time)
        scene = Scene(77, list(AnnouncementKind), gives_roles=True)
        self.outbox = Relay(KINDS, scene, self.discord.post, 42, 2, time.time)

    def do(self, action: Callable[[Hand], object]) -> None:
        """Act; an error that a member may see is not a failure."""
        try:
            action(self)
        except MemberMistake:
            pass
        except DatabaseError as error:
            if error.sqlstate not in EXPECTED:
                error.add_note(self.world.postgres.log.read_text().rpartition("ERROR:")[2])  # both sides of a deadlock
                raise

    def number(self) -> int:
        return next(self.world.numbers)

    def member(self) -> Actor:
        """One of the few; their names change all the time, and sometimes they are too fast."""
        charge = Charge(self.chance.choice(list(Pace)), self.chance.choice([LOOSE, LOOSE, STRICT]))
        return Actor(self.chance.choice(MEMBERS), self.chance.choice(["Ann", "Ben"]), self.number(), ZONE, charge)

    def someone(self) -> int:
        return self.chance.choice(MEMBERS)

    def award_id(self) -> UUID | None:
        return self.chance.choice(self.world.made[-9:]) if self.world.made else None

    def today(self) -> date:
        row = self.main.execute("SELECT local_day(clock_timestamp(), %s)", [ZONE]).fetchone()
        assert row
        return row[0]

    def one_of(self, query: LiteralString) -> Any:  # noqa: ANN401 # as PostgreSQL has it
        """A random one of the ids that the query lists; None when it lists none."""
        found = self.main.execute(query).fetchall()
        return self.chance.choice(found)[0] if found else None


# --- every write there is ---


def tick(hand: Hand) -> None:
    challenge = hand.chance.choice(CHALLENGES)
    made = challenges.tick(hand.tensey, hand.member(), challenge, delay=0)
    hand.world.made.append(made.award_id)
    challenges.note_sent(hand.tensey, made.award_id)


def undo(hand: Hand) -> None:
    if award_id := hand.award_id():
        challenges.undo(hand.tensey, hand.member(), award_id)


def award(hand: Hand) -> None:
    if award_id := hand.award_id():
        challenges.apply(hand.award, award_id)


def sweep(hand: Hand) -> None:
    challenges.sweep(hand.award, Deadline.after(60))


def announce(hand: Hand) -> None:
    if hand.chance.random() < 0.5:
        announcements.announce(hand.relay, lambda _: None, list(AnnouncementKind), Deadline.after(60))
    else:
        announcements.hand_over(hand.relay, list(AnnouncementKind), Deadline.after(60))


def submit(hand: Hand) -> None:
    day: When = "yesterday" if hand.chance.random() < 0.3 else "today"
    added = {
        stat: hand.chance.randrange(1, 3) for stat in hand.chance.sample(["approaches", "grounding", "numbers"], 2)
    }
    number = hand.number()
    stats.submit(hand.main, by(hand.member(), number, ZONE), day, added, catalogue=CATALOGUE)


def edit(hand: Hand) -> None:
    day = hand.today() - timedelta(days=hand.chance.randrange(2))
    counts = {hand.chance.choice(["approaches", "grounding"]): hand.chance.randrange(4)}
    number = hand.number()
    stats.edit(hand.main, by(hand.member(), number, ZONE), day, counts, catalogue=CATALOGUE)


def delete_day(hand: Hand) -> None:
    actor = by(hand.member(), hand.number(), ZONE)
    shown = digest(stats.card(hand.main, actor, "today").counts)
    stats.delete(hand.main, actor, hand.today(), shown, catalogue=CATALOGUE)


def adjust(hand: Hand) -> None:
    amount = hand.chance.choice([-300, 250, 5000])
    ledger.adjust(hand.main, hand.member(), Subject(hand.someone()), amount, "because")


def reset(hand: Hand) -> None:
    ledger.reset(hand.main, hand.member(), Subject(hand.someone()), "because")


def start_raid(hand: Hand) -> None:
    kind = hand.chance.choice(list(RaidType))
    target = hand.chance.choice([100, 150])
    raids.start(hand.main, hand.member(), kind, minutes=15, target=target, tick_points=15)


def cancel_raid(hand: Hand) -> None:
    if raid_id := hand.one_of("SELECT raid_id FROM raid_events ORDER BY raid_id DESC LIMIT 2"):
        raids.cancel(hand.main, hand.member(), raid_id)


def reward_raids(hand: Hand) -> None:
    raids.sweep(hand.award, Deadline.after(60))


def warn(hand: Hand) -> None:
    subject = Subject(hand.someone(), "Somebody")
    moderation.warn(hand.main, hand.member(), subject, "because")


def withdraw_warning(hand: Hand) -> None:
    if warning_id := hand.one_of("SELECT id FROM user_warnings ORDER BY id DESC LIMIT 9"):
        rights, now = tuple(Proposal), datetime.now(UTC)
        moderation.withdraw(hand.main, hand.member(), warning_id, None, 1, rights=rights, now=now)


def confirm_proposal(hand: Hand) -> None:
    if proposal_id := hand.one_of("SELECT id FROM user_moderation ORDER BY id DESC LIMIT 9"):
        moderation.confirm(hand.main, hand.member(), proposal_id, None, 1, rights=tuple(Proposal))


def settle_proposal(hand: Hand) -> None:
    if proposal_id := hand.one_of("SELECT id FROM user_moderation ORDER BY id DESC LIMIT 9"):
        status = hand.chance.choice(list(moderation.SETTLE))
        moderation.settle(hand.main, hand.member(), proposal_id, status, None, 1)


def hide(hand: Hand) -> None:
    change(hand, SettingsChange(hidden=hand.chance.random() < 0.5))


def move(hand: Hand) -> None:
    change(hand, SettingsChange(time_zone=hand.chance.choice([ZONE, "Europe/Berlin", "Pacific/Auckland"])))


def be_announced(hand: Hand) -> None:
    change(hand, SettingsChange(announcements=hand.chance.random() < 0.5))


def change(hand: Hand, wanted: SettingsChange) -> None:
    settings.change(hand.main, hand.member(), wanted)


def export(hand: Hand) -> None:
    exports.export(hand.main, hand.member())


def export_somebody(hand: Hand) -> None:
    exports.export(hand.main, hand.member(), Subject(hand.someone()))


def back_up(hand: Hand) -> None:
    jobs.start_backup(hand.main, hand.member(), lambda: None)


def record_an_outage(hand: Hand) -> None:
    began = datetime.now(UTC) - timedelta(days=6) + timedelta(minutes=hand.number() % 8_000)
    health.record(hand.award, Outage(began, began + timedelta(hours=3), ("database",)))


def store_a_report(hand: Hand) -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=hand.number())
    health.store(hand.award, Report(healthy=True, since=None, version="1", probes=(), at=at, good_in_a_row=2))


def seed_the_course(hand: Hand) -> None:
    first = COURSE.modules[0]
    retold = replace(first, about=f"Rewritten for the {hand.number()}th time.")
    course_actions.seed(hand.owner, replace(COURSE, modules=(retold, *COURSE.modules[1:])))


def forget(hand: Hand) -> None:
    privacy.delete(hand.main, by(Member(hand.someone(), ""), hand.number()))


def watch(hand: Hand) -> None:
    course.watch(hand.main, hand.member(), hand.chance.choice(LESSONS))


def collect(hand: Hand) -> None:
    course.collect(hand.main, hand.member())


def ask(hand: Hand) -> None:
    words = hand.chance.choice(["How do I begin with this?", "Should I call him at 555 123 4567, the idiot?"])
    questions.ask(hand.main, hand.member(), words)


def answer(hand: Hand) -> None:
    if question_id := hand.one_of("SELECT question_id FROM course_questions ORDER BY question_id DESC LIMIT 9"):
        words, instead = "Like this.", hand.chance.random() < 0.5
        questions.answer(hand.main, hand.member(), question_id, words, instead=instead)


def see_an_answer(hand: Hand) -> None:
    questions.show(hand.main, hand.member(), 1)


def decide_flag(hand: Hand) -> None:
    if flag_id := hand.one_of("SELECT id FROM content_flags ORDER BY id DESC LIMIT 9"):
        flags.decide(hand.main, hand.member(), flag_id, FlagStatus.RESOLVED, 1)


def cheer(hand: Hand) -> None:
    if key := hand.one_of("SELECT key FROM announcements WHERE kind IN ('milestone', 'level_up') AND status = 'sent'"):
        cheers.tap(hand.main, hand.member(), Post(key))


def do_challenge_of_the_day(hand: Hand) -> None:
    today.do(hand.main, hand.member(), hand.chance.choice(CHALLENGES))


def undo_challenge_of_the_day(hand: Hand) -> None:
    if award_id := hand.one_of("SELECT award_id FROM day_awards ORDER BY award_id DESC LIMIT 3"):
        today.undo(hand.main, hand.member(), award_id)


def rest(hand: Hand) -> None:
    rest_days.declare(hand.main, hand.member(), hand.today())


def work_after_all(hand: Hand) -> None:
    rest_days.withdraw(hand.main, hand.member(), hand.today())


def pause(hand: Hand) -> None:
    pauses.begin(hand.main, hand.member(), 3, late=False)


def come_back(hand: Hand) -> None:
    pauses.end(hand.main, hand.member())


def take_a_step(hand: Hand) -> None:
    first_run.skip(hand.main, hand.member(), hand.chance.choice(list(Step)))


def decline(hand: Hand) -> None:
    first_run.decline(hand.main, hand.member())


def choose_a_rhythm(hand: Hand) -> None:
    first_run.choose(hand.main, hand.member(), hand.chance.choice(list(Rhythm)))


def want_reminders(hand: Hand) -> None:
    change(hand, SettingsChange(reminders=hand.chance.random() < 0.5))


def decide_an_outage(hand: Hand) -> None:
    if outage_id := hand.one_of("SELECT id FROM outages ORDER BY id DESC LIMIT 3"):
        outages.decide(hand.main, hand.member(), outage_id, 1, counts=hand.chance.random() < 0.5)


def give_a_role(hand: Hand) -> None:
    roles.add(hand.main, hand.member(), GameRole(5, RoleKind.LEVEL, hand.chance.randrange(1, 4), "", False, 1))


def take_a_role(hand: Hand) -> None:
    roles.remove(hand.main, hand.member(), 5)


def check_all_roles(hand: Hand) -> None:
    roles.sync(hand.main, hand.member())


def come_with_roles(hand: Hand) -> None:
    stats.card(hand.main, replace(hand.member(), role_ids=(5,)), "today")


def hand_over(hand: Hand) -> None:
    hand.outbox.work(hand.relay, Deadline.after(60))


def book_results(hand: Hand) -> None:
    for result in hand.discord.answer_all():
        hand.outbox.book(hand.relay, result, Deadline.after(60))


def meet_a_newcomer(hand: Hand) -> None:
    newcomer = hand.number()
    challenges.read(hand.tensey, Actor(newcomer, "New", newcomer, ZONE, Charge(Pace.PAGING, LOOSE)))


WRITES = (
    tick,
    undo,
    award,
    sweep,
    announce,
    submit,
    edit,
    delete_day,
    adjust,
    reset,
    start_raid,
    cancel_raid,
    reward_raids,
    warn,
    withdraw_warning,
    confirm_proposal,
    settle_proposal,
    hide,
    move,
    be_announced,
    export,
    export_somebody,
    back_up,
    record_an_outage,
    store_a_report,
    seed_the_course,
    forget,
    watch,
    collect,
    ask,
    answer,
    see_an_answer,
    decide_flag,
    cheer,
    do_challenge_of_the_day,
    undo_challenge_of_the_day,
    rest,
    work_after_all,
    pause,
    come_back,
    take_a_step,
    decline,
    choose_a_rhythm,
    want_reminders,
    decide_an_outage,
    give_a_role,
    take_a_role,
    check_all_roles,
    come_with_roles,
    hand_over,
    book_results,
    meet_a_newcomer,
)


# --- the proofs ---


@pytest.fixture
def game(database: Postgres) -> Iterator[Game]:
    """A game with nobody in it, and with its course."""
    with closing(Game(database)) as game:
        course_actions.seed(game.look, COURSE)
        game.look.execute("UPDATE bot_status SET is_on = true")
        day_challenges.put_pools(game.look, Pools(("a",), ("b",)))
        yield game


@pytest.fixture
def world(game: Game) -> World:
    return World(game.postgres)


@pytest.mark.prove
@pytest.mark.timeout(1800)
def test_every_pair_of_writes_at_once(game: Game, world: World):
    before = game.deadlocks()
    chance = random.Random(SEED)  # noqa: S311 # repeatable, not secret
    with ExitStack() as stack, ThreadPoolExecutor(2) as threads:
        first, second = Hand(world, 1, stack), Hand(world, 2, stack)
        for pair in combinations_with_replacement(WRITES, 2):
            mine, other = chance.sample(pair, 2)
            first.do(start_raid)
            first.do(submit)
            together = Barrier(2)
            delays = (0.0, chance.random() * 0.003)
            acts = ((first, mine, delays[0]), (second, other, delays[1]))
            for done in [threads.submit(act, together, *each) for each in acts]:
                done.result()
    assert game.deadlocks() == before
    check(game)


def act(together: Barrier, hand: Hand, action: Callable[[Hand], object], delay: float) -> None:
    together.wait()
    time.sleep(delay)
    hand.do(action)


def test_nobody_waits_for_a_member_whom_they_only_refer_to(game: Game, world: World):
    game.look.execute(
        "INSERT INTO users (user_id, display_name, time_zone) VALUES (1, 'Ann', 'UTC'), (2, 'Ben', 'UTC')"
    )
    game.look.execute(
        """
        INSERT INTO announcements (key, kind, user_id, details, status, resolved_at)
        VALUES ('level_up:2:1', 'level_up', 2, '{"level": 1}', 'sent', clock_timestamp())
        """
    )
    ann, ben = Actor(1, "Ann", 1, "UTC"), game.look
    with ExitStack() as stack, ben.transaction():
        hand = Hand(world, 1, stack)
        hand.main.execute("SET lock_timeout = '5s'")
        ben.execute("SELECT lock_member(2)")
        assert cheers.tap(hand.main, ann, Post("level_up:2:1")).became is Became.GIVEN


@pytest.mark.prove
def test_a_crowd_that_does_everything_at_once(game: Game, world: World):
    before, done = game.deadlocks(), 0

    def play(number: int) -> int:
        done, until = 0, time.monotonic() + SECONDS
        with ExitStack() as stack:
            hand = Hand(world, number, stack)
            rare = {forget, reset, export, export_somebody, cancel_raid, record_an_outage, seed_the_course}
            usual = [write for write in WRITES if write not in rare]
            while time.monotonic() < until or done < LEAST:
                hand.do(hand.chance.choice(usual if hand.chance.random() < 0.9 else WRITES))
                done += 1
        return done

    with ThreadPoolExecutor(HANDS) as threads:
        for first in count(1, HANDS):
            done += sum(threads.map(play, range(first, first + HANDS)))
            if game.one("SELECT count(*) FROM raid_events WHERE status = 'completed'"):
                break
    print(f"seed {SEED}: {done} writes")  # noqa: T201 # the measurement
    assert game.deadlocks() == before
    check(game)


def check(game: Game) -> None:
    """All that can be checked from the tables alone, now and once everything pending has arrived."""
    for _ in range(2):
        game.check()
        assert game.look.execute(BROKEN).fetchall() == []
        assert game.look.execute(RAIDS).fetchall() == []
        challenges.sweep(game.award, Deadline.after(60))
        raids.sweep(game.award, Deadline.after(60))
    assert game.one("SELECT count(*) FROM pending_xp_awards WHERE status = 'pending'") == 0
