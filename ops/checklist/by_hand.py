"""Lines that a person confirms, with drafts of what they need for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ops import bot

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ops.target import Target

from ops.checklist.lines import Result, Site, State

ANNOUNCEMENT = """\
**The game begins.**
Do something brave in the world, note it here, and earn XP with everybody else.

- `/tenseylist` on the phone: small tasks in social courage, from warm-up to grandmaster. Tick one, and a minute later \
you get 100 XP. Until then an undo leaves no trace.
- `/submit-stats` in the evening: a streak begins with the first day. A freeze covers the day you miss.
- `/scorecard`, `/leaderboard`, `/faction-stats` show where you and your faction stand.
- `/help` explains it all, `/settings` sets your time zone, `/privacy` shows and deletes what is kept about you.

Something odd? Tell {owner}, with the number that the answer names.
"""


def confirm(words: str) -> Callable[[Site], Result]:
    return lambda _: Result(State.BY_HAND, words)


def announcement(site: Site) -> Result:
    return Result(State.BY_HAND, "edit this draft, and post it when no line fails", draft(site.target))


def draft(target: Target) -> str:
    """What to say to the server."""
    owner = target.parameters.get("OwnerId", "0")
    return ANNOUNCEMENT.format(owner=f"<@{owner}>" if owner != "0" else "an admin")


def invites(site: Site) -> Result:
    words = "an admin opens each link once; then invite the first ten members"
    return Result(State.BY_HAND, words, "\n".join(_links(site.target)))


def _links(target: Target) -> Iterator[str]:
    yield f"main: {bot.link(target)}"
    yield f"tensey: {bot.link(target, 'tensey')}"
    yield "Members need no link: they type / in a channel of the server."
