"""/privacy: what a member gets, what is asked before it is deleted, and whatever can go wrong on the way."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, cast
from uuid import UUID

import pytest

from devkit import discord_client as discord
from mastermind.deadline import Deadline
from mastermind.discord import limits
from mastermind.errors import Unavailable
from mastermind.game.challenges.actions import Outcome, apply
from mastermind.game.exports.rules import EXPORTS
from mastermind.game.privacy import rules as privacy
from mastermind.game.privacy.actions import log_ends
from mastermind.game.privacy.rules import Began, Ended
from mastermind.operations.deletion_log import ENTRY
from mastermind.parsing import parse
from tests.commands.moderating import MIA
from tests.commands.playing import ALEX, PLACE, SAM, button, labels

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from devkit.discord_client import Answer
    from devkit.json_types import Json
    from mastermind.postgres.connection import Connection as PostgresConnection
    from mastermind.postgres.database import Database
    from tests.commands.playing import Bot
    from tests.conftest import Connection


def known(owner: Connection) -> int:
    (count,) = owner.execute("SELECT count(*) FROM users").fetchone() or (0,)
    return count


def document(answer: Answer) -> Any:  # noqa: ANN401 # JSON
    [(name, body)] = answer.files.items()
    assert name.startswith("mastermind-")
    return json.loads(body)


def form(main: Bot) -> Answer:
    return main.tap(main.command("privacy delete"), "Delete everything")


def delete(main: Bot, word: str = "DELETE") -> Answer:
    return main.fill(form(main), {"word": word})


# --- export ---


def test_an_export_is_a_file_that_only_the_member_sees(main: Bot):
    answer = main.command("privacy export")
    assert answer.is_private
    assert "everything that the game keeps about you" in answer.text
    content = document(answer)
    assert content["about"]["user_id"] == str(ALEX.id)
    assert content["tables"]["users"]["rows"][0]["display_name"] == "Alex"
    assert content["tables"]["users"]["rows"][0]["user_id"] == str(ALEX.id)
    assert all(table["about"].endswith(".") for table in content["tables"].values())


def test_an_export_contains_nothing_about_others(main: Bot):
    main.as_user(SAM).command("settings", {"time-zone": "Asia/Tokyo"})
    main.command("settings", {"time-zone": "Europe/Berlin"})
    (body,) = main.command("privacy export").files.values()
    assert b"Europe/Berlin" in body
    assert not any(word in body for word in (b"Sam", b"Tokyo", str(SAM.id).encode()))


def test_an_export_is_in_the_audit_log_once_however_often_it_is_delivered(main: Bot, owner: Connection):
    asked = discord.command(PLACE, ALEX, "privacy export")
    assert main.send(asked).files
    assert main.send(asked).files
    rows = owner.execute("SELECT action, actor_id, subject_id FROM audit_log").fetchall()
    assert rows == [("privacy.export", ALEX.id, ALEX.id)]


def test_an_export_too_large_for_a_message_is_linked_for_15_minutes(main: Bot, owner: Connection):
    main.command("settings")
    fill_ledger(owner)
    answer = main.command("privacy export")
    assert answer.files == {}
    assert "works for 15 minutes" in answer.text
    [(key, body)] = main.storage.kept.items()
    assert key.startswith(EXPORTS)
    assert len(body) > limits.INLINE_FILES
    assert len(json.loads(body)["tables"]["xp_ledger"]["rows"]) == 2_000
    assert main.storage.link(key, 900, Deadline.after(1)) in answer.text
    assert main.storage.headers[key]["Content-Disposition"] == "attachment"


def test_without_storage_the_answer_is_polite(main: Bot, owner: Connection):
    main.command("settings")
    fill_ledger(owner)
    main.storage.down = True
    assert "try again in a minute" in main.command("privacy export").text


def fill_ledger(owner: Connection) -> None:
    owner.execute(
        "INSERT INTO xp_ledger (user_id, xp, kind, source, source_id, day, details)"
        " SELECT user_id, 1, 'adjustment', 'admin', n::text, '2026-11-01', '{}' FROM users, generate_series(1, 2000) n"
    )


# --- delete ---


def test_deletion_is_explained_and_confirmed_twice_before_anything_happens(main: Bot, owner: Connection):
    main.command("settings")
    asked = main.command("privacy delete")
    assert asked.is_private
    assert all(word in asked.text for word in ("Backups", "raids", "400 days", "/privacy export"))
    assert labels(asked) == ["Keep everything", "Delete everything"]
    assert main.tap(asked, "Delete everything").kind == 9
    assert known(owner) == 1
    assert main.storage.kept == {}


@pytest.mark.parametrize("word", ["", "yes", "DELETED"])
def test_another_word_deletes_nothing(main: Bot, owner: Connection, word: str):
    main.command("settings")
    assert "This deleted nothing" in delete(main, word).text
    assert (known(owner), main.storage.kept) == (1, {})


def test_keeping_says_so(main: Bot):
    answer = main.tap(main.command("privacy delete"), "Keep everything")
    assert answer.kind == 7
    assert answer.text == "Nothing was deleted. Good to have you here: `/help` shows what there is to do."


@pytest.mark.parametrize(
    "word", ["DELETE", "delete", ' "Delete." ', "\u200fDelete\u201d", "\uff24\uff25\uff2c\uff25\uff34\uff25"]
)
def test_a_member_who_confirms_twice_is_deleted_and_told_about_backups(main: Bot, owner: Connection, word: str):
    main.command("settings")
    answer = delete(main, word)
    assert answer.kind == 7
    assert "Your data is deleted" in answer.text
    assert "Backups keep it until they expire" in answer.text
    assert known(owner) == 0


def entries(main: Bot) -> list[Began | Ended]:
    return [parse(ENTRY, entry) for entry in main.storage.kept.values()]


def ended(owner: Connection) -> Any:  # noqa: ANN401 # a row
    return owner.execute("SELECT interaction_id, ended_at, logged_at IS NOT NULL FROM deletions").fetchone()


def test_the_deletion_log_holds_ids_and_the_times_of_beginning_and_end_and_nothing_else(main: Bot, owner: Connection):
    main.command("settings")
    payload = main.filled(form(main), {"word": "DELETE"})
    main.send(payload)
    began = privacy.begin(ALEX.id, int(cast("str", payload["id"])))
    key, at, is_logged = ended(owner)
    assert not is_logged, "the sweep notes it"
    assert entries(main) == [began, Ended(key, at)]
    folder = f"deletions/{began.began:%Y-%m-%d}/{payload['id']}"
    assert list(main.storage.kept) == [f"{folder}-began.json", f"{folder}-ended.json"]
    written = [set(json.loads(entry)) for entry in main.storage.kept.values()]
    assert written == [{"interaction_id", "user_id", "began"}, {"interaction_id", "ended"}]


def test_a_deletion_that_fails_has_no_end_and_trying_again_gives_it_one(main: Bot, owner: Connection):
    main.command("settings")
    payload = main.filled(form(main), {"word": "DELETE"})
    failed = replace(main, database=GoesAway(main.database)).send(payload)
    began = privacy.begin(ALEX.id, int(cast("str", payload["id"])))
    assert (known(owner), entries(main)) == (1, [began])
    assert "this was not done" in failed.text
    assert "Your data is deleted" in main.tap(failed, "Try again").text
    key, at, _ = ended(owner)
    assert (known(owner), entries(main)) == (0, [began, Ended(began.interaction_id, at)])
    assert key == began.interaction_id


class GoesAway:
    """A database that admits the deletion, and then cannot be reached."""

    def __init__(self, database: Any) -> None:  # noqa: ANN401 # whatever the bot has
        self._found: list[Any] = [database]

    def run[T](self, work: Callable[[PostgresConnection], T], deadline: Deadline) -> T:
        if not self._found:
            raise Unavailable("PostgreSQL cannot be reached")
        return self._found.pop().run(work, deadline)


def test_an_end_that_cannot_be_written_now_is_left_to_the_sweep(main: Bot, awards: Database, owner: Connection):
    main.command("settings")
    main.storage.ends_down = True
    assert "Your data is deleted" in delete(main).text
    key, at, is_logged = ended(owner)
    assert (known(owner), len(entries(main)), is_logged) == (0, 1, False)
    taken: list[Ended] = []
    assert awards.run(lambda conn: log_ends(conn, taken.append, Deadline.after(60)), Deadline.after(60)) == 1
    assert taken == [Ended(key, at)]


def test_without_the_log_nothing_is_deleted(main: Bot, owner: Connection):
    main.command("settings")
    main.storage.down = True
    assert "try again in a minute" in delete(main).text
    assert known(owner) == 1
    main.storage.down = False
    delete(main)
    assert known(owner) == 0


def test_a_repeated_delivery_does_not_delete_a_member_who_came_back(main: Bot, owner: Connection):
    main.command("settings")
    payload = main.filled(form(main), {"word": "DELETE"})
    main.send(payload)
    main.command("settings")
    assert "Your data is deleted" in main.send(payload).text
    assert known(owner) == 1
    assert len(main.storage.kept) == 2


def test_a_person_without_data_may_delete_it_and_does_not_join_by_that(main: Bot, owner: Connection):
    assert "Your data is deleted" in delete(main).text
    assert known(owner) == 0
    assert owner.execute("SELECT count(*) FROM audit_log").fetchone() == (0,)


def test_a_fourth_deletion_within_a_day_is_refused_and_writes_nothing(main: Bot, owner: Connection):
    for _ in range(3):
        main.command("settings")
        assert "Your data is deleted" in delete(main).text
    main.command("settings")
    written = dict(main.storage.kept)
    assert "you did that three times within a day. You can do it again <t:" in delete(main).text
    assert (known(owner), main.storage.kept) == (1, written)


def test_who_comes_back_is_warned_for_the_second_time(main: Bot, owner: Connection):
    moderator = main.as_user(MIA)
    main.command("settings")
    moderator.command("security warn", {"user": ALEX, "reason": "Pushed after a no"})
    delete(main)
    assert (
        "1 warning from before they had their data deleted, active too"
        in moderator.command("security warnings", {"user": ALEX}).text
    )
    moderator.command("security warn", {"user": ALEX, "reason": "Again"})
    assert owner.execute("SELECT strike, reason FROM user_warnings").fetchall() == [(2, "Again")]
    assert owner.execute("SELECT proposal FROM user_moderation").fetchall() == [("timeout",)]


def test_a_moderator_who_had_themselves_deleted_still_stands_in_the_audit_log(main: Bot, owner: Connection):
    moderator = main.as_user(MIA)
    moderator.command("security warn", {"user": ALEX, "reason": "Pushed after a no"})
    assert "until 400 days after you did it" in moderator.command("privacy delete").text
    delete(moderator)
    logged = "SELECT actor_id, subject_id FROM audit_log WHERE action = 'warn.add'"
    assert owner.execute(logged).fetchall() == [(MIA.id, ALEX.id)]


def test_nobody_deletes_somebody_else(main: Bot, owner: Connection):
    main.command("settings")
    asked = main.command("privacy delete")
    assert "belongs to the member" in main.as_user(SAM).press(button(asked, "Delete everything")).text
    stolen: Json = {**main.filled(form(main), {"word": "DELETE"}), "member": member(SAM)}
    assert "belongs to the member" in main.send(stolen).text
    assert known(owner) == 1


def member(user: discord.User) -> object:
    return discord.command(PLACE, user, "privacy")["member"]


def test_a_late_award_message_does_not_recreate_a_deleted_member(
    main: Bot, tensey: Bot, awards: Database, owner: Connection
):
    tensey.xp_delay = 0
    tensey.tap(tensey.command("tenseylist"), "Did it")
    delete(main)
    (award_id,) = tensey.queue.sent
    assert awards.run(lambda conn: apply(conn, UUID(award_id)), Deadline.after(60)) is Outcome.NOTHING
    assert known(owner) == 0
