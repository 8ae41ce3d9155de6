"""Verifies that a request comes from Discord: Ed25519 over timestamp and body, before anything is parsed."""

from __future__ import annotations

from typing import Any, cast

from nacl._sodium import ffi, lib  # pyright: ignore[reportMissingImports, reportUnknownVariableType]

from mastermind.errors import BadSignature
from mastermind.patterns import late

FRESHNESS = (
    300  # seconds, both ways; Discord documents no window, and changes are deduplicated by interaction id anyway
)

KEY, SIGNATURE = 32, 64
"""Bytes of each in Ed25519."""

# libsodium as PyNaCl binds it. PyNaCl's own layer above loads all of it, for a fifth of a cold PING; the tests hold
# what is used of it against Wycheproof's vectors, so a release of PyNaCl that moves it cannot pass.
_FFI: Any = cast("Any", ffi)
_SODIUM: Any = cast("Any", lib)

# bytes.fromhex accepts more than Discord sends (white space, other lengths), int() accepts other digits.
_SIGNATURE = late(r"[0-9a-fA-F]{128}")
_TIMESTAMP = late(r"[0-9]{1,12}")


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
    if len(public_key) != KEY or len(signature) != SIGNATURE:
        return False
    _SODIUM.sodium_init()
    signed = signature + message
    opened, size = _FFI.new("unsigned char[]", len(signed)), _FFI.new("unsigned long long *")
    return _SODIUM.crypto_sign_open(opened, size, signed, len(signed), public_key) == 0
