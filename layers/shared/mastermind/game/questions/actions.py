"""Questions about the course: members ask, admins answer, and who asked reads the answer.

Asking and answering are decisions of two exchanges behind the lock of whoever acts. A question is one however often its
form is sent; an answer stands in the audit log with the one it replaces.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from mastermind.errors import MemberMistake
from mastermind.game import paging
from mastermind.game.audit import table as audit
from mastermind.game.course.rules import MOST_OPEN_QUESTIONS, check_answer, check_question
from mastermind.game.flags import actions as flags
from mastermind.game.members import table as users
from mastermind.game.members.rules import Member
from mastermind.game.questions import table as questions
from mastermind.game.questions.table import OpenQuestion, OwnQuestion, Question
from mastermind.postgres import outcomes as interactions
from mastermind.postgres.exchange import begin, commit, decision, exchange, only, snapshot, transaction

if TYPE_CHECKING:
    from psycopg import Cursor

    from mastermind.postgres.connection import Connection

__all__ = [
    "Answered",
    "Asked",
    "Member",
    "OpenQuestion",
    "OpenQuestions",
    "OwnQuestion",
    "Question",
    "answer",
    "ask",
    "find",
    "read",
    "show",
]

ASK, ANSWER = "course.ask", "course.answer"
"""The names of what is done, among the stored outcomes and in the audit log."""

PLACE = "course.question"
"""Where the words stand that a rule may flag."""

LINES = 3
"""Questions of a page: their words stay below the 4 000 characters of a message."""

FARTHEST = 10**9

UNKNOWN = "There is no question {number}. It may be a slip, or its asker has had all of their data deleted."

ENOUGH = (
    "Nothing was asked: {most} questions of yours still wait for an answer. Once one of them is answered you can ask "
    "the next."
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that was stored; `open` of the member's wait for an answer now. `repeated`: it had been before."""

    question_id: int
    open: int
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class OpenQuestions:
    """A page of the questions that wait for an answer, oldest first."""

    lines: tuple[OpenQuestion, ...]
    page: int
    pages: int
    count: int


@dataclass(frozen=True, slots=True)
class Answered:
    """A question with its answer as it stands now; `fresh` when this led to it, `replaced` when another was there.

    Not fresh: it was there already, or somebody else had answered meanwhile.
    """

    question: Question
    fresh: bool
    replaced: bool


def ask(conn: Connection, member: Member, interaction_id: int, nonce: int, written: str, time_zone: str) -> Asked:
    """Ask a question, which is flagged when a rule finds something in its words.

    `nonce` is the interaction that opened the form, or this one. Raises MemberMistake when it is too short or too long,
    and when too many of the member's still wait.
    """
    question = check_question(written)
    with decision(conn):
        with exchange(conn):
            users.enter(conn, member, time_zone)
            begin(conn)
            users.lock_own(conn, member.user_id)
            found = questions.before_asking(conn, member.user_id, nonce)
        before = only(found)
        if before.is_made:
            return Asked(before.question_id, before.open, repeated=True)
        if before.open >= MOST_OPEN_QUESTIONS:
            raise MemberMistake(ENOUGH.format(most=MOST_OPEN_QUESTIONS))
        with exchange(conn):
            questions.ask(conn, member.user_id, before.question_id, nonce, question)
            flags.look_at(conn, member.user_id, PLACE, str(before.question_id), question)
            outcome = {"question_id": before.question_id}
            interactions.store(conn, member.user_id, ASK, [interaction_id], outcome)
            commit(conn)
    return Asked(before.question_id, before.open + 1)


def show(conn: Connection, member: Member, wanted: int, time_zone: str) -> OwnQuestion | None:
    """One of the member's own questions (0: what is new, else the newest), whose answer they have seen by this."""
    with exchange(conn):
        users.enter(conn, member, time_zone)
        with transaction(conn):
            users.lock_own(conn, member.user_id)
            shown = questions.show(conn, member.user_id, wanted)
    return shown.fetchone()


def read(conn: Connection, actor: Member, page: int, time_zone: str) -> OpenQuestions:
    """A page, counted from 1; beyond the end: the last one."""
    with exchange(conn):
        users.enter(conn, actor, time_zone)
        with snapshot(conn):
            asked = _ask(conn, page)
    return asked.answer()


def find(conn: Connection, actor: Member, question_id: int, time_zone: str) -> Question:
    """A question as it stands; raises MemberMistake when there is none."""
    with exchange(conn):
        users.enter(conn, actor, time_zone)
        found = questions.find(conn, question_id)
    return _known(found.fetchone(), question_id)


def answer(
    conn: Connection, actor: Member, interaction_id: int, question_id: int, written: str, *, instead: bool, zone: str
) -> Answered:
    """Answer a question. One that is answered keeps its answer, unless this shall stand `instead`.

    Raises MemberMistake when there is no such question, and when the answer is empty or too long.
    """
    words = check_answer(written)
    with decision(conn):
        with exchange(conn):
            users.enter(conn, actor, zone)
            begin(conn)
            users.lock_own(conn, actor.user_id)
            done = interactions.find(conn, actor.user_id, ANSWER, [interaction_id])
            found = questions.lock(conn, question_id)
        question = _known(found.fetchone(), question_id)
        if stored := done.fetchone():
            return Answered(question, fresh=True, replaced=stored["replaced"] is True)
        if question.answer == words or (question.answer and not instead):
            return Answered(question, fresh=False, replaced=False)
        replaced = bool(question.answer)
        with exchange(conn):
            questions.answer(conn, question_id, actor.user_id, words)
            audit.write(
                conn,
                actor_id=actor.user_id,
                action=ANSWER,
                subject_id=question.user_id,
                before={"question": question_id, "answer": question.answer},
                after={"question": question_id, "answer": words},
            )
            interactions.store(conn, actor.user_id, ANSWER, [interaction_id], {"replaced": replaced})
            commit(conn)
    return Answered(replace(question, answer=words), fresh=True, replaced=replaced)


@dataclass(frozen=True, slots=True)
class _Asked:
    """The questions that make a page, on their way."""

    page: int
    count: Cursor[int]
    lines: Cursor[OpenQuestion]

    def answer(self) -> OpenQuestions:
        count = only(self.count)
        pages = paging.page_count(count, LINES)
        return OpenQuestions(tuple(self.lines), paging.held(self.page, pages), pages, count)


def _ask(conn: Connection, page: int) -> _Asked:
    before = (paging.held(page, FARTHEST) - 1) * LINES
    return _Asked(page, questions.count_open(conn), questions.open_questions(conn, before, LINES))


def _known(question: Question | None, question_id: int) -> Question:
    if question is None:
        raise MemberMistake(UNKNOWN.format(number=question_id))
    return question
