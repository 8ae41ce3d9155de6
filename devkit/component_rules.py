"""What Discord would refuse in the components of a message or modal."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from devkit.json_checks import (
    Found,
    check_between,
    check_keys,
    check_sizes,
    check_unique,
    kind_of,
    number_of,
    record,
    records,
    text_of,
)
from mastermind.discord import limits

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from devkit.json_types import ReadOnlyJson


BUTTONS = {2}

SELECTS = {3, 5, 6, 7, 8}

CONTENT = {1, 9, 10, 12, 13, 14}

_FIELDS = SELECTS | {4, 19, 21, 22, 23}

_SELECT_KEYS = {"custom_id", "placeholder", "min_values", "max_values", "disabled", "required", "default_values"}

_SELECT_SIZES = {"placeholder": (0, limits.SELECT_PLACEHOLDER), "custom_id": (1, limits.CUSTOM_ID)}

_CUSTOM_ID_SIZE = {"custom_id": (1, limits.CUSTOM_ID)}

_OPTION_SIZES = {
    "label": (1, limits.OPTION_LABEL),
    "value": (1, limits.OPTION_VALUE),
    "description": (0, limits.OPTION_DESCRIPTION),
}


class _Shape(NamedTuple):
    """What a component of one type must and may have, and its texts' sizes (least, most)."""

    needs: Collection[str] = ()
    may: Collection[str] = ()
    sizes: Mapping[str, tuple[int, int]] = {}
    inside: Collection[int] = ()
    least: int = 1
    most: int = 0


_SHAPES = {
    1: _Shape({"components"}, inside=BUTTONS | SELECTS, most=limits.ROW_BUTTONS),
    2: _Shape(
        {"style"},
        {"custom_id", "label", "url", "emoji", "disabled", "sku_id"},
        {"custom_id": (1, limits.CUSTOM_ID), "label": (0, limits.BUTTON_LABEL), "url": (1, limits.URL)},
    ),
    3: _Shape({"custom_id", "options"}, _SELECT_KEYS, _SELECT_SIZES),
    4: _Shape(
        {"custom_id", "style"},
        {"min_length", "max_length", "required", "value", "placeholder"},
        {
            "custom_id": (1, limits.CUSTOM_ID),
            "value": (0, limits.TEXT_INPUT),
            "placeholder": (0, limits.TEXT_INPUT_PLACEHOLDER),
        },
    ),
    5: _Shape({"custom_id"}, _SELECT_KEYS, _SELECT_SIZES),
    6: _Shape({"custom_id"}, _SELECT_KEYS, _SELECT_SIZES),
    7: _Shape({"custom_id"}, _SELECT_KEYS, _SELECT_SIZES),
    8: _Shape({"custom_id"}, {*_SELECT_KEYS, "channel_types"}, _SELECT_SIZES),
    9: _Shape({"components", "accessory"}, inside={10}, most=limits.SECTION_TEXTS),
    10: _Shape({"content"}, sizes={"content": (1, limits.TEXT)}),
    11: _Shape({"media"}, {"description", "spoiler"}, {"description": (1, limits.MEDIA_DESCRIPTION)}),
    12: _Shape({"items"}),
    13: _Shape({"file"}, {"spoiler"}),
    14: _Shape(may={"divider", "spacing"}),
    17: _Shape({"components"}, {"accent_color", "spoiler"}, inside=CONTENT, most=limits.COMPONENTS),
    18: _Shape(
        {"label", "component"},
        {"description"},
        {"label": (1, limits.LABEL), "description": (1, limits.LABEL_DESCRIPTION)},
    ),
    19: _Shape({"custom_id"}, {"min_values", "max_values", "required"}, _CUSTOM_ID_SIZE),
    21: _Shape({"custom_id", "options"}, {"required"}, _CUSTOM_ID_SIZE),
    22: _Shape({"custom_id", "options"}, {"min_values", "max_values", "required"}, _CUSTOM_ID_SIZE),
    23: _Shape({"custom_id"}, {"default"}, _CUSTOM_ID_SIZE),
}

