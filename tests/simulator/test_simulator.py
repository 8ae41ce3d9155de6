"""The simulator's server: who may ask it, what it keeps to itself, and how it judges what the game answers."""

from __future__ import annotations

import json
import socket
import struct
import threading
from dataclasses import dataclass, field
from functools import partial
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import httpx
import pytest

from devkit.command_ids import made_up
from devkit.discord_client import Answer, new_private_key, public_key
from devkit.discord_server.records import Upload
from devkit.listener import Listener, Request
from local import registered
from mastermind.bot import registry
from mastermind.discord import signature
from mastermind.entrypoints.api_gateway import TextFile, respond_with_files
from mastermind.errors import BadSignature
from simulator import guild
from simulator.exchanges import Exchanges, text_bytes
from simulator.personas import ANNOUNCEMENTS_CHANNEL_ID, MODERATOR_ROLE_ID, MOST, OWNER_ID, PersonaError, Personas
from simulator.server import Simulator

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from devkit.discord_server.community import Community
    from local.cloud import Cloud

PATIENCE = 60  # seconds for an answer of a busy machine
get, post = partial(httpx.get, timeout=PATIENCE), partial(httpx.post, timeout=PATIENCE)

PRIVATE = new_private_key()
SECRET = PRIVATE.hex()
PONG: dict[str, Any] = {"type": 4, "data": {"content": "Hello", "allowed_mentions": {"parse": []}}}


