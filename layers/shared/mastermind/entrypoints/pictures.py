"""The function pictures: figures in, a PNG out. It has no database, secret or queue.

It gets what pictures.figures has, as JSON, and answers `{"png": base64}`.
"""

from __future__ import annotations

import base64
import json
import os
from functools import cache
from typing import TYPE_CHECKING, Annotated

from mastermind import config
from mastermind.entrypoints.function import entry_point
from mastermind.operations.config import PicturesSettings
from mastermind.pictures.figures import people

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mastermind.deadline import Deadline
    from mastermind.entrypoints.invocation import LambdaHandler
    from mastermind.gateways.avatars import Avatars
    from mastermind.json_types import Json
    from mastermind.pictures.figures import Figures

    type Draw = Callable[[Figures, Mapping[int, bytes]], bytes]


def handler(draw: Draw) -> LambdaHandler:
    """The handler; `draw` makes a PNG of figures and the avatars that could be had, by user."""
    avatars, read = cache(_avatars), cache(_reader)

    def serve(event: Json, deadline: Deadline) -> Json:
        figures = read()(json.dumps(event))
        png = draw(figures, avatars().of(people(figures), deadline))
        return {"png": base64.b64encode(png).decode()}

    return entry_point("pictures", serve)


def _avatars() -> Avatars:
    from mastermind.gateways.avatars import Avatars

    return Avatars(config.read(PicturesSettings, os.environ).avatars_url)


def _reader() -> Callable[[str], Figures]:
    from pydantic import Field, TypeAdapter

    from mastermind.parsing import parse
    from mastermind.pictures.figures import Figures

    adapter: TypeAdapter[Figures] = TypeAdapter(Annotated[Figures, Field(discriminator="picture")])
    return lambda body: parse(adapter, body)
