"""Discord's ids: each holds the moment in which it was made (docs/rules/discord.md, Requests to us)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

EPOCH = datetime(2015, 1, 1, tzinfo=UTC)


def made_at(snowflake: int) -> datetime:
    """When the id was made; a repeated delivery carries the same id."""
    return EPOCH + timedelta(milliseconds=snowflake >> 22)
