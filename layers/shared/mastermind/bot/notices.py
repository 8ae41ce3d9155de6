"""What the game announces to the server: how it travels in the queue Notices, and how it reads in Discord."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from mastermind.discord import limits, wire
from mastermind.discord.text import name
from mastermind.domain.milestones import Milestone, following
from mastermind.errors import BadRequest

if TYPE_CHECKING:
    from collections.abc import Mapping

type Notice = Milestone
"""Whatever is announced; a further kind joins here."""

MILESTONE = "milestone"

WORDS = {
    10: "The first ten take the most courage.",
    50: "Fifty small adventures, each of them a choice.",
    100: "A hundred times out of the comfort zone and back.",
    200: "Two hundred: nobody can call that luck.",
    303: "Very few people ever did that. Take a bow!",
}


def write(notice: Notice) -> str:
    """The message for the queue."""
    return json.dumps({"kind": MILESTONE, **asdict(notice)})


def read(body: str) -> Notice:
    """The notice in a message of the queue; raises BadRequest for what we never write."""
    fields = wire.load(body.encode(errors="surrogatepass"))
    if fields.get("kind") != MILESTONE:
        raise BadRequest("the notice is of no kind we know")
    return Milestone(
        user_id=wire.whole(fields, "user_id"),
        display_name=wire.optional_text(fields, "display_name", limits.CONTENT),
        challenges=wire.whole(fields, "challenges"),
    )


def identity(notice: Notice) -> tuple[object, ...]:
    """What makes two messages the same notice, whatever the member is called in each."""
    return MILESTONE, notice.user_id, notice.challenges


def message(notice: Notice) -> Mapping[str, object]:
    """The notice as a webhook posts it; nobody is mentioned."""
    said = [
        f"🎉 **{name(notice.display_name)}** has done **{notice.challenges} challenges**!",
        WORDS.get(notice.challenges, ""),
    ]
    if further := following(notice.challenges):
        said.append(f"The next milestone is {further}.")
    return {"content": " ".join(filter(None, said)), "allowed_mentions": {"parse": []}}
