"""The stats that ship are those of the rules (docs/rules/stats.md)."""

from mastermind.game.catalogue import content as stats
from mastermind.game.catalogue.rules import MOST_CATEGORIES, MOST_STATS

CATALOGUE = stats.load()

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
Daily state | Overall State Today (1-10) | 100 | 0 | 10 | 10
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
    shipped = [
        f"{category.title} | {stat.name} | {stat.xp} | {stat.warrior} | {stat.mage} | {stat.cap}"
        for category in CATALOGUE.categories
        for stat in category.stats
    ]
    assert shipped == RULES.strip().splitlines()
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
