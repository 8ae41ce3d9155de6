"""Each command that acts through a function is booked as the operator's, or it is written down why it need not be."""

from __future__ import annotations

import ast
import json
from io import BytesIO
from typing import TYPE_CHECKING

import pytest
import typer.main
from botocore.response import StreamingBody

from mastermind.game.audit.rules import ACTIONS
from mastermind.operations.operator.acts import DONE_BY_THE_TOOL
from ops import awards, backup
from ops.commands import app
from ops.target import TargetError
from tests.commands.test_authority import BY_OPERATORS
from tests.ops.scripted import Scripted, scripted
from tests.project.test_laws import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from devkit.json_types import Json

BOOKED = {
    "awards": {"awards.sweep"},
    "backup": {"backup.start"},
    "export-data": {"privacy.export"},
    "init": {"backup.start"},
    "large-objects": {"database.large_objects"},
    "ledger-repair": {"ledger.repair"},
    "migrate": {"database.migrate"},
    "queue-drop": {"queue.drop"},
    "queue-redrive": {"queue.redrive"},
    "reapply-deletions": {"database.migrate", "privacy.repeat"},
    "restore": {
        *("backup.start", "database.give_up", "database.migrate", "database.restore", "database.try"),
        "privacy.repeat",
    },
    "rotate-password": {"database.migrate"},
}
"""What the audit log has of a command, with the ARN of the operator."""

IN_AWS = "it asks no function to change anything: CloudTrail has who changed the account"
IN_DISCORD = "it changes what Discord keeps, with the bot's token: Discord's own audit log has it"
LOOKS = "it only looks"
HERE = "it plays with or writes what is on this machine"
NOT_BOOKED = {
    "audit": LOOKS,
    "audit-verify": LOOKS,
    "check-content": HERE,
    "deploy": f"{IN_AWS}; CloudFormation has the migrations applied, as of every deploy",
    "docs": HERE,
    "doctor": LOOKS,
    "health": "with --check the health check looks, as it does every five minutes, also when the database is down",
    "invite": LOOKS,
    "launch-check": LOOKS,
    "ledger-show": LOOKS,
    "load": HERE,
    "logs": LOOKS,
    "outbox": LOOKS,
    "post-buttons": IN_DISCORD,
    "preflight": LOOKS,
    "queue-look": LOOKS,
    "register": IN_DISCORD,
    "remove": f"{IN_AWS}; the audit log is gone with the stack",
    "report": LOOKS,
    "restore-drill": HERE,
    "rotate-token": IN_AWS,
    "rotate-webhook": IN_AWS,
    "seed-course": "it enters the database as its owner, whom only the database knows: no function and no ARN",
    "settings": HERE,
    "smoke": "on AWS all of it is rolled back; in the local cloud it plays as a made-up member",
    "throttle": IN_AWS,
    "token": IN_AWS,
    "try-release": HERE,
}
"""Why the audit log has nothing of a command."""


def test_every_command_is_booked_or_it_is_written_down_why_not():
    assert not BOOKED.keys() & NOT_BOOKED.keys()
    assert typer.main.get_group(app).commands.keys() == BOOKED.keys() | NOT_BOOKED.keys()


def test_every_act_of_an_operator_is_that_of_a_command():
    acts = set[str]().union(*BOOKED.values())
    assert acts == BY_OPERATORS | DONE_BY_THE_TOOL | {"privacy.export"}
    assert acts <= ACTIONS.keys()


INVOKED = {
    "audit_chain.py": ["interactions-main: the links of the chain"],
    "awards.py": ["interactions-main: what waits", "xp-award: the sweep, booked before"],
    "backup.py": ["backup: a snapshot, booked before if the database answers"],
    "checks/services.py": ["pictures: a sample is drawn, and kept nowhere"],
    "deletions.py": ["migrate: no deletion, only how old the database is", "migrate: books what it repeats"],
    "large_objects.py": ["interactions-main: whose they are"],
    "ledger.py": ["interactions-main: a member's ledger", "interactions-main: whose figures differ"],
    "outbox.py": ["interactions-main: what the game says"],
    "queries.py": ["xp-award: facts", "interactions-main: what the game says", "interactions-main: the settings"],
    "records.py": ["interactions-main: the audit log"],
    "report.py": ["interactions-main: the report"],
    "restore/inside.py": ["migrate: reads every table"],
    "smoke.py": ["interactions: a rehearsal, rolled back"],
    "status.py": ["healthcheck: looks as every five minutes"],
    "target.py": ["any: the act itself, with the caller's ARN"],
}
"""Each place that invokes a function without naming its operator for the audit log: why that is enough."""

