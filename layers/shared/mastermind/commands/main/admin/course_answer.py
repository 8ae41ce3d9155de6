"""/admin course-answer: answers a question about the course by its number, or replaces its answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mastermind.bot import looks
from mastermind.bot.commands import Option, OptionType, Subcommand
from mastermind.commands.main.course.questions import as_written
from mastermind.commands.parts.people import who
from mastermind.discord.components import Container, Text
from mastermind.discord.replies import Message
from mastermind.game.course.rules import LONGEST_ANSWER
from mastermind.game.questions import actions as questions

if TYPE_CHECKING:
    from mastermind.bot.call import Call
    from mastermind.discord.replies import Reply
    from mastermind.game.questions.actions import Answered

MOST_QUESTIONS = 1_000_000_000


def _run(call: Call) -> Reply:
    question_id, written = call.whole("id"), call.text("text")
    answered = call.run(questions.answer, question_id, written, instead=True)
    return Message((Container((Text(summary(answered)),), looks.COURSE.color),), private=True)


def summary(answered: Answered) -> str:
    """The result of answering, with the question."""
    question = answered.question
    lines = [
        f"## {looks.COURSE.emoji} {_heading(answered)}",
        f"{who(question.user_id)} asked:",
        as_written(question.question),
        "**The answer:**",
        as_written(question.answer),
        f"-# {_afterwards(answered)}",
    ]
    return "\n".join(lines)


def _heading(answered: Answered) -> str:
    number = answered.question.question_id
    if not answered.fresh:
        return f"Question {number} was already answered"
    return f"Question {number} has a new answer" if answered.replaced else f"Question {number} is answered"


def _afterwards(answered: Answered) -> str:
    if not answered.fresh:
        return "Nothing has changed. `/admin course-answer` replaces the answer."
    return "They see it in `/course overview`. It is listed in `/security audit`."


SUBCOMMAND = Subcommand(
    "course-answer",
    "Answer a question, or replace its answer",
    _run,
    options=(
        Option(
            "id",
            "The number of the question, as course-questions shows it",
            type=OptionType.INTEGER,
            required=True,
            min_value=1,
            max_value=MOST_QUESTIONS,
        ),
        Option("text", "The answer; the member reads it in /course overview", required=True, max_length=LONGEST_ANSWER),
    ),
)
