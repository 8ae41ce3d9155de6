"""What Discord's 403 means: what the bot may not do, and which permission it lacks, by the endpoint that was asked."""

from __future__ import annotations

import re
from dataclasses import dataclass

THERE = "Give it {} there (the channel's settings, Permissions), and run this again."
INVITED = "Open the link that `.venv/bin/ops invite` prints, and run this again."
COPIED = "Copy the token from the Developer Portal again."


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Requests to Discord: their methods, their path with its first id as a group, what they do, and the way on."""

    methods: str
    path: str
    what: str
    way_on: str

    def words(self, method: str, path: str) -> str:
        """What the bot may not do and what it lacks; empty for another request."""
        found = re.search(f"{self.path}$", path)
        if method not in self.methods.split() or found is None:
            return ""
        return f"the bot may not {self.what.format(*found.groups())}. {self.way_on}"


ENDPOINTS = (
    Endpoint(
        "GET", r"/channels/(\d+)/messages(?:/\d+|/pins)?", "look into channel {}",
        THERE.format("View Channel and Read Message History"),
    ),
    Endpoint(
        "POST PATCH", r"/channels/(\d+)/messages(?:/\d+)?", "write in channel {}",
        THERE.format("View Channel and Send Messages"),
    ),
    Endpoint(
        "PUT", r"/channels/(\d+)/messages/pins/\d+", "pin messages in channel {}",
        THERE.format("Pin Messages (Manage Messages where that is not offered)"),
    ),
    Endpoint(
        "DELETE", r"/channels/(\d+)/messages/\d+", "delete a message in channel {}",
        THERE.format("View Channel and Manage Messages"),
    ),
    Endpoint(
        "GET POST", r"/channels/(\d+)/webhooks", "see or make the webhooks of channel {}",
        THERE.format("View Channel and Manage Webhooks"),
    ),
    Endpoint(
        "GET POST PATCH DELETE", r"/applications/\d+/guilds/(\d+)/commands(?:/\d+)?", "have commands in the server {}",
        "It was installed without the scope applications.commands: open the link that `.venv/bin/ops invite` prints.",
    ),
    Endpoint(
        "GET POST PATCH DELETE", r"/applications/(\d+)/commands(?:/\d+)?", "change the commands of application {}",
        "The token is that of another application: `.venv/bin/ops token` stores the right one.",
    ),
    Endpoint("GET", r"/guilds/(\d+)/(?:members/\d+|roles|channels)", "look at the server {}: it is not in it", INVITED),
    Endpoint(
        "GET PATCH", r"/applications/@me", "look at its own application or change it",
        COPIED,
    ),
    Endpoint("GET", r"/users/@me/guilds", "see which servers it is in", COPIED),
)  # fmt: skip
"""Whatever this tool asks of Discord with a bot token. Source: Discord's documentation, Permissions.

What the functions ask has a table of its own (game/outreach/rights.py).
"""


def words(method: str, path: str) -> str:
    """What the bot lacks for a request that was answered with 403."""
    known = (one.words(method, path) for one in ENDPOINTS)
    return next(filter(None, known), f"the bot lacks a permission for {path}. `.venv/bin/ops doctor` looks for it.")
