"""/admin roles: which roles in Discord members get for what they reach (docs/rules/roles.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mastermind.bot import looks
from mastermind.bot.commands import Option, OptionType, Subcommand
from mastermind.commands.parts.people import counted, moment
from mastermind.discord.components import Button, ButtonStyle, Container, Row, Separator, Text
from mastermind.discord.replies import Choice, Choices, Message, Update
from mastermind.discord.text import cut, prose
from mastermind.errors import MemberMistake
from mastermind.game.factions import emblems
from mastermind.game.factions.emblems import EMBLEMS
from mastermind.game.levels import content as levels
from mastermind.game.roles import actions as roles
from mastermind.game.roles import rules
from mastermind.game.roles.rules import GameRole, RoleKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mastermind.bot.call import Call
    from mastermind.discord.replies import Reply
    from mastermind.game.roles.actions import Overview
    from mastermind.game.roles.table import Sync

KINDS = {
    RoleKind.LEVEL: "A level",
    RoleKind.CLASS: "A class",
    RoleKind.FACTION: "A faction",
    RoleKind.STREAK: "A streak",
    RoleKind.CHALLENGES: "A number of challenges",
}

HIGHEST, ALL = "highest", "all"

LONGEST_REASON = 80
"""Characters of why a role is not given, so that all of them fit into a message."""

NOT_THIS_ONE = "Nothing was done: <@&{role}> can't be a role of the game, because {reason}."
NO_NUMBER = "Nothing was done: for {what}, `value` is a whole number from 1 to {most:,}."
NO_NAME = "Nothing was done: for {what}, `value` is one of these: {names}."
NO_BOT = (
    "⚠️ There is no bot that can give roles. An operator invites it with `.venv/bin/ops invite`, and stores its token."
)
OFF = "⚠️ Roles are switched off: no role is given or taken. An operator sets `MemberRoles` to `on`."
NOTHING = "No role is given yet. `/admin roles add` adds one."
TRY_AGAIN = "-# Once that is fixed, `/admin roles sync` asks Discord again."
NEXT = (
    "-# Discord is asked in the next minute whether I may give it; `/admin roles list` shows that. Members get it as "
    "they play, `/admin roles sync` checks everybody now."
)


# --- what the subcommands do ---


def _add(call: Call) -> Reply:
    if not call.services.game.gives_roles:
        raise MemberMistake(f"Nothing was done. {OFF}")
    role, kind = call.role("role"), RoleKind(call.text("for"))
    if reason := rules.objection(role, call.settings.guild_id, _own(call)):
        raise MemberMistake(NOT_THIS_ONE.format(role=role.role_id, reason=reason))
    least, name = _value(kind, call.text("value"))
    added = GameRole(role.role_id, kind, least, name, call.text("keep", HIGHEST) == ALL, call.caller.user_id)
    call.run(roles.add, added)
    call.nudge()
    said = f"## {looks.ADMIN.emoji} Role added\n<@&{role.role_id}> is for **{_for(added)}**.\n{_kept(added)}\n{NEXT}"
    return Message((Container((Text(said),), looks.ADMIN.color),), private=True)


def _own(call: Call) -> set[int]:
    """The roles that make admins and moderators; the deploy's does so again once the chosen one is gone."""
    settings, deployed = call.settings, call.services.deployed
    moderators = {settings.moderator_role_id, deployed().moderator_role_id if deployed else 0}
    return {settings.admin_role_id, *moderators} - {0}


def _remove(call: Call) -> Reply:
    written = call.text("role")
    if not (written.isascii() and written.isdecimal() and len(written) < 20):
        raise MemberMistake("Nothing was done: choose one of the roles that are suggested.")
    call.run(roles.remove, int(written))
    said = (
        f"## {looks.ADMIN.emoji} Role removed\n"
        f"<@&{written}> is no longer given. Members who got it from me lose it as they play; "
        "`/admin roles sync` takes it from all of them now. Members who had it already keep it."
    )
    return Message((Container((Text(said),), looks.ADMIN.color),), private=True)


def _list(call: Call) -> Reply:
    return Message((_shown(call, call.run(roles.overview)),), private=True)


def _refresh(call: Call) -> Reply:
    return Update((_shown(call, call.run(roles.overview)),))


def _sync(call: Call) -> Reply:
    return Message((_synced(call),), private=True)


def _sync_here(call: Call) -> Reply:
    return Update((_synced(call),))


def _synced(call: Call) -> Container:
    found = call.run(roles.sync)
    call.nudge()
    return _shown(call, found)


