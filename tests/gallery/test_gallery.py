"""Every message that people can see: played, checked, and held against what the gallery of the page shows."""

from __future__ import annotations

import json
import re
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast

import pytest

from devkit import discord_client as discord
from devkit.discord_client import User
from mastermind.bot import registry as catalogue
from mastermind.bot.commands import Access, OptionType
from mastermind.bot.dispatch import DIRECT_MESSAGE, WHO, WRONG_APPLICATION, WRONG_SERVER
from mastermind.discord.limits import BUTTON_LABEL_READS_WELL
from mastermind.discord.permissions import ADMINISTRATOR
from mastermind.entrypoints.endpoint import UNAVAILABLE
from mastermind.game.members.pace import Limit, Pace
from mastermind.postgres.connection import Database
from tests.commands.playing import ALEX, PLACE
from tests.gallery.scenes import FILE, play, written
from tests.gallery.stage import NOON, Stage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from devkit.discord_client import Answer
    from devkit.json_types import Json
    from mastermind.bot.commands import Command, Option, Subcommand
    from tests.gallery.stage import Act, Player, Scene

MOMENT = re.compile(r"<t:(\d+):")
ADA = User(1_300_000_000_000_000_010, "Ada", ADMINISTRATOR)
HASTY = dict.fromkeys(Pace, Limit(1, 3600, 1))
ANSWERS_WITHOUT_A_DATABASE = {"/help", "/security health", "/privacy delete", "/course ask"}
"""Health says so itself; the last two only ask something back."""


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with closing(Stage(tmp_path_factory.mktemp("stage"))) as stage:
        yield stage


@pytest.fixture(scope="module")
def scenes(stage: Stage) -> list[Scene]:
    return play(stage)


@pytest.fixture
def act(stage: Stage) -> Iterator[Act]:
    with stage.act() as act:
        yield act


# --- the file ---


def test_the_gallery_shows_what_the_game_says(scenes: list[Scene]):
    shown, played = FILE.read_text(encoding="utf-8").splitlines(), written(scenes).splitlines()
    differing = [f"- {before}\n+ {now}" for before, now in zip(shown, played, strict=False) if before != now]
    assert not differing, "run make gallery, look at what has changed, and commit it:\n" + "\n".join(differing[:3])
    assert len(shown) == len(played), "run make gallery, look at what has changed, and commit it"


def test_nothing_in_it_depends_on_when_it_was_played(scenes: list[Scene]):
    moments = [int(found) for scene in scenes for found in MOMENT.findall(json.dumps(scene.data))]
    assert moments
    assert all(abs(moment - NOON.timestamp()) < timedelta(days=60).total_seconds() for moment in moments)


def test_no_two_scenes_have_the_same_name_and_state(scenes: list[Scene]):
    names = [(scene.name, scene.state) for scene in scenes]
    assert sorted(set(names)) == sorted(names)


# --- nothing is left out ---


def test_every_line_button_select_form_and_suggestion_has_a_scene(scenes: list[Scene]):
    assert set(declared()) - {scene.by for scene in scenes} == set()


def declared() -> Iterator[str]:
    """Everything that the commands of both applications declare, as a scene names it."""
    for command in catalogue.commands("main") + catalogue.commands("tensey"):
        for line, part in lines(command):
            if part.run:
                yield line
            yield from (f"{line}, typing {option.name}" for option in part.options if option.autocomplete)
            yield from (f"{line}, {action}" for action in part.components)
            yield from (f"{line}, form {action}" for action in part.modals)


def lines(command: Command) -> Iterator[tuple[str, Command | Subcommand]]:
    yield f"/{command.name}", command
    yield from ((f"/{command.name} {part.name}", part) for part in command.subcommands)


# --- what every command refuses in the same words ---


def test_every_command_refuses_another_place_in_the_same_words(act: Act):
    places = {
        DIRECT_MESSAGE: replace(PLACE, guild_id=None),
        WRONG_SERVER: replace(PLACE, guild_id=7),
        WRONG_APPLICATION: replace(PLACE, application_id=7),
    }
    for bot in (act.main.as_user(ADA), act.tensey):
        for line, part in typed(bot):
            for words, place in places.items():
                assert told(send(bot, line, part, place)) == words, line


def test_every_command_refuses_whoever_may_not(act: Act):
    for line, part, access in with_access():
        if access is not Access.EVERYONE:
            assert told(send(act.main, line, part)) == WHO[access], line


def test_every_command_answers_kindly_while_the_database_is_away(act: Act):
    for bot in (act.main.as_user(ADA), act.tensey):
        away = replace(bot, database=Database(replace(act.postgres.settings(f"app_{bot.app}"), port=9)))
        for line, part in typed(bot):
            answer = told(send(away, line, part))
            assert (answer == UNAVAILABLE) == (line not in ANSWERS_WITHOUT_A_DATABASE), line


def test_every_command_tells_who_is_too_fast_when_to_go_on(act: Act):
    for bot in (act.main.as_user(ADA), act.tensey):
        hasty = replace(bot, limits=HASTY)
        for line, part in typed(bot):
            if line not in ANSWERS_WITHOUT_A_DATABASE:
                said = [told(send(hasty, line, part)) for _ in range(2)]
                assert said[-1].startswith("Too fast!"), line


def typed(bot: Player) -> Iterator[tuple[str, Command | Subcommand]]:
    for command in catalogue.commands(bot.app):
        yield from ((line, part) for line, part in lines(command) if part.run)


def with_access() -> Iterator[tuple[str, Command | Subcommand, Access]]:
    """What is typed in main, and who may: tensey has nothing that is not for everyone."""
    for command in catalogue.commands("main"):
        for line, part in lines(command):
            if part.run:
                yield line, part, command.access if part.access is None else part.access


def send(bot: Player, line: str, part: Command | Subcommand, place: discord.Place = PLACE) -> Answer:
    """Type it with whatever it must be told."""
    needed = {option.name: value(option) for option in part.options if option.required}
    return bot.send(discord.command(place, bot.user, line.removeprefix("/"), needed))


def value(option: Option) -> discord.Value:
    if option.choices:
        return option.choices[0].value
    match option.type:
        case OptionType.USER:
            return ALEX
        case OptionType.INTEGER:
            return 1
        case OptionType.BOOLEAN:
            return True
        case _:
            return "today"


def told(answer: Answer) -> str:
    data: Any = answer.body["data"]
    return answer.text or data.get("title", "")


# --- how it reads ---


def test_every_label_reads_well_on_a_narrow_phone(scenes: list[Scene]):
    long = {
        str(part["label"])
        for scene in scenes
        for part in parts(scene.data)
        if part.get("type") == 2 and len(str(part["label"])) > BUTTON_LABEL_READS_WELL
    }
    assert long == set()


def test_numbers_and_their_words_agree(scenes: list[Scene]):
    """One day, two days; nobody reads "1 days"."""
    wrong = re.compile(
        r"(?<![\d,.+])1 (days|members|points|flags|warnings|challenges|entries|freezes|minutes|proposals)\b"
    )
    found = [(scene.name, scene.state, match[0]) for scene in scenes if (match := wrong.search(json.dumps(scene.data)))]
    assert found == []


def parts(data: Any) -> Iterator[Json]:  # noqa: ANN401 (Discord's JSON)
    """Everything inside a message or a form that has a type."""
    match data:
        case dict():
            yield from [cast("Json", data)] if "type" in data else []
            yield from parts(list(cast("Json", data).values()))
        case list():
            for inside in cast("list[Any]", data):
                yield from parts(inside)
        case _:
            pass
