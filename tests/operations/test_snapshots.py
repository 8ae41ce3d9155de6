"""What our snapshots are called, and which of them may go."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devkit.discord_client import snowflake
from mastermind.discord.snowflakes import made_at
from mastermind.game.settings import content as time_zones
from mastermind.gateways.snapshots import Snapshot
from mastermind.operations.backup.rules import (
    AVAILABLE,
    FAILED,
    TAG,
    Kept,
    Owner,
    SnapshotKind,
    is_usable,
)
from mastermind.operations.config import SNAPSHOT_PREFIX

if TYPE_CHECKING:
    from collections.abc import Sequence

OURS = Owner("game", "game-database")
KEPT = 14
BOTH = Kept(nights=KEPT, asked=KEPT)
NEW_YORK = time_zones.zone("America/New_York")
BEGIN = datetime(2026, 1, 1, 8, tzinfo=UTC)


def night(number: int, status: str = AVAILABLE, **other: str) -> Snapshot:
    """Ours of that night, but for what is said to be other."""
    at = BEGIN + timedelta(days=number)
    fields = {"name": OURS.of_night(at, NEW_YORK), "instance": OURS.instance, "tag": OURS.stack} | other
    return Snapshot(fields["name"], fields["instance"], status, at, {TAG: fields["tag"]})


def asked(number: int) -> Snapshot:
    at = BEGIN + timedelta(days=number, hours=9)
    return Snapshot(OURS.asked_for(at), OURS.instance, AVAILABLE, at, OURS.tags)


# --- names ---


def test_a_night_is_named_after_its_day_by_the_operators_clock():
    late = datetime(2026, 11, 23, 4, 30, tzinfo=UTC)  # still the 22nd in New York
    assert OURS.of_night(late, NEW_YORK) == "game-20261122"
    assert OURS.of_night(late, time_zones.zone("Asia/Tokyo")) == "game-20261123"
    assert OURS.of_night_before(late, NEW_YORK) == "game-20261121"


@pytest.mark.parametrize("day", [date(2026, 3, 8), date(2026, 11, 1)])
def test_the_night_before_is_the_day_before_when_the_clocks_change(day: date):
    for hour in (0, 3, 23):
        at = datetime(day.year, day.month, day.day, hour, tzinfo=NEW_YORK)
        assert OURS.of_night(at, NEW_YORK) == f"game-{day:%Y%m%d}"
        assert OURS.of_night_before(at, NEW_YORK) == f"game-{day - timedelta(days=1):%Y%m%d}"


def test_one_that_is_asked_for_is_named_after_its_minute_of_which_there_is_one():
    first = datetime(2026, 11, 1, 1, 30, tzinfo=NEW_YORK)  # this minute comes twice in New York
    assert OURS.asked_for(first) == "game-manual-202611010530"
    assert OURS.asked_for(first.replace(fold=1)) == "game-manual-202611010630"


def test_an_interaction_id_holds_the_time_it_was_made():
    assert abs(made_at(snowflake(BEGIN.timestamp())) - BEGIN) < timedelta(seconds=1)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("game-20261123", SnapshotKind.NIGHT),
        ("game-manual-202611230315", SnapshotKind.ASKED),
        ("game-2026112", None),
        ("game-202611230", None),
        ("game-manual-20261123", None),
        ("game-before-the-move", None),
        ("another-game-20261123", None),
        ("game-2-20261123", None),
        ("rds:game-2026-11-23-03-00", None),
    ],
)
def test_only_what_is_called_exactly_so_is_ours(name: str, kind: SnapshotKind | None):
    assert OURS.kind(name) is kind


@pytest.mark.parametrize("name", ["mastermind", "game2", "my-game-of-2026"])
def test_a_stack_in_lower_case_can_name_snapshots(name: str):
    assert SNAPSHOT_PREFIX.fullmatch(name)


@pytest.mark.parametrize("name", ["Mastermind", "my--game", "2games", "game-", ""])
def test_another_cannot(name: str):
    assert SNAPSHOT_PREFIX.fullmatch(name) is None


# --- what is usable, and what may go ---


@pytest.mark.parametrize(("status", "there"), [("available", True), ("creating", True), ("failed", False)])
def test_a_snapshot_counts_when_it_is_available_or_being_created(status: str, there: bool):
    assert is_usable(night(0, status)) is there
    assert not is_usable(None)


def test_the_newest_nights_stay_and_older_ones_go_the_oldest_first():
    nights = [night(number) for number in range(KEPT + 3)]
    assert OURS.prunable(reversed(nights), BOTH) == tuple(nights[:3])
    assert OURS.prunable(nights[3:], BOTH) == ()


def test_nights_are_not_pushed_out_by_what_is_asked_for():
    nights, many = [night(number) for number in range(KEPT)], [asked(number) for number in range(100)]
    assert OURS.prunable([*nights, *many], BOTH) == tuple(many[:-KEPT])


@pytest.mark.parametrize(
    "foreign",
    [
        night(0, FAILED),
        night(0, "creating"),
        night(0, instance="another-database"),
        night(0, tag="another"),
        night(0, name="game-of-thrones"),
        Snapshot(night(0).name, OURS.instance, AVAILABLE, BEGIN),
    ],
)
def test_foreign_or_unavailable_snapshots_are_never_deleted_and_do_not_count(foreign: Snapshot):
    nights = [night(number) for number in range(1, KEPT + 1)]
    assert OURS.prunable([foreign, *nights], BOTH) == ()
    assert OURS.prunable([foreign, *nights, night(KEPT + 1)], BOTH) == (nights[0],)


def test_a_nightly_snapshot_of_ours_counts_as_a_night_whatever_became_of_it():
    assert OURS.nights([asked(0), night(0, tag="another")]) == ()
    assert OURS.nights([night(0, FAILED)]) == (night(0).name,)


@st.composite
def some_snapshot(draw: st.DrawFn) -> Snapshot:
    if draw(st.booleans()):
        return asked(draw(st.integers(0, 400)))
    status = draw(st.sampled_from([AVAILABLE, AVAILABLE, AVAILABLE, FAILED, "creating"]))
    instance = draw(st.sampled_from([OURS.instance, OURS.instance, "another-database"]))
    tag = draw(st.sampled_from([OURS.stack, OURS.stack, "another"]))
    return night(draw(st.integers(0, 400)), status, instance=instance, tag=tag)


@given(st.lists(some_snapshot(), max_size=150))
def test_whatever_there_is_only_ours_go_and_as_many_newer_ones_as_are_kept_stay(there: Sequence[Snapshot]):
    gone = OURS.prunable(there, BOTH)
    for one in gone:
        assert OURS.owns(one)
        assert one.status == AVAILABLE
        left = [other for other in there if other not in gone and OURS.owns(other) and other.status == AVAILABLE]
        assert sum(other.made is not None and one.made is not None and other.made >= one.made for other in left) >= KEPT
