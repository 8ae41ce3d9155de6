"""/admin: correcting what belongs to members; each of its subcommands is a file of `commands.admin`."""

from __future__ import annotations

from mastermind.bot.commands import Access, Command
from mastermind.commands.admin import adjust_xp, reset_stats

COMMAND = Command(
    name="admin",
    description="Correct what members have, for admins",
    subcommands=(
        adjust_xp.SUBCOMMAND,
        reset_stats.SUBCOMMAND,
    ),
    access=Access.ADMIN,
    help=(
        "`/admin adjust-xp` gives or takes XP with a reason that the member reads in `/history`; it alone can take XP "
        "below zero, which everybody sees as 0. `/admin reset-stats` takes a member back to their beginning: stats, "
        "streak, challenges and XP go. It asks you to type a word first. Everything you do here stands in "
        "`/security audit` with before and after."
    ),
)
