"""Who may do what (docs/rules/access.md). Discord's own permission settings are a default that admins can change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mastermind.discord.permissions import ADMINISTRATOR, BAN_MEMBERS, KICK_MEMBERS, MANAGE_GUILD, MODERATE_MEMBERS
from mastermind.game.members.authority import Access
from mastermind.game.members.rules import Subject

if TYPE_CHECKING:
    from mastermind.config import DiscordSettings
    from mastermind.discord.interactions import Person

PERMISSIONS = {
    Access.ADMIN: ADMINISTRATOR | MANAGE_GUILD,
    Access.MODERATOR: MODERATE_MEMBERS | KICK_MEMBERS | BAN_MEMBERS,
}
"""Any one of these bits gives that access.

Discord sends the permissions in the channel of the interaction, so only bits that hold for the whole server are here:
those without a channel type in Discord's table, which no channel's overwrite can give
(https://discord.com/developers/docs/topics/permissions#permissions-bitwise-permission-flags).
"""


def access_of(person: Person, settings: DiscordSettings) -> Access:
    """Somebody's access in our server, and so whom they outrank."""
    if person.user_id == settings.owner_id != 0:
        return Access.OWNER
    roles = {Access.ADMIN: settings.admin_role_id, Access.MODERATOR: settings.moderator_role_id}
    for access, permissions in PERMISSIONS.items():
        if person.permissions & permissions or roles[access] in person.role_ids:
            return access
    return Access.EVERYONE


def needs_role(person: Person, settings: DiscordSettings, needed: Access) -> bool:
    """Whether the moderators' role decides if somebody has this access."""
    return needed is Access.MODERATOR and bool(person.role_ids) and not _is_above(person, settings)


def _is_above(person: Person, settings: DiscordSettings) -> bool:
    """Whether they are a moderator, or more, whatever role makes moderators."""
    rights = PERMISSIONS[Access.ADMIN] | PERMISSIONS[Access.MODERATOR]
    is_owner, is_admin = person.user_id == settings.owner_id != 0, settings.admin_role_id in person.role_ids
    return is_owner or is_admin or bool(person.permissions & rights)


def subject_of(user_id: int, person: Person | None, settings: DiscordSettings) -> Subject:
    """The target of an act. Without Discord's data about them, only the owner outranks a member."""
    if person:
        return Subject(user_id, person.display_name, access_of(person, settings), person.is_bot)
    return Subject(user_id, access=Access.OWNER if user_id == settings.owner_id != 0 else Access.EVERYONE)
