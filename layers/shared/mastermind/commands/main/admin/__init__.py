"""/admin: corrections of members' data; each subcommand is a file in this package."""

from __future__ import annotations

from mastermind.bot.commands import Command
from mastermind.commands.main.admin import adjust_xp, course_answer, course_questions, home, reset_stats, roles
from mastermind.game.members.authority import Access

COMMAND = Command(
    name="admin",
    description="What waits for you, and what members have, for admins and moderators",
    subcommands=(
        home.SUBCOMMAND,
        adjust_xp.SUBCOMMAND,
        reset_stats.SUBCOMMAND,
        course_questions.SUBCOMMAND,
        course_answer.SUBCOMMAND,
        *roles.SUBCOMMANDS,
    ),
    groups={"roles": "Roles that members get for what they reach"},
    access=Access.ADMIN,
    help=(
        "`/admin home` shows who needs something, what waits and how the week is, to moderators too. "
        "`/admin adjust-xp` gives or takes XP with a reason that the member reads in `/history`; it alone can take XP "
        "below zero, which everybody sees as 0. `/admin reset-stats` resets a member to the start: stats, "
        "streak, challenges and XP go. It asks you to type a word first. `/admin course-questions` lists what members "
        "asked about the course, to be answered there; `/admin course-answer` does it by the question's number, and "
        "replaces an answer. `/admin roles add` has a role given for a level, class, faction, streak or number of "
        "challenges; `/admin roles list` shows them all, `/admin roles sync` checks everybody at once. Everything you "
        "do here is recorded in `/security audit` with before and after."
    ),
)
