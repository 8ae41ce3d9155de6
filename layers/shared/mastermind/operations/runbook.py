"""What to do when something fails: the section of docs/Troubleshooting.md about it, and its first steps as text."""

from __future__ import annotations

from dataclasses import dataclass

FILE = "docs/Troubleshooting.md"


@dataclass(frozen=True, slots=True)
class Guide:
    """A section by its anchor, and the first steps, for when no link to the runbook is known."""

    section: str
    first: str


DOWN = Guide(
    "the-game-is-down",
    "`.venv/bin/ops doctor` says what is wrong and how to fix it. After a deploy: roll back. "
    "Otherwise look at the database's events in the RDS console.",
)
SILENT = Guide(
    "the-health-check-is-silent",
    "`.venv/bin/ops health --check` runs the health check now, `.venv/bin/ops logs healthcheck --since 1h` shows "
    "why it does not report. Is its schedule enabled?",
)
LATE_AWARDS = Guide(
    "awards-are-late",
    "`.venv/bin/ops awards` shows what is overdue, `.venv/bin/ops awards --sweep` applies it now, "
    "`.venv/bin/ops logs xp-award --errors --since 2h` shows why it did not happen.",
)
WEBHOOK = Guide(
    "announcements-do-not-appear",
    "Make a new webhook in the channel's settings and store its URL: `.venv/bin/ops doctor` shows the line to type.",
)
TAMPERED = Guide(
    "the-audit-log-does-not-verify",
    "Was the database restored since? Then `.venv/bin/ops audit-verify --since` the day of it. Otherwise somebody "
    "wrote by hand: `.venv/bin/ops backup` first, then find out who read the owner's password, and "
    "`.venv/bin/ops rotate-password`.",
)
PROBES = {
    "database": DOWN,
    "awards": LATE_AWARDS,
    "main": Guide("the-api-answers-5xx", "`.venv/bin/ops logs interactions-main --errors --since 1h`, then roll back."),
    "tensey": Guide(
        "the-api-answers-5xx", "`.venv/bin/ops logs interactions-tensey --errors --since 1h`, then roll back."
    ),
    "health": DOWN,
    "ledger": Guide(
        "the-ledger-drifts",
        "`.venv/bin/ops ledger-show` finds whose figures differ. Find out who wrote by hand. The ledger is the truth: "
        "`.venv/bin/ops ledger-repair` sets them right.",
    ),
    "large_objects": Guide(
        "there-are-large-objects",
        "`.venv/bin/ops large-objects` says whose they are. If you did not make them, somebody else uses that role: "
        "`.venv/bin/ops audit` and the logs of its function show for what. `.venv/bin/ops large-objects --remove`.",
    ),
    "outbox": Guide(
        "what-the-game-says-is-late",
        "`.venv/bin/ops doctor` says what the bot lacks, `.venv/bin/ops logs relay --errors --since 2h` and "
        "`.venv/bin/ops logs outbox --errors --since 2h` why nothing is handed over or answered.",
    ),
    "queues": Guide(
        "a-queue-is-not-emptied",
        "Is the event source mapping enabled (`.venv/bin/ops doctor`)? What does the log of the consumer say?",
    ),
    "dead_letters": Guide(
        "messages-in-a-dead-letter-queue",
        "`.venv/bin/ops queue-look` shows them, the log of the consumer says why they failed. Fix that, then "
        "`.venv/bin/ops queue-redrive`.",
    ),
    "snapshot": Guide(
        "a-backup-is-missing",
        "Make one now (`.venv/bin/ops backup`), then look at `.venv/bin/ops logs backup --since 2d`.",
    ),
    "clock": Guide("the-clock-is-off", "Wait: AWS corrects both clocks. If it lasts an hour, ask AWS."),
}
"""Of each probe by name."""


def what_to_do(guide: Guide, link: str | None) -> str:
    """The link to the section, if it is known where the runbook can be read; its first steps otherwise."""
    return f"{link}#{guide.section}" if link and guide.section else guide.first
