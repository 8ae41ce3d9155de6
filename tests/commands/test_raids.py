"""/start-raid and /raid-status: an admin calls, everybody contributes, and everybody can see how it goes."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from devkit import discord_client as discord
from devkit.discord_client import User
from mastermind.bot.custom_ids import make
from mastermind.bot.dispatch import WHO
from mastermind.bot.stale import FRESH
from mastermind.deadline import Deadline
from mastermind.discord.permissions import ADMINISTRATOR, MANAGE_GUILD
from mastermind.game.catalogue import content as catalogues
from mastermind.game.days import actions as stats
from mastermind.game.members.authority import Access
from mastermind.game.members.rules import Member
from mastermind.game.raids import actions as raids
from tests.actors import by
from tests.commands.playing import ALEX, PLACE, SAM, Bot, labels

if TYPE_CHECKING:
    from devkit.discord_client import Answer
    from mastermind.postgres.database import Database
    from tests.commands.conftest import EnterAs
    from tests.conftest import Connection

ADA, BEN = User(1_300_000_000_000_000_010, "Ada", ADMINISTRATOR), User(1_300_000_000_000_000_011, "Ben", MANAGE_GUILD)
CATALOGUE = catalogues.load()
MESSAGE, UPDATE = 4, 7


@pytest.fixture
def ada(main: Bot) -> Bot:
    return main.as_user(ADA)


def log(main: Bot, user: User, count: int, interaction: int, stat: str = "approaches") -> None:
    """What a form of /submit-stats does."""
    member = Member(user.id, user.name)

    actor, added = by(member, interaction, nonce=interaction + 1_000_000), {stat: count}
    main.database.run(lambda conn: stats.submit(conn, actor, "today", added, catalogue=CATALOGUE), Deadline.after(60))


def run_out(owner: Connection) -> None:
    """The raid's time is over, and nobody has looked yet."""
    owner.execute("UPDATE raid_events SET started_at = started_at - interval '5 h', ends_at = ends_at - interval '5 h'")


def newest(owner: Connection) -> int:
    (raid_id,) = owner.execute("SELECT max(raid_id) FROM raid_events").fetchone() or (0,)
    return raid_id


def sweep(awards: Database) -> None:
    awards.run(lambda conn: raids.sweep(conn, Deadline.after(60)), Deadline.after(60))


def start_warriors(admin: Bot) -> Answer:
    return admin.command("start-raid", {"type": "warrior"})


# --- starting ---


def test_an_admin_starts_a_raid_in_public(ada: Bot, owner: Connection):
    answer = ada.command("start-raid", {"type": "warrior"})
    assert (answer.kind, answer.is_private) == (MESSAGE, False)
    assert "## ⚔️ A warrior raid begins!" in answer.text
    assert "**1,000 points** together" in answer.text
    assert "everybody who contributed gets 250 XP, and the top contributor 250 more" in answer.text
    assert "Dates Had 40" in answer.text
    assert "Challenges 15" in answer.text
    assert labels(answer) == ["See raid", "Cancel (admins)"]
    row = owner.execute(
        "SELECT type, target, tick_points, started_by, ends_at - started_at = interval '60 min' FROM raid_events"
    ).fetchone()
    assert row == ("warrior", 1000, 15, ADA.id, True)
    audited = owner.execute("SELECT actor_id, action, after FROM audit_log").fetchall()
    assert [(actor, action) for actor, action, _ in audited] == [(ADA.id, "raid.start")]
    assert audited[0][2]["type"] == "warrior"


