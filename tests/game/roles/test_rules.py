"""Which roles follow from what somebody has reached, and which are given or taken next."""

from __future__ import annotations

import pytest

from mastermind.discord import permissions
from mastermind.discord.interactions import Role
from mastermind.game.roles.rules import GameRole, Held, Reached, RoleKind, Step, next_step, objection, wanted

ALEX = Reached(12, ("Awkward Initiate", "Social Squire", "Bold Explorer"), "Luminarchs", 30, 55)


def role(role_id: int, kind: RoleKind, value: int | str, *, keeps_lower: bool = False, refused: str = "") -> GameRole:
    least, name = (value, "") if isinstance(value, int) else (0, value)
    return GameRole(role_id, kind, least, name, keeps_lower, 9, refused)


@pytest.mark.parametrize("keeps_lower", [False, True])
@pytest.mark.parametrize(
    ("kind", "values"),
    [
        (RoleKind.LEVEL, (5, 12, 13)),
        (RoleKind.CLASS, ("Social Squire", "Bold Explorer", "Magnetic Challenger")),
        (RoleKind.STREAK, (7, 30, 31)),
        (RoleKind.CHALLENGES, (10, 55, 56)),
    ],
)
def test_of_a_kind_the_highest_that_is_reached_counts_or_all(
    kind: RoleKind, values: tuple[int | str, ...], *, keeps_lower: bool
):
    roles = [role(number, kind, value, keeps_lower=keeps_lower) for number, value in enumerate(values, 1)]
    assert wanted(roles, ALEX) == ({1, 2} if keeps_lower else {2})


def test_a_faction_has_its_role_alone():
    roles = [role(1, RoleKind.FACTION, "Luminarchs"), role(2, RoleKind.FACTION, "Noctivores")]
    assert wanted(roles, ALEX) == {1}


def test_a_class_that_is_no_more_is_nobodys():
    assert wanted([role(1, RoleKind.CLASS, "Grand Wizard")], ALEX) == set()


def test_what_is_refused_is_not_wanted_and_the_one_below_it_is():
    roles = [role(1, RoleKind.LEVEL, 5), role(2, RoleKind.LEVEL, 10, refused="it was deleted in Discord")]
    assert wanted(roles, ALEX) == {1}


def test_first_all_that_is_missing_is_given_and_then_what_is_over_is_taken():
    held = Held(given=frozenset({1}))
    assert next_step(frozenset({2}), held) == Step(2, gives=True)
    assert next_step(frozenset({2}), Held(frozenset({1, 2}))) == Step(1, gives=False)
    assert next_step(frozenset({2}), Held(frozenset({2}))) is None


def test_what_the_game_did_not_give_is_neither_given_nor_taken():
    held = Held(kept=frozenset({1, 2}))
    assert next_step(frozenset({2}), held) is None


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (Role(1, permissions.ADMINISTRATOR, 1, is_managed=False), "rights over others: Administrator"),
        (Role(1, permissions.MANAGE_WEBHOOKS | permissions.KICK_MEMBERS, 1, is_managed=False), "Manage Webhooks, Kick"),
        (Role(1, 0, 1, is_managed=True), "bot, an integration or boosters"),
        (Role(5, 0, 0, is_managed=False), "@everyone"),
        (Role(7, 0, 1, is_managed=False), "admins or moderators of the game"),
        (Role(1, permissions.VIEW_CHANNEL | permissions.SEND_MESSAGES, 1, is_managed=False), ""),
    ],
)
def test_no_role_of_the_game_has_rights_over_others(found: Role, words: str):
    said = objection(found, 5, {7})
    assert words in said if words else not said
