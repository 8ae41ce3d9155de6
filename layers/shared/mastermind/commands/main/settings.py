"""/settings: a member's time zone, their rhythm, who sees what of them, announcements, and reminders."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mastermind.bot import looks
from mastermind.bot.commands import Command, Form, Option
from mastermind.commands.parts import reminders, rhythms
from mastermind.commands.parts.people import LONGEST_REASON, words
from mastermind.discord import limits
from mastermind.discord.components import Button, Container, Row, Section, Select, SelectOption, Text
from mastermind.discord.fields import Label, TextInput
from mastermind.discord.replies import Choice, Choices, Message, Modal, Update
from mastermind.discord.text import cut
from mastermind.errors import MemberMistake
from mastermind.game.catalogue import content as stats
from mastermind.game.for_you.rules import Kind
from mastermind.game.members.pace import Pace
from mastermind.game.moderation.rules import STANDS_FOR
from mastermind.game.settings import actions as settings
from mastermind.game.settings import content as time_zones
from mastermind.game.settings.actions import UNKNOWN_ZONE, SettingsChange

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mastermind.bot.call import Call
    from mastermind.bot.commands import Handler
    from mastermind.discord.components import ContainerPart
    from mastermind.discord.replies import Reply
    from mastermind.game.catalogue.rules import Category
    from mastermind.game.settings.actions import Settings
    from mastermind.game.settings.time_zones import Zone


# --- what the command, its buttons and its select do ---


def _open(call: Call) -> Reply:
    typed = call.text("time-zone").strip()
    return Message((_moved(call, typed) if typed else page(call, _read(call)),))


def _suggest(call: Call) -> Choices:
    now = call.now
    fitting = time_zones.find(call.typed, now).all[: limits.CHOICES]
    return Choices(tuple(Choice(time_zones.shown(zone.name, now), zone.name) for zone in fitting))


def _ask_zone(call: Call) -> Reply:
    field = TextInput("zone", min_length=1, max_length=60, placeholder="Berlin, Japan, +1 ...")
    label = Label("Where do you live?", field, "A city, a country, or the distance from UTC")
    return Modal(call.custom_id("zone-typed"), "Your time zone", (label,))


def _type_zone(call: Call) -> Reply:
    return Update((_moved(call, call.field("zone")),))


def _pick(call: Call) -> Reply:
    zone = next(iter(call.interaction.values), "")
    return Update((page(call, _changed(call, SettingsChange(time_zone=zone)), MOVED),))


def _set(change: SettingsChange, notice: str) -> Handler:
    """A button that names the new value rather than toggling it, so that a second press changes nothing."""

    def press(call: Call) -> Reply:
        return Update((page(call, _changed(call, change), notice),))

    return press


def _reveal(call: Call) -> Reply:
    category = _named(call)
    done = _changed(call, SettingsChange(reveals=category.key))
    return Update((page(call, done, f"Everybody sees what you log under {category.title} from now on."),))


def _conceal(call: Call) -> Reply:
    category = _named(call)
    done = _changed(call, SettingsChange(conceals=category.key))
    return Update((page(call, done, f"What you log under {category.title} is yours alone from now on."),))


def _named(call: Call) -> Category:
    """The private category that a button names; a release may have changed it."""
    category = stats.load().category(call.argument(0))
    if category is None or not category.private:
        raise MemberMistake("This setting has changed since you opened the page. Please type `/settings` again.")
    return category


def _open_all(call: Call) -> Reply:
    return Update((page(call, _read(call)),))


# --- reading and saving ---


def _read(call: Call) -> Settings:
    return call.run(settings.read)


def _changed(call: Call, change: SettingsChange) -> Settings:
    return call.run(settings.change, change)


def _moved(call: Call, typed: str) -> Container:
    """The page with the new zone when it is certain which one is meant; otherwise it asks.

    Raises MemberMistake when nothing fits.
    """
    found = time_zones.find(typed, call.now)
    if found.certain:
        return page(call, _changed(call, SettingsChange(time_zone=found.certain.name)), MOVED)
    asked, fitting = (WHICH, found.named) if found.named else (SIMILAR, found.similar)
    if not fitting:
        raise MemberMistake(UNKNOWN_ZONE)
    more = MORE.format(limits.SELECT_OPTIONS) if len(fitting) > limits.SELECT_OPTIONS else ""
    return page(call, _read(call), asked + more, choosing=_choosing(call, fitting))


# --- the page ---


def page(call: Call, now: Settings, notice: str = "", choosing: Row | None = None) -> Container:
    """All settings, each with the button that changes it."""
    notices = (Text(notice),) if notice else ()
    chosen: tuple[ContainerPart, ...] = (choosing,) if choosing else ()
    return Container(
        (
            Text(f"## {looks.SETTINGS.emoji} Your settings"),
            *notices,
            *_warned(call, now),
            *chosen,
            Section((Text(_zone(now)),), Button("Change", call.custom_id("zone"))),
            rhythms.line(call, now),
            *_direct_messages(call, now),
            *reminders.lines(call, now),
            _visibility(call, now),
            *(_category(call, now, each) for each in stats.load().private),
            _announcements(call, now),
        ),
        looks.SETTINGS.color,
    )


def _warned(call: Call, now: Settings) -> tuple[Text, ...]:
    """The member's warnings: nobody is warned without being able to see it."""
    call.shows(Kind.WARNING)
    if not now.warnings:
        return ()
    reasons = (f"> {words(reason, LONGEST_REASON)}" for reason in now.warnings)
    return (Text("\n".join(("**A moderator has warned you:**", *reasons, STANDS))),)


