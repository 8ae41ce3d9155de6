"""Checks of keys, sizes and counts in JSON; each yields its problems as sentences."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, cast

from mastermind.discord import limits

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from devkit.json_types import ReadOnlyJson

type Found = Iterator[str]


def check_choices(choices: Sequence[ReadOnlyJson]) -> Found:
    yield from check_between("choices", len(choices), 0, limits.CHOICES)
    for choice in choices:
        yield from check_keys("a choice", choice, {"name", "value"}, {"name_localizations"})
        yield from check_sizes("a choice", choice, {"name": (1, limits.CHOICE_NAME)})
        if isinstance(choice.get("value"), str):
            yield from check_sizes("a choice", choice, {"value": (1, limits.CHOICE_VALUE)})


def check_keys(where: str, source: ReadOnlyJson, needs: Collection[str], may: Collection[str]) -> Found:
    yield from (f"{where} lacks {key}" for key in sorted(needs) if source.get(key) is None)
    yield from (f"{where} has the unknown key {key}" for key in sorted(source) if key not in needs and key not in may)


def check_sizes(where: str, source: ReadOnlyJson, sizes: Mapping[str, tuple[int, int]]) -> Found:
    for key, (least, most) in sizes.items():
        if source.get(key) is not None:
            yield from check_between(f"characters of {where}'s {key}", len(text_of(source, key)), least, most)
            yield from check_not_blank(f"{where}'s {key}", text_of(source, key) if least else "-")


def check_not_blank(what: str, text: str) -> Found:
    if not text.strip():
        yield f"{what} is blank"


def check_between(what: str, value: int, least: int, most: int) -> Found:
    if not least <= value <= most:
        yield f"{value} {what}, {least} to {most} are allowed"


def check_unique(what: str, values: Iterable[object]) -> Found:
    yield from (f"the {what} {value!r} occurs {n} times" for value, n in Counter(map(str, values)).items() if n > 1)


def walk(parts: Iterable[ReadOnlyJson]) -> Iterator[ReadOnlyJson]:
    for part in parts:
        yield part
        yield from walk(records(part.get("components")))
        yield from walk(record(part[key]) for key in ("accessory", "component") if key in part)


def words(value: object) -> Iterator[str]:
    """Every text that a person may read, anywhere inside."""
    if isinstance(value, list):
        for item in cast("list[object]", value):
            yield from words(item)
    elif isinstance(value, dict):
        for key, item in cast("dict[str, object]", value).items():
            if isinstance(item, str) and key in {"content", "label", "description", "placeholder", "value"}:
                yield item
            yield from words(item)


def kind_of(source: ReadOnlyJson) -> int:
    return number_of(source, "type", 0)


def record(value: object) -> ReadOnlyJson:
    return cast("ReadOnlyJson", value) if isinstance(value, dict) else {}


def records(value: object) -> list[ReadOnlyJson]:
    return [record(item) for item in cast("list[object]", value)] if isinstance(value, list) else []


def text_of(source: ReadOnlyJson, key: str) -> str:
    value = source.get(key)
    return value if isinstance(value, str) else ""


def number_of(source: ReadOnlyJson, key: str, default: int) -> int:
    value = source.get(key)
    return value if isinstance(value, int) else default
