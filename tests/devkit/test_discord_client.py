"""Discord's side, as we play it: what it signs is genuine, what it posts arrives, what it hands back is readable."""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, cast

import pytest

from devkit.discord_client import DiscordClient, Place, User, command, new_private_key, public_key, snowflake
from mastermind.discord.components import Button, Row, Section, Text
from mastermind.discord.fields import Label, TextInput
from mastermind.discord.interactions import InteractionType, Person, parse
from mastermind.discord.replies import Choice, Choices, Message, Modal, Pong, render
from mastermind.discord.signature import verify
from mastermind.entrypoints.api_gateway import LARGEST_BODY
from tests.serving import LocalServer, Quiet, serving

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mastermind.discord.replies import Reply

KEY = new_private_key()
ALEX = User(1290000000000000010, "Alex Q", permissions=8, roles=(7,))
REPLIES: dict[InteractionType, Reply] = {
    InteractionType.PING: Pong(),
    InteractionType.COMMAND: Message(
        (
            Text("# Challenges"),
            Section((Text("Wave at someone."),), Button("Tick", "tick:1")),
            Row((Button("Back", "back", disabled=True), Button("On", "on"))),
        )
    ),
    InteractionType.COMPONENT: Modal("form", "Form", (Label("Words", TextInput("words")),)),
    InteractionType.AUTOCOMPLETE: Choices((Choice("Level 1", 1),)),
    InteractionType.MODAL: Message((Text("Thank you."),), private=False),
}


class Application(Quiet, BaseHTTPRequestHandler):
    """Verifies, parses and answers, as one of our functions does."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        signature, timestamp = self.headers["X-Signature-Ed25519"], self.headers["X-Signature-Timestamp"]
        verify(public_key(KEY), signature, timestamp, body, now=int(timestamp))
        self.answer(200, json.dumps(render(REPLIES[parse(body).kind])).encode())

    def answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class Closed(Application):
    """Refuses everybody."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.answer(401, b"")


@pytest.fixture
def url(request: pytest.FixtureRequest) -> Iterator[str]:
    handler = cast("type[Application]", getattr(request, "param", Application))
    with serving(LocalServer(handler)) as server:
        yield f"{server.url}/interactions/main"


@pytest.fixture
def client(url: str) -> Iterator[DiscordClient]:
    with DiscordClient(url, 1, 2, KEY) as client:
        yield client


def test_a_ping_is_answered(client: DiscordClient):
    answer = client.ping()
    assert (answer.status, answer.kind) == (200, 1)
    assert answer.seconds > 0


def test_a_command_is_answered_by_a_message_whose_words_and_buttons_can_be_read(client: DiscordClient):
    answer = client.command("help", {"topic": "levels"}, user=ALEX)
    assert answer.kind == 4
    assert answer.is_private
    assert answer.text == "# Challenges\nWave at someone."
    assert answer.buttons == [("Tick", "tick:1"), ("On", "on")]


def test_a_tap_may_open_a_form(client: DiscordClient):
    answer = client.component("on", user=ALEX)
    assert answer.kind == 9
    assert [part["custom_id"] for part in answer.parts() if part["type"] == 4] == ["words"]


def test_typing_shows_suggestions(client: DiscordClient):
    assert client.autocomplete("tenseylist", "level", user=ALEX).choices == [{"name": "Level 1", "value": 1}]


def test_a_form_sent_off_is_answered(client: DiscordClient):
    answer = client.modal("form", {"words": "hello", "mood": ("calm",), "public": True}, user=ALEX)
    assert answer.text == "Thank you."
    assert not answer.is_private


@pytest.mark.parametrize("url", [Closed], indirect=True)
def test_a_refusal_has_a_status_and_nothing_to_read(client: DiscordClient):
    answer = client.post(b"x" * LARGEST_BODY, {})
    assert (answer.status, answer.kind, answer.text, answer.buttons) == (401, 0, "", [])


def test_a_client_is_made_from_the_endpoints_of_a_running_game():
    app = {"interactions_url": "http://127.0.0.1:1/", "application_id": "11", "private_key": KEY.hex()}
    with DiscordClient.from_endpoints({"guild_id": "22", "apps": {"main": app}}, "main") as client:
        assert client.place == Place(11, 22)
        assert KEY.hex() not in repr(client)


def test_ids_are_unique_and_contain_their_time():
    ids = {snowflake() for _ in range(1000)}
    assert len(ids) == 1000
    assert (snowflake(1_790_000_000) >> 22) + 1_420_070_400_000 == 1_790_000_000_000


def test_what_a_member_types_becomes_the_command_with_its_people():
    payload = command(
        Place(1, 2), ALEX, "admin adjust-xp", {"user": User(5, "Kim"), "amount": -3, "why": "x", "f": 0.5}
    )
    interaction = parse(json.dumps(payload).encode())
    assert (interaction.name, interaction.path) == ("admin", ("adjust-xp",))
    assert interaction.options == {"user": 5, "amount": -3, "why": "x", "f": 0.5}
    assert interaction.users == {5: Person(5, "Kim")}
    assert interaction.caller
    assert (interaction.caller.permissions, interaction.caller.role_ids) == (8, frozenset({7}))
