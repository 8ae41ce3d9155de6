"""The figures of pictures: what one function writes the other reads, and their text fits Discord."""

from __future__ import annotations

import json
from copy import replace

import pytest
from pydantic import TypeAdapter

from mastermind.game.raids.rules import RaidStatus
from mastermind.pictures import figures, words
from mastermind.pictures.alt_texts import LONGEST, alt_text
from mastermind.pictures.figures import Figures, Picture
from tests.pictures.samples import CARD, RAID, USUAL

FIGURES: TypeAdapter[Figures] = TypeAdapter(Figures)


@pytest.mark.parametrize("called", USUAL)
def test_what_is_written_is_read_back(called: str):
    assert FIGURES.validate_json(figures.write(USUAL[called])) == USUAL[called]


def test_there_is_a_sample_of_each_picture():
    assert {each.picture for each in USUAL.values()} == set(Picture)


@pytest.mark.parametrize("called", USUAL)
def test_the_figures_fit_a_message_and_their_text_fits_discord(called: str):
    assert len(figures.write(USUAL[called]).encode()) <= figures.MOST_BYTES
    assert 40 <= len(alt_text(USUAL[called])) <= LONGEST


def test_a_picture_that_is_not_known_is_refused():
    with pytest.raises(ValueError, match="Input should be"):
        FIGURES.validate_python(json.loads(figures.write(CARD)) | {"picture": "selfie"})


@pytest.mark.parametrize(
    ("status", "total", "said"),
    [
        (RaidStatus.ACTIVE, 0, "Nobody took part yet"),
        (RaidStatus.FAILED, 0, "Nobody took part"),
        (RaidStatus.ACTIVE, 50, ""),
        (RaidStatus.COMPLETED, 1_000, ""),
    ],
)
def test_a_raid_of_hidden_members_alone_is_not_said_to_be_nobodys(status: RaidStatus, total: int, said: str):
    assert words.raid_members(replace(RAID, status=status, total=total, members=0, top=())) == said


def test_a_card_is_said_as_it_is_drawn():
    assert alt_text(CARD) == (
        "Nova. Level 5: Social Squire. Luminarchs. 366 of 1,200 XP, 834 to level 6, about 5 days like these. "
        "Rank 11 of 15, 2 up this week. 8 days in a row, longest: 12, 1 freeze left for a missed day. "
        "The last two weeks: 1 held by a freeze, 2 paused, 1 our outage, 1 still open. "
        "Warrior: 74 % warrior, 26 % mage. 7 challenges done, next milestone: 10. "
        "Hellos To Strangers 52, Approaches 14, Grounding 9."
    )
