"""From an event to its answer: what is believed, what is refused, and what becomes of errors."""

from __future__ import annotations

import json
import logging
import time
from dataclasses import replace
from typing import TYPE_CHECKING, cast, override

import pytest

from devkit import discord_client as discord
from mastermind import observability
from mastermind.bot import dispatch
from mastermind.bot.custom_ids import make
from mastermind.deadline import Deadline
from mastermind.entrypoints import endpoint
from mastermind.entrypoints.health_page import HealthPage
from tests.bot import playground
from tests.bot.playground import ALEX, PLACE, command, press, send, serve
from tests.discord.signing import PRIVATE_KEY, rest_event, signed_event

if TYPE_CHECKING:
    from collections.abc import Callable

    from devkit.json_types import Json

PING = discord.ping(PLACE)


def signed_body(body: str) -> dict[str, object]:
    return rest_event("/interactions/main", body, discord.signed_headers(PRIVATE_KEY, body.encode(), time.time()))


@pytest.mark.parametrize("shape", ["rest", "http", "base64"])
def test_a_ping_is_answered_in_every_shape_of_event(shape: str):
    answered = serve(signed_event(PING, shape=shape))
    assert (answered.status, answered.json) == (200, {"type": 1})


def test_a_ping_needs_neither_our_server_nor_our_application():
    assert send(discord.ping(discord.Place(99, None))).json == {"type": 1}


def forged(event: dict[str, object], change: Callable[[dict[str, object]], object]) -> dict[str, object]:
    change(event)
    return event


def _headers(event: dict[str, object]) -> dict[str, str]:
    event.pop("multiValueHeaders")
    return cast("dict[str, str]", event["headers"])


# Made when the test runs: an event that was signed long before would be refused for its age alone.
@pytest.mark.parametrize(
    "make",
    [
        lambda: forged(signed_event(PING), lambda event: _headers(event).pop("X-Signature-Ed25519")),
        lambda: forged(signed_event(PING), lambda event: _headers(event).update({"X-Signature-Ed25519": "ab" * 64})),
        lambda: forged(signed_event(PING), lambda event: _headers(event).update({"X-Signature-Ed25519": "zz"})),
        lambda: forged(signed_event(PING), lambda event: _headers(event).update({"X-Signature-Timestamp": "soon"})),
        lambda: forged(signed_event(PING), lambda event: event.update(body=f" {event['body']}")),
        lambda: forged(signed_event(PING), lambda event: event.update(body=None)),
        lambda: forged(signed_event(PING), lambda event: event.update(body=17)),
        lambda: forged(signed_event(PING), lambda event: event.update(headers=17)),
        lambda: forged(signed_event(PING), lambda event: event.update(isBase64Encoded=True)),
        lambda: signed_event(PING, at=time.time() - 400),
        lambda: signed_event(PING, at=time.time() + 400),
        lambda: rest_event("/interactions/main", "{", {}),
        dict[str, object],
        lambda: None,
        lambda: 17,
        list[object],
        lambda: {"requestContext": None},
        lambda: {"version": "2.0"},
    ],
)
def test_whatever_is_wrong_before_the_signature_holds_is_a_401(make: Callable[[], object]):
    answered = serve(make())
    assert (answered.status, answered.json) == (401, {"error": "invalid request signature"})


def test_a_key_that_is_no_key_lets_nobody_pass():
    assert serve(signed_event(PING), playground.endpoint(key=b"short")).status == 401


class Odd(dict[str, object]):
    """An event as nobody foresaw it."""

    @override
    def get(self, *_: object) -> object:
        raise ZeroDivisionError("a bug of ours")


def test_even_our_own_bugs_are_a_401_before_the_signature_holds(capsys: pytest.CaptureFixture[str]):
    assert serve(Odd()).status == 401
    assert '"Bugs":[1.0]' in capsys.readouterr().out


def test_forged_requests_are_counted_and_not_logged_one_by_one(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(observability, "refusals", observability.Tally("requests refused"))
    with caplog.at_level(logging.DEBUG):
        statuses = {serve(rest_event("/interactions/main", "{", {})).status for _ in range(50)}
    assert statuses == {401}
    assert [one.__dict__["reasons"] for one in caplog.records] == ["the signature is missing or malformed (1)"]


def test_a_bug_in_the_apology_itself_is_a_400(capsys: pytest.CaptureFixture[str]):
    assert command("do", {"what": "mumble"}).status == 400
    assert '"Bugs":[1.0]' in capsys.readouterr().out


def test_words_of_any_length_reach_the_member():
    assert "bla…\n" in command("do", {"what": "lecture"}).text


@pytest.mark.parametrize("size", [64 * 1024 + 1, 6_000_000])
def test_a_body_above_64_kib_is_refused_even_when_signed(size: int):
    assert serve(signed_body('"' + "x" * size + '"')).status == 413


@pytest.mark.parametrize(
    "body",
    [
        "",
        "null",
        "[]",
        "{",
        "{}",
        '{"type": 2}',
        '{"type": 99, "id": "1", "application_id": "11"}',
        "[" * 30_000,
        json.dumps({**PING, "id": "-1"}),
        json.dumps({**discord.command(PLACE, ALEX, "do"), "id": str(2**63 - 1)}),
        json.dumps({**discord.command(PLACE, ALEX, "do"), "member": None}),
        json.dumps({**discord.command(PLACE, ALEX, "do"), "data": {"name": 7}}),
    ],
)
def test_a_signed_but_invalid_body_is_a_400(body: str):
    answered = serve(signed_body(body))
    assert (answered.status, answered.json) == (400, {"error": "bad request"})


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/interactions/main"), ("POST", "/interactions/tensey"), ("POST", "/"), ("GET", "/x")]
)
def test_an_unknown_route_is_not_found(method: str, path: str):
    assert serve(rest_event(path, None, {}, method=method)).status == 404


