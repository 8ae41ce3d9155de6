"""The picture of an answer, which follows the text: other functions draw and insert it."""

from __future__ import annotations

import logging
from base64 import b64encode
from typing import TYPE_CHECKING, cast

from mastermind import observability
from mastermind.bot import custom_ids
from mastermind.deadline import Deadline
from mastermind.discord import requests, tokens
from mastermind.discord.requests import Edit
from mastermind.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable

    from mastermind.bot.call import Services
    from mastermind.discord.interactions import Interaction
    from mastermind.json_types import Json

log = logging.getLogger(__name__)

LASTS = 120
"""Seconds after which nobody waits for the picture of an answer any more."""

PATIENCE = 0.5
"""Seconds that an answer waits for the queue at most: a picture must not delay it."""


def send(picture: Callable[[], str], answer: Json, interaction: Interaction, services: Services) -> None:
    """Have the picture drawn and put into this answer; raises nothing, because the text is complete without it."""
    try:
        _send(picture(), answer, interaction, services)
    except Unavailable as error:
        log.warning("an answer stays without its picture", extra={"reason": str(error)})
    except Exception:
        log.exception("an answer stays without its picture")
        observability.count(observability.BUGS)


def _send(picture: str, answer: Json, interaction: Interaction, services: Services) -> None:
    if not picture or services.edits is None or services.token_key is None or not interaction.token:
        return
    token = b64encode(tokens.seal(interaction.token, services.token_key)).decode()
    revision = custom_ids.revision_of(interaction.id) if _has_custom_ids(answer) else ""
    until = int(services.clock().timestamp()) + LASTS
    edit = Edit("", "picture", token, interaction.application_id, revision, "", until, picture)
    services.edits().send(requests.write(edit), Deadline.after(min(PATIENCE, services.deadline.remaining())))


def _has_custom_ids(part: Json) -> bool:
    inner = [*cast("list[Json]", part.get("components", ()))]
    inner += [cast("Json", part["accessory"])] if "accessory" in part else []
    return "custom_id" in part or any(map(_has_custom_ids, inner))
