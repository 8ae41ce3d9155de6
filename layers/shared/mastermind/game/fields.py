"""Reading a content file field by field: every mistake names its file, entry and field.

Content is read at a cold start, where importing pydantic would cost more than the work: hence these few checks by hand.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn, cast

from mastermind.errors import ContentError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Entry:
    """One JSON object of a content file; `name` is how an error calls it."""

    file: str
    name: str
    fields: Mapping[str, object]

    def refuse(self, field: str, problem: str) -> NoReturn:
        """Raise the ContentError for one of this entry's fields."""
        raise ContentError(self.file, self.name, field, problem)

    def text(self, field: str, *, most: int) -> str:
        """A text of 1 to `most` bytes in UTF-8 on one line, without blanks around it.

        Bytes, because Discord counts those of a whole message; characters are never more than bytes.
        """
        value = self.fields.get(field)
        if not isinstance(value, str):
            self.refuse(field, "must be a text")
        size = len(value.encode(errors="replace"))
        if not 1 <= size <= most:
            self.refuse(field, f"must have 1 to {most} bytes in UTF-8, has {size}")
        if value != " ".join(value.split()) or not value.isprintable():
            self.refuse(field, "must be one line without blanks around it")
        return value

    def matching(self, field: str, pattern: str, *, most: int, told: str) -> str:
        """A text that has the form of `pattern`; `told` says that form to a person."""
        value = self.text(field, most=most)
        if not re.fullmatch(pattern, value):
            self.refuse(field, f"must be {told}, is {value!r}")
        return value

    def whole(self, field: str, *, least: int, most: int, default: int | None = None) -> int:
        """A whole number within the bounds, both included; with a `default` the field may be left out."""
        value = self.fields.get(field, default)
        if not isinstance(value, int) or isinstance(value, bool):
            self.refuse(field, "must be a whole number")
        if not least <= value <= most:
            self.refuse(field, f"must be {least} to {most}, is {value}")
        return value

    def flag(self, field: str) -> bool:
        """True or false; false when it is left out."""
        value = self.fields.get(field, False)
        if not isinstance(value, bool):
            self.refuse(field, "must be true or false")
        return value

    def part(self, field: str) -> Entry:
        """An object inside this one, called by its field; an empty one when it is left out."""
        name = field if self.name == TOP else f"{self.name}, {field}"
        return Entry(self.file, name, _mapping(self.file, name, self.fields.get(field, {})))

    def entries(self, field: str, noun: str, *, most: int) -> tuple[Entry, ...]:
        """A list of 1 to `most` objects, each called by `noun` and its place, counted from 1."""
        value = self.fields.get(field)
        if not isinstance(value, list):
            self.refuse(field, "must be a list")
        members = cast("list[object]", value)
        if not 1 <= len(members) <= most:
            self.refuse(field, f"must have 1 to {most} entries, has {len(members)}")
        return tuple(self._inner(noun, place, member) for place, member in enumerate(members, 1))

    def texts(self, field: str, *, least: int, most: int, longest: int) -> tuple[str, ...]:
        """A list of `least` to `most` different texts as `text` takes them, of at most `longest` bytes each."""
        value = self.fields.get(field)
        if not isinstance(value, list):
            self.refuse(field, "must be a list")
        members = cast("list[object]", value)
        if not least <= len(members) <= most:
            self.refuse(field, f"must have {least} to {most} entries, has {len(members)}")
        texts = tuple(Entry(self.file, self.name, {field: member}).text(field, most=longest) for member in members)
        if len(set(texts)) < len(texts):
            self.refuse(field, "must not hold an entry twice")
        return texts

    def only(self, *known: str) -> None:
        """Refuse fields that nobody reads: most often they are misspelt."""
        for field in self.fields:
            if field not in known:
                self.refuse(field, f"is unknown; known are {', '.join(known)}")

    def _inner(self, noun: str, place: int, member: object) -> Entry:
        name = f"{noun} {place}" if self.name == TOP else f"{self.name}, {noun} {place}"
        return Entry(self.file, name, _mapping(self.file, name, member))


TOP = "the file"
"""How an error calls the outermost object."""


def read(source: bytes, file: str) -> Entry:
    """The outermost object of a JSON file; raises ContentError when it is not one."""
    try:
        value: object = json.loads(source)
    except (ValueError, RecursionError) as error:
        raise ContentError(file, TOP, "JSON", str(error)) from error
    return Entry(file, TOP, _mapping(file, TOP, value))


def each[S, T](whole: Iterable[S], parse: Callable[[S, int], T]) -> tuple[T, ...]:
    """What `parse` makes of each part and its place (from 1); raises one ContentError with all their mistakes."""
    parsed: list[T] = []
    mistakes: list[ContentError] = []
    for place, part in enumerate(whole, 1):
        try:
            parsed.append(parse(part, place))
        except ContentError as mistake:
            mistakes.append(mistake)
    if mistakes:
        raise ContentError.together(mistakes)
    return tuple(parsed)


def source(path: Path) -> bytes:
    """What stands in a file of content; raises ContentError when it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise ContentError(path.name, TOP, "path", f"{path} cannot be read: {error.strerror}") from error


def _mapping(file: str, name: str, value: object) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise ContentError(file, name, "JSON", "must be an object")
    return cast("Mapping[str, object]", value)
