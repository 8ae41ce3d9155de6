"""/start-raid: an admin starts a raid with a shared target, and may cancel it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mastermind.bot import looks
from mastermind.bot.commands import Command, Option, OptionType
from mastermind.commands.parts import raid_cards
from mastermind.discord.components import Button, ButtonStyle, Container, Row, Text
from mastermind.discord.replies import Choice, Message, Reply, Update, say
from mastermind.game.catalogue import content as stats
from mastermind.game.members.authority import Access
from mastermind.game.raids import actions as raids
from mastermind.game.raids import rules
from mastermind.game.raids.rules import STATUSES, RaidStatus, RaidType

if TYPE_CHECKING:
    from mastermind.bot.call import Call
    from mastermind.game.raids.actions import Cancelled, Raid, Started


# --- what the command and its buttons do ---


def _run(call: Call) -> Reply:
    started = _start(call)
    if not started.is_new:
        return Message((_already_running(call, started.raid),), private=True)
    call.nudge()
    return Message((_announcement(call, started.raid),), private=False)


def _ask(call: Call) -> Reply:
    """Ask for confirmation: a cancelled raid cannot be resumed."""
    raid_id = call.whole_argument(0)
    standing = call.run(raids.read, raid_id)
    raid = standing.raid
    if raid is None or raid.status != RaidStatus.ACTIVE:
        return say(_too_late(raid))
    question = f"Cancel raid {raid.raid_id}? Nobody would be rewarded.\n{raid_cards.progress(raid)}"
    no = Button("Keep it", call.custom_id("keep"))
    yes = Button("Cancel it", call.custom_id("end", raid.raid_id), ButtonStyle.DANGER)
    said = Text(f"{looks.LOSS.emoji} {question}")
    return Message((Container((said, Row((no, yes))), looks.LOSS.color),), private=True)


def _end(call: Call) -> Reply:
    return Update((Container((Text(f"{looks.OVER.emoji} {_result(_cancel(call))}"),), looks.OVER.color),))


def _keep(_call: Call) -> Reply:
    return Update((Text("Good, the raid goes on. `/raid-status` shows how."),))


# --- the raid ---


def _start(call: Call) -> Started:
    raid_type = rules.RaidType(call.text("type"))
    minutes, target = call.whole("duration", rules.USUAL_DURATION), call.whole("target", rules.USUAL_TARGET)
    return call.run(
        raids.start, raid_type, minutes=minutes, target=target, tick_points=rules.tick_points(stats.load(), raid_type)
    )


def _cancel(call: Call) -> Cancelled:
    raid_id = call.whole_argument(0)
    return call.run(raids.cancel, raid_id)


# --- wording ---


def _announcement(call: Call, raid: Raid) -> Container:
    said = (
        f"{looks.RAIDS[raid.type].heading(f'A {raid.type} raid begins!')}\n"
        f"**{raid.target:,} points** together. It ends {raid_cards.moment(raid.ends_at)}.\n"
        f"{raid_cards.rewards()}"
    )
    how = (
        "What you log for today with `/submit-stats` and the challenges you tick count automatically.\n"
        f"-# Points each: {raid_cards.counting(raid.type)}"
    )
    buttons = Row((_status_button(call, raid), _cancel_button(call, raid)))
    return Container((Text(said), Text(how), buttons), accent_color=looks.RAIDS[raid.type].color)


def _already_running(call: Call, raid: Raid) -> Container:
    if raid.status != RaidStatus.ACTIVE:
        return Container(
            (Text("🏁 Another raid has just ended. You can start yours now with `/start-raid`."),), looks.OVER.color
        )
    running = looks.RAIDS[raid.type]
    said = (
        f"{running.emoji} Nothing new was started: {raid.type} raid {raid.raid_id} is running, and there is one at a "
        f"time. It ends {raid_cards.moment(raid.ends_at)}.\n{raid_cards.progress(raid)}"
    )
    buttons = Row((_status_button(call, raid), _cancel_button(call, raid)))
    return Container((Text(said), buttons), running.color)


def _status_button(call: Call, raid: Raid) -> Button:
    """For everybody: it opens a private copy of /raid-status."""
    return Button("See raid", call.shared_custom_id("open", raid.raid_id, path="raid-status"), ButtonStyle.PRIMARY)


def _cancel_button(call: Call, raid: Raid) -> Button:
    """For every admin, not only who started it."""
    return Button("Cancel (admins)", call.shared_custom_id("cancel", raid.raid_id))


def _result(cancelled: Cancelled) -> str:
    if cancelled.raid is None or not cancelled.by_this:
        return _too_late(cancelled.raid)
    how = "Nobody is rewarded; what was logged keeps its XP. `/start-raid` starts another."
    return f"Raid {cancelled.raid.raid_id} is cancelled. {how}"


def _too_late(raid: Raid | None) -> str:
    if raid is None:
        return "There is no such raid. `/raid-status` shows the newest."
    status = STATUSES[raid.status]
    return f"Raid {raid.raid_id} is over already: {status}. Nothing was changed. `/start-raid` starts another."


COMMAND = Command(
    name="start-raid",
    description="Start a raid: a shared target in a short time",
    run=_run,
    options=(
        Option(
            "type",
            "What counts: deeds out there (warrior) or inner work (mage)",
            required=True,
            choices=tuple(Choice(each.capitalize(), each.value) for each in RaidType),
        ),
        Option(
            "duration",
            f"Minutes (default: {rules.USUAL_DURATION})",
            type=OptionType.INTEGER,
            min_value=rules.SHORTEST,
            max_value=rules.LONGEST,
        ),
        Option(
            "target",
            f"Points to reach together (default: {rules.USUAL_TARGET:,})",
            type=OptionType.INTEGER,
            min_value=rules.LOWEST_TARGET,
            max_value=rules.HIGHEST_TARGET,
        ),
    ),
    access=Access.ADMIN,
    private=False,
    components={"cancel": _ask, "end": _end, "keep": _keep},
    help=(
        "Starts a raid for the whole server; one runs at a time. Everybody sees what counts, the target and when it "
        "ends. It ends by itself, when the target is reached or the time is over; an admin can cancel it before with "
        "the button below the answer. Start and cancellation stand in `/security audit`."
    ),
)
