"""The stats that ship are those of the rules, and a community's own are read strictly."""

import json
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any, cast

import pytest

from mastermind.errors import ContentError
from mastermind.game.catalogue import content as stats
from mastermind.game.catalogue.rules import MOST_CATEGORIES, MOST_STATS

CATALOGUE = stats.load()
SHIPPED = cast("dict[str, Any]", json.loads(Path(stats.__file__).with_name(stats.FILE).read_bytes()))

RULES = """
Core social | Approaches | 100 | 3 | 0 | 100
Core social | Numbers | 100 | 1 | 0 | 50
Core social | New Contact Response | 100 | 1 | 0 | 50
Core social | Hellos To Strangers | 10 | 1 | 0 | 200
Core social | In Action Release | 50 | 0 | 3 | 50
Dating | Dates Booked | 100 | 2 | 0 | 10
Dating | Dates Had | 250 | 3 | 0 | 5
Dating | Instant Date | 500 | 4 | 0 | 5
Inner work | Courage Welcoming | 50 | 2 | 1 | 20
Inner work | SBMM Meditation | 100 | 0 | 9 | 10
Inner work | Grounding | 50 | 0 | 4 | 20
Inner work | Releasing Session | 25 | 0 | 6 | 20
Learning | Course Module | 250 | 2 | 9 | 5
Learning | Course Experiment | 100 | 2 | 4 | 10
Learning | Attended Group Call | 200 | 1 | 3 | 5
Learning | Wins Shared | 25 | 1 | 1 | 20
Daily state | Overall State Today (1-10) | 50 | 0 | 2 | 10
Daily state | Confidence-Tension Journal | 100 | 0 | 3 | 3
"""
"""Category, name, XP, warrior, mage, cap (docs/rules/content.md, Stats)."""

RAIDS = {
    "warrior": {
        "approaches": 15,
        "numbers": 15,
        "hellos_to_strangers": 2,
        "new_contact_response": 5,
        "dates_booked": 20,
        "dates_had": 40,
        "instant_date": 40,
        "tensey_exercise": 15,
    },
    "mage": {
        "sbmm_meditation": 15,
        "grounding": 15,
        "courage_welcoming": 10,
        "releasing_session": 15,
        "in_action_release": 10,
        "course_experiment": 15,
        "journal": 40,
        "course_module": 40,
    },
}
"""Points per unit (docs/rules/content.md, Stats)."""


def test_the_shipped_stats_are_those_of_the_rules():
    told = [
        f"{category.title} | {stat.name} | {stat.xp} | {stat.warrior} | {stat.mage} | {stat.cap}"
        for category in CATALOGUE.categories
        for stat in category.stats
    ]
    assert told == RULES.strip().splitlines()
    assert len(CATALOGUE.categories) == MOST_CATEGORIES
    assert max(len(category.stats) for category in CATALOGUE.categories) == MOST_STATS


def test_only_the_state_of_a_day_is_given_once():
    assert [key for key, stat in CATALOGUE.by_key.items() if stat.once_a_day] == ["overall_state"]


def test_a_challenge_counts_by_itself():
    (challenge,) = CATALOGUE.automatic
    assert (challenge.key, challenge.xp, challenge.warrior, challenge.mage) == ("tensey_exercise", 100, 3, 1)
    assert challenge.cap is None


def test_the_points_in_raids_are_those_of_the_rules():
    points = {
        raid: {stat.key: stat.raid[raid] for stat in CATALOGUE.by_key.values() if raid in stat.raid}
        for raid in ("warrior", "mage")
    }
    assert points == RAIDS


def test_each_stat_knows_its_category():
    for category in CATALOGUE.categories:
        assert {stat.category for stat in category.stats} == {category.key}


def stat(place: int = 0) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda file: file["categories"][0]["stats"][place]


def category(place: int = 0) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda file: file["categories"][place]


def automatic(file: dict[str, Any]) -> dict[str, Any]:
    return file["automatic"][0]


def whole(file: dict[str, Any]) -> dict[str, Any]:
    return file


def read(file: object) -> None:
    stats.read(json.dumps(file).encode(), "own.json")


