"""Interaction tokens, sealed wherever they rest or travel: with one, anybody could write in our name for 15 minutes.

The public key seals; only the function outbox has the private key, and opens.
"""

from __future__ import annotations

from nacl.encoding import HexEncoder
from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, PublicKey, SealedBox

from mastermind.errors import BadMessage

LASTS = 900
"""Seconds for which Discord accepts a token (docs/rules/discord.md)."""


def make_private_key() -> str:
    """A new private key: 64 hexadecimal digits."""
    return PrivateKey.generate().encode(HexEncoder).decode("ascii")


def public_key_of(private_key: str) -> str:
    """The public key that belongs to it, written likewise; raises ValueError for what is no key."""
    return _private(private_key).public_key.encode(HexEncoder).decode("ascii")


def seal(token: str, public_key: bytes) -> bytes:
    """The token as only the owner of the private key can read it; two sealings of one token differ."""
    return SealedBox(PublicKey(public_key)).encrypt(token.encode())


def unseal(sealed: bytes, private_key: str) -> str:
    """The token; raises BadMessage for what was not sealed for this key."""
    try:
        return SealedBox(_private(private_key)).decrypt(sealed).decode()
    except (CryptoError, UnicodeError):
        raise BadMessage("the token was not sealed for this key") from None


def _private(key: str) -> PrivateKey:
    try:
        return PrivateKey(key.encode("ascii"), HexEncoder)
    except (CryptoError, ValueError, TypeError):
        raise ValueError("it is no private key") from None
