"""API Gateway's two shapes of event, whatever stands in them, and our answers."""

from __future__ import annotations

import base64
import json
from contextlib import suppress
from email import message_from_bytes
from email.policy import HTTP
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mastermind.discord.interactions import parse
from mastermind.discord.signature import verify
from mastermind.entrypoints.api_gateway import LARGEST_BODY, Request, TextFile, read, respond, respond_with_files
from mastermind.errors import BadRequest, BadSignature, RequestRefused, TooLarge
from tests.discord.signing import PUBLIC_KEY, http_event, rest_event, signed_event

if TYPE_CHECKING:
    from email.message import EmailMessage

EVENTS = Path(__file__).parents[1] / "events"
SHAPES = {"REST": rest_event, "HTTP": http_event}


def sample(name: str) -> dict[str, object]:
    return json.loads((EVENTS / f"{name}.json").read_text(encoding="utf-8"))


def check(request: Request, now: float) -> None:
    headers = request.headers
    verify(PUBLIC_KEY, headers.get("x-signature-ed25519"), headers.get("x-signature-timestamp"), request.body, now=now)


@pytest.mark.parametrize("name", ["rest_api", "http_api"])
def test_a_real_event_becomes_the_request_that_discord_signed(name: str):
    request = read(sample(name))
    assert (request.method, request.path) == ("POST", "/interactions/tensey")
    assert request.headers["content-type"] == "application/json"
    check(request, now=1_790_000_000)
    assert parse(request.body).name == "tenseylist"


@pytest.mark.parametrize("shape", ["rest", "http", "base64"])
def test_the_body_arrives_byte_for_byte(shape: str):
    payload: dict[str, object] = {"words": "Zoë 🦊 \\u0000", "odd": 1.0}
    request = read(signed_event(payload, shape=shape, at=1_790_000_000))
    assert request.body == json.dumps(payload, ensure_ascii=False).encode()
    check(request, now=1_790_000_000)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", ["x-signature-ed25519", "X-Signature-Ed25519", "X-SIGNATURE-ED25519"])
def test_header_names_come_in_any_case(shape: str, name: str):
    assert read(SHAPES[shape]("/", "", {name: "abc"})).headers == {"x-signature-ed25519": "abc"}


def test_a_signature_header_sent_twice_is_no_signature():
    event = signed_event({}, at=1_790_000_000)
    headers = event["multiValueHeaders"]
    assert isinstance(headers, dict)
    headers["X-Signature-Ed25519"] = headers["X-Signature-Ed25519"] * 2
    with pytest.raises(BadSignature):
        check(read(event), now=1_790_000_000)


def test_a_signature_header_in_two_cases_is_no_signature():
    event = signed_event({}, shape="http", at=1_790_000_000)
    headers = event["headers"]
    assert isinstance(headers, dict)
    headers["X-Signature-Ed25519"] = "0" * 128
    with pytest.raises(BadSignature):
        check(read(event), now=1_790_000_000)


def test_headers_in_either_format_are_read():
    event = {**rest_event("/", "", {"A": "1"}), "multiValueHeaders": None}
    assert read(event).headers == {"a": "1"}
    event = {**rest_event("/", "", {"A": "1", "B": "2"}), "headers": None}
    assert read(event).headers == {"a": "1", "b": "2"}


def test_no_headers_and_no_body_are_a_request_still():
    event = {**rest_event("/health", None, {}, method="get"), "headers": None, "multiValueHeaders": None}
    assert read(event) == Request("GET", "/health", {}, b"")


def test_the_stage_is_no_part_of_the_path():
    def path(raw: str, stage: str) -> str:
        context = {"http": {"method": "GET"}, "stage": stage}
        return read({**http_event(raw, None, {}), "requestContext": context}).path

    assert path("/prod/health", "$default") == "/prod/health"
    assert path("/prod/health", "prod") == "/health"
    assert path("/production", "prod") == "/production"


