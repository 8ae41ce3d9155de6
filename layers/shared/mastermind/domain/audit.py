"""What stands in the audit log, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

ACTIONS: Mapping[str, str] = {
    "course.answer": "Answered a question",
    "flag.dismiss": "Dismissed a flag",
    "flag.resolve": "Resolved a flag",
    "moderation.dismiss": "Decided against a proposal",
    "moderation.done": "Carried out a proposal",
    "privacy.delete": "Somebody had themselves deleted",
    "privacy.export": "Exported somebody's data",
    "raid.cancel": "Cancelled a raid",
    "raid.start": "Started a raid",
    "settings.time_zone": "Changed their time zone",
    "stats.delete": "Deleted a day of their stats",
    "stats.edit": "Edited a day of their stats",
    "stats.reset": "Reset a member",
    "warn.add": "Warned a member",
    "warn.withdraw": "Withdrew a warning",
    "xp.adjust": "Adjusted a member's XP",
}
"""Every action by its stable name; operators' queries rely on the names."""


def told(action: str) -> str:
    """An action in words; one that is older than this version by its name."""
    return ACTIONS.get(action) or action.replace(".", ": ").replace("_", " ")


def changes(
    before: Mapping[str, object] | None, after: Mapping[str, object] | None
) -> tuple[tuple[str, object, object], ...]:
    """What differs between two images, in their order: (what, before, after); None for what was not there."""
    old, new = before or {}, after or {}
    keys = [*old, *(key for key in new if key not in old)]
    return tuple((key, old.get(key), new.get(key)) for key in keys if old.get(key) != new.get(key))
