"""Whatever is delivered eight times at the same moment happens once, and nobody gets an error for it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Barrier
from typing import TYPE_CHECKING, LiteralString
from uuid import UUID

import pytest

from mastermind.game.catalogue import content as catalogues
from mastermind.game.challenges import actions as challenges
from mastermind.game.course import actions as course
from mastermind.game.course import content as courses
from mastermind.game.days import actions as stats
from mastermind.game.exports import actions as exports
from mastermind.game.flags import actions as flags
from mastermind.game.flags.rules import FlagStatus
from mastermind.game.ledger import actions as ledger
from mastermind.game.members.rules import Member, Subject
from mastermind.game.moderation import actions as moderation
from mastermind.game.privacy import actions as privacy
from mastermind.game.questions import actions as questions
from mastermind.game.raids import actions as raids
from mastermind.game.raids.rules import RaidType
from mastermind.game.sanctions.rules import Proposal, ProposalStatus
from mastermind.game.settings import actions as settings
from mastermind.game.settings.actions import SettingsChange
from mastermind.operations.jobs import actions as jobs
from tests.actors import by
from tests.connections import enter

if TYPE_CHECKING:
    from collections.abc import Callable

    from devkit.postgres import Postgres
    from tests.conftest import Connection, Enter

ANN, ADA = Member(1, "Ann"), Member(2, "Ada")
ZONE, TIMES, FORM = "UTC", 8, 50
CATALOGUE = catalogues.load()
LESSON = courses.load().lessons[0].id
AWARD = UUID("01890000-0000-7000-8000-000000000000")

# Something of Ann's for each change to meet: a day, an award, a warning with its proposal, a flag, a question, a raid.
BEFORE: LiteralString = """
INSERT INTO users (user_id, display_name, time_zone) VALUES (1, 'Ann', 'UTC'), (2, 'Ada', 'UTC');
INSERT INTO pending_xp_awards (award_id, user_id, challenge_id, xp, day, due_at)
VALUES ('01890000-0000-7000-8000-000000000000', 1, 'a', 100, current_date, clock_timestamp() + interval '1 minute');
INSERT INTO user_warnings (id, user_id, display_name, strike, reason, given_by) OVERRIDING SYSTEM VALUE
VALUES (1000001, 1, 'Ann', 2, 'Rude', 2);
INSERT INTO user_moderation (id, user_id, warning_id, proposal) OVERRIDING SYSTEM VALUE
VALUES (1000001, 1, 1000001, 'timeout');
INSERT INTO content_flags (id, user_id, interaction_id, source, source_id, categories, excerpt) OVERRIDING SYSTEM VALUE
VALUES (1000001, 1, 1, 'elsewhere', '1', '{insult}', 'words');
INSERT INTO course_questions (question_id, user_id, nonce, question) VALUES (1000001, 1, 1, 'How do I begin with it?');
UPDATE bot_status SET is_on = true
"""
RAID: LiteralString = """
INSERT INTO raid_events (raid_id, type, target, tick_points, ends_at) OVERRIDING SYSTEM VALUE
VALUES (1000001, 'warrior', 900, 15, clock_timestamp() + interval '1 hour')
"""


@dataclass(frozen=True, slots=True)
class Once:
    """A change under its interaction, whose form is FORM; and a query that must give what is expected after it."""

    work: Callable[[Connection, int], object]
    query: LiteralString
    expected: tuple[object, ...]
    role: str = "app_main"


def submit(conn: Connection, interaction: int) -> object:
    return stats.submit(conn, by(ANN, interaction, ZONE, nonce=FORM), "today", {"approaches": 2}, catalogue=CATALOGUE)


def edit(conn: Connection, interaction: int) -> object:
    day = stats.card(conn, by(ANN, time_zone=ZONE), "today").today
    return stats.edit(conn, by(ANN, interaction, ZONE, nonce=FORM), day, {"numbers": 3}, catalogue=CATALOGUE)


def tick(conn: Connection, interaction: int) -> object:
    return challenges.tick(conn, by(ANN, interaction, ZONE), "b", delay=60)


def undo(conn: Connection, interaction: int) -> object:
    return challenges.undo(conn, by(ANN, interaction), AWARD)


def start(conn: Connection, interaction: int) -> object:
    return raids.start(conn, by(ADA, interaction, ZONE), RaidType.MAGE, minutes=60, target=100, tick_points=15)


FORMS = {
    "submit": Once(submit, "SELECT sum(count), (SELECT xp FROM users WHERE user_id = 1) FROM daily_records", (2, 200)),
    "edit": Once(edit, "SELECT sum(count), (SELECT count(*) FROM audit_log) FROM daily_records", (3, 1)),
    "ask": Once(
        lambda conn, at: questions.ask(conn, by(ANN, at, ZONE, nonce=FORM), "Am I an idiot to ask this?"),
        "SELECT count(*), (SELECT count(*) FROM content_flags) FROM course_questions",
        (2, 2),
    ),
    "reset": Once(
        lambda conn, at: ledger.reset(conn, by(ADA, at, ZONE, nonce=FORM), Subject(1), "because"),
        "SELECT count(*), (SELECT count(*) FROM audit_log) FROM xp_ledger",
        (1, 1),
    ),
}
"""What is sent by a form, and so is one change even when the form is sent off eight times."""

TAPS = {
    "tick": Once(tick, "SELECT count(*) FROM pending_xp_awards", (2,), "app_tensey"),
    "undo": Once(
        undo,
        "SELECT status, (SELECT count(*) FROM interactions_done) FROM pending_xp_awards",
        ("cancelled", 1),
        "app_tensey",
    ),
    "watch": Once(
        lambda conn, at: course.watch(conn, by(ANN, at, ZONE), LESSON), "SELECT count(*) FROM course_progress", (1,)
    ),
    "answer": Once(
        lambda conn, at: questions.answer(conn, by(ADA, at, ZONE), 1_000_001, "Like this.", instead=True),
        "SELECT answer, (SELECT count(*) FROM audit_log) FROM course_questions",
        ("Like this.", 1),
    ),
    "adjust": Once(
        lambda conn, at: ledger.adjust(conn, by(ADA, at, ZONE), Subject(1), 70, "because"),
        "SELECT xp, (SELECT count(*) FROM audit_log) FROM users WHERE user_id = 1",
        (70, 1),
    ),
    "warn": Once(
        lambda conn, at: moderation.warn(conn, by(ADA, at, ZONE), Subject(ANN.user_id, "Ann"), "Rude"),
        "SELECT count(*), (SELECT count(*) FROM user_moderation), (SELECT count(*) FROM audit_log) FROM user_warnings",
        (2, 2, 1),
    ),
    "withdraw": Once(
        lambda conn, at: moderation.withdraw(
            conn, by(ADA, at, ZONE), 1_000_001, None, 1, rights=tuple(Proposal), now=datetime.now(UTC)
        ),
        "SELECT status, (SELECT count(*) FROM audit_log) FROM user_moderation",
        ("withdrawn", 1),
    ),
    "confirm": Once(
        lambda conn, at: moderation.confirm(conn, by(ADA, at, ZONE), 1_000_001, None, 1, rights=tuple(Proposal)),
        "SELECT status, tries, (SELECT count(*) FROM audit_log), (SELECT count(*) FROM outbox) FROM user_moderation",
        ("confirmed", 1, 1, 1),
    ),
    "settle": Once(
        lambda conn, at: moderation.settle(conn, by(ADA, at, ZONE), 1_000_001, ProposalStatus.DONE, None, 1),
        "SELECT status, (SELECT count(*) FROM audit_log) FROM user_moderation",
        ("done", 1),
    ),
    "decide": Once(
        lambda conn, at: flags.decide(conn, by(ADA, at, ZONE), 1_000_001, FlagStatus.RESOLVED, 1),
        "SELECT status, (SELECT count(*) FROM audit_log) FROM content_flags",
        ("resolved", 1),
    ),
    "start": Once(start, "SELECT count(*), (SELECT count(*) FROM audit_log) FROM raid_events", (1, 1)),
    "cancel": Once(
        lambda conn, at: raids.cancel(conn, by(ADA, at, ZONE), 1_000_001),
        "SELECT status, (SELECT count(*) FROM audit_log) FROM raid_events",
        ("cancelled", 1),
    ),
    "move": Once(
        lambda conn, at: settings.change(conn, by(ANN, at, ZONE), SettingsChange(time_zone="Asia/Tokyo")),
        "SELECT count(*), (SELECT count(*) FROM audit_log) FROM time_zone_changes",
        (1, 1),
    ),
    "export": Once(
        lambda conn, at: bool(exports.export(conn, by(ANN, at, ZONE))), "SELECT count(*) FROM audit_log", (1,)
    ),
    "back up": Once(
        lambda conn, at: jobs.start_backup(conn, by(ADA, at, ZONE), lambda: None),
        "SELECT count(*) FROM audit_log",
        (1,),
    ),
    "delete": Once(
        lambda conn, at: privacy.delete(conn, by(Member(1, ""), at)),
        "SELECT count(*), (SELECT count(*) FROM audit_log WHERE action = 'privacy.delete') FROM users",
        (1, 1),
    ),
}


@pytest.fixture(autouse=True)
def _lives(owner: Connection, request: pytest.FixtureRequest) -> None:
    for statement in BEFORE.split(";\n"):
        owner.execute(statement.encode())
    if "cancel" in request.node.name:
        owner.execute(RAID)


def at_once(database: Postgres, once: Once, interactions: list[int]) -> list[object]:
    """What came of it, each delivery on a connection of its own."""
    together = Barrier(len(interactions))
    with ExitStack() as stack, ThreadPoolExecutor(len(interactions)) as threads:
        url = database.url(once.role)
        connections = [stack.enter_context(closing(enter(url))) for _ in interactions]

        def deliver(conn: Connection, interaction: int) -> object:
            together.wait(60)
            return once.work(conn, interaction)

        return list(threads.map(deliver, connections, interactions))


@pytest.mark.parametrize("name", [*FORMS, *TAPS])
def test_what_is_delivered_eight_times_at_once_happens_once(database: Postgres, as_role: Enter, name: str):
    once = (FORMS | TAPS)[name]
    at_once(database, once, [7] * TIMES)
    assert as_role("mastermind_owner").execute(once.query).fetchone() == once.expected


@pytest.mark.parametrize("name", FORMS)
def test_a_form_that_is_sent_off_eight_times_at_once_is_one(database: Postgres, as_role: Enter, name: str):
    at_once(database, FORMS[name], list(range(100, 100 + TIMES)))
    assert as_role("mastermind_owner").execute(FORMS[name].query).fetchone() == FORMS[name].expected


@pytest.mark.parametrize("name", ["submit", "edit", "undo", "adjust", "settle", "decide", "cancel"])
def test_each_delivery_gets_the_same_answer(database: Postgres, name: str):
    answers = at_once(database, (FORMS | TAPS)[name], [7] * TIMES)
    assert len({str(answer).replace("repeated=True", "repeated=False") for answer in answers}) == 1
