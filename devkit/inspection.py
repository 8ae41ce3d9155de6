"""A second, independent validation of finished JSON: what Discord would refuse, in sentences.

Discord's own schema catches wrong types. This also catches totals, duplicates, empty parts, misspelt keys, and parts
in the wrong place. It is for tests and the simulator, never for the hot path.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple, cast

from mastermind.discord import limits

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from devkit.json_types import ReadOnlyJson

type Found = Iterator[str]

_BUTTONS = {2}
_SELECTS = {3, 5, 6, 7, 8}
_CONTENT = {1, 9, 10, 12, 13, 14}
_TOP = _CONTENT | {17}
_MODAL_TOP = {10, 18}  # rows are the old way
_FIELDS = _SELECTS | {4, 19, 21, 22, 23}
_FIT = {1: {1}, 2: {4, 5, 9}, 3: {4, 5, 6, 7, 9}, 4: {8}, 5: {4, 5, 6, 7}}  # answers by the kind they answer

_MESSAGE_KEYS = {"content", "embeds", "components", "flags", "allowed_mentions", "attachments", "poll", "tts"}
_WEBHOOK_KEYS = _MESSAGE_KEYS | {"username", "avatar_url", "thread_name", "applied_tags"}
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
    1: _Shape({"components"}, inside=_BUTTONS | _SELECTS, most=limits.ROW_BUTTONS),
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
    17: _Shape({"components"}, {"accent_color", "spoiler"}, inside=_CONTENT, most=limits.COMPONENTS),
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


# --- answers ---


def violations(answer: Mapping[str, object], to: int | None = None) -> list[str]:
    """Everything that Discord would refuse in an interaction response, in sentences; empty if it is valid.

    `to` is the kind of the interaction: then it is also checked that it may get this type of response. An update
    after a modal is only allowed if a component opened the modal; the JSON does not show that, so it passes.
    """
    return list(_answer(answer, to))


def message_violations(message: Mapping[str, object]) -> list[str]:
    """The same for a bare message, as webhooks post it."""
    return list(_message(message))


def command_violations(registration: Sequence[Mapping[str, object]]) -> list[str]:
    """The same for the registration of an application's slash commands."""
    return list(_commands(registration))


def _answer(shown: ReadOnlyJson, to: int | None = None) -> Found:
    """What is wrong with an interaction response, to an interaction of kind `to` when it is given."""
    kind = _kind(shown)
    if to is not None and kind not in _FIT.get(to, ()):
        yield f"type {kind} is no answer to an interaction of type {to}"
    yield from _keys("the answer", shown, {"type"}, {"data"})
    data = _record(shown.get("data"))
    match kind:
        case 1 | 6:
            yield from _keys("data", data, (), ())
        case 4 | 7:
            yield from _message(data, _MESSAGE_KEYS)
        case 5:
            yield from _deferral(data)
        case 8:
            yield from _autocomplete(data)
        case 9:
            yield from _modal(data)
        case _:
            yield f"type {kind} is none of ours"


def _message(data: ReadOnlyJson, may: Collection[str] = _WEBHOOK_KEYS) -> Found:
    """What is wrong with a message, classic or of Components V2."""
    yield from _keys("the message", data, {"allowed_mentions"}, may)
    if data.get("allowed_mentions") != {"parse": []}:
        yield "allowed_mentions is not empty: members would be pinged"
    parts = _records(data.get("components"))
    yield from _unique("custom_id", (part["custom_id"] for part in _walk(parts) if "custom_id" in part))
    is_modern = _number(data, "flags", 0) & limits.COMPONENTS_V2
    yield from _modern(data, parts) if is_modern else _classic(data, parts)


def _deferral(data: ReadOnlyJson) -> Found:
    yield from _keys("a deferral", data, (), {"flags"})
    if _number(data, "flags", 0) & ~limits.EPHEMERAL:
        yield "a deferral takes the EPHEMERAL flag alone"


def _modern(data: ReadOnlyJson, parts: Sequence[ReadOnlyJson]) -> Found:
    yield from (f"{key} stands beside Components V2" for key in ("content", "embeds", "poll") if data.get(key))
    yield from _components("the message", parts, _TOP)
    yield from _between("components, nested ones counted", len(list(_walk(parts))), 1, limits.COMPONENTS)
    texts = [_text(part, "content") for part in _walk(parts)]
    yield from _between("characters of text in all", sum(map(len, texts)), 0, limits.TEXT)
    size = sum(len(text.encode(errors="replace")) for text in _words(parts))
    yield from _between("bytes of text", size, 0, limits.MESSAGE_BYTES - 1)
    yield from _files(data, parts)