def test_the_admin_chooses_type_duration_and_target(ada: Bot, owner: Connection):
    answer = ada.command("start-raid", {"type": "mage", "duration": 240, "target": 10_000})
    assert "## 🔮 A mage raid begins!" in answer.text
    assert "SBMM Meditation 15" in answer.text
    assert "SBMM Meditation: this community's own meditation" in answer.text
    assert "Tensey" not in answer.text
    row = owner.execute("SELECT target, tick_points, ends_at - started_at = interval '4 h' FROM raid_events").fetchone()
    assert row == (10_000, 0, True)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"type": "rogue"},
        {"type": "mage", "duration": 14},
        {"type": "mage", "duration": 241},
        {"type": "mage", "target": 99},
        {"type": "mage", "target": 10_001},
    ],
)
def test_options_out_of_range_start_nothing(ada: Bot, owner: Connection, options: dict[str, discord.Value]):
    assert ada.command("start-raid", options).is_private
    assert owner.execute("SELECT FROM raid_events").fetchall() == []


def test_only_admins_start_and_cancel(main: Bot, ada: Bot, owner: Connection):
    refusal = main.command("start-raid", {"type": "mage"})
    assert (refusal.is_private, refusal.text) == (True, WHO[Access.ADMIN])
    started = ada.command("start-raid", {"type": "mage"})
    refusal = main.tap(started, "Cancel")
    assert (refusal.is_private, refusal.text) == (True, WHO[Access.ADMIN])
    assert owner.execute("SELECT status FROM raid_events").fetchall() == [("active",)]


def test_a_second_raid_is_refused_in_private(ada: Bot, owner: Connection):
    ada.command("start-raid", {"type": "warrior"})
    refusal = ada.as_user(BEN).command("start-raid", {"type": "mage"})
    assert refusal.is_private
    assert refusal.text.startswith("⚔️ Nothing new was started: warrior raid ")
    assert refusal.text.endswith(".\n0 of 1,000 points ▱▱▱▱▱▱▱▱▱▱")
    assert owner.execute("SELECT type FROM raid_events").fetchall() == [("warrior",)]
    assert owner.execute("SELECT count(*) FROM audit_log").fetchone() == (1,)


def test_one_of_many_simultaneous_starts_wins(enter_as: EnterAs, owner: Connection):
    admins = [
        Bot("main", enter_as("app_main"), user=User(ADA.id + number, f"Admin {number}", ADMINISTRATOR))
        for number in range(1, 7)
    ]
    with ThreadPoolExecutor(len(admins)) as threads:
        answers = list(threads.map(start_warriors, admins))
    assert sorted(answer.is_private for answer in answers) == [False, *[True] * 5]
    assert owner.execute("SELECT count(*) FROM raid_events").fetchone() == (1,)
    assert owner.execute("SELECT count(*) FROM audit_log").fetchone() == (1,)


def test_a_redelivered_start_starts_nothing_and_gets_the_same_answer(ada: Bot, owner: Connection):
    payload = discord.command(PLACE, ADA, "start-raid", {"type": "warrior"})
    first, again = ada.send(payload), ada.send(payload)
    assert first.text == again.text
    assert not again.is_private
    assert owner.execute("SELECT count(*) FROM raid_events").fetchone() == (1,)
    assert owner.execute("SELECT count(*) FROM audit_log").fetchone() == (1,)


def test_after_the_end_of_a_raid_the_next_can_start_at_once(ada: Bot, owner: Connection):
    ada.command("start-raid", {"type": "warrior"})
    run_out(owner)
    assert not ada.command("start-raid", {"type": "mage"}).is_private
    states = owner.execute("SELECT type, status, ended_at = ends_at FROM raid_events ORDER BY raid_id").fetchall()
    assert states == [("warrior", "failed", True), ("mage", "active", None)]


# --- cancelling ---


