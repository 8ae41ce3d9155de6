"""Our answers to interactions, and their rendering as Discord's JSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from mastermind.discord import limits
from mastermind.discord.commands import PLAIN
from mastermind.discord.components import Text
from mastermind.discord.limits import check_size
from mastermind.discord.text import byte_size
from mastermind.errors import LimitError
from mastermind.patterns import late

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from mastermind.discord.commands import Commands
    from mastermind.discord.components import MessagePart
    from mastermind.discord.fields import ModalPart
    from mastermind.json_types import Json


@dataclass(frozen=True, slots=True)
class Pong:
    """The answer to a PING."""

    def json(self) -> Json:
        return {"type": 1}


@dataclass(frozen=True, slots=True)
class Attachment:
    """A text file that is sent with a message; a `components.File` with its name shows it."""

    name: str
    text: str
    kind: str = "application/json"

    def __post_init__(self) -> None:
        if not _FILE_NAME.fullmatch(self.name):
            raise LimitError(f"{self.name!r} is not a valid file name")


@dataclass(frozen=True, slots=True)
class Message:
    """A new message, visible to the caller only unless `private` is False.

    `picture` gives the figures of what follows it, as pictures.figures writes them, "" for none; it is asked for once
    the words are ready.
    """

    parts: tuple[MessagePart, ...]
    private: bool = True
    attachments: tuple[Attachment, ...] = ()
    picture: Callable[[], str] | None = None

    def json(self, commands: Commands = PLAIN) -> Json:
        data = _message(self.parts, _privacy(self.private), commands)
        if self.attachments:
            check_files(self.attachments)
            data["attachments"] = [{"id": str(n), "filename": it.name} for n, it in enumerate(self.attachments)]
        return {"type": 4, "data": data}


@dataclass(frozen=True, slots=True)
class Update:
    """New content for the message whose component was used; its privacy does not change. `picture` as in Message."""

    parts: tuple[MessagePart, ...]
    picture: Callable[[], str] | None = None

    def json(self, commands: Commands = PLAIN) -> Json:
        return {"type": 7, "data": _message(self.parts, 0, commands)}


@dataclass(frozen=True, slots=True)
class Modal:
    """A form. Discord does not accept one as the answer to a form."""

    custom_id: str
    title: str
    parts: tuple[ModalPart, ...]

    def __post_init__(self) -> None:
        check_size("a modal's custom_id", self.custom_id, limits.CUSTOM_ID)
        check_size("a modal's title", self.title, limits.MODAL_TITLE)
        if not 0 < len(self.parts) <= limits.MODAL_PARTS:
            raise LimitError(f"a modal has 1 to {limits.MODAL_PARTS} parts, not {len(self.parts)}")

    def json(self) -> Json:
        shown = [part.json() for part in self.parts]
        _checked(shown)
        return {"type": 9, "data": {"custom_id": self.custom_id, "title": self.title, "components": shown}}


@dataclass(frozen=True, slots=True)
class Choice:
    """One suggestion of an autocomplete."""

    name: str
    value: str | int | float

    def __post_init__(self) -> None:
        check_size("a choice's name", self.name, limits.CHOICE_NAME)
        if isinstance(self.value, str):
            check_size("a choice's value", self.value, limits.CHOICE_VALUE)

    def json(self) -> Json:
        return {"name": self.name, "value": self.value}


@dataclass(frozen=True, slots=True)
class Choices:
    """At most 25 suggestions for what the member is typing."""

    choices: tuple[Choice, ...]

    def __post_init__(self) -> None:
        if len(self.choices) > limits.CHOICES:
            raise LimitError(f"{len(self.choices)} choices, {limits.CHOICES} are allowed")

    def json(self) -> Json:
        return {"type": 8, "data": {"choices": [choice.json() for choice in self.choices]}}


type Reply = Pong | Message | Update | Modal | Choices

SHOWN = Message | Update
"""What is seen in a channel; made once, because every answer is asked whether it is one."""


def say(text: str, *, private: bool = True) -> Message:
    """A message of one text."""
    return Message((Text(text),), private)


def render(reply: Reply, commands: Commands = PLAIN) -> Json:
    """Discord's JSON of a reply; raises LimitError if the whole breaks a limit (its parts check themselves).

    What it names of `commands` opens when it is tapped.
    """
    return reply.json(commands) if isinstance(reply, SHOWN) else reply.json()


def attachments(reply: Reply) -> tuple[Attachment, ...]:
    """The files that are sent with a reply; its JSON refers to them by position."""
    return reply.attachments if isinstance(reply, Message) else ()


def fits(text: str) -> bool:
    """Whether a file with that text can be sent with an answer."""
    return byte_size(text) <= limits.INLINE_FILES


def check_files(files: Sequence[Attachment]) -> None:
    """Raises LimitError for files that are too large for an answer."""
    size = sum(byte_size(file.text) for file in files)
    if size > limits.INLINE_FILES:
        raise LimitError(f"{size} bytes of files, {limits.INLINE_FILES} are allowed in an answer")


def _privacy(private: bool) -> int:
    return limits.EPHEMERAL if private else 0


def _message(parts: Sequence[MessagePart], flags: int, commands: Commands) -> Json:
    shown = [part.json() for part in parts]
    every, room = _checked(shown)
    if commands:
        _link(every, room, {part.content for part in parts if isinstance(part, Text) and part.verbatim}, commands)
    return {"flags": limits.COMPONENTS_V2 | flags, "components": shown, "allowed_mentions": {"parse": []}}


def _link(every: Sequence[Json], room: int, verbatim: Collection[str], commands: Commands) -> None:
    """Put mentions of commands into the texts, as long as the message has room for them."""
    for part in every:
        words = cast("str", part.get("content", ""))
        if "`/" not in words or words in verbatim:
            continue
        linked = commands.linked(words)
        room -= len(linked) - len(words)
        if room < 0:
            return
        part["content"] = linked


def _checked(shown: Sequence[Json]) -> tuple[list[Json], int]:
    """Every part with the parts inside it, and how many more ASCII characters would fit; raises LimitError."""
    every = _every(shown)
    if not 0 < len(every) <= limits.COMPONENTS:
        raise LimitError(f"{len(every)} components, 1 to {limits.COMPONENTS} are allowed")
    custom_ids = [part["custom_id"] for part in every if "custom_id" in part]
    if len(set(custom_ids)) < len(custom_ids):
        raise LimitError(f"a custom_id occurs twice among {custom_ids}")
    return every, _room(every)


def _room(every: Sequence[Json]) -> int:
    length = sum(len(cast("str", part["content"])) for part in every if "content" in part)
    if length > limits.TEXT:
        raise LimitError(f"{length} characters of text in all, {limits.TEXT} are allowed")
    size = byte_size("".join(_words(every)))
    if size >= limits.MESSAGE_BYTES:
        raise LimitError(f"{size} bytes of text, Discord answers 500 not far above {limits.MESSAGE_BYTES}")
    return min(limits.TEXT - length, limits.MESSAGE_BYTES - 1 - size)


def _every(shown: Sequence[Json]) -> list[Json]:
    """Every part with the parts inside it."""
    every = list(shown)
    for part in every:  # which grows meanwhile
        every += cast("list[Json]", part.get("components", ()))
        every += [cast("Json", part[key]) for key in ("accessory", "component") if key in part]
    return every


def _words(every: Sequence[Json]) -> list[str]:
    """Every text that a person may read in these parts (options and pictures included)."""
    inner = (part.get(key, ()) for part in every for key in ("options", "items"))
    lines = (line for each in inner for line in cast("list[Json]", each))
    return [word for it in (*every, *lines) for key in _READ if key in it and isinstance(word := it[key], str)]


_READ = ("content", "label", "description", "placeholder", "value")

_FILE_NAME = late(r"[a-z0-9][-a-z0-9_.]{0,99}")