def _files(data: ReadOnlyJson, parts: Sequence[ReadOnlyJson]) -> Found:
    """Discord shows only files that a part refers to, and refuses a part whose file is missing."""
    named = [f"attachment://{_text(one, 'filename')}" for one in _records(data.get("attachments"))]
    shown = [_text(_record(part.get("file")), "url") for part in _walk(parts) if _kind(part) == 13]
    if sorted(named) != sorted(shown):
        yield f"the files {named} are not the ones shown, {shown}"


def _classic(data: ReadOnlyJson, parts: Sequence[ReadOnlyJson]) -> Found:
    embeds = _records(data.get("embeds"))
    if not (_text(data, "content").strip() or embeds or parts or data.get("poll") or data.get("attachments")):
        yield "the message is empty"
    yield from _between("characters of content", len(_text(data, "content")), 0, limits.CONTENT)
    yield from _between("rows", len(parts), 0, limits.CLASSIC_ROWS)
    yield from _components("a message without the V2 flag", parts, {1})
    yield from _between("embeds", len(embeds), 0, limits.EMBEDS)
    yield from (problem for embed in embeds for problem in _embed(embed))
    total = sum(len(text) for embed in embeds for _, text, _ in _embed_texts(embed))
    yield from _between("characters of all embeds", total, 0, limits.EMBEDS_TOTAL)


def _embed(embed: ReadOnlyJson) -> Found:
    texts = list(_embed_texts(embed))
    if not (texts or embed.get("image") or embed.get("thumbnail")):
        yield "an embed is empty"
    fields = _records(embed.get("fields"))
    yield from _between("fields of an embed", len(fields), 0, limits.EMBED_FIELDS)
    for what, text, most in texts:
        yield from _between(f"characters of an embed's {what}", len(text), 1, most)
        yield from _written(f"an embed's {what}", text)


def _embed_texts(embed: ReadOnlyJson) -> Iterator[tuple[str, str, int]]:
    """Every text that counts: its name, itself, its maximum length."""
    singles = (
        ("title", embed, "title", limits.EMBED_TITLE),
        ("description", embed, "description", limits.EMBED_DESCRIPTION),
        ("footer", _record(embed.get("footer")), "text", limits.EMBED_FOOTER),
        ("author", _record(embed.get("author")), "name", limits.EMBED_AUTHOR),
    )
    yield from ((what, _text(source, key), most) for what, source, key, most in singles if source.get(key) is not None)
    for field in _records(embed.get("fields")):
        yield "field name", _text(field, "name"), limits.EMBED_FIELD_NAME
        yield "field value", _text(field, "value"), limits.EMBED_FIELD_VALUE


def _modal(data: ReadOnlyJson) -> Found:
    yield from _keys("the modal", data, {"custom_id", "title", "components"}, ())
    yield from _sized("the modal", data, {"custom_id": (1, limits.CUSTOM_ID), "title": (1, limits.MODAL_TITLE)})
    parts = _records(data.get("components"))
    yield from _between("parts of a modal", len(parts), 1, limits.MODAL_PARTS)
    yield from _components("the modal", parts, _MODAL_TOP)
    yield from _unique("custom_id", (part["custom_id"] for part in _walk(parts) if "custom_id" in part))


def _autocomplete(data: ReadOnlyJson) -> Found:
    yield from _keys("the suggestions", data, {"choices"}, ())
    yield from _choices(_records(data.get("choices")))


def _choices(choices: Sequence[ReadOnlyJson]) -> Found:
    yield from _between("choices", len(choices), 0, limits.CHOICES)
    for choice in choices:
        yield from _keys("a choice", choice, {"name", "value"}, {"name_localizations"})
        yield from _sized("a choice", choice, {"name": (1, limits.CHOICE_NAME)})
        if isinstance(choice.get("value"), str):
            yield from _sized("a choice", choice, {"value": (1, limits.CHOICE_VALUE)})


# --- components ---


def _components(where: str, parts: Sequence[ReadOnlyJson], allowed: Collection[int]) -> Found:
    for part in parts:
        kind = _kind(part)
        if kind not in allowed or kind not in _SHAPES:
            yield f"a component of type {kind} has no place in {where}"
        else:
            yield from _component(kind, part)


