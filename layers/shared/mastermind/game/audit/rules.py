"""The entries of the audit log in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, cast

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


@dataclass(frozen=True, slots=True)
class Operator:
    """Somebody who acts by invoking a function, outside Discord (docs/rules/moderation.md, Operators).

    `arn` is what their tool says of them; `invocation` is Lambda's id of the request, which AWS has given.
    """

    arn: str
    invocation: str


MANY_XP = 5_000
"""All admins are notified when somebody gives or takes this much of a member's XP within a day, in one act or
several."""


@dataclass(frozen=True, slots=True)
class Act:
    """What was done by whom to whom: an action of the audit log. 0 is nobody, or somebody who was forgotten since.

    `operator` is the ARN of an operator, "" if it was none; `xp` how much was given or, below zero, taken.
    """

    action: str
    actor_id: int
    operator: str
    subject_id: int
    xp: int = 0
    kind: Literal["act"] = "act"


ACTIONS: Mapping[str, str] = {
    "awards.sweep": "Had overdue awards applied",
    "backup.start": "Asked for a backup",
    "course.answer": "Answered a question",
    "database.give_up": "Gave up a restore",
    "database.large_objects": "Deleted large objects",
    "database.migrate": "Had the migrations applied",
    "database.restore": "Restored the database",
    "database.try": "Tried whether a backup can be restored",
    "flag.dismiss": "Dismissed a flag",
    "flag.resolve": "Resolved a flag",
    "ledger.repair": "Repaired a member's figures",
    "moderation.confirm": "Confirmed a time-out or a ban",
    "moderation.dismiss": "Decided against a proposal",
    "moderation.done": "Carried out a proposal",
    "moderation.lift": "Ended a time-out or a ban",
    "moderation.refused": "Had a time-out or a ban refused by Discord",
    "outage.decide": "Decided whether an outage counts",
    "privacy.delete": "Somebody had themselves deleted",
    "privacy.export": "Exported somebody's data",
    "privacy.repeat": "Repeated deletions after a restore",
    "queue.drop": "Dropped dead letters",
    "queue.redrive": "Sent dead letters back",
    "raid.cancel": "Cancelled a raid",
    "raid.start": "Started a raid",
    "role.add": "Added a role of the game",
    "role.remove": "Removed a role of the game",
    "role.sync": "Checked everybody's roles",
    "server.change": "Changed a setting of the server",
    "server.fall_back": "Put a setting back: what was chosen is gone",
    "server.take_effect": "Had a setting take effect",
    "settings.announcements": "Changed what of them is announced",
    "settings.direct_messages": "Asked for direct messages again",
    "settings.reminders": "Changed reminders",
    "settings.rhythm": "Changed their rhythm",
    "settings.time_zone": "Changed their time zone",
    "settings.visibility": "Changed what others see of them",
    "stats.delete": "Deleted a day of their stats",
    "stats.edit": "Edited a day of their stats",
    "stats.reset": "Reset a member",
    "stats.undo": "Undid an entry of their stats",
    "warn.add": "Warned a member",
    "warn.withdraw": "Withdrew a warning",
    "xp.adjust": "Adjusted a member's XP",
}
"""Every action by its stable name; operators' queries rely on the names."""


def title(action: str) -> str:
    """An action in words, or its name if this version does not know it."""
    return ACTIONS.get(action) or action.replace(".", ": ").replace("_", " ")


def changes(
    before: Mapping[str, object] | None, after: Mapping[str, object] | None
) -> tuple[tuple[str, object, object], ...]:
    """What differs between two images, in their order: (what, before, after); None where it is missing.

    A figure inside another, like a count among the counts of a day, is named by both: "counts approaches".
    """
    old, new = dict(_figures(before or {})), dict(_figures(after or {}))
    keys = [*old, *(key for key in new if key not in old)]
    return tuple((key, old.get(key), new.get(key)) for key in keys if old.get(key) != new.get(key))


def unchanged(
    before: Mapping[str, object] | None, after: Mapping[str, object] | None
) -> tuple[tuple[str, object], ...]:
    """The figures that are the same in both images: what the change was about."""
    old, new = dict(_figures(before or {})), dict(_figures(after or {}))
    return tuple((key, value) for key, value in old.items() if key in new and new[key] == value)


def _figures(image: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    """The figures of an image, with those one level down by both names; anything deeper stays one value."""
    for key, value in image.items():
        if isinstance(value, dict):
            inner = cast("dict[str, object]", value)
            yield from ((f"{key} {name}", part) for name, part in inner.items())
        else:
            yield key, value
