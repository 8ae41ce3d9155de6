"""The stand-in for Discord is as strict as Discord: about URLs of interactions, webhooks and what a channel denies."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast

import httpx
import pytest
from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey

from devkit.discord_client import public_key, snowflake
from devkit.discord_server.community import Community
from devkit.discord_server.portal import Application, authorize
from devkit.discord_server.server import DiscordServer
from devkit.listener import Listener, Request

if TYPE_CHECKING:
    from collections.abc import Iterator

GUILD, CHANNEL = snowflake(), snowflake()
TOKEN = "a.bot.token"


class Game(Request):
    """An endpoint; `owner` says what it does with a PING: all of it right, or one thing wrong."""

    def do_POST(self) -> None:  # noqa: N802 (the base class's name)
        body, (private_key, fault) = self.body(), cast("tuple[bytes, dict[str, int]]", self.owner)
        key = VerifyKey(public_key(private_key))
        signed = self.headers["X-Signature-Timestamp"].encode() + body
        try:
            key.verify(signed, bytes.fromhex(self.headers["X-Signature-Ed25519"]))
        except BadSignatureError:
            return self.answer(fault.get("forged", 401))
        return self.answer(fault.get("status", 200), json.dumps({"type": fault.get("type", 1)}).encode())


@pytest.fixture
def application() -> Application:
    return Application(snowflake(), "Game", TOKEN)


@pytest.fixture
def discord(application: Application) -> Iterator[DiscordServer]:
    community = Community(GUILD, snowflake())
    community.add_channel(CHANNEL, "news")
    server = DiscordServer(community)
    server.applications[TOKEN] = application
    yield server
    server.stop()


def ask(discord: DiscordServer, method: str, path: str, body: object = None) -> httpx.Response:
    headers = {"Authorization": f"Bot {TOKEN}"}
    return call(method, f"{discord.url}{path}", json=body, headers=headers)


def call(method: str, url: str, **sent: Any) -> httpx.Response:  # noqa: ANN401 # httpx's own keywords
    return httpx.request(method, url, trust_env=False, timeout=60, **sent)


@pytest.mark.parametrize(
    ("fault", "is_taken"),
    [({}, True), ({"forged": 200}, False), ({"status": 500}, False), ({"type": 4}, False)],
    ids=["right", "believes a forged PING", "fails", "no PONG"],
)
def test_a_url_is_taken_that_answers_a_ping_and_refuses_a_forged_one(
    discord: DiscordServer, application: Application, fault: dict[str, int], *, is_taken: bool
):
    game = Listener(Game, (application.private_key, fault))
    answer = ask(discord, "PATCH", "/applications/@me", {"interactions_endpoint_url": game.url})
    game.stop()
    assert (answer.status_code, application.interactions_url) == ((200, game.url) if is_taken else (400, ""))
    assert is_taken or answer.json()["errors"]["interactions_endpoint_url"]


def test_a_url_that_nobody_answers_is_refused(discord: DiscordServer):
    answer = ask(discord, "PATCH", "/applications/@me", {"interactions_endpoint_url": "http://127.0.0.1:9/"})
    assert (answer.status_code, answer.json()["code"]) == (400, 50035)


def test_a_bot_sees_the_servers_that_it_was_invited_to(discord: DiscordServer, application: Application):
    assert ask(discord, "GET", "/users/@me/guilds").json() == []
    assert ask(discord, "GET", f"/guilds/{GUILD}/channels").status_code == 403
    link = f"https://discord.com/oauth2/authorize?client_id={application.id}&scope=bot+applications.commands"
    authorize(discord.community, application, link, 3)
    assert [one["id"] for one in ask(discord, "GET", "/users/@me/guilds").json()] == [str(GUILD)]
    assert [one["name"] for one in ask(discord, "GET", f"/guilds/{GUILD}/channels").json()] == ["news"]


def test_what_a_channel_denies_is_refused_and_a_webhook_needs_its_token(
    discord: DiscordServer, application: Application
):
    authorize(discord.community, application, f"x?client_id={application.id}&scope=bot+applications.commands", 3)
    made = ask(discord, "POST", f"/channels/{CHANNEL}/webhooks", {"name": "alerts"}).json()
    url = f"{discord.url}/webhooks/{made['id']}"
    assert call("POST", f"{url}/{made['token']}", json={"content": "hello"}).is_success
    assert call("GET", f"{url}/another").status_code == 404
    discord.community.overwrites[CHANNEL] = [{"id": str(GUILD), "allow": "0", "deny": str(1 << 29 | 1 << 11)}]
    assert ask(discord, "POST", f"/channels/{CHANNEL}/webhooks", {"name": "alerts"}).status_code == 403
    assert ask(discord, "POST", f"/channels/{CHANNEL}/messages", {"content": "hello"}).json()["code"] == 50013
