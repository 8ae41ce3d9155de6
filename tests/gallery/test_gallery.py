"""Every message that people can see: played, checked, and held against what the gallery of the page shows."""

from __future__ import annotations

import json
import re
from contextlib import closing
from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast

import pytest

from mastermind.bot import registry as catalogue
from mastermind.discord.limits import BUTTON_LABEL_READS_WELL
from tests.commands.playing import COMMAND_IDS
from tests.gallery.scenes import FILE, play, written
from tests.gallery.stage import NOON, Stage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from devkit.json_types import Json
    from mastermind.bot.commands import Command, Subcommand
    from tests.gallery.stage import Scene

MENTION = re.compile(r"</([a-z0-9 -]+):(\d+)>")
NAMED = re.compile(r"(?<![\w/<.:])/([a-z][a-z0-9-]*)")
MOMENT = re.compile(r"<t:(\d+):")


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with closing(Stage(tmp_path_factory.mktemp("stage"))) as stage:
        yield stage


@pytest.fixture(scope="module")
def scenes(stage: Stage) -> list[Scene]:
    return play(stage)


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


# --- commands that it names ---


def test_a_command_that_a_text_names_opens_when_it_is_tapped(scenes: list[Scene]):
    """A command that has subcommands is no link, so a text names it with one of them."""
    texts = [(scene.name, scene.state, text) for scene in scenes for text in contents(scene.data)]
    plain = [(name, state, match[0]) for name, state, text in texts for match in NAMED.finditer(MENTION.sub("", text))]
    assert plain == []
    mentions = {match.groups() for _, _, text in texts for match in MENTION.finditer(text)}
    assert {path for path, _ in mentions} <= opens()
    assert {(path, COMMAND_IDS[path.partition(" ")[0]]) for path, _ in mentions} == {
        (path, int(command_id)) for path, command_id in mentions
    }


def test_a_command_that_is_named_where_there_are_no_links_exists(scenes: list[Scene]):
    """In labels, suggestions and forms."""
    named = {match[1] for scene in scenes for match in NAMED.finditer(MENTION.sub("", json.dumps(scene.data)))}
    assert named <= COMMAND_IDS.keys()


def opens() -> set[str]:
    """The path of every command, with its subcommand if it has any."""
    every = catalogue.commands("main") + catalogue.commands("tensey")
    return {line.removeprefix("/") for command in every for line, part in lines(command) if part.run}


def contents(data: Any) -> Iterator[str]:  # noqa: ANN401 (Discord's JSON)
    """The texts in which Discord draws links: those of parts, and the message's own."""
    yield from (str(each["content"]) for each in (data, *parts(data)) if "content" in each)


# --- how it reads ---


def test_every_label_reads_well_on_a_narrow_phone(scenes: list[Scene]):
    long = {
        str(part["label"])
        for scene in scenes
        for part in parts(scene.data)
        if part.get("type") == 2 and len(str(part.get("label", ""))) > BUTTON_LABEL_READS_WELL
    }
    assert long == set()


def test_numbers_and_their_words_agree(scenes: list[Scene]):
    """One day, two days; nobody reads "1 days"."""
    wrong = re.compile(
        r"(?<![\d,.+])1 (days|members|points|flags|warnings|challenges|entries|freezes|minutes|proposals)\b"
    )
    found = [(scene.name, scene.state, match[0]) for scene in scenes if (match := wrong.search(json.dumps(scene.data)))]
    assert found == []


def test_no_line_about_streaks_has_the_word_none(scenes: list[Scene]):
    lines = {line for scene in scenes for text in contents(scene.data) for line in text.lower().splitlines()}
    assert {line for line in lines if "streak" in line and re.search(r"\bnone\b", line)} == set()


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
