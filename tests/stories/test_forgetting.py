"""Being forgotten beside everything else that can happen to a member: two sessions at once, in both orders."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from mastermind.deadline import Deadline
from mastermind.errors import MemberMistake
from mastermind.game.challenges import actions as challenges
from mastermind.game.challenges.actions import Outcome
from mastermind.game.exports import actions as exports
from mastermind.game.ledger import actions as ledger
from mastermind.game.members.rules import Member, Subject
from mastermind.game.moderation import actions as moderation
from mastermind.game.privacy import actions as privacy
from mastermind.game.questions import actions as questions
from mastermind.game.raids import actions as raids
from mastermind.game.raids.rules import RaidType
from mastermind.game.settings import actions as settings
from mastermind.game.settings.actions import SettingsChange
from mastermind.postgres.errors import DatabaseError
from mastermind.postgres.sqlstates import FORGOTTEN
from tests.actors import by
from tests.award.game import BEN, DELAY
from tests.award.interleavings import SWEEP, outcome_held, stage
from tests.game.privacy.test_table import AS_ACTOR, ME, traces
from tests.stories.play import ZONE

if TYPE_CHECKING:
    from collections.abc import Generator
    from contextlib import AbstractContextManager
    from uuid import UUID

    from mastermind.game.challenges.actions import SweepReport, Ticked, Undone
    from mastermind.game.days.actions import Submitted
    from mastermind.game.privacy.rules import Ended
    from mastermind.game.raids.actions import RaidSweep
    from tests.award.game import Connection
    from tests.award.interleavings import Session, Stage
    from tests.stories.play import Play

ZEB = Member(ME, "Zebulon")
FORGET, OTHER = 1, 2
"""The ids of the two interactions that meet."""

type Scenario = Callable[[Play], None]


def forget(others: Stage) -> Session[Ended]:
    return others.start("app_main", lambda conn: privacy.delete(conn, by(Member(ME, ""), FORGET)))


def tick(conn: Connection) -> Ticked:
    return challenges.tick(conn, by(ZEB, OTHER, ZONE), "b", delay=DELAY)


def undo(award_id: UUID) -> Callable[[Connection], Undone]:
    return lambda conn: challenges.undo(conn, by(ZEB, OTHER), award_id)


def due(play: Play) -> UUID:
    award_id = play.tick(ZEB).award_id
    play.a_minute_later()
    return award_id


def swept(conn: Connection) -> SweepReport:
    return challenges.sweep(conn, Deadline.after(SWEEP))


def rewarded(conn: Connection) -> RaidSweep:
    return raids.sweep(conn, Deadline.after(SWEEP))


def won(play: Play) -> str:
    """A raid that is won, with Zebulon and Ben in it; the key of Zebulon's reward."""
    raid = raids.start(
        play.main, by(BEN, next(play.interactions), ZONE), RaidType.WARRIOR, minutes=60, target=100, tick_points=15
    ).raid
    play.submit({"approaches": 1}, member=BEN)
    play.submit({"approaches": 6}, member=ZEB)
    return f"{raid.raid_id}:{ME}"


@contextmanager
def ledger_held(play: Play, source: str, source_id: str, kind: str) -> Generator[None]:
    """Anyone who books this row waits, with all before it written, until the block ends."""
    with play.superuser() as conn, conn.transaction(force_rollback=True):
        conn.execute("SET LOCAL session_replication_role = replica")  # no triggers: the member's row stays free
        conn.execute(
            "INSERT INTO xp_ledger (user_id, xp, kind, source, source_id, day) VALUES (1, 0, %s, %s, %s, '2000-01-01')",
            [kind, source, source_id],
        )
        yield


@contextmanager
def deletion_held(play: Play) -> Generator[None]:
    """A member who is being forgotten waits, with all of theirs removed, until the block ends."""
    with play.superuser() as conn, conn.transaction(force_rollback=True):
        conn.execute("INSERT INTO deletions (interaction_id) VALUES (%s)", [FORGET])
        yield


@contextmanager
def forgotten_first[Result](play: Play, role: str, work: Callable[[Connection], Result]) -> Generator[Session[Result]]:
    """Zebulon is forgotten; what began in the meantime has waited for that."""
    with stage(play) as others:
        with deletion_held(play):
            first = forget(others)
            second = others.start(role, work)
            assert second.waits()
        first.result()
        yield second


@contextmanager
def forgotten_after[Result](
    play: Play, held: AbstractContextManager[None], role: str, work: Callable[[Connection], Result]
) -> Generator[Session[Result]]:
    """Something of Zebulon's is on its way, and being forgotten waits for it."""
    with stage(play) as others:
        with held:
            first = others.start(role, work)
            second = forget(others)
            assert second.waits()
        yield first
        second.result()


