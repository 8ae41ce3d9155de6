"""*Cheer* below what the bot has posted: anybody's tap counts once, and changes the post itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mastermind.commands.parts import announcement_cards
from mastermind.discord.replies import Reply, Update, say
from mastermind.errors import BadArgument
from mastermind.game.announcements.rules import AnnouncementKind
from mastermind.game.cheers import actions as cheers
from mastermind.game.cheers.actions import Post

if TYPE_CHECKING:
    from mastermind.bot.call import Call

OWN = "👏 This one is yours: the others cheer here, and so do we. `/scorecard` shows how far you are."
GONE = "This was celebrated a while ago, or is not shown any more. `/leaderboard` shows who is on the way now."

MEMBERS = frozenset({AnnouncementKind.MILESTONE, AnnouncementKind.LEVEL_UP})


def press(call: Call) -> Reply:
    tapped = call.run(cheers.tap, _post(call))
    if tapped.announcement and tapped.cheers:
        return Update((announcement_cards.card(tapped.announcement, tapped.cheers),))
    return say(OWN if tapped.became is cheers.Became.OWN else GONE)


def _post(call: Call) -> Post:
    kind, number = call.argument(0), call.whole_argument(1)
    if kind == announcement_cards.DIGEST:
        return Post("", number)
    if kind not in MEMBERS:
        raise BadArgument("there is nobody to cheer for")
    return Post(f"{kind}:{number}:{call.whole_argument(2)}")
