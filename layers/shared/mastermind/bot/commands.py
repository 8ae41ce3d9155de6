"""How a slash command is declared: once, as the constant COMMAND of the file named after it.

From the declaration it is found (`bot.registry`), registered (`bot.registration`), run (`bot.dispatch`), explained by
/help and documented in docs/Commands.md.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING

from mastermind.game.members.authority import Access

if TYPE_CHECKING:
    from mastermind.bot.call import Call
    from mastermind.discord.replies import Choice, Choices, Reply
    from mastermind.game.members.pace import Pace

type Handler = Callable[[Call], Reply]
type Autocomplete = Callable[[Call], Choices]


class OptionType(IntEnum):
    """The option types we use, with Discord's numbers."""

    STRING = 3
    INTEGER = 4
    BOOLEAN = 5
    USER = 6
    ROLE = 8


@dataclass(frozen=True, slots=True)
class Option:
    """One option of a command. A `USER` or a `ROLE` arrives as an id.

    `choices` and `autocomplete` are mutually exclusive.
    """

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

    @property
    def is_typed(self) -> bool:
        """Whether members type into it by hand, which is also possible where values are suggested."""
        return self.type in {OptionType.STRING, OptionType.INTEGER} and not self.choices


@dataclass(frozen=True, slots=True)
class Form:
    """The handler of a submitted form, the component that opens it, and the arguments of the form's own custom_id."""

    send: Handler
    opener: str


def _no_handlers() -> Mapping[str, Handler]:
    return {}


def _no_forms() -> Mapping[str, Form]:
    return {}


def _no_groups() -> Mapping[str, str]:
    return {}


def _no_paces() -> Mapping[str, Pace]:
    return {}


@dataclass(frozen=True, slots=True)
class Subcommand:
    """One subcommand of a command: `/name subcommand`, or `/name group subcommand` if its name is two words.

    Without `access` it needs the access of its command.

    `components` and `modals` belong to its own messages: using one needs the access of the subcommand, not merely that
    of the command. Without `pace` it has that of its command; `paces` sets the pace of single actions.
    """

    name: str
    description: str
    run: Handler
    options: tuple[Option, ...] = ()
    access: Access | None = None
    components: Mapping[str, Handler] = field(default_factory=_no_handlers)
    modals: Mapping[str, Form] = field(default_factory=_no_forms)
    pace: Pace | None = None
    paces: Mapping[str, Pace] = field(default_factory=_no_paces)


@dataclass(frozen=True, slots=True)
class Command:
    """A slash command with everything that belongs to it.

    It has either `run` and `options`, or `subcommands`; `groups` describe the groups of these, by their names.

    `components` (buttons and selects) and `modals` map the action of a custom_id to its handler; where there are
    subcommands each has its own. `private` says whether only the caller sees the answer; `help` is a few sentences for
    /help and docs/Commands.md.

    `pace` is the rate limit that a use counts against (by default Pace.ADMIN or Pace.OTHER, depending on its access).
    Its actions count against it too, except those listed in `paces`. `direct` are the actions that can also be used in
    a direct message that the game has sent.
    """

    name: str
    description: str
    run: Handler | None = None
    options: tuple[Option, ...] = ()
    subcommands: tuple[Subcommand, ...] = ()
    groups: Mapping[str, str] = field(default_factory=_no_groups)
    access: Access = Access.EVERYONE
    private: bool = True
    components: Mapping[str, Handler] = field(default_factory=_no_handlers)
    modals: Mapping[str, Form] = field(default_factory=_no_forms)
    help: str = ""
    pace: Pace | None = None
    paces: Mapping[str, Pace] = field(default_factory=_no_paces)
    direct: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Listed:
    """A command as /help lists it (`bot.listing`).

    `access` is the least that any part of it needs; each subcommand has its own.
    """

    app: str
    name: str
    access: Access
    description: str
    subcommands: tuple[tuple[str, Access], ...] = ()
