"""SSM's Parameter Store, for the functions outside the VPC; no value is ever logged or raised."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Protocol, cast

from mastermind.gateways.sdk import asked, client

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mastermind.deadline import Deadline

KEPT_FOR = 300
"""Seconds after which a secret is read again: one that was replaced is used soon."""


class Provider(Protocol):
    """Powertools' SSMProvider, as far as it is needed; its own types leave much open."""

    def get(self, name: str, *, max_age: int, decrypt: bool = False, force_fetch: bool = False) -> object: ...
    def get_multiple(self, path: str, *, max_age: int, force_fetch: bool) -> Mapping[str, object]: ...
    def set(self, name: str, value: str, *, parameter_type: str = "String", overwrite: bool) -> object: ...


class Parameters:
    """Parameters by their names; every method raises Unavailable when SSM does not answer as it should."""

    def __init__(self, provider: Provider) -> None:
        self._provider = provider

    def secret(self, name: str, deadline: Deadline, *, fresh: bool = False) -> str | None:
        """A SecureString without white space around it, kept for some minutes; None for none, or an empty one.

        `fresh` reads it even if it is kept.
        """
        ask = partial(self._provider.get, name, max_age=KEPT_FOR, decrypt=True, force_fetch=fresh)
        value = _asked(ask, deadline)
        return str(value or "").strip() or None

    def get(self, name: str, deadline: Deadline) -> str | None:
        """A parameter as it is now; None when there is no such."""
        value = _asked(partial(self._provider.get, name, max_age=0, force_fetch=True), deadline)
        return None if value is None else str(value)

    def below(self, path: str, deadline: Deadline) -> Mapping[str, str]:
        """All parameters below that path as they are now, by the rest of their names."""
        found = _asked(partial(self._provider.get_multiple, path, max_age=0, force_fetch=True), deadline)
        return {str(name): str(value) for name, value in (found or {}).items()}

    def put(self, name: str, value: str, deadline: Deadline) -> None:
        """Store it in place of the one before."""
        _asked(partial(self._provider.set, name, value, overwrite=True), deadline)

    def put_secret(self, name: str, value: str, deadline: Deadline) -> None:
        """Store it as a SecureString, in place of the one before."""
        _asked(partial(self._provider.set, name, value, parameter_type="SecureString", overwrite=True), deadline)


def parameters() -> Parameters:
    """The real ones."""
    from aws_lambda_powertools.utilities.parameters import SSMProvider

    return Parameters(cast("Provider", SSMProvider(boto3_client=client("ssm"))))


def _asked[T](question: Callable[[], T], deadline: Deadline) -> T | None:
    """The answer; None for a parameter that does not exist."""
    return asked("SSM", partial(_unwrapped, question), deadline)


def _unwrapped[T](question: Callable[[], T]) -> T | None:
    """Powertools raises one error for everything; the SDK's own, which says what happened, is its context."""
    from aws_lambda_powertools.utilities.parameters.exceptions import GetParameterError, SetParameterError
    from botocore.exceptions import ClientError

    try:
        return question()
    except (GetParameterError, SetParameterError) as error:
        cause = error.__context__ or error
        if isinstance(cause, ClientError) and cause.response.get("Error", {}).get("Code") == "ParameterNotFound":
            return None
        raise cause from None