@pytest.fixture(autouse=True)
def _unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that stalls is no slow bot."""
    monkeypatch.setattr("simulator.exchanges.BUDGET", float(PATIENCE))


@dataclass
class Bot:
    """Ten lines in place of the game: checks the signature, keeps what came, answers as scripted."""

    answer: dict[str, Any] = field(default_factory=PONG.copy)
    received: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    status: int = 200
    believes: bool = False
    files: tuple[TextFile, ...] = ()


class _Interaction(Request):
    def do_POST(self) -> None:  # noqa: N802
        bot = cast("Bot", self.owner)
        body = self.body()
        try:
            signature.verify(
                public_key(PRIVATE),
                self.headers["X-Signature-Ed25519"],
                self.headers["X-Signature-Timestamp"],
                body,
                now=float(self.headers["X-Signature-Timestamp"]),
            )
        except BadSignature:
            if not bot.believes:
                return self.answer(401)
        bot.received.append(json.loads(body))
        if bot.files:
            sent: Any = respond_with_files(200, bot.answer, bot.files)
            return self.answer(200, sent["body"].encode(), {"Content-Type": sent["headers"]["content-type"]})
        return self.answer(bot.status, json.dumps(bot.answer).encode())


@pytest.fixture
def bot() -> Iterator[Bot]:
    found = Bot()
    listener = Listener(_Interaction, found)
    found.answer["url"] = listener.url
    yield found
    listener.stop()


@pytest.fixture
def url(bot: Bot) -> str:
    return str(bot.answer.pop("url"))


@pytest.fixture
def endpoints(url: str) -> dict[str, Any]:
    app = {"interactions_url": url, "application_id": "11", "public_key": "", "private_key": SECRET}
    ids = {name: made_up(11, [command.name for command in registry.commands(name)]) for name in ("main", "tensey")}
    return {"guild_id": "22", "apps": {name: {**app, "command_ids": ids[name]} for name in ids}}


@pytest.fixture
def personas(tmp_path: Path) -> Personas:
    return Personas(tmp_path)


@pytest.fixture
def exchanges(personas: Personas, endpoints: dict[str, Any]) -> Iterator[Exchanges]:
    found = Exchanges(endpoints, personas, lambda _: 0, guild.community(endpoints, personas))
    yield found
    found.close()


@pytest.fixture
def simulator(tmp_path: Path, endpoints: dict[str, Any]) -> Iterator[Simulator]:
    """Without a game behind it; a test that needs one begins it."""

    def cold_calls(_: str) -> int:
        return 0

    discord = SimpleNamespace(community=guild.community(endpoints, Personas(tmp_path)))
    cloud = SimpleNamespace(
        folder=tmp_path,
        known=endpoints,
        endpoints=endpoints,
        commands=registered.commands(),
        cold_calls=cold_calls,
        discord=discord,
    )
    found = Simulator(cast("Cloud", cloud))
    yield found
    found.stop()


def asked(**changes: object) -> dict[str, Any]:
    return {"persona": "p1", "app": "main", "type": 2, "data": {"id": "1", "name": "help", "type": 1}, **changes}


# --- who may ask ---


def test_the_page_and_what_can_be_played_are_served(simulator: Simulator):
    page = get(simulator.url)
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "default-src 'none'" in page.headers["content-security-policy"]
    setup = get(f"{simulator.url}api/setup").json()
    assert {app["app"] for app in setup["apps"]} == {"main", "tensey"}
    assert "help" in {command["name"] for command in setup["apps"][0]["commands"]}
    assert not setup["ready"]


def test_every_message_there_can_be_is_served_to_the_gallery(simulator: Simulator):
    assert get(f"{simulator.url}gallery").text == get(simulator.url).text
    answer = get(f"{simulator.url}gallery.json")
    assert answer.headers["content-type"] == "application/json"
    assert {"name", "state", "kind", "data"} <= set(answer.json()[0])


def test_the_drawn_pictures_are_served_and_nothing_else_of_their_folder(simulator: Simulator):
    for kind in get(f"{simulator.url}pictures.json").json():
        answer = get(f"{simulator.url}{kind['sheet']['file']}")
        assert (answer.headers["content-type"], answer.content[:4]) == ("image/png", b"\x89PNG")
        assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert get(f"{simulator.url}README.md").text == get(simulator.url).text
    assert get(f"{simulator.url}docs/drawn/card.png").status_code == 404


def test_no_key_ever_reaches_the_page(simulator: Simulator):
    assert SECRET not in get(f"{simulator.url}api/setup").text


def test_a_page_elsewhere_that_calls_itself_this_machine_is_refused(simulator: Simulator):
    answer = get(f"{simulator.url}api/setup", headers={"Host": "evil.example"})
    assert answer.status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example", "Content-Type": "application/json"},
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {"Origin": "null", "Content-Type": "application/json"},
    ],
)
def test_a_page_elsewhere_cannot_make_the_browser_do_mischief(simulator: Simulator, headers: dict[str, str]):
    answer = post(f"{simulator.url}api/mischief/stop-postgres", content="{}", headers=headers)
    assert answer.status_code == 403


def test_what_is_too_large_or_unknown_is_refused(simulator: Simulator):
    large = post(f"{simulator.url}api/personas", json={"name": "x" * 300_000})
    assert large.status_code == 413
    assert post(f"{simulator.url}api/nothing", json={}).status_code == 404
    assert get(f"{simulator.url}../../../etc/passwd").status_code == 403
    assert get(f"{simulator.url}built/app.js").status_code == 404


def test_before_the_game_is_up_it_says_so(simulator: Simulator):
    answer = post(f"{simulator.url}api/interactions", json=asked())
    assert (answer.status_code, answer.json()["error"][:26]) == (400, "the game is still starting")


@pytest.mark.parametrize("body", ["", "[]", "{", '"words"'])
def test_nonsense_is_answered_calmly(simulator: Simulator, body: str):
    headers = {"Content-Type": "application/json"}
    assert post(f"{simulator.url}api/personas", content=body, headers=headers).status_code == 400


def test_requests_on_one_connection_do_not_run_into_each_other(simulator: Simulator):
    with httpx.Client(timeout=PATIENCE) as client:
        for _ in range(3):
            assert client.post(f"{simulator.url}api/mischief/cold", json={"more": "words"}).status_code == 400
            assert client.get(f"{simulator.url}api/setup").status_code == 200


def test_a_client_that_disconnects_early_causes_no_traceback(simulator: Simulator, capfd: pytest.CaptureFixture[str]):
    here, others = httpx.URL(simulator.url), set(threading.enumerate())
    for _ in range(5):
        with socket.create_connection((here.host, here.port or 0)) as hasty:
            hasty.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # reset, not closed
            hasty.sendall(f"GET /gallery.json HTTP/1.1\r\nHost: {here.netloc.decode()}\r\n\r\n".encode())
    assert get(simulator.url).status_code == 200  # by now the others were met as well
    for thread in set(threading.enumerate()) - others:
        thread.join(PATIENCE)
    assert capfd.readouterr().err == ""


# --- personas ---


def test_personas_are_kept_and_made(tmp_path: Path):
    first = Personas(tmp_path)
    made = first.add("  Rosa   Park ", "moderator")
    assert (made.name, Personas(tmp_path).find(made.id)) == ("Rosa Park", made)
    assert made.user.roles == (MODERATOR_ROLE_ID,)


def test_there_is_one_owner_and_a_bot_to_name(tmp_path: Path):
    personas = Personas(tmp_path)
    assert [one.user.id for one in personas.all() if one.kind == "owner"] == [OWNER_ID]
    assert [one.name for one in personas.all() if one.user.bot] == ["Robot"]
    with pytest.raises(PersonaError, match="one owner"):
        personas.add("Another", "owner")


@pytest.mark.parametrize(("name", "kind"), [("", "member"), ("x" * 33, "member"), ("a\x00", "member"), ("A", "king")])
def test_a_persona_that_cannot_be_is_refused_with_the_reason(tmp_path: Path, name: str, kind: str):
    with pytest.raises(PersonaError):
        Personas(tmp_path).add(name, kind)


def test_there_are_only_so_many_personas(tmp_path: Path):
    personas = Personas(tmp_path)
    for number in range(MOST - len(personas.all())):
        personas.add(f"P{number}", "member")
    with pytest.raises(PersonaError, match=str(MOST)):
        personas.add("One more", "member")


# --- exchanges ---


def test_what_a_persona_does_is_signed_and_what_comes_back_is_shown(exchanges: Exchanges, bot: Bot):
    exchange = exchanges.make(asked())
    assert (exchange["status"], exchange["response"], exchange["violations"]) == (200, PONG, [])
    interaction = bot.received[0]
    assert (interaction["guild_id"], interaction["member"]["user"]["global_name"], interaction["data"]["name"]) == (
        "22",
        "Alex",
        "help",
    )
    assert "token" in interaction
    assert "token" not in exchange["request"]
    assert exchanges.after(0) == [exchange]
    assert exchanges.after(exchange["number"]) == []


def test_strangers_and_direct_messages_come_from_where_they_are(exchanges: Exchanges, personas: Personas, bot: Bot):
    for persona in personas.all():
        exchanges.make(asked(persona=persona.id))
    places = [each.get("guild_id") for each in bot.received]
    assert places == ["22", "22", "22", "22", "22", "23", None, "22", "22"]


def test_users_that_are_named_are_resolved_as_discord_does(exchanges: Exchanges, personas: Personas, bot: Bot):
    sam = personas.find("p2")
    options = [{"name": "user", "type": 6, "value": sam.user_id}]
    exchanges.make(asked(data={"id": "1", "name": "scorecard", "type": 1, "options": options}))
    assert bot.received[0]["data"]["resolved"]["users"][sam.user_id]["global_name"] == "Sam"


def test_a_repeat_is_the_same_interaction_and_a_forgery_is_refused(exchanges: Exchanges, bot: Bot):
    exchanges.make(asked())
    repeated, forged = exchanges.repeat(), exchanges.forge()
    assert bot.received[0] == bot.received[1]
    assert repeated["violations"] == []
    assert (forged["status"], forged["violations"]) == (401, [])


def test_every_kind_of_error_is_reported(exchanges: Exchanges, bot: Bot):
    bot.answer = {"type": 4, "data": {"content": "x" * 2001}}
    assert exchanges.make(asked())["violations"]
    bot.answer = {"type": 4, "data": {"flags": 1 << 15, "components": [{"type": 10, "content": "é" * 4600}]}}
    assert any("bytes" in violation for violation in exchanges.make(asked())["violations"])
    bot.answer = {"type": 4, "data": {"content": "Hi", "tts": "yes", "allowed_mentions": {"parse": []}}}
    assert "$.data.tts: 'yes' is not of type 'boolean'" in exchanges.make(asked())["violations"][0]
    for status in (401, 500):
        bot.status = status
        assert "did not respond" in exchanges.make(asked())["violations"][0]


def test_an_answer_that_comes_too_late_is_reported(exchanges: Exchanges, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("simulator.exchanges.BUDGET", 0.0)
    assert "Discord gives up" in exchanges.make(asked())["violations"][0]


def test_an_accepted_forgery_is_reported(exchanges: Exchanges, bot: Bot):
    exchanges.make(asked())
    bot.believes = True
    assert "forged signature was answered with HTTP status 200" in exchanges.forge()["violations"][0]


def test_files_that_come_along_can_be_saved_and_are_not_shown(simulator: Simulator, bot: Bot):
    simulator.begin()
    bot.answer = {"type": 4, "data": {"attachments": [{"id": "0", "filename": "yours.json"}]}}
    bot.files = (TextFile("yours.json", "application/json", '{"xp": "é"}'),)
    made = post(f"{simulator.url}api/interactions", json=asked()).json()
    saved = get(f"{simulator.url}api/files/{made['number']}/yours.json")
    assert (saved.status_code, saved.json()) == (200, {"xp": "é"})
    assert saved.headers["content-disposition"] == "attachment"
    assert "yours.json" in json.dumps(made["response"])


@pytest.mark.parametrize("place", ["1/other.json", "9/yours.json", "x/yours.json", "1", ""])
def test_a_file_that_is_no_longer_stored_is_not_found(simulator: Simulator, place: str):
    answer = get(f"{simulator.url}api/files/{place}")
    assert (answer.status_code, answer.json()["error"][:29]) == (404, "this file is no longer stored")


@pytest.mark.parametrize(
    ("kind", "seen_as", "saved"),
    [("image/png", "image/png", None), ("text/html", "application/octet-stream", "attachment")],
)
def test_a_picture_that_the_bot_uploaded_is_shown_and_anything_else_is_saved(
    kind: str, seen_as: str, saved: str | None, simulator: Simulator
):
    message: dict[str, Any] = {"attachments": [{"id": "0", "filename": "a b"}]}
    guild_of(simulator).files.take(message, [Upload("a b", kind, b"content")])
    number = message["attachments"][0]["id"]
    place = f"{simulator.url}api/attachments/{number}"
    got = get(f"{place}/a%20b")
    assert (got.content, got.headers["Content-Type"]) == (b"content", seen_as)
    assert got.headers.get("Content-Disposition") == saved
    assert get(f"{place}/other").status_code == 404


def test_text_is_counted_in_bytes_at_every_depth():
    assert text_bytes({"data": {"content": "é", "components": [{"components": [{"content": "ab"}]}]}}) == 4
    assert text_bytes(Answer(200, {}, 0).body) == 0


# --- Discord's side ---


def test_what_the_bot_does_in_discord_is_shown(simulator: Simulator):
    community = guild_of(simulator)
    alex = simulator.personas.find("p1")
    community.create_message(int(community.open_direct_message(int(alex.user_id))["id"]), {"content": "Log now?"})
    community.create_message(ANNOUNCEMENTS_CHANNEL_ID, {"content": "Alex reached level 5"})
    community.give_role(int(alex.user_id), guild.EXPLORER, "level 5")
    shown = get(f"{simulator.url}api/discord").json()
    assert [(one["channel"], one["recipient"]) for one in shown["messages"]] == [
        ("", alex.user_id),
        ("announcements", ""),
    ]
    assert next(one for one in shown["members"] if one["name"] == "Alex")["roles"] == [str(guild.EXPLORER)]


def guild_of(simulator: Simulator) -> Community:
    return simulator._cloud.discord.community  # pyright: ignore[reportPrivateUsage]


def test_an_answer_can_be_edited_by_the_token_of_its_interaction_and_by_those_before(
    bot: Bot, personas: Personas, endpoints: dict[str, Any]
):
    community = guild.community(endpoints, personas)
    exchanges = Exchanges(endpoints, personas, lambda _: 0, community)
    bot.answer |= {"data": {"flags": 1 << 15, "components": [{"type": 10, "content": "one"}]}}
    exchanges.make(asked())
    first, before = bot.received[-1]["token"], bot.answer["data"]["components"]
    bot.answer |= {"type": 7, "data": {"components": [{"type": 10, "content": "two"}]}}
    exchanges.make(asked(type=3, data={"custom_id": "x"}, message={"id": "1", "components": before}))
    community.edit_original("11", first, {"components": [{"type": 10, "content": "three"}]})
    assert community.original("11", bot.received[-1]["token"]).message["components"][0]["content"] == "three"
    [edited] = community.json()["edits"]
    assert edited["exchange"] == 2
    exchanges.close()


@pytest.mark.parametrize(("kind", "sent"), [(5, {}), (6, {"message": {"id": "1", "components": []}})])
def test_an_answer_that_is_put_off_is_shown_once_its_token_edits_it(
    kind: int, sent: dict[str, Any], bot: Bot, personas: Personas, endpoints: dict[str, Any]
):
    community = guild.community(endpoints, personas)
    exchanges = Exchanges(endpoints, personas, lambda _: 0, community)
    bot.answer = {"type": kind}
    exchanges.make(asked(type=3, data={"custom_id": "x"}, **sent))
    assert community.json()["edits"] == []
    shown = [{"type": 10, "content": "Done"}]
    community.edit_original("11", bot.received[-1]["token"], {"components": shown})
    assert community.json()["edits"] == [{"exchange": 1, "edits": 1, "components": shown}]
    exchanges.close()


def test_what_is_picked_in_discords_own_lists_is_described_as_discord_does(exchanges: Exchanges, bot: Bot):
    for kind, chosen in ((6, guild.EXPLORER), (8, ANNOUNCEMENTS_CHANNEL_ID)):
        data = {"custom_id": "1:admin.settings:pick-role:0:0000::", "component_type": kind, "values": [str(chosen)]}
        exchanges.make(asked(type=3, data=data, message={"id": "1", "components": []}))
    role, channel = (one["data"]["resolved"] for one in bot.received)
    assert role["roles"][str(guild.EXPLORER)]["name"] == "Explorer"
    assert (channel["channels"][str(ANNOUNCEMENTS_CHANNEL_ID)]["type"], "roles" in channel) == (0, False)


def test_each_interaction_carries_the_roles_that_the_bot_gave(bot: Bot, personas: Personas, endpoints: dict[str, Any]):
    community = guild.community(endpoints, personas)
    exchanges = Exchanges(endpoints, personas, lambda _: 0, community)
    community.give_role(int(personas.find("p1").user_id), guild.REGULAR, "a streak of 7")
    exchanges.make(asked())
    assert bot.received[-1]["member"]["roles"] == [str(guild.REGULAR)]
    exchanges.close()


def test_a_tap_below_a_message_of_the_bot_changes_that_message(bot: Bot, personas: Personas, endpoints: dict[str, Any]):
    community = guild.community(endpoints, personas)
    channel = int(community.open_direct_message(int(personas.find("p1").user_id))["id"])
    posted = community.create_message(channel, {"content": "Log now?", "flags": 1 << 15})
    bot.answer |= {"type": 7, "data": {"components": [{"type": 10, "content": "Logged"}]}}
    source: dict[str, object] = {"id": posted["id"], "components": []}
    exchanges = Exchanges(endpoints, personas, lambda _: 0, community)
    exchanges.make(asked(type=3, data={"custom_id": "x"}, message=source, direct=True))
    exchanges.close()
    assert (bot.received[-1].get("guild_id"), bot.received[-1]["message"]["id"]) == (None, posted["id"])
    [shown] = community.json()["messages"]
    assert (shown["edits"], shown["message"]["flags"]) == (1, 1 << 15)
    assert shown["message"]["components"][0]["content"] == "Logged"
