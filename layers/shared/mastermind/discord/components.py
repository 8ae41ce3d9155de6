"""The parts of messages (Components V2); each raises LimitError beyond what Discord allows."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

from mastermind.discord import limits
from mastermind.discord.limits import check_at_most, check_between, check_size
from mastermind.errors import LimitError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mastermind.json_types import Json


class ButtonStyle(IntEnum):
    """The style of a button; a link button has its own class."""

    PRIMARY = 1
    SECONDARY = 2
    SUCCESS = 3
    DANGER = 4


@dataclass(frozen=True, slots=True)
class Text:
    """A text in Discord's markdown, 1-4000 characters; a `verbatim` one is read back, so not a letter changes."""

    content: str
    verbatim: bool = False

    def __post_init__(self) -> None:
        if not self.content.strip():
            raise LimitError("a text must not be empty")
        check_at_most("a text", self.content, limits.TEXT)

    def json(self) -> Json:
        return {"type": 10, "content": self.content}


@dataclass(frozen=True, slots=True)
class Thumbnail:
    """A small picture beside a section; the description is for people who cannot see it."""

    url: str
    description: str

    def __post_init__(self) -> None:
        _check_media(self.url, self.description)

    def json(self) -> Json:
        return {"type": 11, "media": {"url": self.url}, "description": self.description}


@dataclass(frozen=True, slots=True)
class Gallery:
    """One to ten pictures."""

    items: tuple[Thumbnail, ...]

    def __post_init__(self) -> None:
        check_between("a gallery's pictures", len(self.items), 1, limits.GALLERY_ITEMS)

    def json(self) -> Json:
        return {
            "type": 12,
            "items": [{"media": {"url": item.url}, "description": item.description} for item in self.items],
        }


@dataclass(frozen=True, slots=True)
class Button:
    """A button that sends us its custom_id; it needs a label or an emoji (one Unicode emoji)."""

    label: str
    custom_id: str
    style: ButtonStyle = ButtonStyle.SECONDARY
    emoji: str | None = None
    disabled: bool = False

    def __post_init__(self) -> None:
        check_custom_id(self.custom_id)
        _check_button(self.label, self.emoji)

    def json(self) -> Json:
        shown: Json = {"type": 2, "style": int(self.style), "custom_id": self.custom_id}
        if self.label:
            shown["label"] = self.label
        if self.emoji:
            shown["emoji"] = {"name": self.emoji}
        if self.disabled:
            shown["disabled"] = True
        return shown


@dataclass(frozen=True, slots=True)
class LinkButton:
    """A button that opens a web page."""

    label: str
    url: str

    def __post_init__(self) -> None:
        _check_button(self.label, None)
        _check_url(self.url, limits.URL)

    def json(self) -> Json:
        return {"type": 2, "style": 5, "label": self.label, "url": self.url}


@dataclass(frozen=True, slots=True)
class SelectOption:
    """One line of a select, a radio group or a checkbox group."""

    label: str
    value: str
    description: str = ""
    default: bool = False

    def __post_init__(self) -> None:
        check_size("an option's label", self.label, limits.OPTION_LABEL)
        check_size("an option's value", self.value, limits.OPTION_VALUE)
        check_at_most("an option's description", self.description, limits.OPTION_DESCRIPTION)

    def json(self) -> Json:
        shown: Json = {"label": self.label, "value": self.value}
        if self.description:
            shown["description"] = self.description
        if self.default:
            shown["default"] = True
        return shown


@dataclass(frozen=True, slots=True)
class Select:
    """A drop-down of at most 25 options; in a message it needs its own row. `required` has a meaning in modals only."""

    custom_id: str
    options: tuple[SelectOption, ...]
    placeholder: str = ""
    min_values: int = 1
    max_values: int = 1
    disabled: bool = False
    required: bool = True

    def __post_init__(self) -> None:
        check_custom_id(self.custom_id)
        check_options("a select", self.options, 1, limits.SELECT_OPTIONS)
        check_span("a select", self.options, self.min_values, self.max_values)
        check_at_most("a select's placeholder", self.placeholder, limits.SELECT_PLACEHOLDER)

    def json(self) -> Json:
        shown: Json = {
            "type": 3,
            "custom_id": self.custom_id,
            "options": [option.json() for option in self.options],
            "min_values": self.min_values,
            "max_values": self.max_values,
        }
        if self.placeholder:
            shown["placeholder"] = self.placeholder
        if self.disabled:
            shown["disabled"] = True
        if not self.required:
            shown["required"] = False
        return shown


