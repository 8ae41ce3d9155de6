"""Discord's ids: each holds the moment in which it was made (docs/rules/discord.md, Requests to us)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

EPOCH = datetime(2015, 1, 1, tzinfo=UTC)

LEAD = 3_600
"""Seconds by which a clock of Discord's may be ahead of ours."""

_EPOCH = EPOCH.timestamp()


def made_at(snowflake: int) -> datetime:
    """When the id was made; a repeated delivery carries the same id."""
    return EPOCH + timedelta(milliseconds=snowflake >> 22)


def is_to_come(snowflake: int, now: float) -> bool:
    """Whether the id was not made yet at `now`, in seconds since 1970: Discord sends no such id."""
    return (snowflake >> 22) / 1000 + _EPOCH > now + LEAD
