"""The table course_questions: what members asked about the course, and what the admins answered.

A question changes behind the lock on its asker when they ask or look, and on the admin when they answer; its own row
is locked after that.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, LiteralString

from mastermind.postgres.exchange import rows, value

if TYPE_CHECKING:
    from datetime import datetime

    from mastermind.game.paging import Window
    from mastermind.postgres.connection import Connection, Cursor

# The id is drawn before it is known whether there will be a question: a refusal leaves a gap, which harms nobody.
BEFORE_ASKING: LiteralString = """
SELECT
    coalesce(
        (SELECT question_id FROM course_questions WHERE user_id = %(user_id)s AND nonce = %(nonce)s),
        nextval('course_questions_question_id_seq')
    ) AS question_id,
    (SELECT question FROM course_questions WHERE user_id = %(user_id)s AND nonce = %(nonce)s) AS question,
    (SELECT count(*) FROM course_questions WHERE user_id = %(user_id)s AND answer IS NULL) AS open
"""


@dataclass(frozen=True, slots=True)
class Before:
    """What is known before a question is made: the id it has or will have, its words if it was made, how many wait."""

    question_id: int
    question: str | None
    open: int


def before_asking(conn: Connection, user_id: int, nonce: int) -> Cursor[Before]:
    """How the member stands with questions, and with the one of that nonce."""
    return rows(conn, Before, BEFORE_ASKING, {"user_id": user_id, "nonce": nonce})


ASK: LiteralString = """
INSERT INTO course_questions (question_id, user_id, nonce, question)
VALUES (%(question_id)s, %(user_id)s, %(nonce)s, %(question)s)
"""


def ask(conn: Connection, user_id: int, question_id: int, nonce: int, question: str) -> None:
    """Store a question under the id that was drawn for it."""
    conn.execute(ASK, {"user_id": user_id, "question_id": question_id, "nonce": nonce, "question": question})


# The wanted one, else the newest answer that was not seen yet, else the newest question. A member who looks has seen
# the answer, unless another has replaced it meanwhile.
SHOW: LiteralString = """
WITH own AS (
    SELECT
        question_id, question, asked_at, answer, answered_at, answer IS NOT NULL AND seen_at IS NULL AS is_new,
        row_number() OVER newest_first AS number, count(*) OVER () AS count,
        lag(question_id) OVER newest_first AS newer, lead(question_id) OVER newest_first AS older
    FROM course_questions
    WHERE user_id = %(user_id)s
    WINDOW newest_first AS (ORDER BY question_id DESC)
), chosen AS (
    SELECT * FROM own ORDER BY question_id = %(wanted)s DESC, is_new DESC, question_id DESC LIMIT 1
), seen AS (
    UPDATE course_questions AS questions
    SET seen_at = clock_timestamp()
    FROM chosen
    WHERE chosen.is_new
        AND questions.question_id = chosen.question_id
        AND questions.answered_at = chosen.answered_at
)
SELECT question_id, question, asked_at, answer, answered_at, is_new, number, count, newer, older FROM chosen
"""


@dataclass(frozen=True, slots=True)
class OwnQuestion:
    """A question as its asker sees it; `number` counts from 1, the newest, to `count`; others by their ids, or None."""

    question_id: int
    question: str
    asked_at: datetime
    answer: str | None
    answered_at: datetime | None
    is_new: bool
    number: int
    count: int
    newer: int | None
    older: int | None


def show(conn: Connection, user_id: int, wanted: int) -> Cursor[OwnQuestion]:
    """One of the member's own questions, whose answer counts as seen from now on; no row when they have none."""
    return rows(conn, OwnQuestion, SHOW, {"user_id": user_id, "wanted": wanted})


# An offset past the end shows the last page.
OPEN: LiteralString = """
SELECT questions.question_id, questions.user_id, users.display_name, questions.question, questions.asked_at
FROM course_questions AS questions
JOIN users USING (user_id)
WHERE questions.answer IS NULL
ORDER BY questions.question_id
OFFSET least(
    %(before)s,
    (SELECT greatest(count(*) - 1, 0) / %(most)s * %(most)s FROM course_questions WHERE answer IS NULL)
)
LIMIT %(most)s
"""


@dataclass(frozen=True, slots=True)
class OpenQuestion:
    """A question that waits for an answer."""

    question_id: int
    user_id: int
    display_name: str
    question: str
    asked_at: datetime


def open_questions(conn: Connection, window: Window) -> Cursor[OpenQuestion]:
    """A page of the questions without an answer, oldest first."""
    return rows(conn, OpenQuestion, OPEN, {"before": window.before, "most": window.size})


COUNT_OPEN: LiteralString = "SELECT count(*) AS count FROM course_questions WHERE answer IS NULL"


def count_open(conn: Connection) -> Cursor[int]:
    return value(conn, int, COUNT_OPEN)


FIND: LiteralString = """
SELECT question_id, user_id, question, coalesce(answer, '') AS answer
FROM course_questions
WHERE question_id = %(question_id)s
"""


@dataclass(frozen=True, slots=True)
class Question:
    """A question with its answer, "" when it has none."""

    question_id: int
    user_id: int
    question: str
    answer: str


def find(conn: Connection, question_id: int) -> Cursor[Question]:
    """A question; no row when there is none, or its asker was deleted."""
    return rows(conn, Question, FIND, {"question_id": question_id})


LOCK: LiteralString = f"{FIND} FOR UPDATE"


def lock(conn: Connection, question_id: int) -> Cursor[Question]:
    """The same, held until the transaction ends."""
    return rows(conn, Question, LOCK, {"question_id": question_id})


ANSWER: LiteralString = """
UPDATE course_questions
SET answer = %(answer)s, answered_by = %(answered_by)s, answered_at = clock_timestamp(), seen_at = NULL
WHERE question_id = %(question_id)s
"""


def answer(conn: Connection, question_id: int, answered_by: int, words: str) -> None:
    """Give a question its answer, in the place of an earlier one, and new to its asker."""
    conn.execute(ANSWER, {"question_id": question_id, "answered_by": answered_by, "answer": words})
