"""Parameters as SSM keeps them: secrets are kept for a while and never shown, everything else is read each time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mastermind.deadline import Deadline
from mastermind.errors import Unavailable
from mastermind.gateways import parameters as gateway
from tests.gateways.aws_stand_in import Aws, aws

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mastermind.gateways.parameters import Parameters

NAME = "/mastermind/webhooks/announcements"


@pytest.fixture
def ssm() -> Iterator[Aws]:
    with aws() as server:
        server.parameters[NAME] = "https://example/1"
        yield server


@pytest.fixture
def parameters(ssm: Aws, monkeypatch: pytest.MonkeyPatch) -> Parameters:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    monkeypatch.setenv("AWS_ENDPOINT_URL", ssm.url)
    return gateway.parameters()


def soon() -> Deadline:
    return Deadline.after(10)


def test_a_secret_is_kept_for_a_while_and_then_read_again(
    ssm: Aws, parameters: Parameters, monkeypatch: pytest.MonkeyPatch
):
    assert parameters.secret(NAME, soon()) == "https://example/1"
    ssm.parameters[NAME] = "https://example/2"
    assert parameters.secret(NAME, soon()) == "https://example/1"
    monkeypatch.setattr(gateway, "KEPT_FOR", 0)
    parameters = gateway.parameters()
    assert parameters.secret(NAME, soon()) == "https://example/2"
    ssm.parameters[NAME] = "https://example/3"
    assert parameters.secret(NAME, soon()) == "https://example/3"


def test_what_an_operator_pasted_around_a_secret_is_left_out(ssm: Aws, parameters: Parameters):
    ssm.parameters[NAME] = " https://example/1\n"
    assert parameters.secret(NAME, soon()) == "https://example/1"


@pytest.mark.parametrize("value", [None, "", "  "])
def test_a_secret_that_is_missing_or_empty_is_none(ssm: Aws, parameters: Parameters, value: str | None):
    if value is None:
        del ssm.parameters[NAME]
    else:
        ssm.parameters[NAME] = value
    assert parameters.secret(NAME, soon()) is None
    ssm.parameters[NAME] = "https://example/1"
    assert (value is not None) or parameters.secret(NAME, soon()), "a secret is used as soon as it is stored"


def test_other_parameters_are_read_each_time(ssm: Aws, parameters: Parameters):
    assert parameters.get("/mastermind/health/state", soon()) is None
    for value in ("1", "2"):
        parameters.put("/mastermind/health/state", value, soon())
        assert parameters.get("/mastermind/health/state", soon()) == value
    ssm.parameters |= {f"/mastermind/alerts/{number}": str(number) for number in range(5)}
    assert parameters.below("/mastermind/alerts", soon()) == {str(number): str(number) for number in range(5)}


def test_a_store_that_does_not_answer_is_unavailable_and_asked_again(ssm: Aws, parameters: Parameters):
    ssm.refuses = {"GetParameter", "PutParameter"}
    for ask in (
        lambda: parameters.secret(NAME, soon()),
        lambda: parameters.get(NAME, soon()),
        lambda: parameters.put(NAME, "https://example/hush", soon()),
    ):
        with pytest.raises(Unavailable, match="SSM answers AccessDeniedException") as caught:
            ask()
        assert "hush" not in repr(caught.value)
    ssm.refuses = set()
    assert parameters.secret(NAME, soon()) == "https://example/1"
