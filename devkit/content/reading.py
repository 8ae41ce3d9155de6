"""Reading a content file: every mistake is reported, with its file, entry and field."""

from __future__ import annotations

import json
from abc import abstractmethod
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, cast

from pydantic import BaseModel, ConfigDict, ValidationError

from devkit.terminal import printable
from mastermind.typed import fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

type Place = tuple[int | str, ...]
"""A path from the outermost object; the entries of a list count from 0."""

type Mistake = tuple[Place, str]

NOUNS = {
    "automatic": "automatic stat",
    "categories": "category",
    "challenges": "challenge",
    "classes": "class",
    "helplines": "helpline",
    "lessons": "lesson",
    "levels": "level",
    "modules": "module",
    "questions": "question",
    "rules": "rule",
    "stack": "stack colour",
    "stats": "stat",
    "unless": "phrase",
    "words": "word",
}
"""What an entry of each list is called."""

PROBLEMS = {
    "bool_type": "must be true or false",
    "extra_forbidden": "is unknown",
    "greater_than_equal": "must be at least {ge}, is {value}",
    "int_type": "must be a whole number",
    "less_than_equal": "must be at most {le}, is {value}",
    "list_type": "must be a list",
    "missing": "is missing",
    "model_type": "must be an object",
    "string_type": "must be a text",
    "too_long": "must have at most {max_length} entries, has {actual_length}",
    "too_short": "must have {min_length} or more entries, has {actual_length}",
    "value_error": "{error}",
}
"""Pydantic's kinds of errors in words for the author of the file."""


class ContentError(Exception):
    """A content file breaks its rules; the text has a line for each mistake, with file, entry, field and problem.

    It goes to a terminal, and the names of files and fields are others' words.
    """

    def __init__(self, words: str) -> None:
        super().__init__(printable(words))


class Entry(BaseModel):
    """One object of a content file."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class ContentFile(Entry):
    """A whole file; `SHIPPED` is ours, `VARIABLE` names a community's own in the environment."""

    SHIPPED: ClassVar[Path]
    VARIABLE: ClassVar[str]

    @property
    @abstractmethod
    def size(self) -> str:
        """How much it holds, in words."""

    @staticmethod
    @abstractmethod
    def between(document: object) -> Iterator[Mistake]:
        """What is wrong between entries, in a document that may have any other mistakes."""

    def canonical(self) -> bytes:
        """What the functions load: nothing that is as it is when left out."""
        return self.model_dump_json(exclude_defaults=True).encode()


def read[F: ContentFile](kind: type[F], path: Path) -> F:
    """What a file holds; raises ContentError with all of its mistakes."""
    try:
        source = path.read_bytes()
    except OSError as error:
        raise ContentError(f"{path.name}: the file: {path} cannot be read: {error.strerror}") from error
    return parse(kind, source, path.name)


def parse[F: ContentFile](kind: type[F], source: bytes, file: str) -> F:
    """What JSON holds; raises ContentError with all of its mistakes."""
    try:
        document: object = json.loads(source, object_pairs_hook=_Object)
    except UnicodeDecodeError as error:
        raise ContentError(f"{file}: the file: is not in UTF-8: {error.reason} at byte {error.start + 1}") from error
    except (ValueError, RecursionError) as error:
        raise ContentError(f"{file}: the file: is not JSON: {error}") from error
    mistakes = [*_repeated(document), *kind.between(document)]
    try:
        content = kind.model_validate(document)
    except ValidationError as error:
        mistakes[:0] = _inside(error)
    else:
        if not mistakes:
            return content
    raise ContentError("\n".join(": ".join((file, *_named(place), problem)) for place, problem in mistakes))


def entries(value: object, *lists: str, at: Place = ()) -> Iterator[tuple[Place, dict[str, object]]]:
    """The objects in a list of the document, or in a list of each object of a list; empty for any other value."""
    if not lists:
        yield at, cast("dict[str, object]", value) if isinstance(value, dict) else {}
        return
    found = cast("dict[str, object]", value).get(lists[0]) if isinstance(value, dict) else None
    for number, each in enumerate(cast("list[object]", found) if isinstance(found, list) else ()):
        yield from entries(each, *lists[1:], at=(*at, lists[0], number))


def twins(field: str, found: Iterable[tuple[Place, dict[str, object]]]) -> Iterator[Mistake]:
    """Texts that two entries share."""
    seen: dict[str, Place] = {}
    for place, entry in found:
        text = entry.get(field)
        if isinstance(text, str) and seen.setdefault(fold(text), place) is not place:
            yield (*place, field), f"is also that of {_named(seen[fold(text)])[0]}"


class _Object(dict[str, object]):
    """A JSON object that remembers which of its keys it has twice."""

    def __init__(self, pairs: list[tuple[str, object]]) -> None:
        super().__init__(pairs)
        self.repeated = [key for key, count in Counter(key for key, _ in pairs).items() if count > 1]


def _repeated(value: object, at: Place = ()) -> Iterator[Mistake]:
    if isinstance(value, _Object):
        yield from (((*at, key), "occurs twice in one object") for key in value.repeated)
        for key, inner in value.items():
            yield from _repeated(inner, (*at, key))
    elif isinstance(value, list):
        for number, inner in enumerate(cast("list[object]", value)):
            yield from _repeated(inner, (*at, number))


def _inside(error: ValidationError) -> Iterator[Mistake]:
    for one in error.errors():
        words = PROBLEMS.get(one["type"], one["msg"])
        yield one["loc"], words.format(**one.get("ctx", {}), value=one["input"])


def _named(place: Place) -> tuple[str, ...]:
    """The entry, as a person calls it, then the field, if it is about one."""
    pairs = tuple(zip(place, (*place, "")[1:], strict=True))
    names = [f"{NOUNS[name]} {number + 1}" for name, number in pairs if name in NOUNS and isinstance(number, int)]
    fields = [name for name, inner in pairs if isinstance(name, str) and not isinstance(inner, int)]
    return ", ".join(names) or "the file", *fields
