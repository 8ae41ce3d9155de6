"""What a member typed comes back from the answer as it was written."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devkit import discord_client as discord
from devkit.discord_client import User
from mastermind.bot import entries
from mastermind.bot.access import subject_of
from mastermind.bot.entries import Entry
from mastermind.discord import limits
from mastermind.discord.fields import Label, TextInput
from mastermind.discord.interactions import parse
from mastermind.discord.replies import Modal
from tests.bot.playground import ADMIN, ALEX, DO, MODERATOR, OWNER, PLACE, SAM, SETTINGS

NAMES = st.from_regex(r"[a-z][-a-z0-9_]{0,30}(=[0-9]{1,6})?", fullmatch=True)
WORDS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=300) | st.text(
    "`*\n_ :#>a", max_size=80
)
BOT = User(110, "Robot", bot=True)
WRITTEN = st.builds(Entry, NAMES, WORDS)
ROLES = st.builds(Entry, NAMES, st.just(""), role_id=st.integers(1, 2**63 - 1))
PEOPLE = st.builds(Entry, NAMES, st.from_regex(r"([^`\s]+( [^`\s]+)*)?", fullmatch=True), st.integers(1, 2**63 - 1))


@given(st.lists(WRITTEN | PEOPLE | ROLES, min_size=1, max_size=5))
def test_entries_survive_the_way_through_a_message(typed: list[Entry]):
    text = entries.shown(typed)
    assert text == "" or entries.read(["Something else.", text]) == tuple(typed)


def test_they_are_shown_so_that_their_writer_can_copy_them():
    typed = (Entry("question", "How\nso?"), Entry("approaches=3", "5"), Entry("numbers=1", ""), Entry("user", "Sam", 7))
    assert entries.shown(typed) == (
        "You typed:\n**Question:** ```\nHow\nso?\n```\n**Approaches (was 3):** `5`\n**Numbers (was 1):** nothing\n"
        "**User:** <@7> `Sam`"
    )


@given(st.text(max_size=200))
def test_no_other_text_is_taken_for_what_was_typed(text: str):
    assert entries.read([text, f"{entries.HEADING} {text}"]) == ()


def test_what_a_message_has_no_room_for_is_not_given_back():
    assert entries.shown([Entry("text", "x" * 4_000)]) == ""
    assert entries.shown([Entry("text", "€" * 2_500)]) == ""
    assert entries.shown([]) == ""


def test_a_form_is_filled_with_what_was_typed_before_as_far_as_its_fields_go():
    form = Modal("x", "Form", tuple(Label(name, TextInput(name, max_length=4)) for name in ("approaches=7", "numbers")))
    again = entries.filled(form, [Entry("approaches=3", "12345"), Entry("gone", "x")])
    assert [
        part.part.value for part in again.parts if isinstance(part, Label) and isinstance(part.part, TextInput)
    ] == [
        "1234",
        "",
    ]


def test_words_and_entries_fit_into_one_message():
    assert entries.MOST + 1_000 <= limits.TEXT


@pytest.mark.parametrize("user", [MODERATOR, ADMIN, OWNER, BOT, SAM])
def test_somebody_who_was_named_keeps_their_standing(user: User):
    payload = discord.command(PLACE, ALEX, "do", {"friend": user})
    first = parse(json.dumps(payload).encode())
    typed = entries.entered(first, SETTINGS)
    again = entries.restored(replace(first, options={}, users={}, message=(entries.shown(typed),)), DO.options)
    assert again.options == first.options
    assert subject_of(user.id, again.users[user.id], SETTINGS) == subject_of(user.id, first.users[user.id], SETTINGS)
