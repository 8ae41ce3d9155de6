"""The dead-letter queues by their names in the template, and where their messages may be sent."""

from __future__ import annotations

DLQS = (
    "XpAwardsDlq",
    "NoticesDlq",
    "JobsDlq",
    "AlarmsDlq",
    "HandOversDlq",
    "EditsDlq",
    "OutboxDueDlq",
    "OutboxResultsDlq",
    "SchedulesDlq",
)

BACK_TO = {
    "XpAwardsDlq": "XpAwards",
    "NoticesDlq": "Notices",
    "AlarmsDlq": "Alarms",
    "JobsDlq": "Jobs",
    "OutboxDueDlq": "OutboxDue",
    "OutboxResultsDlq": "OutboxResults",
}
"""The queue that each came from whose messages may be repeated: their functions do each once (docs/rules/awards.md)."""

NOT_BACK = {
    "HandOversDlq": "nobody knows whether Discord saw these requests, so none is repeated (docs/rules/outbox.md)",
    "EditsDlq": "these edits are out of date, and the member's next answer says what they would have said",
    "SchedulesDlq": "the next call follows anyway; after a missed backup make one: `.venv/bin/ops backup`",
}
"""Why the messages of the others are not."""
