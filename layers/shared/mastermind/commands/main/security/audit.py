"""/security audit: who did what to whom, newest first, in words, with the state before and after."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from mastermind.bot import looks
from mastermind.bot.commands import Option, OptionType, Subcommand
from mastermind.commands.parts.day_cards import figure
from mastermind.commands.parts.people import LONGEST_REASON, counted, moment, named, who, words
from mastermind.discord import limits
from mastermind.discord.components import Button, Container, Row, Select, SelectOption, Separator, Text
from mastermind.discord.replies import Choice, Choices, Message, Update
from mastermind.discord.text import byte_size, cut, isolated, one_line
from mastermind.errors import BadArgument, MemberMistake
from mastermind.game.audit.rules import ACTIONS, changes, title, unchanged
from mastermind.game.members.authority import Access
from mastermind.game.members.pace import Pace
from mastermind.game.moderation import audit_log
from mastermind.typed import meant, suggested

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence, Sized

    from mastermind.bot.call import Call
    from mastermind.discord.components import ContainerPart
    from mastermind.discord.replies import Reply
    from mastermind.game.moderation.audit_log import AuditEntry, Stretch

MOST, MOST_BYTES = 3_400, 8_000
"""Characters and bytes of all entries on a page; a message has at most 4,000 and 9,000."""

MOST_CHANGES, MOST_SAME = 5, 2
NAME = 40
"""Characters of a name in the select."""

NOTHING = "Nothing is recorded yet."
NOTHING_SUCH = "Nothing matches."


# --- what the subcommand and its buttons do ---


def _open(call: Call) -> Reply:
    action = _chosen(call.text("action"))
    return Message((_page(_read(call, Filters(call.user("user"), action))),), private=True)


def _newest(call: Call) -> Reply:
    return Update((_page(_read(call, _filters(call))),))


def _older(call: Call) -> Reply:
    return Update((_page(_read(call, _filters(call), older=call.whole_argument(2))),))


def _newer(call: Call) -> Reply:
    return Update((_page(_read(call, _filters(call), newer=call.whole_argument(2))),))


def _suggest(call: Call) -> Choices:
    """The actions whose title or name contains the typed text."""
    choices = [(Choice(title, name), f"{title} {name}") for name, title in ACTIONS.items()]
    return Choices(tuple(suggested(call.typed, choices)[: limits.CHOICES]))


def _chosen(words: str) -> str | None:
    """The action that was chosen from the suggestions or typed by its title; None for no words."""
    action = meant(words, [(key, name) for key, title in ACTIONS.items() for name in (title, key)])
    if words and action is None:
        raise MemberMistake("`action` is one of those that are offered as you type. Please choose one of them.")
    return action


# --- reading ---


@dataclass(frozen=True, slots=True)
class Filters:
    """The member it is by or about, and the action; None means all."""

    user_id: int | None
    action: str | None


@dataclass(frozen=True, slots=True)
class AuditView:
    """The entries of a page in words, and what lies on either side."""

    call: Call
    filters: Filters
    stretch: Stretch
    shown: tuple[tuple[AuditEntry, str], ...]

    def custom_id(self, action: str, entry_id: int) -> str:
        return self.call.custom_id(action, self.filters.user_id or 0, self.filters.action or "", entry_id)


def _filters(call: Call) -> Filters:
    action = call.argument(1)
    if action and action not in ACTIONS:
        raise BadArgument("the custom_id names an unknown action")
    return Filters(call.whole_argument(0) or None, action or None)


def _read(call: Call, filters: Filters, older: int | None = None, newer: int | None = None) -> AuditView:
    user_id, action = filters.user_id, filters.action
    stretch = call.run(audit_log.read, user_id=user_id, action=action, older=older, newer=newer)
    described = [(entry, _entry(entry)) for entry in stretch.entries]
    # When paging to newer entries, start from the old page's end so that none in between is skipped.
    shown = _fitting(described) if newer is None else _fitting(described[::-1])[::-1]
    return AuditView(call, filters, stretch, tuple(shown))


def _fitting(described: Sequence[tuple[AuditEntry, str]]) -> list[tuple[AuditEntry, str]]:
    """As many of the first entries as fit into a message; a single entry always fits."""
    return [each for place, each in enumerate(described, 1) if _fit([text for _, text in described[:place]])]


def _fit(texts: Sequence[str]) -> bool:
    return sum(map(len, texts)) <= MOST and sum(map(byte_size, texts)) <= MOST_BYTES


# --- a page ---


def _page(view: AuditView) -> Container:
    """At most 20 of the 40 components: 6 entries of 2, 8 around them."""
    parts = (Text(_heading(view)), *_lines(view), Separator(), *_people(view), _paging(view))
    return Container(parts, looks.ADMIN.color)


def _heading(view: AuditView) -> str:
    filters = view.filters
    about = [f"by or about {who(filters.user_id)}"] if filters.user_id else []
    about += [f"only: {title(filters.action)}"] if filters.action else []
    empty = NOTHING_SUCH if about else NOTHING
    return "\n".join(
        [f"## {looks.ADMIN.emoji} Audit log", *([", ".join(about)] if about else []), *([] if view.shown else [empty])]
    )


def _lines(view: AuditView) -> Iterator[ContainerPart]:
    for _, text in view.shown:
        yield Separator()
        yield Text(text)


def _entry(entry: AuditEntry) -> str:
    """An entry in words: at most about 2,000 characters."""
    by = f"the operator {words(entry.operator, 100)}" if entry.operator else named(entry.actor_id, entry.actor_name)
    whom = named(entry.subject_id, entry.subject_name)
    to = f", to {whom}" if entry.subject_id and entry.subject_id != entry.actor_id else ""
    lines = [f"**{title(entry.action)}**, by {by}{to}"]
    lines += _changed(entry)
    if entry.reason:
        lines.append(f"Reason: {words(entry.reason, LONGEST_REASON)}")
    return "\n".join((*lines, f"-# {moment(entry.at)}, entry {entry.entry_id:,}"))


def _changed(entry: AuditEntry) -> Iterator[str]:
    """What the entry is about, and what changed."""
    same = unchanged(entry.before, entry.after)[:MOST_SAME]
    if same:
        yield ", ".join(f"{_named(what)}: {_value(value)}" for what, value in same)
    differing = changes(entry.before, entry.after)
    for what, before, after in differing[:MOST_CHANGES]:
        yield f"{_named(what)}: {_value(before)} → {_value(after)}"
    if differing[MOST_CHANGES:]:
        yield f"and {len(differing) - MOST_CHANGES:,} more"


def _named(what: str) -> str:
    return words(what.replace("_", " "), 30)


def _value(value: object) -> str:
    """A value of the state before or after; only the length of lists and objects: the database has the rest."""
    match value:
        case None:
            return "nothing"
        case bool():
            return "yes" if value else "no"
        case int() | float():
            return figure(value)
        case dict() | list():
            return _counted(cast("Sized", value))
        case _:
            return words(str(value), 60) or "nothing"


def _counted(value: Sized) -> str:
    return "1 entry" if len(value) == 1 else f"{len(value):,} entries"


def _people(view: AuditView) -> tuple[Row, ...]:
    """A select of everybody whom the page names: it opens their warnings, and what can be done about these."""
    met = [
        person
        for entry, _ in view.shown
        for person in ((entry.subject_id, entry.subject_name), (entry.actor_id, entry.actor_name))
    ]
    times = Counter(user_id for user_id, _ in met)
    options = tuple(
        SelectOption(_label(user_id, name), str(user_id), f"Named {counted(times[user_id], 'time')}")
        for user_id, name in dict(met).items()
        if user_id
    )
    if not options:
        return ()
    look = view.call.custom_id("look", path="security.warnings")
    return (Row((Select(look, options, placeholder="Look at somebody's warnings"),)),)


def _label(user_id: int, name: str) -> str:
    """Discord reads no markup there, so nothing is escaped."""
    return isolated(cut(one_line(name), NAME)) or str(user_id)


def _paging(view: AuditView) -> Row:
    first, last = (view.shown[0][0].entry_id, view.shown[-1][0].entry_id) if view.shown else (0, 0)
    ends = view.stretch.ends
    return Row(
        (
            Button("Newest", view.custom_id("newest", 0)),
            Button("Newer", view.custom_id("newer", first), disabled=not 0 < first < ends.newest),
            Button("Older", view.custom_id("older", last), disabled=last <= ends.oldest),
        )
    )


SUBCOMMAND = Subcommand(
    "audit",
    "Who changed what, with before and after",
    _open,
    options=(
        Option("user", "By or about whom (default: everybody)", type=OptionType.USER),
        Option("action", "What was done (default: everything)", autocomplete=_suggest),
    ),
    access=Access.ADMIN,
    components={"newest": _newest, "newer": _newer, "older": _older},
    paces=dict.fromkeys(("newest", "newer", "older"), Pace.PAGING),
)
