"""The second look at finished JSON, and Discord's schema beside it: what each of them finds."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devkit.command_rules import command_violations
from devkit.discord_api.schema import registration_problems, response_problems, webhook_problems
from devkit.inspection import message_violations, violations
from mastermind.discord.interactions import InteractionType
from mastermind.discord.limits import COMPONENTS_V2

if TYPE_CHECKING:
    from collections.abc import Mapping

type Json = dict[str, object]

QUIET: Json = {"allowed_mentions": {"parse": []}}
TEXT: Json = {"type": 10, "content": "x"}


def button(custom_id: str = "b", **more: object) -> Json:
    return {"type": 2, "style": 2, "label": "Go", "custom_id": custom_id, **more}


def row(*parts: Mapping[str, object]) -> Json:
    return {"type": 1, "components": list(parts)}


def modern(*parts: Mapping[str, object], **more: object) -> Json:
    return {"type": 4, "data": {**QUIET, "flags": COMPONENTS_V2, "components": list(parts), **more}}


def classic(**more: object) -> Json:
    return {"type": 4, "data": {**QUIET, **more}}


def embed(**more: object) -> Json:
    return classic(embeds=[more])


def field(custom_id: str = "f", **more: object) -> Json:
    return {"type": 18, "label": "Field", "component": {"type": 4, "style": 1, "custom_id": custom_id, **more}}


def form(*parts: Mapping[str, object], **more: object) -> Json:
    return {"type": 9, "data": {"custom_id": "m", "title": "Form", "components": list(parts), **more}}


def select(count: int = 2, **more: object) -> Json:
    options = [{"label": str(n), "value": str(n)} for n in range(count)]
    return {"type": 3, "custom_id": "s", "options": options, **more}


GOOD: dict[str, Json] = {
    "modern": modern(TEXT, row(button())),
    "classic": classic(content="x"),
    "classic with everything": classic(
        content="x" * 2000,
        components=[row(*(button(f"{r}{n}") for n in range(5))) for r in range(4)] + [row(select(25))],
        embeds=[{"title": "t", "fields": [{"name": "n", "value": "v"}], "footer": {"text": "f"}}],
    ),
    "embeds of 6000": classic(embeds=[{"description": "x" * 3000}, {"description": "y" * 3000}]),
    "form": form(*(field(f"f{n}") for n in range(5))),
    "people": modern(row({"type": 5, "custom_id": "u"})),
    "link": modern(row({"type": 2, "style": 5, "label": "Read", "url": "https://example.com"})),
}

# What Discord's schema lets pass (docs/rules/discord.md, Checking what we send) and Discord itself refuses.
ONLY_SECOND_LOOK: dict[str, Json] = {
    "embed total": classic(embeds=[{"description": "x" * 3001}, {"description": "y" * 3000}]),
    "embed total with names": embed(
        description="x" * 4096, fields=[{"name": "n" * 256, "value": "v" * 1024}] * 2, author={"name": "a"}
    ),
    "empty field value": embed(fields=[{"name": "n", "value": ""}]),
    "blank field name": embed(fields=[{"name": " ", "value": "v"}]),
    "empty embed": embed(),
    "six rows": classic(components=[row(button(str(n))) for n in range(6)]),
    "custom_id twice": modern(row(button(), button())),
    "custom_id twice, nested": modern(row(button()), {"type": 9, "components": [TEXT], "accessory": button()}),
    "button without custom_id": modern(row({"type": 2, "style": 2, "label": "x"})),
    "button without words": modern(row({"type": 2, "style": 2, "custom_id": "x"})),
    "link with custom_id": modern(row({"type": 2, "style": 5, "label": "x", "url": "https://x.y", "custom_id": "x"})),
    "select beside a button": modern(row(button(), select())),
    "option twice": modern(row(select(options=[{"label": "a", "value": "1"}, {"label": "b", "value": "1"}]))),
    "more values than options": modern(row(select(2, max_values=3))),
    "parts without the flag": classic(content="x", components=[TEXT]),
    "content beside parts": modern(TEXT, content="x"),
    "embeds beside parts": modern(TEXT, embeds=[{"title": "x"}]),
    "41 nested": modern(*({"type": 17, "components": [TEXT] * 9} for _ in range(4)), TEXT),
    "six fields": form(*(field(f"f{n}") for n in range(6))),
    "form with a row, the old way": form(row({"type": 4, "style": 1, "custom_id": "f", "label": "Words"})),
    "field twice": form(field(), field()),
    "empty message": classic(),
    "blank message": classic(content=" "),
    "no parts": modern(),
    "blank text": modern({"type": 10, "content": " \n "}),
    "texts of 4001 together": modern({"type": 10, "content": "x" * 4000}, TEXT),
    "the byte trap": modern({"type": 10, "content": "🦊" * 2250}),
    "members pinged": {"type": 4, "data": {"content": "x"}},
    "everyone pinged": {"type": 4, "data": {"content": "x", "allowed_mentions": {"parse": ["everyone"]}}},
    "loud deferral": {"type": 5, "data": {"flags": COMPONENTS_V2}},
    "lengths crossed": form(field(min_length=5, max_length=4)),
    "value too long": form(field(max_length=2, value="xxx")),
}

# What both find.
BOTH: dict[str, Json] = {
    "misspelt key": modern(TEXT, ephemral=True),
    "misspelt key of a part": modern(row(button(labels="x"))),
    "misspelt key of an option": modern(row(select(options=[{"label": "a", "value": "1", "desc": "x"}]))),
    "unknown type": {"type": 99},
    "unknown part": modern({"type": 77}),
    "part out of place": modern({"type": 17, "components": [{"type": 17, "components": [TEXT]}]}),
    "message part in a form": form(row(button())),
    "form part in a message": modern(field()),
    "long content": classic(content="x" * 2001),
    "long title": embed(title="x" * 257),
    "26 fields": embed(fields=[{"name": "n", "value": "v"}] * 26),
    "eleven embeds": classic(embeds=[{"title": "x"}] * 11),
    "long label": modern(row(button(label="x" * 81))),
    "long custom_id": modern(row(button("x" * 101))),
    "empty custom_id": modern(row(button(""))),
    "six buttons": modern(row(*(button(str(n)) for n in range(6)))),
    "26 options": modern(row(select(26))),
    "section without side": modern({"type": 9, "components": [TEXT]}),
    "section of four": modern({"type": 9, "components": [TEXT] * 4, "accessory": button()}),
    "eleven pictures": modern({"type": 12, "items": [{"media": {"url": "https://x.y"}}] * 11}),
    "one radio": form({"type": 18, "label": "x", "component": {**select(1), "type": 21}}),
    "long form title": form(field(), title="x" * 46),
    "long form label": form({**field(), "label": "x" * 46}),
    "26 choices": {"type": 8, "data": {"choices": [{"name": "x", "value": "y"}] * 26}},
    "long choice": {"type": 8, "data": {"choices": [{"name": "x" * 101, "value": "y"}]}},
}


@pytest.mark.parametrize("shown", GOOD.values(), ids=GOOD)
def test_good_json_passes_both(shown: Json):
    assert violations(shown) == []
    assert response_problems(shown) == []


@pytest.mark.parametrize("shown", ONLY_SECOND_LOOK.values(), ids=ONLY_SECOND_LOOK)
def test_the_second_look_finds_what_the_schema_lets_pass(shown: Json):
    assert violations(shown) != []
    assert response_problems(shown) == []


@pytest.mark.parametrize("shown", BOTH.values(), ids=BOTH)
def test_both_find_what_is_plainly_wrong(shown: Json):
    assert violations(shown) != []
    assert response_problems(shown) != []


@pytest.mark.parametrize(
    ("kind", "fitting"),
    [
        (InteractionType.PING, {1}),
        (InteractionType.COMMAND, {4, 5, 9}),
        (InteractionType.COMPONENT, {4, 5, 6, 7, 9}),
        (InteractionType.AUTOCOMPLETE, {8}),
        (InteractionType.MODAL, {4, 5, 6, 7}),
    ],
)
def test_each_kind_of_interaction_has_its_kinds_of_answer(kind: InteractionType, fitting: set[int]):
    answers: list[Json] = [
        {"type": 1},
        modern(TEXT),
        {"type": 5},
        {"type": 6},
        {**modern(TEXT), "type": 7},
        {"type": 8, "data": {"choices": []}},
        form(field()),
    ]
    assert {answer["type"] for answer in answers if not violations(answer, kind)} == fitting


def test_a_webhooks_message_may_name_its_sender_and_an_answer_may_not():
    message: Json = {**QUIET, "content": "x", "username": "Mastermind"}
    assert message_violations(message) == []
    assert webhook_problems(message) == []
    assert violations(classic(content="x", username="Mastermind")) != []


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(
                st.sampled_from(["type", "data", "components", "custom_id", "flags", "options", "embeds", "content"]),
                inner,
            )
        ),
    )
)
def test_the_second_look_survives_any_json(value: object):
    shown = cast("Json", value) if isinstance(value, dict) else {"type": 4, "data": value}
    assert isinstance(violations(shown, 2), list)
    assert isinstance(command_violations([shown]), list)


# --- commands ---


def option(name: str = "level", kind: int = 3, **more: object) -> Json:
    return {"name": name, "description": "Which one.", "type": kind, **more}


def command(name: str = "help", *options: Json, **more: object) -> Json:
    return {"name": name, "description": "How it works.", "options": list(options), **more}


MANY = [{"name": str(n), "value": "v" * 90} for n in range(5)]
GOOD_COMMANDS: dict[str, Json] = {
    "plain": command(),
    "permissions as digits": command(default_member_permissions="8", contexts=[0], integration_types=[0]),
    "required first": command("x", option("a", required=True), option("b")),
    "subcommand": command("x", option("a", 1, options=[option(required=True)])),
    "group": command("x", option("a", 2, options=[option("b", 1), option("c", 1)])),
    "accents": command("café_2-go"),
    "autocomplete": command("x", option(autocomplete=True)),
    "choices": command("x", option(choices=[{"name": str(n), "value": str(n)} for n in range(25)])),
}
BAD_COMMANDS: dict[str, Json] = {
    "capital": command("Help"),
    "space": command("my help"),
    "empty name": command(""),
    "33 letters": command("x" * 33),
    "dot": command("a.b"),
    "no description": {"name": "x"},
    "long description": command(description="x" * 101),
    "capital option": command("x", option("Level")),
    "required last": command("x", option("a"), option("b", required=True)),
    "required last, deep": command("x", option("s", 1, options=[option("a"), option("b", required=True)])),
    "option twice": command("x", option("a"), option("a")),
    "26 options": command("x", *(option(f"o{n}") for n in range(26))),
    "26 choices": command("x", option(choices=[{"name": str(n), "value": str(n)} for n in range(26)])),
    "choices and autocomplete": command("x", option(autocomplete=True, choices=[{"name": "a", "value": "a"}])),
    "mixed": command("x", option("a", 1), option("b")),
    "group in group": command("x", option("a", 2, options=[option("b", 2)])),
    "subcommand in subcommand": command("x", option("a", 1, options=[option("b", 1)])),
    "misspelt key": command(describe="x"),
    "misspelt option key": command("x", option(mandatory=True)),
    "more than 8000 characters": command("x", *(option(f"o{n}", choices=MANY) for n in range(18))),
}


@pytest.mark.parametrize("registered", GOOD_COMMANDS.values(), ids=GOOD_COMMANDS)
def test_a_good_command_passes_both(registered: Json):
    before = copy.deepcopy(registered)
    assert command_violations([registered]) == []
    assert registration_problems([registered]) == []
    assert registered == before


@pytest.mark.parametrize("registered", BAD_COMMANDS.values(), ids=BAD_COMMANDS)
def test_a_bad_command_is_found(registered: Json):
    assert command_violations([registered]) != []


def test_a_hundred_different_commands_are_allowed_and_no_more():
    assert command_violations([command(f"c{n}") for n in range(100)]) == []
    assert command_violations([command(f"c{n}") for n in range(101)]) != []
    assert command_violations([command(), command()]) != []
