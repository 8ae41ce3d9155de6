"""The messages that `ops post-buttons` pins, and where their ids are stored."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, cast

from pydantic import Field, TypeAdapter

from mastermind.bot import custom_ids, looks
from mastermind.discord.components import Button, ButtonStyle, Container, Gallery, Row, Text, Thumbnail
from mastermind.discord.replies import Message
from mastermind.errors import BadMessage
from mastermind.parsing import parse
from ops.discord import fail

if TYPE_CHECKING:
    from pathlib import Path

    from devkit.json_types import ReadOnlyJson
    from mastermind.bot.looks import Look


@dataclass(frozen=True, slots=True)
class Post:
    """A message with one button, which does `open` of a command of `app`. `name` is its key in the state file.

    `purpose` is what its channel is for, as the settings name it.
    """

    app: str
    name: str
    command: str
    look: Look
    title: str
    words: str
    label: str
    picture: str
    emoji: str | None = None
    purpose: str = "posts"

    @property
    def custom_id(self) -> str:
        """It has no owner: everybody who taps gets their own answer, and the message stays."""
        return custom_ids.make(self.command, "open", 0)

    def body(self, banner: str | None) -> ReadOnlyJson:
        """The message in Discord's JSON, with the banner (an https URL) on top if there is one."""
        gallery = (Gallery((Thumbnail(banner, self.picture),)),) if banner else ()
        row = Row((Button(self.label, self.custom_id, ButtonStyle.PRIMARY, self.emoji),))
        said = Text(f"{self.look.heading(self.title)}\n{self.words}")
        shown = Message((Container((*gallery, said, row), self.look.color),), private=False).json()
        return cast("ReadOnlyJson", shown["data"])


START = Post(
    "main",
    "start",
    "start",
    looks.GUIDE,
    "Start here",
    "Two minutes, three taps, and nobody sees you try.",
    "Begin",
    "A banner for the first steps",
    "▶️",
)

LIST = Post(
    "tensey",
    "list",
    "tenseylist",
    looks.CHALLENGES,
    "Your challenges",
    "Small, brave things to do out there. Do one, tick it, get **100 XP**.\n-# Your list opens for you alone.",
    "My list",
    "A banner for the list of challenges",
)

LEADERBOARD = Post(
    "tensey",
    "leaderboard",
    "tenseyleaderboard",
    looks.BOARDS,
    "The leaderboard",
    "Who has done how many challenges, and where you stand.\n-# It opens for you alone, as it is at that moment.",
    "Leaderboard",
    "A banner for the leaderboard",
)

HOME = Post(
    "main",
    "home",
    "admin.home",
    looks.ADMIN,
    "For the team",
    "Who needs a word, what is to be decided, and how the week is.\n"
    "-# It opens for you alone. Only moderators and admins can open it.",
    "What waits",
    "A banner for the team",
    purpose="admins",
)


TODAY = Post(
    "main",
    "today",
    "today",
    looks.TODAY,
    "Your day",
    "A small challenge, your streak and quick notes on one card. The challenge is the same for all: **50 XP**.\n"
    "-# It opens for you alone.",
    "My day",
    "A banner for the card of the day",
)

POSTS = (START, TODAY, LIST, LEADERBOARD, HOME)


@dataclass(frozen=True, slots=True)
class Placement:
    """A message and the channel to pin it in."""

    post: Post
    channel: str
    body: ReadOnlyJson


type Snowflake = Annotated[str, Field(pattern=r"^[0-9]+$")]


@dataclass(frozen=True, slots=True)
class MessageRef:
    """Where a message was posted; ids as Discord writes them."""

    channel: Snowflake
    message: Snowflake


_POSTED = TypeAdapter(dict[str, dict[str, MessageRef]])


@dataclass(frozen=True, slots=True)
class State:
    """The messages an application has posted, in a JSON file: {application: {name: {"channel", "message"}}}.

    One file can serve several deployments. It holds no secret.
    """

    file: Path
    application: str

    def load(self, name: str) -> MessageRef | None:
        return self._read().get(self.application, {}).get(name)

    def save(self, name: str, posted: MessageRef) -> None:
        """Store it atomically: a half-written file would lose every id."""
        known = self._read()
        known.setdefault(self.application, {})[name] = posted
        fresh = self.file.with_name(f"{self.file.name}.new")
        fresh.write_bytes(_POSTED.dump_json(known, indent=2) + b"\n")
        fresh.replace(self.file)

    def _read(self) -> dict[str, dict[str, MessageRef]]:
        try:
            return parse(_POSTED, self.file.read_bytes())
        except FileNotFoundError:
            return {}
        except BadMessage as error:
            fail(f"This tool did not write {self.file} ({error}). Move it away: the messages will be found again.")
