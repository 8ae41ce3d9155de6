"""What the local server sends to the page besides JSON: its own files and those of messages, with their headers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from devkit.discord_server.records import Upload

PAGE = Path(__file__).parent / "page"
BUILT, GALLERY = PAGE / "built", PAGE / "gallery.json"
DRAWN = Path(__file__).parents[1] / "docs" / "drawn"
FONTS = Path(__file__).parents[1] / "functions" / "pictures" / "fonts"
SIGNS = ("NotoColorEmoji_400Regular.ttf", "NotoSansSymbols_700Bold.ttf", "NotoSansSymbols2_400Regular.ttf")
"""Fonts of the function that draws pictures which the page shows too."""

TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript",
    ".css": "text/css",
    ".json": "application/json",
    ".txt": "text/plain; charset=utf-8",
    ".png": "image/png",
    ".ttf": "font/ttf",
    ".woff": "font/woff",
    ".woff2": "font/woff2",
}
PICTURES = {"image/png", "image/jpeg", "image/webp"}
# Everything is loaded from here, nothing may be framed or sent elsewhere; images of messages may be anywhere.
SAFE = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; connect-src 'self'; "
        "img-src 'self' data: https:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}

type Sent = tuple[bytes, dict[str, str]]
"""A body with its headers."""


def page(name: str) -> Sent | None:
    """A file of the page, or a drawn picture. Every other path of one segment is the page itself, which routes it."""
    drawn, signs = (DRAWN / "pictures.json", *DRAWN.glob("*.png")), (FONTS / name for name in SIGNS)
    files = {file.name: file for file in (*drawn, *signs, GALLERY, *BUILT.iterdir())}
    file = files.get(name, BUILT / "index.html")
    return None if "/" in name else (file.read_bytes(), {"Content-Type": TYPES[file.suffix], **SAFE})


def saved(content: bytes) -> Sent:
    """A download, never shown: its content is members' words."""
    return content, {**SAFE, "Content-Type": "application/octet-stream", "Content-Disposition": "attachment"}


def uploaded(file: Upload) -> Sent:
    """A picture that the bot uploaded is shown; whatever else it uploads is only ever saved."""
    return (file.content, {**SAFE, "Content-Type": file.kind}) if file.kind in PICTURES else saved(file.content)