@pytest.mark.parametrize(
    ("at", "field", "value", "entry"),
    [
        (stat(), "key", "Approaches", "category 1, stat 1"),
        (stat(), "key", "9lives", "category 1, stat 1"),
        (stat(), "key", "xp", "category 1, stat 1"),
        (stat(), "key", "tensey", "category 1, stat 1"),
        (stat(), "key", "a" * 31, "category 1, stat 1"),
        (stat(), "name", "x" * 35, "category 1, stat 1"),
        (stat(), "name", None, "category 1, stat 1"),
        (stat(), "xp", -1, "category 1, stat 1"),
        (stat(), "xp", 1.5, "category 1, stat 1"),
        (stat(), "xp", 5_001, "category 1, stat 1"),
        (stat(), "warrior", "3", "category 1, stat 1"),
        (stat(), "mage", 101, "category 1, stat 1"),
        (stat(), "cap", 0, "category 1, stat 1"),
        (stat(), "cap", None, "category 1, stat 1"),
        (stat(), "once_a_day", 1, "category 1, stat 1"),
        (stat(), "colour", "red", "category 1, stat 1"),
        (stat(), "raid", {"warrior": -1}, "category 1, stat 1, raid"),
        (stat(), "raid", {"monk": 1}, "category 1, stat 1, raid"),
        (stat(), "raid", 15, "category 1, stat 1, raid"),
        (stat(1), "key", "approaches", "category 1, stat 2"),
        (stat(1), "name", "APPROACHES", "category 1, stat 2"),
        (category(1), "key", "core_social", "category 2"),
        (category(1), "title", "core SOCIAL", "category 2"),
        (category(), "key", "a" * 17, "category 1"),
        (category(), "title", "x" * 21, "category 1"),
        (category(), "stats", [], "category 1"),
        (category(), "color", "red", "category 1"),
        (automatic, "key", "walking", "automatic stat 1"),
        (automatic, "xp", 50, "automatic stat 1"),
        (automatic, "cap", 5, "automatic stat 1"),
        (whole, "automatic", [], "the file"),
        (whole, "categories", [], "the file"),
        (whole, "levels", [], "the file"),
    ],
)
def test_a_mistake_in_the_stats_names_file_entry_and_field(
    at: Callable[[dict[str, Any]], dict[str, Any]], field: str, value: object, entry: str
):
    file = deepcopy(SHIPPED)
    at(file)[field] = value
    with pytest.raises(ContentError) as caught:
        read(file)
    assert (caught.value.file, caught.value.entry) == ("own.json", entry)
    assert caught.value.field in {field, "monk", "warrior", "JSON"}


def test_a_sixth_field_or_category_does_not_fit():
    file = deepcopy(SHIPPED)
    file["categories"][0]["stats"].append(file["categories"][1]["stats"][0])
    with pytest.raises(ContentError, match="category 1: stats: must have 1 to 5 entries, has 6"):
        read(file)
    with pytest.raises(ContentError, match="the file: categories: must have 1 to 5 entries, has 6"):
        read(SHIPPED | {"categories": [*SHIPPED["categories"], SHIPPED["categories"][0]]})


def test_every_mistake_is_told_at_once():
    file = deepcopy(SHIPPED)
    stat(0)(file)["xp"], stat(3)(file)["cap"] = "much", 0
    with pytest.raises(ContentError) as caught:
        read(file)
    assert str(caught.value).splitlines() == [
        "own.json: category 1, stat 1: xp: must be a whole number",
        "own.json: category 1, stat 4: cap: must be 1 to 1000, is 0",
    ]


def test_what_is_left_out_is_nothing():
    small = {"key": "walks", "name": "Walks", "xp": 10, "cap": 3}
    categories = [{"key": "outside", "title": "Outside", "stats": [small]}]
    read_back = stats.read(json.dumps({"categories": categories, "automatic": SHIPPED["automatic"]}).encode())
    (walks,) = read_back.categories[0].stats
    assert (walks.warrior, walks.mage, walks.once_a_day, walks.raid) == (0, 0, False, {})


def test_a_file_of_ones_own_is_read(tmp_path: Path):
    own = tmp_path / "own.json"
    own.write_text(json.dumps(SHIPPED))
    assert stats.read_file(own) == CATALOGUE
    with pytest.raises(ContentError, match="path"):
        stats.read_file(tmp_path / "none.json")
