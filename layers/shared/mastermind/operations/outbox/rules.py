"""Decides which requests are tried, retried, returned or given up (docs/rules/outbox.md). Pure."""

from __future__ import annotations

from copy import replace
from dataclasses import dataclass, field
from math import ceil, inf
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

RECEIVES = 20
"""Deliveries after which SQS makes a dead letter of a message (template.yaml, HandOvers)."""

DELIVERIES = 3
"""As in entrypoints.batches: what fails after more of them counts as stuck."""

HELD_AT_MOST = 15
"""Deliveries after which a message that must wait is handed back: waiting never makes a dead letter."""

REDRIVEN_AFTER = 30.0
"""Seconds between a hand-over and the arrival in the queue, above which the message was moved there again."""

LONGEST_HOLD = 900
"""Seconds that a message is hidden at most, so that what was wrong about a pause is soon seen."""

INVALID_WINDOW, INVALID_BUDGET = 600.0, 1_000
"""Discord blocks an address after 10 000 answers of 401, 403 and 429 in ten minutes: we stop at a tenth of that."""

STOP_AFTER, STOPPED_FOR = 3, 600.0
"""A route that answered 401, 403 or 404 so often within INVALID_WINDOW is left alone for so many seconds."""

OFF_FOR = 600.0
"""Seconds for which a bot token that Discord does not accept is not tried again, unless another one is stored."""

NOT_YET = 5.0
"""Seconds after an edit was sent in which a 404 means that Discord has not taken our answer yet."""

NOTED_FOR, MOST_NOTED = 7200.0, 40


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message as SQS delivers it: how often by now, since when, and when it entered the queue."""

    message_id: str
    receipt: str
    body: str
    deliveries: int
    first: float
    sent: float


@dataclass(frozen=True, slots=True)
class Untried:
    """That a delivery of a message ended without a try, and until when it was hidden then."""

    delivery: int
    until: float


@dataclass(frozen=True, slots=True)
class State:
    """What outlives a process, in S3. Times are seconds since 1970.

    `paused` holds what needs the bot token, `blocked` everything that leaves from our address. `off` is until when the
    token with the fingerprint `off_token` is not tried. `routes` counts bad answers of a route since when, `stops` are
    until when one is left alone. `giving` are roles that members did not have when they were first asked for, and when
    that was.
    """

    paused: float = 0.0
    blocked: float = 0.0
    off: float = 0.0
    off_token: str = ""
    invalid_since: float = 0.0
    invalid: int = 0
    routes: dict[str, tuple[float, int]] = field(default_factory=dict[str, tuple[float, int]])
    stops: dict[str, float] = field(default_factory=dict[str, float])
    untried: dict[str, Untried] = field(default_factory=dict[str, Untried])
    giving: dict[str, float] = field(default_factory=dict[str, float])

    def wait(self, now: float) -> float:
        """Seconds until anything may be asked with the bot token."""
        return max(0.0, max(self.paused, self.blocked) - now)

    def is_off(self, token: str, now: float) -> bool:
        return self.off > now and self.off_token == token

    def is_stopped(self, route: str, now: float) -> bool:
        return self.stops.get(route, 0.0) > now


@dataclass(frozen=True, slots=True)
class Trial:
    """Whether a message was certainly never tried, and the moment after which it may not be tried any more."""

    is_first: bool
    until: float


def trial(delivery: Delivery, handed_over: float, state: State, window: float) -> Trial:
    """What is known of earlier tries: SQS knows when it first delivered a message, we note what ended without a try.

    Discord knows a nonce for `window` seconds at least. They are counted from the earliest moment at which the first
    try can have been.
    """
    if delivery.sent - handed_over > REDRIVEN_AFTER:
        return Trial(is_first=False, until=0.0)
    noted = state.untried.get(delivery.message_id)
    if delivery.deliveries <= 1 or (noted is not None and noted.delivery == delivery.deliveries - 1):
        return Trial(is_first=True, until=inf)
    return Trial(is_first=False, until=max(delivery.first, noted.until if noted else 0.0) + window)


def hold(seconds: float, deadlines: Iterable[float], now: float) -> int:
    """Whole seconds for which messages are hidden: as long as Discord wants, and not beyond the first deadline."""
    nearest = min(deadlines, default=now + LONGEST_HOLD)
    return max(1, min(ceil(seconds), max(1, ceil(nearest - now)), LONGEST_HOLD))


def untried(state: State, deliveries: Iterable[Delivery], until: float, now: float) -> State:
    """The state with the note that these deliveries ended without a try."""
    fresh = {one.message_id: Untried(one.deliveries, until) for one in deliveries}
    kept = {key: one for key, one in state.untried.items() if one.until > now - NOTED_FOR and key not in fresh}
    newest = sorted(kept.items(), key=lambda item: item[1].until)[-max(0, MOST_NOTED - len(fresh)) :]
    return replace(state, untried=dict(newest) | fresh)


def giving(state: State, what: str, now: float) -> State:
    """The state with the note that a role is given to who did not have it."""
    kept = {each: since for each, since in state.giving.items() if since > now - NOTED_FOR}
    newest = sorted(kept.items(), key=lambda item: item[1])[1 - MOST_NOTED :]
    return replace(state, giving=dict(newest) | {what: now})


def paused(state: State, seconds: float, *, of_address: bool, counts: bool, now: float) -> State:
    """The state after a 429."""
    until = now + seconds
    if of_address:
        held = replace(state, blocked=max(state.blocked, until))
    else:
        held = replace(state, paused=max(state.paused, until))
    return _counted(held, now) if counts else held


def refused(state: State, route: str, now: float) -> State:
    """The state after a 401, 403 or 404 of a route."""
    since, count = state.routes.get(route, (now, 0))
    since, count = (since, count + 1) if now - since <= INVALID_WINDOW else (now, 1)
    routes = {key: kept for key, kept in state.routes.items() if now - kept[0] <= INVALID_WINDOW}
    routes = dict(sorted((routes | {route: (since, count)}).items(), key=lambda item: item[1][0])[-MOST_NOTED:])
    stops = {key: until for key, until in state.stops.items() if until > now}
    if count >= STOP_AFTER:
        stops[route] = now + STOPPED_FOR
    return _counted(replace(state, routes=routes, stops=stops), now)


def turned_off(state: State, token: str, now: float) -> State:
    """The state after Discord did not accept a token, given by its fingerprint."""
    return _counted(replace(state, off=now + OFF_FOR, off_token=token), now)


def _counted(state: State, now: float) -> State:
    """One more answer that Discord counts; too many pause everything until its window has passed."""
    is_same = now - state.invalid_since <= INVALID_WINDOW
    since, count = (state.invalid_since, state.invalid + 1) if is_same else (now, 1)
    after = replace(state, invalid_since=since, invalid=count)
    return replace(after, blocked=max(after.blocked, since + INVALID_WINDOW)) if count >= INVALID_BUDGET else after


@dataclass(frozen=True, slots=True)
class Standing:
    """Somebody who takes part in moderation: their id, and their roles."""

    user_id: int
    roles: frozenset[int]


def above(one: Standing, other: Standing, positions: Mapping[int, int], owner_id: int) -> bool:
    """Whether somebody stands above another in Discord: the owner above all, else by the highest role."""
    if owner_id in {one.user_id, other.user_id}:
        return one.user_id == owner_id and other.user_id != owner_id
    return _height(one, positions) > _height(other, positions)


def _height(one: Standing, positions: Mapping[int, int]) -> int:
    return max((positions.get(role, 0) for role in one.roles), default=0)