OF_OTHER_THINGS = {"function_process.py", "try_release.py"}
"""What they invoke is a process on this machine."""


def test_no_other_place_invokes_a_function():
    found = {path.relative_to(ROOT / "ops").as_posix(): invocations(path.read_text()) for path in sources()}
    places = {name: number for name, number in found.items() if number and name not in OF_OTHER_THINGS}
    assert places == {name: len(reasons) for name, reasons in INVOKED.items()}


def sources() -> Iterator[Path]:
    return (ROOT / "ops").rglob("*.py")


def invocations(source: str) -> int:
    calls = (node.func for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call))
    return sum(
        isinstance(one, ast.Attribute) and one.attr == "invoke" and ast.unparse(one.value) != "functions"
        for one in calls
    )


# --- a backup ---

KIM = "arn:aws:sts::123456789012:assumed-role/Operators/kim@example.org"
MADE: Json = {"snapshot": "game-manual-202611292240", "outcome": "begun", "pruned": []}


@pytest.fixture
def aws() -> Iterator[Scripted]:
    with scripted() as aws:
        yield aws


def known(aws: Scripted) -> None:
    identity = {"UserId": "x", "Account": "123456789012", "Arn": KIM}
    aws.answers("sts", "get_caller_identity", identity)


def booking(action: str) -> Json:
    """What interactions-main is asked."""
    after: Json = {}
    return {"operator": {"book": {"action": action, "after": after}, "by": KIM}}


def function(aws: Scripted, name: str, asked: object, answer: object) -> None:
    body = json.dumps(answer).encode()
    payload = {"Payload": StreamingBody(BytesIO(body), len(body))}
    aws.answers("lambda", "invoke", payload, FunctionName=f"game-{name}", Payload=json.dumps(asked).encode())


def test_a_backup_is_booked_before_it_is_made(aws: Scripted, capsys: pytest.CaptureFixture[str]):
    known(aws)
    function(aws, "interactions-main", booking("backup.start"), {"booked": "backup.start"})
    function(aws, "backup", {"asked": True, "by": KIM}, MADE)
    assert backup.make(aws.target) == MADE
    assert capsys.readouterr().err == ""


def test_a_database_that_is_down_keeps_nobody_from_a_backup(aws: Scripted, capsys: pytest.CaptureFixture[str]):
    known(aws)
    function(aws, "interactions-main", booking("backup.start"), {"failure": "The database cannot be reached"})
    function(aws, "backup", {"asked": True, "by": KIM}, MADE)
    assert backup.make(aws.target) == MADE
    assert capsys.readouterr().err.splitlines() == [
        "The audit log has no entry of this: The database cannot be reached",
        "It is done all the same, and the log of the function backup names you.",
    ]


def test_neither_does_an_aws_that_does_not_say_who_asks(aws: Scripted, capsys: pytest.CaptureFixture[str]):
    aws.refuses("sts", "get_caller_identity", "AccessDenied")
    function(aws, "backup", {"asked": True, "by": ""}, MADE)
    assert backup.make(aws.target) == MADE
    said = capsys.readouterr().err
    assert "The audit log has no entry of this: AWS does not accept the credentials" in said
    assert "names you" not in said


# --- what is not booked is not done ---


def test_awards_are_not_applied_unless_that_is_booked(aws: Scripted):
    known(aws)
    function(aws, "interactions-main", booking("awards.sweep"), {"failure": "The database cannot be reached"})
    with pytest.raises(TargetError, match="cannot be reached"):
        awards.apply(aws.target)
