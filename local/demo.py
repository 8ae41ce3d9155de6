"""`make demo`: a member's story, played with signed interactions through the real queue into the real database.

It uses the running local cloud, or starts one and stops it afterwards. Each step is checked; the exit status is 0
only if every check passed.
"""

from __future__ import annotations

import contextlib
import os
import re
import time
from copy import replace
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx
import psycopg
from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console
from rich.markdown import Markdown
from rich.panel import Panel
from rich.progress import BarColumn, Progress, TextColumn

from devkit.discord_client import DiscordClient, User, snowflake
from local import endpoints, signals
from local.aws import Aws
from local.cloud import Cloud, folder
from local.run import EXPECTED, Terminal, read_settings

if TYPE_CHECKING:
    from collections.abc import Generator
    from datetime import datetime
    from typing import LiteralString
    from uuid import UUID

    from devkit.discord_client import Answer
    from devkit.json_types import Json

REWARD = 100  # XP for a challenge (docs/rules/xp.md, What earns XP)
PATIENCE = 90  # seconds that an award may be late: the sweep runs each minute
SHOWN = 12  # lines of an answer that are printed

console = Console(highlight=False)

AWARD = "SELECT award_id, status, due_at, resolved_at FROM pending_xp_awards WHERE award_id = %s"
LEVEL = "14"  # no day chooses its challenge from there, so that a tick is worth 100 XP on any date
NEWEST = "SELECT award_id FROM pending_xp_awards WHERE user_id = %s ORDER BY created_at DESC LIMIT 1"
LEDGER = "SELECT kind, count(*), sum(xp) FROM xp_ledger WHERE source_id = %s GROUP BY kind"


class BrokenError(Exception):
    """A check of the story failed."""


@dataclass(frozen=True, slots=True)
class Award:
    id: UUID
    status: str
    due_at: datetime
    resolved_at: datetime | None


class Demo:
    """The story of one member in a running local cloud."""

    def __init__(self, found: Json) -> None:
        self._found = found
        self._member = User(snowflake(), "Robin")  # a new member each time, independent of earlier demos
        self._main = DiscordClient.from_endpoints(found, "main")
        self._tensey = DiscordClient.from_endpoints(found, "tensey")
        self._aws = Aws(found["aws_endpoint_url"])

    def close(self) -> None:
        self._main.close()
        self._tensey.close()
        self._aws.close()

    def play(self) -> None:
        """The whole story; raises BrokenError at the first check that fails."""
        self._help()
        page = self._list()
        before = self._xp("Robin's scorecard before")
        page, award = self._tick(page)
        award = self._wait(award)
        self._expect_xp("Robin's scorecard now", before + REWARD, "The 100 XP have arrived")
        self._deliver_again(award, before + REWARD)
        self._undo(page, award)
        self._expect_xp("After the undo", before, "The 100 XP was taken back")

    def _help(self) -> None:
        title("Robin is new and asks for help", "/help")
        answer = self._main.command("help", user=self._member)
        show(answer)
        check(
            f"The answer is Robin's alone and came in {answer.seconds:.2f} s",
            answer.status == 200 and answer.is_private,
        )

    def _list(self) -> Answer:
        title("Robin looks for something brave to do", "/tenseylist")
        page = self._tensey.command("tenseylist", {"level": LEVEL, "show": "open"}, user=self._member)
        show(page)
        check("There are challenges to tick", bool(button(page, "tick")))
        return page

    def _tick(self, page: Answer) -> tuple[Answer, Award]:
        title("Robin has done the first one and taps its button")
        ticked = self._tensey.component(button(page, "tick"), user=self._member)
        show(ticked)
        check(f"The same message changed within {ticked.seconds:.2f} s", ticked.status == 200 and ticked.kind == 7)
        check("It counts down to +100 XP", re.search(r"\+100 XP <t:\d+:R>", ticked.text) is not None)
        award = self._award(self._one(NEWEST, self._member.id)[0])
        is_due = time.time() >= award.due_at.timestamp()  # on a busy machine we may look late
        check("The award waits in the database", award.status == "pending" or is_due)
        return ticked, award

    def _wait(self, award: Award) -> Award:
        title("The queue holds the award back: until then, an undo leaves no trace")
        seconds = max(1.0, award.due_at.timestamp() - time.time())
        bar = Progress(TextColumn("  "), BarColumn(50), TextColumn("{task.fields[left]} s"), console=console)
        with bar:
            task = bar.add_task("", total=seconds, left=f"{seconds:.0f}")
            while award.status == "pending" and time.time() < award.due_at.timestamp() + PATIENCE:
                time.sleep(0.1)
                left = max(0.0, award.due_at.timestamp() - time.time())
                bar.update(task, completed=seconds - left, left=f"{left:.0f}")
                award = self._award(award.id)
            bar.update(task, completed=seconds)
        check("The award was made", award.status == "awarded")
        late = (award.resolved_at or award.due_at).timestamp() - award.due_at.timestamp()
        check(f"Not before its time, and {late:.1f} s after it", late >= 0)
        return award

    def _deliver_again(self, award: Award, xp: int) -> None:
        title("The queue may deliver the same message twice: here it comes again")
        queue = self._found["queues"]["xp_awards"]
        self._aws.sqs.send_message(QueueUrl=queue, MessageBody=str(award.id), DelaySeconds=0)
        self._await_empty(queue)
        check("The message was taken and is gone", True)
        rows = self._rows(LEDGER, str(award.id))
        check("The ledger still has one row for it, of 100 XP", [row[1:] for row in rows] == [(1, REWARD)])
        self._expect_xp("After the second delivery", xp, "Nothing was awarded twice")

    def _await_empty(self, queue: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while self._waiting(queue):
            if time.monotonic() > deadline:
                raise BrokenError(f"The second message was not taken within {PATIENCE} seconds")
            time.sleep(0.1)

    def _waiting(self, queue: str) -> int:
        names = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")
        got = self._aws.sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["All"])["Attributes"]
        return sum(int(got.get(name, 0)) for name in names)

    def _undo(self, page: Answer, award: Award) -> None:
        title("Robin ticked the wrong one, and takes it back")
        undone = self._tensey.component(button(page, "untick"), user=self._member)
        show(undone)
        check(f"Undone within {undone.seconds:.2f} s", undone.status == 200 and undone.kind == 7)
        check("The award is reversed, and the ledger says so", self._award(award.id).status == "reversed")

    def _xp(self, when: str) -> int:
        title(when, "/scorecard")
        card = self._main.command("scorecard", user=self._member)
        show(card)
        found = re.search(r"\*\*XP:\*\* ([\d, ]+)", card.text)
        if found is None:
            raise BrokenError(f"The scorecard shows no XP: {card.status} {card.text or card.body}")
        return int(re.sub(r"\D", "", found[1]))

    def _expect_xp(self, when: str, expected: int, sentence: str) -> None:
        shown = self._xp(when)
        check(f"{sentence}: {shown} XP", shown == expected)

    def _award(self, award_id: UUID) -> Award:
        return Award(*self._one(AWARD, award_id))

    def _one(self, query: LiteralString, *values: object) -> tuple[Any, ...]:
        rows = self._rows(query, *values)
        if not rows:
            raise BrokenError("The database has no such row")
        return rows[0]

    def _rows(self, query: LiteralString, *values: object) -> list[tuple[Any, ...]]:
        """Query the database, which may be recovering from a crash."""
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                with psycopg.connect(self._found["database_url"], autocommit=True) as conn:
                    return conn.execute(query, values).fetchall()
            except psycopg.OperationalError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.2)


