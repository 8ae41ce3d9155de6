"""The clocks that a language lets us guess, and the content of the first run."""

from __future__ import annotations

import pytest

from mastermind.discord.limits import SELECT_OPTIONS
from mastermind.game.catalogue import content as stats
from mastermind.game.challenges import content as challenges
from mastermind.game.first_run import content, rules
from mastermind.game.first_run.rules import Clocks, Language, Step
from mastermind.game.settings import content as time_zones

HERE, THERE = "Europe/Berlin", "Asia/Tokyo"
LANGUAGES = {"a": Language(HERE, (HERE, "Europe/Vienna")), "b": Language("", (HERE, "Europe/Vienna"))}


@pytest.mark.parametrize(
    ("locale", "own", "expected"),
    [
        ("a", THERE, Clocks(HERE, (HERE, "Europe/Vienna", THERE))),
        ("a", "Europe/Vienna", Clocks("Europe/Vienna", (HERE, "Europe/Vienna"))),
        ("b", THERE, Clocks(None, (HERE, "Europe/Vienna", THERE))),
        ("b", HERE, Clocks(HERE, (HERE, "Europe/Vienna"))),
        ("", THERE, Clocks(None, (THERE,))),
        ("unknown", THERE, Clocks(None, (THERE,))),
    ],
)
def test_a_clock_is_guessed_from_the_language_and_from_what_is_theirs(locale: str, own: str, expected: Clocks):
    assert rules.clocks(LANGUAGES, locale, own) == expected


def test_who_has_begun_by_themselves_has_done_their_first_deed():
    assert rules.next_step(1, has_begun=False) is Step.DEED
    assert rules.next_step(1, has_begun=True) is Step.TODAY
    assert rules.next_step(3, has_begun=True) is Step.RHYTHM


@pytest.mark.parametrize("locale", content.languages())
def test_the_clocks_of_a_language_exist_and_fit_into_a_select(locale: str):
    language = content.languages()[locale]
    assert set(language.zones) <= time_zones.names()
    assert not language.likely or language.likely == language.zones[0]
    assert len(language.zones) < SELECT_OPTIONS


def test_a_deed_is_one_of_a_stat_that_members_log():
    known = {stat.key for category in stats.load().categories for stat in category.stats}
    assert {deed.stat for deed in content.deeds()} <= known


def test_the_first_challenges_are_in_the_list_and_another_list_offers_its_first_chapter():
    ours, ids = challenges.load(), content.challenges()
    assert [each.id for each in rules.first_challenges(ours, ids)] == list(ids)
    theirs = challenges.parse(
        b'{"levels": [{"title": "A", "about": "B", "challenges": [{"id": "own", "text": "Wave."}]}]}'
    )
    assert [each.id for each in rules.first_challenges(theirs, ids)] == ["own"]