def test_a_command_is_run_with_its_options():
    answered = command("do", {"what": "sing", "times": 3, "loud": True, "friend": playground.SAM})
    assert (answered.type, answered.text, answered.is_private) == (4, "sing 3 True 102", True)


def test_a_mistake_is_answered_in_private_with_what_was_typed():
    answered = command("do", {"what": "refuse"})
    words = "Not like this, but like that.\nYou typed:\n**What:** `refuse`"
    assert (answered.type, answered.text, answered.is_private) == (4, words, True)


def test_an_outage_gets_a_polite_answer_and_is_counted(capsys: pytest.CaptureFixture[str]):
    answered = command("do", {"what": "ask"})
    assert (answered.status, answered.is_private) == (200, True)
    assert answered.text.startswith(endpoint.UNAVAILABLE)
    assert '"Unavailable":[1.0]' in capsys.readouterr().out


def test_a_bug_gets_an_apology_with_a_reference_a_stack_in_the_log_and_a_count(
    caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
):
    payload = discord.command(PLACE, ALEX, "do", {"what": "break"})
    answered = send(payload)
    assert (answered.status, answered.is_private) == (200, True)
    assert answered.text.startswith(endpoint.BUG.format(payload["id"]))
    assert "ZeroDivisionError: a bug" in caplog.text
    assert "playground.py" in caplog.text
    assert '"Bugs":[1.0]' in capsys.readouterr().out


def test_a_reply_above_discords_limits_is_a_bug_and_still_answered():
    assert command("do", {"what": "overflow"}).text.startswith("Something went wrong on our side")


def test_nonsense_that_a_command_finds_is_a_400():
    assert command("do", {"what": "nonsense"}).status == 400
    assert press(make("do", "update", 101, "-1")).status == 400
    assert press(make("do", "update", 101)).status == 400


def test_a_form_that_no_member_could_fill_in_is_a_bug_and_still_answered():
    assert command("form").text.startswith("Something went wrong on our side")


@pytest.mark.parametrize("typed", ["break", "nonsense"])
def test_an_error_while_typing_leaves_no_suggestions(typed: str):
    answered = send(discord.autocomplete(PLACE, ALEX, "do", "what", {"what": typed}))
    assert (answered.status, answered.json) == (200, {"type": 8, "data": {"choices": []}})


def test_an_error_behind_a_button_leaves_its_message_alone_and_speaks_in_private():
    answered = press(make("do", "break", 101, "x"))
    assert (answered.type, answered.is_private) == (4, True)


@pytest.mark.parametrize(
    ("place", "words"),
    [
        (discord.Place(11, None), dispatch.DIRECT_MESSAGE),
        (discord.Place(11, 23), dispatch.WRONG_SERVER),
        (discord.Place(12, 22), dispatch.WRONG_APPLICATION),
    ],
)
@pytest.mark.parametrize("kind", ["command", "component", "modal", "autocomplete"])
def test_another_place_is_refused_politely(place: discord.Place, words: str, kind: str):
    payloads: dict[str, Json] = {
        "command": discord.command(place, ALEX, "do"),
        "component": discord.component(place, ALEX, make("do", "update", 101, 1)),
        "modal": discord.modal(place, ALEX, make("do", "submit", 101), {"words": "hello"}),
        "autocomplete": discord.autocomplete(place, ALEX, "do", "what"),
    }
    answered = send(payloads[kind])
    assert answered.status == 200
    if kind == "autocomplete":
        assert answered.json == {"type": 8, "data": {"choices": []}}
    else:
        assert (answered.type, answered.text, answered.is_private) == (4, words, True)


def test_each_answer_is_logged_with_what_it_was_and_nothing_confidential(caplog: pytest.LogCaptureFixture):
    payload = discord.command(PLACE, ALEX, "do", {"what": "whisper"})
    with caplog.at_level(logging.INFO, "mastermind"):
        send(payload)
    (record,) = caplog.records
    facts = record.__dict__
    assert (facts["kind"], facts["command"], facts["outcome"]) == ("command", "do", "done")
    assert "whisper" not in str(facts)
    assert str(payload["token"]) not in str(facts)


# --- /health ---


def test_health_is_answered_without_a_signature():
    page = HealthPage(lambda _: True, "1.2.3")
    answered = serve(rest_event("/health", None, {}, method="GET"), playground.endpoint(health=page.answer))
    assert (answered.status, answered.json) == (200, {"status": "ok", "version": "1.2.3", "age": 0})


def test_an_application_that_serves_no_health_does_not_know_the_route():
    assert serve(rest_event("/health", None, {}, method="GET")).status == 404


@pytest.mark.parametrize("event", [rest_event("/health", None, {}, method="GET"), rest_event("/none", "x", {}), "junk"])
def test_every_answer_says_which_release_gave_it(event: object):
    """So that the check of a deploy does not take the version before for the new one."""
    answered = replace(playground.endpoint(), release="abc").serve(event, Deadline.after(2))
    assert cast("dict[str, str]", answered["headers"])["x-release"] == "abc"
