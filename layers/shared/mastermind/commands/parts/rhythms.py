"""A member's rhythm: how often they want to do something, chosen in the first run and changed in /settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mastermind.bot import looks
from mastermind.discord.components import Button, ButtonStyle, Container, Row, Section, Text
from mastermind.discord.replies import Update
from mastermind.errors import BadArgument
from mastermind.game.members.rhythm import Rhythm
from mastermind.game.settings import actions as settings
from mastermind.game.settings.actions import SettingsChange

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mastermind.bot.call import Call
    from mastermind.bot.commands import Handler
    from mastermind.discord.replies import Reply
    from mastermind.game.settings.actions import Settings


def named_by(call: Call) -> Rhythm:
    """The rhythm that a button names."""
    try:
        return Rhythm(call.argument(0))
    except ValueError:
        raise BadArgument("there is no such rhythm") from None


def buttons(call: Call, chosen: Rhythm | None) -> Row:
    """One for each, in the order of how much they ask; the one that is chosen stands out."""
    return Row(tuple(_button(call, each, is_chosen=each is chosen) for each in Rhythm))


def _button(call: Call, rhythm: Rhythm, *, is_chosen: bool) -> Button:
    style = ButtonStyle.PRIMARY if is_chosen else ButtonStyle.SECONDARY
    return Button(rhythm.words.capitalize(), call.custom_id("rhythm", rhythm), style, emoji=rhythm.emoji)


def named(rhythm: Rhythm) -> str:
    return f"{rhythm.emoji} **{rhythm.words}**"


# --- in /settings ---


def line(call: Call, now: Settings) -> Section:
    """The rhythm among all settings."""
    words = f"{now.rhythm.emoji} {now.rhythm.words}" if now.rhythm else "not chosen yet"
    return Section((Text(f"**Rhythm:** {words}."),), Button("Rhythm", call.custom_id("rhythms")))


def _open(call: Call) -> Reply:
    return Update((_page(call, call.run(settings.read).rhythm),))


def _set(call: Call) -> Reply:
    chosen = named_by(call)
    call.run(settings.change, SettingsChange(rhythm=chosen))
    return Update((_page(call, chosen, f"{named(chosen)} it is."),))


def _page(call: Call, chosen: Rhythm | None, notice: str = "How often do you want to do something small?") -> Container:
    back = Row((Button("All settings", call.custom_id("all")),))
    text = Text(f"{looks.SETTINGS.heading('Your rhythm')}\n{notice} {FOLLOWS}")
    return Container((text, buttons(call, chosen), back), looks.SETTINGS.color)


FOLLOWS = "Reminders follow it."

COMPONENTS: Mapping[str, Handler] = {"rhythms": _open, "rhythm": _set}
