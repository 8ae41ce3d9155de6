"""What Discord's 403 means to an operator: each endpoint that is asked has the permission that the bot lacks."""

from __future__ import annotations

import re

import httpx
import pytest
import typer

from ops import refusals
from ops.discord import Discord, refused
from tests.ops.discord_stand_in import TOKEN, discord
from tests.project.test_laws import ROOT

LACKS = {
    "GET /channels/7/messages/8": "look into channel 7. Give it View Channel and Read Message History there",
    "GET /channels/7/messages/pins": "look into channel 7. Give it View Channel and Read Message History there",
    "POST /channels/7/messages": "write in channel 7. Give it View Channel and Send Messages there",
    "PATCH /channels/7/messages/8": "write in channel 7. Give it View Channel and Send Messages there",
    "PUT /channels/7/messages/pins/8": "pin messages in channel 7. Give it Pin Messages",
    "DELETE /channels/7/messages/8": "delete a message in channel 7. Give it View Channel and Manage Messages there",
    "GET /channels/7/webhooks": "webhooks of channel 7. Give it View Channel and Manage Webhooks there",
    "POST /channels/7/webhooks": "webhooks of channel 7. Give it View Channel and Manage Webhooks there",
    "GET /applications/1/guilds/2/commands": "commands in the server 2. It was installed without the scope",
    "PATCH /applications/1/guilds/2/commands/3": "commands in the server 2. It was installed without the scope",
    "POST /applications/1/commands": "commands of application 1. The token is that of another application",
    "GET /guilds/2/members/9": "look at the server 2: it is not in it. Open the link that",
    "GET /guilds/2/roles": "look at the server 2: it is not in it",
    "GET /guilds/2/channels": "look at the server 2: it is not in it",
    "GET /applications/@me": "look at its own application or change it. Copy the token",
    "PATCH /applications/@me": "look at its own application or change it. Copy the token",
    "GET /users/@me/guilds": "see which servers it is in. Copy the token",
}


@pytest.mark.parametrize("asked", LACKS)
def test_a_refusal_says_what_the_bot_may_not_do_and_what_it_lacks(asked: str, capsys: pytest.CaptureFixture[str]):
    method, path = asked.split()
    request = httpx.Request(method, f"https://discord.com/api/v10{path}?limit=50")
    with pytest.raises(typer.Exit):
        refused(httpx.Response(403, request=request, json={"message": "Missing Access", "code": 50001}), {})
    said = capsys.readouterr().err
    assert said.startswith(f"Discord refused ({method}, 403): the bot may not ")
    assert LACKS[asked] in said


def test_every_endpoint_of_the_table_is_tried_here():
    tried = {next(one for one in refusals.ENDPOINTS if one.words(*asked.split())) for asked in LACKS}
    assert tried == set(refusals.ENDPOINTS)


ASKED = re.compile(r"""\.(?:demand|ask)\(\s*"(\w+)", f?"([^"?]+)""")


def test_every_request_of_the_tool_stands_in_the_table():
    written = [found for file in (ROOT / "ops").rglob("*.py") for found in ASKED.findall(file.read_text())]
    assert len(written) > 10
    for method, path in written:
        tried = re.sub(r"\{[^{}]*\}", "7", path.replace("{path}", "/roles"))
        assert any(one.words(method, tried) for one in refusals.ENDPOINTS), (method, path)


def test_an_endpoint_without_a_row_still_says_the_way_on():
    assert refusals.words("GET", "/voice/regions") == (
        "the bot lacks a permission for /voice/regions. `.venv/bin/ops doctor` looks for it."
    )


def test_what_discord_answers_is_read_that_way(capsys: pytest.CaptureFixture[str]):
    with discord() as stand_in:
        stand_in.refusals = [(403, {})]
        with Discord(stand_in.url, 11, TOKEN) as asked, pytest.raises(typer.Exit):
            asked.demand("POST", "/channels/33/messages", {})
    assert "may not write in channel 33. Give it View Channel and Send Messages" in capsys.readouterr().err
