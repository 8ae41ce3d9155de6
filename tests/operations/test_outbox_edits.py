"""Edits of what a member looks at: only while it is still that answer, and with all that stands in it."""

from __future__ import annotations

import base64
import logging
from collections import deque
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from devkit.discord_server.trouble import blocked, error, limited, lost
from mastermind.bot import custom_ids
from mastermind.deadline import Deadline
from mastermind.discord import requests, tokens
from mastermind.discord.requests import LINE, PICTURE, Edit, Outcome
from mastermind.gateways.discord_api import DiscordApi
from mastermind.operations.outbox.edits import EDIT, Editor
from mastermind.operations.outbox.rules import Delivery
from mastermind.pictures.alt_texts import alt_text
from mastermind.pictures.figures import write
from tests.operations.outbox_playground import ALEX, BOT, CHANNEL, PATIENCE, PNG, Playground, be_patient
from tests.pictures.samples import CARD

if TYPE_CHECKING:
    from collections.abc import Iterator

    from devkit.discord_server.trouble import Trouble
    from mastermind.pictures.figures import Figures

TOKEN = "aW50ZXJhY3Rpb24tdG9rZW4tb2YtYS10aWNr"
KEY = tokens.make_private_key()
REVISION = "aB3d"
URL = "https://cdn.discordapp.com/a.png?ex=1"
WORDS = "**+100 XP** for _Say hello_"


def answer(revision: str = REVISION) -> dict[str, Any]:
    """A list of challenges with its buttons, as Discord shows it."""
    button = {
        "type": 2,
        "id": 4,
        "label": "Undo",
        "custom_id": custom_ids.make("tenseylist", "undo", ALEX, revision=revision),
    }
    picture = {"url": URL, "proxy_url": "https://media", "width": 4}
    gallery = {"type": 12, "id": 5, "items": [{"media": picture, "description": "a card"}]}
    return {
        "id": "1",
        "flags": 1 << 15,
        "components": [{"type": 17, "id": 1, "components": [{"type": 10, "id": 2, "content": "Ticked!"}, gallery]},
                       {"type": 1, "id": 3, "components": [button]}],
        "attachments": [{"id": "7", "filename": "a.png", "url": URL}],
    }  # fmt: skip


class Editing:
    """The outbox's queue of edits, beside the playground's Discord."""

    def __init__(self, play: Playground) -> None:
        self.play, self.key, self.token = play, KEY, TOKEN
        self.api = DiscordApi(play.server.url)
        self.editor = Editor(
            self.api,
            self._read_key,
            _revision_of,
            play.memory,
            play.queue.hide,
            play.queue.report,
            play.clock,
            play.pencil.draw,
        )

    def _read_key(self, deadline: Deadline) -> str | None:
        del deadline
        return self.key or None

    def delivery(
        self, *, patience: float = 600, line: str = WORDS, picture: Figures | None = None, identity: str = "e-1"
    ) -> Delivery:
        public = bytes.fromhex(tokens.public_key_of(KEY))
        sealed = base64.b64encode(tokens.seal(self.token, public)).decode()
        now = self.play.clock()
        edit = Edit(
            identity, "award:7", sealed, BOT, REVISION, line, int(now + patience), (picture and write(picture)) or ""
        )
        return Delivery("message", "receipt", requests.write(edit), 1, now, now)

    def serve(self, delivery: Delivery | None = None) -> list[str]:
        return self.editor.serve([delivery or self.delivery()], Deadline.after(PATIENCE))

    @property
    def message(self) -> dict[str, Any]:
        return self.play.community.original(str(BOT), TOKEN).message

    @property
    def components(self) -> list[Any]:
        return self.message["components"]

    def picture(self) -> tuple[bytes, str]:
        """What the gallery of the answer shows, and its description."""
        (item,) = next(part for part in self.components if part.get("id") == PICTURE)["items"]
        number, name = item["media"]["url"].split("/")[-2:]
        return self.play.community.files.read(number, name).content, item["description"]


def _revision_of(custom_id: str) -> str:
    found = custom_ids.read(custom_id)
    return found.revision if found else ""


