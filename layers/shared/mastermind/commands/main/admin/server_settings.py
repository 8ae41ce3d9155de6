"""/admin settings: what is announced and where, who the moderators are, how fast members may play."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from mastermind.bot import looks
from mastermind.bot.commands import Subcommand
from mastermind.commands.main.admin import limit_settings
from mastermind.discord.components import (
    Button,
    ButtonStyle,
    ChannelPicker,
    Container,
    RolePicker,
    Row,
    Section,
    Separator,
    Text,
)
from mastermind.discord.interactions import ChannelKind
from mastermind.discord.replies import Message, Update
from mastermind.discord.text import cut, prose
from mastermind.errors import BadArgument, MemberMistake
from mastermind.game.members.pace import Pace
from mastermind.game.server_settings import actions as server_settings
from mastermind.game.server_settings import rules
from mastermind.game.server_settings.rules import CHANNEL, MODERATORS, NONE, OFF, ON, Switch

if TYPE_CHECKING:
    from mastermind.bot.call import Call
    from mastermind.config import DeployedSettings
    from mastermind.discord.components import ContainerPart
    from mastermind.discord.replies import Reply
    from mastermind.game.server_settings.actions import Overview
    from mastermind.game.server_settings.rules import Choice, Choices

ABOUT = "-# The deploy sets the defaults; ✏️ marks what differs. Every change is in `/security audit`."


class Words(NamedTuple):
    """How a switch is named, and what is done where it is on."""

    title: str
    verb: str = "are"
    done: str = "announced"


SWITCHES = {
    Switch.MILESTONES: Words("Milestones"),
    Switch.LEVEL_UPS: Words("Levels"),
    Switch.RAIDS: Words("Raids"),
    Switch.WEEKS: Words("Weeks"),
    Switch.REPORT: Words("Monday's report", "is", "posted for the admins"),
}

NO_TEXT = "Nothing was done: <#{channel}> has no messages for everybody. Choose a channel with texts or announcements."
NOT_THIS_ROLE = "Nothing was done: <@&{role}> can't be the moderators' role, because {reason}. Choose another."

ASKED_CHANNEL = (
    "I post in <#{id}> now, to see whether I may. Once that has worked, I announce there; until then, where I did "
    "before."
)
ASKED_ROLE = (
    "I ask Discord about <@&{id}> now. If nothing is against it, everybody who has it is a moderator within a minute; "
    "until then nothing changes."
)
ASKED = {CHANNEL: ASKED_CHANNEL, MODERATORS: ASKED_ROLE}
MODERATORS_MAY = (
    "They read flags, with what somebody in need has written, warn members and decide on time-outs and bans. "
    "Everybody who may time out, kick or ban in Discord is a moderator, too."
)
BY_WEBHOOK = (
    "A webhook announces: I have no bot token. It posts in the channel for which it was made, and only an operator "
    "changes that. With a token the channel is chosen here."
)


# --- what the subcommand and its buttons do ---


def _open(call: Call) -> Reply:
    return Message((_page(call, call.run(server_settings.read)),), private=True)


def _back(call: Call) -> Reply:
    return Update((_page(call, call.run(server_settings.read)),))


def _switch(call: Call) -> Reply:
    name, value = call.argument(0), call.argument(1)
    if name not in SWITCHES or value not in {ON, OFF}:
        raise BadArgument("nothing can be switched like that")
    switch = Switch(name)
    words = SWITCHES[switch]
    now = call.run(server_settings.choose, name, value, ON if _is_deployed(call, switch) else OFF)
    said = f"{words.done} again" if value == ON else f"not {words.done} any more"
    return Update((_page(call, now, f"{words.title} {words.verb} {said}, from this moment on."),))


def _to_default(call: Call) -> Reply:
    name = call.argument(0)
    if name not in ASKED:
        raise BadArgument("there is no such setting")
    now = call.run(server_settings.back_to_default, (name,))
    when = "from this moment on" if name == CHANNEL else "within a minute"
    return Update((_page(call, now, f"{_in_force(call, name, now.choices)} again, {when}."),))


def _channel(call: Call) -> Reply:
    now = call.run(server_settings.read)
    picker = ChannelPicker(call.custom_id("pick-channel"), "Where I announce")
    words = f"{_in_force(call, CHANNEL, now.choices)}.\n" + (
        "Choose another: I post there once to see whether I may." if now.has_bot else BY_WEBHOOK
    )
    return _chooser(call, "Where I announce", words, now, CHANNEL, picker if now.has_bot else None)


def _pick_channel(call: Call) -> Reply:
    channel_id = _chosen(call)
    if call.interaction.channels.get(channel_id) not in set(ChannelKind):
        raise MemberMistake(NO_TEXT.format(channel=channel_id))
    words = (
        f"## {looks.SETTINGS.emoji} Announce in <#{channel_id}>?\nI post there once, for everybody to see. If that "
        "works, all announcements go there from then on."
    )
    return _asking(call, words, Button("Announce there", call.custom_id("use", CHANNEL, channel_id)))


def _moderators(call: Call) -> Reply:
    now = call.run(server_settings.read)
    picker = RolePicker(call.custom_id("pick-role"), "Who the moderators are")
    words = f"{_in_force(call, MODERATORS, now.choices)}. {MODERATORS_MAY}"
    if not now.has_bot:
        words += f"\n{server_settings.NO_BOT.removeprefix('Nothing was done: ')}"
    return _chooser(call, "Who the moderators are", words, now, MODERATORS, picker if now.has_bot else None)


def _pick_role(call: Call) -> Reply:
    """Ask for confirmation: it gives power to everybody who has the role."""
    role_id = _chosen(call)
    role, settings = call.interaction.roles.get(role_id), call.settings
    if role is None:
        raise BadArgument("Discord does not say what that role is")
    if reason := rules.objection(role, settings.guild_id, settings.admin_role_id):
        raise MemberMistake(NOT_THIS_ROLE.format(role=role_id, reason=reason))
    words = (
        f"## {looks.SETTINGS.emoji} Make <@&{role_id}> the moderators?\nEverybody who has it, now or later, moderates "
        f"the game. {MODERATORS_MAY}\nMembers who only have the role of before are moderators no longer."
    )
    use = Button("Make moderators", call.custom_id("use", MODERATORS, role_id), ButtonStyle.DANGER)
    return _asking(call, words, use)


def _asking(call: Call, words: str, use: Button) -> Reply:
    """The safe choice first."""
    keep = Button("Keep it", call.custom_id("refresh"), ButtonStyle.PRIMARY)
    return Update((Container((Text(words), Row((keep, use))), looks.SETTINGS.color),))


def _use(call: Call) -> Reply:
    name, target_id = call.argument(0), call.whole_argument(1)
    if name not in ASKED or not target_id:
        raise BadArgument("there is no such setting, or no such channel or role")
    now = call.run(server_settings.ask, name, target_id)
    call.nudge()
    return Update((_page(call, now, ASKED[name].format(id=target_id)),))


def _chosen(call: Call) -> int:
    """The id that was chosen in a picker."""
    value = "".join(call.interaction.values)
    if not (value.isascii() and value.isdecimal() and len(value) < 20):
        raise BadArgument("a picker gives one id")
    return int(value)


# --- all settings ---


def _page(call: Call, now: Overview, notice: str = "") -> Container:
    """At most 29 of the 40 components."""
    choices = now.choices
    parts: list[ContainerPart] = [Text(f"{looks.SETTINGS.heading('Settings of the game')}\n{notice or ABOUT}")]
    parts += (_switched(call, switch, choices) for switch in Switch)
    parts.append(Separator())
    change = partial(call.custom_id)
    parts += (
        Section((Text(_line(call, CHANNEL, now)),), Button("Change", change("channel"))),
        Section((Text(_line(call, MODERATORS, now)),), Button("Change", change("moderators"))),
        Section((Text(limit_settings.line(choices)),), Button("Change", change("limits"))),
        Row((Button("Refresh", change("refresh"), emoji="🔄"),)),
    )
    return Container(tuple(parts), looks.SETTINGS.color)


def _switched(call: Call, switch: Switch, choices: Choices) -> Section:
    is_on = choices.is_on(switch, deployed=_is_deployed(call, switch))
    words = SWITCHES[switch]
    text = Text(f"**{words.title}:** {'' if is_on else 'not '}{words.done}{_mark(choices.of(switch))}")
    other = (OFF, "Turn off") if is_on else (ON, "Turn on")
    return Section((text,), Button(other[1], call.custom_id("switch", switch.value, other[0])))


def _line(call: Call, name: str, now: Overview) -> str:
    choice = now.choices.of(name)
    line = f"{_in_force(call, name, now.choices)}{_mark(choice)}"
    return f"{line}\n-# {_state(choice)}" if choice.asked else line


def _mark(choice: Choice) -> str:
    return " ✏️" if choice.value else ""


def _state(choice: Choice) -> str:
    """The outcome of the last choice, as long as it is not in force."""
    asked = f"<#{choice.asked}>" if choice.name == CHANNEL else f"<@&{choice.asked}>"
    if choice.is_pending:
        return f"⏳ {asked}: Discord is being asked."
    return f"⚠️ Not {asked}: {cut(prose(choice.refused), 120)}."


def _in_force(call: Call, name: str, choices: Choices) -> str:
    deployed = _deployed(call)
    if name == CHANNEL:
        channel = choices.id(CHANNEL, deployed.announcements_channel_id)
        return f"**I announce** in <#{channel}>" if channel != NONE else "**A webhook announces** in its own channel"
    role = choices.id(MODERATORS, deployed.moderator_role_id)
    return f"**Moderators** are <@&{role}>" if role != NONE else "**Moderators** have no role of their own"


def _chooser(
    call: Call, title: str, words: str, now: Overview, name: str, picker: RolePicker | ChannelPicker | None
) -> Reply:
    choice = now.choices.of(name)
    buttons = [Button("Back", call.custom_id("refresh"))]
    if choice.value or choice.asked:
        buttons.append(Button("Use default", call.custom_id("default", name)))
    state = f"\n-# {_state(choice)}" if choice.asked else ""
    parts: list[ContainerPart] = [Text(f"{looks.SETTINGS.heading(title)}\n{words}{state}"), Row(tuple(buttons))]
    if picker:
        parts.append(Row((picker,)))
    return Update((Container(tuple(parts), looks.SETTINGS.color),))


# --- what the deploy sets ---


def _deployed(call: Call) -> DeployedSettings:
    if call.services.deployed is None:
        raise BadArgument("this application has no settings of the server")
    return call.services.deployed()


def _is_deployed(call: Call, switch: Switch) -> bool:
    deployed = _deployed(call)
    match switch:
        case Switch.MILESTONES:
            return deployed.milestones
        case Switch.LEVEL_UPS:
            return deployed.level_ups
        case Switch.RAIDS:
            return deployed.raids
        case Switch.WEEKS:
            return deployed.weeks
        case Switch.REPORT:
            return True


_PAGES = {"refresh": _back, "channel": _channel, "moderators": _moderators, **limit_settings.PAGES}

SUBCOMMAND = Subcommand(
    "settings",
    "What is announced and where, who moderates, how fast members play",
    _open,
    components={
        **_PAGES,
        **limit_settings.CHANGES,
        "switch": _switch,
        "default": _to_default,
        "pick-channel": _pick_channel,
        "pick-role": _pick_role,
        "use": _use,
    },
    paces=dict.fromkeys(_PAGES, Pace.PAGING),
)
