"""A small application for tests of dispatch: commands that succeed, refuse and fail on request."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

from devkit import discord_client as discord
from devkit.discord_api.schema import response_problems
from devkit.discord_client import User
from devkit.inspection import violations
from mastermind.bot.call import Services
from mastermind.bot.commands import Command, Form, Option, OptionType, Subcommand
from mastermind.bot.dispatch import Dispatch
from mastermind.bot.moderators import Moderators
from mastermind.config import DiscordSettings, GameSettings
from mastermind.deadline import Deadline
from mastermind.discord.components import Text
from mastermind.discord.fields import Label, TextInput
from mastermind.discord.permissions import ADMINISTRATOR, BAN_MEMBERS, MANAGE_GUILD, MODERATE_MEMBERS
from mastermind.discord.replies import Choice, Choices, Message, Modal, Update, say
from mastermind.entrypoints.endpoint import Endpoint
from mastermind.errors import BadArgument, MemberMistake, OutcomeUnknown, Unavailable
from mastermind.game.members.authority import Access
from tests.discord.signing import PUBLIC_KEY, signed_event

if TYPE_CHECKING:
    from collections.abc import Callable

    from devkit.json_types import Json
    from mastermind.bot.call import Call
    from mastermind.discord.replies import Reply
    from mastermind.postgres.connection import Connection

PLACE = discord.Place(application_id=11, guild_id=22)
ALEX, SAM = User(101, "Alex"), User(102, "Sam")
MODERATOR, BANNER = User(103, permissions=MODERATE_MEMBERS), User(104, permissions=BAN_MEMBERS)
ADMIN, MANAGER = User(105, permissions=ADMINISTRATOR), User(106, permissions=MANAGE_GUILD)
WITH_ADMIN_ROLE, WITH_MODERATOR_ROLE, OWNER = User(107, roles=(55,)), User(109, roles=(56,)), User(108)
SETTINGS = DiscordSettings(
    PLACE.application_id, PUBLIC_KEY, 22, admin_role_id=55, moderator_role_id=56, owner_id=OWNER.id
)


class NoDatabase:
    """What these commands have no use for."""

    def run[T](self, work: Callable[[Connection], T], deadline: Deadline) -> T:  # noqa: ARG002
        raise Unavailable("there is none")


class NoQueue:
    def send(self, message: str, deadline: Deadline) -> None:  # noqa: ARG002
        raise Unavailable(f"there is none for {message}")


def services(deadline: Deadline) -> Services:
    return Services(NoDatabase, NoQueue, NoQueue, GameSettings(60, "America/New_York"), deadline)


def _do(call: Call) -> Reply:
    match call.text("what", "speak"):
        case "refuse":
            raise MemberMistake("Not like this, but like that.")
        case "mumble":
            raise MemberMistake("")
        case "lecture":
            raise MemberMistake("blah" * 2000)
        case "nonsense":
            raise BadArgument("nonsense")
        case "ask":
            return say(call.services.run(lambda _: "never"))
        case "break":
            raise ZeroDivisionError("a bug")
        case "overflow":
            return Message((Text("ä" * 3999), Text("ö" * 3999)))
        case word:
            return say(f"{word} {call.whole('times', 1)} {call.flag('loud')} {call.user('friend')}")


def _suggest(call: Call) -> Choices:
    if call.typed == "break":
        raise ZeroDivisionError("a bug")
    if call.typed == "nonsense":
        raise BadArgument("nonsense")
    return Choices((Choice(f"{call.typed}!", call.typed),))


def _update(call: Call) -> Reply:
    return Update((Text(f"updated {call.whole_argument(0)} {','.join(call.interaction.values)}"),))


def _form(call: Call) -> Reply:
    return Modal(call.custom_id("submit", key=call.interaction.id), "Form", (Label("Words", TextInput("words")),))


def _submit(call: Call) -> Reply:
    match call.field("words"):
        case "wrong":
            raise MemberMistake("Not these words.")
        case "lost":
            raise OutcomeUnknown("no answer")
        case words:
            return say(f"got {words} under {call.actor.key}")


def _break(call: Call) -> Reply:
    raise ZeroDivisionError(call.argument(0))


DO = Command(
    "do",
    "Does it",
    _do,
    options=(
        Option("what", "What", autocomplete=_suggest, max_length=8),
        Option("times", "How often", OptionType.INTEGER, min_value=1, max_value=3),
        Option("loud", "Whether", OptionType.BOOLEAN),
        Option("friend", "With whom", OptionType.USER),
        Option("kind", "Which", choices=(Choice("a", "a"), Choice("b", "b"))),
    ),
    components={"update": _update, "break": _break, "write": _form},
    modals={"submit": Form(_submit, opener="write")},
)
NEEDS = Command("needs", "Needs a word", _do, options=(Option("what", "What", required=True),))
FORM = Command("form", "Opens a form", lambda call: Modal(call.custom_id("submit"), "Form", ()))
RULE = Command(
    "rule",
    "Rules",
    subcommands=(
        Subcommand("warn", "Warns", lambda _: say("warned"), components={"again": lambda _: say("again")}),
        Subcommand(
            "ban",
            "Bans",
            lambda _: say("banned"),
            access=Access.ADMIN,
            components={"lift": lambda _: say("lifted")},
            modals={"reason": Form(lambda call: say(f"because {call.field('words')}"), opener="lift")},
        ),
    ),
    access=Access.MODERATOR,
)
SHELF = Command(
    "shelf",
    "Shelf",
    subcommands=(
        Subcommand(
            "read", "Reads", lambda _: say("read"), access=Access.EVERYONE, components={"leaf": lambda _: say("leafed")}
        ),
        Subcommand("count", "Counts", lambda _: say("counted"), components={"recount": lambda _: say("recounted")}),
    ),
    access=Access.MODERATOR,
)
COMMANDS = {command.name: command for command in (DO, NEEDS, FORM, RULE, SHELF)}


@dataclass(frozen=True, slots=True)
class Answered:
    """Status and JSON of a response; what Discord would refuse never gets here."""

    status: int
    json: Json

    @property
    def text(self) -> str:
        return discord.Answer(self.status, self.json, 0.0).text

    @property
    def type(self) -> int:
        return cast("int", self.json["type"])

    @property
    def is_private(self) -> bool:
        return discord.Answer(self.status, self.json, 0.0).is_private


def endpoint(*, health: Callable[[Deadline], Json] | None = None, key: bytes = PUBLIC_KEY) -> Endpoint:
    settings = replace(SETTINGS, public_key=key)
    moderators = Moderators(settings)
    moderators.note(0)  # as a process that has read a moment ago that the deploy's role is in force
    return Endpoint(Dispatch("main", moderators, COMMANDS.get), services, health)


def send(payload: Json) -> Answered:
    """What comes back for an interaction, signed."""
    answered = serve(signed_event(payload))
    if answered.status == 200:
        assert violations(answered.json, cast("int", payload["type"])) == []
        assert response_problems(answered.json) == []
    return answered


def serve(event: object, app: Endpoint | None = None) -> Answered:
    response = (app or endpoint()).serve(event, Deadline.after(60))
    body = cast("str", response["body"])
    return Answered(cast("int", response["statusCode"]), json.loads(body) if body else {})


def command(name: str, options: dict[str, discord.Value] | None = None, user: User = ALEX) -> Answered:
    return send(discord.command(PLACE, user, name, options))


def press(custom_id: str, values: list[str] | None = None, user: User = ALEX) -> Answered:
    return send(discord.component(PLACE, user, custom_id, values))