def test_any_admin_may_cancel_after_a_confirmation(ada: Bot, owner: Connection):
    started = ada.command("start-raid", {"type": "warrior"})
    ben = ada.as_user(BEN)
    question = ben.tap(started, "Cancel")
    assert question.is_private
    assert "Cancel raid" in question.text
    assert "Nobody would be rewarded" in question.text
    assert owner.execute("SELECT status FROM raid_events").fetchall() == [("active",)]
    response = ben.tap(question, "Cancel it")
    assert response.kind == UPDATE
    assert "is cancelled. Nobody is rewarded" in response.text
    assert owner.execute("SELECT status, ended_at IS NOT NULL FROM raid_events").fetchall() == [("cancelled", True)]
    actions = owner.execute("SELECT actor_id, action, after ->> 'status' FROM audit_log ORDER BY id").fetchall()
    assert actions == [(ADA.id, "raid.start", None), (BEN.id, "raid.cancel", "cancelled")]
    assert "cancelled" in ada.command("raid-status").text


def test_an_admin_who_declines_lets_the_raid_go_on(ada: Bot, owner: Connection):
    question = ada.tap(ada.command("start-raid", {"type": "warrior"}), "Cancel")
    assert "the raid goes on" in ada.tap(question, "Keep it").text
    assert owner.execute("SELECT status FROM raid_events").fetchall() == [("active",)]


def test_a_raid_that_is_over_cannot_be_cancelled(ada: Bot, owner: Connection):
    started = ada.command("start-raid", {"type": "warrior"})
    question = ada.tap(started, "Cancel")
    run_out(owner)
    assert "is over already: time is over" in ada.tap(question, "Cancel it").text
    assert "is over already: time is over" in ada.tap(started, "Cancel").text
    assert owner.execute("SELECT count(*) FROM audit_log").fetchone() == (1,)


def test_a_redelivered_cancellation_gets_the_same_answer_and_is_audited_once(ada: Bot, owner: Connection):
    question = ada.tap(ada.command("start-raid", {"type": "warrior"}), "Cancel")
    yes = next(custom_id for label, custom_id in question.buttons if label == "Cancel it")
    payload = discord.component(PLACE, ADA, yes)
    assert ada.send(payload).text == ada.send(payload).text
    assert owner.execute("SELECT count(*) FROM audit_log").fetchone() == (2,)


def test_the_refusal_of_a_second_raid_offers_to_cancel_the_first(ada: Bot):
    ada.command("start-raid", {"type": "warrior"})
    refusal = ada.command("start-raid", {"type": "mage"})
    assert "is cancelled" in ada.tap(ada.tap(refusal, "Cancel"), "Cancel it").text
    assert not ada.command("start-raid", {"type": "mage"}).is_private


def test_a_button_with_an_unknown_raid_does_nothing(ada: Bot, main: Bot, owner: Connection):
    assert "There is no such raid" in ada.press(make("start-raid", "cancel", 0, 999)).text
    assert "There is no such raid" in ada.press(make("start-raid", "end", ADA.id, 999)).text
    assert "I don't know that raid any more" in main.press(make("raid-status", "open", 0, 999)).text
    ada.command("start-raid", {"type": "mage"})
    for forged in (make("raid-status", "open", 0, "-"), make("raid-status", "renew", 0, newest(owner), 2, "all")):
        assert main.press(forged).status == 400
    assert main.press(make("raid-status", "end", 0, 1)).text == FRESH.format(typed="raid-status")


# --- looking ---


def test_before_the_first_raid_it_says_how_one_starts(main: Bot):
    answer = main.command("raid-status")
    assert not answer.is_private
    assert "There has been no raid yet. An admin starts one with `/start-raid`" in answer.text


def test_an_unknown_raid_is_refused_politely(main: Bot):
    answer = main.command("raid-status", {"id": 7})
    assert answer.is_private
    assert "There is no raid 7." in answer.text


def test_a_new_raid_waits_for_the_first(main: Bot, ada: Bot):
    ada.command("start-raid", {"type": "warrior"})
    answer = main.command("raid-status")
    assert not answer.is_private
    assert "Warrior raid" in answer.text
    assert ": running" in answer.text
    assert "0 of 1,000 points ▱▱▱▱▱▱▱▱▱▱" in answer.text
    assert "Ends <t:" in answer.text
    assert "Nobody has contributed yet. Be the first!" in answer.text
    assert "Alex" not in answer.text
    assert "What counts: Dates Had 40" in answer.text


