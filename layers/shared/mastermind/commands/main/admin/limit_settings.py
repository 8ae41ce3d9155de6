"""How fast members may play, in /admin settings: half, twice or four times as fast as the deploy says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mastermind.bot import looks
from mastermind.discord.components import Button, Container, Row, Select, SelectOption, Text
from mastermind.discord.replies import Update
from mastermind.errors import BadArgument
from mastermind.game.members.pace import Pace
from mastermind.game.server_settings import actions as server_settings
from mastermind.game.server_settings.rules import Speed, limit_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mastermind.bot.call import Call
    from mastermind.bot.commands import Handler
    from mastermind.discord.replies import Reply
    from mastermind.game.members.pace import Limit
    from mastermind.game.server_settings.rules import Choices

PACES = {
    Pace.STATS: "Logging a day",
    Pace.TICKS: "Ticks and undos",
    Pace.PAGING: "Lists and pages",
    Pace.LEADERBOARD: "Leaderboards",
    Pace.OTHER: "Other commands",
    Pace.DIRECT: "Direct messages",
    Pace.ADMIN: "Admins and moderators",
}

SPEEDS = {
    Speed.USUAL: "As the deploy sets it",
    Speed.HALF: "Half as fast",
    Speed.DOUBLE: "Twice as fast",
    Speed.FOURFOLD: "Four times as fast",
}
"""The safe one first."""

ABOUT = "How often one member may do something. A limit stops somebody who taps without end, never somebody who plays."

UNITS = {1: "second", 60: "minute", 3600: "hour"}


def line(choices: Choices) -> str:
    """The limits among all settings."""
    differing = [PACES[pace] for pace in PACES if choices.speed(pace) is not Speed.USUAL]
    if not differing:
        return "**How fast members may play:** as the deploy sets it"
    return f"**How fast members may play:** {len(differing)} of {len(PACES)} limits changed ✏️"


def _limits(call: Call) -> Reply:
    return _shown(call, call.run(server_settings.read).choices)


def _pace(call: Call) -> Reply:
    """The speeds of the pace that was chosen."""
    pace = _known(Pace, "".join(call.interaction.values))
    choices, limit = call.run(server_settings.read).choices, call.services.game.limits[pace]
    now = choices.speed(pace)
    options = tuple(
        SelectOption(label, speed.value, _figures(speed.of(limit)), default=speed is now)
        for speed, label in SPEEDS.items()
    )
    words = (
        f"{looks.SETTINGS.heading(PACES[pace])}\nNow: {_figures(now.of(limit))}. A change holds from the next use on."
    )
    menu = Select(call.custom_id("speed", pace.value), options, "How fast")
    back = Row((Button("Back", call.custom_id("limits")),))
    return Update((Container((Text(words), back, Row((menu,))), looks.SETTINGS.color),))


def _speed(call: Call) -> Reply:
    pace, speed = _known(Pace, call.argument(0)), _known(Speed, "".join(call.interaction.values))
    now = call.run(server_settings.choose, limit_name(pace), speed.value, Speed.USUAL.value)
    figures = _figures(speed.of(call.services.game.limits[pace]))
    return _shown(call, now.choices, f"{PACES[pace]}: {figures} for everybody, from the next use on.")


def _default(call: Call) -> Reply:
    now = call.run(server_settings.back_to_default, tuple(limit_name(pace) for pace in Pace))
    return _shown(call, now.choices, "All limits are as the deploy sets them, from the next use on.")


def _shown(call: Call, choices: Choices, notice: str = "") -> Reply:
    lines = [_line(call, pace, choices.speed(pace)) for pace in PACES]
    text = Text("\n".join((looks.SETTINGS.heading("How fast members may play"), notice or ABOUT, *lines)))
    buttons = [Button("Back", call.custom_id("refresh"))]
    if any(choices.speed(pace) is not Speed.USUAL for pace in PACES):
        buttons.append(Button("Use default", call.custom_id("all-limits")))
    options = tuple(SelectOption(label, pace.value, SPEEDS[choices.speed(pace)]) for pace, label in PACES.items())
    menu = Row((Select(call.custom_id("pace"), options, "Change a limit"),))
    return Update((Container((text, Row(tuple(buttons)), menu), looks.SETTINGS.color),))


def _line(call: Call, pace: Pace, speed: Speed) -> str:
    mark = "" if speed is Speed.USUAL else f" ✏️ {SPEEDS[speed].lower()}"
    return f"**{PACES[pace]}:** {_figures(speed.of(call.services.game.limits[pace]))}{mark}"


def _figures(limit: Limit) -> str:
    return f"{limit.uses:,} a {UNITS[limit.seconds]}, {limit.burst:,} at once".replace(" a hour", " an hour")


def _known[Kind: (Pace, Speed)](kind: type[Kind], value: str) -> Kind:
    try:
        return kind(value)
    except ValueError:
        raise BadArgument(f"{value} is no {kind.__name__}") from None


PAGES: Mapping[str, Handler] = {"limits": _limits, "pace": _pace}
"""What only shows something."""

CHANGES: Mapping[str, Handler] = {"speed": _speed, "all-limits": _default}
