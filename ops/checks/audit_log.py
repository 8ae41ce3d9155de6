"""The check of the audit log: whether its newest entries are as they were sealed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mastermind.operations import runbook
from ops import audit_chain
from ops.checks.findings import fine, wrong

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ops.checks.findings import Context, Finding

WHAT = "audit log"
NOT_WRITTEN = "`.venv/bin/ops logs xp-award --errors --since 2d` says why the sweep does not."


def sealed(context: Context) -> Iterator[Finding]:
    """The entries of the last days only, whatever the age of the log: `ops audit-verify` looks at all."""
    try:
        begin, ends = audit_chain.newest(context.target)
        checked = audit_chain.check(context.target, ends, begin)
    except audit_chain.Differs as error:
        yield wrong(WHAT, f"is not as it was sealed: {error}", context.what_to_do(runbook.TAMPERED))
        return
    if not ends and not checked.links:
        yield fine(WHAT, "no entry was sealed yet")
    elif words := audit_chain.late(ends):
        yield wrong(WHAT, words, NOT_WRITTEN)
    else:
        words = f"the newest {checked.links} entries are as they were sealed; {checked.days} days agree with them"
        yield fine(WHAT, words)