def button(answer: Answer, action: str) -> str:
    """The first button that does `action`, by its custom_id; empty if there is none."""
    return next((custom_id for _, custom_id in answer.buttons if custom_id.split(":")[2] == action), "")


def title(what: str, command: str = "") -> None:
    console.print()
    console.rule(f"[bold]{what}[/]" + (f"  [cyan]{command}[/]" if command else ""), align="left")


def show(answer: Answer) -> None:
    lines = answer.text.splitlines()
    # In Markdown a heading needs a blank line after it, and two spaces at the end keep a line break.
    kept = [f"{line}\n" if line.startswith("#") else f"{line}  " for line in lines[:SHOWN]]
    text = "\n".join(kept).replace("-# ", "") + ("\n…" if len(lines) > SHOWN else "")
    console.print(Panel(Markdown(text), border_style="dim", width=min(console.width, 88)))


def check(sentence: str, holds: bool) -> None:
    """Print a check; raises BrokenError if it fails."""
    console.print(f"[green]✓[/] {sentence}" if holds else f"[red]✗ {sentence}[/]")
    if not holds:
        raise BrokenError(sentence)


@contextlib.contextmanager
def running() -> Generator[Json]:
    """The endpoints of the running cloud, or of one that runs as long as this context."""
    settings, found = replace(read_settings(os.environ), sample=False), endpoints.read(folder())
    if found is not None:
        console.print(f"Playing in the local cloud that runs at {found['page_url']}")
        if os.environ.get("XP_DELAY"):
            say_whose_delay_counts(settings.xp_delay, delay_of(found))
        yield found
        return
    console.print("No local cloud is running: starting one for this demo.")
    terminal = Terminal()
    cloud = Cloud(settings, terminal)
    try:
        with signals.interruptible():
            found = cloud.start()
            terminal.done()
            yield found
    finally:
        signals.stopping = True
        terminal.broke()
        cloud.stop()


def delay_of(found: Json) -> int:
    """Seconds from a tick to its XP in a cloud that runs, as its queue says."""
    with contextlib.closing(Aws(found["aws_endpoint_url"])) as aws:
        queue = found["queues"]["xp_awards"]
        return int(aws.sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["All"])["Attributes"]["DelaySeconds"])


def say_whose_delay_counts(asked: int, counts: int) -> None:
    if asked != counts:
        console.print(
            f"[yellow]•[/] XP_DELAY={asked} has no effect: this cloud was started with {counts} seconds."
            f" To change that, stop it and start it with [bold]make run XP_DELAY={asked}[/]."
        )


def main() -> int:
    try:
        with running() as found, contextlib.closing(Demo(found)) as demo:
            demo.play()
    except (*EXPECTED, BrokenError, OSError, httpx.HTTPError, psycopg.Error, BotoCoreError, ClientError) as error:
        console.print(f"\n[bold red]A check failed:[/] {error}")
        return 1
    console.print("\n[bold green]Every check passed.[/] Nothing was lost, and nothing was awarded twice.")
    return 0
