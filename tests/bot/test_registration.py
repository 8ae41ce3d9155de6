"""A declaration as Discord wants it registered, and what is found wrong before Discord finds it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, cast

import pytest

from devkit.discord_api.schema import registration_problems
from mastermind.bot.commands import Command, Form, Option, Subcommand
from mastermind.bot.registration import problems, to_json
from mastermind.discord.replies import Choice, Choices, say
from mastermind.game.members.authority import Access
from tests.bot.playground import COMMANDS, DO, RULE

if TYPE_CHECKING:
    from mastermind.bot.call import Call
    from mastermind.discord.replies import Reply


def _run(_: Call) -> Reply:
    return say("done")


GOOD = Command("good", "A good one", _run, options=(Option("word", "A word"),), help="Does good.")
SUBCOMMAND = Subcommand("a", "A word", _run)


def test_discord_accepts_what_we_register():
    assert registration_problems([to_json(command) for command in COMMANDS.values()]) == []


def test_a_command_is_for_servers_only():
    shown = to_json(GOOD)
    assert (shown["contexts"], shown["integration_types"]) == ([0], [0])


@pytest.mark.parametrize(
    ("command", "permissions"),
    [(GOOD, None), (RULE, str(1 << 40)), (replace(GOOD, access=Access.ADMIN), str(1 << 5))],
)
def test_default_permissions_are_a_string_of_digits(command: Command, permissions: str | None):
    assert to_json(command)["default_member_permissions"] == permissions


def test_an_option_has_its_type_bounds_choices_and_autocomplete():
    shown = {option["name"]: option for option in cast("list[dict[str, object]]", to_json(DO)["options"])}
    assert shown["what"] == {
        "type": 3,
        "name": "what",
        "description": "What",
        "required": False,
        "autocomplete": True,
        "max_length": 8,
    }
    assert (shown["times"]["min_value"], shown["times"]["max_value"]) == (1, 3)
    assert shown["kind"]["choices"] == [{"name": "a", "value": "a"}, {"name": "b", "value": "b"}]


def test_a_subcommand_is_an_option_with_options():
    assert to_json(RULE)["options"] == [
        {"type": 1, "name": "warn", "description": "Warns", "options": []},
        {"type": 1, "name": "ban", "description": "Bans", "options": []},
    ]


def test_a_good_command_has_no_problems():
    assert problems(GOOD) == []


def _long() -> tuple[Choice, ...]:
    return tuple(Choice(f"{n}" + "x" * 90, "y" * 90) for n in range(25))


def _options(*options: Option) -> Command:
    return replace(GOOD, options=options)


def _with_subcommands(subcommand: Subcommand) -> Command:
    """A command with two subcommands that differ in their names alone."""
    return replace(GOOD, run=None, options=(), subcommands=(subcommand, replace(subcommand, name="other")))


def test_an_action_names_one_thing_and_every_form_can_be_opened_again():
    form = Form(_run, opener="open")
    assert problems(replace(GOOD, components={"open": _run}, modals={"go": form})) == []
    assert problems(replace(GOOD, components={"open": _run}, modals={"open": form})) == [
        "good: open is a component and something else"
    ]
    assert problems(replace(GOOD, components={"run": _run})) == ["good: run is a component and something else"]
    assert problems(replace(GOOD, modals={"go": form})) == ["good: nothing opens the form go"]


@pytest.mark.parametrize(
    ("command", "problem"),
    [
        (replace(GOOD, name="Good"), "'Good' is not a name that Discord accepts"),
        (replace(GOOD, name="x" * 33), "is not a name"),
        (replace(GOOD, description=""), "description has 0 characters"),
        (replace(GOOD, description="x" * 101), "description has 101 characters"),
        (replace(GOOD, help=" "), "has no help text"),
        (replace(GOOD, run=None), "needs either run or subcommands"),
        (replace(GOOD, subcommands=(Subcommand("a", "A", _run),)), "needs either run or subcommands"),
        (replace(GOOD, run=None, subcommands=(Subcommand("a", "A", _run),)), "options beside subcommands"),
        (replace(_with_subcommands(SUBCOMMAND), components={"go": _run}), "actions beside those of its subcommands"),
        (
            replace(_with_subcommands(SUBCOMMAND), modals={"go": Form(_run, "open")}),
            "actions beside those of its subcommands",
        ),
        (_options(Option("a", "A"), Option("b", "B", required=True)), "required options come first"),
        (_options(Option("a", "A"), Option("a", "B")), "two with one name"),
        (_options(*(Option(f"o{n}", "O") for n in range(26))), "too many options"),
        (_options(Option("a", "A", choices=tuple(Choice(str(n), n) for n in range(26)))), "too many choices"),
        (_options(Option("a", "A", choices=(Choice("x", "1"), Choice("x", "2")))), "two choices with one name"),
        (_options(Option("a", "A", autocomplete=lambda _: Choices(()), max_length=99)), "refuses long suggestions"),
        (_options(*(Option(f"o{n}", "O" * 100, choices=_long()) for n in range(25))), "characters in all"),
    ],
)
def test_what_discord_would_refuse_is_reported(command: Command, problem: str):
    assert problem in "\n".join(problems(command))
