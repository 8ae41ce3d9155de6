"""Seeding the course, watching it, and the XP of its modules: awarded once, also under concurrent transactions."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from itertools import count
from threading import Barrier
from typing import TYPE_CHECKING

import pytest
from psycopg import errors

from mastermind.errors import MemberMistake
from mastermind.game.course import actions as course
from mastermind.game.course import actions as courses
from mastermind.game.course import content
from mastermind.game.course.rules import MODULE_XP, Course, Lesson, Module
from mastermind.game.members.rules import Member
from mastermind.game.questions import actions as questions
from tests.actors import by
from tests.connections import enter, refused

if TYPE_CHECKING:
    from devkit.postgres import Postgres
    from tests.conftest import Connection, Enter

ZONE = "America/New_York"
ANN, BOB = Member(1, "Ann"), Member(2, "Bob")
COURSE = content.load()
FIRST, SECOND = COURSE.modules[:2]
INTERACTIONS = count(1_000)
LEDGER = "SELECT user_id, xp, kind, source, source_id, details ->> 'title' FROM xp_ledger ORDER BY id"


@pytest.fixture
def main(as_role: Enter) -> Connection:
    return as_role("app_main")


def watch(conn: Connection, lesson: Lesson | str, member: Member = ANN, interaction: int | None = None):
    lesson_id = lesson if isinstance(lesson, str) else lesson.id
    return course.watch(conn, by(member, interaction or next(INTERACTIONS), ZONE), lesson_id)


def watch_all(conn: Connection, module: Module, member: Member = ANN) -> None:
    for lesson in module.lessons:
        watch(conn, lesson, member)


def give(conn: Connection, xp: int) -> None:
    conn.execute(
        "INSERT INTO xp_ledger (user_id, xp, kind, source, source_id, day)"
        " VALUES (1, %s, 'adjustment', 'admin', gen_random_uuid()::text, current_date)",
        [xp],
    )


def without(lesson: Lesson) -> Course:
    """The course, of which one lesson is taken."""
    modules = (replace(it, lessons=tuple(each for each in it.lessons if each != lesson)) for it in COURSE.modules)
    return Course(tuple(modules))


# --- seeding ---


def test_a_deploy_brings_the_course(owner: Connection, main: Connection):
    assert courses.compare(owner, COURSE) == ()
    assert course.read(main, by(ANN, time_zone=ZONE)).progress.course == COURSE


def test_seeding_an_empty_database_and_seeding_it_again(owner: Connection):
    owner.run_script("DELETE FROM course_lessons; DELETE FROM course_modules")
    assert len(courses.compare(owner, COURSE)) == 28
    assert len(courses.seed(owner, COURSE)) == 28
    versions = "SELECT xmin::text FROM course_modules UNION ALL SELECT xmin::text FROM course_lessons"
    rows = owner.execute(versions).fetchall()
    assert courses.seed(owner, COURSE) == ()
    assert owner.execute(versions).fetchall() == rows


def test_comparing_writes_nothing(owner: Connection):
    assert courses.compare(owner, without(FIRST.lessons[0]))
    assert courses.compare(owner, COURSE) == ()


def test_texts_levels_links_and_places_follow_the_file(owner: Connection, main: Connection):
    lesson = replace(FIRST.lessons[0], title="Else", link="https://example.org/1", minutes=3)
    changed = replace(FIRST, level=4, lessons=(*FIRST.lessons[1:], lesson))
    wanted = Course((*COURSE.modules[1:], changed))
    assert "~ lesson nerves-are-energy: place, title, minutes, link" in courses.seed(owner, wanted)
    assert course.read(main, by(ANN, time_zone=ZONE)).progress.course == wanted


def test_what_is_taken_from_the_file_is_retired_and_comes_back_with_all_that_was_watched(
    owner: Connection, main: Connection
):
    lesson = FIRST.lessons[0]
    watch(main, lesson)
    assert courses.seed(owner, without(lesson))[-1] == f"- lesson {lesson.id} is retired: {lesson.title}"
    gone = course.read(main, by(ANN, time_zone=ZONE)).progress
    assert gone.course.lesson(lesson.id) is None
    assert lesson.id in gone.watched
    with pytest.raises(MemberMistake, match="no longer in the course"):
        watch(main, lesson, BOB)
    assert f"+ lesson {lesson.id} comes back: {lesson.title}" in courses.seed(owner, COURSE)
    assert course.read(main, by(ANN, time_zone=ZONE)).progress.watched_of(FIRST) == 1


def test_two_who_seed_at_once_take_turns(database: Postgres):
    def seed(title: str) -> None:
        with closing(enter(database.owner_url)) as conn:
            for _ in range(10):
                courses.seed(conn, Course((replace(FIRST, title=title), *reversed(COURSE.modules[1:]))))
                courses.seed(conn, COURSE)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(seed, ("One", "Two")))


def test_seeding_does_not_wait_for_who_watches(owner: Connection, as_role: Enter, main: Connection):
    watch(main, FIRST.lessons[0])
    watching = as_role("app_main")
    with watching.transaction():
        watching.execute("SELECT FROM users WHERE user_id = 1 FOR UPDATE")
        watching.execute("INSERT INTO course_progress (user_id, lesson_id) VALUES (1, %s)", [FIRST.lessons[1].id])
        owner.execute("SET lock_timeout = '30s'")
        assert courses.seed(owner, without(FIRST.lessons[1]))


# --- watching ---


def test_the_last_lesson_of_a_module_brings_its_xp(main: Connection, owner: Connection):
    assert [watch(main, lesson).completed for lesson in FIRST.lessons] == [(), (), (FIRST.id,)]
    assert owner.execute(LEDGER).fetchall() == [(1, MODULE_XP, "module", "course", f"1:{FIRST.id}", FIRST.title)]
    assert owner.execute("SELECT xp, level FROM users").fetchall() == [(500, 2)]


def test_what_is_told_after_it_is_what_stands(main: Connection):
    for lesson in FIRST.lessons[:2]:
        assert watch(main, lesson).seat == course.read(main, by(ANN, time_zone=ZONE))
    watched = watch(main, FIRST.lessons[2])
    assert watched.seat == course.read(main, by(ANN, time_zone=ZONE))
    assert watched.xp == 500
    assert watched.seat.progress.level == 2
    assert watched.seat.progress.next_lesson == SECOND.lessons[0]


def test_a_lesson_that_was_watched_before_changes_nothing(main: Connection, owner: Connection):
    watch_all(main, FIRST)
    again = watch(main, FIRST.lessons[2])
    assert (again.again, again.completed) == (True, ())
    assert len(owner.execute(LEDGER).fetchall()) == 1


def test_a_repeated_delivery_gets_the_same_answer_and_changes_nothing(main: Connection, owner: Connection):
    watch(main, FIRST.lessons[0])
    watch(main, FIRST.lessons[1])
    first, second = (watch(main, FIRST.lessons[2], interaction=77) for _ in range(2))
    assert first == second
    assert first.completed == (FIRST.id,)
    assert len(owner.execute(LEDGER).fetchall()) == 1


def test_a_module_that_is_not_open_cannot_be_watched(main: Connection, owner: Connection):
    with pytest.raises(MemberMistake, match="not open to you yet"):
        watch(main, SECOND.lessons[0])
    assert owner.execute("SELECT FROM course_progress").fetchall() == []
    assert owner.execute("SELECT FROM interactions_done").fetchall() == []


def test_the_last_lesson_watched_twice_at_once_is_paid_once(database: Postgres, owner: Connection, main: Connection):
    for round_ in range(8):
        member = Member(10 + round_, "Ann")
        for lesson in FIRST.lessons[:2]:
            watch(main, lesson, member)
        barrier = Barrier(2)

        def last(interaction: int, member: Member = member, barrier: Barrier = barrier) -> course.Watched:
            with closing(enter(database.url("app_main"))) as conn:
                barrier.wait()
                return watch(conn, FIRST.lessons[2], member, interaction)

        with ThreadPoolExecutor(2) as pool:
            both = list(pool.map(last, (next(INTERACTIONS), next(INTERACTIONS))))
        assert sorted(it.completed for it in both) == [(), (FIRST.id,)]
        assert sorted(it.again for it in both) == [False, True]
    assert owner.execute("SELECT DISTINCT xp, (SELECT sum(xp) FROM xp_ledger) FROM users").fetchall() == [(500, 4000)]


def test_the_ledger_itself_takes_a_module_once(main: Connection, owner: Connection):
    watch_all(main, FIRST)
    owner.execute("DELETE FROM course_progress WHERE lesson_id = %s", [FIRST.lessons[0].id])
    again = watch(main, FIRST.lessons[0])
    assert (again.completed, again.again) == ((), False)
    assert len(owner.execute(LEDGER).fetchall()) == 1


def test_each_member_gets_their_own(main: Connection, owner: Connection):
    watch_all(main, FIRST)
    watch_all(main, FIRST, BOB)
    assert owner.execute("SELECT xp FROM users").fetchall() == [(500,), (500,)]


def test_xp_and_progress_come_together_or_not_at_all(main: Connection, owner: Connection):
    watch(main, FIRST.lessons[0])
    watch(main, FIRST.lessons[1])
    owner.execute("ALTER TABLE xp_ledger ADD CONSTRAINT no_course CHECK (source <> 'course')")
    try:
        with refused(errors.CheckViolation):
            watch(main, FIRST.lessons[2], interaction=66)
    finally:
        owner.execute("ALTER TABLE xp_ledger DROP CONSTRAINT no_course")
    assert course.read(main, by(ANN, time_zone=ZONE)).progress.watched_of(FIRST) == 2
    assert watch(main, FIRST.lessons[2], interaction=66).completed == (FIRST.id,)


def test_a_module_that_lost_its_last_open_lesson_is_collected(main: Connection, owner: Connection):
    watch(main, FIRST.lessons[0])
    watch(main, FIRST.lessons[1])
    assert course.collect(main, by(ANN, next(INTERACTIONS), ZONE)).again
    courses.seed(owner, without(FIRST.lessons[2]))
    assert [it.id for it in course.read(main, by(ANN, time_zone=ZONE)).progress.due] == [FIRST.id]
    collected, repeated = (course.collect(main, by(ANN, 55, ZONE)) for _ in range(2))
    assert collected == repeated
    assert (collected.completed, collected.xp, collected.again) == ((FIRST.id,), 500, False)
    assert course.collect(main, by(ANN, 56, ZONE)).again
    courses.seed(owner, COURSE)
    assert watch(main, FIRST.lessons[2]).completed == ()
    assert owner.execute("SELECT xp FROM users").fetchall() == [(500,)]


def test_a_lesson_elsewhere_collects_what_is_due(main: Connection, owner: Connection):
    give_level = Course(tuple(replace(it, level=1) for it in COURSE.modules))
    courses.seed(owner, give_level)
    watch(main, FIRST.lessons[0])
    watch(main, FIRST.lessons[1])
    courses.seed(owner, Course((replace(FIRST, lessons=FIRST.lessons[:2]), *give_level.modules[1:])))
    assert watch(main, SECOND.lessons[0]).completed == (FIRST.id,)


def test_the_whole_course_is_3500_xp(main: Connection, owner: Connection):
    watch(main, FIRST.lessons[0])
    give(owner, 20_000)
    for module in COURSE.modules:
        watch_all(main, module)
    assert owner.execute("SELECT xp FROM users").fetchall() == [(23_500,)]
    assert course.read(main, by(ANN, time_zone=ZONE)).progress.next_lesson is None


def test_a_level_that_was_taken_does_not_close_what_was_begun(main: Connection, owner: Connection):
    watch_all(main, FIRST)
    watch(main, SECOND.lessons[0])
    give(owner, -500)
    assert not watch(main, SECOND.lessons[1]).again


# --- questions ---


def ask(conn: Connection, nonce: int, words: str = "How do I begin?", member: Member = ANN) -> questions.AskedQuestion:
    return questions.ask(conn, by(member, next(INTERACTIONS), ZONE, nonce=nonce), words)


def test_a_question_is_stored_once_for_each_form(main: Connection, owner: Connection):
    first, second = ask(main, 1), ask(main, 1, "Other words, same form")
    assert (first.question_id, first.open, first.repeated) == (second.question_id, 1, False)
    assert second.repeated
    assert owner.execute("SELECT user_id, question FROM course_questions").fetchall() == [(1, "How do I begin?")]


def test_three_questions_may_wait(main: Connection):
    asked = [ask(main, nonce) for nonce in (1, 2, 3)]
    assert [it.open for it in asked] == [1, 2, 3]
    with pytest.raises(MemberMistake, match="3 questions of yours still wait"):
        ask(main, 4)
    questions.answer(main, by(BOB, 9, ZONE), asked[1].question_id, "Like this.", instead=False)
    assert ask(main, 4).open == 3
    assert ask(main, 1, member=BOB).open == 1


def test_two_forms_at_once_do_not_pass_the_limit(database: Postgres, main: Connection, owner: Connection):
    ask(main, 1)
    ask(main, 2)
    barrier = Barrier(4)

    def another(nonce: int) -> bool:
        with closing(enter(database.url("app_main"))) as conn:
            barrier.wait()
            try:
                ask(conn, nonce)
            except MemberMistake:
                return False
            return True

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(another, range(10, 14))) == [False, False, False, True]
    assert owner.execute("SELECT count(*) FROM course_questions").fetchone() == (3,)


def test_words_that_somebody_should_see_are_flagged_with_their_question(main: Connection, owner: Connection):
    asked = ask(main, 1, "May I write to you at ann@example.org about it?")
    assert owner.execute("SELECT user_id, source, source_id, categories, excerpt FROM content_flags").fetchall() == [
        (1, "course.question", str(asked.question_id), ["contact"], "May I write to you at ann@example.org about it?")
    ]
    ask(main, 2)
    assert owner.execute("SELECT count(*) FROM content_flags").fetchone() == (1,)


def test_an_answer_is_new_until_its_asker_has_seen_it(main: Connection):
    old, new = ask(main, 1).question_id, ask(main, 2).question_id
    questions.answer(main, by(BOB, 8, ZONE), old, "Like this.", instead=False)
    assert course.read(main, by(ANN, time_zone=ZONE)).new_answers == 1
    shown = questions.show(main, by(ANN, time_zone=ZONE), 0)
    assert shown
    assert (shown.question_id, shown.is_new, shown.number, shown.count) == (old, True, 2, 2)
    assert (shown.newer, shown.older, shown.answer) == (new, None, "Like this.")
    assert course.read(main, by(ANN, time_zone=ZONE)).new_answers == 0
    newest = questions.show(main, by(ANN, time_zone=ZONE), 0)
    assert newest
    assert (newest.question_id, newest.is_new, newest.answer) == (new, False, None)


def test_members_see_their_own_questions_alone(main: Connection):
    asked = ask(main, 1)
    assert questions.show(main, by(BOB, time_zone=ZONE), asked.question_id) is None


def test_an_answer_is_kept_unless_another_replaces_it(main: Connection, owner: Connection):
    asked = ask(main, 1).question_id
    first = questions.answer(main, by(BOB, 8, ZONE), asked, "One.", instead=False)
    assert (first.question.answer, first.fresh, first.replaced) == ("One.", True, False)
    assert questions.answer(main, by(BOB, 8, ZONE), asked, "One.", instead=False) == first
    kept = questions.answer(main, by(BOB, 9, ZONE), asked, "Two.", instead=False)
    assert (kept.question.answer, kept.fresh) == ("One.", False)
    questions.show(main, by(ANN, time_zone=ZONE), asked)
    other = questions.answer(main, by(BOB, 10, ZONE), asked, "Two.", instead=True)
    assert (other.question.answer, other.fresh, other.replaced) == ("Two.", True, True)
    assert not questions.answer(main, by(BOB, 11, ZONE), asked, "Two.", instead=True).fresh
    assert course.read(main, by(ANN, time_zone=ZONE)).new_answers == 1
    log = "SELECT actor_id, action, subject_id, before ->> 'answer', after ->> 'answer' FROM audit_log ORDER BY id"
    assert owner.execute(log).fetchall() == [
        (2, "course.answer", 1, "", "One."),
        (2, "course.answer", 1, "One.", "Two."),
    ]


def test_an_answer_to_nothing_is_refused(main: Connection):
    with pytest.raises(MemberMistake, match="no question 999"):
        questions.answer(main, by(BOB, 8, ZONE), 999, "One.", instead=True)
    with pytest.raises(MemberMistake, match="no question 999"):
        questions.find(main, by(BOB, time_zone=ZONE), 999)


def test_open_questions_come_oldest_first_and_beyond_the_end_stands_the_last_page(main: Connection):
    asked = [ask(main, nonce, member=member).question_id for member in (ANN, BOB) for nonce in (1, 2)]
    page = questions.read(main, by(ANN, time_zone=ZONE), 99)
    assert ([it.question_id for it in page.lines], page.number, page.pages, page.count) == (asked[3:], 2, 2, 4)
    first = questions.read(main, by(ANN, time_zone=ZONE), 1)
    assert [it.question_id for it in first.lines] == asked[:3]
