"""The rules of the course: when a module opens, when it is complete, what comes next, and what seeding changes."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mastermind.errors import MemberMistake
from mastermind.game.course.rules import (
    LONGEST_ANSWER,
    Course,
    CourseProgress,
    Lesson,
    Missing,
    Module,
    Stored,
    changes,
    check_answer,
    check_question,
)


def module(id_: str, level: int = 1, lessons: int = 3) -> Module:
    return Module(
        id_, id_.title(), "About it.", level, tuple(Lesson(f"{id_}{n}", f"{id_} {n}", "Do.", 5) for n in range(lessons))
    )


A, B, C = module("a"), module("b", level=3), module("c")
COURSE = Course((A, B, C))


def progress(*watched: str, paid: tuple[str, ...] = (), level: int = 1) -> CourseProgress:
    return CourseProgress(COURSE, frozenset(watched), frozenset(paid), level)


def test_on_the_first_day_the_first_module_is_open_and_its_first_lesson_is_next():
    fresh = progress()
    assert [fresh.is_open(it) for it in COURSE.modules] == [True, False, False]
    assert fresh.missing(B) == Missing(A, 3)
    assert fresh.missing(C) == Missing(B, None)
    assert (fresh.next_lesson, fresh.current, fresh.due) == (A.lessons[0], A, ())


def test_a_module_opens_when_the_one_before_is_complete_and_its_level_is_reached():
    assert progress("a0", "a1", "a2").missing(B) == Missing(None, 3)
    assert progress("a0", "a1", level=3).missing(B) == Missing(A, None)
    ready = progress("a0", "a1", "a2", level=3)
    assert ready.is_open(B)
    assert (ready.next_lesson, ready.current) == (B.lessons[0], B)


def test_who_waits_for_a_level_has_no_next_lesson_and_is_told_of_the_module_that_waits():
    waiting = progress("a0", "a1", "a2", paid=("a",))
    assert (waiting.next_lesson, waiting.current) == (None, B)


def test_what_is_begun_stays_open_when_the_level_falls_or_a_module_comes_before_it():
    assert progress("b0").is_open(B)
    grown = Course((A, module("new", level=50), B, C))
    assert CourseProgress(grown, {"a0", "a1", "a2", "b0"}, {"a"}, 1).is_open(B)


def test_a_module_that_was_paid_stays_complete_when_lessons_are_added_and_they_can_be_watched():
    longer = replace(A, lessons=(*A.lessons, Lesson("a3", "A 3", "Do.", 5)))
    grown = CourseProgress(Course((longer, B, C)), {"a0", "a1", "a2"}, {"a"}, 3)
    assert grown.is_complete(longer)
    assert grown.is_open(B)
    assert (grown.next_lesson, grown.due) == (longer.lessons[3], ())


def test_a_module_becomes_due_when_its_last_open_lesson_is_taken_from_it():
    shorter = replace(A, lessons=A.lessons[:2])
    assert CourseProgress(Course((shorter, B)), {"a0", "a1"}, (), 1).due == (shorter,)


def test_at_the_end_nothing_is_next_and_the_last_module_is_shown():
    done = progress(*(lesson.id for lesson in COURSE.lessons), paid=("a", "b", "c"))
    assert (done.next_lesson, done.current, done.due) == (None, C, ())


def test_without_a_course_there_is_nothing_to_do():
    empty = CourseProgress(Course(), (), (), 1)
    assert (empty.next_lesson, empty.current, empty.due) == (None, None, ())


def test_modules_and_lessons_are_found_by_their_ids():
    assert (COURSE.module_of("b1"), COURSE.module_of("x")) == (B, None)
    assert (COURSE.lesson("b1"), COURSE.lesson("x")) == (B.lessons[1], None)
    assert COURSE.number(C) == 3


# --- for any course and any member ---

courses = st.lists(st.tuples(st.integers(1, 50), st.integers(1, 5)), min_size=1, max_size=8).map(
    lambda shapes: Course(tuple(module(f"m{place}x", *shape) for place, shape in enumerate(shapes)))
)


@st.composite
def members(draw: st.DrawFn) -> CourseProgress:
    """Anybody, even who has watched what a course could not have let them watch: it may have been another one then."""
    course = draw(courses)
    watched = draw(st.sets(st.sampled_from([lesson.id for lesson in course.lessons] + ["gone"])))
    paid = draw(st.sets(st.sampled_from([it.id for it in course.modules] + ["gone"])))
    return CourseProgress(course, watched, paid, draw(st.integers(1, 50)))


@given(members())
def test_a_module_is_open_or_something_is_missing_and_what_is_missing_is_so(member: CourseProgress):
    before = None
    for it in member.course.modules:
        missing = member.missing(it)
        assert member.is_open(it) == (missing is None)
        if missing:
            assert missing.before or missing.level
            assert missing.before in {None, before}
            assert missing.before is None or not member.is_complete(missing.before)
            assert missing.level is None or member.level < missing.level == it.level
        before = it


@given(members())
def test_the_next_lesson_can_be_watched_and_was_not(member: CourseProgress):
    lesson = member.next_lesson
    if lesson:
        found = member.course.module_of(lesson.id)
        assert found
        assert member.is_open(found)
        assert lesson.id not in member.watched
        assert member.current == found
    else:
        assert all(not member.is_open(it) or member.watched_of(it) == len(it.lessons) for it in member.course.modules)


@given(members(), st.data())
def test_more_watched_lessons_and_levels_never_close_anything(member: CourseProgress, data: st.DataObject):
    more = data.draw(st.sets(st.sampled_from([lesson.id for lesson in member.course.lessons])))
    later = replace(member, watched={*member.watched, *more}, level=data.draw(st.integers(member.level, 50)))
    for it in member.course.modules:
        assert later.is_open(it) or not member.is_open(it)
        assert later.is_complete(it) or not member.is_complete(it)


@given(courses)
def test_who_watches_whatever_is_next_gets_through_the_whole_course_and_each_module_is_due_once(course: Course):
    member, due = CourseProgress(course, set[str](), set[str](), 50), list[str]()
    while lesson := member.next_lesson:
        member = replace(member, watched={*member.watched, lesson.id})
        due += [it.id for it in member.due]
        member = replace(member, paid={*member.paid, *due})
    assert member.watched == {lesson.id for lesson in course.lessons}
    assert due == [it.id for it in course.modules]


# --- words ---


@pytest.mark.parametrize("written", ["", "   too short  ".strip()[:9], "x" * 501, "  short    "])
def test_a_question_of_the_wrong_length_is_refused(written: str):
    with pytest.raises(MemberMistake, match="10 to 500 characters"):
        check_question(written)


def test_a_question_is_kept_without_the_blanks_around_it():
    assert check_question("  How do I begin?\n") == "How do I begin?"


@pytest.mark.parametrize("written", ["", " \n ", "x" * (LONGEST_ANSWER + 1)])
def test_an_answer_of_the_wrong_length_is_refused(written: str):
    with pytest.raises(MemberMistake, match="1 to 1,000 characters"):
        check_answer(written)


# --- what seeding changes ---


def test_the_same_course_changes_nothing():
    assert changes(Stored(COURSE), COURSE) == ()


def test_every_change_is_a_line():
    wanted = Course((C, replace(A, title="Else", lessons=(*A.lessons[1:], *module("d").lessons[:1]))))
    assert changes(Stored(COURSE, ["x"], ["d0"]), wanted) == (
        "~ module c: place",
        "~ module a: place, title",
        "~ lesson a1: place",
        "~ lesson a2: place",
        "+ lesson d0 comes back: d 0",
        "- lesson a0 is retired: a 0",
        "- module b is retired: B",
        "- lesson b0 is retired: b 0",
        "- lesson b1 is retired: b 1",
        "- lesson b2 is retired: b 2",
    )


def test_a_lesson_that_moves_to_another_module_says_so():
    wanted = Course((replace(A, lessons=(*A.lessons, B.lessons[0])), replace(B, lessons=B.lessons[1:]), C))
    assert changes(Stored(COURSE), wanted)[0] == "~ lesson b0: module, place"


def test_a_first_course_is_new():
    assert changes(Stored(), Course((module("a", lessons=1),))) == ("+ module a is new: A", "+ lesson a0 is new: a 0")
