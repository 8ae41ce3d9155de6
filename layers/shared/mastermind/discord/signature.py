"""Verifies that a request comes from Discord: Ed25519 over timestamp and body, before anything is parsed."""

from __future__ import annotations

import re

from nacl.exceptions import CryptoError
from nacl.signing import VerifyKey

from mastermind.errors import BadSignature

FRESHNESS = (
    300  # seconds, both ways; Discord documents no window, and changes are deduplicated by interaction id anyway
)

# PyNaCl and bytes.fromhex accept more than Discord sends (white space, other lengths), int() accepts other digits.
_SIGNATURE = re.compile(r"[0-9a-fA-F]{128}")
_TIMESTAMP = re.compile(r"[0-9]{1,12}")


def verify(public_key: bytes, signature: str | None, timestamp: str | None, body: bytes, *, now: float) -> None:
    """Return if the request is Discord's and fresh; raises BadSignature otherwise.

    `public_key` is 32 bytes, `signature` 128 hexadecimal digits, `timestamp` and `now` are seconds since 1970.
    """
    if not (signature and _SIGNATURE.fullmatch(signature)):
        raise BadSignature("the signature is missing or malformed")
    if not (timestamp and _TIMESTAMP.fullmatch(timestamp)):
        raise BadSignature("the timestamp is missing or malformed")
    if not is_genuine(public_key, bytes.fromhex(signature), timestamp.encode() + body):
        raise BadSignature("the signature is wrong")
    if not abs(now - int(timestamp)) <= FRESHNESS:
        raise BadSignature("the timestamp is too far from now")


def is_genuine(public_key: bytes, signature: bytes, message: bytes) -> bool:
    """Whether the key signed the message; False for a key or signature of the wrong length."""
    try:
        VerifyKey(public_key).verify(message, signature)
    except (CryptoError, TypeError):  # BadSignatureError and PyNaCl's own ValueError are both CryptoError
        return False
    return True
