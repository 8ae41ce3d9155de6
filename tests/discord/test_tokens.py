"""Interaction tokens at rest: sealed with the public key, opened with the private one alone."""

from __future__ import annotations

import pytest

from mastermind.discord import tokens
from mastermind.errors import BadMessage

PRIVATE = tokens.make_private_key()
PUBLIC = bytes.fromhex(tokens.public_key_of(PRIVATE))
TOKEN = "aW50ZXJhY3Rpb246MTIzNDU2Nzg5MDEyMzQ1Njc4OnNlY3JldA"


def test_a_sealed_token_is_read_with_the_private_key():
    assert tokens.unseal(tokens.seal(TOKEN, PUBLIC), PRIVATE) == TOKEN


def test_a_sealed_token_shows_nothing_of_it_and_never_looks_the_same_twice():
    sealed, again = tokens.seal(TOKEN, PUBLIC), tokens.seal(TOKEN, PUBLIC)
    assert TOKEN.encode() not in sealed
    assert sealed != again


@pytest.mark.parametrize(
    "broken", [b"", b"short", tokens.seal(TOKEN, PUBLIC)[:-1], b"x" * 200], ids=["empty", "short", "cut", "foreign"]
)
def test_what_was_not_sealed_for_the_key_is_a_bad_message(broken: bytes):
    with pytest.raises(BadMessage, match="not sealed for this key"):
        tokens.unseal(broken, PRIVATE)


def test_another_key_does_not_open_it():
    with pytest.raises(BadMessage):
        tokens.unseal(tokens.seal(TOKEN, PUBLIC), tokens.make_private_key())


@pytest.mark.parametrize("key", ["", "no key", "ab" * 31, "é" * 64])
def test_what_is_no_private_key_is_refused(key: str):
    with pytest.raises(ValueError, match="no private key"):
        tokens.public_key_of(key)
