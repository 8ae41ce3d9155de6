"""A stand-in for Discord's REST API: it has a server with members, roles and channels, and counts what people see."""
