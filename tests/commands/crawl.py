"""One person who tries everything: types each command, taps each button, sends each form, and notes what it cost.

Every declared command is found automatically; only the values that a command needs are listed in WORDS.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from devkit import discord_client as discord
from mastermind.bot import custom_ids, entries
from mastermind.bot import registry as catalogue
from mastermind.bot.commands import OptionType
from tests.commands.playing import PLACE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from devkit.discord_client import Answer
    from devkit.json_types import Json
    from mastermind.bot.commands import Command, Option, Subcommand
    from tests.commands.playing import Bot
    from tests.round_trips import Traced

MODAL = 9
POSTED = {"admin home", "start", "submit-stats", "tenseylist", "tenseyleaderboard", "today"}
"""Commands that messages in a channel have a button for (ops.buttons)."""
PICKED = {6: discord.NamedRole(7_100), 8: discord.NamedChannel(6_100)}
"""What is chosen in Discord's own lists, by their type."""
BROKEN = ("Something went wrong", "can't reach its database", "Too fast")


@dataclass(frozen=True, slots=True)
class Visit:
    """What was done, the answer, and the round trips to the database that it took."""

    what: str
    answer: Answer
    trips: int


@dataclass
class Crawl:
    """Everything that can be done in one application.

    `words` says what options and fields are filled with, `mistakes` what fields are filled with first, to be refused.
    """

    bot: Bot
    database: Traced
    words: Mapping[str, discord.Value]
    mistakes: Mapping[str, str] = field(default_factory=dict[str, str])
    visits: list[Visit] = field(default_factory=list[Visit])
    tried: set[str] = field(default_factory=set[str])

    def everything(self) -> None:
        """Each command in each way it can be typed, posted buttons, and what all of their answers lead to.

        `/start` comes first, too: it asks for what `/settings` sets.
        """
        commands = catalogue.commands(self.bot.app)
        for command in (*(each for each in commands if each.name == "start"), *commands):
            self.command(command)
            for typed in [typed for typed, _ in lines(command) if typed in POSTED]:
                posted = custom_ids.make(typed.replace(" ", "."), "open", 0)
                self._follow(self._do(f"/{typed}, open", discord.component(PLACE, self.bot.user, posted)))

    def command(self, command: Command) -> None:
        for typed, options in lines(command):
            for given in self._ways(typed, options):
                self._follow(self._do(_described(typed, given), discord.command(PLACE, self.bot.user, typed, given)))

    def _ways(self, typed: str, options: tuple[Option, ...]) -> Iterator[dict[str, discord.Value]]:
        """With the required options only; with each further option alone; and with each of its choices."""
        needed = {option.name: self._value(typed, option) for option in options if option.required}
        yield needed
        for option in options:
            values = [choice.value for choice in option.choices] or [self._value(typed, option)]
            yield from ({**needed, option.name: value} for value in values)

    def _value(self, typed: str, option: Option) -> discord.Value:
        for name in (f"{typed} {option.name}", option.name):
            if name in self.words:
                return self.words[name]
        if option.autocomplete:
            payload = discord.autocomplete(PLACE, self.bot.user, typed, option.name, {option.name: ""})
            offered = self._do(f"/{typed}, typing {option.name}", payload).choices
            return cast("discord.Value", offered[0]["value"]) if offered else "a"
        match option.type:
            case OptionType.INTEGER:
                return option.min_value or 1
            case OptionType.BOOLEAN:
                return True
            case OptionType.ROLE:
                return discord.NamedRole(7)
            case _:
                return cast("discord.Value", option.choices[0].value) if option.choices else "a"

    def _follow(self, answer: Answer) -> None:
        """Every button, select and form that has not been tried yet, and what those lead to."""
        if answer.kind == MODAL:
            self._send(answer)
            return
        for part in list(answer.parts()):
            custom_id = cast("str", part.get("custom_id", ""))
            found = custom_ids.read(custom_id)
            if found is None or part.get("disabled"):
                continue
            what = f"/{found.path.replace('.', ' ')}, {found.action}"
            if what not in self.tried:
                self.tried.add(what)
                self._follow(self._do(what, self._used(part, custom_id)))

    def _used(self, part: Json, custom_id: str) -> Json:
        """A tap on a button, or a choice in a select: its first option, or somebody's role or channel."""
        if part["type"] in PICKED:
            return discord.pick(PLACE, self.bot.user, custom_id, PICKED[cast("int", part["type"])])
        return discord.component(PLACE, self.bot.user, custom_id, _choice(part))

    def _send(self, form: Answer) -> None:
        data = cast("Json", form.body["data"])
        custom_id = cast("str", data["custom_id"])
        found = custom_ids.read(custom_id)
        assert found is not None
        what = f"/{found.path.replace('.', ' ')}, form {found.action}"
        if what not in self.tried:
            self.tried.add(what)
            filled = {name: self._written(found.path.replace(".", " "), name) for name in fields(data)}
            if mistakes := self.mistakes.keys() & filled.keys():
                wrong = filled | {name: self.mistakes[name] for name in mistakes}
                self._follow(self._do(what, discord.modal(PLACE, self.bot.user, custom_id, wrong)))
            self._follow(self._do(what, discord.modal(PLACE, self.bot.user, custom_id, filled)))

    def _written(self, command: str, name: str) -> str:
        name = entries.base_of(name)
        return str(self.words.get(f"{command} {name}", self.words.get(name, "1")))

    def _do(self, what: str, payload: Json) -> Answer:
        before = self.database.trips
        answer = self.bot.send(payload)
        assert answer.status == 200, what
        assert not any(words in answer.text for words in BROKEN), f"{what}: {answer.text}"
        self.visits.append(Visit(what, answer, self.database.trips - before))
        return answer


def lines(command: Command) -> Iterator[tuple[str, tuple[Option, ...]]]:
    if command.run:
        yield command.name, command.options
    for subcommand in command.subcommands:
        yield f"{command.name} {subcommand.name}", subcommand.options


def _described(typed: str, given: Mapping[str, discord.Value]) -> str:
    return f"/{typed}" + "".join(f" {name}" for name in given)


def _choice(part: Json) -> list[str] | None:
    """The first option of a select; None for a button."""
    if part["type"] == 2:
        return None
    return [cast("str", cast("list[Json]", part["options"])[0]["value"])]


def fields(data: Json) -> list[str]:
    """The custom_ids of a form's fields."""
    labels = cast("list[Json]", data["components"])
    return [cast("str", cast("Json", label["component"])["custom_id"]) for label in labels if "component" in label]


def declared(app: str) -> set[str]:
    """Every line, button, select and form of an application, named as a visit names them."""
    found = set[str]()
    for command in catalogue.commands(app):
        found |= {f"/{line}" for line, _ in lines(command)}
        parts: dict[str, Command | Subcommand] = {command.name: command}
        parts |= {f"{command.name} {subcommand.name}": subcommand for subcommand in command.subcommands}
        for path, part in parts.items():
            found |= {f"/{path}, {action}" for action in part.components}
            found |= {f"/{path}, form {action}" for action in part.modals}
    return found
