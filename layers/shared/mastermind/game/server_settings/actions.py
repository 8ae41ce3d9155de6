"""Changing a setting of the server: limits and announcements at once, a channel or role once Discord was asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mastermind.errors import MemberMistake
from mastermind.game.audit import table as audit
from mastermind.game.exchanges import changing, looking
from mastermind.game.outbox import table as outbox
from mastermind.game.outreach import table as outreach
from mastermind.game.server_settings import rules
from mastermind.game.server_settings import table as records
from mastermind.game.server_settings.rules import CHANNEL, MODERATORS, Choices
from mastermind.postgres.exchange import only

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mastermind.game.members.rules import Actor
    from mastermind.game.server_settings.rules import Choice
    from mastermind.postgres.connection import Connection

CHANGE, TAKE_EFFECT, FALL_BACK = "server.change", "server.take_effect", "server.fall_back"
"""Their names in the audit log."""

SETTING_CHECK = "setting_check"
"""The kind of the outbox that asks Discord."""

DEFAULT = "default"
"""How the audit log names what the deploy sets."""

NO_BOT = (
    "Nothing was done: I have no bot token yet, so I can't ask Discord about that. An operator stores one; until then "
    "what the deploy sets stays."
)
IS_OF_THE_GAME = (
    "Nothing was done: members get <@&{role}> for playing, and nobody becomes a moderator by that. "
    "`/admin roles remove` takes it out of the game."
)


@dataclass(frozen=True, slots=True)
class Overview:
    """What differs from the deploy, and whether there is a bot to ask Discord."""

    choices: Choices
    has_bot: bool


def read(conn: Connection, actor: Actor) -> Overview:
    with looking(conn, actor):
        found, is_on = records.choices(conn), outreach.is_on(conn)
    return Overview(rules.choices(found), only(is_on))


def choose(conn: Connection, actor: Actor, name: str, chosen: str, deployed: str) -> Overview:
    """It is in force at once; where it is what the deploy sets, nothing is kept."""
    with changing(conn, actor, CHANGE) as change:
        records.lock(conn)
        found, is_on = records.choices(conn), outreach.is_on(conn)
        if not change.stored:
            before = rules.choices(found).of(name)
            if chosen == deployed:
                records.drop(conn, name)
            else:
                records.put(conn, name, chosen)
            change.audit(before=_image(name, before.value), after=_image(name, "" if chosen == deployed else chosen))
            change.keep({})
        after = records.choices(conn)
    return Overview(rules.choices(after), only(is_on))


def ask(conn: Connection, actor: Actor, name: str, target_id: int) -> Overview:
    """Have Discord asked; raises MemberMistake where nobody can ask, or where the role is given for playing."""
    with changing(conn, actor, CHANGE) as change:
        records.lock(conn)
        found, is_on, is_given = records.choices(conn), outreach.is_on(conn), records.is_given(conn, target_id)
        if not change.stored:
            before = rules.choices(found).of(name)
            if not only(is_on):
                raise MemberMistake(NO_BOT)
            if name == MODERATORS and only(is_given):
                raise MemberMistake(IS_OF_THE_GAME.format(role=target_id))
            records.ask(conn, name, target_id)
            refs = {"setting": name, "asked": str(target_id)}
            outbox.insert(conn, SETTING_CHECK, f"{SETTING_CHECK}:{actor.key}", user_id=actor.user_id, refs=refs)
            change.audit(
                before=_image(name, before.value), after={**_image(name, before.value), "asked": str(target_id)}
            )
            change.keep({})
        after = records.choices(conn)
    return Overview(rules.choices(after), has_bot=True)


def back_to_default(conn: Connection, actor: Actor, names: Iterable[str]) -> Overview:
    """Put the deploy's value into force again."""
    with changing(conn, actor, CHANGE) as change:
        records.lock(conn)
        found, is_on = records.choices(conn), outreach.is_on(conn)
        if not change.stored:
            before = rules.choices(found)
            for name in names:
                if name in before.by_name:
                    records.drop(conn, name)
                    change.audit(before=_image(name, before.of(name).value), after=_image(name, ""))
            change.keep({})
        after = records.choices(conn)
    return Overview(rules.choices(after), only(is_on))


# --- what relay does ---


def is_asked(conn: Connection, name: str, asked: int) -> bool:
    """Whether Discord is still to be asked about that."""
    choice = rules.choices(records.choices(conn)).of(name)
    return choice.is_pending and choice.asked == str(asked)


def accept(conn: Connection, name: str, asked: int, admin_id: int | None) -> None:
    """It is in force from now on; what was chosen meanwhile stays."""
    before = rules.choices(records.choices(conn)).of(name)
    accepted = records.accept(conn, name, asked).fetchone()
    if accepted is None:
        return
    if name == MODERATORS:
        records.stop_giving(conn, asked)
    _audit(conn, TAKE_EFFECT, before, accepted, admin_id)


def refuse(conn: Connection, name: str, asked: int, reason: str) -> None:
    """What was before stays in force, and the admins are notified."""
    records.refuse(conn, name, asked, reason)


def lose_role(conn: Connection, role_id: int) -> None:
    """The moderators' role was deleted in Discord: the deploy's is in force again."""
    _lose(conn, MODERATORS, role_id)


def lose_channel(conn: Connection, entry_id: int) -> None:
    """The channel that a row of the outbox was for was deleted: if it is the chosen one, the deploy's is in force."""
    if channel_id := records.channel_of(conn, entry_id).fetchone():
        _lose(conn, CHANNEL, channel_id)


def _lose(conn: Connection, name: str, lost: int) -> None:
    before = rules.choices(records.choices(conn)).of(name)
    if after := records.lose(conn, name, lost, "it was deleted in Discord").fetchone():
        _audit(conn, FALL_BACK, before, after, None)


def _audit(conn: Connection, action: str, before: Choice, after: Choice, actor_id: int | None) -> None:
    images = _image(before.name, before.value), _image(after.name, after.value)
    audit.write(conn, actor_id, action=action, before=images[0], after=images[1])


def _image(name: str, chosen: str) -> dict[str, object]:
    return {"setting": name, "value": chosen or DEFAULT}
