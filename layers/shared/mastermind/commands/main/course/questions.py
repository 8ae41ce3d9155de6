"""/course ask: asking about the course, and reading the answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mastermind.bot import looks
from mastermind.bot.commands import Form, Option, Subcommand
from mastermind.commands.main.course.paths import ASK, OVERVIEW
from mastermind.commands.parts.people import moment
from mastermind.commands.parts.repeated import not_taken
from mastermind.discord.components import Button, Container, Row, Separator, Text
from mastermind.discord.fields import Label, TextInput
from mastermind.discord.replies import Message, Modal, Update
from mastermind.discord.text import prose
from mastermind.game.course.rules import LONGEST_QUESTION, MOST_OPEN_QUESTIONS, SHORTEST_QUESTION, check_question
from mastermind.game.for_you.rules import Kind
from mastermind.game.members.pace import Pace
from mastermind.game.questions import actions as questions
from mastermind.typed import is_visible

if TYPE_CHECKING:
    from mastermind.bot.call import Call
    from mastermind.discord.components import ContainerPart
    from mastermind.discord.replies import Reply
    from mastermind.game.questions.actions import AskedQuestion, OwnQuestion

NONE = (
    f"## {looks.COURSE.emoji} Your questions\n"
    "You have not asked anything yet. The admins answer what is unclear to you about the course."
)
WAITING = "No answer yet. When there is one, `/course overview` says so."

_QUESTION = TextInput("question", long=True, min_length=SHORTEST_QUESTION, max_length=LONGEST_QUESTION)


def as_written(words: str) -> str:
    """A member's text over several lines: no formatting, no links, no notifications."""
    return "\n".join(prose(line) for line in words.splitlines() if is_visible(line))


# --- what the subcommand, its buttons and its form do ---


def _run(call: Call) -> Reply:
    written = call.text("question")
    return _asked(call, written) if written else _open(call)


def _open(call: Call) -> Reply:
    label = Label("Your question", _QUESTION, "An admin answers; you read the answer in /course overview.")
    return Modal(call.custom_id("asked", path=ASK, key=call.interaction.id), "Ask about the course", (label,))


def _send(call: Call) -> Reply:
    return _asked(call, call.field("question"))


def _show(call: Call) -> Reply:
    """The question that the button names; 0 means one with a new answer, else the newest."""
    return Update((_page(call, _shown(call, call.whole_argument(0))),))


def _read(call: Call) -> Reply:
    """A new answer, in a message of its own."""
    return Message((_page(call, _shown(call, 0)),))


def _shown(call: Call, wanted: int) -> OwnQuestion | None:
    call.shows(Kind.ANSWER)
    return call.run(questions.show, wanted)


def _asked(call: Call, written: str) -> Reply:
    asked = call.run(questions.ask, written)
    other = not_taken(call, differs=asked.question != check_question(written))
    return Message((Container((Text(_thanks(asked)), *other, _navigation(call)), looks.COURSE.color),), private=True)


# --- wording and pages ---


def _thanks(asked: AskedQuestion) -> str:
    return (
        f"## {looks.COURSE.emoji} Question {asked.question_id} is with the admins\n"
        "Only they can read it. Their answer will appear here; `/course overview` shows when it has arrived.\n"
        f"-# Your unanswered questions: {asked.open} of at most {MOST_OPEN_QUESTIONS}."
    )


def _page(call: Call, shown: OwnQuestion | None) -> Container:
    if shown is None:
        return Container((Text(NONE), _navigation(call)), looks.COURSE.color)
    heading = looks.COURSE.heading(f"Your questions: {shown.number} of {shown.count}")
    asked = f"{heading}\n{as_written(shown.question)}\n-# {moment(shown.asked_at)}"
    return Container(
        (Text(asked), Separator(), Text(_answer(shown)), *_paging(call, shown), _navigation(call)), looks.COURSE.color
    )


def _answer(shown: OwnQuestion) -> str:
    if shown.answer is None or shown.answered_at is None:
        return WAITING
    heading = "### The answer (new)" if shown.is_new else "### The answer"
    return f"{heading}\n{as_written(shown.answer)}\n-# {moment(shown.answered_at)}"


def _paging(call: Call, shown: OwnQuestion) -> tuple[ContainerPart, ...]:
    """Buttons to the neighbouring questions, if there are any."""
    around = (("Newer", shown.newer), ("Older", shown.older))
    buttons = tuple(Button(word, call.custom_id("show", target, path=ASK)) for word, target in around if target)
    return (Row(buttons),) if buttons else ()


def _navigation(call: Call) -> Row:
    return Row(
        (
            Button("All modules", call.custom_id("open", path=OVERVIEW)),
            Button("Ask admins", call.custom_id("open", path=ASK)),
            Button("My questions", call.custom_id("show", 0, path=ASK)),
        )
    )


SUBCOMMAND = Subcommand(
    "ask",
    "Ask the admins something about the course",
    _run,
    options=(
        Option(
            "question",
            "What you want to know (leave it out to open a form)",
            min_length=SHORTEST_QUESTION,
            max_length=LONGEST_QUESTION,
        ),
    ),
    components={"open": _open, "show": _show, "read": _read},
    modals={"asked": Form(_send, opener="open")},
    paces=dict.fromkeys(("open", "show", "read"), Pace.PAGING),
)
