"""Each message of a batch is settled for itself."""

from __future__ import annotations

import pytest

from mastermind.entrypoints import batches
from mastermind.errors import BadEvent, BadMessage, TryAgain, Unavailable

ERRORS = {
    "later": TryAgain("not due"),
    "down": Unavailable("the database is down"),
    "poison": BadMessage("not an award"),
    "bug": ZeroDivisionError("a bug"),
}


def work(body: str) -> None:
    if body in ERRORS:
        raise ERRORS[body]


def batch(*bodies: str) -> dict[str, object]:
    return {"Records": [{"messageId": f"m{n}", "body": body} for n, body in enumerate(bodies)]}


def test_what_fails_comes_back_and_takes_nobody_with_it():
    response = batches.settle(batch("good", "later", "good", "down", "poison", "bug", "good"), work)
    assert response == {"batchItemFailures": [{"itemIdentifier": f"m{n}"} for n in (1, 3, 4, 5)]}


def test_a_batch_without_failures_is_settled():
    assert batches.settle(batch("good", "good"), work) == {"batchItemFailures": []}


def test_a_bug_is_counted_and_what_was_foreseen_is_not(capsys: pytest.CaptureFixture[str]):
    batches.settle(batch("later", "down", "poison"), work)
    assert "Bugs" not in capsys.readouterr().out
    batches.settle(batch("bug"), work)
    assert '"Bugs":[1.0]' in capsys.readouterr().out


@pytest.mark.parametrize(
    ("body", "times", "are_held", "counts"),
    [
        ("down", 3, False, False),
        ("down", 4, False, True),
        ("bug", 4, False, True),
        ("good", 4, False, False),
        ("later", 9, True, False),
    ],
)
def test_what_fails_again_and_again_is_counted_unless_it_is_held_on_purpose(
    body: str, times: int, are_held: bool, counts: bool, capsys: pytest.CaptureFixture[str]
):
    """After three deliveries SQS leaves a message out of the age of its queue."""
    record = {"messageId": "m0", "body": body, "attributes": {"ApproximateReceiveCount": str(times)}}
    batches.settle({"Records": [record]}, work, are_held=are_held)
    assert ('"Stuck":[1.0]' in capsys.readouterr().out) is counts


@pytest.mark.parametrize("event", [{}, {"Records": None}, {"Records": [{"body": ""}]}, {"Records": [7]}])
def test_an_invalid_batch_is_refused(event: dict[str, object]):
    with pytest.raises(BadEvent):
        batches.settle(event, work)
