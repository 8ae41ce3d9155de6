"""The Discord server of `make run`: its channels, its roles, and the personas as its members."""

from __future__ import annotations

from typing import TYPE_CHECKING

from devkit.discord_server.community import Community
from devkit.discord_server.records import Member, Role
from mastermind.discord.permissions import (
    BAN_MEMBERS,
    MANAGE_ROLES,
    MODERATE_MEMBERS,
    SEND_MESSAGES,
    VIEW_CHANNEL,
)
from simulator.personas import (
    ADMIN_ROLE_ID,
    ANNOUNCEMENTS_CHANNEL_ID,
    BOT_ROLE_ID,
    GENERAL_CHANNEL_ID,
    MODERATOR_ROLE_ID,
    OWNER_ID,
    PERMISSIONS,
)

if TYPE_CHECKING:
    from devkit.json_types import Json
    from simulator.personas import Persona, Personas

EXPLORER, REGULAR, LEGEND = (1_290_000_000_000_000_021 + n for n in range(3))
"""Roles for the bot to give."""

ROLES = (
    Role(MODERATOR_ROLE_ID, "Moderators", 8, PERMISSIONS["moderator"]),
    Role(ADMIN_ROLE_ID, "Admins", 9, PERMISSIONS["admin"]),
    Role(EXPLORER, "Explorer", 1),
    Role(REGULAR, "Regular", 2),
    Role(LEGEND, "Legend", 3),
)

OF_KIND = {"moderator": MODERATOR_ROLE_ID, "admin": ADMIN_ROLE_ID}
ELSEWHERE = {"stranger", "direct"}


def community(known: Json, personas: Personas) -> Community:
    """The server as Discord knows it when the local cloud starts; `known` are its ids."""
    guild_id, bot_id = int(known["guild_id"]), int(known["apps"]["main"]["application_id"])
    found = Community(guild_id, bot_id, OWNER_ID)
    found.add_channel(ANNOUNCEMENTS_CHANNEL_ID, "announcements")
    found.add_channel(GENERAL_CHANNEL_ID, "general")
    for role in ROLES:
        found.add_role(role)
    rights = VIEW_CHANNEL | SEND_MESSAGES | MANAGE_ROLES | MODERATE_MEMBERS | BAN_MEMBERS
    found.add_role(Role(BOT_ROLE_ID, "Mastermind", 7, rights, managed=True))
    found.members[bot_id].roles.add(BOT_ROLE_ID)
    found.join(Member(int(known["apps"]["tensey"]["application_id"]), "Tensey", is_bot=True))
    for persona in personas.all():
        join(found, persona)
    return found


def join(found: Community, persona: Persona) -> None:
    """A persona becomes a member, unless they are one of another server."""
    if persona.kind not in ELSEWHERE:
        roles = {OF_KIND[persona.kind]} if persona.kind in OF_KIND else set[int]()
        found.join(Member(int(persona.user_id), persona.name, roles, is_bot=persona.kind == "bot"))
