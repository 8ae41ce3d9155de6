"""Interaction tokens, encrypted in storage and transit: with one, anybody could write in our name for 15 minutes.

The public key encrypts; only the function outbox has the private key to decrypt.
"""

from __future__ import annotations

import re
from typing import Any, cast

from nacl._sodium import ffi, lib  # pyright: ignore[reportMissingImports, reportUnknownVariableType]

from mastermind.errors import BadMessage

# A tick seals, so only libsodium's binding is loaded for it (see discord.signature); the tests open with PyNaCl itself.
_FFI: Any = cast("Any", ffi)
_SODIUM: Any = cast("Any", lib)

LASTS = 900
"""Seconds for which Discord accepts a token (docs/rules/discord.md)."""


KEY, OVERHEAD = 32, 48
"""Bytes of a key in X25519, and how many a sealed text is longer than the text."""


def make_private_key() -> str:
    """A new private key: 64 hexadecimal digits."""
    from nacl.public import PrivateKey

    return bytes(PrivateKey.generate()).hex()


def public_key_of(private_key: str) -> str:
    """The public key that belongs to it, written likewise; raises ValueError for what is no key."""
    from nacl.public import PrivateKey

    return bytes(PrivateKey(_key(private_key)).public_key).hex()


def seal(token: str, public_key: bytes) -> bytes:
    """The token as only the owner of the private key can read it; two sealings of one token differ."""
    if len(public_key) != KEY:
        raise ValueError("it is no public key")
    text = token.encode()
    sealed = _FFI.new("unsigned char[]", len(text) + OVERHEAD)
    if _SODIUM.crypto_box_seal(sealed, text, len(text), public_key) != 0:
        raise ValueError("it is no public key")
    return bytes(_FFI.buffer(sealed))


def unseal(sealed: bytes, private_key: str) -> str:
    """The token; raises BadMessage for what was not sealed for this key."""
    from nacl.exceptions import CryptoError
    from nacl.public import PrivateKey, SealedBox

    try:
        return SealedBox(PrivateKey(_key(private_key))).decrypt(sealed).decode()
    except (CryptoError, UnicodeError):
        raise BadMessage("the token was not sealed for this key") from None


def _key(digits: str) -> bytes:
    """The bytes of a private key."""
    if not re.fullmatch("[0-9a-fA-F]{64}", digits):
        raise ValueError("it is no private key")
    return bytes.fromhex(digits)
