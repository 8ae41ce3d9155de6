"""Secrets of SSM's Parameter Store, for the functions outside the VPC that may read them."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Protocol

from mastermind.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

KEPT_FOR = 300.0  # seconds after which a value is read anew: a replaced one is heard of soon


class ParameterStore(Protocol):
    """SSM, as far as it is needed."""

    def get_parameter(self, *, Name: str, WithDecryption: bool) -> Mapping[str, Any]: ...  # noqa: N803 # AWS's own words

    def close(self) -> None: ...


class SecretParameter:
    """One SecureString, kept for some minutes; its value is in nothing that this logs or raises."""

    def __init__(self, name: str, store: ParameterStore, clock: Callable[[], float] = time.time) -> None:
        self.name = name
        self._store, self._clock = store, clock
        self._kept: tuple[float, str | None] | None = None

    def read(self) -> str | None:
        """The value without white space around it; None when there is no such parameter. Raises Unavailable."""
        if self._kept is None or self._clock() >= self._kept[0]:
            self._kept = (self._clock() + KEPT_FOR, self._ask())
        return self._kept[1]

    def _ask(self) -> str | None:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            answer = self._store.get_parameter(Name=self.name, WithDecryption=True)
        except ClientError as error:
            code = error.response.get("Error", {}).get("Code", "")
            if code == "ParameterNotFound":
                return None
            raise Unavailable(f"SSM does not give {self.name}: {code}") from None
        except BotoCoreError as error:
            raise Unavailable(f"SSM cannot be reached: {type(error).__name__}") from None
        finally:
            self._store.close()  # its connections; by the next time they would be dead
        return str(answer["Parameter"]["Value"]).strip() or None


def secret_parameter(name: str) -> SecretParameter:
    """The real one."""
    import boto3
    from botocore.config import Config

    return SecretParameter(
        name,
        boto3.client("ssm", config=Config(connect_timeout=1, read_timeout=2, retries={"total_max_attempts": 2})),
    )
