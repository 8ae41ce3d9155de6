"""The course: its pages, watching on, and questions from both sides."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mastermind.bot import custom_ids
from mastermind.game.course import actions as courses
from mastermind.game.course import content
from mastermind.game.course.rules import Course
from tests.commands.moderating import ADA, BEN
from tests.commands.playing import ALEX, SAM, button
from tests.gallery import past

if TYPE_CHECKING:
    from collections.abc import Collection

    from devkit.discord_client import Answer
    from tests.gallery.stage import Act

OVERVIEW, MODULE, PROGRESS, WATCH, ASK = (
    "/course overview",
    "/course module",
    "/course progress",
    "/course watch",
    "/course ask",
)
QUESTIONS, ANSWER = "/admin course-questions", "/admin course-answer"
COURSE = content.load()
FIRST, SECOND = COURSE.modules[:2]
LINK = "https://example.org/watch?v=1"


def watch(act: Act, lessons: Collection[str]) -> None:
    for lesson in lessons:
        act.main.press(custom_ids.make("course.watch", "watched", ALEX.id, lesson, "module"))


def pages(act: Act) -> None:
    overview, module, progress, lesson = map(act.of, (OVERVIEW, MODULE, PROGRESS, WATCH))
    alex = act.main
    first = overview("the first day", alex.command("course overview"))
    progress("the first day", alex.command("course progress"))
    progress("opened from the overview", alex.tap(first, "My progress"))
    page = module("the one to go on with", alex.command("course module"))
    module("opened from the overview", alex.tap(first, "Module 1"))
    module("closed", alex.command("course module", {"module": "2"}))
    module("one that there is not", alex.command("course module", {"module": "luck"}))
    lesson("the next one", alex.command("course watch"))
    lesson("opened from the overview", alex.tap(first, "Next: "))
    lesson("of a closed module", alex.command("course watch", {"lesson": SECOND.lessons[0].title}))
    lesson("one that there is not", alex.command("course watch", {"lesson": "luck"}))
    closed = custom_ids.make("course.watch", "watched", ALEX.id, SECOND.lessons[0].id, "module")
    lesson("a button of a closed module", alex.press(closed))
    overview("back from a module", alex.tap(page, "All modules"))
    module("typing nothing yet", alex.typing("course module", "module", ""))
    lesson("typing nothing yet", alex.typing("course watch", "lesson", ""))


def watching(act: Act) -> None:
    overview, module, progress, lesson = map(act.of, (OVERVIEW, MODULE, PROGRESS, WATCH))
    alex = act.main
    page = alex.command("course module")
    module("a lesson watched", alex.tap(page, "I read 1"))
    lesson("watched before", alex.press(button(page, "I read 1")))
    lesson("a lesson that was watched", alex.command("course watch", {"lesson": FIRST.lessons[0].title}))
    lesson("watched: on to the next", alex.tap(alex.command("course watch"), "Done"))
    last = alex.tap(alex.command("course watch"), "Done")
    lesson("the last of a module: it is complete", last)
    lesson("the last of a module, delivered twice", alex.again(last))
    overview("a module complete", alex.command("course overview"))
    progress("a module complete", alex.command("course progress"))
    watch(act, [each.id for each in SECOND.lessons])
    lesson("waiting for a level", alex.command("course watch"))
    module("waiting for a level", alex.command("course module"))
    module("typing “w”", alex.typing("course module", "module", "w"))
    lesson("typing “he”", alex.typing("course watch", "lesson", "he"))
    act.of("/history")("modules of the course", alex.command("history"))
    past.give(act.owner, {ALEX: 50_000})
    for each in COURSE.modules[2:]:
        watch(act, [lesson.id for lesson in each.lessons])
    overview("everything watched", alex.command("course overview"))
    progress("everything watched", alex.command("course progress"))
    lesson("everything watched", alex.command("course watch"))


def with_another_course(act: Act) -> None:
    """What an operator may bring: lessons with links, fewer of them, none."""
    overview, module, lesson = map(act.of, (OVERVIEW, MODULE, WATCH))
    alex = act.main
    linked = tuple(replace(each, link=LINK) for each in FIRST.lessons)
    courses.seed(act.owner, Course((replace(FIRST, lessons=linked), *COURSE.modules[1:])))
    page = module("lessons with links", alex.command("course module"))
    lesson("with a link", alex.command("course watch"))
    watch(act, [each.id for each in FIRST.lessons[:2]])
    courses.seed(act.owner, Course((replace(FIRST, lessons=FIRST.lessons[:2]), *COURSE.modules[1:])))
    lesson("one that was retired", alex.tap(page, "I watched 3"))
    overview("XP that wait", alex.command("course overview"))
    page = module("XP that wait to be collected", alex.command("course module", {"module": FIRST.id}))
    collected = module("collected", alex.tap(page, "Collect"))
    module("collected, delivered twice", alex.again(collected))
    module("collected before", alex.press(button(page, "Collect")))
    courses.seed(act.owner, Course())
    overview("there is no course", alex.command("course overview"))


def questions(act: Act) -> None:
    show, admins, answer, overview = map(act.of, (ASK, QUESTIONS, ANSWER, OVERVIEW))
    alex, ada = act.main, act.main.as_user(ADA)
    admins("none", ada.command("admin course-questions"))
    page = alex.command("course overview")
    form = show("the form", alex.command("course ask"))
    show("the form, opened from a page", alex.tap(page, "Ask admins"))
    show("too short", alex.fill(form, {"question": "Why?"}))
    asked = show("asked", alex.fill(form, {"question": "How do I breathe *low and slow* when my heart races?"}))
    show("the same form sent off again", alex.fill(form, {"question": "How do I breathe when my heart races?"}))
    show("asked, delivered twice", alex.again(asked))
    admins("one", ada.command("admin course-questions"))
    alex.command("course ask", {"question": "May I do the lessons in another order?"})
    show("asked without the form", alex.command("course ask", {"question": "Is there a transcript of the lessons?"}))
    show("enough are waiting", alex.command("course ask", {"question": "And what about the weekend?"}))
    alex.as_user(SAM).command("course ask", {"question": "Can two of us watch it together?"})
    page = admins("many", ada.command("admin course-questions"))
    second = admins("the second page", ada.tap(page, "Next"))
    admins("back on the first", ada.tap(second, "Previous"))
    admins("refreshed", ada.tap(page, "Refresh"))
    answering = admins("the form of an answer", ada.tap(page, "Answer 1"))
    answered = admins("answered", ada.fill(answering, {"answer": "Put a hand on your belly.\nOut longer than in."}))
    admins("answered, delivered twice", ada.again(answered))
    admins("somebody else was faster", ada.as_user(BEN).fill(_of_ben(act, page), {"answer": "Count to four."}))
    answer("another answer in its place", ada.command("admin course-answer", {"id": 1, "text": "Hum, it slows you."}))
    answer("the same answer again", ada.command("admin course-answer", {"id": 1, "text": "Hum, it slows you."}))
    answer("the first answer", ada.command("admin course-answer", {"id": 2, "text": "Yes, but module by module."}))
    answer("a number that there is not", ada.command("admin course-answer", {"id": 99_999, "text": "Yes."}))
    answer("an answer that says nothing", ada.command("admin course-answer", {"id": 3, "text": "   "}))
    page = overview("new answers", alex.command("course overview"))
    shown = show("a new answer", alex.tap(page, "My questions"))
    show("the older one", alex.tap(shown, "Older"))
    show("one that waits", alex.tap(shown, "Newer"))
    none = alex.as_user(BEN).press(custom_ids.make("course.ask", "show", BEN.id, 0))
    show("none asked yet", none)


def _of_ben(act: Act, page: Answer) -> Answer:
    """The form of the same question, which another admin had opened before it was answered."""
    return act.main.as_user(BEN).press(
        button(page, "Answer 1").replace(custom_ids.to_base62(ADA.id), custom_ids.to_base62(BEN.id))
    )


ACTS = (pages, watching, with_another_course, questions)
