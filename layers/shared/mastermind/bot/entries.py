"""What a member entered: repeated in an answer, and read from that answer when they tap its buttons.

Typed text is never in a custom_id: it is in the private answer, where its author can copy it
(docs/rules/messages.md, What was typed).
"""

from __future__ import annotations

import re
from copy import replace
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mastermind.bot.access import PERMISSIONS, access_of
from mastermind.bot.commands import OptionType
from mastermind.discord.fields import Label, TextInput
from mastermind.discord.interactions import InteractionType, Person, Role
from mastermind.discord.text import byte_size
from mastermind.patterns import late

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from mastermind.bot.commands import Option
    from mastermind.config import DiscordSettings
    from mastermind.discord.fields import ModalPart
    from mastermind.discord.interactions import Interaction
    from mastermind.discord.options import OptionValue
    from mastermind.discord.replies import Modal

HEADING = "You typed:"

MOST, MOST_BYTES = 3_000, 6_500
"""Most characters and bytes of the repeated input; a message has room for 4 000 and 9 000."""

CHOICE = "choice"
"""The name under which the choice of a select is repeated."""

NOTHING, YES, NO, BOT = "nothing", "yes", "no", "bot"

_INLINE = 100
"""Characters that are shown on the line of their name; more are shown below it."""

_FENCE, _NO_FENCE = "```", "``\u200b`"

