"""The launch checklist."""

from __future__ import annotations

from ops.checklist import account, by_hand, game
from ops.checklist.lines import Line

LINES = (
    Line("tests", "Every check passed for this version", by_hand.confirm(
        "`make test` and `make prove` on an idle machine, or their run in CI")),
    Line("release", "What is deployed has a name, and can be deployed again", account.only_on_aws(game.release)),
    Line("parameters", "Parameters and settings make sense", game.by_doctor("parameters", "owner", "settings")),
    Line("endpoints", "Both endpoints refuse forged signatures", game.by_doctor("endpoints")),
    Line("commands", "Discord knows our URLs, our keys and every command", game.commands),
    Line("smoke", "The smoke set is answered", game.smoke_set),
    Line("course", "The course is seeded", game.course),
    Line("database", "The database is migrated, its awards and its ledger are right", game.by_doctor("database")),
    Line("protection", "The database is protected, encrypted and recoverable", game.protection),
    Line("backup", "There is a snapshot of the last 26 hours", game.by_doctor("snapshot")),
    Line("restore-drill", "A restore has been tried", by_hand.confirm(
        "`.venv/bin/ops restore-drill`, and keep what it prints")),
    Line("queues", "Queues are taken from, nothing was set aside, schedules run",
         game.by_doctor("queues", "dead letters", "schedules")),
    Line("webhooks", "Announcements and alerts have their webhooks", game.by_doctor("webhooks")),
    Line("mail", "Somebody gets every alarm by e-mail", account.only_on_aws(account.mail)),
    Line("alerts", "An alert has arrived where you look", by_hand.confirm(
        "docs/Troubleshooting.md, Alerts do not arrive, says how to try one")),
    Line("health", "The game is healthy, and no alarm is active", game.by_doctor("health check")),
    Line("stability", "The game has been well for long enough", game.stability),
    Line("clock", "The clocks agree", game.by_doctor("clock")),
    Line("quota", "The account may run enough functions at once", account.only_on_aws(account.quota)),
    Line("budget", "A budget warns you when it gets expensive", account.only_on_aws(account.budget)),
    Line("phone", "You have played it yourself, on a phone", by_hand.confirm(
        "/help, /tenseylist, a tick, a minute, /scorecard, /submit-stats")),
    Line("privacy", "You have had yourself exported and deleted", by_hand.confirm(
        "/privacy export, then /privacy delete")),
    Line("announcement", "The announcement is drafted", by_hand.announcement),
    Line("invites", "The invitations are prepared", by_hand.invites),
)  # fmt: skip
"""The launch checklist; docs/Deployment.md has the same lines in the same order."""
