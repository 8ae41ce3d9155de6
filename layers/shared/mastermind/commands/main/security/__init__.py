"""/security: moderation, auditing and operations; each subcommand is a file in this package."""

from __future__ import annotations

from mastermind.bot.commands import Command
from mastermind.commands.main.security import audit, backup, export_data, flags, health, warn, warnings
from mastermind.game.members.authority import Access

COMMAND = Command(
    name="security",
    description="How the game is kept safe and sound",
    subcommands=(
        health.SUBCOMMAND,
        warn.SUBCOMMAND,
        warnings.SUBCOMMAND,
        flags.SUBCOMMAND,
        audit.SUBCOMMAND,
        export_data.SUBCOMMAND,
        backup.SUBCOMMAND,
    ),
    access=Access.MODERATOR,
    help=(
        "For moderators: `/security warn` writes down a warning. A first one is also written to the member; a second "
        "and a third one within 30 days propose a time-out of a day and a ban. `/security warnings` shows them: who "
        "may do that in Discord confirms it and the bot does it, where that is switched on; admins decide against it. "
        "`/security flags` shows what members wrote that somebody should look at. "
        "For admins: `/security health` shows what the last health check found, how long ago it was, and beside it "
        "what the database says now. `/security audit` shows who changed what, with before and after. "
        "`/security export-data` gives you what `/privacy export` gives a member, for those who cannot ask themselves. "
        "`/security backup` makes a snapshot of the database, as happens automatically each night."
    ),
)
