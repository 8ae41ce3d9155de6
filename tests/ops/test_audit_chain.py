"""`ops audit-verify`: the whole chain, page by page, against the ends of days in the bucket; the doctor: its end."""

from __future__ import annotations

import io
import json
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

import pytest

from mastermind.game.sealing import actions as sealing
from mastermind.game.sealing import rules
from mastermind.game.sealing.rules import START, Head
from mastermind.operations.operator import actions as operator
from ops import audit_chain
from ops.audit_chain import FIRST, RECENT, Checked, Differs
from tests.ops.scripted import scripted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from devkit.json_types import Json
    from ops.target import Target
    from tests.conftest import Connection, Enter
    from tests.ops.scripted import Scripted

DAY = date(2026, 11, 1)


class Reached:
    """The database of this test, asked as a deployed function would be; what is sent travels as JSON."""

    def __init__(self, as_role: Enter) -> None:
        self._main = as_role("app_main")

    def invoke(self, _function: str, payload: Mapping[str, Any]) -> Json:
        asked = json.loads(json.dumps(payload))["operator"]
        return json.loads(json.dumps(operator.answer(self._main, asked, "request")))


def check(as_role: Enter, ends: Mapping[date, Head], begin: Head = FIRST) -> Checked:
    return audit_chain.check(cast("Target", Reached(as_role)), ends, begin)


def write(owner: Connection, amount: int) -> None:
    owner.execute(
        "INSERT INTO audit_log (actor_id, action, at) SELECT 7, 'raid.start', now() - interval '5 minutes'"
        " FROM generate_series(1, %s)",
        [amount],
    )


@pytest.fixture
def ends(owner: Connection, as_role: Enter) -> dict[date, Head]:
    """The ends of three days, on each of which there were three more entries."""
    taken: dict[date, Head] = {}
    for nth in range(3):
        write(owner, 3)
        owner.execute("UPDATE audit_head SET day = '2026-01-01'")
        sealing.seal(as_role("app_award"), lambda _, head, nth=nth: taken.update({DAY + timedelta(days=nth): head}))
    return taken


def test_all_pages_and_all_days_agree(
    owner: Connection, as_role: Enter, ends: Mapping[date, Head], monkeypatch: pytest.MonkeyPatch
):
    write(owner, 1)  # which no end of a day has yet
    sealing.seal(as_role("app_award"), lambda _day, _head: None)
    monkeypatch.setattr(sealing, "READ_AT_ONCE", 4)
    assert [head.position for head in ends.values()] == [3, 6, 9]
    assert check(as_role, ends) == Checked(links=10, days=3)


def test_an_empty_log_verifies(as_role: Enter):
    assert check(as_role, {}) == Checked(0, 0)


def test_entries_that_are_cut_off_at_the_end_are_missed(owner: Connection, as_role: Enter, ends: Mapping[date, Head]):
    owner.execute("DELETE FROM audit_log WHERE id IN (SELECT entry_id FROM audit_chain WHERE position > 7)")
    owner.execute("DELETE FROM audit_chain WHERE position > 7")
    with pytest.raises(Differs, match="on 2026-11-03 the log had 9 entries, and now it has 7: entry 8"):
        check(as_role, ends)


def test_a_chain_that_was_made_again_from_changed_entries_is_found_by_the_ends_of_days(
    owner: Connection, as_role: Enter, ends: Mapping[date, Head]
):
    owner.execute("DELETE FROM audit_chain")
    owner.execute("UPDATE audit_log SET actor_id = 8")
    sealing.seal(as_role("app_award"), lambda _day, _head: None)
    assert check(as_role, {}) == Checked(9, 0)
    with pytest.raises(Differs, match="link 3 is another than was written down on 2026-11-01"):
        check(as_role, ends)


def test_the_first_entry_that_differs_is_named(owner: Connection, as_role: Enter, ends: Mapping[date, Head]):
    owner.execute(
        "UPDATE audit_log SET reason = 'x' WHERE id IN (SELECT entry_id FROM audit_chain WHERE position IN (5, 7))"
    )
    ((fifth,),) = owner.execute("SELECT entry_id FROM audit_chain WHERE position = 5").fetchall()
    with pytest.raises(Differs, match=f"entry {fifth} has another subject"):
        check(as_role, ends)


