"""How alerts read, in Discord and by e-mail."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devkit.discord_api.schema import webhook_problems
from devkit.inspection import message_violations
from mastermind.operations import runbook
from mastermind.operations.alerts.messages import words
from mastermind.operations.alerts.records import Alert, Down, Ends, Meanwhile, Past, Recovered, Starts
from mastermind.operations.alerts.rules import MOST_LINES
from mastermind.operations.runbook import Guide

AT = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
LATER = AT + timedelta(minutes=12)
FAILED = {"database": "it does not answer", "main": "answers 500 to a forged signature instead of 401"}
LINK = "https://example.org/runbook.md"
LATE = Starts("Awards wait in the queue.", Guide("awards-are-late", "`ops awards` shows them."), AT, urgent=False)


def text(alert: Alert, link: str | None = LINK) -> str:
    [embed] = words(alert, link).message()["embeds"]  # pyright: ignore[reportGeneralTypeIssues, reportUnknownVariableType]
    return f"{embed['title']}\n{embed['description']}"  # pyright: ignore[reportUnknownVariableType]


def test_a_game_that_is_down_says_what_fails_since_when_and_what_to_do():
    said = text(Down(AT, FAILED, further=False))
    assert said.startswith("🔴 The game is down\nSince <t:")
    assert "database\\: it does not answer" in said
    assert "main\\: answers 500" in said
    assert f"What to do: {LINK}#the-game-is-down" in said
    assert f"What to do: {LINK}#the-api-answers-5xx" in said


def test_what_fails_besides_says_so():
    said = text(Down(AT, FAILED, further=True))
    assert said.startswith("🔴 More of the game is down\nDown since <t:")
    assert "What fails now, too:" in said


def test_without_a_link_an_alert_carries_the_first_steps():
    assert "What to do: `ops awards` shows them." in text(LATE, None)
    assert "#" not in text(LATE, None)
    said = text(Down(AT, {"database": "it is away", "health": "answers 503"}, further=False), None)
    assert said.count(runbook.DOWN.first) == 1, "each once"


def test_an_alarm_of_nobody_elses_has_nothing_to_do():
    assert text(Starts("Somebody's own alarm.", Guide("", ""), AT, urgent=False)).splitlines()[1:] == [
        f"Since <t:{int(AT.timestamp())}:f>."
    ]


def test_a_recovery_says_how_long_it_was_and_everything_that_failed():
    said = text(Recovered(AT, LATER, FAILED))
    assert said.startswith("🟢 The game is well again\nDown for 12 minutes, from <t:")
    assert "database\\: it does not answer" in said
    assert "main\\: answers 500" in said


def test_what_happened_meanwhile_is_listed_with_its_times():
    past = (
        Past("Discord gets 5xx answers.", AT, None),
        Past("Awards wait.", AT, LATER),
        Past("It fails.", AT, LATER, times=5),
    )
    said = text(Meanwhile(AT, LATER, past))
    assert "Discord gets 5xx answers. Since <t:" in said
    assert "Awards wait. From <t:" in said
    assert "It fails. 5 times, from <t:" in said


def test_what_is_to_do_is_orange_and_what_is_urgent_red():
    assert text(LATE).startswith("🟠 Awards wait in the queue.\nSince <t:")
    assert f"{LINK}#awards-are-late" in text(LATE)
    silent = Starts("The health check is silent.", runbook.SILENT, AT, urgent=True)
    assert text(silent).startswith("🔴 The health check is silent.")


def test_an_end_says_how_long_it_lasted():
    assert text(Ends("Awards wait.", AT, LATER)).startswith("🟢 Over: Awards wait.\nIt lasted 12 minutes, from <t:")


def test_an_e_mail_says_the_same_in_plain_words():
    said = words(Down(AT, FAILED, further=False), LINK).mail()
    assert "Since 2026-11-23 08:00 UTC" in said
    assert "• database: it does not answer" in said
    assert f"{LINK}#the-game-is-down" in said
    assert "<t:" not in said


def test_more_than_anyone_reads_is_counted():
    said = text(Down(AT, {f"probe {number}": "bad" for number in range(20)}, further=False))
    assert f"• and {20 - MOST_LINES} more" in said


@pytest.mark.parametrize("found", ["@everyone <@123456789012345678>", "**bold** [link](https://evil.example)"])
def test_the_words_of_a_probe_ping_nobody_and_format_nothing(found: str):
    alert = Down(AT, {"main": found}, further=False)
    assert found not in text(alert)
    assert words(alert, LINK).message()["allowed_mentions"] == {"parse": []}


WORDS = st.text(max_size=2000)
FOUND = st.dictionaries(WORDS, WORDS, max_size=30)
GUIDES = st.builds(Guide, WORDS, WORDS)
PAST = st.lists(st.builds(Past, WORDS, st.just(AT), st.sampled_from([None, LATER])), max_size=MOST_LINES).map(tuple)
ALERTS: st.SearchStrategy[Alert] = st.one_of(
    st.builds(Down, st.just(AT), FOUND, st.booleans()),
    st.builds(Recovered, st.just(AT), st.just(LATER), FOUND),
    st.builds(Meanwhile, st.just(AT), st.just(LATER), PAST),
    st.builds(Starts, WORDS, GUIDES, st.just(AT), st.booleans()),
    st.builds(Ends, WORDS, st.just(AT), st.just(LATER)),
)


@given(ALERTS, st.sampled_from([LINK, None]))
def test_every_alert_is_one_that_discord_takes(alert: Alert, link: str | None):
    message = words(alert, link).message()
    assert message_violations(message) == []
    assert webhook_problems(message) == []
