"""The arguments of an operator's query, checked."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, cast

from mastermind.discord import wire
from mastermind.discord.wire import BIGGEST_ID
from mastermind.errors import BadEvent, BadRequest
from mastermind.typed import whole_number

if TYPE_CHECKING:
    from mastermind.json_types import Json

LONGEST_REASON = 1000
"""As in the table audit_log."""

LONGEST_IMAGE = 4000
"""Characters of JSON; an entry of the audit log has room for 20 kB."""


def whole(fields: Json, name: str, least: int = 1) -> int | None:
    """A whole number from `least` on, as JSON has it or in digits; None when it is left out."""
    value = fields.get(name)
    number = None if value is None else whole_number(str(value))
    if value is not None and (number is None or not least <= number <= BIGGEST_ID):
        raise BadEvent(f"{name} is no whole number from {least} to {BIGGEST_ID}")
    return number


def reason(fields: Json) -> str:
    """Why it is done, in words that the audit log can keep."""
    try:
        words = wire.to_text("reason", fields.get("reason") or "", LONGEST_REASON).strip()
    except BadRequest:
        words = ""
    if not words:
        raise BadEvent(f"a reason has 1 to {LONGEST_REASON:,} characters")
    return words


def image(fields: Json, name: str) -> Json:
    """An object that the audit log can keep."""
    value = fields.get(name)
    if not (isinstance(value, dict) and _is_storable(cast("Json", value))):
        raise BadEvent(f"{name} is no object of at most {LONGEST_IMAGE:,} characters that JSON in UTF-8 can hold")
    return cast("Json", value)


def _is_storable(value: Json) -> bool:
    try:
        written = json.dumps(value, ensure_ascii=False, allow_nan=False)
        written.encode()
    except (ValueError, RecursionError):
        return False
    return len(written) <= LONGEST_IMAGE and r"\u0000" not in written
