"""/admin settings: each change says what it changes and from when, is in the audit log, and can be taken back."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from devkit import discord_client as discord
from devkit.discord_client import NamedChannel, NamedRole, User
from mastermind.bot import custom_ids
from mastermind.bot.moderators import OLDEST, Moderators
from mastermind.config import DiscordSettings
from mastermind.game.members.pace import LIMITS, Limit, Pace
from tests.commands.moderating import ADA, MAX, MESSAGE, MIA, UPDATE, log
from tests.commands.playing import ADMIN_ROLE, ALEX, KEY, MODERATOR_ROLE, OWNER, PLACE, Bot, labels

if TYPE_CHECKING:
    from devkit.discord_client import Answer
    from tests.conftest import Connection

HELPERS = NamedRole(7_000, "Helpers", position=2)
NEWS = NamedChannel(6_001)


@pytest.fixture
def admin(main: Bot, owner: Connection) -> Bot:
    owner.execute("UPDATE bot_status SET is_on = true")
    return main.as_user(ADA)


def opened(admin: Bot) -> Answer:
    answer = admin.command("admin settings")
    assert (answer.kind, answer.is_private) == (MESSAGE, True)
    return answer


def rows(owner: Connection) -> list[tuple[object, ...]]:
    return owner.execute("SELECT name, value, asked, refused FROM game_settings ORDER BY name").fetchall()


def in_force(owner: Connection, name: str, value: int) -> None:
    """As if Discord had nothing against it."""
    owner.execute("INSERT INTO game_settings (name, value) VALUES (%s, %s)", [name, str(value)])


# --- what is posted ---


def test_the_report_for_the_admins_is_turned_off_as_announcements_are(admin: Bot, owner: Connection):
    page = opened(admin)
    assert "**Monday's report:** posted for the admins\n" in page.text
    off = admin.tap(page, "Turn off", 4)
    assert "Monday's report is not posted for the admins any more, from this moment on." in off.text
    assert rows(owner) == [("report", "off", None, None)]


def test_an_announcement_is_turned_off_and_on_again_and_a_row_is_there_only_where_it_differs(
    admin: Bot, owner: Connection
):
    page = opened(admin)
    assert "**Milestones:** announced\n" in page.text
    assert "**Weeks:** not announced\n" in page.text
    off = admin.tap(page, "Turn off")
    assert off.kind == UPDATE
    assert "Milestones are not announced any more, from this moment on." in off.text
    assert "**Milestones:** not announced ✏️" in off.text
    assert rows(owner) == [("milestones", "off", None, None)]
    on = admin.tap(off, "Turn on")
    assert "Milestones are announced again, from this moment on." in on.text
    assert "✏️" not in on.text.split("**Milestones:**")[1]
    assert rows(owner) == []
    assert log(owner) == [
        (
            ADA.id,
            "server.change",
            None,
            {"setting": "milestones", "value": before},
            {"setting": "milestones", "value": after},
            "",
        )
        for before, after in (("default", "off"), ("off", "default"))
    ]


def test_the_same_tap_delivered_twice_is_one_change(admin: Bot, owner: Connection):
    page = opened(admin)
    custom_id = next(custom_id for label, custom_id in page.buttons if label == "Turn off")
    payload = discord.component(PLACE, ADA, custom_id)
    admin.send(payload)
    assert "not announced" in admin.send(payload).text
    assert len(log(owner)) == 1


# --- how fast members may play ---


def test_a_limit_is_changed_for_everybody_from_the_next_use_on(admin: Bot, main: Bot, owner: Connection):
    admin, member = replace(admin, limits=LIMITS), replace(main, limits={**LIMITS, Pace.LEADERBOARD: Limit(6, 60, 3)})
    member.command("leaderboard")
    limits = admin.tap(opened(admin), "Change", 3)
    assert "**Leaderboards:** 6 a minute, 3 at once" in limits.text
    speeds = admin.choose(limits, "leaderboard")
    assert "Now: 6 a minute, 3 at once." in speeds.text
    changed = admin.choose(speeds, "4")
    assert "Leaderboards: 24 a minute, 12 at once for everybody, from the next use on." in changed.text
    assert rows(owner) == [("limit.leaderboard", "4", None, None)]
    for _ in range(8):
        member.command("leaderboard")
    assert owner.execute("SELECT count(*) FROM rate_limit_violations").fetchone() == (0,)
    default = admin.tap(changed, "Use default")
    assert "All limits are as the deploy sets them, from the next use on." in default.text
    assert (rows(owner), [entry[1] for entry in log(owner)]) == ([], ["server.change"] * 2)


def test_the_deploys_own_speed_comes_first_and_nobody_can_ask_for_another(admin: Bot, owner: Connection):
    speeds = admin.choose(admin.tap(opened(admin), "Change", 3), "admin")
    menu = next(part for part in speeds.parts() if part["type"] == 3)
    assert [option["value"] for option in menu["options"]] == ["1", "0.5", "2", "4"]
    assert admin.choose(speeds, "1000").status == 400
    assert admin.press(menu["custom_id"].replace("::admin", "::nothing"), ["2"]).status == 400
    assert rows(owner) == []


def test_no_channel_and_no_role_has_the_id_0(admin: Bot, owner: Connection):
    for name in ("channel", "moderators"):
        forged = custom_ids.make("admin.settings", "use", ADA.id, name, 0, revision="0000")
        assert admin.press(forged).status == 400
    assert rows(owner) == []


# --- where it announces ---


def test_a_channel_is_asked_about_before_anything_is_announced_there(admin: Bot, owner: Connection):
    page = opened(admin)
    assert "**A webhook announces** in its own channel" in page.text
    asking = admin.pick(admin.tap(page, "Change", 1), NEWS)
    assert "Announce in <#6001>?" in asking.text
    assert (labels(asking), rows(owner)) == (["Keep it", "Announce there"], [])
    picked = admin.tap(asking, "Announce there")
    assert "I post in <#6001> now, to see whether I may." in picked.text
    assert "⏳ <#6001>: Discord is being asked." in picked.text
    assert rows(owner) == [("channel", None, "6001", None)]
    asked = owner.execute("SELECT kind, user_id, refs FROM outbox").fetchall()
    assert asked == [("setting_check", ADA.id, {"setting": "channel", "asked": "6001"})]
    assert len(admin.nudges.sent) == 1
    [(_, action, _, before, after, _)] = log(owner)
    assert (action, before["value"], after) == (
        "server.change",
        "default",
        {"setting": "channel", "value": "default", "asked": "6001"},
    )


def test_a_channel_without_messages_for_everybody_is_refused(admin: Bot, owner: Connection):
    chooser = admin.tap(opened(admin), "Change", 1)
    said = admin.pick(chooser, NamedChannel(6_002, kind=2)).text
    assert "<#6002> has no messages for everybody" in said
    assert rows(owner) == []


def test_why_a_channel_is_not_taken_is_on_the_page(admin: Bot, owner: Connection):
    owner.execute(
        "INSERT INTO game_settings (name, asked, refused) VALUES ('channel', '6001', 'my role lacks *Send Messages*')"
    )
    page = opened(admin)
    assert "⚠️ Not <#6001>: my role lacks \\*Send Messages\\*." in page.text or "Send Messages" in page.text
    default = admin.tap(admin.tap(page, "Change", 1), "Use default")
    assert "**A webhook announces** in its own channel again, from this moment on." in default.text
    assert rows(owner) == []


def test_without_a_bot_the_page_says_that_the_webhook_decides(admin: Bot, owner: Connection):
    owner.execute("UPDATE bot_status SET is_on = false")
    chooser = admin.tap(opened(admin), "Change", 1)
    assert "A webhook announces: I have no bot token." in chooser.text
    assert [part for part in chooser.parts() if part["type"] == 8] == []
    moderators = admin.tap(opened(admin), "Change", 2)
    assert "I have no bot token yet" in moderators.text
    assert [part for part in moderators.parts() if part["type"] == 6] == []


def test_a_bot_that_is_gone_in_between_changes_nothing(admin: Bot, owner: Connection):
    asking = admin.pick(admin.tap(opened(admin), "Change", 1), NEWS)
    owner.execute("UPDATE bot_status SET is_on = false")
    assert "Nothing was done: I have no bot token yet" in admin.tap(asking, "Announce there").text
    assert rows(owner) == []


# --- who the moderators are ---


def test_the_moderators_role_is_asked_about_twice_and_the_safe_choice_comes_first(admin: Bot, owner: Connection):
    asking = admin.pick(admin.tap(opened(admin), "Change", 2), HELPERS)
    assert "Make <@&7000> the moderators?" in asking.text
    assert labels(asking) == ["Keep it", "Make moderators"]
    assert rows(owner) == []
    left = admin.tap(asking, "Keep it")
    assert (f"**Moderators** are <@&{MODERATOR_ROLE}>" in left.text, rows(owner)) == (True, [])
    asked = admin.tap(asking, "Make moderators")
    assert "I ask Discord about <@&7000> now." in asked.text
    assert rows(owner) == [("moderators", None, "7000", None)]


@pytest.mark.parametrize(
    ("role", "words"),
    [
        (NamedRole(PLACE.guild_id or 0, "@everyone", position=0), "@everyone, which everybody has"),
        (NamedRole(ADMIN_ROLE, "Admins"), "admins of the game already"),
        (NamedRole(7_001, "Bot", managed=True), "Discord gives it to a bot"),
    ],
)
def test_a_role_that_cannot_make_moderators_is_refused_with_the_reason(
    admin: Bot, owner: Connection, role: NamedRole, words: str
):
    said = admin.pick(admin.tap(opened(admin), "Change", 2), role).text
    assert words in said
    assert "can't be the moderators' role" in said
    assert rows(owner) == []


def test_a_role_that_members_get_for_playing_makes_no_moderators_and_the_other_way_round(admin: Bot, owner: Connection):
    admin.command("admin roles add", {"role": HELPERS, "for": "level", "value": "5"})
    asking = admin.pick(admin.tap(opened(admin), "Change", 2), HELPERS)
    assert "members get <@&7000> for playing" in admin.tap(asking, "Make moderators").text
    assert rows(owner) == []
    in_force(owner, "moderators", 7_005)
    said = admin.command("admin roles add", {"role": NamedRole(7_005), "for": "level", "value": "9"}).text
    assert "makes members moderators, and nobody becomes one by playing" in said


@pytest.fixture
def helper(main: Bot) -> Bot:
    return main.as_user(User(1_300_000_000_000_000_040, "Hal", roles=(7_000,)))


def test_the_chosen_role_makes_moderators_and_the_deploys_no_more(main: Bot, helper: Bot, owner: Connection):
    refused = "This is for the moderators of this server."
    assert main.as_user(MAX).command("security flags").text != refused
    assert helper.command("security flags").text == refused
    in_force(owner, "moderators", 7_000)
    assert helper.command("security flags").text != refused
    assert main.as_user(MAX).command("security flags").text == refused
    assert main.as_user(MIA).command("security flags").text != refused, "who may time out in Discord always may"


def test_a_process_knows_of_another_role_within_a_minute(main: Bot, helper: Bot, owner: Connection):
    now = 0.0
    settings = DiscordSettings(
        PLACE.application_id, discord.public_key(KEY), PLACE.guild_id or 0, ADMIN_ROLE, MODERATOR_ROLE, OWNER.id
    )
    process = Moderators(settings, lambda: now)
    helper, old = replace(helper, moderators=process), replace(main.as_user(MAX), moderators=process)
    assert helper.command("security flags").text.startswith("This is for the moderators")
    in_force(owner, "moderators", 7_000)
    now = OLDEST - 1
    assert old.command("security flags").kind == MESSAGE
    now = OLDEST
    assert old.command("security flags").text.startswith("This is for the moderators")
    assert not helper.command("security flags").text.startswith("This is for the moderators")


# --- who may change them ---


@pytest.mark.parametrize("user", [ALEX, MIA, MAX])
def test_moderators_and_members_change_nothing(main: Bot, admin: Bot, owner: Connection, user: User):
    page = opened(admin)
    assert main.as_user(user).command("admin settings").text == "This is for the admins of this server."
    custom_id = next(custom_id for label, custom_id in page.buttons if label == "Turn off")
    assert main.as_user(user).press(custom_id).text == "This is for the admins of this server."
    assert rows(owner) == []
