"""The questions of `ops init`, at most ten beside the two bot tokens; each answer is checked when it is typed."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from mastermind.discord import permissions
from mastermind.game.settings import content as time_zones
from ops import template, tokens
from ops.asking import Choice, Question, Refused, choose
from ops.bot import POSTING
from ops.init import guesses
from ops.init.discord_side import NEWS, PORTAL, Account, Server
from ops.sizes import SIZES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ops.asking import Asking
    from ops.init.discord_side import Channel, Role
    from ops.init.draft import Draft

NAMES = {"main": "the main bot", "tensey": "the Tensey bot"}
WEBHOOKS = {"Manage Webhooks": permissions.MANAGE_WEBHOOKS}
SPEAKING = {"View Channels": permissions.VIEW_CHANNEL, "Send Messages": permissions.SEND_MESSAGES}
NO_ROLE = "no such role"
NO_MAIL = "-"
NONE = "0"

ACTS_ON_ROLES = ("MemberRoles", "Moderation")
"""The parameters with which the bot acts on roles or on those who have them; only then its own place counts."""

LEADS = permissions.ADMINISTRATOR | permissions.MANAGE_GUILD
"""What the roles of admins usually have."""


def region(asking: Asking) -> str:
    """Where the game runs."""
    names = guesses.regions()
    choices = [Choice(one, one, guesses.REGIONS.get(one, "")) for one in names]
    nearest = names.index(guesses.region(guesses.time_zone())) + 1
    return asking.ask(choose("region", "Which region of AWS? The nearest answers fastest.", choices, nearest))


def token(asking: Asking, app: str, base_url: str, others: Mapping[str, Account], expected: str) -> Account:
    """The application whose token is typed, unseen: another one than the others', and the one that is expected."""
    warned = set[int]()

    def read(typed: str) -> Account:
        found = Account.of(app, typed, base_url)
        refuse_another(found, others, expected)
        if _is_named_otherwise(found) and found.application_id not in warned:
            warned.add(found.application_id)
            raise Refused(f"This is the token of {found.name}: swapped? If it is meant so, paste it again.")
        return found

    words = f"Bot token of {NAMES[app]}? (What you paste is not shown.)"
    return asking.ask(Question(f"token of {app}", words, read, is_secret=True))


def another(asking: Asking, app: str, base_url: str, others: Mapping[str, Account], present: str) -> Account:
    """An application in place of the present one; its token is in the variable, or typed, unseen."""

    def read(typed: str) -> Account:
        found = Account.of(app, typed, base_url)
        refuse_another(found, others, "")
        if str(found.application_id) == present:
            raise Refused(f"This is the token of the present {found.name}. Make another application: {PORTAL}")
        return found

    if typed := tokens.from_variable(app):
        return read(typed)
    words = f"Bot token of another application for {NAMES[app]}? (What you paste is not shown.)"
    asking.say(f"\nA public key belongs to an application for good. Make another one: [link={PORTAL}]{PORTAL}[/]")
    return asking.ask(Question(f"token of {app}", words, read, is_secret=True))


def refuse_another(found: Account, others: Mapping[str, Account], expected: str) -> None:
    """Raises Refused for the token of the wrong application."""
    for other in others.values():
        if other.application_id == found.application_id:
            raise Refused(f"This is {other.name}'s token again: the two bots are two applications. Make a second one.")
    if expected and int(expected) != found.application_id:
        raise Refused(
            f"This is the token of {found.name} ({found.application_id}); {NAMES[found.app]} of this game is the"
            f" application {expected}. Swapped? For another application: `.venv/bin/ops init --replace {found.app}`."
        )


def _is_named_otherwise(found: Account) -> bool:
    return found.app == "main" and "tensey" in found.name.lower()


def server(asking: Asking, there: Mapping[int, str]) -> int:
    """Which of the servers that both bots are in."""
    choices = [Choice(name, guild_id, str(guild_id)) for guild_id, name in there.items()]
    return asking.ask(choose("server", "Which server is the game for?", choices))


# --- roles ---


def role(asking: Asking, key: str, words: str, here: Server, patterns: Sequence[str], rights: int, draft: Draft) -> int:
    """A role of the server; 0 for none. `key` is the parameter that it is for."""
    kept = draft.get(key)
    roles = here.people_roles
    choices = [*(Choice(f"@{one.name}", one.id) for one in roles), Choice(NO_ROLE, 0)]
    by_right = next((number for number, one in enumerate(roles, 1) if one.permissions & rights), 0)
    known = next((number for number, one in enumerate(choices, 1) if str(one.value) == kept), 0)
    guess = known or guesses.named([one.name for one in roles], *patterns) or by_right or len(choices)
    chosen = asking.ask(choose(key, words, choices, guess))
    acts = any(draft.get(one) == "on" for one in ACTS_ON_ROLES)
    for note in _notes(key, next((one for one in roles if one.id == chosen), None), here, acts=acts):
        asking.note(note)
    return chosen


