"""What a message is about, in one line for an operator: no secret, and nothing that a member wrote.

Only what is known to be neither is shown: a secret that a later version puts into a message stays hidden.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, cast

from devkit.terminal import printable
from mastermind.entrypoints.events import award_id
from mastermind.errors import BadMessage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ops.dead_letters.letters import Letter

SHOWN = frozenset(
    {
        *("kind", "job", "id", "outcome", "status", "code", "at", "read_at", "ends_at", "deadline", "handed_over"),
        *("user_id", "interaction_id", "raid_id", "channel_id", "message_id", "role_id", "place", "level", "needs"),
        *("AlarmName", "NewStateValue", "OldStateValue", "StateChangeTime", "healthy", "revision"),
    }
)
"""The fields that are shown, wherever they stand in a message."""

OF_A_CALL = ("ERROR_CODE", "ERROR_MESSAGE", "SCHEDULE_ARN", "SCHEDULED_TIME")
"""The attributes with which EventBridge Scheduler says what it could not call (its user guide, Dead-letter queue)."""

_PLAIN = re.compile(r"[A-Za-z0-9 ./:,+_-]{1,80}")
_NUDGE = re.compile("[a-z]{1,20}")
LONGEST = 300


def line(queue: str, letter: Letter) -> str:
    """What the message is about."""
    said = _of_award(letter.body) if queue == "XpAwardsDlq" else " ".join(_parts(letter))
    return printable(said)[:LONGEST]


def _of_award(body: str) -> str:
    try:
        return f"award {award_id(body)}"
    except BadMessage:
        return f"no id of an award, so not ours: {len(body.encode())} bytes"


def _parts(letter: Letter) -> Iterator[str]:
    yield from (f"{name}={letter.words[name]}" for name in OF_A_CALL if name in letter.words)
    try:
        fields = list(_fields(json.loads(letter.body)))
    except ValueError:
        is_nudge = _NUDGE.fullmatch(letter.body)
        yield letter.body if is_nudge else f"no JSON, so not ours: {len(letter.body.encode())} bytes"
        return
    shown = [f"{name}={value}" for name, value in fields if name in SHOWN and _PLAIN.fullmatch(str(value))]
    yield from shown
    if len(shown) < len(fields):
        yield f"(and {len(fields) - len(shown)} fields that are not shown)"


def _fields(said: object) -> Iterator[tuple[str, object]]:
    """Each field with its value, those within others as well."""
    if isinstance(said, dict):
        for name, value in cast("dict[str, object]", said).items():
            if isinstance(value, dict | list):
                yield from _fields(cast("object", value))
            else:
                yield name, value
    elif isinstance(said, list):
        for one in cast("list[object]", said):
            yield from _fields(one)
