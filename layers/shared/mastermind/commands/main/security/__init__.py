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
        "The second warning within 30 days proposes a time-out of a day, the third a ban. Somebody who may do that in "
        "Discord confirms it; then the bot does it, if that is switched on."
    ),
)
