"""The pages of the first run: one screen each, and at most 25 words to read (docs/rules/first-run.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mastermind.bot import looks
from mastermind.commands.parts import rhythms
from mastermind.discord import limits
from mastermind.discord.components import Button, ButtonStyle, Container, Row, Section, Select, SelectOption, Text
from mastermind.discord.text import cut, name
from mastermind.game.catalogue.rules import HEAVY
from mastermind.game.factions.emblems import EMBLEMS
from mastermind.game.first_run import content, rules
from mastermind.game.first_run.rules import STEPS, Step
from mastermind.game.levels.rules import progress
from mastermind.game.members.rhythm import Rhythm
from mastermind.game.settings import content as time_zones

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from mastermind.bot.call import Call
    from mastermind.discord.components import ContainerPart
    from mastermind.game.first_run.actions import Run

SCALE = range(1, 11)

USUAL_HOUR = 18


# --- the three steps, and what comes after ---


def page(call: Call, run: Run, *notice: str, zones: Sequence[str] = (), deed: int = 0) -> Container:
    """Where the member goes on. `zones` are the clocks to choose from, if they have looked for theirs."""
    match run.next_step:
        case Step.DEED:
            return _deed(call, run, zones, deed)
        case Step.TODAY:
            return _today(call, run, notice, zones)
        case Step.RHYTHM:
            return _rhythm(call, run, notice, zones)
        case Step.THROUGH:
            return _through(call, run)


def _deed(call: Call, run: Run, zones: Sequence[str], place: int) -> Container:
    deeds = content.deeds()
    place = rules.turned(deeds, place)
    guess, clock = _clock(call, run, zones)
    done = Button(
        "Did it", call.custom_id("did", place, guess, key=call.interaction.id), ButtonStyle.SUCCESS, emoji="✅"
    )
    another = Button("Another", call.custom_id("other", place + 1), emoji="🎲")
    return Container(
        (
            Text(welcome(call, run.faction)),
            Section((Text(f"**First deed:** {deeds[place].text}"),), done),
            *clock,
            Row((another, *_elsewhere(call, clock), not_now(call))),
            dots(Step.DEED),
        ),
        looks.GUIDE.color,
    )


def _today(call: Call, run: Run, notice: Sequence[str], zones: Sequence[str]) -> Container:
    guess, clock = _clock(call, run, zones)
    scale = tuple(Button(str(number), call.custom_id("state", number, guess)) for number in SCALE)
    return Container(
        (
            *_said(notice),
            Text("🌤️ **How are you today?** 1 is heavy, 10 is great. Yours alone."),
            Row(scale[:5]),
            Row(scale[5:]),
            *clock,
            Row((Button("Later", call.custom_id("later")), *_elsewhere(call, clock), not_now(call))),
            dots(Step.TODAY),
        ),
        looks.GUIDE.color,
    )


def _rhythm(call: Call, run: Run, notice: Sequence[str], zones: Sequence[str]) -> Container:
    _, clock = _clock(call, run, zones)
    return Container(
        (
            *_said(notice),
            Text("🥁 **Pick your rhythm.** You can change it any time."),
            rhythms.buttons(call, Rhythm.DAILY),
            *clock,
            Row((*_elsewhere(call, clock), not_now(call))),
            dots(Step.RHYTHM),
        ),
        looks.GUIDE.color,
    )


def _through(call: Call, run: Run) -> Container:
    """The end, and what somebody sees who types `/start` again."""
    chosen = run.rhythm or Rhythm.DAILY
    offered = f" Do you want a reminder at {USUAL_HOUR}:00?" if run.may_be_reminded else ""
    said = f"## You are all set 🎯\n{rhythms.named(chosen)} it is. {NEXT}{offered}"
    remind = Button("Remind me", call.custom_id("remind"), ButtonStyle.PRIMARY, emoji="🔔")
    offer = (Row((remind,)),) if run.may_be_reminded else ()
    return Container((Text(said), *offer, rhythms.buttons(call, chosen)), looks.GUIDE.color)


# --- what was said ---


def welcome(call: Call, faction: str) -> str:
    """On top of the first step, in either application."""
    hello = f"## Welcome, {name(call.caller.display_name)}! 👋" if call.caller.display_name else "## Welcome! 👋"
    return f"{hello}\nYour team: the {EMBLEMS[faction].sign} **{faction}**."


def first_done(xp: int) -> str:
    """On top of what follows the first step."""
    return f"## First one done! 🎉 +{xp:,} XP\nYour streak begins. 🔥"


def noted(run: Run, state: int) -> tuple[str, ...]:
    """On top of the third step; `state` is what they have just said of today, 0 when they left it out."""
    now = progress(run.xp)
    level = f"**{now.gained:,}** of {now.span:,} XP to level {now.next_level}." if now.next_level else ""
    return ("## You are in 🎯", HEAVY_DAY if 0 < state <= HEAVY else level)


def _said(notice: Sequence[str]) -> tuple[Text, ...]:
    words = "\n".join(filter(None, notice))
    return (Text(words),) if words else ()


def declined() -> Container:
    return Container((Text("No problem. `/start` is here whenever you like. 👋"),), looks.GUIDE.color)


def dots(step: Step) -> Text:
    return Text(f"-# {'●' * step}{'○' * (STEPS - step)} {step.value} of {STEPS}")


def not_now(call: Call) -> Button:
    return Button("Not now", call.custom_id("not-now"))


# --- the clock ---


def _clock(call: Call, run: Run, zones: Sequence[str]) -> tuple[str, tuple[ContainerPart, ...]]:
    """The zone that the step's own button takes ("" for none), and the question that is asked before."""
    if run.knows_clock and not zones:
        return "", ()
    offered = rules.clocks(content.languages(), call.interaction.locale, run.time_zone)
    guess = None if zones else offered.guess
    shown = [zone for zone in zones or offered.zones if time_zones.exists(zone)][: limits.SELECT_OPTIONS]
    options = tuple(
        SelectOption(_time(zone, run.now), zone, time_zones.shown(zone, run.now), default=zone == guess)
        for zone in shown
    )
    select = Select(call.custom_id("clock"), options, placeholder="🕒 What time is it for you?")
    asked = (Text("🕒 Is this your time?"),) if guess else ()
    return guess or "", (*asked, Row((select,)))


def _elsewhere(call: Call, clock: Sequence[ContainerPart]) -> tuple[Button, ...]:
    """For somebody whose clock is not among those that are offered."""
    return (Button("Elsewhere", call.custom_id("elsewhere"), emoji="🌍"),) if clock else ()


def _time(zone: str, now: datetime) -> str:
    """The time there, by which people know their zone, and its city."""
    local = now + time_zones.offset(zone, now)
    return cut(f"{local:%H:%M} {zone.rpartition('/')[2].replace('_', ' ')}", limits.OPTION_LABEL)


NEXT = "See you tomorrow: `/submit-stats` logs, `/tenseylist` inspires."
HEAVY_DAY = "A heavy day. Be kind to yourself."