def _suggest(call: Call) -> Choices:
    found = call.run(roles.overview).roles
    fitting = [(_for(role), role) for role in found if call.typed.lower() in _for(role).lower()]
    return Choices(tuple(Choice(words[:100], str(role.role_id)) for words, role in fitting[:25]))


# --- what a role is for ---


def _value(kind: RoleKind, written: str) -> tuple[int, str]:
    """The number or the name that a role is for; MemberMistake when it is none."""
    what = KINDS[kind].lower()
    if kind in rules.NAMED:
        names = tuple(EMBLEMS) if kind is RoleKind.FACTION else tuple(each.title for each in levels.load())
        name = next((name for name in names if name.lower() == written.lower()), None)
        if name is None:
            raise MemberMistake(NO_NAME.format(what=what, names=", ".join(names)))
        return 0, name
    most = rules.MOST[kind]
    if not (written.isascii() and written.isdecimal() and len(written) < 6 and 1 <= int(written) <= most):
        raise MemberMistake(NO_NUMBER.format(what=what, most=most))
    return int(written), ""


def _for(role: GameRole) -> str:
    match role.kind:
        case RoleKind.LEVEL:
            return f"level {role.least}"
        case RoleKind.CLASS:
            return f"class {role.name}"
        case RoleKind.FACTION:
            return f"faction {emblems.shown(role.name)}"
        case RoleKind.STREAK:
            return f"a streak of {counted(role.least, 'day')}"
        case RoleKind.CHALLENGES:
            return counted(role.least, "challenge")


def _kept(role: GameRole) -> str:
    if role.kind is RoleKind.FACTION:
        return "Everybody in that faction has it."
    if role.keeps_lower:
        return "Members keep the lower roles of this kind."
    return "Of this kind, members have only the highest that they have reached."


# --- the list ---


def _shown(call: Call, found: Overview) -> Container:
    notes = [OFF] if not call.services.game.gives_roles else [] if found.has_bot else [NO_BOT]
    lines = "\n".join(map(_line, found.roles)) or NOTHING
    if any(role.refused for role in found.roles):
        lines = f"{lines}\n{TRY_AGAIN}"
    buttons = [Button("Refresh", call.custom_id("refresh", path="admin.roles.list"))]
    if found.roles and not notes:
        buttons.insert(0, Button("Check all", call.custom_id("sync", path="admin.roles.list"), ButtonStyle.PRIMARY))
    return Container(
        (
            Text("\n".join([f"## {looks.ADMIN.emoji} Roles of the game", *notes, lines])),
            Separator(),
            Text(_progress(found.sync)),
            Row(tuple(buttons)),
        ),
        looks.ADMIN.color,
    )


def _line(role: GameRole) -> str:
    lower = ", with the lower ones" if role.keeps_lower else ""
    line = f"<@&{role.role_id}> for **{_for(role)}**{lower}"
    return f"{line}\n-# ⚠️ Not given: {cut(prose(role.refused), LONGEST_REASON)}." if role.refused else line


def _progress(sync: Sync) -> str:
    if sync.started_at is None:
        return "-# Nobody has synced yet: `/admin roles sync` checks everybody."
    done = f"{sync.done:,} of {counted(sync.members, 'member')} checked, {sync.differing:,} differ"
    if sync.finished_at:
        return f"-# Last sync: {done}. It ended {moment(sync.finished_at)}."
    return f"**Sync:** {done}. It began {moment(sync.started_at)} and goes on by itself."


def _choices() -> Sequence[Choice]:
    return [Choice(words, kind.value) for kind, words in KINDS.items()]


SUBCOMMANDS = (
    Subcommand(
        "roles add",
        "Give a role for what members reach",
        _add,
        options=(
            Option("role", "The role; it stands below yours and the bot's", type=OptionType.ROLE, required=True),
            Option("for", "What it is for", required=True, choices=tuple(_choices())),
            Option("value", "The number, or the name of the class or faction", required=True, max_length=40),
            Option(
                "keep",
                "Which roles of this kind a member has (default: the highest)",
                choices=(Choice("Only the highest", HIGHEST), Choice("All that were reached", ALL)),
            ),
        ),
    ),
    Subcommand(
        "roles remove",
        "Stop giving a role",
        _remove,
        options=(Option("role", "Which one", required=True, autocomplete=_suggest, max_length=100),),
    ),
    Subcommand(
        "roles list",
        "The roles of the game and how a sync goes (add, remove, sync)",
        _list,
        components={"refresh": _refresh, "sync": _sync_here},
    ),
    Subcommand("roles sync", "Check everybody's roles now", _sync),
)
