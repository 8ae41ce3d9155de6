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


@pytest.mark.parametrize("event", [{}, {"Records": None}, {"Records": [{"body": ""}]}, {"Records": [7]}])
def test_an_invalid_batch_is_refused(event: dict[str, object]):
    with pytest.raises(BadEvent):
        batches.settle(event, work)
