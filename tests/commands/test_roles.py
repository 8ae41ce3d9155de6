"""/admin roles: what a role is for, what may be one, and how a sync goes."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from devkit.discord_client import NamedRole, public_key
from mastermind.bot.moderators import Moderators
from mastermind.commands.main.admin.roles import OFF
from mastermind.config import DiscordSettings
from mastermind.discord import permissions
from mastermind.game.roles.rules import MOST_ROLES
from tests.commands.moderating import ADA, MESSAGE, log
from tests.commands.playing import ADMIN_ROLE, ALEX, KEY, MODERATOR_ROLE, PLACE, Bot
from tests.waiting import wait_for

if TYPE_CHECKING:
    from devkit.discord_client import Answer, Value
    from tests.conftest import Connection

EXPLORER = NamedRole(7_000)


@pytest.fixture
def admin(main: Bot) -> Bot:
    return main.as_user(ADA)


def added(admin: Bot, what: str, value: str, role: NamedRole = EXPLORER, **more: Value) -> Answer:
    answer = admin.command("admin roles add", {"role": role, "for": what, "value": value, **more})
    assert (answer.kind, answer.is_private) == (MESSAGE, True)
    return answer


def rows(owner: Connection) -> list[tuple[object, ...]]:
    return owner.execute("SELECT role_id, kind, least, name, keeps_lower, added_by FROM game_roles").fetchall()


@pytest.mark.parametrize(
    ("what", "value", "words", "stored"),
    [
        ("level", "10", "level 10", ("level", 10, "")),
        ("class", "bold explorer", "class Bold Explorer", ("class", 0, "Bold Explorer")),
        ("faction", "Noctivores", "faction 🌙 Noctivores", ("faction", 0, "Noctivores")),
        ("streak", "1", "a streak of 1 day", ("streak", 1, "")),
        ("challenges", "50", "50 challenges", ("challenges", 50, "")),
    ],
)
def test_a_role_is_added_for_what_members_reach(
    admin: Bot, owner: Connection, what: str, value: str, words: str, stored: tuple[object, ...]
):
    assert added(admin, what, value).text.splitlines()[:2] == ["## 🧰 Role added", f"<@&7000> is for **{words}**."]
    assert rows(owner) == [(7_000, *stored, False, ADA.id)]
    assert owner.execute("SELECT kind, state FROM outbox").fetchall() == [("role_check", "due")]
    assert [(actor, action, subject) for actor, action, subject, *_ in log(owner)] == [(ADA.id, "role.add", None)]
    assert f"<@&7000> for **{words}**" in admin.command("admin roles list", {}).text


@pytest.mark.parametrize(
    ("role", "words"),
    [
        (NamedRole(7_000, permissions=permissions.BAN_MEMBERS), "rights over others: Ban Members"),
        (NamedRole(7_000, managed=True), "gives it to a bot"),
        (NamedRole(PLACE.guild_id or 0, position=0), "@everyone"),
    ],
)
def test_a_role_with_rights_over_others_is_refused_with_the_reason(
    admin: Bot, owner: Connection, role: NamedRole, words: str
):
    assert words in added(admin, "level", "5", role).text
    assert rows(owner) == []


def test_the_deploys_moderators_role_is_refused_while_another_is_in_force(admin: Bot, owner: Connection):
    deployed = DiscordSettings(
        PLACE.application_id, public_key(KEY), PLACE.guild_id or 0, ADMIN_ROLE, MODERATOR_ROLE, owner_id=0
    )
    known = Moderators(deployed)
    known.note(7_001)
    role = NamedRole(MODERATOR_ROLE)
    assert "makes members admins or moderators" in added(replace(admin, moderators=known), "level", "1", role).text
    assert rows(owner) == []


def test_a_role_is_not_added_while_an_admin_chooses_it_for_the_moderators(admin: Bot, owner: Connection):
    with owner.transaction(), ThreadPoolExecutor(1) as others:
        owner.execute("LOCK TABLE game_settings IN SHARE ROW EXCLUSIVE MODE")
        adding = others.submit(added, admin, "level", "1")
        wait_for(lambda: owner.execute("SELECT FROM pg_locks WHERE NOT granted").rowcount)
        owner.execute("INSERT INTO game_settings (name, asked) VALUES ('moderators', '7000')")
        owner.execute("COMMIT")
        assert "makes members moderators" in adding.result().text
    assert rows(owner) == []


@pytest.mark.parametrize(
    ("what", "value", "words"),
    [
        ("level", "51", "from 1 to 50"),
        ("level", "ten", "whole number"),
        ("streak", "0", "from 1 to 3,650"),
        ("class", "Wizard", "one of these: Awkward Initiate"),
        ("faction", "", "one of these: Luminarchs, Noctivores"),
    ],
)
def test_a_value_that_nobody_can_reach_is_refused(admin: Bot, owner: Connection, what: str, value: str, words: str):
    assert words in added(admin, what, value).text
    assert rows(owner) == []


def test_two_roles_are_not_for_the_same(admin: Bot, owner: Connection):
    added(admin, "level", "10")
    assert "<@&7000> is already the role for that" in added(admin, "level", "10", NamedRole(7_001)).text
    assert len(rows(owner)) == 1


def test_what_is_said_of_the_lower_ones_counts_for_all_of_a_kind(admin: Bot, owner: Connection):
    added(admin, "level", "10")
    added(admin, "streak", "10", NamedRole(7_002))
    assert "keep the lower" in added(admin, "level", "20", NamedRole(7_001), keep="all").text
    kept = owner.execute("SELECT role_id, keeps_lower FROM game_roles ORDER BY role_id").fetchall()
    assert kept == [(7_000, True), (7_001, True), (7_002, False)]


def test_a_role_is_removed_by_what_it_is_for_so_a_deleted_one_can_be_too(admin: Bot, owner: Connection):
    added(admin, "level", "10")
    choices = admin.typing("admin roles remove", "role", "lev").choices
    assert choices == [{"name": "level 10", "value": "7000"}]
    assert "Role removed" in admin.command("admin roles remove", {"role": "7000"}).text
    assert rows(owner) == []
    assert "is no role of the game" in admin.command("admin roles remove", {"role": "7000"}).text
    assert "choose one of the roles" in admin.command("admin roles remove", {"role": "level 10"}).text


def test_a_sync_says_how_far_it_is_and_is_begun_once(admin: Bot, owner: Connection):
    assert "Nobody has synced yet" in admin.command("admin roles list", {}).text
    assert "**Sync:** 0 of 1 member checked" in admin.command("admin roles sync", {}).text
    admin.command("admin roles sync", {})
    assert owner.execute("SELECT count(*) FROM outbox WHERE kind = 'role_sync'").fetchone() == (1,)
    owner.execute("DELETE FROM outbox")  # as if it had been lost: it goes on where it was
    admin.command("admin roles sync", {})
    assert owner.execute("SELECT count(*) FROM outbox WHERE kind = 'role_sync'").fetchone() == (1,)
    assert owner.execute("SELECT sync_id FROM role_state").fetchone() == (1,)


def test_a_refused_role_says_why_and_a_sync_asks_again(admin: Bot, owner: Connection):
    added(admin, "level", "10")
    owner.execute("UPDATE game_roles SET refused = 'it was deleted in Discord'")
    owner.execute("UPDATE bot_status SET is_on = true")
    listed = admin.command("admin roles list", {})
    assert "⚠️ Not given: it was deleted in Discord." in listed.text
    assert "**Sync:** 0 of 1 member checked" in admin.tap(listed, "Check all").text
    assert owner.execute("SELECT refused FROM game_roles").fetchone() == (None,)


def test_members_roles_are_compared_at_each_of_their_taps(admin: Bot, main: Bot, owner: Connection):
    added(admin, "level", "1")
    main.as_user(ALEX).command("scorecard", {})
    found = owner.execute("SELECT user_id FROM outbox WHERE kind = 'roles' AND user_id = %s", [ALEX.id]).fetchall()
    assert found == [(ALEX.id,)]


def test_as_many_roles_as_there_can_be_fit_into_one_list(admin: Bot, owner: Connection):
    owner.execute(
        "INSERT INTO game_roles (role_id, kind, name, keeps_lower, added_by, refused)"
        " SELECT 1400000000000000000 + n, 'class', 'Galactic Mastermind ' || n, true, 1, repeat('it has rights *', 12)"
        " FROM generate_series(1, %s) AS n",
        [MOST_ROLES],
    )
    answer = admin.command("admin roles list")
    assert answer.text.count("Not given") == MOST_ROLES
    assert "there are 20 roles already" in added(admin, "level", "10").text


def test_where_roles_are_off_none_is_added_or_compared(admin: Bot, main: Bot, owner: Connection):
    added(admin, "level", "1")
    main.as_user(ALEX).command("scorecard")
    owner.execute("DELETE FROM outbox")
    off = replace(main, gives_roles=False)
    said = added(off.as_user(ADA), "level", "2", NamedRole(7_001)).text
    assert said.startswith(f"Nothing was done. {OFF}")
    assert OFF in off.as_user(ADA).command("admin roles list").text
    off.as_user(ALEX).command("scorecard")
    assert len(rows(owner)) == 1
    assert owner.execute("SELECT kind FROM outbox WHERE kind LIKE 'role%'").fetchall() == []
