"""What the operators are notified of, and when: each beginning at once, ends gathered while the game is down."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest

from mastermind.operations.alerts import rules
from mastermind.operations.alerts.records import Change, Down, Ends, Meanwhile, Notes, Past, Recovered, Starts
from mastermind.operations.health.rules import Outage, Status, ToDo
from mastermind.operations.runbook import Guide

AT = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
PERIOD = 5 * MINUTE
GUIDE = Guide("awards-are-late", "look")
FIRES = Change("Awards", "Awards wait.", GUIDE, is_alarm=True, was_alarm=False, at=AT)
ENDS = replace(FIRES, is_alarm=False, was_alarm=True, at=AT + 5 * MINUTE)
GAME_DOWN = replace(FIRES, alarm="Healthy", what="The game is down.", about="health")
NO_CHECK = replace(FIRES, alarm="Silent", what="The health check is silent.", about="silence")


class Operators:
    """The notes, step by step, and what is sent from them."""

    def __init__(self) -> None:
        self.notes, self.now = Notes(), AT

    def change(self, *changes: Change) -> list[rules.Alert]:
        for change in changes:
            self.now = max(self.now, change.at)
            after = rules.after_change(self.notes, change, self.now, PERIOD)
            assert after is not None, "not decided yet"
            self.notes = after
        return self.sent()

    def is_undecided(self, change: Change) -> bool:
        return rules.after_change(self.notes, change, self.now, PERIOD) is None

    def check(self, minutes: int, *failed: str, since: int | None = None, **more: Any) -> list[rules.Alert]:  # noqa: ANN401 # fields of Status
        """The health check that many minutes later: what failed in the outage since then."""
        at = AT + minutes * MINUTE
        begin = None if since is None else AT + since * MINUTE
        status = Status(at, begin, {name: f"{name} is away" for name in failed}, 0, {}, None)
        return self.status(replace(status, **more))

    def status(self, status: Status) -> list[rules.Alert]:
        self.now = max(self.now, status.at)
        self.notes = rules.after_status(self.notes, status, self.now)
        return self.sent()

    def sent(self) -> list[rules.Alert]:
        alerts = [one.alert for one in self.notes.waiting]
        self.notes = replace(self.notes, waiting=())
        return alerts


@pytest.fixture
def operators() -> Operators:
    return Operators()


def over(since: int, ended: int, *probes: str) -> dict[str, Any]:
    return {"good_in_a_row": 2, "last": Outage(AT + since * MINUTE, AT + ended * MINUTE, probes)}


# --- down ---


def test_the_first_status_of_an_outage_and_its_end_are_notified_once(operators: Operators):
    assert operators.check(0) == []
    assert operators.check(5, "database", since=5) == [Down(AT + PERIOD, {"database": "database is away"}, False)]
    assert operators.check(10, "database", since=5) == []
    expected = Recovered(AT + PERIOD, AT + 20 * MINUTE, {"database": "database is away"})
    assert operators.check(20, **over(5, 20, "database")) == [expected]
    assert operators.check(25, **over(5, 20, "database")) == []


def test_a_probe_that_newly_fails_while_the_game_is_down_is_notified_at_once(operators: Operators):
    operators.check(0, "main", since=0)
    assert operators.check(5, "main", "database", since=0) == [Down(AT, {"database": "database is away"}, True)]
    [recovery] = operators.check(15, **over(0, 15, "main", "database"))
    assert isinstance(recovery, Recovered)
    assert [*recovery.failed] == ["main", "database"]


def test_something_to_do_hides_no_outage_and_no_outage_hides_it(operators: Operators):
    to_do = {"snapshot": ToDo(AT, "27 h old")}
    [first] = operators.check(0, to_do=to_do)
    assert isinstance(first, Starts)
    assert (first.what, first.urgent) == ("Snapshot: 27 h old", False)
    [down] = operators.check(5, "database", since=5, to_do=to_do)
    assert isinstance(down, Down)
    [clock] = operators.check(10, "database", since=5, to_do={**to_do, "clock": ToDo(AT + 10 * MINUTE, "off")})
    assert isinstance(clock, Starts)


@pytest.mark.parametrize("probe", sorted(rules.NOTIFIED_BY_ALARMS))
def test_a_probe_with_alarms_of_its_own_is_not_notified_twice(operators: Operators, probe: str):
    assert operators.check(0, to_do={probe: ToDo(AT, "bad")}) == []


def test_what_is_no_longer_to_do_is_over(operators: Operators):
    operators.check(0, to_do={"snapshot": ToDo(AT, "27 h old")})
    assert operators.check(10) == [Ends("Snapshot: 27 h old", AT, AT + 10 * MINUTE)]


def test_an_older_status_changes_nothing(operators: Operators):
    operators.check(10)
    assert operators.check(5, "database", since=5) == []


def test_an_outage_whose_statuses_were_all_overtaken_is_notified_with_both_ends(operators: Operators):
    operators.check(0)
    assert operators.check(20, **over(5, 20, "main")) == [Recovered(AT + PERIOD, AT + 20 * MINUTE, {"main": ""})]


def test_an_outage_before_the_first_status_is_no_news(operators: Operators):
    assert operators.check(20, **over(5, 20, "main")) == []


def test_a_health_check_that_lost_its_state_ends_an_outage_after_two_good_checks(operators: Operators):
    operators.check(0, "main", since=0)
    assert operators.check(5, good_in_a_row=1) == []
    assert operators.check(10, good_in_a_row=2) == [Recovered(AT, AT + 10 * MINUTE, {"main": "main is away"})]


def test_a_second_outage_whose_beginning_overtook_the_end_of_the_first_ends_the_first(operators: Operators):
    operators.check(0, "main", since=0)
    end, begin = operators.check(20, "main", since=20, **over(0, 10, "main"))
    assert end == Recovered(AT, AT + 10 * MINUTE, {"main": "main is away"})
    assert begin == Down(AT + 20 * MINUTE, {"main": "main is away"}, False)


# --- alarms ---


def test_an_alarm_is_notified_at_once_with_its_end_also_while_the_game_is_down(operators: Operators):
    expected = Starts("Awards wait.", GUIDE, AT, urgent=False)
    assert operators.change(FIRES) == [expected]
    assert operators.change(ENDS) == [Ends("Awards wait.", AT, ENDS.at)]
    operators.check(10, "main", since=10)
    again = replace(FIRES, at=AT + 11 * MINUTE)
    assert operators.change(again) == [replace(expected, at=again.at)]


def test_ends_are_gathered_while_the_game_is_down(operators: Operators):
    operators.change(FIRES)
    operators.check(1, "main", since=1)
    assert operators.change(ENDS) == []
    recovered, meanwhile = operators.check(20, **over(1, 20, "main"))
    assert isinstance(recovered, Recovered)
    assert meanwhile == Meanwhile(AT + MINUTE, AT + 20 * MINUTE, (Past("Awards wait.", AT, ENDS.at),))
    assert operators.change(ENDS) == []


def test_what_begins_twice_during_an_outage_is_notified_completely(operators: Operators):
    operators.check(0, "main", since=0)
    again = replace(FIRES, at=AT + 8 * MINUTE)
    assert len(operators.change(FIRES, ENDS, again)) == 1
    _, meanwhile = operators.check(20, **over(0, 20, "main"))
    assert isinstance(meanwhile, Meanwhile)
    assert meanwhile.past == (Past("Awards wait.", AT, ENDS.at), Past("Awards wait.", again.at, None))
    end = replace(ENDS, at=AT + 30 * MINUTE)
    assert operators.change(end) == [Ends("Awards wait.", again.at, end.at)]


def test_what_comes_and_goes_many_times_during_an_outage_is_counted(operators: Operators):
    operators.check(0, "main", since=0)
    for number in range(30):
        begin = AT + (1 + 2 * number) * MINUTE
        operators.change(replace(FIRES, at=begin), replace(ENDS, at=begin + MINUTE))
    _, meanwhile = operators.check(90, **over(0, 90, "main"))
    assert isinstance(meanwhile, Meanwhile)
    assert meanwhile.past == (Past("Awards wait.", AT + MINUTE, AT + 60 * MINUTE, times=30),)
    assert len(operators.notes.troubles["Awards"].spans) == 30
    operators.change(replace(FIRES, at=AT + 95 * MINUTE))
    assert len(operators.notes.troubles["Awards"].spans) == rules.KEPT


def test_more_than_fits_into_one_message_comes_in_several(operators: Operators):
    operators.check(0, "main", since=0)
    for number in range(rules.MOST_LINES + 1):
        name = f"alarm {number}"
        operators.change(replace(FIRES, alarm=name, what=name), replace(ENDS, alarm=name))
    _, *meanwhile = operators.check(90, **over(0, 90, "main"))
    assert [len(one.past) for one in meanwhile if isinstance(one, Meanwhile)] == [rules.MOST_LINES, 1]


def test_a_change_that_overtakes_the_one_before_is_notified_once_and_in_order():
    again = replace(FIRES, at=AT + 7 * MINUTE)
    over_again = replace(ENDS, at=AT + 9 * MINUTE)
    changes = [FIRES, ENDS, again, over_again]
    for order in permutations(changes):
        if any(abs(place - changes.index(change)) > 1 for place, change in enumerate(order)):
            continue
        operators = Operators()
        sent = operators.change(*order, *order)
        assert {one for one in sent if isinstance(one, Ends)} == {
            Ends("Awards wait.", AT, ENDS.at),
            Ends("Awards wait.", again.at, over_again.at),
        }
        assert len(sent) == len(set(sent))
        for end in (one for one in sent if isinstance(one, Ends)):
            begins = [one for one in sent if isinstance(one, Starts) and one.at == end.began]
            assert all(sent.index(begin) < sent.index(end) for begin in begins)


def test_an_end_alone_is_no_news_and_neither_is_a_new_alarm_that_finds_nothing_wrong(operators: Operators):
    assert operators.change(ENDS) == []
    assert operators.change(replace(ENDS, alarm="New", was_alarm=False)) == []


def test_a_drill_shows_its_beginning_and_its_end(operators: Operators):
    for alarm in (FIRES, GAME_DOWN, NO_CHECK):
        drill = replace(alarm, drill=True, what=f"Drill: {alarm.what}")
        operators.check((drill.at - AT) // MINUTE)
        [begin] = operators.change(drill)
        assert isinstance(begin, Starts)
        end = replace(alarm, is_alarm=False, was_alarm=True, at=ENDS.at)
        assert operators.change(end) == [Ends(drill.what, AT, ENDS.at)]


# --- the two alarms of which the health check knows more ---


def test_the_alarm_on_health_adds_nothing_to_what_the_health_check_notifies_of(operators: Operators):
    operators.check(-1, "main", since=-1)
    assert operators.change(GAME_DOWN) == []
    operators.check(20, **over(-1, 20, "main"))
    assert operators.change(replace(GAME_DOWN, is_alarm=False, was_alarm=True, at=AT + 21 * MINUTE)) == []


def test_the_alarm_on_health_is_notified_when_no_status_comes(operators: Operators):
    operators.check(-1)
    assert operators.is_undecided(GAME_DOWN)
    operators.now = AT + rules.LATE * PERIOD
    [alert] = operators.change(GAME_DOWN)
    assert alert == Starts("The game is down.", GUIDE, AT, urgent=True)


def test_a_health_check_is_silent_when_no_status_has_come_for_a_period_and_a_half(operators: Operators):
    operators.check(-5)
    assert operators.is_undecided(NO_CHECK)
    operators.now = AT + 3 * MINUTE
    [alert] = operators.change(NO_CHECK)
    assert isinstance(alert, Starts)
    assert (alert.what, alert.at, alert.urgent) == ("The health check is silent.", AT - PERIOD, True)
    assert operators.check(30) == [Ends("The health check is silent.", AT - PERIOD, AT + 30 * MINUTE)]


def test_a_health_check_that_has_never_reported_is_silent_since_its_alarm(operators: Operators):
    [alert] = operators.change(NO_CHECK)
    assert isinstance(alert, Starts)
    assert alert.at == AT


def test_a_health_check_that_has_spoken_since_is_not_silent(operators: Operators):
    operators.check(4)
    assert operators.change(NO_CHECK) == []


def test_a_silence_is_notified_while_the_game_is_down(operators: Operators):
    operators.check(-9, "main", since=-9)
    assert len(operators.change(NO_CHECK)) == 1


# --- the announcements' webhook ---


def test_a_webhook_that_is_gone_is_notified_once_and_so_is_the_new_one(operators: Operators):
    for problem in ("it is gone", "it is gone", None, None):
        operators.notes = rules.after_webhook(operators.notes, AT + MINUTE, problem=problem)
        operators.now += MINUTE
    begin, end = operators.sent()
    assert isinstance(begin, Starts)
    assert isinstance(end, Ends)
    assert begin.what == "Announcements are dropped: it is gone."


# --- sending ---


def test_one_sends_at_a_time_until_its_time_is_over():
    lease = timedelta(seconds=20)
    waiting = rules.after_change(Notes(), FIRES, AT, PERIOD)
    assert waiting is not None
    mine = rules.claimed(waiting, "I", AT, lease)
    assert mine is not None
    assert rules.claimed(mine, "you", AT + lease / 2, lease) is None
    assert rules.claimed(mine, "I", AT + lease / 2, lease) is not None
    assert rules.claimed(mine, "you", AT + lease, lease) is not None
    assert rules.claimed(rules.released(mine), "you", AT, lease) is not None
    assert rules.claimed(rules.without(mine, 1), "I", AT, lease) is None
