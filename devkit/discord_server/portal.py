"""The stand-in's side of setting up applications: the portal, invitations, commands, webhooks and pins."""

from __future__ import annotations

import json
import re
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import httpx

from devkit.discord_client import DiscordClient, Place, new_private_key, ping, public_key, signed_headers, snowflake
from devkit.discord_server.records import UNKNOWN_CHANNEL, UNKNOWN_WEBHOOK, Member, Refused, Role

if TYPE_CHECKING:
    from collections.abc import Callable

    from devkit.discord_server.community import Community
    from devkit.json_types import Json

MISSING_ACCESS = (403, 50001, "Missing Access")
UNKNOWN_COMMAND = (404, 10063, "Unknown application command")
UNVERIFIED = "The specified interactions endpoint url could not be verified."


@dataclass
class Application:
    """An application of the Developer Portal with its bot, which has the same id. `guilds` are names by their ids."""

    id: int
    name: str
    token: str = field(repr=False, default="")
    private_key: bytes = field(repr=False, default_factory=new_private_key)
    owner_id: int = 0
    guilds: dict[int, str] = field(default_factory=dict[int, str])
    interactions_url: str = ""
    commands: dict[int, Json] = field(default_factory=dict[int, "Json"])
    pings: int = 0

    def json(self) -> Json:
        return {
            "id": str(self.id),
            "name": self.name,
            "bot": self.bot(),
            "verify_key": public_key(self.private_key).hex(),
            "interactions_endpoint_url": self.interactions_url or None,
            "owner": {"id": str(self.owner_id), "username": "owner"},
        }

    def bot(self) -> Json:
        return {"id": str(self.id), "username": self.name, "bot": True}


def authorize(community: Community, application: Application, link: str, position: int) -> None:
    """Somebody opens an invitation: the bot joins, with a role of its own that has what the link asks for."""
    asked = parse_qs(urlsplit(link).query)
    assert asked["client_id"] == [str(application.id)]
    assert {"bot", "applications.commands"} <= set(asked["scope"][0].split())
    rights = int(asked.get("permissions", ["0"])[0])
    role = community.add_role(Role(application.id + 1, application.name, position, rights, managed=True))
    community.join(Member(application.id, application.name, is_bot=True)).roles.add(role.id)
    application.guilds[community.guild_id] = community.name


def verified(application: Application, url: str) -> bool:
    """Whether the URL answers a PING that Discord signed, and refuses one that somebody else signed."""
    application.pings += 1
    body = json.dumps(ping(Place(application.id, None))).encode()
    try:
        with DiscordClient(url, application.id, None, application.private_key) as discord:
            good = discord.post(body, signed_headers(application.private_key, body, time.time()))
            forged = discord.post(body, signed_headers(new_private_key(), body, time.time()))
    except httpx.HTTPError:
        return False
    return (good.status, good.body.get("type"), forged.status) == (200, 1, 401)


@dataclass
class Webhook:
    """A webhook of a channel, which an application has made."""

    id: int
    channel_id: int
    application_id: int
    name: str
    token: str = field(repr=False)

    def json(self) -> Json:
        return {
            "id": str(self.id),
            "type": 1,
            "channel_id": str(self.channel_id),
            "application_id": str(self.application_id),
            "name": self.name,
            "token": self.token,
        }


# --- requests ---


@dataclass(frozen=True, slots=True)
class Visit:
    """A request of an application; `reach` leads to an interactions URL as it can be called from here."""

    community: Community
    application: Application
    numbers: tuple[int, ...]
    body: Json
    reach: Callable[[str], str]


def _bot(it: Visit) -> object:
    return it.application.bot()


def _guilds(it: Visit) -> object:
    return [{"id": str(one), "name": name, "owner": False} for one, name in it.application.guilds.items()]


def _application(it: Visit) -> object:
    return it.application.json()


def _change_application(it: Visit) -> object:
    url = str(it.body.get("interactions_endpoint_url") or "")
    if url and not verified(it.application, it.reach(url)):
        error = {"code": "APPLICATION_INTERACTIONS_ENDPOINT_VERIFICATION_FAILED", "message": UNVERIFIED}
        refused = Refused(400, 50035, "Invalid Form Body")
        refused.body["errors"] = {"interactions_endpoint_url": {"_errors": [error]}}
        raise refused
    it.application.interactions_url = url
    return it.application.json()


