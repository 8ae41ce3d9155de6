"""The messages between the functions relay and outbox: requests to Discord's REST API, and their outcomes.

relay hands requests over by the FIFO queue HandOvers (`HandOver`), and edits of answers by the queue Edits (`Edit`).
Each comes back by the FIFO queue OutboxResults (`Result`), whose messages are grouped by `id`. Edits come from
interactions_main as well: the pictures of its answers. The requests are a closed set: nothing else can be asked of
Discord, whatever is in a queue.

A message may have a `picture`: figures as pictures.figures writes them, "" for none. outbox has it drawn; what cannot
be drawn in time goes without.

Times are in seconds since 1970; ids of Discord are whole numbers.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from mastermind.records import as_dict

GROUP = "outbox"
"""The one message group of the queue HandOvers: its messages are handled one after the other, in their order."""

WAITS_FOR_ANSWER = 60
"""Seconds from the first try in which a message whose answer was lost is tried again, under the same nonce."""

LINE = 1_000_001
"""The id of the component that an edit adds to an answer, or replaces in it; no answer of ours numbers its own."""

PICTURE = 1_000_002
"""The id of the gallery with a picture of ours; the same."""

type Message = dict[str, object]
"""A message as Discord's JSON. Nobody is notified by it: outbox replaces its `allowed_mentions`."""


class Operation(StrEnum):
    """The requests that there are, as the queue names them."""

    CREATE_MESSAGE = "create_message"
    EDIT_MESSAGE = "edit_message"
    DELETE_MESSAGE = "delete_message"
    DIRECT_MESSAGE = "direct_message"
    ADD_ROLE = "add_role"
    CHECK_ROLE = "check_role"
    REMOVE_ROLE = "remove_role"
    GET_MEMBER = "get_member"
    TIME_OUT = "time_out"
    BAN = "ban"
    UNBAN = "unban"


@dataclass(frozen=True, slots=True)
class CreateMessage:
    """A message in a channel, as the bot."""

    channel_id: int
    message: Message
    operation: Literal[Operation.CREATE_MESSAGE] = Operation.CREATE_MESSAGE
    picture: str = ""


@dataclass(frozen=True, slots=True)
class EditMessage:
    """New content for a message of the bot."""

    channel_id: int
    message_id: int
    message: Message
    operation: Literal[Operation.EDIT_MESSAGE] = Operation.EDIT_MESSAGE
    picture: str = ""


@dataclass(frozen=True, slots=True)
class DeleteMessage:
    """A message of the bot that goes."""

    channel_id: int
    message_id: int
    operation: Literal[Operation.DELETE_MESSAGE] = Operation.DELETE_MESSAGE


@dataclass(frozen=True, slots=True)
class DirectMessage:
    """A message to somebody; `channel_id` is 0 where it must be opened first, and the result has it then."""

    user_id: int
    channel_id: int
    message: Message
    operation: Literal[Operation.DIRECT_MESSAGE] = Operation.DIRECT_MESSAGE
    picture: str = ""


@dataclass(frozen=True, slots=True)
class AddRole:
    """A role for a member; `reason` stands in Discord's audit log.

    It is given only if it may be a role of the game, and stands below the admin who added it, and the bot. A member who
    has it already keeps it as theirs: then it is in the result.
    """

    user_id: int
    role_id: int
    admin_id: int
    reason: str
    operation: Literal[Operation.ADD_ROLE] = Operation.ADD_ROLE


@dataclass(frozen=True, slots=True)
class CheckRole:
    """Whether a role may be given, as in AddRole; nobody gets it.

    `for_moderators`: whether it may be the moderators' role instead. It is there, and stands below the admin who chose
    it (0: that was looked at before).
    """

    role_id: int
    admin_id: int
    operation: Literal[Operation.CHECK_ROLE] = Operation.CHECK_ROLE
    for_moderators: bool = False


@dataclass(frozen=True, slots=True)
class RemoveRole:
    """A role that a member loses."""

    user_id: int
    role_id: int
    reason: str
    operation: Literal[Operation.REMOVE_ROLE] = Operation.REMOVE_ROLE


