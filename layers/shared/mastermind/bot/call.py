"""What a command receives: the caller, their input, and the services it may use."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Concatenate, Protocol

from mastermind.bot import custom_ids, entries
from mastermind.bot.access import access_of, subject_of
from mastermind.discord.interactions import InteractionType
from mastermind.discord.wire import BIGGEST_ID
from mastermind.errors import BadArgument, Unavailable
from mastermind.game.members.authority import Access
from mastermind.game.members.pace import Charge, Pace
from mastermind.game.members.rules import Actor, Waiting
from mastermind.game.tokens.rules import Token
from mastermind.typed import is_visible

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from uuid import UUID

    from mastermind.bot.custom_ids import CustomId
    from mastermind.config import DeployedSettings, DiscordSettings, GameSettings
    from mastermind.deadline import Deadline
    from mastermind.discord.interactions import FieldValue, Interaction, Person, Role
    from mastermind.game.for_you.rules import Kind
    from mastermind.game.members.rules import Subject
    from mastermind.postgres.connection import Connection


log = logging.getLogger(__name__)


class CommandDatabase(Protocol):
    """The database as commands use it: `run` does `work` on a connection before the deadline, or raises Unavailable."""

    def run[T](self, work: Callable[[Connection], T], deadline: Deadline) -> T: ...


class CommandQueue(Protocol):
    """A queue that another function reads; `send` raises Unavailable on failure."""

    def send(self, message: str, deadline: Deadline) -> None: ...


class Storage(Protocol):
    """Storage for files that are not attached to an answer: all raise Unavailable.

    `put_once` keeps an object that is already there. A link expires in seconds.
    """

    def put(self, key: str, body: bytes, deadline: Deadline, headers: Mapping[str, str] | None = None) -> None: ...
    def put_once(self, key: str, body: bytes, deadline: Deadline, headers: Mapping[str, str] | None = None) -> None: ...
    def link(self, key: str, expires: int, deadline: Deadline) -> str: ...


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Services:
    """Every external service a command may use, each loaded on first use; built by `entrypoints`.

    Tensey has no storage, no queue of jobs and none of nudges. `token_key` encrypts interaction tokens; a rehearsal has
    none, and stores no token. `edits` is the queue that adds pictures to answers, None without pictures. `deployed` are
    the defaults of what admins may choose, which only they see.
    """

    database: Callable[[], CommandDatabase]
    awards: Callable[[], CommandQueue]
    notices: Callable[[], CommandQueue]
    game: GameSettings
    deadline: Deadline
    storage: Callable[[], Storage] | None = None
    jobs: Callable[[], CommandQueue] | None = None
    nudges: Callable[[], CommandQueue] | None = None
    token_key: bytes | None = None
    edits: Callable[[], CommandQueue] | None = None
    deployed: Callable[[], DeployedSettings] | None = None
    clock: Callable[[], datetime] = _utc_now

    def run[T](self, work: Callable[[Connection], T]) -> T:
        """The result of `work`, run on the database within this invocation's deadline; raises Unavailable."""
        return self.database().run(work, self.deadline)


