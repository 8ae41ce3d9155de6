"""A secret parameter: read once in a while, and never told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from mastermind.errors import Unavailable
from mastermind.gateways.parameters import KEPT_FOR, SecretParameter

if TYPE_CHECKING:
    from collections.abc import Mapping

NAME = "/mastermind/webhooks/announcements"


class Store:
    """SSM with one parameter, or with a trouble."""

    def __init__(self) -> None:
        self.value, self.asked = "https://example/1", 0
        self.trouble: Exception | None = None

    def get_parameter(self, *, Name: str, WithDecryption: bool) -> Mapping[str, Any]:  # noqa: N803 # AWS's own words
        assert (Name, WithDecryption) == (NAME, True)
        self.asked += 1
        if self.trouble:
            raise self.trouble
        return {"Parameter": {"Value": self.value}}

    def close(self) -> None:
        """Nothing to close."""


def refusal(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "the secret is hush"}}, "GetParameter")


def test_a_value_is_kept_for_some_minutes_and_then_read_anew():
    store, now = Store(), [1000.0]
    parameter = SecretParameter(NAME, store, clock=lambda: now[0])
    assert [parameter.read() for _ in range(3)] == ["https://example/1"] * 3
    assert store.asked == 1
    store.value, now[0] = "https://example/2", now[0] + KEPT_FOR
    assert parameter.read() == "https://example/2"


def test_what_an_operator_pasted_around_it_is_left_out():
    store = Store()
    store.value = " https://example/1\n"
    assert SecretParameter(NAME, store).read() == "https://example/1"


@pytest.mark.parametrize("value", ["", "  "])
def test_an_empty_parameter_is_none(value: str):
    store = Store()
    store.value = value
    assert SecretParameter(NAME, store).read() is None


def test_a_missing_parameter_is_none_and_not_asked_for_each_time():
    store = Store()
    store.trouble = refusal("ParameterNotFound")
    parameter = SecretParameter(NAME, store)
    assert [parameter.read(), parameter.read()] == [None, None]
    assert store.asked == 1


@pytest.mark.parametrize(
    "trouble",
    [refusal("AccessDeniedException"), refusal("ThrottlingException"), EndpointConnectionError(endpoint_url="x")],
)
def test_a_store_that_does_not_give_it_is_unavailable_and_asked_again(trouble: Exception):
    store = Store()
    store.trouble = trouble
    parameter = SecretParameter(NAME, store)
    with pytest.raises(Unavailable) as caught:
        parameter.read()
    assert "hush" not in str(caught.value)
    store.trouble = None
    assert parameter.read() == "https://example/1"
