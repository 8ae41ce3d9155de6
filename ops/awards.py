"""`ops awards`: shows pending and overdue awards and dead letters; sweeps and redrives them."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from mastermind.operations.health.rules import OVERDUE
from ops import queries
from ops.target import (
    AsJson,
    RegionName,
    StackName,
    Target,
    TargetError,
    Yes,
    call_aws,
    confirm,
    find_target,
    print_json,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

SHOWN = 20
"""Awards in the printed table; --json has up to 500."""

BACK_TO = {
    "XpAwardsDlq": "XpAwards",
    "NoticesDlq": "Notices",
    "AlarmsDlq": "Alarms",
    "JobsDlq": "Jobs",
    "OutboxDueDlq": "OutboxDue",
    "OutboxResultsDlq": "OutboxResults",
}
"""The source of each dead-letter queue whose messages may be repeated.

A schedule's missed call is not: the next one follows anyway. Nor are requests to Discord and edits: nobody knows
whether they were seen (docs/rules/outbox.md, Once in effect).
"""

HIDDEN = 60
"""The visibility timeout, in seconds, of a message that is being moved."""


def awards(
    *,
    stack: StackName = None,
    region: RegionName = None,
    redrive: Annotated[bool, typer.Option("--redrive", help="Move the dead letters back into their queues.")] = False,
    sweep: Annotated[
        bool, typer.Option("--sweep", help="Apply overdue awards now instead of within the minute.")
    ] = False,
    as_json: AsJson = False,
    yes: Yes = False,
) -> None:
    """Show pending awards, overdue awards and dead letters.

    --redrive and --sweep are always safe for awards: each is applied once, however often it is delivered.
    """
    with closing(find_target(stack, region)) as target:
        try:
            _act(target, redrive=redrive, sweep=sweep, as_json=as_json, yes=yes)
            state: dict[str, Any] = {
                **target.invoke("interactions-main", {"operator": {"awards": True}}),
                "dead_letters": _dead(target),
            }
        except TargetError as error:
            typer.echo(str(error), err=True)
            raise typer.Exit(1) from None
    print_json(state) if as_json else _show(state)
    if any(state["dead_letters"].values()) or state["oldest_overdue_seconds"] > OVERDUE:
        raise typer.Exit(1)


def _dead(target: Target) -> dict[str, int]:
    return queries.dead_letters(target)


def _act(target: Target, *, redrive: bool, sweep: bool, as_json: bool, yes: bool) -> None:
    if redrive:
        full = {name: count for name, count in _dead(target).items() if count and name in BACK_TO}
        if full:
            listed = ", ".join(f"{count} of {name} to {BACK_TO[name]}" for name, count in full.items())
            confirm(f"Move {listed}, in {target}?", yes=yes)
        for name in full:
            moved = sum(1 for _ in _moved(target, name))
            typer.echo(f"{moved} moved from {name} to {BACK_TO[name]}", err=as_json)
    if sweep:
        confirm(f"Apply what is overdue now, in {target}?", yes=yes)
        done = target.invoke("xp-award", {"sweep": True})
        typer.echo(f"{done['applied']} awards applied", err=as_json)


def _moved(target: Target, name: str) -> Iterator[str]:
    """Move dead letters one by one: send to the queue, then delete here. Yields the id of each."""
    sqs, source = target.client("sqs"), queries.dead_letter_queues(target)[name]
    queue_url = target.output(f"{BACK_TO[name]}Url")
    left = _dead(target)[name]
    while left > 0 and (found := _received(sqs, source)):
        for message in found:
            extra, body = _as_it_came(message), message["Body"]
            call_aws(lambda body=body, extra=extra: sqs.send_message(QueueUrl=queue_url, MessageBody=body, **extra))
            receipt = message["ReceiptHandle"]
            call_aws(lambda receipt=receipt: sqs.delete_message(QueueUrl=source, ReceiptHandle=receipt))
            yield message["MessageId"]
        left -= len(found)


def _received(sqs: Any, source: str) -> list[Any]:  # noqa: ANN401 # a class that boto3 makes up
    found = call_aws(
        lambda: sqs.receive_message(
            QueueUrl=source,
            MaxNumberOfMessages=10,
            VisibilityTimeout=HIDDEN,
            WaitTimeSeconds=1,
            MessageAttributeNames=["All"],
            MessageSystemAttributeNames=["MessageGroupId"],
        )
    )
    return found.get("Messages", [])


def _as_it_came(message: Any) -> dict[str, Any]:  # noqa: ANN401 # as boto3 returns it
    """The parameters of SendMessage beside queue and body: attributes, and the group in a FIFO queue."""
    sent: dict[str, Any] = {}
    if attributes := message.get("MessageAttributes"):
        sent["MessageAttributes"] = attributes
    if group := message.get("Attributes", {}).get("MessageGroupId"):
        sent |= {"MessageGroupId": group, "MessageDeduplicationId": message["MessageId"]}
    return sent


def _show(state: dict[str, Any]) -> None:
    console = Console(highlight=False)
    overdue, late = state["overdue"], state["oldest_overdue_seconds"]
    console.print(
        f"{state['pending']} pending, {overdue} overdue" + (f", the oldest for {late:.0f} s" if overdue else "")
    )
    if state["awards"]:
        table = Table("award", "member", "challenge", "due", "sent", "overdue", box=None)
        for one in state["awards"][:SHOWN]:
            seconds = one["overdue_seconds"]
            shown = f"{seconds:.0f} s" if seconds > 0 else f"in {-seconds:.0f} s"
            table.add_row(
                one["award_id"],
                one["user_id"],
                one["challenge_id"],
                one["due_at"][:19],
                "yes" if one["sent"] else "no",
                shown,
            )
        console.print(table)
        if len(state["awards"]) > SHOWN:
            console.print(f"... and more: --json shows {len(state['awards'])}")
    full = [f"{count} in {name}" for name, count in state["dead_letters"].items() if count]
    console.print(f"Dead letters: {', '.join(full) or 'none'}")
