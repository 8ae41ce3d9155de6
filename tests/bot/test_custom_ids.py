"""What a button carries comes back as it was written, and everything else is recognised."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devkit.content.files import LONGEST_ID
from mastermind.bot import registry
from mastermind.bot.custom_ids import (
    ACTION,
    PATH,
    CustomId,
    from_base62,
    make,
    read,
    revision_of,
    to_base62,
)

NAMES = st.from_regex(r"[a-z][-a-z]{0,9}", fullmatch=True)
PATHS = st.builds(".".join, st.lists(NAMES, min_size=1, max_size=2))
ARGUMENTS = st.lists(st.text(st.characters(exclude_characters=":"), max_size=8), max_size=3)
IDS = st.integers(0, 2**63 - 1)
BIGGEST = 2**63 - 1


@given(PATHS, NAMES, IDS, IDS, IDS, ARGUMENTS)
def test_a_custom_id_survives_a_round_trip(
    path: str, action: str, owner: int, answer: int, key: int, arguments: list[str]
):
    revision = revision_of(answer)
    written = make(path, action, owner, *arguments, revision=revision, key=key)
    assert read(written) == CustomId(path, action, owner, revision, key, tuple(arguments))


def test_it_names_version_path_action_owner_revision_key_and_arguments():
    custom_id = make("security.warnings", "next", 101, "a1", 63, revision="0abZ", key=61)
    assert custom_id == "1:security.warnings:next:1d:0abZ:z:a1:11"


def test_a_posted_button_has_no_owner_no_revision_and_no_key():
    assert make("tenseylist", "open", 0) == "1:tenseylist:open:0::"


@given(st.integers(0, 2**128))
def test_a_number_survives_a_round_trip_in_base_62(number: int):
    assert from_base62(to_base62(number)) == number


@pytest.mark.parametrize("digits", ["", "00", "01", "-1", "a b", "\u0664", "é"])
def test_invalid_base_62_is_none(digits: str):
    assert from_base62(digits) is None


@pytest.mark.parametrize("number", [BIGGEST + 1, 62**11 - 1])
def test_an_owner_or_a_key_that_is_no_id_of_discord_is_not_ours(number: int):
    assert read(str(CustomId("settings", "hide", owner=number))) is None
    assert read(str(CustomId("settings", "hide", owner=1, revision="0000", key=number))) is None


def test_two_answers_a_moment_apart_have_different_revisions():
    answers = [1_290_000_000_000_000_000 + (moment << 22) for moment in range(1000)]
    assert len({revision_of(answer) for answer in answers}) == len(answers)


def test_every_command_keeps_to_the_budget_of_its_parts():
    for app in registry.APPS:
        for command in registry.commands(app):
            for part in (command, *command.subcommands):
                path = command.name if part is command else f"{command.name}.{part.name}"
                assert len(path) <= PATH, path
                assert all(len(action) <= ACTION for action in (*part.components, *part.modals)), path


def test_the_longest_challenge_fits_beside_owner_revision_key_and_place():
    make("tenseylist", "tick", BIGGEST, "x" * LONGEST_ID, 25, 99, "open", revision="zzzz", key=BIGGEST)


@pytest.mark.parametrize("arguments", [("x" * 100,), ("a:b",)])
def test_a_custom_id_that_would_not_parse_is_refused(arguments: tuple[str, ...]):
    with pytest.raises(ValueError, match="not a usable custom_id"):
        make("tenseylist", "tick", 101, *arguments)


@pytest.mark.parametrize(
    "custom_id",
    [
        *(
            "",
            "1",
            "2:a:b:0::",
            "1:a:b:-1::",
            "1:a:b:01::",
            "1:a:b",
            "1:a:b:0",
            "1:a:b:0:",
            "1:A:b:0::",
            "1:a.b.c.d:e:0::",
        ),
        *("1:a:b:0:abc:", "1:a:b:0:abcde:", "1:a:b:0::01", "1:a:b:" + "z" * 12 + "::", "1:a:b:\u0664::"),
    ],
)
def test_a_foreign_custom_id_or_one_of_another_version_is_none(custom_id: str):
    assert read(custom_id) is None


@given(st.text(max_size=100))
def test_parsing_accepts_any_client_input(custom_id: str):
    read(custom_id)
