"""/admin outages: an admin decides that an outage bridges no streak, and everybody can see who did."""

from __future__ import annotations

from typing import TYPE_CHECKING, LiteralString

from tests.commands.moderating import ADA

if TYPE_CHECKING:
    from tests.commands.playing import Bot
    from tests.conftest import Connection

DOWN: LiteralString = """
INSERT INTO outages (began, ended, probes) VALUES (now() - interval '3 days', now() - interval '2 days', '{main}')
"""
COVERED: LiteralString = "SELECT count(*) FROM outage_days(%s)"


def test_an_outage_that_does_not_count_bridges_nothing_until_it_counts_again(main: Bot, owner: Connection):
    admin = main.as_user(ADA)
    assert "has not been down" in admin.command("admin outages").text
    owner.execute(DOWN)
    page = admin.command("admin outages")
    assert owner.execute(COVERED, [ADA.id]).fetchone() != (0,)
    ignored = admin.tap(page, "Don't count")
    assert "does not count now" in ignored.text
    assert owner.execute(COVERED, [ADA.id]).fetchone() == (0,)
    assert "already" in admin.tap(page, "Don't count").text
    assert "counts now" in admin.tap(ignored, "Count it").text
    assert owner.execute(COVERED, [ADA.id]).fetchone() != (0,)
    logged = owner.execute("SELECT action, before->>'counts', after->>'counts' FROM audit_log ORDER BY id").fetchall()
    assert logged == [("outage.decide", "true", "false"), ("outage.decide", "false", "true")]


def test_an_outage_that_is_gone_is_said_to_be(main: Bot, owner: Connection):
    admin = main.as_user(ADA)
    owner.execute(DOWN)
    page = admin.command("admin outages")
    owner.execute("DELETE FROM outages")
    assert "no such outage" in admin.tap(page, "Don't count").text
