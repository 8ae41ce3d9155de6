"""The audit log is sealed entry by entry: whatever is changed later is found out, and forgetting is no change."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, LiteralString

import pytest

from mastermind.game.members.rules import Member
from mastermind.game.privacy import actions as privacy
from mastermind.game.sealing import actions as sealing
from mastermind.game.sealing.rules import START, Head
from mastermind.postgres.pruning import prune
from tests.actors import by
from tests.waiting import wait_for

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from mastermind.postgres.connection import Connection as Entered
    from tests.conftest import Connection, Enter

ADA, SAM, KIM = 101, 102, 103

ENTRIES = """
INSERT INTO audit_log (actor_id, action, subject_id, before, after, reason, at) VALUES
    (101, 'xp.adjust', 102, '{"xp": 5}', '{"xp": 1000005, "of": 0.30}', 'oh "Sam" 🎉', now() - interval '9 minutes'),
    (102, 'stats.undo', 102, '{"xp": 7}', NULL, '', now() - interval '8 minutes'),
    (101, 'raid.start', NULL, NULL, '{}', '', now() - interval '7 minutes'),
    (101, 'warn.add', 103, NULL, '{"strike": 1}', 'rude', now() - interval '6 minutes');
INSERT INTO audit_log (operator, invocation, action, subject_id, at)
VALUES ('arn:aws:iam::123456789012:user/kim', 'r', 'privacy.export', 103, now() - interval '5 minutes');
INSERT INTO users (user_id, display_name, time_zone) VALUES (101, 'Ada', 'UTC'), (102, 'Sam', 'UTC');
"""


@pytest.fixture
def sealed(owner: Connection, as_role: Enter) -> Connection:
    """Five sealed entries; the owner's connection."""
    owner.run_script(ENTRIES)
    assert seal(as_role("app_award")) == 5
    return owner


def seal(award: Entered, write: Callable[[date, Head], None] = lambda _day, _head: None) -> int:
    return sealing.seal(award, write)


def verified(as_role: Enter) -> tuple[int, str]:
    """How many entries are as they were sealed, and how the next one differs."""
    links, differs = sealing.verify(as_role("app_main"), Head(0, START), 0)
    return len(links), differs


def entry(owner: Connection, nth: int) -> int:
    return owner.execute("SELECT id FROM audit_log ORDER BY id OFFSET %s LIMIT 1", [nth - 1]).fetchall()[0][0]


@pytest.mark.usefixtures("sealed")
def test_untouched_entries_verify_from_the_start_and_from_any_link(as_role: Enter):
    assert verified(as_role) == (5, "")
    main = as_role("app_main")
    links, _ = sealing.verify(main, Head(0, START), 0)
    third = links[2]
    rest, differs = sealing.verify(main, Head(third.position, third.link), third.entry_id)
    assert (rest, differs) == (links[3:], "")


def test_an_entry_is_sealed_once_and_when_it_is_a_minute_old(sealed: Connection, as_role: Enter):
    sealed.execute("INSERT INTO audit_log (actor_id, action) VALUES (1, 'raid.cancel')")
    award = as_role("app_award")
    assert seal(award) == 0
    sealed.execute("UPDATE audit_log SET at = at - interval '61 s' WHERE action = 'raid.cancel'")
    assert [seal(award), seal(award)] == [1, 0]
    assert verified(as_role) == (6, "")


def test_what_comes_after_a_young_entry_waits_for_it(owner: Connection, as_role: Enter):
    """Its id is the smaller one, though its transaction ended later."""
    owner.execute("INSERT INTO audit_log (actor_id, action) VALUES (1, 'raid.cancel')")
    owner.run_script(ENTRIES)
    assert seal(as_role("app_award")) == 0


