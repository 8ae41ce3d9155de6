"""/security export-data: everything the game keeps about a member who cannot use /privacy export themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mastermind.bot import looks
from mastermind.bot.commands import Option, OptionType, Subcommand
from mastermind.commands.parts.exports import hand_over
from mastermind.commands.parts.people import who
from mastermind.game.exports import actions as exports
from mastermind.game.members.authority import Access

if TYPE_CHECKING:
    from mastermind.bot.call import Call
    from mastermind.discord.replies import Reply

ABOUT = (
    "This file is everything that the game keeps about them, as `/privacy export` gives it to them. It is theirs: hand "
    "it to nobody else. The audit log and their next export show that you took it."
)


def _run(call: Call) -> Reply:
    subject = call.user("user") or 0
    document = call.run(exports.export, call.subject(subject))
    return hand_over(call, document, f"## {looks.PRIVACY.emoji} The data of {who(subject)}", ABOUT)


SUBCOMMAND = Subcommand(
    "export-data",
    "Everything the game keeps about somebody",
    _run,
    options=(Option("user", "Whose", type=OptionType.USER, required=True),),
    access=Access.ADMIN,
)
