"""/privacy: a member exports or deletes their own data."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from mastermind.bot import looks
from mastermind.bot.commands import Command, Form, Subcommand
from mastermind.commands.parts.exports import hand_over
from mastermind.discord.components import Button, ButtonStyle, Container, Row, Text
from mastermind.discord.fields import Label, TextInput
from mastermind.discord.replies import Message, Modal, Reply, Update
from mastermind.errors import MemberMistake, OutcomeUnknown, Unavailable
from mastermind.game.exports import actions as exports
from mastermind.game.members.pace import Pace
from mastermind.game.privacy import actions as privacy
from mastermind.game.privacy import rules
from mastermind.typed import confirms

if TYPE_CHECKING:
    from mastermind.bot.call import Call
    from mastermind.game.privacy.rules import Began, Ended

WORD = "DELETE"
"""The word to type as the second confirmation."""


# --- export ---


def _export(call: Call) -> Reply:
    document = call.run(exports.export)
    return hand_over(call, document, f"## {looks.PRIVACY.emoji} Your data", HERE)


HERE = (
    "This file is everything that the game keeps about you, table by table, each with a sentence on what it is. It is "
    "JSON: any text editor opens it. Only you see this message. `/privacy delete` would delete it all."
)


# --- delete ---


def _ask(call: Call) -> Reply:
    buttons = (
        Button("Keep everything", call.custom_id("keep")),
        Button("Delete everything", call.custom_id("delete"), ButtonStyle.DANGER),
    )
    return Message((Container((Text(WHAT_GOES), Text(WHAT_STAYS), Row(buttons)), looks.LOSS.color),))


def _keep(_call: Call) -> Reply:
    return Update((Text("Nothing was deleted. Good to have you here: `/help` shows what there is to do."),))


def _confirm(call: Call) -> Reply:
    field = TextInput("word", max_length=20, placeholder=WORD)
    return Modal(
        call.custom_id("confirmed"),
        "Delete all your data?",
        (Text("This cannot be undone, not even by an admin."), Label(f"Type {WORD} to go on", field)),
    )


def _delete(call: Call) -> Reply:
    """Delete the member, between the two entries of the deletion log.

    What began and did not end has failed, and a restore does not repeat it: the member may have played on. The sweep
    writes the end again, which changes nothing but where it is missing, and notes that the log has it.
    """
    if not confirms(call.field("word"), WORD):
        raise MemberMistake(f"This deleted nothing: the form asks for the word {WORD}.")
    call.run(privacy.admit_deletion)
    _log(call, rules.begin(call.caller.user_id, call.key))
    ended = call.run(privacy.delete)
    with suppress(Unavailable, OutcomeUnknown):
        _log(call, ended)
    return Update((Container((Text(GONE),), looks.PRIVACY.color),))


def _log(call: Call, entry: Began | Ended) -> None:
    call.store_once(rules.key(entry), rules.write(entry), rules.AS_JSON)


WHAT_GOES = f"""## {looks.LOSS.emoji} Delete all your data?
Gone for good: your XP with its whole history, levels and rank, stats and streak, challenges, course progress and \
questions, settings, warnings. If you use the game again, you start from the beginning.
You may want `/privacy export` first."""

WHAT_STAYS = """### What stays, without you
Points you gave to raids still count for everybody, without your name. The audit log still shows that an admin did \
something, but not to whom.
What you did to others as a moderator or admin keeps your Discord id in that log until 400 days after you did it.
Limits and warnings stay in force if you come back: under a code made from your id, warnings for 30 days, the rest for \
a day at most.
Backups of the database keep what they hold until they expire, the nightly ones after about a month. Should one ever \
be restored, you are deleted from it again: only for that, your Discord id and the time of this deletion are kept for \
400 days, outside the game.
What is on its way is gone within two days: an announcement about you, which may still be posted, and exports that \
were too large for a message.
Messages posted in channels stay on Discord; ask an admin to remove them."""

GONE = f"""## {looks.PRIVACY.emoji} Your data is deleted
What the game knew about you is gone, but for what you read before. Backups keep it until they expire, the nightly \
ones after about a month.
Thank you for playing. There is nothing left to do. Should you come back, `/help` shows where to begin."""


COMMAND = Command(
    name="privacy",
    description="Your own data: get all of it, or have all of it deleted",
    subcommands=(
        Subcommand("export", "Get everything the game keeps about you, as a file", _export),
        Subcommand(
            "delete",
            "Have everything the game keeps about you deleted",
            _ask,
            components={"delete": _confirm, "keep": _keep},
            modals={"confirmed": Form(_delete, opener="delete")},
            paces={"delete": Pace.PAGING, "keep": Pace.PAGING},
        ),
    ),
    help=(
        "`/privacy export` gives you everything the game keeps about you as a JSON file, or as a link for 15 minutes "
        "when it is too large for a message. `/privacy delete` removes all of it, after asking twice. Points you gave "
        "to raids still count for the others, without your name; backups keep your data until they expire."
    ),
)