@dataclass(frozen=True, slots=True)
class RolePicker:
    """Discord's own list of the server's roles, of which one is chosen; in a message it needs its own row."""

    custom_id: str
    placeholder: str = ""

    def __post_init__(self) -> None:
        _check_picker(self.custom_id, self.placeholder)

    def json(self) -> Json:
        return {"type": 6, "custom_id": self.custom_id, "placeholder": self.placeholder}


@dataclass(frozen=True, slots=True)
class ChannelPicker:
    """Discord's own list of channels with texts (0) and announcements (5); the same."""

    custom_id: str
    placeholder: str = ""

    def __post_init__(self) -> None:
        _check_picker(self.custom_id, self.placeholder)

    def json(self) -> Json:
        return {"type": 8, "custom_id": self.custom_id, "placeholder": self.placeholder, "channel_types": [0, 5]}


@dataclass(frozen=True, slots=True)
class Section:
    """One to three texts with a button or a picture beside them."""

    texts: tuple[Text, ...]
    accessory: Button | LinkButton | Thumbnail

    def __post_init__(self) -> None:
        check_between("a section's texts", len(self.texts), 1, limits.SECTION_TEXTS)

    def json(self) -> Json:
        return {
            "type": 9,
            "components": [text.json() for text in self.texts],
            "accessory": self.accessory.json(),
        }


@dataclass(frozen=True, slots=True)
class Row:
    """One to five buttons, or one select or picker."""

    parts: tuple[Button | LinkButton | Select | RolePicker | ChannelPicker, ...]

    def __post_init__(self) -> None:
        check_between("a row's parts", len(self.parts), 1, limits.ROW_BUTTONS)
        if len(self.parts) > 1 and any(isinstance(part, Select | RolePicker | ChannelPicker) for part in self.parts):
            raise LimitError("a select needs a row of its own")

    def json(self) -> Json:
        return {"type": 1, "components": [part.json() for part in self.parts]}


@dataclass(frozen=True, slots=True)
class Separator:
    """Space between parts, with a line (`divider`) or without."""

    divider: bool = True
    large: bool = False

    def json(self) -> Json:
        return {"type": 14, "divider": self.divider, "spacing": 2 if self.large else 1}


@dataclass(frozen=True, slots=True)
class File:
    """A file sent with the message (replies.Attachment); without this part it would be invisible."""

    name: str

    def json(self) -> Json:
        return {"type": 13, "file": {"url": f"attachment://{self.name}"}}


@dataclass(frozen=True, slots=True)
class Container:
    """A box around parts, with an optional coloured edge (0xRRGGBB)."""

    parts: tuple[ContainerPart, ...]
    accent_color: int | None = None

    def __post_init__(self) -> None:
        check_between("a container's parts", len(self.parts), 1, limits.COMPONENTS)
        if self.accent_color is not None:
            check_between("an accent color", self.accent_color, 0, limits.ACCENT_COLOR)

    def json(self) -> Json:
        shown: Json = {"type": 17, "components": [part.json() for part in self.parts]}
        if self.accent_color is not None:
            shown["accent_color"] = self.accent_color
        return shown


type ContainerPart = Text | Section | Row | Separator | Gallery | File
type MessagePart = ContainerPart | Container


def check_custom_id(custom_id: str) -> None:
    check_size("a custom_id", custom_id, limits.CUSTOM_ID)


def _check_picker(custom_id: str, placeholder: str) -> None:
    check_custom_id(custom_id)
    check_size("a picker's placeholder", placeholder, limits.SELECT_PLACEHOLDER)


def _check_button(label: str, emoji: str | None) -> None:
    if not (label.strip() or emoji):
        raise LimitError("a button needs a label or an emoji")
    check_at_most("a button's label", label, limits.BUTTON_LABEL)


def _check_url(url: str, size: int) -> None:
    if not url.startswith(("https://", "http://")):
        raise LimitError("a link must begin with https:// or http://")
    check_at_most("a link", url, size)


def _check_media(url: str, description: str) -> None:
    _check_url(url, limits.MEDIA_URL)
    check_size("a picture's description", description, limits.MEDIA_DESCRIPTION)


def check_options(what: str, options: Sequence[SelectOption], low: int, high: int) -> None:
    check_between(f"{what}'s options", len(options), low, high)
    if len({option.value for option in options}) < len(options):
        raise LimitError(f"{what}'s options need different values")


def check_span(what: str, options: Sequence[SelectOption], low: int, high: int) -> None:
    check_between(f"{what}'s max_values", high, 1, len(options))
    check_between(f"{what}'s min_values", low, 0, high)
    if sum(option.default for option in options) > high:
        raise LimitError(f"{what} has more defaults than max_values")
