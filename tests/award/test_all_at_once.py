"""Every pair of writes at once, from many threads, many times: no deadlock, no error, and the invariants hold."""

from __future__ import annotations

import os
import random
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from copy import replace
from typing import TYPE_CHECKING

from mastermind.deadline import Deadline
from mastermind.game.challenges import actions as challenges
from mastermind.game.members.rules import Member
from mastermind.game.today import actions as today
from tests.actors import by
from tests.award.game import ZONE, connect

if TYPE_CHECKING:
    from uuid import UUID

    from devkit.postgres import Postgres
    from mastermind.game.members.rules import Actor
    from tests.award.game import Connection, Game

SEED = int(os.environ.get("MASTERMIND_SEED", "20260801"))
SECONDS = float(os.environ.get("MASTERMIND_SECONDS", "6"))
LEAST = 20  # acts of each thread, on a machine that is slow
CHALLENGES = "abc"
MEMBERS = (1, 2)  # few, so that everybody is in everybody's way


class Crowd:
    """What the threads share: the awards that were ever made, and who is to act next."""

    def __init__(self, postgres: Postgres) -> None:
        self.postgres = postgres
        self.until = time.monotonic() + SECONDS
        self.made: list[UUID] = []

    def play(self, number: int) -> int:
        """One thread: random writes until the time is over; returns how many."""
        chance, done = random.Random(SEED + number), 0  # noqa: S311 # repeatable, not secret
        with (
            closing(connect(self.postgres, "app_tensey")) as tensey,
            closing(connect(self.postgres, "app_award")) as award,
            closing(connect(self.postgres, "app_main")) as main,
        ):
            while time.monotonic() < self.until or done < LEAST:
                done += 1
                self._act(chance, number * 1_000_000 + done, tensey, award, main)
        return done

    def _act(
        self, chance: random.Random, interaction: int, tensey: Connection, award: Connection, main: Connection
    ) -> None:
        member = Member(chance.choice(MEMBERS), chance.choice(["Ann", "Ben"]))  # names change all the time
        match chance.randrange(12):
            case 0 | 1 | 2:
                challenge = chance.choice(CHALLENGES)
                made = challenges.tick(tensey, by(member, interaction, ZONE), challenge, delay=0)
                self.made.append(made.award_id)
                challenges.note_sent(tensey, made.award_id)
            case 3 | 4 if self.made:
                challenges.undo(tensey, by(member, interaction), chance.choice(self.made[-9:]))
            case 5 if self.made:
                challenges.apply(award, chance.choice(self.made[-9:]))
            case 6:
                challenges.sweep(award, Deadline.after(60))
            case 7 | 8:
                today.do(main, by(member, interaction, ZONE), chance.choice(CHALLENGES))
            case 9:
                _take_back(main, by(member, interaction, ZONE))
            case 10:
                challenges.read(tensey, by(Member(interaction, "first contact"), time_zone=ZONE))
            case _:
                _look_after(main, member, chance)


def _take_back(main: Connection, actor: Actor) -> None:
    if award_id := today.read(main, actor).standing.award_id:
        today.undo(main, replace(actor, interaction_id=actor.interaction_id + 500_000), award_id)


def _look_after(main: Connection, member: Member, chance: random.Random) -> None:
    """What main will do to members: hide them, or correct their XP; a transaction moves ranks once, so never both."""
    if chance.random() < 0.5:
        main.execute("UPDATE users SET hidden = NOT hidden WHERE user_id = %s", [member.user_id])
        return
    with main.transaction():
        found = main.execute("SELECT FROM users WHERE user_id = %s FOR UPDATE", [member.user_id]).rowcount
        if found:
            main.execute(
                "INSERT INTO xp_ledger (user_id, xp, kind, source, source_id, day)"
                " VALUES (%s, %s, 'adjustment', 'admin', gen_random_uuid(), current_date)",
                [member.user_id, chance.randrange(-300, 300)],
            )


def test_every_pair_of_writes_at_once_neither_deadlocks_nor_breaks_an_invariant(game: Game):
    game.choose()
    before = game.deadlocks()
    crowd = Crowd(game.postgres)
    with ThreadPoolExecutor(6) as threads:
        done = sum(threads.map(crowd.play, range(1, 7)))
    print(f"seed {SEED}: {done} operations in {SECONDS:.0f} s")  # noqa: T201 # the measurement
    game.check()
    assert challenges.sweep(game.award, Deadline.after(60)).refused == ()
    game.check()
    assert game.one("SELECT count(*) FROM pending_xp_awards WHERE status = 'pending'") == 0
    assert game.deadlocks() == before
