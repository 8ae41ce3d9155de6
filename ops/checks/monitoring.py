"""Checks of the monitoring: the health check, the alarms and the newest snapshot."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from mastermind.operations import runbook
from mastermind.operations.alerts import alarms
from mastermind.operations.health import probing
from ops import queries

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ops.checks.findings import Context, Finding

from ops.checks.findings import fine, skipped, wrong

SILENT_AFTER = timedelta(minutes=11)
"""After so long without a report the health check itself is suspect: two of its periods and a minute."""


def health_check(context: Context) -> Iterator[Finding]:
    state = queries.health_state(context.target)
    if state.at is None:
        yield skipped("health check", "it has not run yet; it runs every five minutes")
    elif context.now() - state.at > SILENT_AFTER:
        words = f"it last ran at {state.at:%Y-%m-%d %H:%M} UTC"
        yield wrong("health check", words, context.what_to_do(runbook.SILENT))
    elif state.failing:
        for one in state.failing:
            rank = "down" if one.is_felt else "to do"
            yield wrong(
                "health check", f"{rank}: {one.name}: {one.words}", context.what_to_do(runbook.PROBES[one.name])
            )
    elif not state.is_healthy:
        yield wrong("health check", f"down since {state.since}, and recovering", "One more good check ends it.")
    else:
        yield fine("health check", f"reported healthy at {state.at:%H:%M} UTC")
    yield from _alarms(context)


def _alarms(context: Context) -> Iterator[Finding]:
    firing = queries.alarms(context.target, "ALARM")
    for name, description in firing.items():
        what, guide = alarms.described(description)
        yield wrong("alarms", f"firing: {name}: {what}", context.what_to_do(guide))
    if not firing:
        yield fine("alarms", "none is firing")


def snapshot(context: Context) -> Iterator[Finding]:
    newest = queries.newest_snapshot(context.target)
    probe = probing.of_snapshot(newest, context.now())
    fix = context.what_to_do(runbook.PROBES["snapshot"])
    yield fine("snapshot", probe.words) if probe.healthy else wrong("snapshot", probe.words, fix)