def test_after_a_restore_days_from_before_it_can_be_left_out(
    owner: Connection, as_role: Enter, ends: Mapping[date, Head]
):
    owner.execute("DELETE FROM audit_log WHERE id IN (SELECT entry_id FROM audit_chain WHERE position > 7)")
    owner.execute("DELETE FROM audit_chain WHERE position > 7")
    assert check(as_role, {day: head for day, head in ends.items() if head.position < 7}) == Checked(7, 2)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("2999-01-01", "is the end of a day that has not come"),
        ("2026-13-45", "is no end of a day"),
        ("\x1b[2J", "is no end of a day"),
    ],
)
def test_what_is_not_written_down_on_a_day_does_not_pass_for_its_end(bucket: Scripted, name: str, words: str):
    lists(bucket, f"audit/{name}.json")
    reads(bucket, f"audit/{name}.json", Head(1, "00"))
    with pytest.raises(Differs, match=words):
        audit_chain.written_down(bucket.target, date.min)


# --- the doctor ---


def test_entries_behind_an_end_are_compared_without_those_before_it(
    owner: Connection, as_role: Enter, ends: dict[date, Head]
):
    owner.execute("UPDATE audit_log SET reason = 'x' WHERE id = (SELECT entry_id FROM audit_chain WHERE position = 2)")
    begin, later = ends[DAY], {day: head for day, head in ends.items() if day > DAY}
    assert check(as_role, later, begin) == Checked(links=6, days=2)
    with pytest.raises(Differs, match="has another subject"):
        check(as_role, ends)


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (b"UPDATE audit_log SET actor_id = 8 WHERE id = (SELECT max(id) FROM audit_log)", "names another actor"),
        (b"DELETE FROM audit_log WHERE id = (SELECT max(id) FROM audit_log)", "is gone"),
        (b"DELETE FROM audit_chain WHERE position > 3", "on 2026-11-02 the log had 6 entries, and now it has 3: entry"),
        (b"DELETE FROM audit_chain", "on 2026-11-02 the log had 6 entries, and now it has 3: entry 4"),
    ],
)
def test_what_somebody_did_to_the_newest_entries_is_found(
    owner: Connection, as_role: Enter, ends: dict[date, Head], fault: bytes, words: str
):
    begin = ends.pop(DAY)
    owner.execute(fault)
    with pytest.raises(Differs, match=words):
        check(as_role, ends, begin)


def test_of_a_long_log_only_the_last_ends_are_read(bucket: Scripted):
    """However many there are: a week, and the one to begin at."""
    heads = {DAY + timedelta(days=nth): Head(nth + 1, START) for nth in range(20)}
    lists(bucket, *map(rules.key, heads))
    read = list(reversed(heads))[: RECENT + 1]
    for day in read:
        reads(bucket, rules.key(day), heads[day])
    begin, ends = audit_chain.newest(bucket.target)
    assert (begin, list(ends)) == (heads[read[-1]], read[:-1])


def test_where_nothing_was_sealed_for_days_the_end_before_them_is_the_one_to_begin_at(bucket: Scripted):
    heads = {DAY: Head(1, START)} | {DAY + timedelta(days=nth + 1): Head(2, START) for nth in range(RECENT + 5)}
    lists(bucket, *map(rules.key, heads))
    for day, head in reversed(heads.items()):
        reads(bucket, rules.key(day), head)
    begin, ends = audit_chain.newest(bucket.target)
    assert (begin, len(ends)) == (heads[DAY], RECENT + 5)


def test_a_young_log_is_looked_at_from_its_first_entry(bucket: Scripted):
    lists(bucket, rules.key(DAY))
    reads(bucket, rules.key(DAY), Head(4, START))
    assert audit_chain.newest(bucket.target) == (FIRST, {DAY: Head(4, START)})


@pytest.fixture
def bucket() -> Iterator[Scripted]:
    """The account of a stack that has a bucket."""
    made = {"StackName": "game", "CreationTime": datetime.now(UTC), "StackStatus": "CREATE_COMPLETE"}
    outputs = [{"OutputKey": "ExportBucketName", "OutputValue": "bucket"}]
    with scripted() as account:
        account.answers(
            "cloudformation", "describe_stacks", {"Stacks": [{**made, "Outputs": outputs}]}, StackName="game"
        )
        yield account


def lists(bucket: Scripted, *keys: str) -> None:
    contents = [{"Key": key} for key in keys]
    bucket.answers("s3", "list_objects_v2", {"Contents": contents}, Bucket="bucket", Prefix="audit/")


def reads(bucket: Scripted, key: str, head: Head) -> None:
    bucket.answers("s3", "get_object", {"Body": io.BytesIO(rules.write(head))}, Bucket="bucket", Key=key)
