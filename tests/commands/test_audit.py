"""/security audit: the admins read who changed what, in words, with before and after."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from devkit import discord_client as discord
from devkit.discord_client import User
from mastermind.bot import custom_ids
from mastermind.game.audit import table as audit
from mastermind.game.audit.rules import ACTIONS
from tests.commands.moderating import ADA, MESSAGE, UPDATE, meet
from tests.commands.playing import ALEX, PLACE, SAM, Bot, labels, select

if TYPE_CHECKING:
    from collections.abc import Mapping

    from devkit.discord_client import Answer, Value
    from tests.conftest import Connection


@pytest.fixture
def admin(main: Bot) -> Bot:
    return main.as_user(ADA)


def opened(bot: Bot, options: Mapping[str, Value] | None = None) -> Answer:
    answer = bot.command("security audit", options)
    assert (answer.kind, answer.is_private) == (MESSAGE, True)
    return answer


def note(  # the columns of an entry
    owner: Connection,
    action: str = "xp.adjust",
    *,
    actor: int | None = ADA.id,
    subject: int | None = ALEX.id,
    before: Mapping[str, object] | None = None,
    after: Mapping[str, object] | None = None,
    reason: str = "",
) -> None:
    images = [None if image is None else json.dumps(image) for image in (before, after)]
    owner.execute(
        "INSERT INTO audit_log (actor_id, action, subject_id, before, after, reason) VALUES (%s, %s, %s, %s, %s, %s)",
        [actor, action, subject, *images, reason],
    )


def reasons(answer: Answer) -> list[str]:
    return re.findall(r"Reason: (.*)", answer.text)


# --- looking ---


def test_an_empty_audit_log_says_so(admin: Bot):
    assert opened(admin).text == "## 🧰 Audit log\nNothing is recorded yet."
    assert labels(opened(admin)) == ["Newest"]
    text = opened(admin, {"user": ALEX, "action": "xp.adjust"}).text
    assert text == (f"## 🧰 Audit log\nby or about <@{ALEX.id}>, only: Adjusted a member's XP\nNothing matches.")


def test_an_entry_says_who_did_what_to_whom_with_before_after_why_and_when(admin: Bot, owner: Connection):
    meet(owner, ALEX)
    note(owner, before={"xp": 1000, "level": 2}, after={"xp": -5, "level": 2}, reason="A *slip*")
    text = opened(admin).text
    assert f"**Adjusted a member's XP**, by <@{ADA.id}> (Ada), to <@{ALEX.id}> (Alex)\nlevel: 2\n" in text
    assert "\nxp: 1,000 → \u22125\nReason: A \\*slip\\*\n" in text
    assert re.search(r"-# <t:\d+:f>, entry \d+", text)


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        (None, {"strike": 2}, "strike: nothing → 2"),
        ({"time_zone": "UTC"}, {"time_zone": "Asia/Tokyo"}, "time zone: UTC → Asia/Tokyo"),
        ({"hidden": False}, {"hidden": True}, "hidden: no → yes"),
        ({"days": {"a": {"b": 1}}, "list": [1, 2]}, {}, "days a: 1 entry → nothing\nlist: 2 entries → nothing"),
        (
            {"day": "2026-02-03", "counts": {"approaches": 3, "numbers": 1}, "xp": 850},
            {"day": "2026-02-03", "counts": {"approaches": 5, "numbers": 1}, "xp": 1050},
            "\nday: 2026\\-02\\-03, counts numbers: 1\nxp: 850 → 1,050\ncounts approaches: 3 → 5\n",
        ),
        ({"share": 0.5}, {"share": 1}, "share: 0.5 → 1"),
        ({"text": "*a*"}, {"text": ""}, "text: \\*a\\* → nothing"),
        ({str(key): 1 for key in range(9)}, {}, "4: 1 → nothing\nand 4 more\n"),
    ],
)
def test_before_and_after_are_shown_in_words(
    admin: Bot, owner: Connection, before: Mapping[str, object] | None, after: Mapping[str, object], words: str
):
    note(owner, before=before, after=after)
    assert words in opened(admin).text


def test_an_action_on_oneself_names_the_member_once(admin: Bot, owner: Connection):
    note(owner, "settings.time_zone", actor=ALEX.id)
    assert f"**Changed their time zone**, by <@{ALEX.id}>\n" in opened(admin).text


def test_deleted_members_and_actions_of_an_older_version_are_shown_too(admin: Bot, owner: Connection):
    note(owner, "old_part.old_thing", actor=None, subject=None)
    assert "**old part: old thing**, by somebody whose data was deleted\n" in opened(admin).text


def test_what_admins_do_is_in_the_audit_log(admin: Bot):
    admin.command("security warn", {"user": ALEX, "reason": "Pushed after a no"})
    text = opened(admin).text
    assert f"**Warned a member**, by <@{ADA.id}> (Ada), to <@{ALEX.id}>\nstanding warnings: 0 → 1\n" in text
    assert "\nstrike: nothing → 1\n" in text


def test_an_action_without_a_title_cannot_be_recorded(owner: Connection):
    with pytest.raises(ValueError, match="has no words"):
        audit.write(owner, ADA.id, action="made.up")


def test_who_is_named_on_a_page_can_be_looked_at(admin: Bot, owner: Connection):
    meet(owner, ALEX)
    admin.command("security warn", {"user": ALEX, "reason": "Pushed after a no"})
    note(owner, actor=ADA.id, subject=None)
    page = opened(admin)
    assert [(each["label"], each["value"]) for each in select(page)["options"]] == [
        ("Ada", str(ADA.id)),
        ("Alex", str(ALEX.id)),
    ]
    found = admin.choose(page, str(ALEX.id))
    assert (found.kind, found.is_private) == (MESSAGE, True), "the log stays"
    assert "Pushed after a no" in found.text
    assert labels(found)[0].startswith("Withdraw ")
    assert "`/security warn` writes one down" in admin.choose(page, str(ADA.id)).text


@pytest.mark.parametrize("chosen", ["", "0", "somebody", "9" * 20, "-1"])
def test_nobody_but_a_member_can_be_looked_at(admin: Bot, chosen: str):
    look = custom_ids.make("security.warnings", "look", ADA.id)
    assert admin.send(discord.component(PLACE, ADA, look, [chosen])).status == 400


# --- filters ---


def test_entries_can_be_filtered_by_who_did_it_or_to_whom(admin: Bot, owner: Connection):
    note(owner, actor=ADA.id, subject=ALEX.id, reason="to Alex")
    note(owner, actor=ALEX.id, subject=None, reason="by Alex")
    note(owner, actor=ADA.id, subject=SAM.id, reason="to Sam")
    assert reasons(opened(admin, {"user": ALEX})) == ["by Alex", "to Alex"]
    assert reasons(opened(admin, {"user": SAM})) == ["to Sam"]


def test_entries_can_be_filtered_by_action(admin: Bot, owner: Connection):
    note(owner, "warn.add", reason="a warning")
    note(owner, "xp.adjust", reason="some XP")
    assert reasons(opened(admin, {"action": "warn.add"})) == ["a warning"]
    assert reasons(opened(admin, {"action": "warn.add", "user": SAM})) == []


def test_an_unknown_action_is_refused(admin: Bot):
    assert "`action` is one of those that are offered" in opened(admin, {"action": "whatever"}).text


@pytest.mark.parametrize(("typed", "found"), [("", len(ACTIONS)), ("WARN", 2), ("xp", 2), ("nothing such", 0)])
def test_actions_are_suggested_by_title_and_name(admin: Bot, typed: str, found: int):
    choices = admin.typing("security audit", "action", typed).choices
    assert len(choices) == min(found, 25)
    assert {choice["value"] for choice in choices} <= set(ACTIONS)


def test_a_name_in_the_select_stays_on_its_line_and_turns_nothing_around(admin: Bot, owner: Connection):
    meet(owner, User(ALEX.id, "\u202eAda\n\x1b[31m"))
    note(owner)
    assert {"label": "Ada [31m", "value": str(ALEX.id), "description": "Named 1 time"} in select(opened(admin))[
        "options"
    ]


# --- leafing ---


def test_pages_go_to_older_entries_and_back(admin: Bot, owner: Connection):
    for number in range(15):
        note(owner, reason=f"r{number}")
    page = opened(admin)
    assert reasons(page) == [f"r{number}" for number in range(14, 8, -1)]
    assert labels(page) == ["Newest", "Older"]
    page = admin.tap(page, "Older")
    assert (page.kind, reasons(page)) == (UPDATE, [f"r{number}" for number in range(8, 2, -1)])
    assert labels(page) == ["Newest", "Newer", "Older"]
    page = admin.tap(page, "Older")
    assert (reasons(page), labels(page)) == (["r2", "r1", "r0"], ["Newest", "Newer"])
    page = admin.tap(page, "Newer")
    assert reasons(page) == [f"r{number}" for number in range(8, 2, -1)]
    note(owner, reason="news")
    assert reasons(admin.tap(page, "Newer")) == [f"r{number}" for number in range(14, 8, -1)]
    assert reasons(admin.tap(page, "Newest"))[0] == "news"


def test_paging_keeps_the_filters(admin: Bot, owner: Connection):
    for number in range(9):
        note(owner, "warn.add", reason=f"r{number}")
        note(owner, "xp.adjust", reason="no")
        note(owner, "warn.add", subject=SAM.id, reason="no")
    page = admin.tap(opened(admin, {"user": ALEX, "action": "warn.add"}), "Older")
    assert reasons(page) == ["r2", "r1", "r0"]
    assert f"by or about <@{ALEX.id}>, only: Warned a member" in page.text


@pytest.mark.parametrize("sign", ["x", "*", "ä", "😀"])
def test_long_entries_take_more_pages_and_none_is_skipped(admin: Bot, owner: Connection, sign: str):
    image = {sign * 40 + str(key): sign * 90 for key in range(6)}
    for number in range(9):
        note(owner, before=image, after={}, reason=f"r{number} {sign * 300}")
    seen: list[str] = []
    page = opened(admin)
    while True:
        seen += [reason.split()[0] for reason in reasons(page)]
        if "Older" not in labels(page):
            break
        page = admin.tap(page, "Older")
    assert seen == [f"r{number}" for number in range(8, -1, -1)]
    back = [reason.split()[0] for reason in reasons(page)]
    while "Newer" in labels(page):
        page = admin.tap(page, "Newer")
        back = [reason.split()[0] for reason in reasons(page)] + back
    assert back == seen


# --- who may, and trouble ---


@pytest.mark.parametrize("arguments", [("0", "**x**", "0"), ("-", "", "0"), ("0", ""), ()])
def test_a_forged_button_is_a_bad_request(admin: Bot, arguments: tuple[str, ...]):
    custom_id = custom_ids.make("security.audit", "older", ADA.id, *arguments)
    assert admin.send(discord.component(PLACE, ADA, custom_id)).status == 400
