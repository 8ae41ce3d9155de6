"""Answers somebody in need: kindly, at once, and whatever the outcome of their command (docs/rules/need.md).

It checks every text that a member sends, before anything can refuse it, and needs neither the database nor a command.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mastermind import observability
from mastermind.bot import custom_ids, looks
from mastermind.deadline import Deadline
from mastermind.discord.components import Button, Container, LinkButton, Row, Text
from mastermind.discord.interactions import InteractionType
from mastermind.discord.replies import Message, Update, attachments, render, say
from mastermind.errors import LimitError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mastermind.bot.call import Services
    from mastermind.discord.components import MessagePart
    from mastermind.discord.interactions import Interaction
    from mastermind.discord.replies import Attachment, Reply
    from mastermind.game.flags.needs import Need
    from mastermind.game.flags.rules import Helpline

log = logging.getLogger(__name__)

PATH, SAFE = "care", "safe"
"""The custom_id of the button; no command may have that name."""

PATIENCE = 0.8
"""Seconds for the queue before the command starts: the moderators come first, and the answer must still be in time."""

FIRST_LINE = "💙 **Thank you for writing that. You matter here.**"
KIND = (
    FIRST_LINE
    + "\nIf you might hurt yourself, please talk to somebody now: {helplines}, or your local emergency number."
)
READ = "A moderator of this server will read this."
SAFE_NOW = """💙 **I'm glad you are here.** Take your time, and one small step at a time.
The helpline stays open whenever you want to talk. {read}"""
STILL_READ = "A moderator will still read what you wrote."

BELOW = "-# And about what you typed:"
TOO_LONG = "-# What you typed was handled as always; its own answer is too long to stand here. Open it again to see it."
A_FORM = "-# Your command opens a form. Type it again whenever you like; nothing is lost."
UNREADABLE = "-# The rest of what you sent could not be read, so nothing else was done."


@dataclass(frozen=True, slots=True)
class Care:
    """Somebody in need, found in this interaction; `told` when the moderators will be notified.

    `is_tap`: it is a tap below a kind answer that they got before.
    """

    interaction: Interaction
    told: bool
    is_tap: bool = False

    def answer(self, reply: Reply) -> Reply:
        """The kind answer, and below it the answer of the command. Only they see it.

        It stays on top of what a tap makes of its message; what a tap opens beside that stays as it is. What a form
        makes of a direct message stays there, or its buttons would not work.
        """
        if self.is_tap and not isinstance(reply, Update):
            return reply
        below = self._with(reply)
        in_place = self.is_tap or (self.interaction.message_id and isinstance(reply, Update))
        return Update(below.parts) if in_place else below

    def _with(self, reply: Reply) -> Message:
        card = _card(self.interaction, told=self.told)
        match reply:
            case Message(parts) | Update(parts):
                return _with(card, parts, attachments(reply))
            case _:
                return Message((card, Text(A_FORM)))


def look(interaction: Interaction, services: Services, guild_id: int) -> Care | None:
    """Whether a text of this interaction is one of despair; then the moderators are notified at once. Raises nothing.

    Our moderators are not notified about somebody in another server, whom they do not know. The same goes for a command
    in a direct message.
    """
    if interaction.kind is InteractionType.COMPONENT:
        return _kept(interaction)
    try:
        need = need_of(interaction)
    except Exception:
        log.exception("texts could not be looked at")
        observability.count(observability.BUGS)
        return None
    if need is None:
        return None
    return Care(interaction, _is_of_ours(interaction, guild_id) and _call_moderators(need, services))


def _is_of_ours(interaction: Interaction, guild_id: int) -> bool:
    """Whether a member wrote it: in our server, or in a form, which direct messages open for nobody else."""
    in_our_form = interaction.guild_id is None and interaction.kind is InteractionType.MODAL
    return interaction.guild_id == guild_id or in_our_form


def _kept(interaction: Interaction) -> Care | None:
    """A tap on a message that begins with the kind answer."""
    said = next((text for text in interaction.message if text.startswith(FIRST_LINE)), None)
    return Care(interaction, READ in said, is_tap=True) if said else None


def need_of(interaction: Interaction) -> Need | None:
    """The notice for the moderators if a text of this interaction is one of despair; None for nearly every one."""
    texts = tuple(_texts(interaction))
    if not texts or interaction.caller is None:
        return None
    from mastermind.game.flags import content as rules  # no PING needs it, and no command without a text
    from mastermind.game.flags.needs import Need
    from mastermind.game.flags.rules import LONGEST_EXCERPT

    for text in texts:
        if categories := rules.load().needs(text):
            excerpt = text[:LONGEST_EXCERPT]
            return Need(interaction.id, interaction.caller.user_id, _place(interaction), categories, excerpt)
    return None


def _call_moderators(need: Need, services: Services) -> bool:
    """Have the moderators mentioned and the flag stored; whether the queue has taken it."""
    from mastermind.game.flags import needs

    soon = Deadline.after(min(PATIENCE, services.deadline.remaining()))
    try:
        services.notices().send(needs.write(need), soon)
    except Exception:
        log.exception("the moderators could not be told of somebody in need")
        observability.count(observability.BUGS)
        return False
    return True


def is_safe(interaction: Interaction) -> bool:
    """Whether this is the button *I am safe for now*."""
    if interaction.kind is not InteractionType.COMPONENT:
        return False
    pressed = custom_ids.read(interaction.custom_id)
    return pressed is not None and (pressed.path, pressed.action) == (PATH, SAFE)


def safe(interaction: Interaction) -> Message:
    """The answer to it. It closes no flag: somebody looks all the same."""
    pressed = custom_ids.read(interaction.custom_id)
    read = STILL_READ if pressed and pressed.arguments == ("1",) else ""
    return say(SAFE_NOW.format(read=read).rstrip())


def _texts(interaction: Interaction) -> Iterator[str]:
    """Every text that a member has sent; text that is still being typed does not count."""
    match interaction.kind:
        case InteractionType.COMMAND:
            yield from (value for value in interaction.options.values() if isinstance(value, str))
        case InteractionType.MODAL:
            yield from (value for value in interaction.fields.values() if isinstance(value, str))
        case _:
            pass


def _place(interaction: Interaction) -> str:
    """The command whose option or form holds the text, as it is typed."""
    pressed = custom_ids.read(interaction.custom_id) if interaction.custom_id else None
    path = pressed.path.split(".") if pressed else (interaction.name, *interaction.path)
    return f"/{' '.join(path)}"


def _card(interaction: Interaction, *, told: bool) -> Container:
    from mastermind.game.flags import content as rules

    helplines = rules.load().helplines
    said = KIND.format(helplines=" · ".join(map(_named, helplines)))
    buttons = tuple(LinkButton(each.name, each.url) for each in helplines if each.url)
    revision = custom_ids.revision_of(interaction.id)
    safe_now = Button("I am safe for now", custom_ids.make(PATH, SAFE, 0, int(told), revision=revision))
    return Container((Text(f"{said} {READ}" if told else said), Row((*buttons, safe_now))), looks.NEED.color)


def _named(helpline: Helpline) -> str:
    shown = f"[{helpline.name}]({helpline.url})" if helpline.url else helpline.name
    return f"{shown} ({helpline.number})" if helpline.number else shown


def _with(card: Container, parts: Sequence[MessagePart], files: tuple[Attachment, ...]) -> Message:
    """The card, and the command's answer; if both do not fit into one message, only a note that it was handled."""
    both = Message((card, Text(BELOW), *parts), attachments=files)
    try:
        render(both)
    except LimitError:
        return Message((card, Text(TOO_LONG)))
    return both