@dataclass(frozen=True, slots=True)
class Call:
    """One use of a command, a button, a select, a modal or an autocomplete.

    `pressed` is the custom_id that was used (untrusted); for a typed command it holds only the path. `pace` is the rate
    limit this use counts against. `waiting` is what the caller has not read yet.
    """

    app: str
    pressed: CustomId
    interaction: Interaction
    caller: Person
    settings: DiscordSettings
    services: Services
    pace: Pace = Pace.OTHER
    waiting: Waiting = field(default_factory=Waiting)

    @property
    def access(self) -> Access:
        """The caller's access; in a direct message Discord does not send their roles, so they count as a member."""
        if self.interaction.guild_id is None:
            return Access.EVERYONE
        return access_of(self.caller, self.settings)

    @property
    def actor(self) -> Actor:
        """The caller as every action takes them, with the charge for this use; autocomplete makes nobody a member."""
        game = self.services.game
        charge = Charge(self.pace, game.limits[self.pace])
        caller = self.caller
        return Actor(
            caller.user_id,
            caller.display_name,
            self.interaction.id,
            game.time_zone,
            charge,
            nonce=self.pressed.key,
            access=self.access,
            joins=self.interaction.kind is not InteractionType.AUTOCOMPLETE,
            avatar=caller.avatar if self.draws else None,
            role_ids=caller.role_ids if game.gives_roles and self.interaction.guild_id is not None else None,
            waiting=self.waiting,
        )

    @property
    def draws(self) -> bool:
        """Whether this answer can get a picture."""
        return self.services.edits is not None

    def shows(self, kind: Kind) -> None:
        """This answer itself shows the caller's news of that kind: it needs no line on top, and counts as read."""
        self.waiting.read.add(kind)

    def welcomes(self) -> None:
        """This answer has the caller's figures: after an absence a welcome comes above them."""
        self.waiting.welcomes = True

    def subject(self, user_id: int) -> Subject:
        """The target of an act, with Discord's data about them in this interaction."""
        return subject_of(user_id, self.interaction.users.get(user_id), self.settings)

    def text(self, option: str, default: str = "") -> str:
        """A STRING option, stripped; the default when it shows nothing, BadArgument when it has another type."""
        value = self._option(option, str, default).strip()
        return value if is_visible(value) else default

    def whole(self, option: str, default: int = 0) -> int:
        """An INTEGER option; BadArgument when it has another type."""
        return self._option(option, int, default)

    def flag(self, option: str, *, default: bool = False) -> bool:
        """A BOOLEAN option; BadArgument when it has another type."""
        return self._option(option, bool, default)

    def user(self, option: str) -> int | None:
        """The id of a USER option, None when it was not given."""
        return self._option(option, int, 0) or None

    def role(self, option: str) -> Role:
        """The role of a ROLE option, as Discord describes it; BadArgument when it was not given."""
        try:
            return self.interaction.roles[self._option(option, int, 0)]
        except KeyError:
            raise BadArgument(f"option {option} names no role") from None

    @property
    def typed(self) -> str:
        """The text typed so far in the option that is being completed."""
        return str(self.interaction.options.get(self.interaction.focused or "", ""))

    def field(self, name: str) -> str:
        """A text field of the submitted modal, stripped; empty when there is none, or when it shows nothing."""
        value = self._fields.get(name, (name, ""))[1]
        words = value.strip() if isinstance(value, str) else ",".join(value)
        return words if is_visible(words) else ""

    def opened_with(self, name: str) -> str | None:
        """The state that a field of the submitted modal was opened with; None when there is none."""
        return entries.state_of(self._fields.get(name, (name, ""))[0])

    @property
    def field_names(self) -> frozenset[str]:
        """The names of the submitted modal's fields."""
        return frozenset(self._fields)

    @property
    def _fields(self) -> dict[str, tuple[str, FieldValue]]:
        """The custom_id and the value of each field of the submitted modal, by its name."""
        fields = self.interaction.fields.items()
        return {entries.base_of(custom_id): (custom_id, value) for custom_id, value in fields}

    def argument(self, place: int) -> str:
        """An argument of the custom_id; BadArgument when it is missing."""
        try:
            return self.pressed.arguments[place]
        except IndexError:
            raise BadArgument(f"custom_id without argument {place}") from None

    def whole_argument(self, place: int) -> int:
        """A whole number among the arguments of the custom_id; BadArgument when it is not one, or exceeds any id."""
        value = custom_ids.from_base62(self.argument(place))
        if value is None or value > BIGGEST_ID:
            raise BadArgument(f"argument {place} of the custom_id is not a whole number")
        return value

    def uuid_argument(self, place: int) -> UUID:
        """A UUID among the arguments of the custom_id, written as a whole number; BadArgument when it is not one."""
        value = custom_ids.from_base62(self.argument(place))
        if value is None or value >= 1 << 128:
            raise BadArgument(f"argument {place} of the custom_id is not a UUID")
        from uuid import UUID  # no PING needs it

        return UUID(int=value)

    @property
    def key(self) -> int:
        """The idempotency key of this use: the custom_id's key, else the interaction's id."""
        return self.pressed.key or self.interaction.id

    def custom_id(self, action: str, *arguments: str | int, path: str = "", key: int = 0) -> str:
        """A custom_id for an action that only this caller may use, on this command or the one at `path`."""
        return self._custom_id(path, action, self.caller.user_id, arguments, key)

    def shared_custom_id(self, action: str, *arguments: str | int, path: str = "") -> str:
        """A custom_id for an action that anybody may use, on this command or the one at `path`."""
        return self._custom_id(path, action, 0, arguments, 0)

    def _custom_id(self, path: str, action: str, owner: int, arguments: tuple[str | int, ...], key: int) -> str:
        revision = custom_ids.revision_of(self.interaction.id)
        return custom_ids.make(path or self.pressed.path, action, owner, *arguments, revision=revision, key=key)

    @property
    def now(self) -> datetime:
        """The current time in UTC. The database decides which day that is for a member."""
        return self.services.clock()

    def run[**Arguments, T](
        self,
        action: Callable[Concatenate[Connection, Actor, Arguments], T],
        /,
        *args: Arguments.args,
        **kwargs: Arguments.kwargs,
    ) -> T:
        """The result of one of the game's actions, done by the caller; raises the action's errors and Unavailable."""
        return self.services.run(lambda conn: action(conn, self.actor, *args, **kwargs))

    @property
    def token(self) -> Token | None:
        """The interaction's token, encrypted, with the revision of its answer; None if it may not be stored."""
        if self.services.token_key is None or not self.interaction.token:
            return None
        from mastermind.discord import tokens  # few commands keep one

        sealed = tokens.seal(self.interaction.token, self.services.token_key)
        return Token(sealed, custom_ids.revision_of(self.interaction.id))

    def nudge(self) -> None:
        """Have relay check the outbox at once, after the commit; a lost nudge costs a minute."""
        if self.services.nudges is None:
            return
        try:
            self.services.nudges().send("due", self.services.deadline)
        except Unavailable as error:
            log.warning("relay was not nudged", extra={"reason": str(error)})

    def send_award(self, award_id: UUID) -> None:
        """Queue the award, to be applied when it is due; raises Unavailable."""
        self.services.awards().send(str(award_id), self.services.deadline)

    def send_job(self, message: str) -> None:
        """Queue a job for another function; raises Unavailable, also where no job queue is configured."""
        if self.services.jobs is None:
            raise Unavailable("no queue of jobs is configured")
        self.services.jobs().send(message, self.services.deadline)

    def store(self, key: str, body: bytes, headers: Mapping[str, str]) -> None:
        """Store a file that is not attached to an answer; raises Unavailable, also where no storage is configured."""
        self._storage().put(key, body, self.services.deadline, headers)

    def store_once(self, key: str, body: bytes, headers: Mapping[str, str]) -> None:
        """As `store`, unless there is a file already: that one stays."""
        self._storage().put_once(key, body, self.services.deadline, headers)

    def link(self, key: str, expires: int) -> str:
        """A URL of that file that expires in `expires` seconds; raises as `store`."""
        return self._storage().link(key, expires, self.services.deadline)

    def _storage(self) -> Storage:
        if self.services.storage is None:
            raise Unavailable("no storage is configured")
        return self.services.storage()

    def _option[T](self, option: str, kind: type[T], default: T) -> T:
        value = self.interaction.options.get(option, default)
        if type(value) is not kind:
            raise BadArgument(f"option {option} has the wrong type")
        return value
