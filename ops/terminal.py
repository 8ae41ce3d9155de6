"""The console of the tool: control characters in text of members, of Discord and of AWS are escaped."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, override

from rich import console

from devkit.terminal import printable

if TYPE_CHECKING:
    from rich.text import Text


class Console(console.Console):
    """rich's, with control characters escaped in every text that it is given; the colours are its own."""

    @override
    def render_str(self, text: str, **options: Any) -> Text:  # rich's own keywords
        return super().render_str(printable(text), **options)