def refused[Result](session: Session[Result]) -> bool:
    with pytest.raises(DatabaseError) as refusal:
        session.result()
    return refusal.value.sqlstate == FORGOTTEN


# --- Zebulon is being forgotten, and something of theirs comes too late ---


def forget_then_tick(play: Play) -> None:
    play.tick(ZEB)
    with forgotten_first(play, "app_tensey", tick) as second:
        assert refused(second)


def forget_then_undo(play: Play) -> None:
    award_id = play.tick(ZEB).award_id
    with forgotten_first(play, "app_tensey", undo(award_id)) as second:
        assert (second.result().outcome, second.result().live) == ("gone", ())


def forget_then_award(play: Play) -> None:
    award_id = due(play)
    with stage(play) as others:
        with deletion_held(play):
            first = forget(others)
            second = others.award(award_id)
            assert second.waits()
        first.result()
        assert second.result() is Outcome.NOTHING


def forget_then_sweep(play: Play) -> None:
    due(play)
    with stage(play) as others:
        with deletion_held(play):
            first = forget(others)
            assert others.sweep().at_once().busy == 1
        first.result()
    assert swept(play.award).applied == 0


def forget_then_submit(play: Play) -> None:
    play.submit({"approaches": 1}, member=ZEB)
    with forgotten_first(
        play, "app_main", lambda conn: play.submit({"approaches": 1}, member=ZEB, conn=conn)
    ) as second:
        assert refused(second)


def forget_then_settings(play: Play) -> None:
    play.tick(ZEB)
    with forgotten_first(play, "app_main", hide) as second:
        assert refused(second)


def forget_then_export(play: Play) -> None:
    play.tick(ZEB)
    with forgotten_first(play, "app_main", lambda conn: exports.export(conn, by(ZEB, OTHER, ZONE))) as second:
        assert refused(second)


def forget_then_reward(play: Play) -> None:
    won(play)
    with stage(play) as others:
        with deletion_held(play):
            first = forget(others)
            assert others.start("app_award", rewarded).at_once().busy == 1
        first.result()
    assert rewarded(play.award).rewarded == 0


def forget_then_forget(play: Play) -> None:
    play.tick(ZEB)
    with forgotten_first(play, "app_main", lambda conn: privacy.delete(conn, by(Member(ME, ""), OTHER))) as second:
        second.result()


def forget_then_forget_by_the_same_interaction(play: Play) -> None:
    play.tick(ZEB)
    with stage(play) as others:
        with deletion_held(play):
            first, second = forget(others), forget(others)
            assert second.waits()
        first.result()
        second.result()


def forget_then_start_a_raid(play: Play) -> None:
    play.tick(ZEB)
    with forgotten_first(play, "app_main", start_a_raid) as second:
        assert refused(second)


def forget_then_ask(play: Play) -> None:
    play.tick(ZEB)
    with forgotten_first(play, "app_main", ask) as second:
        assert refused(second)


def forget_then_reset(play: Play) -> None:
    play.tick(ZEB)
    with forgotten_first(play, "app_main", reset) as second, pytest.raises(MemberMistake):
        second.result()


# --- something of Zebulon's is on its way, and then they are forgotten ---


def tick_then_forget(play: Play) -> None:
    play.tick(ZEB)
    with forgotten_after(play, outcome_held(play, OTHER), "app_tensey", tick) as first:
        assert first.result().fresh
    play.a_minute_later()
    assert challenges.apply(play.award, first.result().award_id) is Outcome.NOTHING


def undo_then_forget(play: Play) -> None:
    award_id = due(play)
    challenges.apply(play.award, award_id)
    with forgotten_after(play, outcome_held(play, OTHER), "app_tensey", undo(award_id)) as first:
        assert first.result().outcome == "reversed"


def award_then_forget(play: Play) -> None:
    award_id = due(play)
    with stage(play) as others:
        with ledger_held(play, "tensey", str(award_id), "award"):
            first = others.award(award_id)
            second = forget(others)
            assert second.waits()
        assert first.result() is Outcome.AWARDED
        second.result()


def sweep_then_forget(play: Play) -> None:
    award_id = due(play)
    with stage(play) as others:
        with ledger_held(play, "tensey", str(award_id), "award"):
            first = others.sweep()
            second = forget(others)
            assert second.waits()
        assert first.result().applied == 1
        second.result()


def submit_then_forget(play: Play) -> None:
    play.submit({"approaches": 1}, member=ZEB)

    def again(conn: Connection) -> Submitted:
        return play.submit({"approaches": 1}, member=ZEB, interaction=OTHER, conn=conn)

    with forgotten_after(play, outcome_held(play, OTHER), "app_main", again) as first:
        assert first.result().counts == {"approaches": 2}


def settings_then_forget(play: Play) -> None:
    play.tick(ZEB)
    with forgotten_after(play, outcome_held(play, OTHER), "app_main", hide) as first:
        assert first.result().hidden


