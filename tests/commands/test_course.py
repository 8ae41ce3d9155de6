"""/course: its pages in every state, watching on to the end, and questions with their answers."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from devkit import discord_client as discord
from mastermind.bot import custom_ids
from mastermind.game.course import actions as courses
from mastermind.game.course import content
from mastermind.game.course.rules import Course
from tests.commands.moderating import ADA, MESSAGE, MODAL, UPDATE
from tests.commands.playing import ALEX, PLACE, SAM, labels, unrevised

if TYPE_CHECKING:
    from devkit.discord_client import Answer
    from mastermind.game.course.rules import Module
    from tests.commands.playing import Bot
    from tests.conftest import Connection

COURSE = content.load()
FIRST, SECOND = COURSE.modules[:2]
WIDEST = "M" * 60
"""A title as long as a file may have it."""


def opened(bot: Bot, line: str, **options: str) -> Answer:
    answer = bot.command(f"course {line}", options)
    assert (answer.kind, answer.is_private) == (MESSAGE, True)
    return answer


def watch(bot: Bot, *lessons: str) -> None:
    for lesson in lessons:
        answer = bot.press(custom_ids.make("course.watch", "watched", bot.user.id, lesson, "module"))
        assert "Done: " in answer.text


def watch_all(bot: Bot, module: Module) -> None:
    watch(bot, *(lesson.id for lesson in module.lessons))


def give(owner: Connection, xp: int) -> None:
    owner.execute(
        "INSERT INTO xp_ledger (user_id, xp, kind, source, source_id, day)"
        " VALUES (%s, %s, 'adjustment', 'admin', gen_random_uuid()::text, current_date)",
        [ALEX.id, xp],
    )


def xp(owner: Connection) -> object:
    return owner.execute("SELECT xp FROM users").fetchone()


def links(answer: Answer) -> list[tuple[object, object]]:
    return [(part["label"], part["url"]) for part in answer.parts() if "url" in part]


# --- the overview ---


def test_on_the_first_day_one_module_is_open_and_the_others_say_what_they_require(main: Bot):
    answer = opened(main, "overview")
    assert "**Lessons:** 0 of 21 done ▱▱▱▱▱▱▱▱▱▱" in answer.text
    assert "**1. Steady Ground**\n-# Open: 0 of 3 done" in answer.text
    assert "-# Closed: complete module 1 and reach level 2 (you are at level 1)" in answer.text
    assert labels(answer) == [
        *(f"Module {number}" for number in range(1, 8)),
        "Next: Nerves Are Energy",
        "My progress",
        "Ask admins",
    ]


def test_a_complete_module_says_so_and_opens_the_next(main: Bot):
    watch_all(main, FIRST)
    answer = opened(main, "overview")
    assert "-# Complete: 3 of 3 done, +500 XP" in answer.text
    assert "**2. Warm First Words**\n-# Open: 0 of 3 done" in answer.text
    assert "-# Closed: complete module 2 and reach level 3 (you are at level 2)" in answer.text


def test_a_missing_level_is_shown(main: Bot):
    watch_all(main, FIRST)
    watch_all(main, SECOND)
    assert "**3. Listening That Lands**\n-# Closed: reach level 3 (you are at level 2)" in opened(main, "overview").text


def test_only_the_missing_module_is_shown_when_the_level_is_reached(main: Bot, owner: Connection):
    opened(main, "overview")
    give(owner, 20_000)
    assert "**2. Warm First Words**\n-# Closed: complete module 1\n" in opened(main, "overview").text


@pytest.mark.parametrize("line", ["overview", "module", "progress", "watch"])
def test_without_a_course_it_says_so(main: Bot, owner: Connection, line: str):
    owner.run_script("DELETE FROM course_lessons; DELETE FROM course_modules")
    answer = opened(main, line)
    assert "There is no course here at the moment." in answer.text
    assert answer.buttons == []


def test_without_a_course_questions_can_still_be_read(main: Bot, owner: Connection):
    main.command("course ask", {"question": "What comes next?"})
    owner.run_script("DELETE FROM course_lessons; DELETE FROM course_modules")
    assert "What comes next?" in main.tap(opened(main, "overview"), "My questions").text


def test_the_largest_course_fits_with_every_note(main: Bot, owner: Connection):
    """Ten modules of five lessons, each text as long as it may be, in letters of four bytes where bytes count."""
    text, link = "\U0001f600" * 62, "https://example.org/" + "x" * 492
    modules = tuple(
        replace(
            FIRST,
            id=f"{number}-{'m' * 38}"[:40],
            title=WIDEST,
            about=text,
            level=50 if number else 1,
            lessons=tuple(
                replace(lesson, id=f"{number}{place}-{'l' * 37}", title=WIDEST, about="W" * 250, link=link)
                for place, lesson in enumerate([*FIRST.lessons, *FIRST.lessons[:2]])
            ),
        )
        for number in range(10)
    )
    courses.seed(owner, Course(modules))
    assert len(opened(main, "overview").buttons) == 13
    assert len(links(opened(main, "module"))) == 5
    opened(main, "progress")
    opened(main, "watch")
    for module in modules:
        assert len(opened(main, "module", module=module.id).text) > 1_500
    watch_all(main, modules[0])
    opened(main, "module", module=modules[0].id)
    opened(main, "watch", lesson=modules[1].lessons[0].id)


# --- a module ---


def test_a_module_shows_its_lessons_with_a_button_each(main: Bot):
    watch(main, FIRST.lessons[0].id)
    answer = opened(main, "module")
    assert answer.text.startswith("## 🎓 Module 1 of 7: Steady Ground\n" + FIRST.about + "\n**Open: 1 of 3 done**")
    assert "**1. Nerves Are Energy** (12 minutes)" in answer.text
    assert answer.text.count("-# Read") == 1
    assert labels(answer) == [
        "See lesson 1",
        "I read 2",
        "I read 3",
        "Next: module 2",
        "All modules",
        "Ask admins",
    ]


def test_links_are_offered_when_the_operator_has_given_some(main: Bot, owner: Connection):
    link = "https://example.org/watch?v=1"
    lessons = (FIRST.lessons[0], replace(FIRST.lessons[1], link=link), FIRST.lessons[2])
    courses.seed(
        owner, Course((replace(FIRST, lessons=lessons), replace(SECOND, lessons=lessons[:0] or SECOND.lessons)))
    )
    assert links(opened(main, "module")) == [("Open lesson 2", link)]
    assert links(opened(main, "watch", lesson="small-and-often")) == [("Open lesson", link)]
    assert "Watch it, then tap *Done*." in opened(main, "watch", lesson="small-and-often").text
    assert "Read it, then tap *Done*." in opened(main, "watch").text
    assert links(opened(main, "watch")) == []


def test_a_lesson_with_neither_text_nor_link_is_not_there_and_pays_nothing(main: Bot, owner: Connection):
    empty = replace(FIRST.lessons[2], about="")
    first = replace(FIRST, lessons=(*FIRST.lessons[:2], empty))
    courses.seed(owner, Course((first, replace(SECOND, lessons=(replace(empty, id="empty"),)))))
    page = opened(main, "module")
    assert ("Module 1 of 1" in page.text, empty.title in page.text) == (True, False)
    refused = main.press(custom_ids.make("course.watch", "watched", ALEX.id, empty.id, "module"))
    assert ("That lesson is no longer in the course." in refused.text, xp(owner)) == (True, (0,))
    watch(main, FIRST.lessons[0].id, FIRST.lessons[1].id)
    assert xp(owner) == (500,)


def test_a_closed_module_lists_its_lessons_without_buttons(main: Bot, owner: Connection):
    link = "https://example.org/secret"
    lessons = tuple(replace(lesson, link=link) for lesson in SECOND.lessons)
    courses.seed(owner, Course((FIRST, replace(SECOND, lessons=lessons))))
    answer = opened(main, "module", module=SECOND.id)
    assert "**Closed: complete module 1 and reach level 2 (you are at level 1)**" in answer.text
    assert "**1. Read the Moment**" in answer.text
    assert labels(answer) == ["Previous: module 1", "All modules", "Ask admins"]
    lesson = opened(main, "watch", lesson=SECOND.lessons[0].id)
    assert "**Its module is closed:** complete module 1 and reach level 2" in lesson.text
    assert links(answer) == links(lesson) == []


def test_marking_a_lesson_stays_on_the_page_of_its_module(main: Bot):
    page = opened(main, "module")
    for number, lesson in enumerate(FIRST.lessons, 1):
        page = main.tap(page, f"I read {number}")
        assert page.kind == UPDATE
        assert f"Done: {lesson.title}" in page.text
    assert "**Module complete: Steady Ground. +500 XP**" in page.text
    assert "**Complete: 3 of 3 done, +500 XP**" in page.text


def test_a_lesson_of_a_closed_module_is_refused(main: Bot, owner: Connection):
    answer = main.press(custom_ids.make("course.watch", "watched", ALEX.id, SECOND.lessons[0].id, "module"))
    assert "not open to you yet" in answer.text
    assert owner.execute("SELECT FROM course_progress").fetchall() == []


def test_a_retired_lesson_is_refused_politely(main: Bot, owner: Connection):
    page = opened(main, "module")
    courses.seed(owner, Course((replace(FIRST, lessons=FIRST.lessons[1:]), *COURSE.modules[1:])))
    assert "That lesson is no longer in the course." in main.tap(page, "I read 1").text
    gone = custom_ids.make("course.watch", "open", ALEX.id, FIRST.lessons[0].id)
    assert "## 🎓 Course" in main.press(gone).text
    assert "## 🎓 Course" in main.press(custom_ids.make("course.module", "open", ALEX.id, "no-such")).text


def test_the_xp_due_for_a_module_is_collected_once(main: Bot, owner: Connection):
    watch(main, *(lesson.id for lesson in FIRST.lessons[:2]))
    courses.seed(owner, Course((replace(FIRST, lessons=FIRST.lessons[:2]), *COURSE.modules[1:])))
    assert "-# Complete: 2 of 2 done. Its 500 XP is waiting to be collected" in opened(main, "overview").text
    page = opened(main, "module", module=FIRST.id)
    collected = main.tap(page, "Collect 500 XP")
    assert "**Module complete: Steady Ground. +500 XP**" in collected.text
    assert "Collect 500 XP" not in labels(collected)
    assert "There is nothing to collect" in main.tap(page, "Collect 500 XP").text
    assert owner.execute("SELECT xp FROM users").fetchall() == [(500,)]


# --- watching ---


def test_watching_goes_on_from_lesson_to_lesson(main: Bot, owner: Connection):
    page = opened(main, "watch")
    assert page.text.startswith("## 🎓 Nerves Are Energy\n-# Module 1: Steady Ground, lesson 1 of 3, 12 minutes")
    assert labels(page) == ["Done", "Module 1", "All modules", "Ask admins"]
    page = main.tap(page, "Done")
    assert page.kind == UPDATE
    assert page.text.startswith("Done: Nerves Are Energy\n## 🎓 Small and Often")
    main.tap(main.tap(page, "Done"), "Done")
    give(owner, 20_000)
    for _ in range(17):
        page = main.tap(opened(main, "watch"), "Done")
        assert page.text.startswith("Done: ")
    page = main.tap(opened(main, "watch"), "Done")
    assert page.text.startswith("## 🎓 Module 7 of 7: People Around You")
    assert "**Module complete: People Around You. +500 XP**" in page.text
    assert owner.execute("SELECT xp FROM users").fetchall() == [(23_500,)]


def test_at_the_end_there_is_nothing_left_to_watch(main: Bot, owner: Connection):
    opened(main, "overview")
    give(owner, 20_000)
    for module in COURSE.modules:
        watch_all(main, module)
    assert "**Next:** nothing. You have done the whole course." in opened(main, "progress").text
    assert opened(main, "watch").text.startswith("## 🎓 Module 7 of 7")
    assert labels(opened(main, "overview"))[-2:] == ["My progress", "Ask admins"]


def test_a_lesson_watched_before_says_so_and_changes_nothing(main: Bot, owner: Connection):
    page = opened(main, "watch")
    main.tap(page, "Done")
    again = main.tap(page, "Done")
    assert "You had done this one before. Nothing has changed." in again.text
    assert "You have read it." in opened(main, "watch", lesson="nerves").text
    assert len(owner.execute("SELECT FROM course_progress").fetchall()) == 1


def test_a_repeated_delivery_of_the_last_lesson_gets_the_same_answer_and_pays_once(main: Bot, owner: Connection):
    watch(main, *(lesson.id for lesson in FIRST.lessons[:2]))
    last = custom_ids.make("course.watch", "watched", ALEX.id, FIRST.lessons[2].id, "lesson")
    payload = discord.component(PLACE, ALEX, last)
    first, second = main.send(payload), main.send(payload)
    assert first.body == second.body
    assert "**Module complete: Steady Ground. +500 XP**" in second.text
    assert owner.execute("SELECT xp FROM users").fetchall() == [(500,)]


def test_a_member_below_the_level_sees_the_module_that_needs_it(main: Bot):
    watch_all(main, FIRST)
    watch_all(main, SECOND)
    assert opened(main, "watch").text.startswith("## 🎓 Module 3 of 7")
    assert "**Next:** for module 3, reach level 3 (you are at level 2)" in opened(main, "progress").text


@pytest.mark.parametrize("typed", ["nerves-are-energy", "Nerves", "ENERGY"])
def test_a_lesson_is_found_by_typing(main: Bot, typed: str):
    assert opened(main, "watch", lesson=typed).text.startswith("## 🎓 Nerves Are Energy")


@pytest.mark.parametrize("typed", ["steady-ground", "1", "1. steady", "ground"])
def test_a_module_is_found_by_typing(main: Bot, typed: str):
    assert opened(main, "module", module=typed).text.startswith("## 🎓 Module 1 of 7")


@pytest.mark.parametrize(("line", "option"), [("module", "module"), ("watch", "lesson")])
def test_an_unknown_module_or_lesson_is_refused(main: Bot, line: str, option: str):
    assert f"I could not tell which {option} you mean." in opened(main, line, **{option: "no such thing"}).text


def test_modules_are_suggested_with_their_state(main: Bot):
    watch_all(main, FIRST)
    names = [choice["name"] for choice in main.typing("course module", "module", "").choices]
    assert names[:3] == [
        "1. Steady Ground (complete)",
        "2. Warm First Words (open)",
        "3. Listening That Lands (closed)",
    ]
    assert [it["value"] for it in main.typing("course module", "module", "warm").choices] == ["warm-first-words"]


def test_open_lessons_are_suggested_unwatched_ones_first(main: Bot):
    watch(main, FIRST.lessons[0].id)
    names = [choice["name"] for choice in main.typing("course watch", "lesson", "").choices]
    assert names == ["Small and Often", "Your Own Yes and No", "Nerves Are Energy (done)"]


def test_progress_shows_all_modules_at_once(main: Bot):
    watch_all(main, FIRST)
    answer = opened(main, "progress")
    assert "**Lessons:** 3 of 21 done (14 %) ▰▱▱▱▱▱▱▱▱▱" in answer.text
    assert "**Modules:** 1 of 7 complete" in answer.text
    assert "**XP of the course:** 500" in answer.text
    assert "**Next:** Read the Moment, 13 minutes" in answer.text
    assert "\n**2. Warm First Words**\n-# Open: 0 of 3 done\n" in answer.text
    assert labels(answer) == ["Next: Read the Moment", "All modules", "Ask admins"]


def test_pages_lead_to_each_other(main: Bot):
    page = main.tap(opened(main, "overview"), "My progress")
    assert page.kind == UPDATE
    page = main.tap(main.tap(page, "All modules"), "Module 2")
    page = main.tap(main.tap(page, "Previous: module 1"), "Next: module 2")
    assert page.text.startswith("## 🎓 Module 2")
    page = main.tap(main.tap(page, "All modules"), "Next: Nerves")
    assert main.tap(page, "Module 1").text.startswith("## 🎓 Module 1")


def test_only_the_opener_can_use_the_pages(main: Bot):
    page = opened(main, "watch")
    refused = main.as_user(SAM).tap(page, "Done")
    assert "This belongs to the member who opened it." in refused.text


# --- questions ---


def test_a_question_is_asked_by_the_option(main: Bot, owner: Connection):
    answer = opened(main, "ask", question="  How do I begin?  ")
    assert "is with the admins" in answer.text
    assert "-# Your unanswered questions: 1 of at most 3." in answer.text
    assert owner.execute("SELECT question FROM course_questions").fetchall() == [("How do I begin?",)]


def test_a_question_is_asked_by_a_form_that_counts_once(main: Bot, owner: Connection):
    form = main.command("course ask")
    assert form.kind == MODAL
    first = main.fill(form, {"question": "How do I begin?\nAnd when?"})
    second = main.fill(form, {"question": "How do I begin?\nAnd when?"})
    assert "is with the admins" in first.text
    assert unrevised(second) == unrevised(first)
    assert len(owner.execute("SELECT FROM course_questions").fetchall()) == 1
    assert main.tap(first, "Ask admins").kind == MODAL


def test_a_form_that_is_sent_again_with_another_question_says_that_the_first_counts(main: Bot, owner: Connection):
    form = main.command("course ask")
    main.fill(form, {"question": "How do I begin?"})
    second = main.fill(form, {"question": "Where do I begin?"})
    assert "**This form was sent before, and what you sent first counts.**" in second.text
    assert "**Question:** `Where do I begin?`" in second.text
    assert owner.execute("SELECT question FROM course_questions").fetchall() == [("How do I begin?",)]


def test_a_repeated_delivery_of_a_question_is_one_and_gets_the_identical_answer(main: Bot, owner: Connection):
    payload = discord.command(PLACE, ALEX, "course ask", {"question": "How do I begin?"})
    first = main.send(payload)
    main.fill(main.command("course ask"), {"question": "What comes after it?"})
    assert main.send(payload).body == first.body
    assert len(owner.execute("SELECT FROM course_questions").fetchall()) == 2


@pytest.mark.parametrize("written", ["Too short", "x" * 501, "   ten     "])
def test_a_question_of_the_wrong_length_is_refused(main: Bot, owner: Connection, written: str):
    answer = main.fill(main.command("course ask"), {"question": written})
    assert "a question has 10 to 500 characters" in answer.text
    assert owner.execute("SELECT FROM course_questions").fetchall() == []


def test_a_fourth_question_waits_for_an_answer_to_another(main: Bot):
    for number in range(3):
        main.command("course ask", {"question": f"Question number {number}?"})
    assert "3 questions of yours still wait for an answer" in opened(main, "ask", question="And one more?").text


def test_a_member_without_questions_is_told_so(main: Bot):
    page = main.press(custom_ids.make("course.ask", "show", ALEX.id, 0))
    assert "You have not asked anything yet." in page.text
    assert labels(page) == ["All modules", "Ask admins", "My questions"]


def test_a_new_answer_is_shown_on_the_overview_and_read_under_its_question(main: Bot):
    for words in ("The first question", "The second question"):
        main.command("course ask", {"question": words})
    assert labels(opened(main, "overview"))[-1] == "My questions"
    number = int(main.command("course ask", {"question": "The third question"}).text.split()[3])
    admin = main.as_user(ADA)
    admin.command("admin course-answer", {"id": number - 1, "text": "Like **this**.\n\n# Or that @everyone"})
    overview = opened(main, "overview")
    assert "**1 new answer to your questions: see My questions below.**" in overview.text
    page = main.tap(overview, "My questions (1)")
    assert page.text.startswith("## 🎓 Your questions: 2 of 3\nThe second question")
    assert "### The answer (new)\nLike \\*\\*this\\*\\*.\n\\# Or that \\@everyone" in page.text
    assert "new answer" not in main.tap(page, "All modules").text
    older = main.tap(page, "Older")
    assert "The first question" in older.text
    assert "No answer yet." in older.text
    assert "### The answer\n" in main.tap(older, "Newer").text
    assert "The third question" in main.tap(page, "My questions").text


def test_the_longest_question_and_answer_fit(main: Bot, owner: Connection):
    main.command("course ask", {"question": "*" * 500})
    owner.execute("UPDATE course_questions SET answer = repeat('_', 1000), answered_at = clock_timestamp()")
    main.press(custom_ids.make("course.ask", "show", ALEX.id, 0))
    owner.execute("UPDATE course_questions SET question = repeat('😀', 500), answer = repeat('😀', 1000)")
    assert main.press(custom_ids.make("course.ask", "show", ALEX.id, 0)).text.count("😀") == 1500