def test_a_running_raid_shows_the_top_contributors_and_ones_own_points(main: Bot, ada: Bot):
    ada.command("start-raid", {"type": "warrior"})
    log(main, SAM, 10, 1)
    log(main, ALEX, 3, 2)
    answer = main.command("raid-status")
    assert "195 of 1,000 points (19 %) ▰▱▱▱▱▱▱▱▱▱" in answer.text
    assert "**Top contributors** (of 2 members)\n🥇 **1.** Sam: 150\n🥈 **2.** Alex: 45" in answer.text
    assert "Alex has contributed **45** points." in answer.text


def test_five_are_named_and_all_are_counted(main: Bot, ada: Bot):
    ada.command("start-raid", {"type": "warrior", "target": 10_000})
    for number in range(1, 8):
        log(main, User(number, f"Member {number}"), number, number)
    text = main.command("raid-status").text
    assert "(of 7 members)" in text
    assert "**5.** Member 3: 45" in text
    assert "Member 2" not in text


def test_a_won_raid_shows_points_beyond_the_target_and_whether_rewards_were_paid(main: Bot, ada: Bot, awards: Database):
    ada.command("start-raid", {"type": "warrior", "target": 100})
    log(main, SAM, 7, 1)
    text = main.command("raid-status").text
    assert ": won" in text
    assert "100 of 100 points (100 %), 105 in all ▰▰▰▰▰▰▰▰▰▰" in text
    assert "Won <t:" in text
    assert "The rewards come within a minute or two" in text
    assert "Alex" not in text
    sweep(awards)
    assert "The rewards have been paid" in main.command("raid-status").text
    assert labels(main.command("raid-status")) == []


def test_a_raid_whose_time_is_over_is_shown_as_over_at_once(main: Bot, ada: Bot, owner: Connection, awards: Database):
    ada.command("start-raid", {"type": "warrior"})
    log(main, ALEX, 2, 1)
    run_out(owner)
    before = main.command("raid-status").text
    assert ": time is over" in before
    assert "The time ran out <t:" in before
    assert "there is no reward" in before
    sweep(awards)
    assert main.command("raid-status").text == before
    assert owner.execute("SELECT status FROM raid_events").fetchall() == [("failed",)]


def test_a_failed_raid_without_anybody_says_so(main: Bot, ada: Bot, owner: Connection):
    ada.command("start-raid", {"type": "warrior"})
    run_out(owner)
    assert "Nobody contributed." in main.command("raid-status").text


def test_points_of_a_deleted_member_have_no_name(main: Bot, ada: Bot, owner: Connection):
    ada.command("start-raid", {"type": "warrior"})
    log(main, SAM, 11, 1)
    owner.execute("SELECT delete_member(%s)", [SAM.id])
    text = main.command("raid-status").text
    assert "150 of 1,000 points" in text
    assert "Those who contributed hide, or have left. Their points count all the same." in text


def test_an_earlier_raid_is_found_by_its_number(main: Bot, ada: Bot, owner: Connection):
    ada.command("start-raid", {"type": "warrior"})
    first = newest(owner)
    run_out(owner)
    ada.command("start-raid", {"type": "mage"})
    assert f"Warrior raid {first}: time is over" in main.command("raid-status", {"id": first}).text
    assert "Mage raid" in main.command("raid-status").text


def test_the_button_of_an_announcement_opens_a_private_copy(main: Bot, ada: Bot):
    started = ada.command("start-raid", {"type": "warrior"})
    copy = main.tap(started, "See raid")
    assert (copy.kind, copy.is_private) == (MESSAGE, True)
    assert "Your points are still to come" in copy.text
    again = main.tap(copy, "Refresh")
    assert again.kind == UPDATE


