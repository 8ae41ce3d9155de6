"""What has a line of its own beside the answers: pieces of code, each run in the environment of a function.

Between its marks (bench.play) a piece does what is counted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg

if TYPE_CHECKING:
    from typing import LiteralString

AWARDS, BATCH, WARMED_UP = 1000, 10, 20

SEND = """
import os, uuid
from mastermind import config
from mastermind.gateways import sqs
from mastermind.gateways.sqs import Queue
from mastermind.deadline import Deadline
sqs.PATIENCE = 600.0
url = config.read(config.TenseySettings, os.environ).xp_awards_queue_url
queue = Queue(url, config.read(config.AwsSettings, os.environ))
for _ in range(20):
    queue.send(str(uuid.uuid4()), Deadline.after(600))
    os.getpgrp()
os._exit(0)
"""
SEND_SDK = """
import os, uuid
import boto3
queue = boto3.client("sqs")
for _ in range(20):
    queue.send_message(QueueUrl=os.environ["XP_AWARDS_QUEUE_URL"], MessageBody=str(uuid.uuid4()))
    os.getpgrp()
os._exit(0)
"""
SEAL = """
import os
from mastermind.discord.tokens import seal
key = bytes.fromhex(os.environ["TOKEN_PUBLIC_KEY"])
for _ in range(20):
    seal("aW50ZXJhY3Rpb246" * 14, key)
    os.getpgrp()
os._exit(0)
"""
AWARD = f"""
import os, sys
from uuid import UUID
from mastermind.deadline import Deadline
from mastermind.entrypoints import resources
from mastermind.game.challenges import actions as challenges
database = resources.database()
def award(ids):
    done = database.run(lambda conn: challenges.apply_all(conn, ids), Deadline.after(600))
    assert set(done) == {{challenges.Outcome.AWARDED}}, done
with open(os.environ["AWARD_IDS"]) as file:
    ids = [UUID(line.strip()) for line in file]
for each in ids[:{WARMED_UP}]:
    award([each])
os.getpgrp()
for each in ids[{WARMED_UP}:{WARMED_UP + AWARDS}]:
    award([each])
os.getpgrp()
for first in range({WARMED_UP + AWARDS}, {WARMED_UP + 2 * AWARDS}, {BATCH}):
    award(ids[first:first + {BATCH}])
os.getpgrp()
os._exit(0)
"""

PLAYERS: LiteralString = """
INSERT INTO users (user_id, display_name, time_zone)
SELECT 800000000000000000 + member, 'Member ' || member, 'Europe/London'
FROM generate_series(1, 20) AS member
"""
DUE: LiteralString = """
INSERT INTO pending_xp_awards (user_id, challenge_id, delay)
SELECT 800000000000000000 + member, 'bench-' || challenge, 0
FROM generate_series(1, 20) AS member
CROSS JOIN generate_series(1, %s) AS challenge
RETURNING award_id
"""


def due_awards(owner_url: str) -> list[str]:
    """The ids of awards of twenty members that are due, as many as the piece applies."""
    with psycopg.connect(owner_url, autocommit=True) as conn:
        conn.execute(PLAYERS)
        return [str(award_id) for (award_id,) in conn.execute(DUE, [(WARMED_UP + 2 * AWARDS) // 20])]
