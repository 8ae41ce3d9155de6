"""/admin: corrections of members' data; each subcommand is a file in this package."""

from __future__ import annotations

from mastermind.bot.commands import Command
from mastermind.commands.main.admin import (
    adjust_xp,
    course_answer,
    course_questions,
    home,
    outages,
    report,
    reset_stats,
    roles,
    server_settings,
)
from mastermind.game.members.authority import Access

COMMAND = Command(
    name="admin",
    description="What waits for you, and what members have",
    subcommands=(
        home.SUBCOMMAND,
        report.SUBCOMMAND,
        adjust_xp.SUBCOMMAND,
        reset_stats.SUBCOMMAND,
        course_questions.SUBCOMMAND,
        course_answer.SUBCOMMAND,
        *roles.SUBCOMMANDS,
        outages.SUBCOMMAND,
        server_settings.SUBCOMMAND,
    ),
    groups={"roles": "Roles that members get for what they reach"},
    access=Access.ADMIN,
    help=("What you change is in `/security audit`; members read the reason in `/history`."),
)
