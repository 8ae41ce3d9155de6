"""The permission bits of a Discord member that the game asks about (docs/rules/access.md, Who)."""

ADMINISTRATOR = 1 << 3
MANAGE_GUILD = 1 << 5
MANAGE_MESSAGES = 1 << 13
MODERATE_MEMBERS = 1 << 40
