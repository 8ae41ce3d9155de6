"""What the interaction path costs, in instructions: the same number on a busy machine and on an idle one.

Counts the instructions of a function's process with callgrind: cold (a new process to its first answer) and warm (the
difference of many answers and few). Also what one SQS message costs through our signer and through the AWS SDK.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from bench import pages
from devkit import discord_client as discord
from devkit.postgres import OWNER, Postgres, temporary
from devkit.processes import ChildProcesses
from devkit.template import Template
from local.builder import build
from local.cloud import BUILDS, EMULATOR_PYTHON, ROOT
from local.deployer import parts
from local.emulator import Emulator
from mastermind.bot.custom_ids import make
from mastermind.deadline import Deadline
from mastermind.game.challenges import content as challenges
from mastermind.operations.migrations import runner as migrations

if TYPE_CHECKING:
    from collections.abc import Mapping

    from devkit.json_types import Json

PLAY = Path(__file__).parent / "play.py"
GUILD, APPLICATION = 700_000_000_000_000_001, 700_000_000_000_000_002
MEMBER = discord.User(id=700_000_000_000_000_003)
FEW, MANY = 2, 22  # answers; the difference is twenty warm ones

SEND_OURS = """
import os, uuid
from mastermind import config
from mastermind.gateways.sqs import Queue
from mastermind.deadline import Deadline
url = config.read(config.TenseySettings, os.environ).xp_awards_queue_url
Queue(url, config.read(config.AwsSettings, os.environ)).send(str(uuid.uuid4()), Deadline.after(600))
os._exit(0)
"""
SEND_SDK = """
import os, sys, uuid
sys.path.append(os.environ["EXTRAS"])
import boto3
boto3.client("sqs").send_message(QueueUrl=os.environ["XP_AWARDS_QUEUE_URL"], MessageBody=str(uuid.uuid4()))
os._exit(0)
"""


@dataclass(frozen=True, slots=True)
class Bench:
    """The built functions with an environment to run them in."""

    folder: Path
    layer: Path
    extras: Path
    functions: Mapping[str, Path]
    environment: Mapping[str, str]
    postgres: Postgres
    private_key: bytes

    def count(self, arguments: list[str], function: str = "InteractionsTensey", **more: str) -> int:
        """Instructions of a Python process that sees only a function and the layer, as in Lambda."""
        path = f"{self.functions[function]}:{self.layer / 'python'}"
        counted = subprocess.run(
            ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", sys.executable, "-S", *arguments],
            env={**self.environment, "PYTHONPATH": path, **more},
            capture_output=True,
            text=True,
            check=False,
        )
        if counted.returncode:
            sys.exit(f"{arguments}: {counted.stdout[-2000:]}{counted.stderr[-3000:]}")
        return int(re.findall(r"Collected : (\d+)", counted.stderr)[-1])

    def answers(self, app: str, payloads: list[Json], how_many: int) -> int:
        """Instructions of a function's process that answers the first `how_many` payloads."""
        events = self.folder / "events.json"
        events.write_text(json.dumps([self._event(app, payload) for payload in payloads]))
        role = f"app_{app}"
        enter = {"DATABASE_USER": role, "DATABASE_PASSWORD": self.postgres.password(role)}
        return self.count([str(PLAY), str(events), str(how_many)], f"Interactions{app.capitalize()}", **enter)

    def _event(self, app: str, payload: Json) -> Json:
        body = json.dumps(payload)
        return {
            "httpMethod": "POST",
            "path": f"/interactions/{app}",
            "headers": discord.signed_headers(self.private_key, body.encode(), time.time()),
            "body": body,
            "isBase64Encoded": False,
            "requestContext": {"requestId": "bench"},
        }


def main() -> None:
    console = Console()
    if not shutil.which("valgrind"):
        sys.exit("valgrind is missing: install it (Debian: apt-get install valgrind), then run make bench again.")
    with tempfile.TemporaryDirectory(prefix="mastermind-bench-") as name, console.status("building") as status:
        folder = Path(name)
        folder.chmod(0o755)
        children = ChildProcesses(folder / "children")
        emulator = Emulator(folder / "emulator", EMULATOR_PYTHON, children)
        with temporary(folder / "postgres") as postgres:
            try:
                emulator.choose_address()
                emulator.start("", ())
                bench = prepare(folder, postgres, emulator)
                status.update("counting instructions")
                shown = table(measure(bench))
                console.print(shown)
                pages.write("instructions", "make bench", shown)
            finally:
                emulator.stop()
                children.close()