def _component(kind: int, part: ReadOnlyJson) -> Found:
    shape, name = _SHAPES[kind], f"a component of type {kind}"
    yield from _keys(name, part, {"type", *shape.needs}, {"id", *shape.may})
    yield from _sized(name, part, shape.sizes)
    if shape.most:
        yield from _between(f"parts of {name}", len(_records(part.get("components"))), shape.least, shape.most)
    yield from _components(name, _records(part.get("components")), shape.inside)
    yield from _particular(kind, part)


def _particular(kind: int, part: ReadOnlyJson) -> Found:
    """The rules that only one type has."""
    match kind:
        case 1:
            yield from _row(_records(part.get("components")))
        case 2:
            yield from _button(part)
        case 3 | 21 | 22:
            yield from _options(kind, part)
        case 9:
            yield from _components("a section's side", [_record(part.get("accessory"))], {2, 11})
        case 12:
            yield from _gallery(_records(part.get("items")))
        case 18:
            yield from _components("a label", [_record(part.get("component"))], _FIELDS)
        case 4:
            yield from _lengths(part)
        case _:
            pass


def _row(parts: Sequence[ReadOnlyJson]) -> Found:
    if len(parts) > 1 and any(_kind(part) in _SELECTS for part in parts):
        yield "a select shares its row"


def _button(part: ReadOnlyJson) -> Found:
    if not (_text(part, "label").strip() or part.get("emoji")):
        yield "a button has neither label nor emoji"
    target = {5: "url", 6: "sku_id"}.get(_number(part, "style", 0), "custom_id")
    if [key for key in ("custom_id", "url", "sku_id") if part.get(key)] != [target]:
        yield f"a button of style {part.get('style')} needs {target} and nothing else to do"


def _options(kind: int, part: ReadOnlyJson) -> Found:
    options = _records(part.get("options"))
    yield from _between("options", len(options), *_OPTION_COUNTS[kind])
    for option in options:
        yield from _keys("an option", option, {"label", "value"}, {"description", "default", "emoji"})
        yield from _sized("an option", option, _OPTION_SIZES)
    yield from _unique("option", (option.get("value") for option in options))
    most = _number(part, "max_values", len(options) if kind == 22 else 1)
    yield from _between("max_values", most, 1, max(1, len(options)))
    yield from _between("min_values", _number(part, "min_values", 0), 0, most)
    yield from _between("options chosen beforehand", sum(bool(option.get("default")) for option in options), 0, most)


def _gallery(items: Sequence[ReadOnlyJson]) -> Found:
    yield from _between("pictures", len(items), 1, limits.GALLERY_ITEMS)
    for item in items:
        yield from _keys("a picture", item, {"media"}, {"description", "spoiler"})
        yield from _sized("a picture", item, {"description": (1, limits.MEDIA_DESCRIPTION)})


def _lengths(part: ReadOnlyJson) -> Found:
    most = _number(part, "max_length", limits.TEXT_INPUT)
    yield from _between("max_length", most, 1, limits.TEXT_INPUT)
    yield from _between("min_length", _number(part, "min_length", 0), 0, most)
    yield from _between("characters written beforehand", len(_text(part, "value")), 0, most)


# --- commands ---

_COMMAND_KEYS = {
    "type",
    "options",
    "default_member_permissions",
    "contexts",
    "integration_types",
    "nsfw",
    "name_localizations",
    "description_localizations",
}
_LEAF_KEYS = {
    "required",
    "choices",
    "autocomplete",
    "min_value",
    "max_value",
    "min_length",
    "max_length",
    "channel_types",
    "name_localizations",
    "description_localizations",
}
_NAMED = {"name", "description"}


def _commands(registration: Sequence[ReadOnlyJson]) -> Found:
    """What is wrong with the whole registration of an application's slash commands."""
    yield from _between("commands", len(registration), 0, limits.COMMANDS)
    yield from _unique("command", (command.get("name") for command in registration))
    for command in registration:
        name = f"/{command.get('name')}"
        yield from _keys(name, command, _NAMED, _COMMAND_KEYS)
        yield from _named(name, command)
        yield from _levels(name, _records(command.get("options")), {1, 2})
        yield from _between(f"characters of {name}", sum(map(len, _counted(command))), 0, limits.COMMAND_TOTAL)


