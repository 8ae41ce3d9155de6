"""Edits of what a member looks at: only while it is still that answer, and with all that stands in it."""

from __future__ import annotations

import base64
import logging
from typing import TYPE_CHECKING, Any

import pytest

from devkit.discord_server.trouble import blocked, error, limited, lost
from mastermind.bot import custom_ids
from mastermind.deadline import Deadline
from mastermind.discord import requests, tokens
from mastermind.discord.requests import LINE, Edit, Outcome
from mastermind.gateways.discord_api import DiscordApi
from mastermind.operations.outbox.edits import Editor
from mastermind.operations.outbox.rules import Delivery
from tests.operations.outbox_playground import ALEX, BOT, Playground

if TYPE_CHECKING:
    from collections.abc import Iterator

    from devkit.discord_server.trouble import Trouble

TOKEN = "aW50ZXJhY3Rpb24tdG9rZW4tb2YtYS10aWNr"
KEY = tokens.make_private_key()
REVISION = "aB3d"


def answer(revision: str = REVISION) -> dict[str, Any]:
    """A list of challenges with its buttons, as Discord shows it."""
    button = {
        "type": 2,
        "id": 4,
        "label": "Undo",
        "custom_id": custom_ids.make("tenseylist", "undo", ALEX, revision=revision),
    }
    picture = {"url": "https://cdn.discordapp.com/a.png?ex=1", "proxy_url": "https://media", "width": 4}
    gallery = {"type": 12, "id": 5, "items": [{"media": picture, "description": "a card"}]}
    return {
        "id": "1",
        "flags": 1 << 15,
        "components": [{"type": 17, "id": 1, "components": [{"type": 10, "id": 2, "content": "Ticked!"}, gallery]},
                       {"type": 1, "id": 3, "components": [button]}],
        "attachments": [{"id": "7", "filename": "a.png", "url": "https://cdn.discordapp.com/a.png?ex=1"}],
    }  # fmt: skip


class Editing:
    """The outbox's queue of edits, beside the playground's Discord."""

    def __init__(self, play: Playground) -> None:
        self.play, self.key = play, KEY
        self.api = DiscordApi(play.server.url)
        self.editor = Editor(
            self.api, self._read_key, _revision_of, play.memory, play.queue.hide, play.queue.report, play.clock
        )

    def _read_key(self, deadline: Deadline) -> str | None:
        del deadline
        return self.key or None

    def delivery(self, *, patience: float = 600) -> Delivery:
        public = bytes.fromhex(tokens.public_key_of(KEY))
        sealed = base64.b64encode(tokens.seal(TOKEN, public)).decode()
        now = self.play.clock()
        edit = Edit("e-1", "award:7", sealed, BOT, REVISION, "**+100 XP** for _Say hello_", int(now + patience))
        return Delivery("message", "receipt", requests.write(edit), 1, now, now)

    def serve(self, delivery: Delivery | None = None) -> list[str]:
        return self.editor.serve([delivery or self.delivery()], Deadline.after(20))

    @property
    def components(self) -> list[Any]:
        return self.play.community.original(str(BOT), TOKEN).message["components"]


def _revision_of(custom_id: str) -> str:
    found = custom_ids.read(custom_id)
    return found.revision if found else ""


@pytest.fixture
def play() -> Iterator[Playground]:
    playground = Playground()
    playground.community.note_answer(str(BOT), TOKEN, answer())
    yield playground
    playground.close()


@pytest.fixture
def editing(play: Playground) -> Iterator[Editing]:
    editing = Editing(play)
    yield editing
    editing.api.close()


def test_a_line_is_put_on_top_and_everything_else_stays(play: Playground, editing: Editing):
    assert editing.serve() == []
    line, container, buttons = editing.components
    assert line == {"type": 10, "id": LINE, "content": "**+100 XP** for _Say hello_"}
    assert container["components"][0] == {"type": 10, "id": 2, "content": "Ticked!"}
    assert container["components"][1]["items"] == [{"media": {"url": "attachment://a.png"}, "description": "a card"}]
    assert buttons == answer()["components"][1]
    assert play.last.outcome is Outcome.DONE


