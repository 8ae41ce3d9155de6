"""IAM's answer to all that functions ask of AWS, here and in the files before; and whether they need all their rights.

The calls are those that the emulator wrote down, the policies are those of the deployed stack.
"""

from __future__ import annotations

import json
import re
from contextlib import closing
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from functools import partial
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from devkit.discord_client import User, command, snowflake
from devkit.discord_server.trouble import limited
from devkit.template import Template
from local.alarms import Evaluation, message
from local.aws import ACCOUNT, REGION
from local.cloud import STACK
from mastermind.discord.permissions import ADMINISTRATOR
from mastermind.operations.report import notices
from mastermind.operations.report.notices import Told
from mastermind.pictures import figures
from tests.cloud.playing import Game, announcements
from tests.cloud.running import PATIENCE
from tests.cloud.test_backup import call, delete_themselves
from tests.cloud.test_outbox import hand_over, said, send_edit, token_key
from tests.iam.policies import Call, Grant, Policies, calls_of, read
from tests.pictures.samples import REPORT
from tests.waiting import wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator

    from local.cloud import Cloud

ROOT = Path(__file__).parents[2]
TEMPLATE = Template.read(ROOT / "template.yaml")
NAMES = {name: text.replace("${AWS::StackName}", STACK) for name, text in TEMPLATE.function_names().items()}
INSIDE = {
    NAMES[name]: "VpcConfig" in one["Properties"] for name, one in TEMPLATE.resources("AWS::Serverless::Function")
}

TABLE = "## Granted and never called"

type Row = tuple[str, str, str]


@pytest.fixture(scope="module")
def policies(cloud: Cloud) -> Policies:
    return read(cloud.emulator, STACK, INSIDE)


@pytest.fixture(scope="module")
def calls(cloud: Cloud, policies: Policies) -> list[Call]:
    """What has been asked of AWS, when each function has done each of its duties.

    Without queues that do not exist: earlier tests set such names on purpose, and what sends there fails by itself.
    """
    with closing(Game(cloud)) as game:
        play(game)
    operate(cloud)
    return [one for one in calls_of(cloud.emulator) if one.service != "sqs" or one.resource in policies.of_resources]


def play(game: Game) -> None:
    """What members do that needs AWS."""
    member = User(snowflake(), "Robin of the Many")
    for client, name in ((game.main, "leaderboard"), (game.tensey, "tenseyleaderboard")):
        assert "You matter here" in client.command(name, {"period": "i want to die"}, user=game.newcomer()).text
    for xp in (500, 1000):
        for _ in range(5):
            game.tick(member)
        wait_for(partial(game.has_swept_to, member, xp), PATIENCE)
    wait_for(lambda: bool(announcements(game, member)), PATIENCE)
    game.fill_ledger(member)
    link = game.main.command("privacy export", user=member).text.partition("(<")[2].partition(">)")[0]
    assert httpx.get(link, trust_env=False, timeout=60).status_code == 200
    admin = User(snowflake(), "Ada", ADMINISTRATOR)
    game.main.send(command(game.main.place, admin, "security backup"))
    game.main.command("start-raid", {"type": "mage"}, user=admin)
    delete_themselves(game.cloud, member)
    game.rows("UPDATE deletions SET logged_at = NULL RETURNING 1")  # as if S3 had been away
    game.rows("UPDATE audit_log SET at = at - interval '2 minutes' RETURNING 1")  # old enough to be sealed
    game.sweep()


def operate(cloud: Cloud) -> None:
    """What schedules and alarms do that needs AWS."""
    made = call(cloud, "backup", {"night": True})["snapshot"]
    cloud.emulator.ask("POST", "/_local/snapshots", body=json.dumps({made: "failed"}).encode())
    call(cloud, "backup", {"night": True})
    call(cloud, "healthcheck", {"check": True})
    cloud.webhooks.answer_next("alerts", 404)
    alarm: Any = {"AlarmName": "Any", "AlarmDescription": "Any fires.", "MetricName": "Any", "StateValue": "OK"}
    fired = message(alarm, Evaluation("ALARM", "Threshold Crossed"), datetime.now(UTC), REGION, ACCOUNT)
    cloud.aws.sns.publish(TopicArn=cloud.deployer.outputs(cloud.aws)["AlarmTopicArn"], Message=fired)
    write_to_discord(cloud)
    tell_leaders(cloud)
    late = {"sns:Publish", "rds:CreateDBSnapshot"}
    wait_for(lambda: late <= {one.action for one in calls_of(cloud.emulator)}, PATIENCE)
    wait_for(lambda: any(one.resource.endswith("webhooks/admins") for one in calls_of(cloud.emulator)), PATIENCE)
    wait_for(lambda: any("-manual-" in one.resource for one in calls_of(cloud.emulator)), PATIENCE)
    cloud.runner.refresh()  # a process leaves a webhook that is gone alone for a while


