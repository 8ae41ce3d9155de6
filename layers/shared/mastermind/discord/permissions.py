"""The permission bits of a Discord member that the game asks about (docs/rules/access.md, Who)."""

KICK_MEMBERS = 1 << 1
BAN_MEMBERS = 1 << 2
ADMINISTRATOR = 1 << 3
MANAGE_GUILD = 1 << 5
MODERATE_MEMBERS = 1 << 40
