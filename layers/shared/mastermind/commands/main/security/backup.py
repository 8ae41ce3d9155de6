"""/security backup: requests a database snapshot; another function takes it, and /security health reports it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mastermind.bot import looks
from mastermind.bot.commands import Subcommand
from mastermind.commands.parts.people import moment
from mastermind.discord.components import Container, Text
from mastermind.discord.replies import Message
from mastermind.discord.snowflakes import made_at
from mastermind.game.members.authority import Access
from mastermind.operations.backup.rules import asked_name
from mastermind.operations.jobs import actions as jobs
from mastermind.operations.jobs import messages
from mastermind.operations.jobs.messages import BackupJob

if TYPE_CHECKING:
    from mastermind.bot.call import Call
    from mastermind.discord.replies import Reply

STARTED = (
    f"## {looks.ADMIN.emoji} Backup started\n"
    "Asked for {moment}. The snapshot's name ends in `{name}`; making it takes a few minutes, and the game goes on "
    "meanwhile.\n"
    "**`/security health` shows whether it worked:** once it can be restored, the probe *Snapshot* names it as the "
    "newest, within five minutes. If it is not there after half an hour, look at what is broken there, and ask "
    "again.\n"
    "-# Only the newest are kept. Those of the nights are counted apart: no request pushes one out."
)


def _run(call: Call) -> Reply:
    def send() -> None:
        call.send_job(messages.write(BackupJob(call.key)))

    call.run(jobs.start_backup, send)
    at = made_at(call.key)
    return Message(
        (Container((Text(STARTED.format(moment=moment(at), name=asked_name(at))),), looks.ADMIN.color),), private=True
    )


SUBCOMMAND = Subcommand(
    "backup",
    "Make a snapshot of the database now",
    _run,
    access=Access.ADMIN,
)