@dataclass(frozen=True, slots=True)
class GetMember:
    """Whether somebody is in the server, and with which roles; they are in the result."""

    user_id: int
    operation: Literal[Operation.GET_MEMBER] = Operation.GET_MEMBER


@dataclass(frozen=True, slots=True)
class TimeOut:
    """A member who may not write until then; 0 lifts the one that ends at `ours`, and no other.

    As in all moderation, `confirmer_id` is who confirmed it. Nobody at or above them or the bot is touched. The member
    gets `notice` first, in their channel (0: it is opened), if that takes a few seconds at most.
    """

    user_id: int
    until: int
    confirmer_id: int
    reason: str
    notice: Message | None = None
    channel_id: int = 0
    ours: int = 0
    operation: Literal[Operation.TIME_OUT] = Operation.TIME_OUT


@dataclass(frozen=True, slots=True)
class Ban:
    """A ban; no messages are deleted. `notice` as before a time-out."""

    user_id: int
    confirmer_id: int
    reason: str
    notice: Message | None = None
    channel_id: int = 0
    operation: Literal[Operation.BAN] = Operation.BAN


@dataclass(frozen=True, slots=True)
class Unban:
    """A ban that is lifted, if the reason that Discord has for it is `ours`."""

    user_id: int
    confirmer_id: int
    reason: str
    ours: str
    operation: Literal[Operation.UNBAN] = Operation.UNBAN


type Request = (
    CreateMessage
    | EditMessage
    | DeleteMessage
    | DirectMessage
    | AddRole
    | CheckRole
    | RemoveRole
    | GetMember
    | TimeOut
    | Ban
    | Unban
)


@dataclass(frozen=True, slots=True)
class HandOver:
    """A request that Discord gets until `deadline`; after that it comes back as it is.

    `id` names this hand-over, `key` what it is about (for logs). `nonce` is Discord's, at most 25 characters and the
    same in each hand-over of the same thing. Without a `request` it is a question: it comes back unsent, or OFF. Since
    the queue keeps the order, nothing that was handed over before a question is still on its way when it comes back.

    `at` is when it was handed over: a message that entered its queue much later was moved there from the dead letters,
    and what happened to it before nobody knows.
    """

    id: str
    key: str
    at: float
    deadline: int
    request: Request | None = None
    nonce: str = ""


@dataclass(frozen=True, slots=True)
class Edit:
    """A line on top of an answer that somebody looks at, or its picture, or both.

    It is made only while the answer's custom_ids have that revision ("" for an answer without any). `token` is that of
    the interaction, sealed (discord.tokens) and in base 64. An edit that is done twice is seen once. What became of one
    without an `id` nobody is told.
    """

    id: str
    key: str
    token: str
    application_id: int
    revision: str
    line: str
    deadline: int
    picture: str = ""


class Outcome(StrEnum):
    """What became of a request."""

    DONE = "done"
    RETURNED = "returned"  # it was not sent: its deadline had passed, or it was a question
    OFF = "off"  # it was not sent: there is no bot token, or Discord does not accept it
    STOPPED = "stopped"  # it was not sent: its route answered 401, 403 or 404 too often
    REFUSED = "refused"  # by Discord, or by a rule of ours; `reason` is for people
    GONE = "gone"  # there is no such channel, message, member or role; the answer is another one by now
    UNKNOWN = "unknown"  # the answer was lost, and it is too late to try again


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a hand-over or an edit, at the moment `at`.

    `message_id` and `channel_id` are of the message that was created, `roles` those of the member who was read, or had
    the role already; `status` and `code` are what Discord answered. `untried` is one that comes back before any
    delivery of it has asked Discord, `closed` an act whose direct message was refused because the member accepts none.
    `of_edit` is one of an edit, whatever its id says: interactions_main sends edits as well.
    """

    id: str
    outcome: Outcome
    at: float
    message_id: int = 0
    channel_id: int = 0
    roles: tuple[int, ...] = ()
    status: int = 0
    code: int = 0
    reason: str = ""
    untried: bool = False
    closed: bool = False
    of_edit: bool = False


def write(message: HandOver | Edit | Result) -> str:
    """The message as a queue carries it; pydantic's TypeAdapter reads it back."""
    return json.dumps(as_dict(message))