def _channels(it: Visit) -> object:
    """With who may not do what in them."""
    _must_be_in(it, it.numbers[0])
    return [
        {
            "id": str(one),
            "type": it.community.kinds.get(one, 0),
            "name": name,
            "position": place,
            "permission_overwrites": it.community.overwrites.get(one, []),
        }
        for place, (one, name) in enumerate(it.community.channels.items())
    ]


def _channel_webhooks(it: Visit) -> object:
    it.community.must_be_allowed(it.numbers[0], it.application.id, MANAGE_WEBHOOKS)
    return [one.json() for one in it.community.webhooks.values() if one.channel_id == it.numbers[0]]


def _make_webhook(it: Visit) -> object:
    it.community.must_be_allowed(it.numbers[0], it.application.id, MANAGE_WEBHOOKS)
    name = str(it.body["name"])
    made = Webhook(snowflake(), it.numbers[0], it.application.id, name, f"token-of-{snowflake()}")
    it.community.webhooks[made.id] = made
    return made.json()


def _commands(it: Visit) -> object:
    _must_be_in(it, it.numbers[1])
    return list(it.application.commands.values())


def _make_command(it: Visit) -> object:
    _must_be_in(it, it.numbers[1])
    made = {**it.body, "id": str(snowflake()), "application_id": str(it.application.id), "version": "1"}
    it.application.commands[int(made["id"])] = made
    return made


def _change_command(it: Visit) -> object:
    found = it.application.commands.get(it.numbers[2])
    if found is None:
        raise Refused(*UNKNOWN_COMMAND)
    found.update(it.body)
    return found


def _delete_command(it: Visit) -> None:
    if it.application.commands.pop(it.numbers[2], None) is None:
        raise Refused(*UNKNOWN_COMMAND)


def _message(it: Visit) -> object:
    channel, message = it.numbers
    return it.community.message(channel, message).json()


def _pins(it: Visit) -> object:
    pinned = [one for one in it.community.messages if one.channel_id == it.numbers[0] and one.pinned and not one.gone]
    return {"items": [{"pinned_at": one.at, "message": one.json()} for one in reversed(pinned)], "has_more": False}


def _pin(it: Visit) -> None:
    channel, message = it.numbers
    it.community.must_be_allowed(channel, it.application.id, PIN_MESSAGES)
    it.community.message(channel, message).pinned = True


def _must_be_in(it: Visit, guild_id: int) -> None:
    if guild_id not in it.application.guilds:
        raise Refused(*MISSING_ACCESS)


def call_webhook(community: Community, method: str, webhook_id: int, token: str, body: Json) -> Json:
    """What anybody may do who knows a webhook's URL: look at it, post, and delete it; raises Refused."""
    found = community.webhooks.get(webhook_id)
    if found is None or found.token != token:
        raise Refused(*UNKNOWN_WEBHOOK)
    if method == "GET":
        return found.json()
    if method == "DELETE":
        return community.webhooks.pop(webhook_id).json()
    if found.channel_id not in community.channels:
        raise Refused(*UNKNOWN_CHANNEL)
    return community.create_message(found.channel_id, body)


MANAGE_WEBHOOKS, PIN_MESSAGES = 1 << 29, 1 << 51
_ID = r"(\d{1,20})"


def way(text: str) -> re.Pattern[str]:
    return re.compile(text.replace("#", _ID))


ROUTES: tuple[tuple[re.Pattern[str], Callable[[Visit], object]], ...] = (
    (way("GET /users/@me"), _bot),
    (way("GET /users/@me/guilds"), _guilds),
    (way("GET /applications/@me"), _application),
    (way("PATCH /applications/@me"), _change_application),
    (way("GET /guilds/#/channels"), _channels),
    (way("GET /channels/#/webhooks"), _channel_webhooks),
    (way("POST /channels/#/webhooks"), _make_webhook),
    (way("GET /applications/#/guilds/#/commands"), _commands),
    (way("POST /applications/#/guilds/#/commands"), _make_command),
    (way("PATCH /applications/#/guilds/#/commands/#"), _change_command),
    (way("DELETE /applications/#/guilds/#/commands/#"), _delete_command),
    (way("GET /channels/#/messages/pins"), _pins),
    (way("PUT /channels/#/messages/pins/#"), _pin),
    (way("GET /channels/#/messages/#"), _message),
)

WEBHOOK = re.compile(r"(?P<method>GET|POST|DELETE) /webhooks/(?P<id>\d{1,20})/(?P<token>[\w-]+)")
