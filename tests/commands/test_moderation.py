"""/security warn and warnings: moderators warn, the second and third strike propose, the admins decide."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import pytest

from devkit import discord_client as discord
from mastermind.bot import custom_ids
from mastermind.bot.dispatch import WHO
from mastermind.commands.parts.people import LONGEST_REASON
from mastermind.game.members.authority import Access
from mastermind.game.moderation.actions import GONE
from tests.commands.moderating import ADA, BEN, MAX, MESSAGE, MIA, UPDATE, log, meet
from tests.commands.playing import ALEX, PLACE, SAM, Bot, button, labels

if TYPE_CHECKING:
    from devkit.discord_client import Answer, User
    from devkit.json_types import Json
    from tests.conftest import Connection


@pytest.fixture
def moderator(main: Bot) -> Bot:
    return main.as_user(MIA)


@pytest.fixture
def admin(main: Bot) -> Bot:
    return main.as_user(ADA)


def warned(bot: Bot, reason: str = "Pushed after a no", user: User = ALEX) -> Answer:
    answer = bot.command("security warn", {"user": user, "reason": reason})
    assert (answer.kind, answer.is_private) == (MESSAGE, True)
    return answer


def opened(bot: Bot, user: User | None = None) -> Answer:
    answer = bot.command("security warnings", {"user": user} if user else {})
    assert (answer.kind, answer.is_private) == (MESSAGE, True)
    return answer


def strikes(owner: Connection) -> list[tuple[object, ...]]:
    return owner.execute(
        "SELECT strike, proposal, status FROM user_warnings LEFT JOIN user_moderation ON warning_id = user_warnings.id"
        " ORDER BY user_warnings.id"
    ).fetchall()


def age(owner: Connection, days: int) -> None:
    """Let all warnings be so many days old."""
    owner.execute("UPDATE user_warnings SET at = at - make_interval(days => %s)", [days])


# --- warn ---


def test_a_first_warning_is_recorded_and_proposes_nothing(moderator: Bot, owner: Connection):
    answer = warned(moderator, "Pushed after a *no*")
    assert answer.text.splitlines() == [
        "## 🛡️ Warned: strike 1 of 3",
        f"<@{ALEX.id}> for: Pushed after a \\*no\\*",
        "This is a first warning: it proposes nothing.",
        "It counts for 30 days, and is listed in `/security warnings` and the audit log.",
        f"-# <@{ALEX.id}> sees it in `/settings`. Talk to them yourself, too, calmly and in private.",
    ]
    assert strikes(owner) == [(1, None, None)]
    before, after = {"standing_warnings": 0}, {"standing_warnings": 1, "strike": 1, "proposed": None}
    assert log(owner) == [(MIA.id, "warn.add", ALEX.id, before, after, "Pushed after a *no*")]


def test_the_second_and_third_within_thirty_days_propose_and_nobody_is_punished_by_a_machine(
    moderator: Bot, owner: Connection
):
    warned(moderator)
    age(owner, 29)
    second = warned(moderator)
    assert "strike 2 of 3" in second.text
    assert "proposes a **time-out** to the admins" in second.text
    assert "Without them I time out and ban nobody." in second.text
    assert "proposes a **ban** to the admins" in warned(moderator).text
    assert "strike 3 of 3" in warned(moderator).text
    assert strikes(owner) == [(1, None, None), (2, "timeout", "open"), (3, "ban", "open"), (3, "ban", "open")]


def test_a_warning_that_is_withdrawn_or_older_than_thirty_days_does_not_count(moderator: Bot, owner: Connection):
    warned(moderator)
    age(owner, 31)
    assert "strike 1 of 3" in warned(moderator).text
    moderator.tap(opened(moderator), "Withdraw")
    assert "strike 1 of 3" in warned(moderator).text
    assert [strike for strike, *_ in strikes(owner)] == [1, 1, 1]


def test_warnings_of_others_do_not_count(moderator: Bot):
    warned(moderator, user=SAM)
    assert "strike 1 of 3" in warned(moderator).text


def test_the_same_delivery_twice_warns_once_and_says_the_same(moderator: Bot, owner: Connection):
    payload = discord.command(PLACE, MIA, "security warn", {"user": ALEX, "reason": "Pushed after a no"})
    assert moderator.send(payload).text == moderator.send(payload).text
    assert (len(strikes(owner)), len(log(owner))) == (1, 1)


def test_a_person_who_never_played_can_be_warned_without_joining(moderator: Bot, owner: Connection):
    warned(moderator)
    assert owner.execute("SELECT user_id FROM users").fetchall() == [(MIA.id,)]


@pytest.mark.parametrize("reason", ["   ", "no", "x" * 301])
def test_a_warning_needs_a_reason(moderator: Bot, owner: Connection, reason: str):
    assert "`reason`" in warned(moderator, reason).text
    assert (strikes(owner), log(owner)) == ([], [])


# --- who was warned ---


def test_a_warned_member_can_read_the_reason_while_it_counts(moderator: Bot, main: Bot, owner: Connection):
    assert "warned" not in main.command("settings").text
    warned(moderator, "Pushed after a *no*")
    warned(moderator, "Rude to Ben", SAM)
    read = main.command("settings")
    assert read.is_private
    assert "**A moderator has warned you:**\n> Pushed after a \\*no\\*\n-# Each counts for 30 days." in read.text
    assert "Ben" not in read.text
    assert str(MIA.id) not in read.text
    assert "warned you" in main.tap(read, "Hide me").text
    moderator.tap(opened(moderator, ALEX), "Withdraw")
    assert "warned" not in main.command("settings").text
    warned(moderator)
    age(owner, 31)
    assert "warned" not in main.command("settings").text


def test_the_newest_three_fit_with_any_words(moderator: Bot, main: Bot):
    for number in range(4):
        warned(moderator, f"{number}{'🦊*_' * 99}")
    read = main.command("settings").text
    assert [f"> {number}" in read for number in range(4)] == [False, True, True, True]


@pytest.mark.parametrize("letter", ["a", "ж", "字", "🦊"])
def test_the_longest_reason_is_read_whole_in_any_script(moderator: Bot, admin: Bot, main: Bot, letter: str):
    reason = letter * LONGEST_REASON
    for _ in range(5):
        assert reason in warned(moderator, reason).text
    assert main.command("settings").text.count(reason) == 3
    assert opened(moderator).text.count(reason) == 5
    assert reason in admin.command("security audit").text


def test_a_reason_shows_whom_it_names_and_notifies_nobody(moderator: Bot, main: Bot):
    answer = warned(moderator, f"Rude to <@{SAM.id}>, twice")
    for each in (answer, main.command("settings"), opened(moderator)):
        assert f"Rude to <@{SAM.id}>, twice" in each.text
        assert cast("Json", each.body["data"])["allowed_mentions"] == {"parse": []}


# --- warnings ---


def test_without_warnings_it_says_so(moderator: Bot):
    assert "There are no warnings." in opened(moderator).text
    assert f"There are no warnings of <@{ALEX.id}>." in opened(moderator, ALEX).text
    assert labels(opened(moderator)) == ["Refresh"]


def test_each_warning_shows_reason_time_and_moderator(moderator: Bot, main: Bot):
    warned(moderator, "Shouted at **Sam**")
    warned(main.as_user(MAX), "Again", SAM)
    everybody = opened(moderator)
    assert "2 warnings, 2 active; page 1 of 1" in everybody.text
    assert "Shouted at \\*\\*Sam\\*\\*" in everybody.text
    assert f"by <@{MAX.id}>" in everybody.text
    own = opened(moderator, SAM)
    assert "1 warning of " in own.text
    assert "Shouted" not in own.text
    assert f"Strike 1**, active: <@{SAM.id}>" in own.text


def test_a_withdrawn_warning_stays_visible_and_its_proposal_goes(moderator: Bot, owner: Connection):
    warned(moderator)
    warned(moderator)
    page = moderator.tap(opened(moderator), "Withdraw")
    assert page.kind == UPDATE
    assert f"Withdrawn: the warning of <@{ALEX.id}>." in page.text
    assert f"Strike 2**, withdrawn by <@{MIA.id}>" in page.text
    assert "2 warnings, 1 active" in page.text
    assert strikes(owner) == [(1, None, None), (2, "timeout", "withdrawn")]
    assert log(owner)[-1][1:5] == (
        "warn.withdraw", ALEX.id, {"warning": "given", "strike": 2}, {"warning": "withdrawn"},
    )  # fmt: skip


def test_a_second_tap_says_it_is_already_withdrawn(moderator: Bot, main: Bot, owner: Connection):
    warned(moderator)
    page, others = opened(moderator), opened(main.as_user(MAX))
    moderator.tap(page, "Withdraw")
    for again in (moderator.tap(page, "Withdraw"), main.as_user(MAX).tap(others, "Withdraw")):
        assert "This warning was withdrawn before. Nothing has changed." in again.text
    assert [action for _, action, *_ in log(owner)] == ["warn.add", "warn.withdraw"]


def test_a_redelivered_decision_gets_the_same_answer(moderator: Bot, admin: Bot, owner: Connection):
    warned(moderator)
    warned(moderator)
    page = opened(admin)
    for label in ("Decide against", "Withdraw"):
        tap = discord.component(PLACE, admin.user, button(page, label))
        assert admin.send(tap).text == admin.send(tap).text
    assert [action for _, action, *_ in log(owner)][2:] == ["moderation.dismiss", "warn.withdraw"]


def test_an_expired_warning_is_still_shown(moderator: Bot, owner: Connection):
    warned(moderator)
    age(owner, 31)
    assert "1 warning, 0 active" in opened(moderator).text
    assert "Strike 1**, expired:" in opened(moderator).text


def test_many_warnings_are_paged(moderator: Bot):
    for number in range(12):
        warned(moderator, f"Reason {number}.")
    page = opened(moderator)
    assert "page 1 of 3" in page.text
    assert "Reason 11." in page.text
    page = moderator.tap(page, "Next")
    assert (page.kind, "Reason 6." in page.text, "Reason 7." in page.text) == (UPDATE, True, False)
    page = moderator.tap(page, "Next")
    assert "Reason 0." in page.text
    assert "Next" not in labels(page)
    assert "page 2 of 3" in moderator.tap(page, "Previous").text
    beyond = moderator.press(custom_ids.make("security.warnings", "next", MIA.id, 0, 99))
    assert "page 3 of 3" in beyond.text
    assert "Reason 0." in beyond.text


# --- proposals ---


def test_moderators_read_what_is_proposed_and_admins_decide(moderator: Bot, admin: Bot, owner: Connection):
    meet(owner, ALEX)
    warned(moderator)
    warned(moderator)
    assert "### For the admins to decide" in opened(moderator).text
    assert not [label for label in labels(opened(moderator)) if label.startswith("✔")]
    page = opened(admin, ALEX)
    assert f"A time-out** for <@{ALEX.id}> (Alex), proposed" in page.text
    answer = admin.tap(page, "✔")
    assert answer.kind == UPDATE
    assert "Written down: you have done it." in answer.text
    assert "### For the admins to decide" not in answer.text
    assert strikes(owner)[-1] == (2, "timeout", "done")
    assert log(owner)[-1] == (
        ADA.id, "moderation.done", ALEX.id, {"timeout": "proposed"}, {"timeout": "done"}, "",
    )  # fmt: skip
    for again in ("✔", "Decide against"):
        assert "This proposal was done before. Nothing has changed." in admin.tap(page, again).text
    assert strikes(owner)[-1] == (2, "timeout", "done")


def test_admins_may_decide_against_it(moderator: Bot, admin: Bot, owner: Connection):
    warned(moderator)
    warned(moderator)
    answer = admin.tap(opened(admin), "Decide against")
    assert "Written down: you have decided against it. The warnings of" in answer.text
    assert strikes(owner)[-1] == (2, "timeout", "dismissed")
    assert log(owner)[-1][1] == "moderation.dismiss"


def test_what_was_withdrawn_in_between_needs_no_decision(moderator: Bot, admin: Bot, owner: Connection):
    warned(moderator)
    warned(moderator)
    page = opened(admin)
    moderator.tap(opened(moderator), "Withdraw")
    assert "was withdrawn with its warning before" in admin.tap(page, "✔").text
    assert strikes(owner)[-1] == (2, "timeout", "withdrawn")


def test_more_proposals_than_fit_are_counted(moderator: Bot, admin: Bot):
    for _ in range(6):
        warned(moderator, "😀" * 75)
    page = opened(admin)
    assert "2 more proposals after these" in page.text
    assert len([label for label in labels(page) if label.startswith("✔")]) == 3


def test_warnings_of_a_deleted_member_are_gone(moderator: Bot, admin: Bot, owner: Connection):
    meet(owner, ALEX)
    warned(moderator)
    warned(moderator)
    page = opened(admin)
    owner.execute("DELETE FROM user_warnings")
    assert admin.tap(page, "Withdraw").text == GONE
    assert admin.tap(page, "✔").text == GONE
    assert "There are no warnings" in admin.tap(page, "Refresh").text


def test_a_deleted_moderator_is_shown_without_a_name(moderator: Bot, owner: Connection):
    warned(moderator)
    owner.execute("UPDATE user_warnings SET given_by = NULL")
    assert "by somebody whose data was deleted" in opened(moderator).text


# --- who may, and trouble ---


def test_what_is_about_themselves_has_no_buttons(main: Bot, owner: Connection):
    warned(main.as_user(ADA), user=MIA)
    warned(main.as_user(ADA), user=MIA)
    warned(main.as_user(MIA), user=ALEX)
    about_alex, *about_mia = [label for label in labels(opened(main.as_user(ADA))) if label.startswith("Withdraw")]
    shown = labels(opened(main.as_user(MIA)))
    assert (about_alex in shown, set(about_mia) & set(shown)) == (True, set())
    warned(main.as_user(BEN), user=ADA)
    warned(main.as_user(BEN), user=ADA)
    decisions = [label for label in labels(opened(main.as_user(ADA))) if label.startswith("✔")]
    assert (len(decisions), len(strikes(owner))) == (1, 5)


@pytest.mark.parametrize("user", [MIA, MAX, ADA, BEN])
def test_moderators_and_admins_may_warn_and_see_warnings(main: Bot, user: User):
    bot = main.as_user(user)
    warned(bot)
    assert "1 warning" in opened(bot).text


@pytest.mark.parametrize("action", ["done", "dismiss"])
def test_a_moderator_cannot_decide_for_the_admins(moderator: Bot, owner: Connection, action: str):
    warned(moderator)
    warned(moderator)
    (number,) = owner.execute("SELECT id FROM user_moderation").fetchone() or (0,)
    answer = moderator.press(custom_ids.make("security.warnings", action, MIA.id, 0, 1, number))
    assert answer.text == WHO[Access.ADMIN]
    assert strikes(owner)[-1] == (2, "timeout", "open")


@pytest.mark.parametrize("reason", ["x" * 300, "ä" * 300, "😀" * 300, "[a](https://e.org) <@1> **" * 11, "# a\n# b"])
def test_a_full_page_of_any_text_fits_and_is_escaped(moderator: Bot, admin: Bot, reason: str):
    for _ in range(6):
        warned(moderator, reason)
    page = opened(admin)
    assert "](https://" not in page.text
    assert "<@1>" not in page.text
    assert "\n# " not in page.text
