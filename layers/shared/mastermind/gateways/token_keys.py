"""The key pair for interaction tokens: created once, at the first deploy; the private key is never read here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mastermind.discord import tokens

if TYPE_CHECKING:
    from mastermind.deadline import Deadline
    from mastermind.gateways.parameters import Parameters
    from mastermind.operations.config import GateSettings


def public_key(parameters: Parameters, settings: GateSettings, deadline: Deadline) -> str:
    """The public key, in hexadecimal; raises Unavailable.

    The private one is stored first: a public key that can be read has one. What failed in between is made again.
    """
    if known := parameters.get(settings.token_public_key, deadline):
        return known
    private = tokens.make_private_key()
    parameters.put_secret(settings.token_key, private, deadline)
    public = tokens.public_key_of(private)
    parameters.put(settings.token_public_key, public, deadline)
    return public
