"""/admin course-questions and course-answer: admins read what members asked, and answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from devkit import discord_client as discord
from tests.commands.moderating import ADA, BEN, MESSAGE, MODAL, UPDATE, log
from tests.commands.playing import ALEX, PLACE, SAM, labels

if TYPE_CHECKING:
    from devkit.discord_client import Answer, User
    from tests.commands.playing import Bot
    from tests.conftest import Connection

QUESTION = "How do I **begin**?"


@pytest.fixture
def admin(main: Bot) -> Bot:
    return main.as_user(ADA)


def ask(bot: Bot, user: User = ALEX, words: str = QUESTION) -> int:
    """Ask something; gives the question's number."""
    response = bot.as_user(user).command("course ask", {"question": words}).text
    return int(response.partition("## 🎓 Question ")[2].split()[0])


def opened(bot: Bot) -> Answer:
    answer = bot.command("admin course-questions")
    assert (answer.kind, answer.is_private) == (MESSAGE, True)
    return answer


def test_without_open_questions_it_says_so(admin: Bot):
    page = opened(admin)
    assert "No question is waiting for an answer." in page.text
    assert labels(page) == ["Refresh"]


def test_a_question_is_shown_escaped_with_a_button(admin: Bot):
    number = ask(admin)
    page = opened(admin)
    assert "1 question to answer, page 1 of 1" in page.text
    assert f"**{number}.** <@{ALEX.id}>" in page.text
    assert "> How do I \\*\\*begin\\*\\*?" in page.text
    assert labels(page) == [f"Answer {number}", "Refresh"]


def test_many_questions_take_pages(admin: Bot):
    numbers = [ask(admin, user) for user in (ALEX, SAM) for _ in range(3)]
    page = opened(admin)
    assert labels(page) == [*(f"Answer {number}" for number in numbers[:3]), "Next", "Refresh"]
    page = admin.tap(page, "Next")
    assert page.kind == UPDATE
    assert "page 2 of 2" in page.text
    assert labels(page) == [*(f"Answer {number}" for number in numbers[3:]), "Previous", "Refresh"]
    for number in numbers[3:]:
        admin.command("admin course-answer", {"id": number, "text": "So."})
    assert "page 1 of 1" in admin.tap(page, "Refresh").text


def test_the_widest_page_fits(admin: Bot):
    for words in ("*" * 500, "😀" * 500, "_" * 500):
        ask(admin, words=words)
    assert len(opened(admin).text) > 2_500


def test_a_question_is_answered_by_its_form(admin: Bot, owner: Connection):
    number = ask(admin)
    form = admin.tap(opened(admin), f"Answer {number}")
    assert form.kind == MODAL
    assert "How do I \\*\\*begin\\*\\*?" in form.text
    response = admin.fill(form, {"answer": "Like *this*.\nOr that."})
    assert response.kind == UPDATE
    assert f"## 🎓 Question {number} is answered" in response.text
    assert "Like \\*this\\*.\nOr that." in response.text
    assert "No question is waiting" in admin.tap(response, "Open questions").text
    assert log(owner) == [
        (
            ADA.id,
            "course.answer",
            ALEX.id,
            {"question": number, "answer": ""},
            {"question": number, "answer": "Like *this*.\nOr that."},
            "",
        )
    ]


def test_the_slower_of_two_admins_changes_nothing(admin: Bot, owner: Connection):
    number = ask(admin)
    slow = admin.as_user(BEN)
    form = slow.tap(opened(slow), f"Answer {number}")
    admin.command("admin course-answer", {"id": number, "text": "First."})
    response = slow.fill(form, {"answer": "Second."})
    assert f"## 🎓 Question {number} was already answered" in response.text
    assert "First." in response.text
    assert "`/admin course-answer` replaces the answer" in response.text
    assert owner.execute("SELECT answer, answered_by FROM course_questions").fetchall() == [("First.", ADA.id)]


def test_an_answer_can_be_replaced_by_number(admin: Bot, owner: Connection):
    number = ask(admin)
    admin.command("admin course-answer", {"id": number, "text": "First."})
    response = admin.command("admin course-answer", {"id": number, "text": "Second."})
    assert f"## 🎓 Question {number} has a new answer" in response.text
    assert [(entry[3]["answer"], entry[4]["answer"]) for entry in log(owner)] == [("", "First."), ("First.", "Second.")]
    again = admin.command("admin course-answer", {"id": number, "text": "Second."})
    assert "was already answered" in again.text
    assert len(log(owner)) == 2


def test_a_repeated_delivery_answers_once_and_gets_the_same_answer(admin: Bot, owner: Connection):
    number = ask(admin)
    payload = discord.command(PLACE, ADA, "admin course-answer", {"id": number, "text": "So."})
    assert admin.send(payload).body == admin.send(payload).body
    assert len(log(owner)) == 1


def test_an_answer_is_in_the_audit_log_in_words(admin: Bot):
    admin.command("admin course-answer", {"id": ask(admin), "text": "So it is."})
    audit = admin.command("security audit").text
    assert "**Answered a question**" in audit
    assert "So it is." in audit


@pytest.mark.parametrize("number", [999_999, 1_000_000_000])
def test_a_number_without_a_question_is_refused(admin: Bot, owner: Connection, number: int):
    response = admin.command("admin course-answer", {"id": number, "text": "So."})
    assert f"There is no question {number}." in response.text
    assert log(owner) == []


def test_an_empty_answer_is_refused(admin: Bot):
    number = ask(admin)
    form = admin.tap(opened(admin), f"Answer {number}")
    assert "an answer has 1 to 1,000 characters" in admin.fill(form, {"answer": "  \n "}).text
    assert "1 to 1,000" in admin.command("admin course-answer", {"id": number, "text": "   "}).text


def test_the_question_of_a_deleted_member_is_gone(admin: Bot, owner: Connection):
    number = ask(admin)
    page = opened(admin)
    form = admin.tap(page, f"Answer {number}")
    owner.execute("SELECT delete_member(%s)", [ALEX.id])
    assert f"There is no question {number}." in admin.fill(form, {"answer": "So."}).text
    assert f"There is no question {number}." in admin.tap(page, f"Answer {number}").text
    assert "No question is waiting" in opened(admin).text


def test_the_longest_answer_fits_into_its_message(admin: Bot):
    for letter in ("*", "😀"):
        response = admin.command("admin course-answer", {"id": ask(admin, words=letter * 500), "text": letter * 1000})
        assert "is answered" in response.text
