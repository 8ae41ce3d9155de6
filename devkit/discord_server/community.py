"""The data of the stand-in: one server with members, roles, channels, bans, and messages as people see them."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from devkit.discord_client import snowflake
from devkit.discord_server.files import Files, changed
from devkit.discord_server.records import (
    CANNOT_WRITE_TO_USER,
    MISSING_PERMISSIONS,
    UNKNOWN_BAN,
    UNKNOWN_CHANNEL,
    UNKNOWN_MEMBER,
    UNKNOWN_MESSAGE,
    UNKNOWN_ROLE,
    UNKNOWN_USER,
    UNKNOWN_WEBHOOK,
    Answered,
    Member,
    Posted,
    Refused,
    Role,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from devkit.discord_server.portal import Webhook
    from devkit.json_types import Json

NONCES_KEPT = 120.0
"""Seconds for which a nonce is enforced. Discord says "a few minutes", so we assume the least."""

KEPT = 5_000  # messages; older ones are forgotten
ANSWERS_KEPT = 500  # answers to interactions; the same

DIRECT = 1 << 40
"""The channel of somebody's direct messages is their id plus this, so that it is the same after a restart."""


class Community:
    """One server of Discord. Every method raises Refused with what Discord would answer."""

    def __init__(self, guild_id: int, bot_id: int, owner_id: int = 0, clock: Callable[[], float] = time.time) -> None:
        self.guild_id, self.bot_id, self.owner_id, self.clock = guild_id, bot_id, owner_id, clock
        self.name = "The community"
        self.roles: dict[int, Role] = {guild_id: Role(guild_id, "@everyone", 0)}
        self.members: dict[int, Member] = {bot_id: Member(bot_id, "Mastermind", is_bot=True)}
        self.channels: dict[int, str] = {}
        self.kinds: dict[int, int] = {}
        self.overwrites: dict[int, list[Json]] = {}
        self.webhooks: dict[int, Webhook] = {}
        self.bans: dict[int, str] = {}
        self.messages: list[Posted] = []
        self.answers: dict[str, Answered] = {}
        self.audit: list[Json] = []
        self.files = Files()
        self._nonces: dict[tuple[int, str], tuple[float, Posted]] = {}
        self._lock = threading.RLock()

    # --- what tests and the page add and read ---

    def join(self, member: Member) -> Member:
        with self._lock:
            return self.members.setdefault(member.id, member)

    def add_role(self, role: Role) -> Role:
        self.roles[role.id] = role
        return role

    def add_channel(self, channel_id: int, name: str, kind: int = 0) -> int:
        self.channels[channel_id], self.kinds[channel_id] = name, kind
        return channel_id

    def must_be_allowed(self, channel_id: int, user_id: int, right: int) -> None:
        """Raises Refused if the channel denies somebody that right; what roles lack is not looked at."""
        if channel_id not in self.channels:
            raise Refused(*UNKNOWN_CHANNEL)
        named = {self.guild_id, user_id, *self.member(user_id).roles}
        denied = [one for one in self.overwrites.get(channel_id, []) if int(one["id"]) in named]
        if any(int(one["deny"]) & right for one in denied):
            raise Refused(*MISSING_PERMISSIONS)

    def note_answer(self, application_id: str, token: str, message: Json, exchange: int = 0) -> None:
        """Discord has taken the answer to an interaction; its token edits it from now on."""
        with self._lock:
            self.answers[f"{application_id}/{token}"] = Answered(message, exchange)
            while len(self.answers) > ANSWERS_KEPT:
                del self.answers[next(iter(self.answers))]

    def note_update(self, application_id: str, token: str, shown: object, message: Json, exchange: int) -> None:
        """An interaction with a message that showed these components has changed it, for older tokens as well."""
        with self._lock:
            same = [one for one in self.answers.values() if one.message.get("components") == shown]
            self.note_answer(application_id, token, message, exchange)
            for one in same:
                one.message, one.exchange, one.edits = message, exchange, 0

    def note_change(self, message_id: str, message: Json) -> None:
        """An interaction with a message of the bot, if it is one, has changed it."""
        with self._lock:
            for posted in self.messages:
                if str(posted.id) == message_id:
                    posted.message = {**message, "flags": posted.message.get("flags", 0)}
                    posted.revision += 1

    def seen(self, nonce: str) -> int:
        """How many messages with that nonce a person has seen."""
        return sum(one.nonce == nonce for one in self.messages)

    def direct_messages(self, user_id: int) -> list[Posted]:
        return [one for one in self.messages if one.channel_id == user_id + DIRECT]

    def json(self) -> Json:
        """Everything a page can show, as plain JSON. No token is in it."""
        with self._lock:
            return {
                "roles": [role.json() for role in self.roles.values()],
                "channels": [
                    {"id": str(channel_id), "name": name, "type": self.kinds.get(channel_id, 0)}
                    for channel_id, name in self.channels.items()
                ],
                "members": [{**member.json(), "name": member.name} for member in self.members.values()],
                "bans": [{"user_id": str(user), "reason": reason} for user, reason in self.bans.items()],
                "messages": [
                    {
                        "id": str(one.id),
                        "at": one.at,
                        "channel": self.channels.get(one.channel_id, ""),
                        "recipient": "" if one.channel_id in self.channels else str(one.channel_id - DIRECT),
                        "edits": one.revision,
                        "message": one.message,
                    }
                    for one in self.messages
                    if not one.gone
                ],
                "audit": list(self.audit),
                "edits": [
                    {"exchange": one.exchange, "edits": one.edits, "components": one.message["components"]}
                    for one in self.answers.values()
                    if one.exchange and one.edits
                ],
            }

    # --- messages ---

    def create_message(self, channel_id: int, message: Json, author_id: int = 0) -> Json:
        with self._lock:
            self._must_reach(channel_id)
            nonce = str(message.get("nonce") or "")
            if len(nonce) > 25:
                raise Refused(400, 50035, "Invalid Form Body: nonce has at most 25 characters")
            if message.get("enforce_nonce") and (before := self._known(channel_id, nonce)):
                return before.json()
            if not any(message.get(part) for part in ("content", "embeds", "components")):
                raise Refused(400, 50006, "Cannot send an empty message")
            kept = {name: value for name, value in message.items() if name not in {"nonce", "enforce_nonce"}}
            posted = Posted(snowflake(), channel_id, self._now(), kept, nonce, author_id=author_id or self.bot_id)
            self.messages.append(posted)
            del self.messages[:-KEPT]
            if nonce:
                self._nonces[channel_id, nonce] = (self.clock(), posted)
            return posted.json()

    def edit_message(self, channel_id: int, message_id: int, change: Json) -> Json:
        with self._lock:
            posted = self.message(channel_id, message_id)
            posted.message = changed(posted.message, change)
            posted.revision += 1
            return posted.json()

    def delete_message(self, channel_id: int, message_id: int) -> None:
        with self._lock:
            self.message(channel_id, message_id).gone = True

    def open_direct_message(self, user_id: int) -> Json:
        with self._lock:
            if user_id not in self.members and user_id not in self.bans:
                raise Refused(*UNKNOWN_USER)
            return {"id": str(user_id + DIRECT), "type": 1, "recipients": [{"id": str(user_id)}]}

    def _known(self, channel_id: int, nonce: str) -> Posted | None:
        at, posted = self._nonces.get((channel_id, nonce), (0.0, None))
        return posted if self.clock() - at < NONCES_KEPT else None

    def _must_reach(self, channel_id: int) -> None:
        if channel_id in self.channels:
            return
        user_id = channel_id - DIRECT
        if user_id not in self.members and user_id not in self.bans:
            raise Refused(*UNKNOWN_CHANNEL)
        if user_id in self.bans or not self.members[user_id].takes_messages:
            raise Refused(*CANNOT_WRITE_TO_USER)

    def message(self, channel_id: int, message_id: int) -> Posted:
        self._must_reach(channel_id)
        for posted in self.messages:
            if (posted.id, posted.channel_id, posted.gone) == (message_id, channel_id, False):
                return posted
        raise Refused(*UNKNOWN_MESSAGE)

    # --- answers to interactions ---

    def original(self, application_id: str, token: str) -> Answered:
        found = self.answers.get(f"{application_id}/{token}")
        if found is None:
            raise Refused(*UNKNOWN_WEBHOOK)
        return found

    def edit_original(self, application_id: str, token: str, change: Json) -> Json:
        with self._lock:
            answer = self.original(application_id, token)
            before, after = answer.message, changed(answer.message, change)
            for one in self.answers.values():
                if one.message is before:  # other tokens edit the same message
                    one.message = after
            answer.edits += 1  # last: who waits for it reads what was changed
            return after

    # --- members ---

    def member(self, user_id: int) -> Member:
        found = self.members.get(user_id)
        if found is None:
            raise Refused(*UNKNOWN_MEMBER)
        return found

    def give_role(self, user_id: int, role_id: int, reason: str) -> None:
        with self._lock:
            self._change_role(user_id, role_id, reason).roles.add(role_id)

    def take_role(self, user_id: int, role_id: int, reason: str) -> None:
        with self._lock:
            self._change_role(user_id, role_id, reason).roles.discard(role_id)

    def _change_role(self, user_id: int, role_id: int, reason: str) -> Member:
        member, role = self.member(user_id), self.roles.get(role_id)
        if role is None:
            raise Refused(*UNKNOWN_ROLE)
        if role.managed or role.position >= self._height(self.bot_id):
            raise Refused(*MISSING_PERMISSIONS)
        self._note("role", user_id, reason)
        return member

    def change_member(self, user_id: int, change: Json, reason: str) -> Json:
        with self._lock:
            member = self.member(user_id)
            self._must_be_below(user_id)
            if "communication_disabled_until" in change:
                member.until = change["communication_disabled_until"]
                self._note("time-out", user_id, reason)
            return member.json()

    def ban(self, user_id: int, reason: str) -> None:
        with self._lock:
            self._must_be_below(user_id)
            self.bans[user_id] = reason
            self.members.pop(user_id, None)
            self._note("ban", user_id, reason)

    def ban_of(self, user_id: int) -> Json:
        if user_id not in self.bans:
            raise Refused(*UNKNOWN_BAN)
        return {"reason": self.bans[user_id], "user": {"id": str(user_id)}}

    def unban(self, user_id: int, reason: str) -> None:
        with self._lock:
            if user_id not in self.bans:
                raise Refused(*UNKNOWN_BAN)
            del self.bans[user_id]
            self._note("unban", user_id, reason)

    def guild(self) -> Mapping[str, Any]:
        return {
            "id": str(self.guild_id),
            "owner_id": str(self.owner_id),
            "roles": [role.json() for role in self.roles.values()],
        }

    def _must_be_below(self, user_id: int) -> None:
        if user_id == self.owner_id or (user_id in self.members and self._height(user_id) >= self._height(self.bot_id)):
            raise Refused(*MISSING_PERMISSIONS)

    def _height(self, user_id: int) -> int:
        member = self.members.get(user_id)
        known = [self.roles[role].position for role in member.roles if role in self.roles] if member else []
        return max(known, default=0)

    def _note(self, action: str, user_id: int, reason: str) -> None:
        self.audit.append({"action": action, "user_id": str(user_id), "reason": reason, "at": self._now()})

    def _now(self) -> str:
        return datetime.fromtimestamp(self.clock(), UTC).isoformat()
