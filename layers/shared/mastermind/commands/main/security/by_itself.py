"""What the game says by itself, as /security health shows it: the bot, rights that it lacks, and what went wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mastermind.discord.text import cut, escape
from mastermind.game.outbox.rules import State
from mastermind.game.outreach import rights

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from mastermind.game.outbox.table import Trouble
    from mastermind.operations.health.report import Spoken

LONGEST, LONGEST_REASON = 1_200, 80
"""Characters of all lines together, and of a reason."""

OFF = (
    "⚪ **Bot:** off, no token that Discord accepts is stored. Announcements go by webhook; there are no direct "
    "messages. An operator turns it on with `.venv/bin/ops token`."
)


def shown(spoken: Spoken) -> str:
    """The lines, the worst first."""
    return cut("\n".join(("### What the game says by itself", *_lines(spoken))), LONGEST)


def _lines(spoken: Spoken) -> Iterator[str]:
    yield "🟢 **Bot:** on" if spoken.is_on else OFF
    for one in spoken.missing:
        yield f"🟠 **The bot's role lacks** {rights.lacks(one.needed, one.code)}, since {_moment(one.since)}"
    yield from map(_trouble, spoken.trouble)


def _trouble(one: Trouble) -> str:
    times = f"{one.times:,} times, last" if one.times > 1 else "once,"
    said = f"{one.kind.replace('_', ' ')}, {times} {_moment(one.last_at)}"
    if one.state is State.UNKNOWN:
        return f"🟠 **Unknown:** {said}. Nobody can say whether it is in Discord; it is never repeated"
    answer = f" ({one.status}, code {one.code or 'none'})" if one.status else ""
    reason = escape(cut(one.reason or "no reason", LONGEST_REASON))
    return f"🟠 **Refused:** {said}: {reason}{answer}"


def _moment(at: datetime) -> str:
    return f"<t:{int(at.timestamp())}:f>"
