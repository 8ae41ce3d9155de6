"""How alerts read, in Discord and by e-mail."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devkit.discord_api.schema import webhook_problems
from devkit.inspection import message_violations
from mastermind.config import RUNBOOK
from mastermind.operations.alerts.messages import Alert, alert
from mastermind.operations.alerts.rules import Failure, Note

AT = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
LATER = AT + timedelta(minutes=12)
FAILED = ("database: it does not answer", "main: answers 500 to a forged signature instead of 401")
SECTION = f"{RUNBOOK}#awards-are-late"
URL = "https://example.org/runbook.md"


def note(*, is_alarm: bool, failure: Failure | None = None, what: str = "Awards wait in the queue.") -> Note:
    return Note("an alarm", what, SECTION, is_alarm, AT, AT if is_alarm else LATER, failure=failure)


def text(sent: Alert) -> str:
    [embed] = sent.message()["embeds"]  # pyright: ignore[reportGeneralTypeIssues, reportUnknownVariableType]
    return f"{embed['title']}\n{embed['description']}"  # pyright: ignore[reportUnknownVariableType]


def test_an_outage_alert_says_what_failed_since_when_and_what_to_do():
    said = text(alert(note(is_alarm=True, failure=Failure(AT - timedelta(minutes=2), FAILED)), [], URL))
    assert said.startswith("🔴 The game is not healthy")
    assert f"since <t:{int(AT.timestamp()) - 120}:f>" in said
    assert "database\\: it does not answer" in said
    assert "main\\: answers 500" in said
    assert f"What to do: {URL}#the-game-is-not-healthy" in said


def test_a_silent_health_check_is_reported_as_such_and_not_as_an_outage():
    said = text(alert(note(is_alarm=True, failure=Failure(AT - timedelta(minutes=20))), [], RUNBOOK))
    assert said.startswith("🔴 The health check is silent")
    assert "Nobody knows whether the game works" in said
    assert f"{RUNBOOK}#the-health-check-is-silent" in said
    assert "No report yet" in text(alert(note(is_alarm=True, failure=Failure(None)), [], RUNBOOK))


def test_a_recovery_says_how_long_it_was_what_had_failed_and_what_was_folded():
    folded = [note(is_alarm=True, what="Discord gets 5xx answers."), note(is_alarm=False)]
    said = text(alert(note(is_alarm=False, failure=Failure(AT, FAILED)), folded, URL))
    assert said.startswith("🟢 The game is healthy again")
    assert "for 12 minutes" in said
    assert "database\\: it does not answer" in said
    assert "Discord gets 5xx answers. Since <t:" in said
    assert "Awards wait in the queue. From <t:" in said


def test_the_recovery_of_the_check_itself_says_so():
    said = text(alert(note(is_alarm=False, failure=Failure(AT)), [], URL))
    assert "The health check was silent for 12 minutes" in said
    assert "Meanwhile" not in said


def test_another_alarm_says_its_sentence_and_its_section_and_how_long_it_lasted():
    assert text(alert(note(is_alarm=True), [], URL)).startswith("🟠 Awards wait in the queue.\nSince <t:")
    assert f"{URL}#awards-are-late" in text(alert(note(is_alarm=True), [], URL))
    assert text(alert(note(is_alarm=False), [], URL)).startswith(
        "🟢 Over: Awards wait in the queue.\nIt lasted 12 minutes"
    )


def test_an_e_mail_says_the_same_in_plain_words():
    said = alert(note(is_alarm=True, failure=Failure(AT, FAILED)), [], URL).mail()
    assert "since 2026-11-23 08:00 UTC" in said
    assert "• database: it does not answer" in said
    assert "<t:" not in said


def test_more_than_anyone_reads_is_counted():
    said = text(alert(note(is_alarm=True, failure=Failure(AT, tuple(f"probe {n}: bad" for n in range(20)))), [], URL))
    assert "• and 8 more" in said


@pytest.mark.parametrize("words", ["@everyone <@123456789012345678>", "**bold** [link](https://evil.example)"])
def test_the_words_of_a_probe_ping_nobody_and_format_nothing(words: str):
    sent = alert(note(is_alarm=True, failure=Failure(AT, (words,))), [], URL)
    assert words not in text(sent)
    assert sent.message()["allowed_mentions"] == {"parse": []}


WORDS = st.text(max_size=2000)
OUTAGES = st.builds(Failure, st.one_of(st.none(), st.just(AT)), st.lists(WORDS, max_size=30).map(tuple))
NOTES = st.builds(note, is_alarm=st.booleans(), failure=st.one_of(st.none(), OUTAGES), what=WORDS)


@given(NOTES, st.lists(NOTES, max_size=30))
def test_every_alert_is_one_that_discord_takes(note_: Note, folded: list[Note]):
    message = alert(note_, folded, URL).message()
    assert message_violations(message) == []
    assert webhook_problems(message) == []
