"""What `ops init` reads from Discord: the application of a token, the servers of its bot, and what a server has."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self, cast

from mastermind.discord.permissions import ADMINISTRATOR
from ops.asking import Refused
from ops.bot import invitation
from ops.checks.bot import rights
from ops.discord import Discord, refused

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

EVERYTHING = (1 << 63) - 1
TEXT, NEWS = 0, 5
"""The types of channels in which people write (Discord's documentation, Channel types)."""

PORTAL = "https://discord.com/developers/applications"
RESET = f"Get one at {PORTAL}: the application, Bot, Reset Token; Discord shows it once."


def refuse_what_is_no_token(typed: str) -> None:
    """Something else from the same pages of the portal; what was typed is not shown, for it may be a secret."""
    if not typed:
        raise Refused(f"A token is needed. {RESET}")
    if typed.isdecimal():
        raise Refused(f"This is an id, and no token. {RESET}")
    if re.fullmatch("[0-9a-fA-F]{64}", typed):
        raise Refused(f"This is a public key, and no token: that is not needed here. {RESET}")
    if typed.count(".") != 2 or not re.fullmatch(r"[\w.~+/=-]+", typed, flags=re.ASCII):
        raise Refused(f"This is no bot token: one has three parts with points between them. {RESET}")


@dataclass(frozen=True, slots=True)
class Account:
    """An application, as Discord knows it by its token."""

    app: str
    token: str = field(repr=False)
    application_id: int
    name: str
    public_key: str
    owner_id: int
    bot_id: int
    base_url: str

    @classmethod
    def of(cls, app: str, token: str, base_url: str) -> Self:
        """Raises Refused for a token that cannot be."""
        refuse_what_is_no_token(token)
        with Discord(base_url, 0, token) as discord:
            response = discord.ask("GET", "/applications/@me")
        if response.status_code == 401:
            raise Refused(f"Discord does not know this token; perhaps it was reset since. {RESET}")
        if not response.is_success:
            raise Refused(f"Discord answers {response.status_code}. Wait a minute, and paste it again.")
        shown = cast("dict[str, Any]", response.json())
        people: dict[str, Any] = {**(shown.get("owner") or {}), **(shown.get("team") or {})}
        owner = people.get("owner_user_id") or people.get("id") or 0
        key, bot = str(shown["verify_key"]), int(shown["bot"]["id"])
        return cls(app, token, int(shown["id"]), str(shown["name"]), key, int(owner), bot, base_url)

    @property
    def discord(self) -> Discord:
        return Discord(self.base_url, self.application_id, self.token)

    def link(self, needs: Mapping[str, int], guild_id: int | None) -> str:
        return invitation(self.application_id, needs.values(), guild_id)

    def servers(self) -> dict[int, str]:
        """The names of the servers in which the bot sits."""
        with self.discord as discord:
            found = discord.demand("GET", "/users/@me/guilds").json()
        return {int(one["id"]): str(one["name"]) for one in found}


class ThrownOut(Exception):
    """The bot of an application is not in the server."""

    def __init__(self, account: Account) -> None:
        super().__init__(f"{account.name} is not in the server.")
        self.account = account


@dataclass(frozen=True, slots=True)
class Role:
    id: int
    name: str
    position: int
    permissions: int
    is_managed: bool
    is_mentionable: bool


@dataclass(frozen=True, slots=True)
class Channel:
    """`overwrites` are what it allows and denies, by the id of a role or member."""

    id: int
    name: str
    kind: int
    overwrites: Mapping[int, tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Server:
    """A server as one of the bots sees it, with the roles that this bot has."""

    account: Account
    id: int
    roles: tuple[Role, ...]
    channels: tuple[Channel, ...]
    held: frozenset[int]

    @classmethod
    def of(cls, account: Account, guild_id: int) -> Self:
        """Raises ThrownOut if the bot is not there."""
        with account.discord as discord:
            paths = (f"/members/{account.bot_id}", "/roles", "/channels")
            answers = [discord.ask("GET", f"/guilds/{guild_id}{path}") for path in paths]
            if any(one.status_code in {403, 404} for one in answers):
                raise ThrownOut(account)
        if bad := next((one for one in answers if not one.is_success), None):
            refused(bad, {})
        member, roles, channels = (one.json() for one in answers)
        return cls(
            account,
            guild_id,
            tuple(sorted(map(_role, roles), key=lambda one: -one.position)),
            tuple(_channel(one) for one in sorted(channels, key=_place) if one["type"] in {TEXT, NEWS}),
            frozenset(int(one) for one in member["roles"]),
        )

    @property
    def people_roles(self) -> tuple[Role, ...]:
        """The roles that people have: not @everyone, and none of an application."""
        return tuple(one for one in self.roles if one.id != self.id and not one.is_managed)

    @property
    def height(self) -> int:
        """The position of the bot's highest role."""
        return max((one.position for one in self.roles if one.id in self.held), default=0)

    def lacks(self, channel: Channel, needs: Mapping[str, int]) -> list[str]:
        """The permissions, by their names in Discord, that the bot does not have in a channel."""
        held = self._rights_in(channel)
        return [name for name, bit in needs.items() if not held & bit]

    def _rights_in(self, channel: Channel) -> int:
        """As Discord adds them up (its documentation, Permission Overwrites)."""
        everywhere = rights([str(one) for one in self.held], [_as_shown(one) for one in self.roles], str(self.id))
        if everywhere & ADMINISTRATOR:
            return EVERYTHING
        for named in ({self.id}, self.held, {self.account.bot_id}):
            everywhere = _changed(everywhere, [channel.overwrites[one] for one in named if one in channel.overwrites])
        return everywhere


def _changed(held: int, overwrites: Iterable[tuple[int, int]]) -> int:
    for_all = list(overwrites)
    for _, denied in for_all:
        held &= ~denied
    for allowed, _ in for_all:
        held |= allowed
    return held


def _as_shown(role: Role) -> dict[str, str]:
    return {"id": str(role.id), "permissions": str(role.permissions)}


def _role(shown: Mapping[str, Any]) -> Role:
    return Role(
        int(shown["id"]),
        str(shown["name"]),
        int(shown["position"]),
        int(shown["permissions"]),
        bool(shown["managed"]),
        bool(shown["mentionable"]),
    )


def _channel(shown: Mapping[str, Any]) -> Channel:
    found = {int(one["id"]): (int(one["allow"]), int(one["deny"])) for one in shown.get("permission_overwrites", [])}
    return Channel(int(shown["id"]), str(shown["name"]), int(shown["type"]), found)


def _place(shown: Mapping[str, Any]) -> int:
    return int(shown.get("position", 0))
