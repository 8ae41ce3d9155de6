"""A setting that is refused or no longer valid: the format in the queue Notices, and the text for the admins."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from mastermind.discord.commands import PLAIN
from mastermind.game.server_settings.rules import CHANNEL
from mastermind.records import as_dict

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mastermind.discord.commands import Commands
    from mastermind.game.server_settings.rules import Choice


@dataclass(frozen=True, slots=True)
class Unusable:
    """What was chosen for that setting, and why it is not in force; `is_kept`: an earlier choice is."""

    setting: str
    target_id: int
    reason: str
    is_kept: bool
    kind: Literal["unusable"] = "unusable"


SUBJECT = "A setting of the game is not in force"


def write(choice: Choice) -> str:
    """The message for the queue."""
    return json.dumps(as_dict(Unusable(choice.name, int(choice.asked), choice.refused, bool(choice.value))))


def message(unusable: Unusable, commands: Commands = PLAIN) -> Mapping[str, object]:
    """What the admins read; nobody is mentioned."""
    mark = "#" if unusable.setting == CHANNEL else "@&"
    said = commands.linked(_words(unusable, f"<{mark}{unusable.target_id}>"))
    return {"content": f"🟠 {said}", "allowed_mentions": {"parse": []}}


def mail(unusable: Unusable) -> str:
    """The same, where Discord shows no channels and roles."""
    return _words(unusable, str(unusable.target_id))


def _words(unusable: Unusable, target: str) -> str:
    """What happened, and what to do."""
    what = "channel of the announcements" if unusable.setting == CHANNEL else "moderators' role"
    stays = "What was chosen before stays." if unusable.is_kept else "What the deploy sets is in force."
    return (
        f"The {what} is not {target}, because {unusable.reason}. {stays} `/admin settings` chooses another. This is "
        "said once."
    )