@pytest.fixture
def play(monkeypatch: pytest.MonkeyPatch) -> Iterator[Playground]:
    be_patient(monkeypatch)
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
    assert container["components"][1]["items"] == [{"media": {"url": URL, "proxy_url": URL}, "description": "a card"}]
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
    "token",
    [
        *(
            "",
            ".",
            "..",
            f"../../channels/{CHANNEL}",
            "another/messages/7?x=",
            f"{TOKEN}#",
            f"{TOKEN}?x",
            f"{TOKEN}%2f..",
        ),
        *(f"{TOKEN}\r\nX: y", f"{TOKEN} HTTP/1.1", f"{TOKEN}\n", "\0", "tökén", "\u2025", f"\\\\{TOKEN}"),
    ],
)
def test_what_is_sealed_in_place_of_a_token_asks_for_no_other_path(play: Playground, editing: Editing, token: str):
    editing.token = token
    assert editing.serve() == ["message"]
    assert (play.server.asked("GET"), play.server.asked("PATCH")) == (0, 0)
    assert play.queue.results == []


# --- pictures ---


def test_the_picture_is_put_above_the_words_with_a_text_that_says_the_same(play: Playground, editing: Editing):
    assert editing.serve(editing.delivery(line="", picture=CARD)) == []
    assert editing.picture() == (PNG, alt_text(CARD))
    gallery, container, buttons = editing.components
    assert (gallery["id"], container["id"], buttons) == (PICTURE, 1, answer()["components"][1])
    assert [one["filename"] for one in editing.message["attachments"]] == ["a.png", "card.png"]
    assert play.pencil.drawn == [CARD]
    assert play.last.outcome is Outcome.DONE


def test_a_line_keeps_the_picture_and_a_picture_keeps_the_line(editing: Editing):
    editing.serve(editing.delivery(line="", picture=CARD))
    editing.serve()
    assert [part["id"] for part in editing.components] == [LINE, PICTURE, 1, 3]
    assert editing.picture()[0] == PNG
    older = replace(CARD, level=CARD.level + 1)
    editing.serve(editing.delivery(line="", picture=older))
    assert [part["id"] for part in editing.components] == [LINE, PICTURE, 1, 3]
    assert editing.picture()[1] == alt_text(older)


def test_a_newer_picture_replaces_the_one_before(editing: Editing):
    editing.serve(editing.delivery(line="", picture=CARD))
    editing.serve(editing.delivery(line="", picture=CARD))
    assert [part["id"] for part in editing.components] == [PICTURE, 1, 3]
    assert [one["filename"] for one in editing.message["attachments"]] == ["a.png", "card.png"]


def test_a_picture_never_gets_onto_a_newer_page(play: Playground, editing: Editing):
    play.community.note_answer(str(BOT), TOKEN, answer("Zz99"))
    editing.serve(editing.delivery(line="", picture=CARD))
    assert play.last.outcome is Outcome.GONE
    assert play.server.asked("PATCH") == 0


def test_a_picture_that_cannot_be_drawn_leaves_the_words(play: Playground, editing: Editing):
    play.pencil.trouble = "pictures fails: its log says how"
    assert editing.serve(editing.delivery(line="", picture=CARD)) == []
    assert (play.last.outcome, play.server.requests) == (Outcome.RETURNED, deque())
    assert editing.serve(editing.delivery(picture=CARD)) == []
    assert [part["id"] for part in editing.components] == [LINE, 1, 3]


def test_a_token_that_has_expired_when_the_picture_is_ready_is_nobody_s_trouble(
    play: Playground, editing: Editing, caplog: pytest.LogCaptureFixture
):
    play.community.answers.clear()
    edit = editing.delivery(line="", picture=CARD)
    play.clock.now += 10
    assert editing.serve(edit) == []
    assert play.last.outcome is Outcome.GONE
    assert not caplog.records


def test_what_became_of_an_edit_says_that_it_was_one(play: Playground, editing: Editing):
    editing.serve(editing.delivery(identity="7-1"))
    assert (play.last.id, play.last.of_edit) == ("7-1", True)


def test_nobody_is_told_of_an_edit_without_an_id(play: Playground, editing: Editing):
    assert editing.serve(editing.delivery(line="", picture=CARD, identity="")) == []
    assert editing.picture()[0] == PNG
    assert play.queue.results == []


def test_an_answer_without_buttons_gets_its_picture_when_it_names_no_revision(play: Playground, editing: Editing):
    play.community.note_answer(
        str(BOT), TOKEN, {"id": "1", "flags": 1 << 15, "components": [{"type": 10, "id": 1, "content": "Only words"}]}
    )
    edit = replace(EDIT.validate_json(editing.delivery(line="", picture=CARD).body), revision="")
    editing.serve(replace(editing.delivery(), body=requests.write(edit)))
    assert [part["id"] for part in editing.components] == [PICTURE, 1]


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
