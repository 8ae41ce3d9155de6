"""/settings: each state of its page, each way to change something, and whatever can go wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import pytest

from devkit import discord_client as discord
from mastermind.game.settings.time_zones import COMMON, MOST_CHANGES
from tests.commands.playing import PLACE, SAM, button, labels, select

if TYPE_CHECKING:
    from collections.abc import Iterator

    from devkit.discord_client import Answer
    from devkit.json_types import Json
    from tests.commands.playing import Bot
    from tests.conftest import Connection


def stored(owner: Connection) -> tuple[str, bool, str | None]:
    row = owner.execute("SELECT time_zone, hidden, settings ->> 'announcements' FROM users").fetchone()
    assert row
    return row


def moved(main: Bot, zone: str) -> Answer:
    return main.command("settings", {"time-zone": zone})


def test_the_first_use_shows_the_defaults_of_the_deployment(main: Bot):
    answer = main.command("settings")
    assert answer.is_private
    assert "America/New_York (UTC-0" in answer.text
    assert "**You:** shown. Others see your figures." in answer.text
    for category in ("Dating", "Daily state"):
        assert f"**{category}:** yours alone." in answer.text
    assert "on." in answer.text
    assert labels(answer) == ["Change", "Rhythm", "Hide me", "Show Dating", "Show Daily state", "Turn off"]


def test_zones_are_suggested_with_their_offset_from_utc(main: Bot):
    choices = main.typing("settings", "time-zone", "berl").choices
    assert [choice["value"] for choice in choices] == ["Europe/Berlin"]
    assert cast("str", choices[0]["name"]).startswith("Europe/Berlin (UTC+0")
    assert len(main.typing("settings", "time-zone", "america").choices) == 25
    assert [choice["value"] for choice in main.typing("settings", "time-zone", "").choices] == list(COMMON)
    assert main.typing("settings", "time-zone", "nowhere at all").choices == []


def test_a_chosen_zone_is_saved_and_shown(main: Bot, owner: Connection):
    answer = moved(main, "Asia/Tokyo")
    assert "Asia/Tokyo (UTC+09:00)" in answer.text
    assert "Your streak is safe" in answer.text
    assert stored(owner)[0] == "Asia/Tokyo"
    assert "Asia/Tokyo" in main.command("settings").text


def test_a_change_is_in_the_audit_log_with_before_and_after(main: Bot, owner: Connection):
    moved(main, "Asia/Tokyo")
    main.tap(main.command("settings"), "Hide me")
    rows = owner.execute("SELECT action, actor_id = subject_id, before, after FROM audit_log ORDER BY id").fetchall()
    assert [(action, own) for action, own, *_ in rows] == [("settings.time_zone", True), ("settings.visibility", True)]
    assert (rows[0][2]["time_zone"], rows[0][3]["time_zone"]) == ("America/New_York", "Asia/Tokyo")
    assert (rows[1][2]["hidden"], rows[1][3]["hidden"]) == (False, True)


@pytest.mark.parametrize("typed", ["tokyo", "ASIA/TOKYO", " Asia/Tokyo ", "Japan", "T\u014dky\u014d"])
def test_a_zone_that_is_named_is_set_without_the_list(main: Bot, owner: Connection, typed: str):
    moved(main, typed)
    assert stored(owner)[0] == "Asia/Tokyo"


def test_several_matching_zones_are_asked_about(main: Bot, owner: Connection):
    answer = moved(main, "USA")
    assert "Several time zones fit, so nothing was changed yet" in answer.text
    assert stored(owner)[0] == "America/New_York"
    assert "Pacific/Honolulu (UTC-10:00)" in main.choose(answer, "Pacific/Honolulu").text
    assert stored(owner)[0] == "Pacific/Honolulu"


def test_a_weak_fit_is_asked_about_and_none_changes_nothing(main: Bot, owner: Connection):
    answer = moved(main, "tok")
    assert "No time zone is called exactly that" in answer.text
    assert cast("list[Json]", select(answer)["options"])[0]["value"] == "Asia/Tokyo"
    assert "I don't know that time zone" in moved(main, "nowhere at all").text
    assert stored(owner)[0] == "America/New_York"


def test_more_zones_than_a_menu_has_lines_are_said_to_be_more(main: Bot):
    assert "These are the first 25" in moved(main, "CET").text
    assert "These are the first" not in moved(main, "Brazil").text


@pytest.mark.parametrize(("typed", "zone"), [("CET", None), ("Europe/Brussels", "Europe/Brussels")])
def test_a_zone_without_summer_time_in_postgresql_is_never_stored(
    main: Bot, owner: Connection, typed: str, zone: str | None
):
    moved(main, typed)
    assert stored(owner)[0] == (zone or "America/New_York")


def test_the_form_sets_a_single_matching_zone(main: Bot, owner: Connection):
    form = main.tap(main.command("settings"), "Change")
    assert form.kind == 9
    answer = main.fill(form, {"zone": "Berlin"})
    assert (answer.kind, stored(owner)[0]) == (7, "Europe/Berlin")


def test_with_several_matches_the_form_lets_the_member_choose(main: Bot, owner: Connection):
    answer = main.fill(main.tap(main.command("settings"), "Change"), {"zone": "+2"})
    assert "Which one is yours?" in answer.text
    assert len(cast("list[object]", select(answer)["options"])) == 25
    answer = main.choose(answer, "Africa/Johannesburg")
    assert "Africa/Johannesburg" in answer.text
    assert stored(owner)[0] == "Africa/Johannesburg"


def test_a_choice_that_was_never_offered_is_refused(main: Bot, owner: Connection):
    answer = main.fill(main.tap(main.command("settings"), "Change"), {"zone": "+1"})
    assert "I don't know that time zone" in main.choose(answer, "Mars/Olympus").text
    form = main.tap(main.command("settings"), "Change")
    assert "I don't know that time zone" in main.fill(form, {"zone": "Atlantis"}).text
    assert stored(owner)[0] == "America/New_York"


def test_hide_and_show_buttons_name_the_new_value_and_a_second_tap_changes_nothing(main: Bot, owner: Connection):
    page = main.command("settings")
    hidden = main.tap(page, "Hide me")
    assert "Nobody else sees your figures from now on." in hidden.text
    assert "on, as soon as you are shown." in hidden.text
    assert labels(hidden) == ["Change", "Rhythm", "Show me", "Show Dating", "Show Daily state", "Turn off"]
    main.tap(page, "Hide me")
    assert stored(owner)[1] is True
    main.tap(hidden, "Show me")
    assert stored(owner)[1] is False
    assert owner.execute("SELECT count(*) FROM audit_log").fetchone() == (2,)


def shown(owner: Connection) -> list[tuple[str]]:
    return owner.execute("SELECT category FROM shown_categories ORDER BY 1").fetchall()


def test_a_private_category_is_shown_on_purpose_and_hidden_again(main: Bot, owner: Connection):
    page = main.command("settings")
    dating = main.tap(page, "Show Dating")
    assert "Everybody sees what you log under Dating from now on." in dating.text
    assert "**Dating:** shown to everybody." in dating.text
    assert shown(owner) == [("dating",)]
    main.tap(page, "Show Dating")
    assert "**Dating:** shown to everybody, as soon as you are." in main.tap(dating, "Hide me").text
    assert "yours alone from now on" in main.tap(dating, "Hide Dating").text
    assert shown(owner) == []
    trail = owner.execute("SELECT action, before -> 'shown', after -> 'shown' FROM audit_log ORDER BY id").fetchall()
    assert trail == [
        ("settings.visibility", [], ["dating"]),
        ("settings.visibility", ["dating"], ["dating"]),
        ("settings.visibility", ["dating"], []),
    ]


def test_only_what_is_private_can_be_shown(main: Bot, owner: Connection):
    press = button(main.command("settings"), "Show Dating")
    assert "This setting has changed" in main.press(press.replace(":dating", ":learning")).text
    assert shown(owner) == []


def test_announcements_are_turned_off_and_on(main: Bot, owner: Connection):
    off = main.tap(main.command("settings"), "Turn off")
    assert "**Announcements:** off." in off.text
    assert stored(owner)[2] == "off"
    main.tap(off, "Turn on")
    assert stored(owner)[2] == "on"


def test_a_repeated_delivery_does_not_overwrite_a_later_change(main: Bot, owner: Connection):
    first = discord.command(PLACE, main.user, "settings", {"time-zone": "Asia/Tokyo"})
    main.send(first)
    moved(main, "Europe/Berlin")
    assert "Europe/Berlin" in main.send(first).text
    assert stored(owner)[0] == "Europe/Berlin"


def test_zone_changes_are_rate_limited(main: Bot, owner: Connection):
    zones = ["Asia/Tokyo", "Europe/Berlin"] * MOST_CHANGES
    for zone in zones[:MOST_CHANGES]:
        moved(main, zone)
    assert "no streak should hang on that" in moved(main, "UTC").text
    assert stored(owner)[0] == zones[MOST_CHANGES - 1]
    assert "Hide me" in labels(moved(main, zones[MOST_CHANGES - 1])), "what is so already is no change"
    owner.execute("UPDATE time_zone_changes SET at = at - interval '15 days'")
    assert "Your days follow" in moved(main, "UTC").text


def test_somebody_elses_settings_are_theirs(main: Bot):
    page = main.command("settings")
    assert "belongs to the member who opened it" in main.as_user(SAM).press(button(page, "Hide me")).text


# --- direct messages ---


def close(owner: Connection) -> None:
    """Discord has said that Alex accepts none."""
    owner.execute("INSERT INTO direct_channels (user_id, channel_id, closed_at) SELECT user_id, 7, now() FROM users")


def test_without_a_bot_it_says_that_direct_messages_are_off(main: Bot):
    assert "**Direct messages:** off. An admin can turn them on" in main.command("settings").text


def test_direct_messages_that_arrive_need_no_words(main: Bot, owner: Connection):
    owner.execute("UPDATE bot_status SET is_on = true")
    assert "Direct messages" not in main.command("settings").text


def test_who_accepts_no_direct_messages_reads_so_and_can_have_them_again(main: Bot, owner: Connection):
    owner.execute("UPDATE bot_status SET is_on = true")
    main.command("settings")
    main.tap(main.command("settings"), "Hide me")
    close(owner)
    page = main.command("settings")
    assert "**Direct messages:** closed. Open them" in page.text
    for _ in range(2):
        opened = main.tap(page, "They're open")
        assert "You get my direct messages again" in opened.text
        assert "closed." not in opened.text
    assert owner.execute("SELECT closed_at FROM direct_channels").fetchall() == [(None,)]
    rows = owner.execute("SELECT action FROM audit_log ORDER BY id").fetchall()
    assert [action for (action,) in rows] == ["settings.visibility", "settings.direct_messages"]


@pytest.fixture
def old_town(owner: Connection) -> Iterator[str]:
    """A time zone that the database stores and this version does not know, with the clock of Tokyo."""
    owner.execute(
        "INSERT INTO time_zones SELECT 'Old/Town', release, since, utc_offset FROM time_zones WHERE name = 'Asia/Tokyo'"
    )
    yield "Old/Town"
    owner.execute("UPDATE users SET time_zone = 'UTC'")
    owner.execute("DELETE FROM time_zones WHERE name = 'Old/Town'")


def test_a_time_zone_that_no_longer_exists_goes_on_until_another_is_chosen(main: Bot, owner: Connection, old_town: str):
    main.command("settings")
    owner.execute("UPDATE users SET time_zone = %s", [old_town])
    owner.execute("UPDATE bot_status SET is_on = true")
    page = main.command("settings")
    assert f"{old_town}. It is no longer on" in page.text
    main.tap(main.tap(page, "Reminders"), "Turn on")
    assert owner.execute("SELECT extract(hour FROM hour_at AT TIME ZONE 'UTC') FROM reminders").fetchall() == [(9,)]
    assert "Europe/Berlin" in main.command("settings", {"time-zone": "Europe/Berlin"}).text


def test_a_rhythm_is_chosen_and_changed(main: Bot, owner: Connection):
    page = main.command("settings")
    assert "**Rhythm:** not chosen yet." in page.text
    chosen = main.tap(main.tap(page, "Rhythm"), "3 a week")
    assert "🌱 **3 a week** it is." in chosen.text
    assert "**Rhythm:** 🌱 3 a week." in main.tap(chosen, "All settings").text
    assert owner.execute("SELECT settings ->> 'rhythm' FROM users").fetchone() == ("weekly",)
    assert owner.execute("SELECT action, after ->> 'rhythm' FROM audit_log").fetchall() == [
        ("settings.rhythm", "weekly")
    ]