def test_refresh_updates_for_the_opener_and_opens_a_private_copy_for_others(main: Bot, ada: Bot):
    ada.command("start-raid", {"type": "warrior"})
    shown = main.command("raid-status")
    log(main, ALEX, 2, 1)
    renewed = main.tap(shown, "Refresh")
    assert renewed.kind == UPDATE
    assert "Alex has contributed **30** points." in renewed.text
    copy = main.as_user(SAM).tap(shown, "Refresh")
    assert (copy.kind, copy.is_private) == (MESSAGE, True)
    assert "Your points are still to come" in copy.text


def hide(owner: Connection, user: User) -> None:
    owner.execute("UPDATE users SET hidden = true WHERE user_id = %s", [user.id])


def test_hidden_members_are_not_named_and_see_their_own_points_in_private(main: Bot, ada: Bot, owner: Connection):
    ada.command("start-raid", {"type": "warrior"})
    log(main, SAM, 11, 1)
    hide(owner, SAM)
    seen = main.command("raid-status")
    assert "Sam" not in seen.text
    assert "150 of 1,000" in seen.text, "165 in steps of 50"
    assert "-# In steps of 5 %: somebody keeps their part to themselves." in seen.text
    assert "Those who contributed hide, or have left." in seen.text
    own = main.as_user(SAM).command("raid-status")
    assert own.is_private
    assert "You have contributed **165** points." in own.text
    log(main, ALEX, 3, 2)
    both = main.command("raid-status").text
    assert "150 of 1,000" in both, "45 and 165, each rounded by itself"
    assert "**Top contributors** (of 1 member)\n🥇 **1.** Alex: 45" in both


def test_dates_make_a_part_that_others_see_in_steps(main: Bot, ada: Bot, owner: Connection):
    ada.command("start-raid", {"type": "warrior"})
    log(main, SAM, 3, 1, "approaches")
    log(main, SAM, 1, 2, "dates_had")
    seen = main.command("raid-status")
    assert "🥇 **1.** Sam: 50" in seen.text
    assert "50 of 1,000" in seen.text
    own = main.as_user(SAM).command("raid-status")
    assert own.is_private
    assert "You have contributed **85** points." in own.text
    owner.execute("INSERT INTO shown_categories (user_id, category) VALUES (%s, 'dating')", [SAM.id])
    shown = main.as_user(SAM).command("raid-status")
    assert not shown.is_private
    assert "🥇 **1.** Sam: 85" in shown.text


def test_a_part_below_a_step_is_nobodys(main: Bot, ada: Bot):
    ada.command("start-raid", {"type": "warrior"})
    log(main, SAM, 1, 1, "dates_had")
    seen = main.command("raid-status").text
    assert "0 of 1,000" in seen
    assert "**Top contributors** (of 1 member)\nNo part is large enough to be named yet." in seen


def test_a_raid_that_a_hidden_member_won_with_others_says_that_it_is_won_and_no_more(
    main: Bot, ada: Bot, owner: Connection
):
    ada.command("start-raid", {"type": "warrior", "target": 100})
    log(main, ALEX, 1, 1)
    hide(owner, ALEX)
    log(main, SAM, 7, 2)
    text = main.as_user(SAM).command("raid-status").text
    assert "100 of 100 points (100 %)" in text
    assert "in all" not in text


def test_refreshing_a_public_message_of_a_now_hidden_opener_shows_no_points_of_theirs(
    main: Bot, ada: Bot, owner: Connection
):
    ada.command("start-raid", {"type": "warrior"})
    shown = main.command("raid-status")
    hide(owner, ALEX)
    renewed = main.tap(shown, "Refresh")
    assert (renewed.kind, renewed.is_private) == (MESSAGE, True)


def test_names_are_escaped(main: Bot, ada: Bot):
    ada.command("start-raid", {"type": "warrior"})
    log(main, User(7, "**x** <@1>"), 1, 1)
    assert "\\*\\*x\\*\\* \\<\\@1\\>: 15" in main.command("raid-status").text
