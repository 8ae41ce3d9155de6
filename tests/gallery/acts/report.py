"""What a community's leader asks: how the last week went."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from mastermind.commands.parts import report_cards
from mastermind.operations.home.table import Weeks
from mastermind.operations.report import notices
from mastermind.operations.report.actions import Leaders
from mastermind.operations.report.rules import Report
from mastermind.records import as_dict
from tests.commands.moderating import ADA
from tests.gallery import past
from tests.gallery.acts.admins import GOOD, check
from tests.gallery.acts.posts import ADMINS
from tests.gallery.stage import COMMANDS
from tests.operations.test_report_words import EMPTY, FULL

if TYPE_CHECKING:
    from tests.gallery.stage import Act

REPORT = "/admin report"
# Whatever week it says it is of: the clock of the gallery stands before that.
KEEP = (
    "INSERT INTO weekly_reports (week, figures) VALUES ('2026-08-03', %s)"
    " ON CONFLICT (week) DO UPDATE SET figures = EXCLUDED.figures"
)


def keep(act: Act, report: Report) -> None:
    act.owner.execute(KEEP, [json.dumps(as_dict(report))])


def report(act: Act) -> None:
    show, ada = act.of(REPORT), act.main.as_user(ADA)
    past.meet(act.owner, ADA)
    show("before the first", ada.command("admin report"))
    check(act, GOOD)
    act.later(minutes=2)
    past.give(act.owner, dict.fromkeys(past.CROWD[:9], 300))
    keep(act, EMPTY)
    show("nobody was there", ada.command("admin report"))
    keep(act, Report(EMPTY.first_day, members=25, newcomers=3, active=4, active_before=0))
    show("a first, small week", ada.command("admin report"))
    keep(act, FULL)
    page = show("a full week", ada.command("admin report"))
    act.of("/admin home")("from the report", ada.tap(page, "What waits"))
    told = report_cards.for_channel(Leaders(FULL, Weeks(9, 61, 2_700, 18_300), None), "all is well", draws=False)
    act.posted(ADMINS, "the report on Monday", notices.message(told, COMMANDS))


ACTS = (report,)
