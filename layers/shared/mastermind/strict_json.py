"""Parses JSON strictly: a key that occurs twice is an error, because the first value would be lost silently."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import NoReturn

    from mastermind.json_types import Json


def loads(source: str | bytes) -> object:
    """The value of JSON in UTF-8; raises ValueError for a key that stands twice, NaN, too deep a nesting, no JSON."""
    try:
        return _DECODER.decode(source if isinstance(source, str) else source.decode())
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error


def _unique(pairs: list[tuple[str, object]]) -> Json:
    found = dict(pairs)
    if len(found) < len(pairs):
        twice = next(key for key in found if sum(key == each for each, _ in pairs) > 1)
        raise ValueError(f"the key {twice!r} stands twice in one object")
    return found


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no number")


_DECODER = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_refuse)
