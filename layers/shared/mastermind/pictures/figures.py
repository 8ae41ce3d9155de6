"""What is drawn: the figures of each picture, as the function pictures is given them.

What has read the figures asks for a picture of them (`write`); pydantic's TypeAdapter reads them back there. The
pictures are a closed set, told apart by `picture`. The same figures make the picture and its text (alt_texts.py), so
what may not be seen is left out here: pictures know nothing of who looks.

Colours are 0xRRGGBB, days are ISO dates (`2026-11-29`), times are seconds since 1970, shares are whole percent.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Literal, cast

from mastermind.game.days.marks import Mark  # noqa: TC001 # pydantic looks it up
from mastermind.game.raids.rules import RaidStatus  # noqa: TC001 # the same
from mastermind.records import as_dict

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_DAYS = 371
"""Days of the longest picture: a year, from the Monday on which its first week begins."""

MOST_BYTES = 64 * 1024
"""Of the figures of one picture as JSON; a year of five categories takes half of it."""


class Picture(StrEnum):
    """The pictures that there are, as the function pictures is asked for them."""

    CARD = "card"
    COMPARE = "compare"
    PROGRESS = "progress"
    YEAR = "year"
    PODIUM = "podium"
    WEEK = "week"
    SERVER_WEEK = "server_week"
    RAID = "raid"
    REPORT = "report"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody by their name; `avatar` is the hash of their picture at Discord, "" for none."""

    user_id: int
    name: str
    avatar: str = ""


@dataclass(frozen=True, slots=True)
class Amount:
    """A figure with its name, such as 52 of "Hellos"; `sign` is an emoji or ""."""

    name: str
    count: int
    sign: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """A streak; `days` are the last two weeks, the oldest first and today last."""

    length: int
    longest: int
    freezes: int
    days: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class Balance:
    """Archetype points, and what they make."""

    name: str
    warrior: int
    mage: int


@dataclass(frozen=True, slots=True)
class Card:
    """One member as they stand.

    `gained` of `span` XP is the way from this level to the next; at the highest level both are 0. `rank` is 0 of who is
    not on the leaderboard. `climbed` are the places won since the week began (negative: lost), None where that is not
    known. `milestone` is the next one of challenges, 0 where the whole list is done. `proud` are up to three amounts.
    `days_like_these` is how many days the next level takes at the pace of the last weeks, 0 where nobody can say.
    """

    person: Person
    title: str
    color: int
    level: int
    xp: int
    gained: int
    span: int
    rank: int
    members: int
    run: Run
    balance: Balance
    challenges: int
    milestone: int
    faction: str = ""
    climbed: int | None = None
    proud: tuple[Amount, ...] = ()
    days_like_these: int = 0
    picture: Literal[Picture.CARD] = Picture.CARD


@dataclass(frozen=True, slots=True)
class Compare:
    """Two members side by side; `rows` are further amounts by the same names in both, left and right."""

    left: Card
    right: Card
    rows: tuple[tuple[Amount, Amount], ...] = ()
    picture: Literal[Picture.COMPARE] = Picture.COMPARE


@dataclass(frozen=True, slots=True)
class Stack:
    """The XP that a category brought, a day each."""

    name: str
    xp: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Trend:
    """A figure over time from `low` to `high`, a day each; None where there is none.

    `unit` follows the value in words: "%" or "of 10".
    """

    name: str
    unit: str
    low: int
    high: int
    values: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Progress:
    """A member's last 30, 90 or 365 days, the last of them `last`.

    Each stack and trend has `days` values, the oldest first. Trends are what moves over time: the state, conversions,
    the share of mage points; at most six. What is kept private stands in neither.
    """

    person: Person
    color: int
    last: str
    days: int
    stacks: tuple[Stack, ...]
    trends: tuple[Trend, ...] = ()
    picture: Literal[Picture.PROGRESS] = Picture.PROGRESS


@dataclass(frozen=True, slots=True)
class Year:
    """A calendar of days: XP and mark of each, the first of them `first`, at most MOST_DAYS."""

    person: Person
    color: int
    first: str
    xp: tuple[int, ...]
    marks: tuple[Mark, ...]
    longest: int
    picture: Literal[Picture.YEAR] = Picture.YEAR


@dataclass(frozen=True, slots=True)
class Place:
    """A line of a board; who has as much has the same place."""

    place: int
    person: Person
    count: int
    level: int
    color: int


@dataclass(frozen=True, slots=True)
class Podium:
    """The first ten of a board; `title` says of what and when, `unit` what is counted ("XP")."""

    title: str
    unit: str
    places: tuple[Place, ...]
    picture: Literal[Picture.PODIUM] = Picture.PODIUM


@dataclass(frozen=True, slots=True)
class Tile:
    """A figure of this week, and the same of the week before; None where there was none."""

    name: str
    count: int
    before: int | None = None
    sign: str = ""


@dataclass(frozen=True, slots=True)
class Note:
    """A short title and a sentence."""

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Week:
    """A member's week from Monday `first`: XP of its seven days, and of the week before; up to four tiles.

    `badge` is what was won, `goal` what next week could bring.
    """

    person: Person
    color: int
    first: str
    xp: tuple[int, ...]
    xp_before: tuple[int, ...]
    tiles: tuple[Tile, ...]
    badge: Note | None = None
    goal: Note | None = None
    picture: Literal[Picture.WEEK] = Picture.WEEK


@dataclass(frozen=True, slots=True)
class Honour:
    """What somebody is named for: "Most consistent", "7 days of 7"."""

    title: str
    person: Person
    text: str


@dataclass(frozen=True, slots=True)
class FactionWeek:
    """What a faction gathered in the week, and its XP for each active member."""

    name: str
    xp: int
    average: int


@dataclass(frozen=True, slots=True)
class ServerWeek:
    """The server's week from Monday `first`; `story` is its sentence ("412 strangers were greeted this week").

    Up to four tiles and four honours; `raid` is a sentence about the raid, "" without one.
    """

    first: str
    story: str
    tiles: tuple[Tile, ...]
    factions: tuple[FactionWeek, ...] = ()
    honours: tuple[Honour, ...] = ()
    raid: str = ""
    picture: Literal[Picture.SERVER_WEEK] = Picture.SERVER_WEEK


@dataclass(frozen=True, slots=True)
class RaidState:
    """How a raid stands: `total` of `target` points by `members` people; the first three are `top`."""

    title: str
    color: int
    status: RaidStatus
    total: int
    target: int
    members: int
    top: tuple[Place, ...] = ()
    reward: int = 0
    picture: Literal[Picture.RAID] = Picture.RAID


@dataclass(frozen=True, slots=True)
class Report:
    """What leaders are told of the week from Monday `first`: up to four tiles, and how many members logged what."""

    first: str
    tiles: tuple[Tile, ...]
    logged: tuple[Amount, ...] = ()
    picture: Literal[Picture.REPORT] = Picture.REPORT


type Figures = Card | Compare | Progress | Year | Podium | Week | ServerWeek | RaidState | Report


def write(figures: Figures) -> str:
    """The figures as the function pictures is given them."""
    return json.dumps(as_dict(figures), ensure_ascii=False, separators=(",", ":"))


def people(figures: Figures) -> Iterator[Person]:
    """Everybody in the figures."""
    yield from _people(figures)


def _people(value: object) -> Iterator[Person]:
    if isinstance(value, Person):
        yield value
    elif isinstance(value, tuple):
        for each in cast("tuple[object, ...]", value):
            yield from _people(each)
    else:
        for name in getattr(value, "__match_args__", ()):
            yield from _people(getattr(value, name))
