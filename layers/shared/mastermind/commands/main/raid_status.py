"""/raid-status: the state of a raid, visible to everybody.

Anybody may use the buttons of a public message: its opener refreshes the message, anybody else gets a private copy
(docs/rules/access.md, Buttons). A hidden member is never listed; when they ask, only they see the answer.
So it is for who gave what they keep to themselves: what they gave exactly is theirs alone.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from mastermind.bot.commands import Command, Option, OptionType
from mastermind.commands.parts import raid_cards
from mastermind.discord.components import Button, Container, Row, Separator, Text
from mastermind.discord.replies import Message, Reply, Update, say
from mastermind.discord.text import name
from mastermind.errors import BadArgument, MemberMistake
from mastermind.game.members.pace import Pace
from mastermind.game.raids import actions as raids
from mastermind.game.raids.rules import REWARD, RaidStatus

if TYPE_CHECKING:
    from collections.abc import Callable

    from mastermind.bot.call import Call
    from mastermind.discord.components import ContainerPart
    from mastermind.game.raids.actions import Own, Raid, RaidStanding

PUBLIC, PRIVATE = "public", "private"
"""Who sees a message, stored in its custom_ids: Discord does not send it with a button press."""

MEDALS = ("🥇 **1.** ", "🥈 **2.** ", "🥉 **3.** ")

NONE_YET = (
    "There has been no raid yet. An admin starts one with `/start-raid`; then everything you log counts automatically."
)

UNNAMED = "Those who contributed hide, or have left. Their points count all the same."
SMALL = "No part is large enough to be named yet."
TO_COME = "Your points are still to come: what you log for today counts."
IN_STEPS = "-# In steps of 5 %: somebody keeps their part to themselves."


# --- what the command and its button do ---


def _run(call: Call) -> Reply:
    wanted = call.whole("id") or None
    standing = _read(call, wanted)
    if standing.raid is None:
        if wanted:
            raise MemberMistake(f"There is no raid {wanted}. `/raid-status` without a number shows the newest one.")
        return say(NONE_YET, private=False)
    return _message(call, standing, standing.raid, private=standing.own.hidden)


def _open(call: Call) -> Reply:
    """The button of a raid's announcement: a private copy for the member who presses it."""
    standing = _read(call, call.whole_argument(0))
    return _message(call, standing, _found(standing), private=True)


def _renew(call: Call) -> Reply:
    standing = _read(call, call.whole_argument(0))
    raid, opener, seen = _found(standing), call.whole_argument(1), call.argument(2)
    if seen not in {PUBLIC, PRIVATE}:
        raise BadArgument("a message is public or private")
    if opener != call.caller.user_id or (seen == PUBLIC and standing.own.hidden):
        return _message(call, standing, raid, private=True)
    return Update((card(call, standing, raid, private=seen == PRIVATE),), _picture(call, standing, raid))


def _read(call: Call, raid_id: int | None) -> RaidStanding:
    return call.run(raids.read, raid_id)


def _found(standing: RaidStanding) -> Raid:
    """The raid that a button names. Raids are never deleted, but a restore may have lost it."""
    if standing.raid is None:
        raise MemberMistake("I don't know that raid any more. `/raid-status` shows the newest one.")
    return standing.raid


# --- the card ---


def _message(call: Call, standing: RaidStanding, raid: Raid, *, private: bool) -> Message:
    words = card(call, standing, raid, private=private)
    return Message((words,), private=private, picture=_picture(call, standing, raid))


def _picture(call: Call, standing: RaidStanding, raid: Raid) -> Callable[[], str] | None:
    if not call.draws:
        return None
    from mastermind.commands.parts import pictures  # many games draw none

    return partial(pictures.of_raid, raid, RaidStatus(raid.status), standing.top)


def card(call: Call, standing: RaidStanding, raid: Raid, *, private: bool) -> Container:
    contributed = (_contributors(standing, raid), _own(standing.own, raid, private=private))
    parts: tuple[ContainerPart, ...] = (
        Text("\n".join((raid_cards.title(raid), raid_cards.progress(raid), *_steps(raid), _time(raid)))),
        Separator(),
        *(Text(each) for each in contributed if each),
    )
    if raid.status == RaidStatus.ACTIVE:
        parts = (
            *parts,
            Text(f"-# What counts: {raid_cards.counting(raid.type)}"),
            Row((_refresh(call, raid, private=private),)),
        )
    return Container(parts, accent_color=raid_cards.look(raid).color)


def _refresh(call: Call, raid: Raid, *, private: bool) -> Button:
    seen = PRIVATE if private else PUBLIC
    return Button("Refresh", call.shared_custom_id("renew", raid.raid_id, call.caller.user_id, seen))


def _steps(raid: Raid) -> tuple[str, ...]:
    return (IN_STEPS,) if raid.in_steps else ()


def _time(raid: Raid) -> str:
    """When it ends or has ended, and what that means."""
    match RaidStatus(raid.status):
        case RaidStatus.ACTIVE:
            return f"Ends {raid_cards.moment(raid.ends_at)}. {raid_cards.rewards()}"
        case RaidStatus.COMPLETED:
            when = "have been paid" if raid.is_rewarded else "come within a minute or two"
            return (
                f"Won {_ended(raid)}. The rewards {when}: {REWARD} XP for each contributor, {REWARD} more for the top."
            )
        case RaidStatus.FAILED:
            return f"The time ran out {_ended(raid)}, so there is no reward. What you logged keeps its XP."
        case RaidStatus.CANCELLED:
            return f"An admin ended it {_ended(raid)}, so there is no reward. What you logged keeps its XP."


def _ended(raid: Raid) -> str:
    return raid_cards.moment(raid.ended_at or raid.ends_at)


def _contributors(standing: RaidStanding, raid: Raid) -> str:
    """Who contributed most; hidden members are neither named nor counted."""
    if not raid.contributors and raid.in_steps:
        return UNNAMED
    if not raid.contributors:
        return "Nobody contributed." if raid.ended_at else "Nobody has contributed yet. Be the first!"
    members = f"{raid.contributors:,} member{'' if raid.contributors == 1 else 's'}"
    lines = [
        f"{MEDALS[place] if place < len(MEDALS) else f'**{place + 1}.** '}{name(each.display_name)}: {each.points:,}"
        for place, each in enumerate(standing.top)
    ]
    return "\n".join((f"**Top contributors** (of {members})", *(lines or [SMALL])))


def _own(own: Own, raid: Raid, *, private: bool) -> str:
    """What the caller has contributed; by name in public, because others read it too. Nobody is said to lack a part."""
    if own.points:
        return f"{'You have' if private else f'{name(own.display_name)} has'} contributed **{own.points:,}** points."
    return TO_COME if private and not raid.ended_at else ""


COMMAND = Command(
    name="raid-status",
    description="See how the raid goes, or how an earlier one went",
    run=_run,
    options=(Option("id", "Number of a raid (default: the newest)", type=OptionType.INTEGER, min_value=1),),
    private=False,
    components={"open": _open, "renew": _renew},
    pace=Pace.PAGING,
    help=(
        "Shows the points of the raid and its target, how much time is left, who contributed most, and your own. While "
        "a raid runs, what you log for today and the challenges you tick count automatically. When its target is "
        "reached in time, everybody who contributed gets 250 XP, and the top contributor (in a tie, the one who got "
        "there first) gets 250 more; when the time runs out, there is no reward. Everybody in the channel sees the "
        "answer; hidden members are not listed, and only they see the answer when they ask. While somebody keeps their "
        "part to themselves, the points are shown in steps of 5 %."
    ),
)
