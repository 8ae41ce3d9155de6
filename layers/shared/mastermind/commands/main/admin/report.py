"""/admin report: how the last week went, in figures without a name; the same is posted for the admins on Monday."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mastermind.bot import looks
from mastermind.bot.commands import Subcommand
from mastermind.commands.parts import health_state, report_cards
from mastermind.discord.components import Button, Container, Row, Text
from mastermind.discord.replies import Message
from mastermind.operations.report import actions as reports
from mastermind.operations.report import words

if TYPE_CHECKING:
    from mastermind.bot.call import Call
    from mastermind.discord.replies import Reply


def _show(call: Call) -> Reply:
    leaders = call.run(reports.read)
    report, state = leaders.report, health_state.headline(leaders.checked, call.now).title
    parts = (
        Text(f"{report_cards.heading(report)}\n{report_cards.told(report)}"),
        Text(f"{report_cards.now(leaders, state)}\n-# {words.RULES}"),
        Row((Button("What waits", call.custom_id("open", path="admin.home"), emoji=looks.ADMIN.emoji),)),
    )
    picture = (lambda: report_cards.picture(report)) if call.draws and report else None
    return Message((Container(parts, looks.REPORT.color),), private=True, picture=picture)


SUBCOMMAND = Subcommand("report", "How the last week went, in figures without a name", _show)
