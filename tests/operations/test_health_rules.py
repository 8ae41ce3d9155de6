"""The rules of health: down at the first bad check, well after two good ones; what each probe means; what is kept."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from mastermind.game.settings import content as time_zones
from mastermind.gateways.queues import Depth
from mastermind.gateways.snapshots import Snapshot
from mastermind.operations.health import messages, probing
from mastermind.operations.health import rules as health
from mastermind.operations.health import state as memory
from mastermind.operations.health.rules import Facts, Found, Outage, Probe, Report, State, ToDo, Walk

BEGIN = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
FIVE_MINUTES = timedelta(minutes=5)
NEW_YORK = time_zones.zone("America/New_York")
WELL = Facts(17, 17, 0, 0.0, 0, 5, 97, 0, 0)

names = st.sampled_from(health.PROBES)
checks = st.lists(st.sets(names, max_size=3), max_size=30)


def found(failing: set[str]) -> Found:
    return Found(tuple(Probe(name, name not in failing, "words") for name in health.PROBES))


def states(failing_by_check: list[set[str]]) -> list[State]:
    """The state after each check, the untouched one first."""
    made = [State()]
    for number, failing in enumerate(failing_by_check):
        made.append(health.after(made[-1], found(failing), BEGIN + number * FIVE_MINUTES))
    return made


# --- from one check to the next ---


def test_a_game_that_was_never_looked_at_counts_as_healthy():
    assert State().is_healthy


def test_the_first_bad_check_breaks_it_and_the_second_good_one_mends_it():
    _, good, bad, back, fixed = states([set(), {"database"}, set(), set()])
    assert [one.is_healthy for one in (good, bad, back, fixed)] == [True, False, False, True]
    assert (bad.since, [probe.name for probe in bad.failing]) == (BEGIN + FIVE_MINUTES, ["database"])
    assert (back.since, back.good_in_a_row) == (bad.since, 1)
    assert fixed.unrecorded == (Outage(BEGIN + FIVE_MINUTES, BEGIN + 3 * FIVE_MINUTES, ("database",)),)
    assert (fixed.failing, fixed.failed, fixed.last) == ((), {}, fixed.unrecorded[0])


def test_a_state_counts_for_a_day():
    left = State(at=BEGIN, since=BEGIN, unrecorded=(Outage(BEGIN, BEGIN, ("database",)),))
    assert health.left_for(BEGIN + timedelta(days=1), left) == left
    assert health.left_for(BEGIN + timedelta(days=1, seconds=1), left) == State()
    assert health.left_for(BEGIN, State()) == State()


def test_a_flapping_probe_is_one_outage_from_its_first_failure():
    made = states([{"main"}, set(), {"database"}, set(), {"main"}, set(), set()])
    assert [one.is_healthy for one in made[1:]] == [False] * 6 + [True]
    assert made[-1].unrecorded == (Outage(BEGIN, BEGIN + 6 * FIVE_MINUTES, ("main", "database")),)


@pytest.mark.parametrize("probe", sorted(set(health.PROBES) - health.FELT))
def test_what_no_member_feels_is_to_do_and_makes_no_outage_that_covers_streaks(probe: str):
    """A deleted webhook fills dead letters for a day, a backup is late: everybody can play."""
    *_, bad, back, over = states([*[{probe}] * 288, set(), set()])
    assert bad.is_healthy
    assert bad.to_do[probe].since == BEGIN
    assert back.to_do[probe].good_in_a_row == 1
    assert (over.to_do, over.unrecorded, over.last) == ({}, (), None)


def test_what_is_to_do_hides_no_outage_and_prolongs_none():
    forgotten = {"dead_letters"}
    made = states([forgotten, {*forgotten, "database"}, forgotten, forgotten])
    assert [one.is_healthy for one in made[1:]] == [True, False, False, True]
    assert [[*one.failed] for one in made[1:]] == [[], ["database"], ["database"], []]
    assert made[-1].to_do["dead_letters"].since == BEGIN


def test_a_probe_that_was_not_decided_changes_nothing_that_is_to_do():
    (_, bad) = states([{"ledger"}])
    assert health.after(bad, Found((Probe("database", healthy=False, words="away"),)), BEGIN + FIVE_MINUTES).to_do


@given(checks)
def test_it_is_healthy_exactly_when_no_felt_failure_is_followed_by_less_than_two_good_checks(failing: list[set[str]]):
    felt = [one & health.FELT for one in failing]
    for number, state in enumerate(states(failing)[1:], 1):
        bad = [place for place, one in enumerate(felt[:number]) if one]
        healed = not bad or any(not felt[place] and not felt[place + 1] for place in range(bad[-1] + 1, number - 1))
        # What was healed stays so until the next failure, which would be the last one.
        assert state.is_healthy == healed


@given(checks)
def test_every_outage_is_reported_once_and_none_overlaps_another(failing: list[set[str]]):
    made = states(failing)
    reported = made[-1].unrecorded
    ends = [after for before, after in pairwise(made) if after.is_healthy and not before.is_healthy]
    assert [outage.ended for outage in reported] == [state.at for state in ends]
    assert all(outage.began < outage.ended and outage.probes for outage in reported)
    assert all(first.ended <= second.began for first, second in pairwise(reported))


@given(checks)
def test_a_state_survives_being_written_down(failing: list[set[str]]):
    state = states(failing)[-1]
    kept = memory.read(memory.write(state))
    assert kept == replace(state, unrecorded=kept.unrecorded)
    assert len(memory.write(state)) <= memory.LARGEST
    assert state.unrecorded[len(state.unrecorded) - len(kept.unrecorded) :] == kept.unrecorded


def test_the_worst_state_there_can_be_still_fits_its_parameter():
    words = "x" * 5000
    outage = Outage(BEGIN, BEGIN + FIVE_MINUTES, health.PROBES)
    state = State(
        at=BEGIN,
        since=BEGIN,
        failing=tuple(Probe(name, healthy=False, words=words) for name in health.PROBES),
        failed=dict.fromkeys(health.FELT, words),
        to_do={name: ToDo(BEGIN, words) for name in set(health.PROBES) - health.FELT},
        untaken={f"{number}{'q' * 80}": BEGIN for number in range(4)},
        walk=Walk(BEGIN.date(), 10**7),
        last=outage,
        unrecorded=(outage,) * 100,
    )
    assert len(memory.write(state).encode()) <= 4096
    assert memory.read(memory.write(state)).failed.keys() == health.FELT


@pytest.mark.parametrize("text", ["[]", "null", "nonsense", '{"at": 1, "walk": 5}', '{"failing": [{"name": "main"}]}'])
def test_a_state_that_cannot_be_read_starts_again(text: str):
    assert memory.read(text) == State()


# --- the walk through the ledger ---


@pytest.mark.parametrize(
    ("at", "walk", "due"),
    [
        ("2026-11-23T07:59:00+00:00", Walk(), Walk()),  # 02:59 in New York
        ("2026-11-23T08:00:00+00:00", Walk(), Walk(date(2026, 11, 23), 0)),
        ("2026-11-23T20:00:00+00:00", Walk(date(2026, 11, 23), None), Walk(date(2026, 11, 23), None)),
        ("2026-11-23T08:05:00+00:00", Walk(date(2026, 11, 23), 500), Walk(date(2026, 11, 23), 500)),
        ("2026-11-24T07:00:00+00:00", Walk(date(2026, 11, 23), None), Walk(date(2026, 11, 23), None)),
        ("2026-11-24T08:00:00+00:00", Walk(date(2026, 11, 23), 900), Walk(date(2026, 11, 24), 0)),
    ],
)
def test_the_whole_ledger_is_walked_once_a_night_from_three_in_the_operators_morning(at: str, walk: Walk, due: Walk):
    assert health.due_walk(walk, datetime.fromisoformat(at), NEW_YORK) == due


def test_a_walk_goes_on_ends_and_stays_where_something_is_wrong():
    walk = Walk(date(2026, 11, 23), 500)
    assert health.after_walking(walk, replace(WELL, ledger_next=1000)).passed == 1000
    assert health.after_walking(walk, WELL).passed is None
    assert health.after_walking(walk, replace(WELL, drift=2, ledger_next=500)).passed == 500
    assert health.after_walking(walk, None) == walk


def test_a_sample_that_is_wrong_begins_a_walk_at_once():
    assert health.after_walking(Walk(date(2026, 11, 23), None), replace(WELL, drift=1)).passed == 0


# --- what each probe means ---


@pytest.mark.parametrize(
    ("facts", "failing"),
    [
        (WELL, set[str]()),
        (replace(WELL, migration=18), set[str]()),
        (replace(WELL, migration=16), {"database"}),
        (replace(WELL, connections=87), set[str]()),
        (replace(WELL, connections=88), {"database"}),
        (replace(WELL, overdue=3, oldest_overdue_seconds=300), set[str]()),
        (replace(WELL, overdue=3, oldest_overdue_seconds=300.5), {"awards"}),
        (replace(WELL, drift=1), {"ledger"}),
        (replace(WELL, large_objects=1), {"large_objects"}),
        (replace(WELL, outbox_waiting_seconds=300), set[str]()),
        (replace(WELL, outbox_waiting_seconds=301), {"outbox"}),
        (replace(WELL, outbox_unanswered_seconds=600), set[str]()),
        (replace(WELL, outbox_unanswered_seconds=601), {"outbox"}),
    ],
)
def test_what_the_database_answers_is_probed_by_its_facts(facts: Facts, failing: set[str]):
    probes = probing.of_facts(facts)
    assert [probe.name for probe in probes] == ["database", "awards", "ledger", "large_objects", "outbox"]
    assert {probe.name for probe in probes if not probe.healthy} == failing


@pytest.mark.parametrize(("status", "healthy"), [(401, True), (200, False), (204, False), (400, False), (502, False)])
def test_an_endpoint_is_well_when_it_refuses_a_forged_signature(status: int, healthy: bool):
    probe = probing.of_endpoint("main", status)
    assert (probe.name, probe.healthy) == ("main", healthy)
    assert healthy or str(status) in probe.words


@pytest.mark.parametrize(("status", "healthy"), [(200, True), (503, False), (401, False)])
def test_the_health_page_is_well_when_it_says_200(status: int, healthy: bool):
    assert probing.of_health(status).healthy is healthy


@pytest.mark.parametrize(("depth", "stuck"), [(Depth(0, 0), False), (Depth(3, 0), True), (Depth(3, 1), False)])
def test_messages_that_wait_while_none_is_worked_on_are_taken_by_nobody(depth: Depth, stuck: bool):
    assert probing.is_untaken(depth) is stuck


def test_a_queue_is_ill_when_nobody_has_taken_its_messages_since_the_check_before():
    first = health.after(State(), Found(untaken=("Awards",)), BEGIN)
    since = health.untaken(first, Found(untaken=("Awards", "Notices")), BEGIN + FIVE_MINUTES)
    assert since == {"Awards": BEGIN, "Notices": BEGIN + FIVE_MINUTES}
    probe = probing.of_queues(since, BEGIN + FIVE_MINUTES)
    assert (probe.healthy, probe.words) == (False, "no consumer is reading Awards")
    assert probing.of_queues({"Awards": BEGIN}, BEGIN).healthy
    taken = health.after(first, Found(), BEGIN + FIVE_MINUTES)
    assert taken.untaken == {}


def test_a_dead_letter_is_ill_even_while_somebody_looks_at_it():
    probe = probing.of_dead_letters({"Dlq": Depth(1, 2), "Other": Depth(0, 0)})
    assert (probe.healthy, probe.words) == (False, "3 in Dlq")
    assert probing.of_dead_letters({"Dlq": Depth(0, 0)}).healthy


@pytest.mark.parametrize(
    ("newest", "healthy"),
    [(None, False), (timedelta(hours=26), True), (timedelta(hours=26, seconds=1), False), (-timedelta(hours=1), True)],
)
def test_the_newest_snapshot_is_younger_than_26_hours(newest: timedelta | None, healthy: bool):
    made = None if newest is None else Snapshot("game-20261123", "db", "available", BEGIN - newest)
    assert probing.of_snapshot(made, BEGIN).healthy is healthy


def test_the_newest_snapshot_is_named_so_that_its_requester_can_see_it():
    made = Snapshot("game-manual-202611230755", "db", "available", BEGIN - timedelta(hours=3))
    assert probing.of_snapshot(made, BEGIN).words == "the newest is 3 h old: game-manual-202611230755"


@pytest.mark.parametrize(
    ("off", "healthy"), [(-6.5, False), (-5.9, True), (0, True), (2, True), (6.9, True), (7.1, False)]
)
def test_the_clock_is_right_within_5_seconds_of_when_we_were_answered(off: float, healthy: bool):
    """Date has whole seconds, and the answer took two."""
    theirs, answered = BEGIN + timedelta(seconds=off), BEGIN + timedelta(seconds=2)
    assert probing.of_clock(theirs, BEGIN, answered).healthy is healthy


# --- what is reported ---


def test_each_probe_has_its_metric_and_the_state_has_one():
    probes = (Probe("dead_letters", healthy=False, words="1 in Dlq"), Probe("main", healthy=True, words=""))
    broken = health.after(State(), Found(probes), BEGIN)
    assert health.figures(broken, probes) == {"Healthy": 1, "Checks": 1, "ProbeDeadLetters": 0, "ProbeMain": 1}


def test_a_report_says_what_was_found_and_since_when():
    probes = (Probe("main", healthy=False, words="answers 502"),)
    state = health.after(State(), Found(probes), BEGIN)
    assert health.report(state, probes, "1.0") == Report(False, BEGIN, "1.0", probes, BEGIN, 0)


def test_facts_survive_being_sent():
    facts = replace(WELL, overdue=2, oldest_overdue_seconds=1.5, ledger_next=500)
    sent = messages.write(messages.FACTS, facts)
    assert messages.FACTS.validate_python(json.loads(json.dumps(sent))) == facts
    with pytest.raises(ValidationError, match="migration"):
        messages.FACTS.validate_python(sent | {"migration": "many"})


def test_probes_are_reported_in_a_fixed_order():
    assert [probe.name for probe in health.in_order(reversed(found(set()).probes))] == list(health.PROBES)
