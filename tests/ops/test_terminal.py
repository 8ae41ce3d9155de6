"""What members and moderators wrote appears in an operator's terminal as text, never as a control sequence."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import typer
from rich.markup import escape
from rich.table import Table
from typer.testing import CliRunner

from devkit.listener import Listener, Request
from devkit.terminal import printable
from ops.command_line import print_json
from ops.commands import app
from ops.discord import fail
from ops.terminal import Console

if TYPE_CHECKING:
    from collections.abc import Iterator

TITLE, RED, TURNED = "\x1b]0;mine\x07", "\x9b31m", "\u202e"
NASTY = f"[/bold]{TITLE}{RED}{TURNED}é\n"
ENTRY: dict[str, Any] = {
    "entry_id": 7,
    "at": "2026-08-03T10:00:00+00:00",
    "action": "warning.give",
    "operator": f"arn:aws:iam::123456789012:user/{NASTY}",
    "actor_id": "1",
    "subject_id": "2",
    "reason": NASTY,
    "before": None,
    "after": {"words": NASTY},
}
LINE = {"level": NASTY, "timestamp": f"2026{NASTY}", "message": NASTY, "reason": NASTY}


STACK = b"""<DescribeStacksResponse><DescribeStacksResult><Stacks><member>
<StackName>game</StackName><CreationTime>2026-08-03T10:00:00Z</CreationTime><StackStatus>CREATE_COMPLETE</StackStatus>
</member></Stacks></DescribeStacksResult></DescribeStacksResponse>"""


class _Aws(Request):
    """Ten lines in place of Lambda and CloudWatch Logs."""

    def do_POST(self) -> None:  # noqa: N802 (the base class's name)
        if b"DescribeStacks" in self.body():
            self.answer(200, STACK)
            return
        answer = {"entries": [ENTRY]} if "/functions/" in self.path else {"events": [{"message": json.dumps(LINE)}]}
        self.answer(200, json.dumps(answer).encode())


@pytest.fixture
def aws() -> Iterator[dict[str, str]]:
    listener = Listener(_Aws, None)
    keys = {"AWS_ACCESS_KEY_ID": "none", "AWS_SECRET_ACCESS_KEY": "none", "AWS_EC2_METADATA_DISABLED": "true"}
    yield {"AWS_ENDPOINT_URL": listener.url, "AWS_REGION": "eu-central-1", "OPS_STACK": "game", **keys}
    listener.stop()


@pytest.mark.parametrize("command", [("audit",), ("audit", "--json"), ("logs", "interactions-main")])
def test_control_characters_in_members_words_are_escaped(
    aws: dict[str, str], monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
):
    for name, value in aws.items():
        monkeypatch.setenv(name, value)
    result = CliRunner().invoke(app, command)
    assert result.exit_code == 0, result.output
    assert not set("\x1b\x07\x9b\u202e") & set(result.output)
    assert "]0;mine" in result.output
    assert "é" in result.output


def test_control_characters_that_a_failure_quotes_are_escaped(capsys: pytest.CaptureFixture[str]):
    with pytest.raises(typer.Exit):
        fail(f"the entry {NASTY} is none of ours")
    assert not set("\x1b\x07\x9b\u202e") & set(capsys.readouterr().err)


def test_control_characters_in_tables_and_lines_of_the_tool_are_escaped(capsys: pytest.CaptureFixture[str]):
    """The id of a challenge and the name of a role are shown, and an attacker may have written them."""
    table = Table(escape(NASTY))
    table.add_row(escape(NASTY))
    console = Console(highlight=False)
    console.print(table)
    console.print(f"[bold]{escape(NASTY)}[/]")
    shown = capsys.readouterr().out
    assert not set("\x1b\x07\x9b\u202e") & set(shown)
    assert shown.count("]0;mine") == 3


def test_no_module_of_the_tool_writes_with_another_console():
    assert [
        path.name
        for path in Path("ops").rglob("*.py")
        if re.search(r"from rich(\.console)? import .*\b(Console|console|print)\b", path.read_text(encoding="utf-8"))
    ] == ["terminal.py"]


def test_what_is_written_out_is_still_json(capsys: pytest.CaptureFixture[str]):
    print_json(NASTY)
    assert json.loads(capsys.readouterr().out) == NASTY


def test_words_and_their_lines_stay_as_they_are():
    assert printable("Grüße,\n\tund 🦊") == "Grüße,\n\tund 🦊"
