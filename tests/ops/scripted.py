"""An AWS that answers as a test scripts it, and nothing else."""

from __future__ import annotations

from contextlib import ExitStack, closing, contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

import boto3
from botocore.stub import Stubber

from ops.target import Target

if TYPE_CHECKING:
    from collections.abc import Generator


class Scripted:
    """The account of a stack named game, and the answers that it gives, in this order for each service."""

    def __init__(self, target: Target, stubs: ExitStack) -> None:
        self.target, self._on, self._stubs = target, stubs, dict[str, Stubber]()

    def answers(self, service: str, operation: str, answer: dict[str, Any] | None = None, **asked: object) -> None:
        self._stub(service).add_response(operation, answer or {}, asked)

    def refuses(self, service: str, operation: str, code: str) -> None:
        self._stub(service).add_client_error(operation, code, "you may not")

    def check(self) -> None:
        """Everything that was scripted was asked for."""
        for stub in self._stubs.values():
            stub.assert_no_pending_responses()

    def _stub(self, service: str) -> Stubber:
        if service not in self._stubs:
            self._stubs[service] = self._on.enter_context(Stubber(self.target.client(service)))
        return self._stubs[service]


@cache
def _session(region: str) -> boto3.Session:
    """One for all tests: it reads AWS's descriptions of its services only once."""
    return boto3.Session("testing", "testing", region_name=region)


@contextmanager
def scripted(kind: type[Scripted] = Scripted, region: str = "eu-central-1") -> Generator[Any]:
    with closing(Target("game", region, _session(region), None, None)) as target, ExitStack() as stubs:
        account = kind(target, stubs)
        yield account
        account.check()
