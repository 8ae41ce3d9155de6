"""The templates of terms and privacy policy say what the game does, and leave open what only an operator knows."""

from __future__ import annotations

import re

from mastermind.bot.registry import APPS, names
from mastermind.game.privacy.rules import DELETIONS_KEPT
from tests.project.test_documents import INLINE
from tests.project.test_laws import ROOT
from tests.project.test_template import RESOURCES, TEMPLATE, of_type

FOLDER = ROOT / "docs" / "templates"
PRIVACY, TERMS = ((FOLDER / name).read_text() for name in ("privacy.md", "terms.md"))
COMMANDS = {name for app in APPS for name in names(app)}


def test_the_policy_says_how_long_the_game_keeps_what_it_stores():
    kept = {days for days in (one.get("RetentionInDays") for one in of_type("AWS::Logs::LogGroup").values()) if days}
    assert [f"{days} days" for days in kept] == ["30 days"]
    assert "| server logs, which contain ids but none of your texts | 30 days |" in PRIVACY
    nightly, asked = (TEMPLATE.parameters[f"{kind}Snapshots"]["Default"] for kind in ("Nightly", "Requested"))
    recovery = RESOURCES["Database"]["Properties"]["BackupRetentionPeriod"]
    assert rf"\<{nightly}> nightly ones and \<{asked}> others; {recovery} days of recovery" in PRIVACY
    assert f"(your id and the time) | {DELETIONS_KEPT.days} days |" in PRIVACY


def test_the_commands_that_they_name_exist():
    said = {name.split()[0].removeprefix("/") for name in INLINE.findall(PRIVACY + TERMS) if name.startswith("/")}
    assert said == {"privacy", "settings", "stats-edit", "stats-delete"}
    assert said <= COMMANDS


def test_what_an_operator_must_fill_in_stands_in_brackets():
    for text in (PRIVACY, TERMS):
        assert "A template: put your own words where it says `\\<...>`" in text
        assert {"date", "e-mail", "name of the game"} <= set(re.findall(r"\\<([^>]+)>", text))
        assert re.findall(r"(?<![\\`(])<", text) == [], "Markdown would hide it"
