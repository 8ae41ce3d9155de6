"""A member in front of one of our applications: what they type and tap goes the whole signed way, and comes back."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Self, cast

from devkit import command_ids
from devkit import discord_client as discord
from devkit.discord_api.schema import response_problems
from devkit.discord_client import Answer, NamedChannel, NamedRole, User
from devkit.inspection import violations
from mastermind.bot import custom_ids, entries
from mastermind.bot import registry as catalogue
from mastermind.bot.call import Services
from mastermind.bot.dispatch import Dispatch
from mastermind.bot.moderators import Moderators
from mastermind.config import DeployedSettings, DiscordSettings, GameSettings
from mastermind.deadline import Deadline
from mastermind.discord import tokens
from mastermind.discord.commands import PLAIN
from mastermind.entrypoints.endpoint import Endpoint
from mastermind.errors import Unavailable
from mastermind.game.members.pace import Limit, Pace

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from devkit.json_types import Json
    from mastermind.bot.call import CommandDatabase
    from mastermind.discord.commands import Commands

PLACE = discord.Place(application_id=1_100_000_000_000_000_001, guild_id=1_200_000_000_000_000_002)
KEY = discord.new_private_key()
TOKEN_KEY = tokens.make_private_key()
ALEX = User(1_300_000_000_000_000_003, "Alex")
SAM = User(1_300_000_000_000_000_004, "Sam")
OWNER = User(1_300_000_000_000_000_005, "Olga")
ADMIN_ROLE, MODERATOR_ROLE = 1_400_000_000_000_000_001, 1_400_000_000_000_000_002
COMMAND_IDS = command_ids.made_up(
    PLACE.application_id, (name for app in catalogue.APPS for name in catalogue.names(app))
)
"""The ids of all commands, as Discord could have given them."""
DEPLOYED = DeployedSettings(
    milestones=True,
    level_ups=True,
    raids=True,
    weeks=False,
    announcements_channel_id=0,
    moderator_role_id=MODERATOR_ROLE,
)
UNHURRIED = dict.fromkeys(Pace, Limit(100_000, 1, 100_000))
"""Limits that no test runs into by itself."""


@dataclass
class Queue:
    """Remembers what was sent, unless it is down."""

    sent: list[str] = field(default_factory=list[str])
    down: bool = False

    def send(self, message: str, deadline: Deadline) -> None:  # noqa: ARG002
        if self.down:
            raise Unavailable("the queue is down")
        self.sent.append(message)


@dataclass
class Storage:
    """Keeps what was put, unless it is down."""

    kept: dict[str, bytes] = field(default_factory=dict[str, bytes])
    headers: dict[str, Mapping[str, str]] = field(default_factory=dict[str, "Mapping[str, str]"])
    down: bool = False
    ends_down: bool = False
    """Whether it is down when the end of a deletion comes."""

    def put(self, key: str, body: bytes, deadline: Deadline, headers: Mapping[str, str] | None = None) -> None:  # noqa: ARG002
        if self.down or (self.ends_down and key.endswith("-ended.json")):
            raise Unavailable("the storage is down")
        self.kept[key] = body
        self.headers[key] = headers or {}

    def put_once(self, key: str, body: bytes, deadline: Deadline, headers: Mapping[str, str] | None = None) -> None:
        if key not in self.kept or self.down:
            self.put(key, body, deadline, headers)

    def link(self, key: str, expires: int, deadline: Deadline) -> str:  # noqa: ARG002
        return f"https://exports.example/{key}?X-Amz-Expires={expires}&X-Amz-Security-Token={'x' * 1500}"


@dataclass
class Bot:
    """One application as one member sees it; each answer is checked against Discord's limits."""

    app: str
    database: CommandDatabase
    queue: Queue = field(default_factory=Queue)
    xp_delay: int = 60
    user: User = ALEX
    answer_within: float = 60
    limits: Mapping[Pace, Limit] = field(default_factory=lambda: UNHURRIED)
    moderation: bool = True
    storage: Storage = field(default_factory=Storage)
    jobs: Queue = field(default_factory=Queue)
    notices: Queue = field(default_factory=Queue)
    nudges: Queue = field(default_factory=Queue)
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    commands: Commands = PLAIN
    edits: Queue | None = None
    """The queue by which answers get their pictures; without it there are none."""
    gives_roles: bool = True
    deployed: DeployedSettings = DEPLOYED
    moderators: Moderators | None = None
    """What a process knows of the moderators' role; None: each interaction meets another process."""
    locale: str = "en-US"
    """The language of the member's Discord."""

    def as_user(self, user: User) -> Self:
        """The same application as somebody else sees it."""
        return replace(self, user=user)

    def command(self, name: str, options: Mapping[str, discord.Value] | None = None) -> Answer:
        return self.send(discord.command(PLACE, self.user, name, options))

    def typing(self, name: str, focused: str, typed: str) -> Answer:
        return self.send(discord.autocomplete(PLACE, self.user, name, focused, {focused: typed}))

    def tap(self, answer: Answer, label: str, nth: int = 1) -> Answer:
        """Tap the button whose label begins so, or the `nth` of these."""
        return self.send(discord.component(PLACE, self.user, button(answer, label, nth), shown=answer.components))

    def press(self, custom_id: str, values: Sequence[str] | None = None) -> Answer:
        return self.send(discord.component(PLACE, self.user, custom_id, values))

    def pick(self, answer: Answer, chosen: NamedRole | NamedChannel) -> Answer:
        """Choose in Discord's own list of roles or channels."""
        kind = 6 if isinstance(chosen, NamedRole) else 8
        custom_id = next(part["custom_id"] for part in answer.parts() if part["type"] == kind)
        return self.send(discord.pick(PLACE, self.user, cast("str", custom_id), chosen))

    def choose(self, answer: Answer, value: str) -> Answer:
        return self.press(cast("str", select(answer)["custom_id"]), [value])

    def fill(self, form: Answer, fields: Mapping[str, discord.Written]) -> Answer:
        """Send off a form with these fields filled in and its others empty."""
        return self.send(self.filled(form, fields))

    def filled(self, form: Answer, fields: Mapping[str, discord.Written]) -> Json:
        """What Discord sends for it; the same twice is a repeated delivery."""
        data = cast("Json", form.body["data"])
        boxes = [cast("str", part["custom_id"]) for part in form.parts() if "custom_id" in part]
        names = [entries.base_of(box) for box in boxes]
        assert set(fields) <= set(names), f"the form has the fields {names}"
        filled = {box: fields.get(name, "") for box, name in zip(boxes, names, strict=True)}
        return discord.modal(PLACE, self.user, cast("str", data["custom_id"]), filled)

    def send(self, payload: Json) -> Answer:
        spoken = payload | {"locale": self.locale} if "locale" in payload else payload
        body = json.dumps(spoken).encode()
        headers = discord.signed_headers(KEY, body, time.time())
        event = {"httpMethod": "POST", "path": f"/interactions/{self.app}", "headers": headers, "body": body.decode()}
        began = time.perf_counter()
        response = self._endpoint().serve(event, Deadline.after(self.answer_within))
        seconds = time.perf_counter() - began
        kind = cast("Mapping[str, str]", response["headers"])["content-type"]
        shown, files = discord.read_answer(kind, cast("str", response["body"]).encode())
        status = cast("int", response["statusCode"])
        if status == 200:
            assert violations(shown, cast("int", payload["type"])) == []
            assert response_problems(shown) == []
        return Answer(status, shown, seconds, files)

    def _endpoint(self) -> Endpoint:
        public_key = discord.public_key(KEY)
        settings = DiscordSettings(
            PLACE.application_id, public_key, PLACE.guild_id or 0, ADMIN_ROLE, MODERATOR_ROLE, OWNER.id
        )
        game = GameSettings(
            self.xp_delay,
            "America/New_York",
            self.limits,
            self.moderation,
            gives_roles=self.gives_roles and self.app == "main",
        )
        dispatch = Dispatch(self.app, self.moderators or Moderators(settings), partial(catalogue.find, self.app))

        def services(deadline: Deadline) -> Services:
            storage, jobs, edits = (lambda: self.storage), (lambda: self.jobs), self.edits
            return Services(
                lambda: self.database,
                lambda: self.queue,
                lambda: self.notices,
                game,
                deadline,
                storage,
                jobs,
                lambda: self.nudges,
                token_key=None if edits is None else bytes.fromhex(tokens.public_key_of(TOKEN_KEY)),
                edits=None if edits is None else lambda: edits,
                deployed=lambda: self.deployed,
                clock=self.clock,
            )

        return Endpoint(dispatch, services, commands=self.commands)


def unrevised(answer: Answer) -> Json:
    """What an answer says and offers, whichever interaction it answers: its custom_ids without their revision."""
    return json.loads(json.dumps(answer.body), object_hook=_without_revision)


def _without_revision(part: Json) -> Json:
    found = custom_ids.read(str(part.get("custom_id", "")))
    return part | {"custom_id": str(replace(found, revision=""))} if found else part


def button(answer: Answer, label: str, nth: int = 1) -> str:
    """The custom_id of the first button that can be tapped and whose label begins so, or of the `nth`."""
    return [custom_id for shown, custom_id in answer.buttons if shown.startswith(label)][nth - 1]


def labels(answer: Answer) -> list[str]:
    return [label for label, _ in answer.buttons]


def select(answer: Answer) -> Json:
    return next(part for part in answer.parts() if part["type"] == 3)