_OPTION_COUNTS = {3: (1, limits.SELECT_OPTIONS), 21: (2, limits.RADIO_OPTIONS), 22: (1, limits.CHECKBOX_OPTIONS)}


def check_components(where: str, parts: Sequence[ReadOnlyJson], allowed: Collection[int]) -> Found:
    for part in parts:
        kind = kind_of(part)
        if kind not in allowed or kind not in _SHAPES:
            yield f"a component of type {kind} has no place in {where}"
        else:
            yield from _component(kind, part)


def _component(kind: int, part: ReadOnlyJson) -> Found:
    shape, name = _SHAPES[kind], f"a component of type {kind}"
    yield from check_keys(name, part, {"type", *shape.needs}, {"id", *shape.may})
    yield from check_sizes(name, part, shape.sizes)
    if shape.most:
        yield from check_between(f"parts of {name}", len(records(part.get("components"))), shape.least, shape.most)
    yield from check_components(name, records(part.get("components")), shape.inside)
    yield from _particular(kind, part)


def _particular(kind: int, part: ReadOnlyJson) -> Found:
    """The rules that only one type has."""
    match kind:
        case 1:
            yield from _row(records(part.get("components")))
        case 2:
            yield from _button(part)
        case 3 | 21 | 22:
            yield from _options(kind, part)
        case 9:
            yield from check_components("a section's side", [record(part.get("accessory"))], {2, 11})
        case 12:
            yield from _gallery(records(part.get("items")))
        case 18:
            yield from check_components("a label", [record(part.get("component"))], _FIELDS)
        case 4:
            yield from _lengths(part)
        case _:
            pass


def _row(parts: Sequence[ReadOnlyJson]) -> Found:
    if len(parts) > 1 and any(kind_of(part) in SELECTS for part in parts):
        yield "a select shares its row"


def _button(part: ReadOnlyJson) -> Found:
    if not (text_of(part, "label").strip() or part.get("emoji")):
        yield "a button has neither label nor emoji"
    target = {5: "url", 6: "sku_id"}.get(number_of(part, "style", 0), "custom_id")
    if [key for key in ("custom_id", "url", "sku_id") if part.get(key)] != [target]:
        yield f"a button of style {part.get('style')} needs {target} and nothing else to do"


def _options(kind: int, part: ReadOnlyJson) -> Found:
    options = records(part.get("options"))
    yield from check_between("options", len(options), *_OPTION_COUNTS[kind])
    for option in options:
        yield from check_keys("an option", option, {"label", "value"}, {"description", "default", "emoji"})
        yield from check_sizes("an option", option, _OPTION_SIZES)
    yield from check_unique("option", (option.get("value") for option in options))
    most = number_of(part, "max_values", len(options) if kind == 22 else 1)
    yield from check_between("max_values", most, 1, max(1, len(options)))
    yield from check_between("min_values", number_of(part, "min_values", 0), 0, most)
    yield from check_between(
        "options chosen beforehand", sum(bool(option.get("default")) for option in options), 0, most
    )


def _gallery(items: Sequence[ReadOnlyJson]) -> Found:
    yield from check_between("pictures", len(items), 1, limits.GALLERY_ITEMS)
    for item in items:
        yield from check_keys("a picture", item, {"media"}, {"description", "spoiler"})
        yield from check_sizes("a picture", item, {"description": (1, limits.MEDIA_DESCRIPTION)})


def _lengths(part: ReadOnlyJson) -> Found:
    most = number_of(part, "max_length", limits.TEXT_INPUT)
    yield from check_between("max_length", most, 1, limits.TEXT_INPUT)
    yield from check_between("min_length", number_of(part, "min_length", 0), 0, most)
    yield from check_between("characters written beforehand", len(text_of(part, "value")), 0, most)
