"""What others stop supporting: the operator is warned in time, and the document has the same days."""

from __future__ import annotations

import re
import ssl
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from ops import discord, doctor
from ops.checks.authorities import COMMITTED
from ops.checks.ends import ENDS, NOTICE, WHAT, End
from ops.checks.findings import Context, Finding, State
from tests.ops.scripted import Scripted, scripted
from tests.project.test_laws import ROOT
from tests.project.test_template import DEFAULTS, RESOURCES

if TYPE_CHECKING:
    from collections.abc import Iterator

YEARS = (ROOT / "docs" / "Years.md").read_text()
BY_NAME = {end.what: end for end in ENDS}


@pytest.fixture
def aws() -> Iterator[Scripted]:
    with scripted() as aws:
        yield aws


def found(aws: Scripted, today: date) -> list[Finding]:
    now = datetime(today.year, today.month, today.day, tzinfo=UTC)
    return doctor.run_check(WHAT, doctor.CHECKS[WHAT], Context(aws.target, {}, now=lambda: now))


def test_long_before_the_first_end_nothing_is_wrong(aws: Scripted):
    [one] = found(aws, ENDS[0].on - NOTICE - timedelta(days=1))
    assert one.state is State.FINE
    assert str(ENDS[0].on) in one.words


@pytest.mark.parametrize("end", ENDS, ids=lambda end: end.what)
def test_an_end_is_noted_180_days_before_and_wrong_on_its_day(aws: Scripted, end: End):
    def states(today: date) -> list[State]:
        return [one.state for one in found(aws, today) if end.what in one.words and one.fix]

    assert states(end.on - timedelta(days=181)) == []
    assert states(end.on - timedelta(days=180)) == [State.NOTED]
    assert states(end.on - timedelta(days=1)) == [State.NOTED]
    assert states(end.on) == [State.WRONG]


def test_the_document_has_the_same_lines():
    table = YEARS[YEARS.index("| what | until |") :].split("\n\n")[0].splitlines()[2:]
    lines = [[cell.strip() for cell in line.strip("|").split("|")] for line in table]
    assert lines == [[e.what, str(e.on), e.then, e.do, f"[source]({e.source})"] for e in ENDS]
    assert list(ENDS) == sorted(ENDS, key=lambda end: end.on)


def test_the_days_are_of_what_the_template_runs_on():
    database = RESOURCES["Database"]["Properties"]
    assert DEFAULTS["Runtime"] == "python3.13"
    assert f"PostgreSQL {database['EngineVersion']}" in BY_NAME
    assert f"RDS's authority {database['CACertificateIdentifier']}" in BY_NAME
    assert f"API v{re.findall(r'/v([0-9]+)$', discord.API)[0]}" in YEARS


def test_the_authority_expires_on_the_day_that_its_certificates_say():
    trust = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    for file in COMMITTED.glob("*.pem"):
        trust.load_verify_locations(file)
    ours = [one for one in trust.get_ca_certs() if "Root CA RSA2048 G1" in str(one["subject"])]
    first = min(ssl.cert_time_to_seconds(str(one["notAfter"])) for one in ours)
    assert datetime.fromtimestamp(first, UTC).date() == BY_NAME["RDS's authority rds-ca-rsa2048-g1"].on