@pytest.mark.parametrize("shape", SHAPES)
def test_a_body_of_64_kib_passes_and_one_byte_more_does_not(shape: str):
    make = SHAPES[shape]
    assert len(read(make("/", "x" * LARGEST_BODY, {})).body) == LARGEST_BODY
    with pytest.raises(TooLarge):
        read(make("/", "x" * (LARGEST_BODY + 1), {}))
    with pytest.raises(TooLarge):
        read(make("/", "🦊" * (LARGEST_BODY // 4) + "x", {}))


@pytest.mark.parametrize("size", [LARGEST_BODY + 1, LARGEST_BODY + 2, LARGEST_BODY * 20])
def test_an_encoded_body_is_measured_too(size: int):
    def event(count: int) -> dict[str, object]:
        return {**http_event("/", base64.b64encode(b"x" * count).decode(), {}), "isBase64Encoded": True}

    assert len(read(event(LARGEST_BODY)).body) == LARGEST_BODY
    with pytest.raises(TooLarge):
        read(event(size))


@pytest.mark.parametrize("body", ["%%%%", "abc", "Zm9v Zm9v", "Zoë=", "\ud800", "Zm9v\n", "===="])
def test_a_body_that_is_not_the_base64_it_claims_to_be_is_signed_by_nobody(body: str):
    with pytest.raises(BadSignature):
        read({**http_event("/", body, {}), "isBase64Encoded": True})


def test_half_a_surrogate_pair_is_signed_by_nobody():
    with pytest.raises(BadSignature):
        read(rest_event("/", "\ud83e", {}))


@pytest.mark.parametrize(
    "event",
    [
        None,
        [],
        "POST /",
        {},
        {"httpMethod": "POST"},
        {"httpMethod": 5, "path": "/"},
        {"httpMethod": "POST", "path": None},
        {"httpMethod": "POST", "path": "/", "headers": []},
        {"httpMethod": "POST", "path": "/", "headers": {"a": 1}},
        {"httpMethod": "POST", "path": "/", "headers": {"a": None}},
        {"httpMethod": "POST", "path": "/", "multiValueHeaders": {"a": "1"}},
        {"httpMethod": "POST", "path": "/", "multiValueHeaders": {"a": [1]}},
        {"httpMethod": "POST", "path": "/", "body": {}},
        {"httpMethod": "POST", "path": "/", "body": 5},
        {"version": "2.0", "rawPath": "/"},
        {"version": "2.0", "rawPath": "/", "requestContext": {"http": "POST"}},
        {"version": "2.0", "requestContext": {"http": {"method": "POST"}}},
        {"Records": [{"eventSource": "aws:sqs"}]},
    ],
)
def test_an_invalid_event_is_refused(event: object):
    with pytest.raises(BadRequest):
        read(event)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=10,
)


@given(name=st.sampled_from(["rest_api", "http_api"]), choose=st.data(), value=JSON)
def test_an_event_with_anything_in_any_place_is_read_or_refused(name: str, choose: st.DataObject, value: object):
    event = sample(name)
    event[choose.draw(st.sampled_from(sorted(event)))] = value
    with suppress(RequestRefused):
        assert isinstance(read(event).body, bytes)


def test_an_answer_is_json():
    answer = respond(200, {"type": 1, "words": "Zoë"})
    assert answer["statusCode"] == 200
    assert answer["headers"] == {"content-type": "application/json"}
    assert json.loads(str(answer["body"])) == {"type": 1, "words": "Zoë"}
    assert answer["isBase64Encoded"] is False


def test_an_answer_may_have_no_body_and_more_headers():
    assert respond(401) == {"statusCode": 401, "headers": {}, "body": "", "isBase64Encoded": False}
    assert respond(200, {}, {"x-a": "b"})["headers"] == {"content-type": "application/json", "x-a": "b"}


def test_an_answer_with_files_is_a_form_that_anybody_can_read():
    files = (TextFile("a.json", "application/json", '{"words": "Zoë"}'), TextFile("b.txt", "text/plain", "--\r\nb"))
    answer = respond_with_files(200, {"type": 4}, files)
    kind = cast("dict[str, str]", answer["headers"])["content-type"]
    assert answer["isBase64Encoded"] is False
    form = message_from_bytes(f"content-type: {kind}\r\n\r\n{answer['body']}".encode(), policy=HTTP)
    fields = [cast("EmailMessage", field) for field in form.iter_parts()]
    assert [field.get_payload(decode=True) for field in fields[1:]] == [b'{"words": "Zo\xc3\xab"}', b"--\r\nb"]
    assert [field.get_param("name", header="content-disposition") for field in fields] == [
        "payload_json",
        "files[0]",
        "files[1]",
    ]
    assert [field.get_filename() for field in fields] == [None, "a.json", "b.txt"]
    assert json.loads(cast("bytes", fields[0].get_payload(decode=True))) == {"type": 4}
