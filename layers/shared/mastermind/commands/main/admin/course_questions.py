"""/admin course-questions: unanswered questions about the course, each with a button to answer it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mastermind.bot import looks
from mastermind.bot.commands import Form, Subcommand
from mastermind.commands.main.admin.course_answer import summary
from mastermind.commands.parts import paging
from mastermind.commands.parts.people import counted, moment, named, who
from mastermind.commands.parts.repeated import FIRST_COUNTS, not_taken
from mastermind.discord.components import Button, ButtonStyle, Container, Row, Section, Separator, Text
from mastermind.discord.fields import Label, TextInput
from mastermind.discord.replies import Message, Modal, Update
from mastermind.discord.text import prose
from mastermind.game.course.rules import LONGEST_ANSWER, check_answer
from mastermind.game.members.pace import Pace
from mastermind.game.questions import actions as questions

if TYPE_CHECKING:
    from mastermind.bot.call import Call
    from mastermind.discord.components import ContainerPart
    from mastermind.discord.replies import Reply
    from mastermind.game.paging import Page
    from mastermind.game.questions.actions import OpenQuestion

NOTHING = "No question is waiting for an answer. Questions asked with `/course ask` appear here."
NOT_FIRST = "**What you typed was not stored:** that answer stays."
HOW = "-# The member reads your answer in `/course overview`; they do not see who wrote it."

_ANSWER = TextInput("answer", long=True, min_length=1, max_length=LONGEST_ANSWER)


# --- what the subcommand, its buttons and its form do ---


def _open(call: Call) -> Reply:
    return Message((_page(_read(call, 1)),), private=True)


def _turn(call: Call) -> Reply:
    """Previous, next and refresh: each names its target page."""
    return Update((_page(_read(call, call.whole_argument(0))),))


def _open_form(call: Call) -> Reply:
    question_id = call.whole_argument(0)
    question = call.run(questions.find, question_id)
    asked = Text(f"{who(question.user_id)} asked:\n{prose(question.question)}")
    label = Label("Your answer", _ANSWER, "They read it in /course overview.")
    return Modal(
        call.custom_id("answered", question_id, key=call.interaction.id),
        f"Answer question {question_id}",
        (asked, label),
    )


def _answer(call: Call) -> Reply:
    """Submit the form of the button; if another admin was faster, their answer stays."""
    question_id, written = call.whole_argument(0), call.field("answer")
    answered = call.run(questions.answer, question_id, written, instead=False)
    more = Button("Open questions", call.custom_id("refresh", 1))
    differs = answered.question.answer != check_answer(written)
    other = not_taken(call, differs=differs, words=FIRST_COUNTS if answered.fresh else NOT_FIRST)
    return Update((Container((Text(summary(answered)), *other, Row((more,))), looks.COURSE.color),))


# --- a page ---


@dataclass(frozen=True, slots=True)
class QuestionsView:
    """A page of the open questions, ready to render."""

    call: Call
    found: Page[OpenQuestion]


def _read(call: Call, page: int) -> QuestionsView:
    return QuestionsView(call, call.run(questions.read, page))


def _page(view: QuestionsView) -> Container:
    """At most 16 of the 40 components: 3 questions of 3, 7 around them."""
    lines: tuple[ContainerPart, ...] = tuple(_line(view, question) for question in view.found.lines)
    row = paging.buttons(view.found, view.call.custom_id)
    return Container((Text(_heading(view.found)), *lines, Separator(), row), looks.COURSE.color)


def _heading(found: Page[OpenQuestion]) -> str:
    if not found.count:
        return f"## {looks.COURSE.emoji} Questions about the course\n{NOTHING}"
    waiting = f"{counted(found.count, 'question')} to answer, page {found.number:,} of {found.pages:,}"
    return f"## {looks.COURSE.emoji} Questions about the course\n{waiting}\n{HOW}"


def _line(view: QuestionsView, question: OpenQuestion) -> Section:
    number = question.question_id
    by = named(question.user_id, question.display_name)
    asked = f"**{number}.** {by}, {moment(question.asked_at)}\n> {prose(question.question)}"
    button = Button(f"Answer {number}", view.call.custom_id("answer", number), ButtonStyle.PRIMARY)
    return Section((Text(asked),), button)


SUBCOMMAND = Subcommand(
    "course-questions",
    "Questions that wait for an answer",
    _open,
    components={"open": _open, **paging.turned_by(_turn), "answer": _open_form},
    modals={"answered": Form(_answer, opener="answer")},
    paces=dict.fromkeys((*paging.ACTIONS, "answer"), Pace.PAGING),
)
