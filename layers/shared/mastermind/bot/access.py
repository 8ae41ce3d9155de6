"""Who may do what (docs/rules/access.md). Discord's own permission settings are a default that admins can change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mastermind.bot.commands import Access
from mastermind.discord.permissions import ADMINISTRATOR, MANAGE_GUILD, MANAGE_MESSAGES, MODERATE_MEMBERS

if TYPE_CHECKING:
    from mastermind.config import DiscordSettings
    from mastermind.discord.interactions import Caller

PERMISSIONS = {
    Access.ADMIN: ADMINISTRATOR | MANAGE_GUILD,
    Access.MODERATOR: MODERATE_MEMBERS | MANAGE_MESSAGES,
}
"""Any one of these bits gives that access."""


def access_of(caller: Caller, settings: DiscordSettings) -> Access:
    """What the caller may do in our server."""
    if _is_owner(caller, settings) or _has_admin_role(caller, settings):
        return Access.ADMIN
    for access, permissions in PERMISSIONS.items():
        if caller.permissions & permissions:
            return access
    return Access.EVERYONE


def _is_owner(caller: Caller, settings: DiscordSettings) -> bool:
    return caller.user_id == settings.owner_id != 0


def _has_admin_role(caller: Caller, settings: DiscordSettings) -> bool:
    return settings.admin_role_id != 0 and settings.admin_role_id in caller.role_ids
