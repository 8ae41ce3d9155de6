"""What Discord sends us, read strictly into one frozen shape."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class Kind(IntEnum):
    """Discord's interaction types."""

    PING = 1
    COMMAND = 2
    COMPONENT = 3
    AUTOCOMPLETE = 4
    MODAL = 5


@dataclass(frozen=True, slots=True)
class Caller:
    """Who acts: in a server a member, in a direct message a user without permissions and roles."""

    user_id: int
    display_name: str
    permissions: int
    role_ids: frozenset[int]


@dataclass(frozen=True, slots=True)
class Interaction:
    """One interaction; the token is deliberately not kept, it is a secret we do not need.

    `guild_id` is None in a direct message, `caller` is None for a PING alone. `path` names subcommand group and
    subcommand; `options` are the leaves (users, roles and channels as ids); `focused` is the option being typed.
    `custom_id`, `values` belong to components, `custom_id`, `fields` to modals: texts as they were written, one choice
    as its value ("" for none), several as a tuple, a checkbox as "true" or "". `users` maps the ids of
    mentioned users to display names.
    """

    id: int
    kind: Kind
    application_id: int
    guild_id: int | None
    caller: Caller | None
    name: str
    path: tuple[str, ...]
    options: Mapping[str, str | int | float | bool]
    focused: str | None
    custom_id: str
    values: tuple[str, ...]
    fields: Mapping[str, str | tuple[str, ...]]
    users: Mapping[int, str]
    locale: str