def prepare(folder: Path, postgres: Postgres, emulator: Emulator) -> Bench:
    """Build, migrate, make a queue."""
    import boto3

    migrations.apply(postgres.settings(OWNER), ROOT / "migrations", Deadline.after(60))
    postgres.set_role_passwords()
    builds = build(parts(Template.read(ROOT / "template.yaml"), ROOT), BUILDS)
    keys = {"AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "us-east-1", "AWS_ENDPOINT_URL": emulator.url}
    keys |= {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": emulator.secret}
    os.environ.update(keys)
    queue = boto3.client("sqs").create_queue(QueueName="awards", Attributes={"DelaySeconds": "60"})["QueueUrl"]
    private_key, settings = discord.new_private_key(), postgres.settings("app_tensey")
    environment = {
        **keys,
        "PATH": os.environ["PATH"],
        "PYTHONHASHSEED": "0",  # the same order of sets, so the same number each time
        "XP_AWARDS_QUEUE_URL": queue,
        "DISCORD_APPLICATION_ID": str(APPLICATION),
        "DISCORD_GUILD_ID": str(GUILD),
        "DISCORD_PUBLIC_KEY": discord.public_key(private_key).hex(),
        "DATABASE_HOST": settings.host,
        "DATABASE_PORT": str(settings.port),
        "DATABASE_SSLMODE": "disable",
    }
    functions = {name: each.folder for name, each in builds.items()}
    shared, extras = functions["SharedLayer"], functions["ExtrasLayer"]
    return Bench(folder, shared, extras, functions, environment, postgres, private_key)


def measure(bench: Bench) -> dict[str, int]:
    """Instructions by what was done."""
    place = discord.Place(APPLICATION, GUILD)
    pings: list[Json] = [discord.ping(place)] * MANY
    lists: list[Json] = [discord.command(place, MEMBER, "tenseylist") for _ in range(MANY)]
    ids = list(challenges.load().by_id)[:MANY]
    ticks: list[Json] = [
        discord.component(place, MEMBER, make("tenseylist", "tick", MEMBER.id, challenge, 1, 1, "all"))
        for challenge in ids
    ]
    cards: list[Json] = [discord.command(place, MEMBER, "scorecard") for _ in range(MANY)]
    helps: list[Json] = [discord.command(place, MEMBER, "help")]
    interpreter = bench.count(["-c", "pass"])
    return {
        "an empty Python process": interpreter,
        "cold PING": bench.answers("tensey", pings, 1),
        "cold /help": bench.answers("main", helps, 1),
        "cold /tenseylist": bench.answers("tensey", lists, 1),
        "cold /scorecard": bench.answers("main", cards, 1),
        "warm PING": _warm(bench, "tensey", pings),
        "warm page of /tenseylist": _warm(bench, "tensey", lists),
        "warm tick with its message": _warm(bench, "tensey", ticks),
        "warm /scorecard": _warm(bench, "main", cards),
        "one SQS message, our signer": bench.count(["-c", SEND_OURS]) - interpreter,
        "one SQS message, AWS SDK": bench.count(["-c", SEND_SDK], EXTRAS=str(bench.extras / "python")) - interpreter,
    }


def _warm(bench: Bench, app: str, payloads: list[Json]) -> int:
    # The ticks of the first run are there in the second: only fresh ones may be counted, so the few come last.
    few = bench.answers(app, payloads[-FEW:], FEW)
    return (bench.answers(app, payloads[:-FEW] + payloads[:FEW], MANY) - few) // (MANY - FEW)


def table(counted: Mapping[str, int]) -> Table:
    """Millions of instructions, and how many cold PINGs each is worth."""
    shown = Table("what", "million instructions", "cold PINGs", title="Instructions of the function's process")
    for column in shown.columns[1:]:
        column.justify = "right"
    for what, instructions in counted.items():
        shown.add_row(what, f"{instructions / 1e6:,.2f}", f"{instructions / counted['cold PING']:.3f}")
    return shown


if __name__ == "__main__":
    main()
