"""What /help lists, so that it loads no command: written by `ops docs`; a test says when it is stale."""

from mastermind.bot.commands import Listed
from mastermind.game.members.authority import Access

# ruff: noqa: E501
# fmt: off
LISTED = (
    Listed("main", "admin", Access.MODERATOR, "What waits for you, and what members have", (("home", Access.MODERATOR), ("report", Access.ADMIN), ("adjust-xp", Access.ADMIN), ("reset-stats", Access.ADMIN), ("course-questions", Access.ADMIN), ("course-answer", Access.ADMIN), ("roles add", Access.ADMIN), ("roles remove", Access.ADMIN), ("roles list", Access.ADMIN), ("roles sync", Access.ADMIN), ("outages", Access.ADMIN), ("settings", Access.ADMIN))),
    Listed("main", "course", Access.EVERYONE, "Watch the course, module by module, and ask about it", (("overview", Access.EVERYONE), ("module", Access.EVERYONE), ("progress", Access.EVERYONE), ("watch", Access.EVERYONE), ("ask", Access.EVERYONE))),
    Listed("main", "faction-stats", Access.EVERYONE, "See how Luminarchs and Noctivores stand"),
    Listed("main", "help", Access.EVERYONE, "How the game works, and what each command does"),
    Listed("main", "history", Access.EVERYONE, "See where your XP comes from, newest first"),
    Listed("main", "leaderboard", Access.EVERYONE, "See who leads in XP, challenges or any stat, and your own place"),
    Listed("main", "pause", Access.EVERYONE, "Take a break of 3 to 30 days: your streak is held"),
    Listed("main", "privacy", Access.EVERYONE, "Your own data: get all of it, or have all of it deleted", (("export", Access.EVERYONE), ("delete", Access.EVERYONE))),
    Listed("main", "progress", Access.EVERYONE, "See what your last days brought, day by day"),
    Listed("main", "raid-status", Access.EVERYONE, "See how the raid goes, or how an earlier one went"),
    Listed("main", "rest-day", Access.EVERYONE, "Take today off, once a week: your streak is held"),
    Listed("main", "scorecard", Access.EVERYONE, "See level, XP, rank, streak and totals of a member, or of two side by side"),
    Listed("main", "security", Access.MODERATOR, "How the game is kept safe and sound", (("health", Access.ADMIN), ("warn", Access.MODERATOR), ("warnings", Access.MODERATOR), ("flags", Access.MODERATOR), ("audit", Access.ADMIN), ("export-data", Access.ADMIN), ("backup", Access.ADMIN))),
    Listed("main", "settings", Access.EVERYONE, "Your time zone, your rhythm, who sees what of you, announcements and reminders"),
    Listed("main", "start", Access.EVERYONE, "New here? Three small steps, two minutes"),
    Listed("main", "start-raid", Access.ADMIN, "Start a raid: a shared target in a short time"),
    Listed("main", "stats-days", Access.EVERYONE, "See what you logged in the last 7 days, and edit it"),
    Listed("main", "stats-delete", Access.EVERYONE, "Delete everything you logged on one of the last 7 days"),
    Listed("main", "stats-edit", Access.EVERYONE, "Put right what you logged on one of the last 7 days"),
    Listed("main", "submit-past-stats", Access.EVERYONE, "Log what you did on one of the last 30 days"),
    Listed("main", "submit-stats", Access.EVERYONE, "Log what you did today or yesterday, and earn XP"),
    Listed("main", "today", Access.EVERYONE, "Your day on one card: its challenge, quick logging, what is near"),
    Listed("tensey", "tenseyleaderboard", Access.EVERYONE, "See who has done the most challenges, and your own place"),
    Listed("tensey", "tenseylist", Access.EVERYONE, "Browse the challenges and tick what you have done"),
)