def reward_then_forget(play: Play) -> None:
    reward = won(play)
    with forgotten_after(play, ledger_held(play, "raid", reward, "reward"), "app_award", rewarded) as first:
        assert first.result().rewarded == 2


def start_a_raid_then_forget(play: Play) -> None:
    play.tick(ZEB)
    with forgotten_after(play, outcome_held(play, OTHER), "app_main", start_a_raid) as first:
        assert first.result().is_new


def ask_then_forget(play: Play) -> None:
    play.tick(ZEB)
    with forgotten_after(play, outcome_held(play, OTHER), "app_main", ask) as first:
        assert first.result()


def warn_then_forget(play: Play) -> None:
    """Who was warned before is waited for: the new warning must go with the old one."""
    play.tick(ZEB)
    warn(play.main, next(play.interactions))
    with forgotten_after(play, outcome_held(play, OTHER), "app_main", warn) as first:
        assert first.result().strike == 2


def reset_then_forget(play: Play) -> None:
    play.tick(ZEB)
    with forgotten_after(play, outcome_held(play, OTHER), "app_main", reset) as first:
        assert first.result().pending == 1


def first_contact_then_forget(play: Play) -> None:
    """Nobody is there yet, so there is nobody to wait for; who comes then comes after it."""
    with stage(play) as others:
        with factions_held(play):
            first = others.start("app_main", lambda conn: settings.read(conn, by(ZEB, time_zone=ZONE)))
            forget(others).at_once()
        assert first.result()
    privacy.delete(play.main, by(Member(ME, ""), OTHER))


def forget_then_first_contact(play: Play) -> None:
    """A member who returns while they are being forgotten starts over."""
    play.tick(ZEB)
    renamed = Member(ME, "Zebulon II")
    with forgotten_first(play, "app_main", lambda conn: settings.read(conn, by(renamed, time_zone=ZONE))) as second:
        assert second.result()
    assert play.one("SELECT count(*) FROM pending_xp_awards WHERE user_id = %s", ME) == 0
    privacy.delete(play.main, by(Member(ME, ""), OTHER))


def hide(conn: Connection) -> settings.Settings:
    return settings.change(conn, by(ZEB, OTHER, ZONE), SettingsChange(hidden=True))


def start_a_raid(conn: Connection) -> raids.Started:
    return raids.start(conn, by(ZEB, OTHER, ZONE), RaidType.MAGE, minutes=60, target=100, tick_points=15)


def ask(conn: Connection) -> questions.AskedQuestion:
    return questions.ask(conn, by(ZEB, OTHER, ZONE), "How do I begin a conversation?")


def warn(conn: Connection, interaction: int = OTHER) -> moderation.Given:
    return moderation.warn(conn, by(BEN, interaction, ZONE), Subject(ME, "Zebulon"), "Zebulon was rude")


def reset(conn: Connection) -> ledger.Reset:
    return ledger.reset(conn, by(BEN, OTHER, ZONE), Subject(ME), "Asked for it")


@contextmanager
def factions_held(play: Play) -> Generator[None]:
    """Anyone who joins waits until the block ends."""
    with play.superuser() as conn, conn.transaction(force_rollback=True):
        conn.execute("SELECT FROM factions FOR UPDATE")
        yield


SCENARIOS: tuple[Scenario, ...] = (
    forget_then_tick,
    forget_then_undo,
    forget_then_award,
    forget_then_sweep,
    forget_then_submit,
    forget_then_settings,
    forget_then_export,
    forget_then_reward,
    forget_then_forget,
    forget_then_forget_by_the_same_interaction,
    forget_then_first_contact,
    forget_then_start_a_raid,
    forget_then_ask,
    forget_then_reset,
    tick_then_forget,
    undo_then_forget,
    award_then_forget,
    sweep_then_forget,
    submit_then_forget,
    settings_then_forget,
    reward_then_forget,
    first_contact_then_forget,
    start_a_raid_then_forget,
    ask_then_forget,
    warn_then_forget,
    reset_then_forget,
)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.__name__)
def test_whatever_meets_a_deletion_nothing_is_left_and_nobody_comes_back(scenario: Scenario, play: Play):
    award_id = play.tick(BEN).award_id
    play.a_minute_later()
    challenges.apply(play.award, award_id)
    before = play.balance(BEN)
    scenario(play)
    assert [one for one in traces(play.look) if one not in AS_ACTOR] == []
    assert play.look.execute("SELECT user_id FROM users").fetchall() == [(BEN.user_id,)]
    play.check()
    assert play.broken() == []
    rewards = play.one("SELECT coalesce(sum(xp), 0) FROM xp_ledger WHERE source IN ('raid', 'stats')")
    assert play.balance(BEN) == (before[0] + rewards, before[1])
