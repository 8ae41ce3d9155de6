"""The permission bits of Discord: those of members that the game asks about, and those that its bot needs.

Sources: docs/rules/access.md, Who; "Permissions" in Discord's documentation.
"""

KICK_MEMBERS = 1 << 1
BAN_MEMBERS = 1 << 2
ADMINISTRATOR = 1 << 3
MANAGE_GUILD = 1 << 5
VIEW_CHANNEL = 1 << 10
SEND_MESSAGES = 1 << 11
MANAGE_ROLES = 1 << 28
MODERATE_MEMBERS = 1 << 40
