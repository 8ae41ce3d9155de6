"""The buttons below a list that is shown a page at a time: previous, next and refresh, each with its target page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from mastermind.discord.components import Button, Row

if TYPE_CHECKING:
    from mastermind.bot.commands import Handler
    from mastermind.game.paging import Page

ACTIONS = ("previous", "next", "refresh")


class CustomIds(Protocol):
    """Makes the custom_id of an action on a page."""

    def __call__(self, action: str, page: int, /) -> str: ...


def buttons[Line](found: Page[Line], custom_id: CustomIds) -> Row:
    """The three buttons; at either end of the list one of them is disabled."""
    page = found.number
    return Row(
        (
            Button("Previous", custom_id("previous", max(1, page - 1)), disabled=page <= 1),
            Button("Next", custom_id("next", page + 1), disabled=page >= found.pages),
            Button("Refresh", custom_id("refresh", page)),
        )
    )


def turned_by(turn: Handler) -> dict[str, Handler]:
    """The actions of the three buttons; `turn` shows the page that its button names."""
    return dict.fromkeys(ACTIONS, turn)
