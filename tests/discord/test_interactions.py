"""Reading interactions: every kind as Discord sends it, and BadRequest for anything else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from devkit import discord_client
from devkit.discord_client import Place, User
from mastermind.bot import custom_ids
from mastermind.discord.interactions import Interaction, InteractionType, Person, parse
from mastermind.errors import BadRequest

if TYPE_CHECKING:
    from devkit.json_types import Json

EVENTS = Path(__file__).parents[1] / "events"
KINDS = ["ping", "command", "subcommand", "button", "select", "autocomplete", "modal", "direct_message"]
ROBIN, KIM = 1290000000000000010, 1290000000000000011
ROLES = (1290000000000000020, 1290000000000000021)
FOX = "8342729096ea3675442027381ff50dfe"
PLACE = Place(1290000000000000001, 1290000000000000002)
ALEX = User(ROBIN)


def sample(name: str) -> Json:
    return json.loads((EVENTS / f"{name}.json").read_text(encoding="utf-8"))


def read(payload: object) -> Interaction:
    return parse(json.dumps(payload).encode())


def is_refused(body: bytes) -> bool:
    try:
        parse(body)
    except BadRequest:
        return True
    return False


def changed(payload: object, path: tuple[str | int, ...], value: object) -> object:
    """The payload with the value at a path replaced."""
    if not path:
        return value
    if isinstance(payload, list):
        items = cast("list[object]", payload)
        return [changed(item, path[1:], value) if n == path[0] else item for n, item in enumerate(items)]
    record = cast("Json", payload)
    return {**record, str(path[0]): changed(record.get(str(path[0])), path[1:], value)}


# --- what Discord sends ---


def test_a_ping_has_no_caller():
    assert read(sample("ping")) == Interaction(1290000000000000100, InteractionType.PING, PLACE.application_id)


def test_a_command_comes_with_its_caller_and_options():
    assert read(sample("command")) == Interaction(
        id=1290000000000000101,
        kind=InteractionType.COMMAND,
        application_id=PLACE.application_id,
        guild_id=PLACE.guild_id,
        caller=Person(
            ROBIN, "Robin 🦊", 2251799813685247, frozenset({1290000000000000020, 1290000000000000021}), avatar=FOX
        ),
        name="tenseylist",
        options={"level": 2, "show": "open"},
        locale="en-GB",
        token=str(sample("command")["token"]),
    )


def test_a_subcommand_comes_with_its_path_and_the_names_of_mentioned_users():
    interaction = read(sample("subcommand"))
    assert (interaction.name, interaction.path) == ("admin", ("adjust-xp",))
    assert interaction.options == {"user": KIM, "amount": -250, "reason": "counted twice"}
    assert interaction.users == {KIM: Person(KIM, "Kim", 2251799813685247, frozenset(ROLES))}


def test_a_subcommand_in_a_group_has_a_path_of_two():
    interaction = read(discord_client.command(PLACE, ALEX, "course question answer", {"id": 4}))
    assert (interaction.name, interaction.path, interaction.options) == ("course", ("question", "answer"), {"id": 4})


def test_a_button_comes_with_its_custom_id():
    interaction = read(sample("button"))
    assert interaction.kind is InteractionType.COMPONENT
    assert interaction.custom_id == custom_ids.make("tenseylist", "tick", 1290000000000000010, "wave")
    assert interaction.values == ()


def test_a_select_comes_with_its_values():
    assert read(sample("select")).values == ("14",)


@pytest.mark.parametrize("kind", [7, 8, 9, 11])
def test_channels_roles_mentionables_and_attachments_come_as_ids(kind: int):
    options = [{"name": "x", "type": kind, "value": "1290000000000000020"}]
    assert read(changed(sample("command"), ("data", "options"), options)).options == {"x": 1290000000000000020}


def test_switches_and_fractions_come_as_they_are():
    options = [{"name": "a", "type": 5, "value": False}, {"name": "b", "type": 10, "value": 0.5}]
    assert read(changed(sample("command"), ("data", "options"), options)).options == {"a": False, "b": 0.5}


def test_an_autocomplete_says_what_is_being_typed():
    interaction = read(sample("autocomplete"))
    assert (interaction.focused, interaction.options) == ("level", {"level": "wa"})


def test_a_modal_comes_with_its_fields():
    interaction = read(sample("modal"))
    assert interaction.custom_id == custom_ids.make("submit-stats", "save", 1290000000000000010, "social")
    assert interaction.fields == {
        "approaches": "3",
        "mood": ("calm", "curious"),
        "confidence": "8",
        "public": "true",
    }


def test_a_modal_with_rows_is_read_too():
    data = {"custom_id": "m", "components": [{"type": 1, "components": [{"type": 4, "custom_id": "a", "value": "x"}]}]}
    assert read({**sample("modal"), "data": data}).fields == {"a": "x"}


def test_fields_left_empty_are_empty():
    parts: list[Json] = [
        {"type": 18, "component": {"type": 21, "custom_id": "radio", "value": None}},
        {"type": 18, "component": {"type": 23, "custom_id": "box", "value": False}},
        {"type": 18, "component": {"type": 22, "custom_id": "boxes", "values": []}},
    ]
    fields = read({**sample("modal"), "data": {"custom_id": "m", "components": parts}}).fields
    assert fields == {"radio": "", "box": "", "boxes": ()}


def test_a_direct_message_has_no_server_and_a_caller_without_permissions():
    interaction = read(sample("direct_message"))
    assert interaction.guild_id is None
    assert interaction.caller == Person(ROBIN, "Robin", avatar=FOX)


@pytest.mark.parametrize(
    ("nick", "global_name", "shown"),
    [
        ("Nick", "Global", "Nick"),
        (None, "Global", "Global"),
        (None, None, "robin.reads"),
        ("  ", " ", "robin.reads"),
        ("\u3164\u200b", "\u2800", "robin.reads"),
        ("Half \ud83e and \0", None, "Half \ufffd and \ufffd"),
        ("x" * 1000, None, "x" * 100),
    ],
)
def test_a_member_is_called_by_the_name_the_server_shows(nick: str | None, global_name: str | None, shown: str):
    payload = changed(sample("command"), ("member", "nick"), nick)
    caller = read(changed(payload, ("member", "user", "global_name"), global_name)).caller
    assert caller
    assert caller.display_name == shown


def test_a_member_whose_names_show_nothing_has_none():
    payload = changed(sample("direct_message"), ("user", "username"), "\u3164")
    caller = read(changed(payload, ("user", "global_name"), None)).caller
    assert caller
    assert caller.display_name == ""


@pytest.mark.parametrize("odd", ["\0", "\ud83e"])
def test_what_cannot_be_stored_is_replaced_wherever_it_stands(odd: str):
    for kind, path in (
        ("command", ("data", "options", 1, "value")),
        ("command", ("locale",)),
        ("subcommand", ("data", "resolved", "members", str(KIM), "nick")),
        ("autocomplete", ("data", "options", 0, "value")),
        ("button", ("data", "custom_id")),
        ("select", ("data", "values", 0)),
        ("modal", ("data", "components", 0, "component", "value")),
    ):
        shown = repr(read(changed(sample(kind), path, f"a{odd}b")))
        assert "a\ufffdb" in shown, path


def test_bytes_that_are_no_text_are_replaced():
    body = json.dumps(changed(sample("command"), ("member", "nick"), "NICK")).encode()
    caller = parse(body.replace(b"NICK", b"\xed\xa0\xbe\xff")).caller
    assert caller
    assert set(caller.display_name) == {"\ufffd"}


def test_a_user_whom_discord_did_not_resolve_has_no_name():
    interaction = read(changed(sample("subcommand"), ("data", "resolved"), None))
    assert interaction.options["user"] == KIM
    assert interaction.users == {}


def test_the_token_is_kept_nowhere():
    payload = {**sample("command"), "token": "this-is-the-secret"}
    assert "this-is-the-secret" not in repr(read(payload))


def test_unknown_keys_are_ignored_for_discord_adds_new_ones():
    assert read({**sample("command"), "brand_new": {"deep": [1, 2]}}) == read(sample("command"))


# --- rightly signed nonsense ---

REFUSED_BODIES = {
    "nothing": b"",
    "white space": b"  ",
    "no JSON": b"{'type': 1}",
    "a list": b"[]",
    "a number": b"1",
    "null": b"null",
    "cut off": b'{"type": 1, "id": "1"',
    "trailing": b'{"type": 1, "id": "1", "application_id": "1"} x',
    "UTF-16": '{"type": 1, "id": "1", "application_id": "1"}'.encode("utf-16"),
    "byte order mark": '\ufeff{"type": 1, "id": "1", "application_id": "1"}'.encode(),
    "NaN": b'{"type": 1, "id": "1", "application_id": "1", "x": NaN}',
    "infinity": b'{"type": 1, "id": "1", "application_id": "1", "x": -Infinity}',
    "a key twice": b'{"type": 1, "id": "1", "application_id": "1", "id": "2"}',
    "a deep key twice": b'{"type": 1, "id": "1", "application_id": "1", "x": [{"a": 1, "a": 1}]}',
    "a number of 5000 digits": b'{"type": 1, "id": "1", "application_id": "1", "x": ' + b"9" * 5000 + b"}",
    "deep lists": b"[" * 65_000,
    "deep objects": b'{"a":' * 13_000,
    "deep and closed": b'{"type": 1, "x": ' + b"[" * 30_000 + b"]" * 30_000 + b"}",
}


@pytest.mark.parametrize("body", REFUSED_BODIES.values(), ids=REFUSED_BODIES)
def test_a_body_that_is_no_json_object_is_refused(body: bytes):
    assert is_refused(body)


@pytest.mark.parametrize(
    "value",
    [None, 1, 1.5, True, "", "0", "-1", "+1", " 1", "1.0", "1_000", "\u0661", "9223372036854775808", "1" * 50, [], {}],
)
@pytest.mark.parametrize(
    ("kind", "path"),
    [
        ("ping", ("id",)),
        ("ping", ("application_id",)),
        ("command", ("id",)),
        ("command", ("member", "user", "id")),
        ("command", ("member", "roles", 0)),
        ("direct_message", ("user", "id")),
        ("subcommand", ("data", "options", 0, "options", 0, "value")),
    ],
)
def test_an_invalid_id_is_refused(kind: str, path: tuple[str | int, ...], value: object):
    assert is_refused(json.dumps(changed(sample(kind), path, value)).encode())


def test_the_largest_id_a_table_can_hold_passes():
    assert read({**sample("ping"), "id": str(2**63 - 1)}).id == 2**63 - 1


REFUSED_CHANGES: list[tuple[str, tuple[str | int, ...], object]] = [
    ("command", ("type",), 0),
    ("command", ("type",), 6),
    ("command", ("type",), "2"),
    ("command", ("type",), True),
    ("command", ("type",), 2.0),
    ("command", ("data",), None),
    ("command", ("data",), []),
    ("command", ("data", "type"), 2),
    ("command", ("data", "name"), None),
    ("command", ("data", "name"), ""),
    ("command", ("data", "name"), "x" * 33),
    ("command", ("data", "options"), {}),
    ("command", ("data", "options"), [[]]),
    ("command", ("data", "options"), [{"name": "x", "type": 99, "value": 1}]),
    ("command", ("data", "options"), [{"name": "x", "type": 3}]),
    ("command", ("data", "options"), [{"name": "x", "type": 3, "value": 5}]),
    ("command", ("data", "options"), [{"name": "x", "type": 3, "value": "y" * 6001}]),
    ("command", ("data", "options"), [{"name": "x", "type": 4, "value": "5"}]),
    ("command", ("data", "options"), [{"name": "x", "type": 4, "value": 5.0}]),
    ("command", ("data", "options"), [{"name": "x", "type": 4, "value": True}]),
    ("command", ("data", "options"), [{"name": "x", "type": 4, "value": 2**53 + 1}]),
    ("command", ("data", "options"), [{"name": "x", "type": 4, "value": 10**400}]),
    ("command", ("data", "options"), [{"name": "x", "type": 5, "value": 1}]),
    ("command", ("data", "options"), [{"name": "x", "type": 10, "value": True}]),
    ("command", ("data", "options"), [{"name": "x", "type": 10, "value": 10**400}]),
    ("command", ("data", "options"), [{"name": "x", "type": 10, "value": 1e300}]),
    ("command", ("data", "options"), [{"name": "x", "type": 3, "value": "a"}, {"name": "x", "type": 3, "value": "b"}]),
    ("command", ("data", "options"), [{"name": "a", "type": 1}, {"name": "b", "type": 1}]),
    ("command", ("data", "options"), [{"name": "a", "type": 2, "options": [{"name": "b", "type": 2}]}]),
    ("command", ("data", "options"), [{"name": "a", "type": 1, "options": [{"name": "b", "type": 1}]}]),
    ("command", ("data", "resolved"), []),
    ("command", ("data", "resolved"), {"users": {"x": {}}}),
    ("command", ("data", "resolved"), {"users": {"7": {"username": 8}}}),
    ("command", ("guild_id",), None),
    ("command", ("member",), None),
    ("command", ("member",), {}),
    ("command", ("member",), []),
    ("command", ("member", "user"), None),
    ("command", ("member", "permissions"), 8),
    ("command", ("member", "permissions"), "0x8"),
    ("command", ("member", "permissions"), "9" * 5000),
    ("command", ("member", "roles"), "1"),
    ("command", ("member", "nick"), 5),
    ("command", ("locale",), 7),
    ("direct_message", ("user",), None),
    ("direct_message", ("user", "global_name"), 5),
    ("direct_message", ("guild_id",), "5"),
    ("button", ("data", "custom_id"), None),
    ("button", ("data", "custom_id"), ""),
    ("button", ("data", "custom_id"), "x" * 101),
    ("button", ("data", "custom_id"), 5),
    ("select", ("data", "values"), "14"),
    ("select", ("data", "values"), [14]),
    ("select", ("data", "values"), ["x" * 101]),
    ("autocomplete", ("data", "options"), []),
    ("autocomplete", ("data", "options", 0, "focused"), False),
    ("autocomplete", ("data", "options", 0, "value"), None),
    ("autocomplete", ("data", "options", 0, "value"), True),
    ("modal", ("data", "components"), {}),
    ("modal", ("data", "components"), [{"type": 18, "component": []}]),
    ("modal", ("data", "components"), [{"type": 18, "component": {"type": 4, "value": "x"}}]),
    ("modal", ("data", "components"), [{"type": 18, "component": {"type": 4, "custom_id": "a", "value": 5}}]),
    ("modal", ("data", "components"), [{"type": 18, "component": {"custom_id": "a", "value": "x" * 4001}}]),
    ("modal", ("data", "components"), [{"component": {"custom_id": "a"}}, {"component": {"custom_id": "a"}}]),
]


@pytest.mark.parametrize(("kind", "path", "value"), REFUSED_CHANGES)
def test_a_value_that_discord_never_sends_is_refused(kind: str, path: tuple[str | int, ...], value: object):
    assert not is_refused(json.dumps(sample(kind)).encode())
    assert is_refused(json.dumps(changed(sample(kind), path, value)).encode())


# --- anything at all ---

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(["1", "\ud800", "\0", str(2**64), 2**64, -1, 1e400]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


def paths(value: object, start: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Every place inside a JSON value."""
    found = [start]
    if isinstance(value, dict):
        for key, inner in cast("Json", value).items():
            found += paths(inner, (*start, key))
    elif isinstance(value, list):
        for n, inner in enumerate(cast("list[object]", value)):
            found += paths(inner, (*start, n))
    return found


SAMPLES = {name: (sample(name), paths(sample(name))) for name in KINDS}


@given(body=st.binary(max_size=300))
def test_any_bytes_are_refused_and_never_crash(body: bytes):
    assert is_refused(body)


@given(value=JSON)
def test_any_json_is_refused_and_never_crashes(value: object):
    assert is_refused(json.dumps(value).encode())


@settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow])
@given(name=st.sampled_from(KINDS), choose=st.data(), value=JSON)
def test_an_interaction_with_anything_in_any_place_is_read_or_refused(name: str, choose: st.DataObject, value: object):
    payload, places = SAMPLES[name]
    body = json.dumps(changed(payload, choose.draw(st.sampled_from(places)), value)).encode()
    if not is_refused(body):
        json.dumps(repr(parse(body)), ensure_ascii=False).encode()


@given(name=st.sampled_from(KINDS), start=st.integers(0, 3000), length=st.integers(0, 50), noise=st.binary(max_size=20))
def test_an_interaction_with_a_hole_of_noise_is_read_or_refused(name: str, start: int, length: int, noise: bytes):
    body = json.dumps(SAMPLES[name][0]).encode()
    is_refused(body[:start] + noise + body[start + length :])
