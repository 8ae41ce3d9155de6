"""A second, independent validation of finished JSON: what Discord would refuse, in sentences.

Discord's own schema catches wrong types. This also catches totals, duplicates, empty parts, misspelt keys, and parts
in the wrong place. It is for tests and the simulator, never for the hot path.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from devkit.component_rules import CONTENT, check_components
from devkit.json_checks import (
    check_between,
    check_choices,
    check_keys,
    check_not_blank,
    check_sizes,
    check_unique,
    kind_of,
    number_of,
    record,
    records,
    text_of,
    walk,
    words,
)
from mastermind.discord import limits

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from devkit.json_types import ReadOnlyJson

type Found = Iterator[str]

_TOP = CONTENT | {17}
_MODAL_TOP = {10, 18}  # rows are the old way
_FIT = {1: {1}, 2: {4, 5, 9}, 3: {4, 5, 6, 7, 9}, 4: {8}, 5: {4, 5, 6, 7}}  # answers by the kind they answer

_MESSAGE_KEYS = {"content", "embeds", "components", "flags", "allowed_mentions", "attachments", "poll", "tts"}
_WEBHOOK_KEYS = _MESSAGE_KEYS | {"username", "avatar_url", "thread_name", "applied_tags"}


# --- answers ---


def violations(answer: Mapping[str, object], to: int | None = None) -> list[str]:
    """Everything that Discord would refuse in an interaction response, in sentences; empty if it is valid.

    `to` is the kind of the interaction: then it is also checked that it may get this type of response. An update
    after a modal is only allowed if a component opened the modal; the JSON does not show that, so it passes.
    """
    return list(_answer(answer, to))


def message_violations(message: Mapping[str, object]) -> list[str]:
    """The same for a bare message, as webhooks post it; it may mention the one role with which it begins."""
    role = re.match(r"<@&(\d+)> ", str(message.get("content")))
    if role and message.get("allowed_mentions") == {"parse": [], "roles": [role[1]]}:
        return list(_message({**message, "allowed_mentions": {"parse": []}}))
    return list(_message(message))


def _answer(shown: ReadOnlyJson, to: int | None = None) -> Found:
    """What is wrong with an interaction response, to an interaction of kind `to` when it is given."""
    kind = kind_of(shown)
    if to is not None and kind not in _FIT.get(to, ()):
        yield f"type {kind} is no answer to an interaction of type {to}"
    yield from check_keys("the answer", shown, {"type"}, {"data"})
    data = record(shown.get("data"))
    match kind:
        case 1 | 6:
            yield from check_keys("data", data, (), ())
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
    yield from check_keys("the message", data, {"allowed_mentions"}, may)
    if data.get("allowed_mentions") != {"parse": []}:
        yield "allowed_mentions is not empty: members would be pinged"
    parts = records(data.get("components"))
    yield from check_unique("custom_id", (part["custom_id"] for part in walk(parts) if "custom_id" in part))
    is_modern = number_of(data, "flags", 0) & limits.COMPONENTS_V2
    yield from _modern(data, parts) if is_modern else _classic(data, parts)


def _deferral(data: ReadOnlyJson) -> Found:
    yield from check_keys("a deferral", data, (), {"flags"})
    if number_of(data, "flags", 0) & ~limits.EPHEMERAL:
        yield "a deferral takes the EPHEMERAL flag alone"


def _modern(data: ReadOnlyJson, parts: Sequence[ReadOnlyJson]) -> Found:
    yield from (f"{key} stands beside Components V2" for key in ("content", "embeds", "poll") if data.get(key))
    yield from check_components("the message", parts, _TOP)
    yield from check_between("components, nested ones counted", len(list(walk(parts))), 1, limits.COMPONENTS)
    texts = [text_of(part, "content") for part in walk(parts)]
    yield from check_between("characters of text in all", sum(map(len, texts)), 0, limits.TEXT)
    size = sum(len(text.encode(errors="replace")) for text in words(parts))
    yield from check_between("bytes of text", size, 0, limits.MESSAGE_BYTES - 1)
    yield from _files(data, parts)


def _files(data: ReadOnlyJson, parts: Sequence[ReadOnlyJson]) -> Found:
    """Discord shows only files that a part refers to, and refuses a part whose file is missing."""
    named = [f"attachment://{text_of(one, 'filename')}" for one in records(data.get("attachments"))]
    shown = [text_of(record(part.get("file")), "url") for part in walk(parts) if kind_of(part) == 13]
    if sorted(named) != sorted(shown):
        yield f"the files {named} are not the ones shown, {shown}"


def _classic(data: ReadOnlyJson, parts: Sequence[ReadOnlyJson]) -> Found:
    embeds = records(data.get("embeds"))
    if not (text_of(data, "content").strip() or embeds or parts or data.get("poll") or data.get("attachments")):
        yield "the message is empty"
    yield from check_between("characters of content", len(text_of(data, "content")), 0, limits.CONTENT)
    yield from check_between("rows", len(parts), 0, limits.CLASSIC_ROWS)
    yield from check_components("a message without the V2 flag", parts, {1})
    yield from check_between("embeds", len(embeds), 0, limits.EMBEDS)
    yield from (problem for embed in embeds for problem in _embed(embed))
    total = sum(len(text) for embed in embeds for _, text, _ in _embed_texts(embed))
    yield from check_between("characters of all embeds", total, 0, limits.EMBEDS_TOTAL)


def _embed(embed: ReadOnlyJson) -> Found:
    texts = list(_embed_texts(embed))
    if not (texts or embed.get("image") or embed.get("thumbnail")):
        yield "an embed is empty"
    fields = records(embed.get("fields"))
    yield from check_between("fields of an embed", len(fields), 0, limits.EMBED_FIELDS)
    for what, text, most in texts:
        yield from check_between(f"characters of an embed's {what}", len(text), 1, most)
        yield from check_not_blank(f"an embed's {what}", text)


def _embed_texts(embed: ReadOnlyJson) -> Iterator[tuple[str, str, int]]:
    """Every text that counts: its name, itself, its maximum length."""
    singles = (
        ("title", embed, "title", limits.EMBED_TITLE),
        ("description", embed, "description", limits.EMBED_DESCRIPTION),
        ("footer", record(embed.get("footer")), "text", limits.EMBED_FOOTER),
        ("author", record(embed.get("author")), "name", limits.EMBED_AUTHOR),
    )
    yield from (
        (what, text_of(source, key), most) for what, source, key, most in singles if source.get(key) is not None
    )
    for field in records(embed.get("fields")):
        yield "field name", text_of(field, "name"), limits.EMBED_FIELD_NAME
        yield "field value", text_of(field, "value"), limits.EMBED_FIELD_VALUE


def _modal(data: ReadOnlyJson) -> Found:
    yield from check_keys("the modal", data, {"custom_id", "title", "components"}, ())
    yield from check_sizes("the modal", data, {"custom_id": (1, limits.CUSTOM_ID), "title": (1, limits.MODAL_TITLE)})
    parts = records(data.get("components"))
    yield from check_between("parts of a modal", len(parts), 1, limits.MODAL_PARTS)
    yield from check_components("the modal", parts, _MODAL_TOP)
    yield from check_unique("custom_id", (part["custom_id"] for part in walk(parts) if "custom_id" in part))


def _autocomplete(data: ReadOnlyJson) -> Found:
    yield from check_keys("the suggestions", data, {"choices"}, ())
    yield from check_choices(records(data.get("choices")))


# --- components ---


# --- commands ---


# --- words ---
