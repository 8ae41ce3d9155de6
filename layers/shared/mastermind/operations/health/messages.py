"""What the health check sends to xp_award and notify, and xp_award answers, validated where it arrives."""

from __future__ import annotations

from typing import cast

from pydantic import TypeAdapter

from mastermind.operations.health.rules import Facts, Outage, Report, Status

FACTS, OUTAGE, REPORT, STATUS = TypeAdapter(Facts), TypeAdapter(Outage), TypeAdapter(Report), TypeAdapter(Status)


def write[T](adapter: TypeAdapter[T], value: T) -> dict[str, object]:
    """The JSON object that `adapter` reads."""
    return cast("dict[str, object]", adapter.dump_python(value, mode="json"))
