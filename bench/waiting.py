"""How long an answer waits for its picture: `make bench-waiting`.

A local cloud answers in words; then the way is that of production: the queue, outbox, the function that draws, and an
edit of the answer. The clock starts when the answer is there.
"""

from __future__ import annotations

import tempfile
import time
from contextlib import closing, contextmanager
from pathlib import Path
from statistics import quantiles
from typing import TYPE_CHECKING, Any, cast

from rich.console import Console
from rich.table import Column, Table

from bench import pages
from devkit import discord_client as discord
from devkit.discord_client import DiscordClient, User, snowflake
from local.cloud import Cloud, Settings

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from devkit.discord_client import Value

ROUNDS, WARM_UP = 40, 3
PATIENCE = 15.0  # seconds

ASKED: Mapping[str, tuple[str, Mapping[str, Value]]] = {
    "card": ("scorecard", {}),
    "progress of 30 days": ("progress", {}),
    "progress of 365 days": ("progress", {"range": 365, "view": "state"}),
    "year": ("progress", {"view": "year"}),
}


class Quiet:
    """What the cloud says while it starts."""

    def step(self, what: str) -> None:
        pass

    def note(self, what: str) -> None:
        pass


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="mastermind-pictures-") as name:
        cloud = Cloud(Settings(Path(name), limits={"LimitOther": "1000/s:1000"}), Quiet())
        with Console().status("drawing"), started(cloud) as client:
            measured = {what: measure(cloud, client, *asked) for what, asked in ASKED.items()}
    shown = table(measured)
    Console().print(shown)
    pages.write("waiting-for-pictures", "make bench-waiting", ABOUT, shown)


ABOUT = """Seconds from an answer to its picture, one after the other, in the local cloud: its queue looks for
messages ten times a second, and everything shares this machine's processors. The first three, which
start the processes, are left out."""


@contextmanager
def started(cloud: Cloud) -> Generator[DiscordClient]:
    try:
        cloud.start()
        with closing(DiscordClient.from_endpoints(cloud.endpoints, "main")) as client:
            yield client
    finally:
        cloud.stop()


def measure(cloud: Cloud, client: DiscordClient, command: str, options: Mapping[str, Value]) -> list[float]:
    """The seconds of each round, once everything runs that is needed."""
    member = User(snowflake(), "Nova")
    asked = (discord.command(client.place, member, command, options) for _ in range(ROUNDS + WARM_UP))
    return [each for each in [seconds(cloud, client, one) for one in asked][WARM_UP:] if each]


def seconds(cloud: Cloud, client: DiscordClient, asked: dict[str, Any]) -> float | None:
    """From an answer to its picture; None if it gets none."""
    answer = client.send(asked)
    answered = time.perf_counter()
    application, token = str(client.application_id), str(asked["token"])
    cloud.discord.community.note_answer(application, token, cast("Any", answer.body)["data"])
    kept = cloud.discord.community.original(application, token)
    while not kept.edits:
        if time.perf_counter() - answered > PATIENCE:
            return None
        time.sleep(0.005)
    return time.perf_counter() - answered


def table(measured: Mapping[str, list[float]]) -> Table:
    """The middle, the 95th percentile and the longest."""
    right = [Column(name, justify="right") for name in ("pictures", "p50", "p95", "longest")]
    shown = Table("picture", *right, title=f"{ROUNDS} of each")
    for what, waited in measured.items():
        points = quantiles(waited, n=100)
        shown.add_row(what, f"{len(waited)}", *(f"{each:.2f}" for each in (points[49], points[94], max(waited))))
    return shown


if __name__ == "__main__":
    main()
