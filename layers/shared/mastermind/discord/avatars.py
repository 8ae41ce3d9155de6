"""Where Discord has a member's picture. Source: "Image Formatting" in Discord's documentation."""

from __future__ import annotations

from mastermind.discord.components import Thumbnail
from mastermind.discord.text import LONGEST_NAME, cut, one_line

CDN = "https://cdn.discordapp.com"

SMALL = 128
"""Pixels of a thumbnail."""


def path(user_id: int, avatar: str, size: int) -> str:
    """The path of a picture as PNG, by its hash; `size` is a power of two."""
    return f"/avatars/{user_id}/{avatar}.png?size={size}"


def thumbnail(user_id: int, display_name: str, avatar: str) -> Thumbnail | None:
    """A member's picture for a section, None for somebody without one."""
    if not avatar:
        return None
    shown = cut(one_line(display_name), LONGEST_NAME) or "A member"
    return Thumbnail(f"{CDN}{path(user_id, avatar, SMALL)}", f"Picture of {shown}")
