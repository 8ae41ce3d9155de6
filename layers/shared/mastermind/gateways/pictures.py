"""The function that draws: figures to a PNG."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING

from mastermind.errors import Unavailable
from mastermind.gateways.functions import function
from mastermind.records import as_dict

if TYPE_CHECKING:
    from mastermind.deadline import Deadline
    from mastermind.gateways.functions import Function
    from mastermind.pictures.figures import Figures

SIGNATURE = b"\x89PNG\r\n\x1a\n"

LARGEST = 2 * 1024 * 1024
"""Bytes of a picture. Ours have a twentieth of that; Discord takes ten megabytes, and Lambda returns six."""


class Pictures:
    """Asks the function for pictures, one at a time."""

    def __init__(self, drawing: Function) -> None:
        self._drawing = drawing

    def draw(self, figures: Figures, deadline: Deadline) -> bytes:
        """The PNG of these figures; raises Unavailable when there is none before `deadline`."""
        answer = self._drawing.ask(as_dict(figures), deadline)
        try:
            png = base64.b64decode(str(answer.get("png")), validate=True)
        except binascii.Error:
            raise Unavailable("the picture is no base64") from None
        if not png.startswith(SIGNATURE) or len(png) > LARGEST:
            raise Unavailable(f"the picture is no PNG of at most {LARGEST} bytes")
        return png


def pictures(name: str) -> Pictures:
    """The real one."""
    return Pictures(function(name))
