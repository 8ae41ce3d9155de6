"""/admin reset-stats: resets a member to the start, after the admin has typed a word to confirm it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mastermind.bot import looks
from mastermind.bot.commands import Form, Option, OptionType, Subcommand
from mastermind.commands.parts import people
from mastermind.commands.parts.day_cards import figure
from mastermind.commands.parts.people import LONGEST_REASON, SHORTEST_REASON, who, words
from mastermind.commands.parts.repeated import not_taken
from mastermind.discord.components import Container, Text
from mastermind.discord.fields import Label, TextInput
from mastermind.discord.replies import Message, Modal
from mastermind.discord.text import name
from mastermind.errors import MemberMistake
from mastermind.game.ledger import actions as ledger
from mastermind.typed import confirms

if TYPE_CHECKING:
    from mastermind.bot.call import Call
    from mastermind.discord.replies import Reply
    from mastermind.game.ledger.actions import Account, Reset

WORD = "RESET"

NOT_TYPED = f"This reset nobody: the form asks for the word {WORD}."

WHAT_GOES = """{name} has now:
{figures}

A reset takes all of it away for good: stats, streak, challenges and XP. Challenges can be ticked again.
Stays: what was announced, points given to raids (without their name), course progress, warnings."""

_WHY = TextInput("reason", min_length=SHORTEST_REASON, max_length=LONGEST_REASON)


def _open(call: Call) -> Reply:
    return _form(call, call.user("user") or 0)


def _open_again(call: Call) -> Reply:
    return _form(call, call.whole_argument(0))


def _form(call: Call, subject: int) -> Reply:
    account = call.run(ledger.look, call.subject(subject))
    return Modal(
        call.custom_id("reset", subject, key=call.interaction.id),
        "Reset a member",
        (
            Text(WHAT_GOES.format(name=name(account.display_name), figures=_figures(account))),
            Label("Why", _WHY, "They read it in /history."),
            Label(f"Type {WORD} to do it", TextInput("word", max_length=20), "Nothing happens without this word."),
        ),
    )


def _reset(call: Call) -> Reply:
    subject = call.whole_argument(0)
    if not confirms(call.field("word"), WORD):
        raise MemberMistake(NOT_TYPED)
    reason = people.reason(call.field("reason"))
    reset = call.run(ledger.reset, call.subject(subject), reason)
    other = not_taken(call, differs=reset.reason != reason)
    return Message((Container((Text(_confirmation(subject, reset)), *other), looks.ADMIN.color),), private=True)


def _confirmation(subject: int, reset: Reset) -> str:
    return "\n".join(
        (
            f"## {looks.ADMIN.emoji} Reset: {who(subject)}",
            "They are at level 1 with 0 XP. Taken away:",
            _figures(reset),
            f"**Reason:** {words(reset.reason, LONGEST_REASON)}",
            "-# `/security audit` has everything that was taken.",
        )
    )


def _figures(had: Account | Reset) -> str:
    lines = [
        f"XP: {figure(had.xp)}",
        f"completed challenges: {had.challenges:,}",
        f"challenges pending: {had.pending:,}",
        f"days with stats: {had.days:,}",
    ]
    return "\n".join(f"- {line}" for line in lines)


SUBCOMMAND = Subcommand(
    "reset-stats",
    "Reset a member to the start; it asks first",
    _open,
    options=(Option("user", "Whom", type=OptionType.USER, required=True),),
    components={"open": _open_again},
    modals={"reset": Form(_reset, opener="open")},
)