def _zone(now: Settings) -> str:
    exists = time_zones.exists(now.time_zone)
    shown = time_zones.shown(now.time_zone, now.now) if exists else f"{now.time_zone}. {GONE}"
    return f"**Time zone:** {shown}. It is {now.today:%A}, {now.today.day} {now.today:%B} there."


def _visibility(call: Call, now: Settings) -> Section:
    if now.hidden:
        words, button = HIDDEN, Button("Show me", call.custom_id("show"))
    else:
        words, button = VISIBLE, Button("Hide me", call.custom_id("hide"))
    return Section((Text(f"**You:** {words}"),), button)


def _category(call: Call, now: Settings, category: Category) -> Section:
    """What only the member sees unless they show it, with the button for the other way round."""
    if category.key in now.shown:
        words = "shown to everybody." if not now.hidden else "shown to everybody, as soon as you are."
        button = Button(f"Hide {category.title}", call.custom_id("conceal", category.key))
    else:
        words = "yours alone."
        button = Button(f"Show {category.title}", call.custom_id("reveal", category.key))
    return Section((Text(f"**{category.title}:** {words}"),), button)


def _announcements(call: Call, now: Settings) -> Section:
    if now.announcements:
        words, button = (
            "on." if not now.hidden else "on, as soon as you are shown.",
            Button("Turn off", call.custom_id("quiet")),
        )
    else:
        words, button = (
            "off.",
            Button("Turn on", call.custom_id("announce")),
        )
    return Section((Text(f"**Announcements:** {words}"),), button)


def _direct_messages(call: Call, now: Settings) -> tuple[ContainerPart, ...]:
    """What is to be done about them; nothing as long as they arrive."""
    if not now.has_bot:
        return (Text(f"**Direct messages:** {NO_BOT}"),)
    if now.direct_messages:
        return ()
    return (Section((Text(f"**Direct messages:** {CLOSED}"),), Button("They're open", call.custom_id("reopen"))),)


def _choosing(call: Call, fitting: Sequence[Zone]) -> Row:
    options = tuple(
        SelectOption(
            cut(time_zones.shown(zone.name, call.now), limits.OPTION_LABEL), zone.name, "Your days begin and end there"
        )
        for zone in fitting[: limits.SELECT_OPTIONS]
    )
    return Row((Select(call.custom_id("pick"), options, placeholder="Choose your time zone"),))


NO_BOT = "off. An admin can turn them on."
CLOSED = "closed. Open them in *Privacy Settings*."
VISIBLE = "shown. Others see your figures."
HIDDEN = "hidden. You are on no board and in no total; a raid counts you without your name, in steps of 5 %."
GONE = "It is no longer on the world's list. Your days still follow its clock; please choose another"
MOVED = "Your days follow this time zone now. Your streak is safe."
STANDS = f"-# Each counts for {STANDS_FOR.days} days. Talk to a moderator about it."
WHICH = "Several time zones fit, so nothing was changed yet. Which one is yours?"
SIMILAR = "No time zone is called exactly that, so nothing was changed yet. Is yours among these?"
MORE = " These are the first {}: if yours is not here, type your city or country."


COMMAND = Command(
    name="settings",
    description="Your time zone, your rhythm, who sees what of you, announcements and reminders",
    run=_open,
    options=(
        Option(
            "time-zone",
            "Your city, country or distance from UTC: decides when your day begins",
            max_length=100,
            autocomplete=_suggest,
        ),
    ),
    components={
        "open": _open,
        "zone": _ask_zone,
        "pick": _pick,
        "hide": _set(SettingsChange(hidden=True), "Nobody else sees your figures from now on."),
        "show": _set(
            SettingsChange(hidden=False), "Everybody sees your figures from now on, but for what is yours alone."
        ),
        "reveal": _reveal,
        "conceal": _conceal,
        "quiet": _set(SettingsChange(announcements=False), "Nothing about you is announced from now on."),
        "reopen": _set(
            SettingsChange(direct_messages=True), "You get my direct messages again, if Discord takes them."
        ),
        **reminders.COMPONENTS,
        **rhythms.COMPONENTS,
        "all": _open_all,
        "announce": _set(SettingsChange(announcements=True), "Your milestones and levels are announced from now on."),
    },
    modals={"zone-typed": Form(_type_zone, opener="zone")},
    paces=dict.fromkeys(("open", "zone", "reminders", "rhythms", "all"), Pace.PAGING),
    direct=reminders.DIRECT,
    help=(
        "Shows what you have set, with a button to change each. Your time zone decides when your day begins and ends; "
        "changing it never breaks a streak. Your rhythm is how often you want to do something. What you log of dating "
        "and of your state is yours alone until you show it. You can hide as a whole, and your milestones and levels "
        "need not be announced. If you want it I write to you at your hour, on days on which you have logged nothing, "
        "and on Sunday evening about your week. It also shows whether direct messages reach you, and any warning from "
        "a moderator. Only you see the answer."
    ),
)
