"""Checks of what watches the game: the health check, the alarms and the newest snapshot."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from mastermind.operations.health import rules as health
from ops import queries

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ops.checks.findings import Context, Finding

from ops.checks.findings import fine, skipped, wrong

SILENT_AFTER = timedelta(minutes=11)
"""After so long without a report the health check itself is suspect: two of its periods and a minute."""


def health_check(context: Context) -> Iterator[Finding]:
    target = context.target
    state = queries.health_state(target)
    if state.at is None:
        yield skipped("health check", "it has not run yet; it runs every five minutes")
    elif context.now() - state.at > SILENT_AFTER:
        words = f"it last ran at {state.at:%Y-%m-%d %H:%M} UTC"
        yield wrong("health check", words, "Docs: Troubleshooting, The health check is silent.")
    elif not state.is_healthy:
        failing = "; ".join(f"{one.name}: {one.words}" for one in state.failing)
        yield wrong(
            "health check", f"unhealthy since {state.since}: {failing}", "Docs: Troubleshooting lists each probe."
        )
    else:
        yield fine("health check", f"reported healthy at {state.at:%H:%M} UTC")
    firing = queries.alarms(target, "ALARM")
    if firing:
        yield wrong("alarms", f"firing: {', '.join(firing)}", "Each names its section of docs/Troubleshooting.md.")
    else:
        yield fine("alarms", "none is firing")


def snapshot(context: Context) -> Iterator[Finding]:
    newest = queries.newest_snapshot(context.target)
    probe = health.probe_of_snapshot(newest, context.now())
    fix = "Make one by hand (`.venv/bin/ops backup`), then: Docs, Troubleshooting, The game is not healthy (snapshot)."
    yield fine("snapshot", probe.words) if probe.healthy else wrong("snapshot", probe.words, fix)
