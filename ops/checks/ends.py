"""The ends of support of what the game runs on, with their dates; docs/Years.md has the same lines."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from ops.checks.findings import fine, noted, wrong

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ops.checks.findings import Context, Finding

WHAT = "what ends"
NOTICE = timedelta(days=180)
"""So long before an end the operator is warned: time for a release and a quiet evening."""


@dataclass(frozen=True, slots=True)
class End:
    """What ends on which day, what happens then, what to do before, and who says so."""

    what: str
    on: date
    then: str
    do: str
    source: str


ENDS = (
    End(
        "Python 3.13 on Lambda",
        date(2029, 6, 30),
        "AWS stops patching it. Functions go on running; from 2029-08-31 no deploy can change them.",
        "Deploy a release for a newer Python.",
        "https://docs.aws.amazon.com/lambda/latest/dg/lambda-python.html",
    ),
    End(
        "Python 3.13 itself",
        date(2029, 10, 31),
        "Nobody fixes its security faults.",
        "Deploy a release for a newer Python; make the tool's environment with it (`make setup`).",
        "https://endoflife.date/python",
    ),
    End(
        "PostgreSQL 18",
        date(2030, 11, 14),
        "Its last fixes appear. RDS goes on for a while, then charges extra for it without asking.",
        "Deploy a release for a newer PostgreSQL.",
        "https://www.postgresql.org/support/versioning/",
    ),
    End(
        "RDS's authority rds-ca-rsa2048-g1",
        date(2061, 5, 19),
        "It expires in the first region: no function trusts a database that uses it.",
        "Deploy a release that names a newer authority.",
        "https://truststore.pki.rds.amazonaws.com/global/global-bundle.pem",
    ),
)
"""In the order of their days. Looked up on 2026-11-29; AWS has moved such days before."""


def ends(context: Context) -> Iterator[Finding]:
    today = context.now().date()
    near = [end for end in ENDS if end.on - today <= NOTICE]
    for end in near:
        words = f"{end.what} on {end.on}. {end.then}"
        fix = f"{end.do} docs/Years.md says more."
        yield wrong(WHAT, words, fix) if end.on <= today else noted(WHAT, words, fix)
    if not near:
        yield fine(WHAT, f"nothing within {NOTICE.days} days; next is {ENDS[0].what}, on {ENDS[0].on}")
