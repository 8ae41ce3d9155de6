"""A picture in a message: drawn by the function pictures, in a gallery of its own above the words.

Whatever keeps a picture from being drawn, the words go without it.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import TypeAdapter

from mastermind import observability
from mastermind.deadline import Deadline
from mastermind.discord.requests import PICTURE
from mastermind.errors import BadMessage, Unavailable
from mastermind.gateways.discord_api import Upload
from mastermind.operations.outbox.session import LEAST, ONE_TRY, RESERVE
from mastermind.parsing import parse
from mastermind.pictures.alt_texts import alt_text
from mastermind.pictures.figures import Figures

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Protocol

    class Draw(Protocol):
        """The PNG of these figures; raises Unavailable."""

        def __call__(self, figures: Figures, deadline: Deadline) -> bytes: ...


log = logging.getLogger(__name__)

FIGURES: TypeAdapter[Figures] = TypeAdapter(Figures)

MESSAGE_WAITS = 3.0  # seconds for a picture: everything behind a message waits with it
ANSWER_WAITS = 8.0  # seconds; its words are there, and a process that has just started reads its fonts first
MUST_BE_LEFT = RESERVE + LEAST + ONE_TRY  # seconds for what is to be sent, with or without the picture

GALLERY, V2 = 12, 1 << 15


@dataclass(frozen=True, slots=True)
class Drawn:
    """A picture with what it says, for people who cannot see it."""

    file: Upload
    text: str

    @property
    def gallery(self) -> dict[str, object]:
        item = {"media": {"url": f"attachment://{self.file.name}"}, "description": self.text}
        return {"type": GALLERY, "id": PICTURE, "items": [item]}

    @property
    def attachment(self) -> dict[str, object]:
        """As a message lists it, when it is the only file of the request."""
        return {"id": "0", "filename": self.file.name, "description": self.text}


def drawn(
    picture: str, draw: Draw | None, deadline: Deadline, patience: float, must_be_left: float = MUST_BE_LEFT
) -> Drawn | None:
    """The picture of what a request asks for; None where that is nothing, or is not drawn in `patience` seconds.

    So that words can go without it, `must_be_left` seconds before the deadline nobody draws any more.
    """
    if not picture or draw is None or (seconds := deadline.remaining() - must_be_left) <= 0:
        return None
    try:
        figures = parse(FIGURES, picture)
        png = draw(figures, Deadline.after(min(patience, seconds)))
    except (BadMessage, Unavailable) as error:
        log.warning("a picture is missing", extra={"reason": str(error)})
        observability.count(observability.UNDRAWN)
        return None
    return Drawn(Upload(f"{figures.picture}.png", "image/png", png), alt_text(figures))


def with_picture(message: Mapping[str, object], picture: Drawn) -> dict[str, object]:
    """A message that brings its picture along; without components Discord shows the file by itself."""
    listed: dict[str, object] = {**message, "attachments": [picture.attachment]}
    components = message.get("components")
    return {**listed, "components": [picture.gallery, *components]} if isinstance(components, list) else listed