def tell_leaders(cloud: Cloud) -> None:
    """The report of a week comes with a picture."""
    told = notices.write(Told("The week", figures.write(REPORT)))
    cloud.aws.sqs.send_message(QueueUrl=cloud.endpoints["queues"]["notices"], MessageBody=told)
    drawing = ("mastermind-notify", "lambda:InvokeFunction", f"function:{STACK}-pictures")
    wait_for(
        lambda: drawing in {(one.function, one.action, last(one.resource)) for one in calls_of(cloud.emulator)},
        PATIENCE,
    )


def last(resource: str) -> str:
    """Its kind and name."""
    return ":".join(resource.split(":")[-2:])


def write_to_discord(cloud: Cloud) -> None:
    """A request and an edit that have to wait first."""
    cloud.discord.script.add(limited(1), of="/channels/")
    hand_over(cloud, said("Robin has done 10 challenges"))
    send_edit(cloud, "a-token-whose-answer-is-not-there-yet", token_key(cloud))
    hidden = {cloud.endpoints["queues"][name].rpartition("/")[2] for name in ("hand_overs", "edits")}
    wait_for(lambda: hidden <= set(_hidden(cloud)), PATIENCE)
    answers = ("mastermind-outbox", "sqs:SendMessage")
    wait_for(lambda: answers in {(one.function, one.action) for one in calls_of(cloud.emulator)}, PATIENCE)


def _hidden(cloud: Cloud) -> Iterator[str]:
    """The queues of which messages were hidden."""
    for one in calls_of(cloud.emulator):
        if one.action == "sqs:ChangeMessageVisibility":
            yield one.resource.rpartition(":")[2]


def test_every_call_is_allowed_by_the_role_the_resource_and_the_way_there(policies: Policies, calls: list[Call]):
    assert policies.denied(calls) == []


def test_every_right_is_used_or_explained(policies: Policies, calls: list[Call]):
    """docs/rules/reach.md, Granted and never called: for each row there is such a right, and for each right a row."""
    idle, rows = policies.unused(calls), list(explained())
    assert [grant for grant in idle if not any(covers(row, grant) for row in rows)] == []
    assert [row for row in rows if not any(covers(row, grant) for grant in idle)] == []


def covers(row: Row, grant: Grant) -> bool:
    """No row is about an endpoint: it grants just what its functions use."""
    pairs = zip((grant.who, grant.action, grant.resource), row, strict=True)
    return not grant.through and all(fnmatchcase(text, pattern) for text, pattern in pairs)


def explained() -> Iterator[Row]:
    text = (ROOT / "docs" / "rules" / "reach.md").read_text(encoding="utf-8")
    for line in text.partition(TABLE)[2].partition("\n## ")[0].splitlines():
        cells = [re.findall(r"`([^`]+)`", cell) for cell in line.split("|")[1:4]]
        if all(cells) and cells:
            who, actions, resources = cells
            yield from product([f"{STACK}-{one}" for one in who], actions, resources)


def a_call(function: str, action: str, resource: str, **context: str) -> Call:
    return Call(f"{STACK}-{function}", action, resource, context)


def test_what_no_policy_grants_is_denied(cloud: Cloud, policies: Policies):
    """The simulator does say no: to a role, an endpoint, a bucket and its conditions."""
    bucket = f"arn:aws:s3:::{cloud.deployer.outputs(cloud.aws)['ExportBucketName']}"
    queue = {logical: f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}" for name, logical in policies.names.items()}
    denied = {
        a_call("interactions-tensey", "sqs:SendMessage", queue["Jobs"]): "ImplicitlyDenied",
        a_call("xp-award", "sqs:ReceiveMessage", queue["XpAwards"]): "ImplicitlyDenied",  # only from outside
        a_call("interactions-main", "s3:PutObject", f"{bucket}/alerts/notes.json"): "ImplicitlyDenied",
        a_call("interactions-main", "s3:PutObject", f"{bucket}/deletions/again.json"): "ExplicitlyDenied",
        a_call("interactions-main", "ec2:DescribeSubnets", "*"): "ExplicitlyDenied",
        a_call("healthcheck", "cloudwatch:PutMetricData", "*", **{"cloudwatch:namespace": "else"}): "ImplicitlyDenied",
        a_call("notify", "sqs:SendMessage", queue["Notices"], **{"aws:SecureTransport": "false"}): "ExplicitlyDenied",
    }
    assert dict(policies.denied(list(denied))) == denied