def _levels(where: str, options: Sequence[ReadOnlyJson], folders: Collection[int]) -> Found:
    """Options of a command or subcommand: either all of them are subcommands (or groups), or none is."""
    yield from _between(f"options of {where}", len(options), 0, limits.COMMAND_OPTIONS)
    yield from _unique(f"option of {where}", (option.get("name") for option in options))
    leading = [option for option in options if _kind(option) in {1, 2}]
    if 0 < len(leading) < len(options):
        yield f"{where} mixes subcommands and options"
    required = [bool(option.get("required")) for option in options]
    if required != sorted(required, reverse=True):
        yield f"{where} has a required option after an optional one"
    for option in options:
        yield from _named(f"{where} {option.get('name')}", option)
        yield from _level(f"{where} {option.get('name')}", option, folders)


def _level(where: str, option: ReadOnlyJson, folders: Collection[int]) -> Found:
    kind = _kind(option)
    if kind not in {1, 2}:
        yield from _leaf(where, option)
    elif kind not in folders:
        yield f"{where} is nested too deeply"
    else:
        yield from _keys(where, option, {"type", *_NAMED}, {"options"})
        yield from _levels(where, _records(option.get("options")), {1} if kind == 2 else ())


def _leaf(where: str, option: ReadOnlyJson) -> Found:
    yield from _keys(where, option, {"type", *_NAMED}, _LEAF_KEYS)
    if option.get("choices") and option.get("autocomplete"):
        yield f"{where} has choices and autocomplete"
    yield from _choices(_records(option.get("choices")))


def _named(where: str, source: ReadOnlyJson) -> Found:
    name = _text(source, "name")
    if not _is_name(name):
        yield f"{where}: {name!r} is no name: 1 to {limits.COMMAND_NAME} letters, digits, - and _, in lower case"
    yield from _sized(where, source, {"description": (1, limits.COMMAND_DESCRIPTION)})


def _is_name(name: str) -> bool:
    fits = all(letter in "-_" or unicodedata.category(letter)[0] in "LN" for letter in name)
    return fits and name == name.lower() and 0 < len(name) <= limits.COMMAND_NAME


def _counted(source: ReadOnlyJson) -> Iterator[str]:
    """Names, descriptions and values of a command and of all that is in it."""
    yield from (_text(source, key) for key in ("name", "description", "value"))
    for inner in (*_records(source.get("options")), *_records(source.get("choices"))):
        yield from _counted(inner)


# --- words ---


def _keys(where: str, source: ReadOnlyJson, needs: Collection[str], may: Collection[str]) -> Found:
    yield from (f"{where} lacks {key}" for key in sorted(needs) if source.get(key) is None)
    yield from (f"{where} has the unknown key {key}" for key in sorted(source) if key not in needs and key not in may)


def _sized(where: str, source: ReadOnlyJson, sizes: Mapping[str, tuple[int, int]]) -> Found:
    for key, (least, most) in sizes.items():
        if source.get(key) is not None:
            yield from _between(f"characters of {where}'s {key}", len(_text(source, key)), least, most)
            yield from _written(f"{where}'s {key}", _text(source, key) if least else "-")


def _written(what: str, text: str) -> Found:
    if not text.strip():
        yield f"{what} is blank"


def _between(what: str, value: int, least: int, most: int) -> Found:
    if not least <= value <= most:
        yield f"{value} {what}, {least} to {most} are allowed"


def _unique(what: str, values: Iterable[object]) -> Found:
    yield from (f"the {what} {value!r} occurs {n} times" for value, n in Counter(map(str, values)).items() if n > 1)


def _walk(parts: Iterable[ReadOnlyJson]) -> Iterator[ReadOnlyJson]:
    for part in parts:
        yield part
        yield from _walk(_records(part.get("components")))
        yield from _walk(_record(part[key]) for key in ("accessory", "component") if key in part)


def _words(value: object) -> Iterator[str]:
    """Every text that a person may read, anywhere inside."""
    if isinstance(value, list):
        for item in cast("list[object]", value):
            yield from _words(item)
    elif isinstance(value, dict):
        for key, item in cast("dict[str, object]", value).items():
            if isinstance(item, str) and key in {"content", "label", "description", "placeholder", "value"}:
                yield item
            yield from _words(item)


def _kind(source: ReadOnlyJson) -> int:
    return _number(source, "type", 0)


def _record(value: object) -> ReadOnlyJson:
    return cast("ReadOnlyJson", value) if isinstance(value, dict) else {}


def _records(value: object) -> list[ReadOnlyJson]:
    return [_record(item) for item in cast("list[object]", value)] if isinstance(value, list) else []


def _text(source: ReadOnlyJson, key: str) -> str:
    value = source.get(key)
    return value if isinstance(value, str) else ""


def _number(source: ReadOnlyJson, key: str, default: int) -> int:
    value = source.get(key)
    return value if isinstance(value, int) else default
