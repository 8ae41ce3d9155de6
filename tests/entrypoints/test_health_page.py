"""GET /health: a value that is at most ten seconds old, no matter who asks and how often."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, cast

import pytest

from mastermind.deadline import Deadline
from mastermind.entrypoints.health_page import BAD_KEPT, GOOD_KEPT, HealthPage
from mastermind.errors import Unavailable
from mastermind.operations.health.check import PAUSE

if TYPE_CHECKING:
    from collections.abc import Callable


class Database:
    """One that says how it is, and counts how often it was asked."""

    def __init__(self, says: Callable[[], bool]) -> None:
        self.says, self.asked = says, 0

    def ask(self, _: Deadline) -> bool:
        self.asked += 1
        return self.says()


class Clock:
    now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


def _down() -> bool:
    raise Unavailable("the database is down")


def _broken() -> bool:
    raise ZeroDivisionError("with something confidential")


def asked(page: HealthPage) -> tuple[int, dict[str, object]]:
    answer = page.answer(Deadline.after(60))
    return cast("int", answer["statusCode"]), json.loads(cast("str", answer["body"]))


@pytest.mark.parametrize(
    ("says", "status", "word"),
    [
        (lambda: True, 200, "ok"),
        (lambda: False, 503, "unavailable"),
        (_down, 503, "unavailable"),
        (_broken, 503, "unavailable"),
    ],
)
def test_it_says_whether_the_game_can_be_played_and_nothing_else(says: Callable[[], bool], status: int, word: str):
    page = HealthPage(Database(says).ask, "1.2.3")
    assert asked(page) == (status, {"status": word, "version": "1.2.3", "age": 0})


@pytest.mark.parametrize(
    ("says", "kept"), [(lambda: True, GOOD_KEPT), (lambda: False, BAD_KEPT), (_down, BAD_KEPT), (_broken, BAD_KEPT)]
)
def test_a_flood_asks_the_database_once_in_ten_seconds_and_each_answer_says_its_age(
    says: Callable[[], bool], kept: float
):
    database, clock = Database(says), Clock()
    page = HealthPage(database.ask, "1.2.3", clock)
    first, ages = asked(page)[0], list[object]()
    for _ in range(500):
        clock.now += (kept - 0.1) / 500
        status, said = asked(page)
        ages.append(said["age"])
        assert status == first
    assert (database.asked, ages[0], ages[-1]) == (1, 0, int(kept - 0.1))
    clock.now += 0.2
    assert (asked(page)[1]["age"], database.asked) == (0, 2)


def test_each_try_of_the_health_check_asks_the_database_again():
    assert BAD_KEPT <= PAUSE


def test_what_was_found_is_not_said_once_it_is_old():
    database, clock = Database(lambda: True), Clock()
    page = HealthPage(database.ask, "1.2.3", clock)
    assert asked(page)[0] == 200
    database.says = _down
    clock.now += 3600  # Lambda froze the process meanwhile
    assert asked(page)[0] == 503
    database.says = lambda: True
    clock.now -= 7200  # somebody set the clock back
    assert asked(page)[0] == 200
    assert database.asked == 3


def test_what_was_found_slowly_is_as_old_as_its_answer():
    clock = Clock()

    def slow() -> bool:
        clock.now += 2.0
        return True

    assert asked(HealthPage(Database(slow).ask, "1.2.3", clock))[1]["age"] == 0