CHANGES = {
    "actor_id = 7": "names another actor",
    "actor_id = NULL": "names another actor",
    "subject_id = 7": "another subject",
    "subject_id = NULL, before = NULL, after = NULL, reason = ''": "another subject",
    """after = '{"xp": 6, "of": 0.30}'""": "another subject, before, after or reason",
    """after = '{"xp": 1000005, "of": 0.3}'""": "another subject, before, after or reason",
    "reason = 'thanks'": "another subject, before, after or reason",
    "action = 'xp.adjusted'": "is not the one that was sealed here",
    "at = at - interval '1 microsecond'": "is not the one that was sealed here",
    "actor_id = NULL, operator = 'arn', invocation = 'r'": "names another actor",
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_entry_is_named(sealed: Connection, as_role: Enter, change: str):
    changed = entry(sealed, 1)
    sealed.run_script(f"UPDATE audit_log SET {change} WHERE id = {changed}")  # noqa: S608 # our own words
    sound, differs = verified(as_role)
    assert (sound, differs.startswith(f"entry {changed} "), CHANGES[change] in differs) == (0, True, True), differs


def test_an_entry_that_is_gone_is_named(sealed: Connection, as_role: Enter):
    gone = entry(sealed, 3)
    sealed.execute("DELETE FROM audit_log WHERE id = %s", [gone])
    assert verified(as_role) == (2, f"entry {gone} is gone")


def test_an_entry_that_is_gone_with_its_link_is_missed(sealed: Connection, as_role: Enter):
    gone = entry(sealed, 3)
    sealed.execute("DELETE FROM audit_log WHERE id = %s", [gone])
    sealed.execute("DELETE FROM audit_chain WHERE entry_id = %s", [gone])
    assert verified(as_role) == (2, "link 3 of the chain is gone")


def test_closing_the_gap_does_not_help(sealed: Connection, as_role: Enter):
    gone, fourth = entry(sealed, 3), entry(sealed, 4)
    sealed.execute("DELETE FROM audit_log WHERE id = %s", [gone])
    sealed.execute("DELETE FROM audit_chain WHERE entry_id = %s", [gone])
    sealed.execute("UPDATE audit_chain SET position = position - 1 WHERE position > 3")
    sound, differs = verified(as_role)
    assert (sound, f"entry {fourth} is not the one" in differs) == (2, True)


def test_two_entries_that_change_places_are_found(sealed: Connection, as_role: Enter):
    second, third = entry(sealed, 2), entry(sealed, 3)
    sealed.execute(
        "UPDATE audit_log AS one SET (at, actor_id, action, subject_id, before, after, reason) ="
        " (SELECT at, actor_id, action, subject_id, before, after, reason FROM audit_log AS other"
        " WHERE other.id = %s + %s - one.id) WHERE one.id IN (%s, %s)",
        [second, third, second, third],
    )
    sound, differs = verified(as_role)
    assert (sound, differs.startswith(f"entry {second} ")) == (1, True)


def test_two_links_that_change_places_are_found(sealed: Connection, as_role: Enter):
    for was, becomes in ((2, 100), (3, 2), (100, 3)):
        sealed.execute("UPDATE audit_chain SET position = %s WHERE position = %s", [becomes, was])
    assert verified(as_role)[0] == 1


def test_an_entry_that_is_added_between_others_is_found(owner: Connection, as_role: Enter):
    owner.run_script(ENTRIES)
    between = entry(owner, 3)
    owner.execute("DELETE FROM audit_log WHERE id = %s", [between])  # ids have gaps: a transaction was rolled back
    seal(as_role("app_award"))
    assert verified(as_role) == (4, "")
    owner.execute(
        "INSERT INTO audit_log (id, actor_id, action) OVERRIDING SYSTEM VALUE VALUES (%s, 7, 'raid.cancel')", [between]
    )
    sound, differs = verified(as_role)
    assert (sound, f"entry {between} is not in the chain" in differs) == (2, True)


def test_forgetting_a_member_breaks_nothing_and_leaves_neither_field_nor_salt(sealed: Connection, as_role: Enter):
    privacy.delete(as_role("app_main"), by(Member(SAM, ""), 9))
    assert verified(as_role) == (5, "")
    salts = sealed.execute("SELECT actor_salt IS NULL, about_salt IS NULL FROM audit_chain ORDER BY position")
    assert salts.fetchall() == [(False, True), (True, True), *[(False, False)] * 3]


def test_forgetting_an_admin_breaks_nothing_when_their_id_goes_either(sealed: Connection, as_role: Enter):
    privacy.delete(as_role("app_main"), by(Member(ADA, ""), 9))
    assert verified(as_role) == (5, "")
    sealed.execute("UPDATE audit_log SET actor_until = now() WHERE actor_until IS NOT NULL")
    assert prune(as_role("app_award")) == {"audit_log": 3}
    assert verified(as_role) == (5, "")
    salts = sealed.execute("SELECT count(*) FROM audit_chain WHERE actor_salt IS NULL")
    assert salts.fetchall() == [(3,)]


def test_an_entry_that_was_forgotten_before_it_was_sealed_verifies(owner: Connection, as_role: Enter):
    owner.run_script(ENTRIES)
    privacy.delete(as_role("app_main"), by(Member(SAM, ""), 9))
    assert seal(as_role("app_award")) == 5
    assert verified(as_role) == (5, "")


DELETE = "SELECT delete_member(102)"
SEAL = "SELECT added FROM extend_audit_chain(10)"


@pytest.mark.parametrize(("first", "second"), [(DELETE, SEAL), (SEAL, DELETE)])
def test_sealing_and_forgetting_at_once_leave_neither_a_wrong_seal_nor_a_salt(
    owner: Connection, as_role: Enter, first: LiteralString, second: LiteralString
):
    owner.run_script(ENTRIES)
    role_of: dict[str, str] = {DELETE: "app_main", SEAL: "app_award"}
    earlier, later = as_role(role_of[first]), as_role(role_of[second])
    with ThreadPoolExecutor(1) as threads:
        with earlier.transaction():
            earlier.execute(first)
            waiting = threads.submit(later.execute, second)
            await_lock(owner)
        waiting.result()
    assert verified(as_role) == (5, "")
    assert owner.execute("SELECT count(*) FROM audit_log WHERE subject_id = 102").fetchall() == [(0,)]


def await_lock(owner: Connection) -> None:
    """Until somebody waits for a lock."""
    wait_for(lambda: owner.execute("SELECT FROM pg_locks WHERE NOT granted").rowcount)


def test_words_that_come_back_after_forgetting_are_found(sealed: Connection, as_role: Enter):
    privacy.delete(as_role("app_main"), by(Member(SAM, ""), 9))
    first = entry(sealed, 1)
    sealed.execute("UPDATE audit_log SET reason = 'another' WHERE id = %s", [first])
    sound, differs = verified(as_role)
    assert (sound, f"entry {first} has another subject" in differs) == (0, True)


@pytest.mark.parametrize("day", ["2026-01-01", "1970-01-01"])
def test_the_end_is_written_down_once_a_day(sealed: Connection, as_role: Enter, day: str):
    written: list[Head] = []
    sealed.execute("UPDATE audit_head SET day = %s", [day])
    for _ in range(2):
        seal(as_role("app_award"), lambda _day, head: written.append(head))
    ends = sealed.execute("SELECT position, encode(link, 'hex') FROM audit_chain ORDER BY position DESC LIMIT 1")
    assert [(head.position, head.link) for head in written] == ends.fetchall()


def test_an_end_that_cannot_be_written_down_is_tried_again(sealed: Connection, as_role: Enter):
    sealed.execute("UPDATE audit_head SET day = '2026-01-01'")

    def away(_day: date, _head: Head) -> None:
        raise OSError("S3 is away")

    with pytest.raises(OSError, match="S3 is away"):
        seal(as_role("app_award"), away)
    written: list[Head] = []
    seal(as_role("app_award"), lambda _day, head: written.append(head))
    assert len(written) == 1