_LINE = late(
    r"\n\*\*(?P<label>[^\n*]+):\*\* (?:"
    r"<@(?P<user_id>[0-9]{1,20})>(?: `(?P<who>[^`\n]+)`)?(?:, (?P<standing>[a-z]+))?"
    r"|<@&(?P<role_id>[0-9]{1,20})>"
    r"|`(?P<inline>[^`\n]+)`|```\n(?P<below>.*?)\n```|nothing"
    r")(?=\n|\Z)",
    re.DOTALL,
)
_LABEL = late(r"(?P<name>.+?)(?: \(was (?P<was>.*)\))?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Entry:
    """An option, a field or a choice: its name as it is declared, and what was entered ("" for nothing).

    For a USER option `user_id` is the person, `words` their name, and `standing` what they are ("" for a member); for a
    ROLE option there is `role_id` alone.
    """

    name: str
    words: str
    user_id: int = 0
    standing: str = ""
    role_id: int = 0


def entered(interaction: Interaction, settings: DiscordSettings) -> tuple[Entry, ...]:
    """What came with an interaction; for a button, the input that its message repeats."""
    match interaction.kind:
        case InteractionType.COMMAND:
            return tuple(_option(interaction, settings, name) for name in interaction.options)
        case InteractionType.MODAL:
            fields = interaction.fields.items()
            return tuple(Entry(name, words if isinstance(words, str) else ",".join(words)) for name, words in fields)
        case _:
            chosen = tuple(Entry(CHOICE, value) for value in interaction.values)
            return chosen or read(interaction.message)


def _option(interaction: Interaction, settings: DiscordSettings, name: str) -> Entry:
    value = interaction.options[name]
    if isinstance(value, bool):
        return Entry(name, YES if value else NO)
    if isinstance(value, int) and (person := interaction.users.get(value)):
        return Entry(name, _one_line(person.display_name), value, _standing(person, settings))
    if isinstance(value, int) and value in interaction.roles:
        return Entry(name, "", role_id=value)
    return Entry(name, str(value))


def _one_line(name: str) -> str:
    return " ".join(name.replace("`", "'").split())


def _standing(person: Person, settings: DiscordSettings) -> str:
    """Somebody's standing, as far as it decides what others may do to them."""
    if person.is_bot:
        return BOT
    access = access_of(person, settings)
    return access.name.lower() if access else ""


# --- writing and reading the text ---


def shown(entries: Iterable[Entry]) -> str:
    """The entries as a text of a message; "" when there are none, or more than a message has room for."""
    lines = [f"**{_label(entry.name)}:** {_written(entry)}" for entry in entries]
    text = "\n".join((HEADING, *lines))
    return text if lines and len(text) <= MOST and byte_size(text) <= MOST_BYTES else ""


def read(texts: Iterable[str]) -> tuple[Entry, ...]:
    """The entries that one of a message's texts repeats; none if no text does."""
    return next((tuple(_lines(text)) for text in texts if text.startswith(f"{HEADING}\n")), ())


def _label(name: str) -> str:
    base, filled, was = name.partition("=")
    words = base.replace("_", " ").capitalize()
    return f"{words} (was {was})" if filled else words


def _name(label: str) -> str:
    found = _LABEL.fullmatch(label)
    assert found is not None, "a label is never empty"
    base = found["name"].lower().replace(" ", "_")
    return base if found["was"] is None else f"{base}={found['was']}"


def _written(entry: Entry) -> str:
    if entry.user_id:
        name = f" `{entry.words}`" if entry.words else ""
        return f"<@{entry.user_id}>{name}" + (f", {entry.standing}" if entry.standing else "")
    if entry.role_id:
        return f"<@&{entry.role_id}>"
    if not entry.words:
        return NOTHING
    if len(entry.words) <= _INLINE and not {"`", "\n"} & set(entry.words):
        return f"`{entry.words}`"
    return f"{_FENCE}\n{entry.words.replace(_FENCE, _NO_FENCE)}\n{_FENCE}"


def _lines(text: str) -> Iterator[Entry]:
    place = len(HEADING)
    while found := _LINE.match(text, place):
        place = found.end()
        below = (found["below"] or "").replace(_NO_FENCE, _FENCE)
        words = found["who"] or found["inline"] or below
        user_id, role_id = int(found["user_id"] or 0), int(found["role_id"] or 0)
        yield Entry(_name(found["label"]), words, user_id, found["standing"] or "", role_id)


# --- doing something with what was read ---


def restored(interaction: Interaction, options: Sequence[Option] = ()) -> Interaction:
    """A tap as if the entries of its message had just been made: as options, fields and choices.

    Of roles nothing but the id is given back: what is done with them was checked before, and is checked again later.
    """
    entries = read(interaction.message)
    types = {option.name: option.type for option in options}
    return replace(
        interaction,
        options={entry.name: _value(entry, types[entry.name]) for entry in entries if entry.name in types},
        users={entry.user_id: _person(entry) for entry in entries if entry.user_id},
        roles={entry.role_id: Role(entry.role_id) for entry in entries if entry.role_id},
        fields={entry.name: entry.words for entry in entries},
        values=interaction.values or tuple(entry.words for entry in entries if entry.name == CHOICE),
    )


def _person(entry: Entry) -> Person:
    """Somebody as Discord described them when they were named; permissions of the same access stand for theirs."""
    permissions = next((bits for access, bits in PERMISSIONS.items() if access.name.lower() == entry.standing), 0)
    return Person(entry.user_id, entry.words, permissions, is_bot=entry.standing == BOT)


def _value(entry: Entry, kind: OptionType) -> OptionValue:
    match kind:
        case OptionType.USER:
            return entry.user_id
        case OptionType.BOOLEAN:
            return entry.words == YES
        case OptionType.ROLE:
            return entry.role_id
        case OptionType.INTEGER:
            return int(entry.words) if entry.words.removeprefix("-").isdecimal() else entry.words
        case OptionType.STRING:
            return entry.words


def filled(form: Modal, entries: Iterable[Entry]) -> Modal:
    """The form with what was entered before in its fields of the same names."""
    words = {base_of(entry.name): entry.words for entry in entries}
    return replace(form, parts=tuple(_filled(part, words) for part in form.parts))


def _filled(part: ModalPart, words: Mapping[str, str]) -> ModalPart:
    match part:
        case Label(part=TextInput() as box) if (name := base_of(box.custom_id)) in words:
            return replace(part, part=replace(box, value=words[name][: box.max_length]))
        case _:
            return part


# --- fields that are filled with a state ---


def holding(name: str, state: str | int) -> str:
    """The custom_id of a field that is opened with a state in it: it comes back with what the member made of it."""
    return f"{name}={state}"


def base_of(custom_id: str) -> str:
    """The name of a field, without the state it was opened with."""
    return custom_id.partition("=")[0]


def state_of(custom_id: str) -> str | None:
    """The state that a field was opened with; None when its custom_id names none."""
    _, held, state = custom_id.partition("=")
    return state if held else None
