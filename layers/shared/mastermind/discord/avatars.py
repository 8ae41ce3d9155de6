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
    return _described(f"{CDN}{path(user_id, avatar, SMALL)}", display_name) if avatar else None


def always(user_id: int, display_name: str, avatar: str) -> Thumbnail:
    """The same; for somebody without one the picture that Discord has for them."""
    usual = _described(f"{CDN}/embed/avatars/{(user_id >> 22) % 6}.png", display_name)
    return thumbnail(user_id, display_name, avatar) or usual


def _described(url: str, display_name: str) -> Thumbnail:
    return Thumbnail(url, f"Picture of {cut(one_line(display_name), LONGEST_NAME) or 'A member'}")
