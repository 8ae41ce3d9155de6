"""/start: leads a newcomer into the game, in three small steps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mastermind.bot import looks
from mastermind.bot.commands import Command, Form
from mastermind.commands.parts import first_steps, news, rhythms
from mastermind.commands.parts.first_steps import SCALE, USUAL_HOUR
from mastermind.discord.components import Container, Text
from mastermind.discord.fields import Label, TextInput
from mastermind.discord.replies import Message, Modal, Update
from mastermind.errors import BadArgument, MemberMistake
from mastermind.game.catalogue import content as stats
from mastermind.game.catalogue.rules import STATE
from mastermind.game.first_run import actions as first_run
from mastermind.game.first_run import content, rules
from mastermind.game.first_run.rules import Step
from mastermind.game.for_you.rules import Kind
from mastermind.game.members.pace import Pace
from mastermind.game.settings import actions as settings
from mastermind.game.settings import content as time_zones
from mastermind.game.settings.actions import SettingsChange

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mastermind.bot.call import Call
    from mastermind.discord.replies import Reply
    from mastermind.game.days.actions import Submitted
    from mastermind.game.first_run.actions import Run


def _open(call: Call) -> Reply:
    """A message of its own: a posted button stays as it is, and so does the answer that the line stands on."""
    for kind in (Kind.START, Kind.GO_ON):
        call.shows(kind)
    return Message((first_steps.page(call, _read(call)),))


def _read(call: Call) -> Run:
    return call.run(first_run.read)


# --- the steps ---


def _did(call: Call) -> Reply:
    deeds = content.deeds()
    deed = deeds[rules.turned(deeds, call.whole_argument(0))]
    done, run = _log(call, Step.TODAY, {deed.stat: 1})
    return Update((first_steps.page(call, run, first_steps.first_done(done.booked_xp)),))


def _other(call: Call) -> Reply:
    return Update((first_steps.page(call, _read(call), deed=call.whole_argument(0)),))


def _state(call: Call) -> Reply:
    state = call.whole_argument(0)
    if state not in SCALE:
        raise BadArgument("the state of a day is 1 to 10")
    _, run = _log(call, Step.RHYTHM, {STATE: state})
    return _noted(call, run, state)


def _later(call: Call) -> Reply:
    return _noted(call, call.run(first_run.skip, Step.RHYTHM))


def _noted(call: Call, run: Run, state: int = 0) -> Reply:
    return Update((first_steps.page(call, run, *first_steps.noted(run, state)),))


def _log(call: Call, after: Step, added: Mapping[str, int]) -> tuple[Submitted, Run]:
    """Log it, and take the clock that the step has asked for."""
    clock = call.argument(1)
    if clock:
        _check_clock(clock)
    done, run = call.run(first_run.log, after, added, clock, catalogue=stats.load())
    news.tell_of_level(call, done.xp - done.booked_xp, done.xp)
    return done, run


def _rhythm(call: Call) -> Reply:
    return Update((first_steps.page(call, call.run(first_run.choose, rhythms.named_by(call))),))


def _remind(call: Call) -> Reply:
    call.run(settings.change, SettingsChange(remind_hour=USUAL_HOUR))
    return Update((Container((Text(REMINDED.format(USUAL_HOUR)),), looks.GUIDE.color),))


def _not_now(call: Call) -> Reply:
    call.run(first_run.decline)
    return Update((first_steps.declined(),))


# --- the clock ---


def _choose(call: Call) -> Reply:
    zone = next(iter(call.interaction.values), "")
    _check_clock(zone)
    return Update((first_steps.page(call, call.run(first_run.set_clock, zone)),))


def _check_clock(zone: str) -> None:
    if zone not in time_zones.names():
        raise BadArgument("there is no such time zone")


def _ask(call: Call) -> Modal:
    field = TextInput("zone", min_length=1, max_length=60, placeholder="Berlin, Japan, +1 ...")
    label = Label("Where do you live?", field, "A city, a country, or the distance from UTC")
    return Modal(call.custom_id("clock-typed"), "Your time zone", (label,))


def _type(call: Call) -> Reply:
    """The clock that was meant; when several could be, they are asked for."""
    found = time_zones.find(call.field("zone"), call.now)
    if found.certain:
        return Update((first_steps.page(call, call.run(first_run.set_clock, found.certain.name)),))
    zones = found.named or found.similar
    if not zones:
        raise MemberMistake(UNKNOWN)
    return Update((first_steps.page(call, _read(call), zones=tuple(zone.name for zone in zones)),))


UNKNOWN = "I don't know that place, so nothing was changed. Try a larger city, a country, or an offset like `+1`."
REMINDED = "## See you 👋\nI write to you at {}:00, on days on which you have logged nothing. `/settings` changes that."

COMMAND = Command(
    name="start",
    description="New here? Three small steps, two minutes",
    run=_open,
    components={
        "open": _open,
        "did": _did,
        "other": _other,
        "state": _state,
        "later": _later,
        "rhythm": _rhythm,
        "remind": _remind,
        "not-now": _not_now,
        "clock": _choose,
        "elsewhere": _ask,
    },
    modals={"clock-typed": Form(_type, opener="elsewhere")},
    paces={"open": Pace.PAGING, "other": Pace.PAGING, "elsewhere": Pace.PAGING},
    help=(
        "Leads you into the game in two minutes: one small deed, one tap about your day, and how often you want to do "
        "something. You can stop anywhere and go on later. When you are through, you can change your rhythm here. "
        "Only you see the answer."
    ),
)
