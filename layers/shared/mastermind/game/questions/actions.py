"""Questions about the course: members ask, admins answer, and the member who asked reads the answer.

A form that is sent twice asks one question. The audit log keeps each answer with the one it replaced.
"""

from __future__ import annotations

from copy import replace
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mastermind.errors import MemberMistake
from mastermind.game.course.rules import MOST_OPEN_QUESTIONS, check_answer, check_question
from mastermind.game.exchanges import changing, looking, writing
from mastermind.game.flags import actions as flags
from mastermind.game.members.rules import Subject
from mastermind.game.paging import Window
from mastermind.game.questions import table as questions
from mastermind.game.questions.table import OpenQuestion, OwnQuestion, Question
from mastermind.postgres.exchange import only

if TYPE_CHECKING:
    from mastermind.game.members.rules import Actor
    from mastermind.game.paging import Page
    from mastermind.postgres.connection import Connection

__all__ = [
    "Answered",
    "AskedQuestion",
    "OpenQuestion",
    "OwnQuestion",
    "Question",
    "answer",
    "ask",
    "find",
    "read",
    "show",
]

ASK, ANSWER = "course.ask", "course.answer"
"""The names of the changes, among the stored outcomes and in the audit log."""

PLACE = "course.question"
"""The source of a flag on a question's words."""

LINES = 3
"""Questions on a page, so that their text stays below the 4 000 characters of a message."""

UNKNOWN = "There is no question {number}. It may be a slip, or its asker has had all of their data deleted."

ENOUGH = (
    "Nothing was asked: {most} questions of yours still wait for an answer. Once one of them is answered you can ask "
    "the next."
)


@dataclass(frozen=True, slots=True)
class AskedQuestion:
    """A stored question. `open` is how many of the member's await an answer; `repeated`: it was stored before.

    `question` are the words that were stored: a form that is sent again may hold others.
    """

    question_id: int
    question: str
    open: int
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class Answered:
    """A question with its current answer; `fresh` if this call stored it, `replaced` if it replaced another.

    Not fresh: the answer was there already, or somebody else answered in the meantime.
    """

    question: Question
    fresh: bool
    replaced: bool


def ask(conn: Connection, actor: Actor, written: str) -> AskedQuestion:
    """Ask a question; it is flagged if a rule matches its words.

    Raises MemberMistake when it is too short or too long, and when too many of the member's questions still await an
    answer.
    """
    question = check_question(written)
    with changing(conn, actor, ASK) as change:
        before = only(questions.before_asking(conn, actor.user_id, actor.key))
        if before.question is not None:
            still_open = (change.stored or {}).get("open", before.open)
            return AskedQuestion(before.question_id, before.question, still_open, repeated=True)
        if before.open >= MOST_OPEN_QUESTIONS:
            raise MemberMistake(ENOUGH.format(most=MOST_OPEN_QUESTIONS))
        questions.ask(conn, actor.user_id, before.question_id, actor.key, question)
        flags.look_at(conn, actor, PLACE, str(before.question_id), question)
        asked = AskedQuestion(before.question_id, question, before.open + 1)
        change.keep({"question_id": asked.question_id, "open": asked.open})
    return asked


def show(conn: Connection, actor: Actor, wanted: int) -> OwnQuestion | None:
    """One of the member's own questions (0: what is new, else the newest); its answer counts as seen from now on."""
    with writing(conn, actor):
        shown = questions.show(conn, actor.user_id, wanted)
    return shown.fetchone()


def read(conn: Connection, actor: Actor, page: int) -> Page[OpenQuestion]:
    """A page of the questions that wait for an answer, oldest first."""
    window = Window(page, LINES)
    with looking(conn, actor):
        count, found = questions.count_open(conn), questions.open_questions(conn, window)
    return window.page(found, only(count))


def find(conn: Connection, actor: Actor, question_id: int) -> Question:
    """A question as it stands; raises MemberMistake when there is none."""
    with looking(conn, actor):
        found = questions.find(conn, question_id)
    return _known(found.fetchone(), question_id)


def answer(conn: Connection, actor: Actor, question_id: int, written: str, *, instead: bool) -> Answered:
    """Answer a question. One that is answered keeps its answer, unless this one replaces it (`instead`).

    Raises MemberMistake when there is no such question, and when the answer is empty or too long.
    """
    words = check_answer(written)
    with changing(conn, actor, ANSWER) as change:
        found = questions.lock(conn, question_id)
        question = _known(found.fetchone(), question_id)
        if stored := change.stored:
            return Answered(question, fresh=True, replaced=stored.get("replaced") is True)
        if question.answer == words or (question.answer and not instead):
            return Answered(question, fresh=False, replaced=False)
        replaced = bool(question.answer)
        questions.answer(conn, question_id, actor.user_id, words)
        change.audit(
            subject=Subject(question.user_id),
            before={"question": question_id, "answer": question.answer},
            after={"question": question_id, "answer": words},
        )
        change.keep({"replaced": replaced})
    return Answered(replace(question, answer=words), fresh=True, replaced=replaced)


def _known(question: Question | None, question_id: int) -> Question:
    if question is None:
        raise MemberMistake(UNKNOWN.format(number=question_id))
    return question
