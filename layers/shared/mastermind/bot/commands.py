"""How a slash command is declared: once, as the constant COMMAND of the file that is named after it.

From the declaration it is found (`bot.registry`), registered (`bot.registration`), run (`bot.dispatch`), explained by
/help and documented in docs/Commands.md.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mastermind.bot.call import Call
    from mastermind.discord.replies import Choice, Choices, Reply
    from mastermind.game.members.pace import Pace

type Handler = Callable[[Call], Reply]
type Autocomplete = Callable[[Call], Choices]


class Access(IntEnum):
    """Who may use a command; whoever has more may use what asks for less (docs/rules/access.md, Who)."""

    EVERYONE = 0
    MODERATOR = 1
    ADMIN = 2


class OptionType(IntEnum):
    """The types of an option that we use, with Discord's numbers."""

    STRING = 3
    INTEGER = 4
    BOOLEAN = 5
    USER = 6


@dataclass(frozen=True, slots=True)
class Option:
    """One option of a command. A `USER` arrives as the id; `choices` and `autocomplete` exclude each other."""

    name: str
    description: str
    type: OptionType = OptionType.STRING
    required: bool = False
    choices: tuple[Choice, ...] = ()
    min_value: int | None = None
    max_value: int | None = None
    min_length: int | None = None
    max_length: int | None = None
    autocomplete: Autocomplete | None = None


def _nothing() -> Mapping[str, Handler]:
    return {}


def _no_paces() -> Mapping[str, Pace]:
    return {}


@dataclass(frozen=True, slots=True)
class Subcommand:
    """One of several things a command does: `/name subcommand`. Without `access` it asks for what its command asks.

    Its `components` and `modals` are those of its own messages: whoever uses one needs the access of the subcommand,
    not merely that of the command. Without `pace` it has that of its command; `paces` are those of single actions.
    """

    name: str
    description: str
    run: Handler
    options: tuple[Option, ...] = ()
    access: Access | None = None
    components: Mapping[str, Handler] = field(default_factory=_nothing)
    modals: Mapping[str, Handler] = field(default_factory=_nothing)
    pace: Pace | None = None
    paces: Mapping[str, Pace] = field(default_factory=_no_paces)


@dataclass(frozen=True, slots=True)
class Command:
    """A slash command with everything that belongs to it.

    It has either `run` and `options`, or `subcommands`. `components` (buttons and selects) and `modals` lead from the
    action word of a custom_id to what it does; where there are subcommands each has its own. `private` says how its
    answer is meant to be seen; `help` is a few sentences for /help and docs/Commands.md.

    `pace` is the limit that a use counts against (Pace.ADMIN or Pace.OTHER, by its access, when it is left out), and
    that of its actions too, but for those that `paces` names by their action word.
    """

    name: str
    description: str
    run: Handler | None = None
    options: tuple[Option, ...] = ()
    subcommands: tuple[Subcommand, ...] = ()
    access: Access = Access.EVERYONE
    private: bool = True
    components: Mapping[str, Handler] = field(default_factory=_nothing)
    modals: Mapping[str, Handler] = field(default_factory=_nothing)
    help: str = ""
    pace: Pace | None = None
    paces: Mapping[str, Pace] = field(default_factory=_no_paces)