def _notes(key: str, chosen: Role | None, here: Server, *, acts: bool) -> Iterator[str]:
    """What does not keep the game from beginning, and how to change it."""
    if chosen is None:
        return
    if acts and chosen.position >= here.height:
        bot = here.account.name
        yield (
            f"@{chosen.name} stands above {bot}, which can therefore neither give it nor time its members out."
            f" Server Settings, Roles: drag {bot} above @{chosen.name}."
        )
    if key == "ModeratorRoleId" and not chosen.is_mentionable:
        yield (
            f"@{chosen.name} may not be mentioned: nobody is notified when somebody is in need. Server Settings,"
            f" Roles, @{chosen.name}: allow anyone to @mention this role."
        )


# --- channels ---


def announcements(asking: Asking, main: Server, kept: str) -> Channel:
    words = "Which channel gets announcements?"
    needs = SPEAKING | WEBHOOKS
    return _channel(
        asking, "announcements", words, [main], needs, kept, ("announce|ankünd", "news", "general|allgemein")
    )


def admins(asking: Asking, main: Server, kept: str) -> Channel:
    words = "Which channel do admins and moderators read? Alerts come there, too."
    needs = WEBHOOKS | POSTING
    return _channel(asking, "admins", words, [main], needs, kept, ("admin", "mod", "staff|team", "bot|log"))


def posts(asking: Asking, servers: Sequence[Server], kept: str) -> Channel:
    words = "Which channel gets the buttons that members play with?"
    return _channel(asking, "posts", words, servers, POSTING, kept, ("challenge|tensey", "play|game|bot", "general"))


def _channel(
    asking: Asking,
    key: str,
    words: str,
    servers: Sequence[Server],
    needs: Mapping[str, int],
    kept: str,
    patterns: Sequence[str],
) -> Channel:
    """A channel in which each bot may do what it needs; what changed in Discord meanwhile counts."""
    here = servers[0]
    if not here.channels:
        raise Refused("The server has no text channel. Make one, then go on.")
    choices = [Choice(f"#{one.name}", one.id, "announcements" if one.kind == NEWS else "") for one in here.channels]
    by_kind = next((n for n, one in enumerate(here.channels, 1) if one.kind == NEWS and key == "announcements"), 0)
    known = next((number for number, one in enumerate(choices, 1) if str(one.value) == kept), 0)
    guess = known or by_kind or guesses.named([one.name for one in here.channels], *patterns) or 1
    plain = choose(key, words, choices, guess)

    def read(typed: str) -> Channel:
        chosen = plain.read(typed)
        found, *_ = [_usable(Server.of(one.account, one.id), chosen, needs) for one in servers]
        return found

    return asking.ask(Question(key, words, read, plain.guess, plain.shown))


def _usable(now: Server, chosen: int, needs: Mapping[str, int]) -> Channel:
    """The channel as it is now; raises Refused if the bot may not do there what it needs."""
    found = next((one for one in now.channels if one.id == chosen), None)
    if found is None:
        raise Refused("This channel is gone. Choose another.")
    if lacks := now.lacks(found, needs):
        name = now.account.name
        raise Refused(
            f"{name} lacks {', '.join(lacks)} in #{found.name}. In the channel's settings, Permissions, add {name}"
            " and allow that; then choose it again, or another."
        )
    return found


# --- the rest ---


def time_zone(asking: Asking, kept: str) -> str:
    words = "Time zone of your members?"
    return asking.ask(Question("time zone", words, _zone, kept or guesses.time_zone()))


def _zone(typed: str) -> str:
    if typed in time_zones.known():
        return time_zones.known()[typed]
    found = time_zones.find(typed, datetime.now(UTC))
    if found.certain:
        return found.certain.name
    near = ", ".join(one.name for one in found.all[:4])
    raise Refused(f"{typed!r} is no time zone{f'; perhaps {near}?' if near else ': type one like Europe/Berlin.'}")


def mail(asking: Asking, guess: str) -> str:
    """An e-mail address; empty for none."""
    words = f"E-mail for alarms? ({NO_MAIL} for none: Discord has them, too.)"
    return asking.ask(Question("mail", words, _mail, guess or NO_MAIL))


def _mail(typed: str) -> str:
    if typed == NO_MAIL:
        return ""
    if not re.fullmatch(guesses.MAIL.pattern, typed):
        raise Refused(f"{typed!r} is no e-mail address, like you@example.org.")
    return template.parameter(f"AlertAddress={typed}").partition("=")[2]


def size(asking: Asking, draft: Draft) -> Mapping[str, str]:
    """The parameters of a size; the answer begins the deploy."""
    choices = [Choice(one.members, one.parameters, f"about {one.usd:.0f} USD a month") for one in SIZES]
    kept = next((n for n, one in enumerate(SIZES, 1) if one.parameters.items() <= draft.settings.parameters.items()), 1)
    words = "How many members? Your answer begins the deploy, and the costs."
    return asking.ask(choose("size", words, choices, kept))
