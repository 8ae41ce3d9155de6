"""What the health check and xp_award send to each other, validated where it arrives."""

from __future__ import annotations

from typing import cast

from pydantic import TypeAdapter

from mastermind.operations.health.rules import Facts, Outage, Report

FACTS, OUTAGE, REPORT = TypeAdapter(Facts), TypeAdapter(Outage), TypeAdapter(Report)


def write[T](adapter: TypeAdapter[T], value: T) -> dict[str, object]:
    """The JSON object that `adapter` reads."""
    return cast("dict[str, object]", adapter.dump_python(value, mode="json"))