def test_an_edit_that_is_done_twice_is_seen_once(editing: Editing):
    editing.serve()
    editing.serve()
    assert [part["id"] for part in editing.components] == [LINE, 1, 3]


def test_another_answer_is_left_alone(play: Playground, editing: Editing):
    play.community.note_answer(str(BOT), TOKEN, answer("Zz99"))
    assert editing.serve() == []
    assert play.last.outcome is Outcome.GONE
    assert play.server.asked("PATCH") == 0


def test_a_404_within_five_seconds_is_asked_again_and_later_is_the_end(play: Playground, editing: Editing):
    edit = editing.delivery()
    play.community.answers.clear()
    assert editing.serve(edit) == ["message"]
    assert play.queue.hidden == [(("receipt",), 1)]
    play.clock.now += 2
    play.community.note_answer(str(BOT), TOKEN, answer())
    assert editing.serve(edit) == []
    assert play.last.outcome is Outcome.DONE
    play.community.answers.clear()
    play.clock.now += 4
    assert editing.serve(edit) == []
    assert play.last.outcome is Outcome.GONE
    assert play.memory.writes == 0  # it counts as no bad answer of a route


@pytest.mark.parametrize(("trouble", "wait"), [(limited(7), 7), (lost(), 3), (error(502), 3)])
def test_an_edit_waits_for_discord_and_holds_nothing_else_up(
    play: Playground, editing: Editing, trouble: Trouble, wait: int
):
    play.server.script.add(trouble)
    assert editing.serve() == ["message"]
    assert play.queue.hidden == [(("receipt",), wait)]
    assert play.memory.writes == 0
    assert editing.serve() == []


def test_a_blocked_address_is_the_patience_of_edits_too(play: Playground, editing: Editing):
    play.server.script.add(blocked(90))
    assert editing.serve() == ["message"]
    assert editing.serve() == ["message"]
    assert len(play.server.requests) == 1
    assert play.queue.hidden == [(("receipt",), 90)] * 2


def test_a_pause_of_the_bot_is_none_of_edits(play: Playground, editing: Editing):
    play.server.script.add(limited(90, "global"))
    play.serve(play.delivery(requests.GetMember(ALEX)))
    assert editing.serve() == []
    assert play.last.outcome is Outcome.DONE


def test_a_late_edit_comes_back_unsent(play: Playground, editing: Editing):
    edit = editing.delivery(patience=60)
    play.clock.now += 61
    assert editing.serve(edit) == []
    assert (play.last.outcome, list(play.server.requests)) == (Outcome.RETURNED, [])


def test_without_the_key_an_edit_is_refused(play: Playground, editing: Editing):
    editing.key = ""
    assert editing.serve() == []
    assert play.last.outcome is Outcome.REFUSED


def test_a_token_that_was_sealed_for_another_key_becomes_a_dead_letter(play: Playground, editing: Editing):
    editing.key = tokens.make_private_key()
    assert editing.serve() == ["message"]
    assert play.queue.results == []


@pytest.mark.parametrize(
    "trouble", [None, limited(1), blocked(), lost(), error(500), error(400), error(404), error(401)]
)
def test_the_token_of_an_interaction_stands_in_no_log_result_and_state(
    play: Playground, editing: Editing, caplog: pytest.LogCaptureFixture, trouble: Trouble | None
):
    caplog.set_level(logging.DEBUG)
    if trouble:
        play.server.script.add(trouble)
    play.clock.now += 10
    editing.serve()
    written = repr([vars(record) for record in caplog.records])
    assert TOKEN not in written + repr(play.queue.results) + repr(play.memory.state)
    assert TOKEN not in editing.delivery().body
